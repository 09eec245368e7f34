"""each.py A,B,C COMMAND...: runs a command for each of the values, which stands where the command has {}."""
import subprocess
import sys

for value in sys.argv[1].split(","):
    code = subprocess.run([word.replace("{}", value) for word in sys.argv[2:]]).returncode
    if code:
        sys.exit(code)
