"""streams.py COMMAND...: runs a training command, RUN in it being the run's folder, with a standard output whose reader is
gone, with none, and with no standard stream at all. Prints each status and the steps logged."""
import os
import subprocess
import sys


def run(name, folder, **how):
    command = [folder if word == "RUN" else word for word in sys.argv[1:]]
    child = subprocess.Popen(command, stderr=None if "preexec_fn" in how else subprocess.DEVNULL, **how)
    if child.stdout:
        child.stdout.close()
    status = child.wait()
    steps = sum(1 for _ in open(os.path.join(folder, "log.jsonl")))
    print(f"{name}: status {status}, {steps} steps", flush=True)


run("reader gone", "gone", stdout=subprocess.PIPE)
run("output closed", "closed", preexec_fn=lambda: os.close(1))
run("all closed", "none", preexec_fn=lambda: os.closerange(0, 3))
