"""Compares the labels of constraints in the documentation, the verifiers and the tests of each dialect.

    check_constraints.py ROOT

The description of an operation or an attribute in ROOT/dialects/D/*.td lists what its verifier, type inference or parser
checks, as `- C1: the weight has two axes.`, C2 and so on. Where C1 of `linear` is checked, in ROOT/dialects/D/*.cpp, stands
the comment `// linear C1` (several are separated by commas); the same comment heads the cases that break it in
ROOT/test/Dialect/D/*.mlir, each of which expects an error.
"""
import json
import re
import subprocess
import sys
from pathlib import Path

TABLEGEN = "/usr/lib/llvm-22/bin/llvm-tblgen"
LABEL = r"[a-z_]+ C\d+"
COMMENT = re.compile(rf"// ({LABEL}(?:, {LABEL})*)(?:,|[.:] .*)?$", re.M)


def documented(folder, root):
    """The labels in the descriptions, and what is wrong with their numbers."""
    labels, problems = [], []
    table = folder / f"{folder.name}Ops.td"
    dump = subprocess.run([TABLEGEN, "--dump-json", "-I/usr/lib/llvm-22/include", f"-I{root}", str(table)],
                          capture_output=True, text=True, check=True)
    records = json.loads(dump.stdout)
    for kind, name_of, dialect_of in (("Op", "opName", "opDialect"), ("AttrDef", "mnemonic", "dialect")):
        for name in records["!instanceof"].get(kind, []):
            record = records[name]
            if records[record[dialect_of]["def"]]["name"] != folder.name.lower():
                continue
            numbers = [int(number) for number in re.findall(r"^ *- C(\d+): ", record["description"] or "", re.M)]
            if numbers != list(range(1, len(numbers) + 1)):
                problems.append(f"{record[name_of]}: the labels in its description are numbered {numbers}")
            labels += [f"{record[name_of]} C{number}" for number in numbers]
    return set(labels), problems


def labels_in(texts):
    return {label for text in texts for found in COMMENT.findall(text) for label in found.split(", ")}


def check(folder, root):
    name = folder.name
    expected, problems = documented(folder, root)
    checked = labels_in(path.read_text() for path in sorted(folder.glob("*.cpp")))
    cases = [case for path in sorted((root / "test/Dialect" / name).glob("*.mlir"))
             for case in path.read_text().split("// -----")]
    tested = labels_in(case for case in cases if "expected-error" in case)
    for what, found in (("verifier", checked), ("test that expects an error", tested)):
        problems += [f"{label} has no {what}" for label in sorted(expected - found)]
    for what, found in (("verifiers", checked), ("tests", labels_in(cases))):
        problems += [f"{label} stands in the {what}, but in no description" for label in sorted(found - expected)]
    return len(expected), [f"{name}: {problem}" for problem in problems]


def main(root):
    results = [check(table.parent, root) for table in sorted(root.glob("dialects/*/*Ops.td"))
               if table.stem == f"{table.parent.name}Ops"]
    count = sum(number for number, _ in results)
    problems = [problem for _, found in results for problem in found]
    print("\n".join([*problems, f"{count} constraints, {len(problems)} problems"]))
    return bool(problems) or not count


sys.exit(main(Path(sys.argv[1])))
