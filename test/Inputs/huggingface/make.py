#!/usr/bin/env python3
"""Writes the two tiny Llamas of this folder with the reference library, and the logits it computes for them.

    pip install torch transformers safetensors; ./make.py

`untied` is one file, `tied` is sharded. tokens.bin (llm.c's first format) holds the tokens, NAME/logits.f32 the logits of
every position as raw f32, [1, 16, 64].
"""
import array
import shutil
from pathlib import Path

import torch
from transformers import LlamaConfig, LlamaForCausalLM

HERE = Path(__file__).resolve().parent
LENGTH, VOCABULARY = 16, 64

tokens = [(7 * i * i + 3 * i + 11) % VOCABULARY for i in range(LENGTH + 1)]
header = array.array("i", [20240520, 1, len(tokens)] + [0] * 253)
(HERE / "tokens.bin").write_bytes(header.tobytes() + array.array("H", tokens).tobytes())

for name, tied in (("untied", False), ("tied", True)):
    torch.manual_seed(1)
    config = LlamaConfig(vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
                         num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64, rms_norm_eps=1e-5,
                         rope_theta=10000.0, initializer_range=0.2, tie_word_embeddings=tied, dtype="float32")
    model = LlamaForCausalLM(config).float().eval()
    for parameter in model.parameters():  # norm weights that are not all 1
        if parameter.dim() == 1:
            torch.nn.init.normal_(parameter, 1.0, 0.1)
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder, max_shard_size="40KB" if tied else "1GB")
    (folder / "generation_config.json").unlink(missing_ok=True)
    with torch.no_grad():
        logits = model(torch.tensor([tokens[:LENGTH]])).logits
    (folder / "logits.f32").write_bytes(array.array("f", logits.flatten().tolist()).tobytes())
    print(name, "loss", torch.nn.functional.cross_entropy(logits[0], torch.tensor(tokens[1:])).item())
