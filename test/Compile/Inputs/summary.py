"""Prints what an executable, turned to JSON by flatc, holds."""
import json
import re
import sys

# flatc writes infinity as C++ does, which is not what Python's JSON calls it.
exe = json.loads(re.sub(r'(: -?)inf\b', r'\1Infinity', open(sys.argv[1]).read()))
print(f"version {exe['version']}, model {exe['model_name']}, "
      f"batch {exe.get('batch', 0)} x {exe.get('sequence_length', 0)}")
print("arenas", *[arena["name"] for arena in exe.get("arenas", [])])
print("entries", *sorted(entry["name"] for entry in exe.get("entries", [])))
bindings = {binding["name"]: binding for binding in exe.get("bindings", [])}
print("bindings", *sorted(bindings))
for name in ("tokens", "loss", "logits"):
    if name in bindings:
        print(name, bindings[name]["shape"], bindings[name]["location"]["dtype"])
parameters = {parameter["name"]: parameter for parameter in exe["parameters"]}
frozen = sum(not parameter.get("trainable", True) for parameter in parameters.values())
print(f"parameters {len(parameters)}, of them not trained {frozen}")
for name in ("embed.weight", "final_norm.weight"):
    parameter = parameters[name]
    number = parameter["derivation"].get("derivation", 0)
    term = exe["derivations"]["derivations"][number]["terms"][0]
    states = " ".join(state["kind"] for state in parameter.get("states", []))
    print(name, parameter["shape"], term.get("kind", "Source"), f"{term.get('value', 0)}, states {states}")
growth = exe.get("growth")
if growth:
    proof = growth["proof"]
    print(f"growth {growth['method']}, proof {proof['verdict']}, bitwise {proof.get('bitwise', False)}")
    for layer in growth["layers"]:
        zeroed = layer.get("zeroed", [])
        print(layer["name"], "from", layer["origin"], *(["added"] if layer.get("added") else []),
              *(["zeroed", *zeroed] if zeroed else []))
else:
    targets = [target['name'] for target in exe.get('targets', [])]
    print(f"targets {' '.join(targets) or 'none'}, growth None")
