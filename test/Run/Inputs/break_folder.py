"""break_folder.py FOLDER OUT: copies of a Hugging Face folder in OUT, each with one thing wrong."""
import json
import os
import shutil
import struct
import sys

source, out = sys.argv[1:]
NAME = "model.layers.1.mlp.up_proj.weight"


def copy(name, change_tensors=None, change_config=None, cut=0):
    folder = os.path.join(out, name)
    shutil.copytree(source, folder)
    path = os.path.join(folder, "model.safetensors")
    data = open(path, "rb").read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    tensors = {}
    for tensor, entry in header.items():
        if tensor != "__metadata__":
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            tensors[tensor] = [entry["dtype"], entry["shape"], data[begin:end]]
    if change_tensors:
        change_tensors(tensors)
    header, body = {}, b""
    for tensor, (dtype, shape, values) in tensors.items():
        header[tensor] = {"dtype": dtype, "shape": shape, "data_offsets": [len(body), len(body) + len(values)]}
        body += values
    text = json.dumps(header).encode()
    body = struct.pack("<Q", len(text)) + text + body
    open(path, "wb").write(body[: len(body) - cut])
    if change_config:
        path = os.path.join(folder, "config.json")
        text = change_config(open(path).read())
        open(path, "w").write(text)


copy("missing", lambda tensors: tensors.pop(NAME))
copy("unknown", lambda tensors: tensors.update({"model.layers.1.mlp.extra.weight": tensors[NAME]}))
copy("misshapen", lambda tensors: tensors[NAME][1].reverse())
copy("family", change_config=lambda text: text.replace('"llama"', '"mamba"').replace("Llama", "Mamba"))
copy("cut", cut=1000)
copy("tied", change_config=lambda text: text.replace('"tie_word_embeddings": false', '"tie_word_embeddings": true'))
copy("wrapped", lambda tensors: [tensors.update({"_orig_mod." + name: tensors.pop(name)}) for name in list(tensors)])
copy("headless", lambda tensors: tensors.pop("lm_head.weight"))
copy("quantised", change_config=lambda text: text.replace("{", '{"quantization_config": {"quant_method": "gptq"},', 1))
copy("nested", change_config=lambda text: text.replace("{", '{"a": ' + "[" * 200000, 1))
copy("infinite", lambda tensors: tensors[NAME].__setitem__(2, tensors[NAME][2][:-4] + struct.pack("<f", float("inf"))))
copy("special", change_config=lambda text: text.replace('"eos_token_id": 2', '"eos_token_id": [2, 7]')
     .replace('"llama"', '"mistral"').replace("LlamaFor", "MistralFor"))
open(os.path.join(out, "special", "generation_config.json"), "w").write('{"eos_token_id": [2, 7], "top_p": 0.9}')
copy("window", change_config=lambda text: text.replace('"llama"', '"mistral"').replace("LlamaFor", "MistralFor")
     .replace('"max_position_embeddings": 64', '"max_position_embeddings": 32768'))
os.makedirs(os.path.join(out, "adapter"))
open(os.path.join(out, "adapter", "adapter_config.json"), "w").write('{"peft_type": "LORA"}')
copy("json", change_config=lambda text: text[: len(text) // 2])
