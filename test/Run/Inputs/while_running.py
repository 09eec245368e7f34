"""while_running.py RUN-COMMAND -- COMMAND: starts a training command, runs another command (with RUN's process in {pid})
while it trains, and ends the first. Prints what the second wrote to standard error, and its status."""
import os
import subprocess
import sys
import time

split = sys.argv.index("--")
first, second = sys.argv[1:split], sys.argv[split + 1:]
log = os.path.join(first[first.index("-o") + 1], "log.jsonl")
child = subprocess.Popen(first, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    while child.poll() is None and not (os.path.exists(log) and open(log).read().count("\n") >= 5):
        time.sleep(0.002)
    done = subprocess.run(second, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    print(done.stderr.replace(f"process {child.pid}", "process PID"), end="")
    print("exit", done.returncode)
finally:
    child.kill()
    child.wait()
