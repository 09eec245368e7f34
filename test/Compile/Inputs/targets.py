"""Prints the code that an executable, turned to JSON by flatc, has for each target."""
import json
import re
import sys

exe = json.loads(re.sub(r'(: -?)inf\b', r'\1Infinity', open(sys.argv[1]).read()))
kernels = len(exe["kernels"])
for target in exe.get("targets", []):
    code = bytes(target["code"])
    kind = "ELF" if code.startswith(b"\x7fELF") else "PTX" if b".version" in code else "unknown"
    symbols = [kernel["symbol"] for kernel in target["kernels"]]
    assert len(set(kernel.get("kernel", 0) for kernel in target["kernels"])) == len(symbols) <= kernels
    missing = [symbol for symbol in symbols if symbol.encode() not in code]
    shapes = [(kernel.get("threads", 0), kernel.get("rows_per_block", 0)) for kernel in target["kernels"]]
    if kind == "PTX":
        required = dict(re.findall(rb"\.entry (\w+)\(.*?\.reqntid (\d+)", code, re.S))
        launched = all(int(required[symbol.encode()]) == threads and threads % 32 == 0 and rows > 0
                       for symbol, (threads, rows) in zip(symbols, shapes))
    else:
        launched = all(shape == (0, 0) for shape in shapes)
    print(f"{target['name']} {kind}, {'some' if symbols else 'no'} kernels, missing {missing}, "
          f"launches {'right' if launched else shapes}")
if not exe.get("targets"):
    print("no targets")
