"""interrupt.py [--twice] COMMAND...: runs a training command and stops it once it has logged a few steps, by SIGTERM, or
by two SIGINTs in a row."""
import os
import signal
import subprocess
import sys
import time

command = sys.argv[1:]
signals = [signal.SIGTERM]
if command[0] == "--twice":
    command, signals = command[1:], [signal.SIGINT, signal.SIGINT]
run = command[command.index("-o") + 1]
child = subprocess.Popen(command, stderr=subprocess.DEVNULL)
log = os.path.join(run, "log.jsonl")
while child.poll() is None and not (os.path.exists(log) and open(log).read().count("\n") >= 5):
    time.sleep(0.002)
for number in signals:
    child.send_signal(number)
child.wait()
print("exit", child.returncode, flush=True)
