"""event_steps.py RUN: the steps of train/loss that a reader of TensorBoard's events has in the end, as ranges: the files in
the order of their names, and at the start of a session all of its step and later ones forgotten."""
import glob
import struct
import sys


def fields(raw):
    at = 0

    def number():
        nonlocal at
        shift = value = 0
        while True:
            byte = raw[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(raw):
        key = number()
        if key & 7 == 0:
            yield key >> 3, number()
            continue
        size = {1: 8, 5: 4}.get(key & 7) or number()
        at += size
        yield key >> 3, raw[at - size:at]


steps = []
for file in sorted(glob.glob(sys.argv[1] + "/events.out.tfevents.*")):
    raw, at = open(file, "rb").read(), 0
    while at + 12 <= len(raw):
        size = struct.unpack_from("<Q", raw, at)[0]
        event = dict(fields(raw[at + 12:at + 12 + size]))
        at += size + 16
        step = event.get(2, 0)
        if 7 in event and dict(fields(event[7])).get(1) == 1:
            steps = [known for known in steps if known < step]
        if 5 in event and dict(fields(dict(fields(event[5]))[1]))[1] == b"train/loss":
            steps.append(step)
ranges = []
for step in steps:
    if ranges and step == ranges[-1][1] + 1:
        ranges[-1][1] = step
    else:
        ranges.append([step, step])
print(" ".join(f"{first}-{last}" for first, last in ranges))
