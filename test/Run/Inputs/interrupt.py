"""interrupt.py SIGNAL[,SIGNAL] COMMAND...: runs a training command and sends it signals once it has logged a few steps
(TERM, USR1 ..., in a row); prints its exit status. With KILL and a step, KILL:STEP, once it has logged that step."""
import os
import signal
import subprocess
import sys
import time

names, command = sys.argv[1].split(","), sys.argv[2:]
first, _, step = names[0].partition(":")
numbers = [getattr(signal, "SIG" + name) for name in [first] + names[1:]]
run = command[command.index("-o" if "-o" in command else "--resume") + 1]
child = subprocess.Popen(command, stderr=subprocess.DEVNULL)
log = os.path.join(run, "log.jsonl")
while child.poll() is None and not (os.path.exists(log) and open(log).read().count("\n") >= int(step or 5)):
    time.sleep(0.002)
for number in numbers:
    child.send_signal(number)
child.wait()
print("exit", child.returncode, flush=True)
