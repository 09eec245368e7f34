"""close.py TOLERANCE A B: fails unless two files of raw f32 have the same length and differ by no more."""
import array
import sys

a, b = array.array("f"), array.array("f")
for values, path in ((a, sys.argv[2]), (b, sys.argv[3])):
    values.frombytes(open(path, "rb").read())
worst = max((abs(x - y) for x, y in zip(a, b)), default=float("inf"))
print(len(a), len(b), worst)
sys.exit(len(a) != len(b) or not worst <= float(sys.argv[1]))
