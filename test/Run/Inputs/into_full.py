"""into_full.py COMMAND...: runs a command whose standard output is a disk without space. Prints its standard error and its
status."""
import subprocess
import sys

with open("/dev/full", "w") as full:
    done = subprocess.run(sys.argv[1:], stdout=full, stderr=subprocess.PIPE, text=True)
print(done.stderr, end="")
print("exit", done.returncode)
