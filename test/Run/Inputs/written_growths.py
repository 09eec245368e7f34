"""Grows the bases of the proof's tests by the growths in them, and holds the verdicts against `tritter-run verify`.

  written_growths.py PROOFS FOLDER

Each RUN line of PROOFS/*.mlir that pipes a text into %{prove} gives one: the file itself, or the file with one thing
changed by sed. The base gets random weights by training it for no step, is grown by `expand --growth`, and both are
run: exact and rounding must meet the gate of the logits' mean squared error, not-preserved must miss it.
"""
import json
import pathlib
import re
import subprocess
import sys

proofs, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
GATE = 1e-6
# What the proof speaks of, but no checkpoint can hold.
REFUSED = ["of the grown model has no value", "coefficients of a tensor's axes multiply to more than 63 bits hold"]


def run(command, text=None, codes=(0,)):
    done = subprocess.run(command, input=text, text=True, capture_output=True, shell=isinstance(command, str))
    if done.returncode not in codes:
        raise SystemExit(f"{command}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def graphs(text):
    """The blocks and models of a module, by name, in its order."""
    found = re.finditer(r"^  tritter\.(?:block|model) @([\w.]+)\(.*?^  }\n", text, re.S | re.M)
    return {match[1]: match[0] for match in found}


def with_weights(line):
    """A parameter of the base, with random values: norms' weights about 1 have no maps of their own to tell apart."""
    match = re.match(r'(.*tritter\.param "[^"]*"[^:]*: tensor<[^>]*>)', line)
    return match[1] + " = #tritter.normal<0.7>" if match else line


def base_of(text):
    parts = graphs(text)
    model = parts["base"]
    blocks = sorted(set(re.findall(r'tritter\.layer "[^"]*" @([\w.]+)', model)), key=list(parts).index)
    base = "".join(parts[name] for name in blocks) + model
    return "\n".join(with_weights(line) for line in base.splitlines()) + "\n"


def variants(path):
    for line in path.read_text().splitlines():
        match = re.match(r"// RUN: (.*) \| %\{prove\}(?! 2>)", line)
        if match and "%{" not in match[1]:
            yield match[1].replace("%s", str(path))


def passes(mse):
    return mse is not None and mse < GATE  # null where it is not finite


def main():
    count, bases = 0, {}
    for path in sorted(proofs.glob("*.mlir")):
        for number, command in enumerate(variants(path)):
            text = run(command)
            elaborated = run(["tritter-opt", "--tritter-elaborate"], text)
            if "@grown" not in elaborated:
                continue
            base = base_of(elaborated)
            if base not in bases:
                bases[base] = folder / f"base-{len(bases)}"
                bases[base].with_suffix(".mlir").write_text(base)
                run(["tritter-run", "train", str(bases[base]) + ".mlir", "--steps", "0", "--seed", "3", "-o",
                     str(bases[base]), "--seq", "8", "--batch", "1"])
            name = f"{path.stem}-{number}"
            (folder / f"{name}.mlir").write_text(text)
            grown = str(folder / f"{name}.tckpt")
            expand = ["tritter-run", "expand", str(bases[base]), "--growth", str(folder / f"{name}.mlir"), "-o", grown]
            said = subprocess.run(expand + ["--json"], text=True, capture_output=True)
            if any(reason in said.stderr for reason in REFUSED):
                continue
            if said.returncode:
                raise SystemExit(f"{expand}: {said.stderr}")
            said = json.loads(said.stdout)
            measured = json.loads(run(["tritter-run", "verify", str(bases[base]), grown, "--seq", "8", "--batch", "2",
                                       "--windows", "4", "--json"], codes=(0, 2)))
            count += 1
            preserved = said["verdict"] != "not-preserved"
            if measured["verdict"] != said["verdict"] or preserved != passes(measured["mse"]):
                raise SystemExit(f"{command}: {said['verdict']}, but the logits differ by {measured['mse']} ({measured})")
            streams = [layer["relative_error"] for layer in measured["layers"]]
            if preserved and not all(error < 1e-5 for error in streams):
                raise SystemExit(f"{command}: {said['verdict']}, but the residual streams differ by {streams}")
    print(f"{count} growths, all as the proof says")


main()
