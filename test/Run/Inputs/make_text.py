"""make_text.py FOLDER: twelve files of about 2 kB of text with something to learn in it, the same every time."""
import os
import sys

words = "the loss of a model that was grown must not change and so we prove it layer by layer until nothing is lost".split()
state = 1
os.makedirs(sys.argv[1], exist_ok=True)
for number in range(12):
    text = []
    for _ in range(400):
        state = (state * 1103515245 + 12345) % 2**31
        text.append(words[state // 65536 % len(words)])
    with open(f"{sys.argv[1]}/{number:02}.txt", "w") as file:
        for at in range(0, 400, 10):
            file.write(" ".join(text[at:at + 10]) + "\n")
