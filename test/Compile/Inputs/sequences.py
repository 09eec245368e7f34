"""Prints which sequences the entries of an executable, turned to JSON by flatc, call, and how often."""
import collections
import json
import re
import sys

# flatc writes infinity as C++ does, which is not what Python's JSON calls it.
exe = json.loads(re.sub(r"(: -?)inf\b", r"\1Infinity", open(sys.argv[1]).read()))
names = [sequence["name"] for sequence in exe["sequences"]]
for entry in exe["entries"]:
    steps = exe["sequences"][entry.get("sequence", 0)]["steps"]
    calls = collections.Counter(names[step["command"].get("sequence", 0)] for step in steps
                                if step["command_type"] == "Call")
    if calls:
        print(f"{entry['name']}:", ", ".join(f"{count} calls of {name}" for name, count in calls.items()))
print("sequences", len(names))
