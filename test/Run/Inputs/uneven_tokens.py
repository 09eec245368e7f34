"""uneven_tokens.py FILE: bytes as tokens, as tokenize writes them with the byte tokenizer: 480 plain letters, then documents
of one letter, each with the 0 that ends it, so that half of those tokens stand for no text."""
import hashlib
import struct
import sys

tokens = [97 + i * i % 7 for i in range(480)] + [98, 0] * 240
header = [0] * 256
header[:3] = [20240520, 1, len(tokens)]
header[3:5] = [struct.unpack("<i", b"TTOK")[0], 256]
header[5:13] = struct.unpack("<8i", hashlib.sha256(b"bytes").digest())
header[13] = len(tokens)
header[15] = 480 + 240
with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("<256i", *header) + struct.pack(f"<{len(tokens)}H", *tokens))
