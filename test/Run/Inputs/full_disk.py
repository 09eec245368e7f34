"""full_disk.py FOLDER SIZE COMMAND...: runs a command with a small file system mounted at FOLDER; prints what it wrote
to standard error, its status, what is left there, and whether a run that is there can be read."""
import os
import subprocess
import sys

folder, size, command = sys.argv[1], sys.argv[2], sys.argv[3:]
subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
try:
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    print(done.stderr.splitlines()[-1] if done.stderr else "")
    print("exit", done.returncode)
    run = os.path.join(folder, "run")
    for parent, _, files in os.walk(folder):
        for name in sorted(files):
            print(os.path.join(parent, name))
    if os.path.isdir(run):
        shown = subprocess.run(["tritter-run", "inspect", run, "--json", "--verify"], capture_output=True, text=True)
        import json
        print("resumes from step", json.loads(shown.stdout)["state"]["step"] if shown.returncode == 0 else shown.stderr)
    sys.stdout.flush()
finally:
    subprocess.run(["umount", folder], check=True)
