"""near.py [KEY=]NUMBER...: the JSON objects on standard input, one a line, have these numbers (to 1e-5), each line its
own. KEY is loss where it is left out."""
import json
import sys

lines = [json.loads(line) for line in sys.stdin if line.startswith("{")]
assert len(lines) == len(sys.argv) - 1, f"{len(lines)} lines, {len(sys.argv) - 1} numbers"
for line, wanted in zip(lines, sys.argv[1:]):
    key, _, number = wanted.rpartition("=")
    found = line[key or "loss"]
    assert abs(found - float(number)) <= 1e-5 * max(1, abs(float(number))), f"{found} found, {wanted} expected"
