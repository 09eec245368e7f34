"""compare_losses.py FILE.golden NAME LOG: the losses of log.jsonl are those of that name, relatively to 1e-9."""
import json
import sys

golden, name, log = sys.argv[1:]
expected = [float(line.split()[2]) for line in open(golden) if line.split()[0] == name]
found = [json.loads(line)["loss"] for line in open(log)]
assert expected and len(found) == len(expected), (len(found), len(expected))
for step, (a, b) in enumerate(zip(found, expected), 1):
    assert abs(a - b) <= 1e-9 * abs(b), f"step {step}: {a}, torch has {b}"
