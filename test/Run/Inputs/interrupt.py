"""interrupt.py COMMAND...: runs a training command and sends it SIGTERM once it has logged a few steps."""
import os
import signal
import subprocess
import sys
import time

run = sys.argv[sys.argv.index("-o") + 1]
child = subprocess.Popen(sys.argv[1:], stderr=subprocess.DEVNULL)
log = os.path.join(run, "log.jsonl")
while child.poll() is None and not (os.path.exists(log) and open(log).read().count("\n") >= 5):
    time.sleep(0.002)
child.send_signal(signal.SIGTERM)
child.wait()
print("exit", child.returncode, flush=True)
