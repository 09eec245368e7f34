"""spoil.py FOLDER NAME TENSOR VALUE COUNT: a copy of a Hugging Face folder, NAME, in which the first COUNT numbers of a
tensor are VALUE (nan, inf)."""
import json
import os
import shutil
import struct
import sys

folder, name, tensor, value, count = sys.argv[1:]
shutil.copytree(folder, name)
path = os.path.join(name, "model.safetensors")
with open(path, "rb") as file:
    data = bytearray(file.read())
size = struct.unpack_from("<Q", data)[0]
place = json.loads(data[8:8 + size])[tensor]
assert place["dtype"] == "F32", place
for i in range(int(count)):
    struct.pack_into("<f", data, 8 + size + place["data_offsets"][0] + 4 * i, float(value))
with open(path, "wb") as file:
    file.write(data)
