"""status.py N COMMAND...: runs a command, and succeeds where its exit status is N."""
import subprocess
import sys

code = subprocess.run(sys.argv[2:]).returncode
if code != int(sys.argv[1]):
    sys.exit(f"status {code}, {sys.argv[1]} was expected")
