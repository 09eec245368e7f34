"""Losses and gradients of two tiny models, by PyTorch: writes llama.golden and gpt.golden beside this file.

    python make_golden.py        (needs torch; f64 on the CPU, any version will do)

Parameters and tokens come from a counter (`numbers`), which golden_test.cpp computes too: exact in f32, and nothing of
them need be stored. A .golden file has one record a line: `loss STEP VALUE` before each of 20 updates, `grad_norm STEP
VALUE`, `gradient PATH VALUE...` of the first step.
"""
import math
import pathlib

import torch
import torch.nn.functional as F

MASK = (1 << 64) - 1
BATCH, SEQUENCE, STEPS = 2, 7, 20
LEARNING_RATE, BETAS, EPSILON, DECAY, CLIP = 0.01, (0.9, 0.95), 1e-8, 0.1, 1.0


def fnv(text):
    """FNV-1a, 64 bits."""
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return value


def number(seed, index):
    """SplitMix64 of seed + index."""
    z = (seed + (index + 1) * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def parameter(path, *shape):
    """In [-0.25, 0.25), around 1 for the weights of norms; 16 bits of mantissa."""
    seed, count = fnv(path), math.prod(shape)
    values = [((number(seed, i) >> 48) / 65536 - 0.5) / 2 for i in range(count)]
    offset = 1.0 if path.endswith("norm.weight") else 0.0
    return (torch.tensor(values, dtype=torch.float64) + offset).reshape(shape).requires_grad_()


def indices(name, step, vocab):
    seed, count = fnv(name), BATCH * SEQUENCE
    return torch.tensor([number(seed, step * count + i) % vocab for i in range(count)]).reshape(BATCH, SEQUENCE)


class Model:
    """A decoder over a dictionary of parameters, by their paths."""

    def __init__(self, hidden, heads, kv_heads, head_dim, intermediate, vocab, layers, eps, llama):
        self.heads, self.kv_heads, self.head_dim = heads, kv_heads, head_dim
        self.vocab, self.layers, self.eps, self.llama = vocab, layers, eps, llama
        self.parameters = {}

        def add(path, *shape):
            self.parameters[path] = parameter(path, *shape)

        def add_linear(path, outputs, inputs, bias):
            add(path + ".weight", outputs, inputs)
            if bias:
                add(path + ".bias", outputs)

        def add_norm(path):
            add(path + ".weight", hidden)
            if not llama:
                add(path + ".bias", hidden)

        add("embed.weight", vocab, hidden)
        if not llama:
            add("positions.weight", 9, hidden)
        for layer in range(layers):
            prefix = f"layers.{layer}."
            add_norm(prefix + "attn_norm")
            add_linear(prefix + "attn.q", heads * head_dim, hidden, True)
            add_linear(prefix + "attn.k", kv_heads * head_dim, hidden, True)
            add_linear(prefix + "attn.v", kv_heads * head_dim, hidden, True)
            add_linear(prefix + "attn.o", hidden, heads * head_dim, not llama)
            add_norm(prefix + "mlp_norm")
            if llama:
                add_linear(prefix + "mlp.gate", intermediate, hidden, False)
            add_linear(prefix + "mlp.up", intermediate, hidden, not llama)
            add_linear(prefix + "mlp.down", hidden, intermediate, not llama)
        add_norm("final_norm")
        if not llama:
            add("head.weight", vocab, hidden)

    def linear(self, x, path):
        return F.linear(x, self.parameters[path + ".weight"], self.parameters.get(path + ".bias"))

    def norm(self, x, path):
        weight = self.parameters[path + ".weight"]
        if self.llama:
            return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.eps) * weight
        return F.layer_norm(x, x.shape[-1:], weight, self.parameters[path + ".bias"], self.eps)

    def rotate(self, x):
        half = self.head_dim // 2
        angles = torch.arange(x.shape[1], dtype=torch.float64)[:, None] * 10000.0 ** (
            -torch.arange(half, dtype=torch.float64) / half)
        cos, sin = angles.cos()[None, :, None], angles.sin()[None, :, None]
        a, b = x[..., :half], x[..., half:]
        return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)

    def attention(self, x, prefix):
        batch, length, _ = x.shape
        q = self.linear(x, prefix + "attn.q").view(batch, length, self.heads, self.head_dim)
        k = self.linear(x, prefix + "attn.k").view(batch, length, self.kv_heads, self.head_dim)
        v = self.linear(x, prefix + "attn.v").view(batch, length, self.kv_heads, self.head_dim)
        if self.llama:
            q, k = self.rotate(q), self.rotate(k)
        repeat = self.heads // self.kv_heads
        q, k, v = (t.transpose(1, 2) for t in (q, k.repeat_interleave(repeat, 2), v.repeat_interleave(repeat, 2)))
        scores = q @ k.transpose(2, 3) / math.sqrt(self.head_dim)
        scores = scores.masked_fill(torch.ones(length, length).triu(1).bool(), -math.inf)
        out = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, -1)
        return self.linear(out, prefix + "attn.o")

    def mlp(self, x, prefix):
        up = self.linear(x, prefix + "mlp.up")
        hidden = F.silu(self.linear(x, prefix + "mlp.gate")) * up if self.llama else F.gelu(up)
        return self.linear(hidden, prefix + "mlp.down")

    def loss(self, tokens, targets):
        x = self.parameters["embed.weight"][tokens]
        if not self.llama:
            x = x + self.parameters["positions.weight"][: tokens.shape[1]]
        for layer in range(self.layers):
            prefix = f"layers.{layer}."
            x = x + self.attention(self.norm(x, prefix + "attn_norm"), prefix)
            x = x + self.mlp(self.norm(x, prefix + "mlp_norm"), prefix)
        x = self.norm(x, "final_norm")
        logits = F.linear(x, self.parameters["embed.weight" if self.llama else "head.weight"])
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def write(name, model):
    everything = list(model.parameters.values())
    optimizer = torch.optim.AdamW(
        [{"params": [p for p in everything if p.ndim >= 2], "weight_decay": DECAY},
         {"params": [p for p in everything if p.ndim < 2], "weight_decay": 0.0}],
        lr=LEARNING_RATE, betas=BETAS, eps=EPSILON)
    lines = []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = model.loss(indices("tokens", step, model.vocab), indices("targets", step, model.vocab))
        loss.backward()
        lines.append(f"loss {step} {loss.item():.15g}")
        if step == 0:
            gradients = [f"gradient {path} " + " ".join(f"{v:.12g}" for v in p.grad.flatten().tolist())
                         for path, p in model.parameters.items()]
        norm = torch.nn.utils.clip_grad_norm_(everything, CLIP)
        lines.append(f"grad_norm {step} {norm.item():.15g}")
        optimizer.step()
    (pathlib.Path(__file__).parent / f"{name}.golden").write_text("\n".join(lines + gradients) + "\n")


if __name__ == "__main__":
    write("llama", Model(hidden=12, heads=3, kv_heads=1, head_dim=6, intermediate=20, vocab=17, layers=2, eps=1e-3, llama=True))
    write("gpt", Model(hidden=12, heads=2, kv_heads=2, head_dim=6, intermediate=20, vocab=17, layers=2, eps=1e-3, llama=False))
