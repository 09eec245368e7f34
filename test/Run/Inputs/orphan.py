"""orphan.py MODEL DATA: kills a tritter-run that waits for its compiler, and says whether that lives on. The compiler is a
program that sleeps, beside a link to tritter-run."""
import os
import shutil
import subprocess
import sys
import time

os.makedirs("orphan", exist_ok=True)
shutil.copy(shutil.which("tritter-run"), "orphan/tritter-run")
with open("orphan/tritter-compile", "w") as file:
    file.write("#!/bin/sh\necho $$ > orphan/pid\nexec sleep 60\n")
os.chmod("orphan/tritter-compile", 0o755)
child = subprocess.Popen(["orphan/tritter-run", "train", sys.argv[1], "--data", sys.argv[2], "--steps", "1", "-o", "none"],
                         stderr=subprocess.DEVNULL)
while not (os.path.exists("orphan/pid") and open("orphan/pid").read().endswith("\n")):
    time.sleep(0.01)
compiler = open("orphan/pid").read().strip()
time.sleep(0.1)
child.kill()
child.wait()
for _ in range(500):
    if not os.path.exists(f"/proc/{compiler}") or open(f"/proc/{compiler}/stat").read().split()[2] == "Z":
        print("nothing is left")
        break
    time.sleep(0.01)
else:
    print("the compiler lives on")
