"""spoil.py CHECKPOINT OUTPUT TENSOR VALUE COUNT: the checkpoint with the first COUNT numbers of a tensor of f32 replaced
by VALUE (nan, inf), and with the hashes that such a file has."""
import hashlib
import json
import struct
import subprocess
import sys


def sha256(data):
    return hashlib.sha256(data).digest()


source, output, name, value, count = sys.argv[1:]
listed = subprocess.run(["tritter-run", "inspect", source, "--tensors", "--json"], capture_output=True, text=True, check=True)
tensor = next(t for t in json.loads(listed.stdout)["tensors"] if t["name"] == name and t["kind"] == "value")
assert tensor["dtype"] == "f32" and tensor["bytes"] <= 4 << 20, tensor
path = json.loads(listed.stdout)["path"]
data = bytearray(open(path, "rb").read())
# A tensor begins at a page, and its hash is that of the digests of its chunks: here of one.
old = bytes.fromhex(tensor["sha256"])
begin = next(at for at in range(4096, len(data), 4096) if sha256(sha256(data[at:at + tensor["bytes"]])) == old)
for i in range(int(count)):
    struct.pack_into("<f", data, begin + 4 * i, float(value))
new = sha256(sha256(data[begin:begin + tensor["bytes"]]))
manifest, size = struct.unpack_from("<QQ", data, 16)
where = data.index(old, manifest)
data[where:where + 32] = new
data[32:64] = sha256(data[manifest:manifest + size])
data[64:96] = sha256(data[:64])
open(output, "wb").write(data)
