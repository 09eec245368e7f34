"""Runs the commands that pages show, in the order in which they stand, and holds what they print against the page.

    check_session.py FOLDER PAGE.md...

A command is a line `$ ...` of a block, continued by `\\`; the lines up to the next one are what it prints, on either
stream. `...` stands for any lines. Words must be the page's. So must numbers be in lines about the model, the growth and
the proof; elsewhere they may differ, as they depend on the machine, the time and the text: times, rates, losses, hashes.
Lines of progress (`step 24/240 ...`), whose number depends on the time, need not be shown.

Each page has FOLDER to itself, anew, with `examples` in it.
"""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BLOCK = re.compile(r"^```[^\n]*\n(.*?)^```", re.S | re.M)
# Labels of lines whose numbers do not depend on the machine.
EXACT = {"grow", "params", "moments", "tensors", "config", "gate", "+", "=", "-"}
NUMBER = re.compile(r"[^\w]*[\d.,]*\d[\w.,%:+*-]*|\(?(?:[0-9a-f]{64}|[0-9a-f]{4})(\.\.[0-9a-f]{2})?\)?")
UNITS = {"B", "kB", "MB", "GB", "k", "M", "s", "ms", "GFLOP", "TFLOP", "GFLOP/s", "TFLOP/s"}


def words_of(line):
    words = line.split()
    if words and words[0] in EXACT:
        return [re.sub(r"^\(\d+$", "(#", word) for word in words]
    result = []
    for word in words:
        bare = word.strip(",;()|")
        if result and result[-1] == "#" and bare in UNITS:
            continue
        result.append("#" if NUMBER.fullmatch(bare) else word.strip(",;"))
    return result


def fits(expected, line):
    return words_of(expected) == words_of(line)


def is_progress(line):
    return bool(re.match(r"step \d+/\d+ \|", line))


def unmatched(expected, streams):
    """The first line of the page that was not printed, and None where all were and nothing else was."""
    streams = [[line for line in stream if line.strip()] for stream in streams]
    free = False
    for line in expected:
        if line.strip() == "...":
            free = True
            continue
        for stream in streams:
            at = 0
            while at < len(stream) and not fits(line, stream[at]) and (free or is_progress(stream[at])):
                at += 1
            if at < len(stream) and fits(line, stream[at]):
                del stream[:at + 1]
                break
        else:
            return line
        free = False
    rest = [line for stream in streams for line in stream if not is_progress(line)]
    return None if free or not rest else "(nothing more), found: " + rest[0]


def sessions(text):
    """(line number, command, lines expected) of every command of a page."""
    for block in BLOCK.finditer(text):
        first = text[:block.start()].count("\n") + 2
        lines = block[1].splitlines()
        at = 0
        while at < len(lines):
            number = first + at
            if not lines[at].startswith("$ "):
                at += 1
                continue
            command = lines[at][2:]
            while command.endswith("\\"):
                at += 1
                command = command[:-1] + lines[at].strip()
            at += 1
            expected = []
            while at < len(lines) and not lines[at].startswith("$ "):
                expected.append(lines[at])
                at += 1
            yield number, command, [line for line in expected if line.strip()]


def check_page(page, folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "examples").symlink_to(ROOT / "examples")
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    failures, count = [], 0
    for number, command, expected in sessions(Path(page).read_text()):
        count += 1
        done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True)
        printed = done.stdout + done.stderr
        if done.returncode not in (0, 2):  # 2: a gate that is not met
            failures.append(f"{page}:{number}: {command}: status {done.returncode}\n{printed}")
            break  # what follows builds on it
        missing = unmatched(expected, [done.stdout.splitlines(), done.stderr.splitlines()])
        if missing is not None:
            failures.append(f"{page}:{number}: {command}: expected\n  {missing}\nin\n{printed}")
    return count, failures


def main():
    folder, failures, commands = Path(sys.argv[1]), [], 0
    for page in sys.argv[2:]:
        count, failed = check_page(page, folder)
        commands += count
        failures += failed
    print("\n".join(failures) + ("\n" if failures else "") + f"{commands} commands, {len(failures)} failures")
    sys.exit(1 if failures or not commands else 0)


if __name__ == "__main__":
    main()
