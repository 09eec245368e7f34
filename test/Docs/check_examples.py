"""Runs the examples of the documentation through tritter-opt.

    check_examples.py FILE.td|FILE.md...

In a .td file, every ```mlir block of a description is run. A block of a pass is run through that pass, and the next block
is what it makes of it. The text between the two may name, in backquotes, passes that run first (`--tritter-elaborate`)
and options of this one (`strategy=stack layers=4`). A block of an operation, an attribute or a dialect is a module that
must be valid.

In a page, a ```mlir block is a module that must be valid; a ```mlir output block is in the output of the last
tritter-opt command before it; lines after `$ tritter-opt ...` in an unmarked block are what the command prints.

In what is expected `...` stands for anything, and there may be more before it and after it. Names of values may differ, but a
name stands for one value until it is defined anew. Numbers are compared as numbers.
"""
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TABLEGEN = "/usr/lib/llvm-22/bin/llvm-tblgen"
TOKEN = re.compile(r"""//[^\n]* | (?P<skip>\.\.\.) | (?P<definition>%[\w.$\-]+(?=:\S|:\ [a-z]|\ =)) |
                       (?P<value>%[\w.$\-]+) | (?P<string>"(?:[^"\\]|\\.)*") | (?P<number>\d+\.\d+(?:[eE][+-]?\d+)?) | (?P<word>[@\#!^]?[\w.$]+) | (?P<sign>->|[^\s])""", re.X)
BLOCK = re.compile(r"^( *)```([^\n]*)\n(.*?)^ *```", re.S | re.M)


def tokens(text):
    """(kind, text) of every token; comments are none."""
    result = []
    for match in TOKEN.finditer(text):
        if match.lastgroup == "number":
            result.append(("number", float(match[0])))
        elif match.lastgroup:
            result.append((match.lastgroup, match[0]))
    return result


def match_at(segment, text, at, names):
    """The renaming with which `segment` stands at text[at:], or None."""
    if at + len(segment) > len(text):
        return None
    names = dict(names)
    for (kind, expected), (found_kind, found) in zip(segment, text[at:]):
        if kind != found_kind:
            return None
        if kind == "definition":
            names[expected] = found
        elif kind == "value":
            if names.setdefault(expected, found) != found:
                return None
        elif expected != found:
            return None
    return names


def contains(segments, text, at=0, names=None):
    """Whether the segments stand in the text one after another, under one renaming of values."""
    if not segments:
        return True
    for start in range(at, len(text) - len(segments[0]) + 1):
        renamed = match_at(segments[0], text, start, names or {})
        if renamed is not None and contains(segments[1:], text, start + len(segments[0]), renamed):
            return True
    return False


def segments_of(text):
    segments = [[]]
    for token in tokens(text):
        if token[0] == "skip":
            segments.append([])
        else:
            segments[-1].append(token)
    return [segment for segment in segments if segment]


def first_missing(segments, text):
    """The first of the segments without which the ones before it are there."""
    for count in range(1, len(segments) + 1):
        if not contains(segments[:count], text):
            return segments[count - 1]
    return []


class Checker:
    def __init__(self):
        self.failures = []
        self.examples = 0

    def fail(self, where, message):
        self.failures.append(f"{where}: {message}")

    def run(self, where, arguments, module=None):
        """What tritter-opt prints, both streams; None after a failure, which is noted."""
        command = ["tritter-opt", *arguments]
        done = subprocess.run(command, input=module, capture_output=True, text=True, cwd=ROOT)
        if done.returncode:
            self.fail(where, f"{shlex.join(command)} failed:\n{done.stderr}{module or ''}")
            return None
        return done.stderr + done.stdout

    def expect(self, where, expected, output):
        missing = first_missing(segments_of(expected), tokens(output))
        if missing:
            words = " ".join(str(text) for _, text in missing)
            self.fail(where, f"what stands in the documentation is not made:\n  {words}\nbut\n{output}")

    # ------------------------------------------------------------- .td files

    def table(self, path):
        dump = subprocess.run([TABLEGEN, "--dump-json", "-I/usr/lib/llvm-22/include", f"-I{ROOT}", f"-I{ROOT}/include",
                               str(path)], capture_output=True, text=True, check=True)
        records = json.loads(dump.stdout)
        for name in records["!instanceof"].get("PassBase", []):
            self.check_pass(f"{path}: {name}", records[name])
        for kind in ("Op", "AttrDef", "Dialect"):
            for name in records["!instanceof"].get(kind, []):
                record = records[name]
                if record["!locs"][0].split(":")[0] == Path(path).name:
                    for block in BLOCK.finditer(record.get("description") or ""):
                        self.module(f"{path}: {name}", block[3])

    def check_pass(self, where, record):
        description = record["description"] or ""
        blocks = list(BLOCK.finditer(description))
        if not blocks:
            self.fail(where, "the description has no example")
        for before, after in zip(blocks[::2], blocks[1::2] + [None]):
            between = description[before.end():after.start()] if after else ""
            quoted = re.findall(r"`([^`]*)`", between)
            first = [text for text in quoted if text.startswith("--")]
            options = " ".join(text for text in quoted if "=" in text and not text.startswith("--"))
            flag = f"--{record['argument']}" + (f"={options}" if options else "")
            self.examples += 1
            output = self.run(where, [*first, flag, "-"], before[3])
            if output and after:
                self.expect(where, after[3], output)

    def module(self, where, text):
        self.examples += 1
        self.run(where, ["-"], text)

    # ------------------------------------------------------------- pages

    def page(self, path):
        text = Path(path).read_text()
        output = None
        for block in BLOCK.finditer(text):
            where = f"{path}:{text[:block.start()].count(chr(10)) + 1}"
            language = block[2].strip()
            if language == "mlir":
                self.module(where, block[3])
            elif language == "mlir output":
                self.examples += 1
                if output is None:
                    self.fail(where, "there is no tritter-opt command before it")
                else:
                    self.expect(where, block[3], output)
            elif not language:
                output = self.commands(where, block[3]) or output

    def commands(self, where, text):
        """Runs the tritter-opt commands of a block and holds their output against the lines after each."""
        output = None
        lines = text.replace("\\\n", " ").splitlines()
        for number, line in enumerate(lines):
            command = line.removeprefix("$ ").strip()
            if not command.startswith(("tritter-opt examples/", "tritter-opt test/")):
                continue
            arguments = shlex.split(command, comments=True)[1:]
            # What it writes would only be in the way.
            if "-o" in arguments:
                del arguments[arguments.index("-o"):arguments.index("-o") + 2]
            self.examples += 1
            output = self.run(where, arguments)
            shown = []
            for after in lines[number + 1:]:
                if after.startswith("$ ") or not line.startswith("$ "):
                    break
                shown.append(after)
            if output:
                for expected in shown:
                    if expected not in output:
                        self.fail(where, f"{command} does not print\n  {expected}\nbut\n{output[:2000]}")
        return output


def main(paths):
    checker = Checker()
    for path in paths:
        (checker.table if path.endswith(".td") else checker.page)(path)
    for failure in checker.failures:
        print(failure, file=sys.stderr)
    print(f"{checker.examples} examples, {len(checker.failures)} failures")
    return bool(checker.failures) or not checker.examples


sys.exit(main(sys.argv[1:]))
