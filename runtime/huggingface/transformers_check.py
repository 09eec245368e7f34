#!/usr/bin/env python3
"""Holds import and export against Hugging Face's library: tiny models of every family that it saves (whole, in shards,
tied, with biases, in bf16) are imported and exported by tritter-run, and what comes out must load there without a
missing or unexpected tensor and compute the same logits, bit for bit.

    transformers_check.py TRITTER_RUN

Needs torch and transformers; exits with 77, which CTest calls skipped, where they are not installed.
"""
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import torch
    from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM
    from transformers import MistralConfig, MistralForCausalLM
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

SIZES = dict(vocab_size=97, hidden_size=64, intermediate_size=96, num_hidden_layers=3, num_attention_heads=4,
             max_position_embeddings=128, rms_norm_eps=1e-3)
CASES = {
    "llama": (LlamaConfig, LlamaForCausalLM, dict(num_key_value_heads=2, rope_theta=50000.0), {}),
    "llama-bf16": (LlamaConfig, LlamaForCausalLM, dict(num_key_value_heads=2), dict(dtype=torch.bfloat16)),
    "llama-tied-bias": (LlamaConfig, LlamaForCausalLM,
                        dict(num_key_value_heads=4, tie_word_embeddings=True, attention_bias=True, mlp_bias=True), {}),
    "llama-shards": (LlamaConfig, LlamaForCausalLM, dict(num_key_value_heads=4), dict(shard="50KB")),
    "mistral": (MistralConfig, MistralForCausalLM, dict(num_key_value_heads=2, sliding_window=None), {}),
    "qwen2": (Qwen2Config, Qwen2ForCausalLM, dict(num_key_value_heads=1, tie_word_embeddings=True), {}),
}


def check(name, tritter_run, folder):
    config, kind, settings, form = CASES[name]
    torch.manual_seed(0)
    model = kind(config(**SIZES, **settings)).to(form.get("dtype", torch.float32)).eval()
    for parameter in model.parameters():
        parameter.data.normal_(0, 0.1)
    model.tie_weights()
    source, checkpoint, target = folder / name, folder / f"{name}.tckpt", folder / f"{name}-exported"
    model.save_pretrained(source, **({"max_shard_size": form["shard"]} if "shard" in form else {}))
    # Loaded as the exported one will be: .to(bfloat16) would have rounded RoPE's frequencies too.
    model = AutoModelForCausalLM.from_pretrained(source).eval()
    subprocess.run([tritter_run, "import", source, "-o", checkpoint], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([tritter_run, "export", checkpoint, "-o", target], check=True, stdout=subprocess.DEVNULL)
    exported, loading = AutoModelForCausalLM.from_pretrained(target, output_loading_info=True)
    wrong = {key: value for key, value in loading.items() if value}
    assert not wrong, f"{name}: {wrong}"
    assert exported.dtype == model.dtype, f"{name}: {model.dtype} became {exported.dtype}"
    tokens = torch.randint(0, SIZES["vocab_size"], (2, 100))
    with torch.no_grad():
        difference = (model(tokens).logits - exported.eval()(tokens).logits).abs().max().item()
    assert difference == 0, f"{name}: the logits differ by {difference}"
    print(f"{name}: same logits")


def main():
    with tempfile.TemporaryDirectory() as folder:
        for name in CASES:
            check(name, sys.argv[1], Path(folder))


if __name__ == "__main__":
    main()
