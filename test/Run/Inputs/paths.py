"""paths.py RUN: every command on names that cannot be reached (too long, a loop of links) and that are no UTF-8: each must
end with one sentence and status 1, or do its work. Prints what is wrong, and how much."""
import json
import os
import shutil
import subprocess
import sys

run = sys.argv[1]
wrong = 0


def judge(statuses, *words):
    global wrong
    done = subprocess.run(["tritter-run", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    errors = [line for line in done.stderr.splitlines() if line.startswith(b"error: ")]
    if done.returncode not in statuses or (done.returncode == 1 and len(errors) != 1):
        wrong += 1
        print("wrong:", words, done.returncode, done.stderr[-300:])
    return done


os.symlink("loop2", "loop1")
os.symlink("loop1", "loop2")
open("file", "w").close()
for name in ["l" * 300, "loop1", "file/inside"]:
    for words in [("inspect", name), ("train", "--resume", name), ("train", name, "--data", "data", "--steps", "1", "-o", "x"),
                  ("train", "model.mlir", "--data", name, "--steps", "1", "-o", "x"), ("tokenize", name, "-o", "x"),
                  ("tokenize", "text", "-o", name + "/x"), ("verify", name, name), ("eval", name, "--data", "data"),
                  ("eval", run, "--data", name), ("generate", name), ("import", name, "-o", "x"), ("export", name, "-o", "x"),
                  ("diff", name, run), ("report", name, "-o", "x"), ("report", run, "-o", name + "/x"),
                  ("expand", name, "--method", "stack", "--layers", "4", "-o", "x.tckpt"),
                  ("expand", run, "--method", "stack", "--layers", "4", "-o", name + "/x"),
                  ("train", "model.mlir", "--data", "data", "--steps", "1", "-o", name + "/x"),
                  ("train", "model.mlir", "--config", name, "-o", "x")]:
        judge([1], *words)
# A name to which nothing can be added.
judge([1], "report", run, "-o", "l" * 251)
# A folder is no file of options.
judge([1], "train", "model.mlir", "--config", "data", "-o", "x")
# A name of bytes that are no UTF-8 is a name like others.
odd = b"odd-\xff\n"
shutil.copytree(run.encode(), odd, symlinks=True)
for words in [("inspect", odd, "--json"), ("eval", odd, "--data", "data", "--seq", "16", "--json"),
              ("expand", odd, "--method", "stack", "--layers", "4", "-o", odd + b".tckpt", "--json"),
              ("generate", odd, "--tokens", "1", "--seq", "16", "--json"), ("report", odd, "-o", odd + b".html"),
              ("diff", odd, odd + b".tckpt")]:
    done = judge([0], *words)
    if words[-1] == "--json":
        json.loads(done.stdout)
# The configuration of a run is TOML, and so UTF-8: such a name is refused, or the run goes on with it.
data = b"data-\xff"
shutil.copytree(b"data", data)
judge([1], "train", "model.mlir", "--data", data, "--steps", "1", "--batch", "2", "--seq", "16", "-o", "odd-data")
judge([1], "train", odd, "--data", "data", "--steps", "1", "--batch", "2", "--seq", "16", "-o", "from-odd")
print(wrong, "wrong")
