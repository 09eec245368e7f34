#!/usr/bin/env python3
"""The peer of the CPU benchmarks: one Llama-shaped training step in PyTorch, eager or compiled.

Does the work that `tritter-run train` does for the same shape: forward, mean cross-entropy, backward, clipping by the
global norm, fused AdamW on f32 weights; in bf16 by autocast, as PyTorch's users run it. Random tokens. One line of JSON
a step, and a last one with the median rate.

    torch_llama.py --shape 22M --precision bf16 --steps 12 --compile
"""
import argparse
import json
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F

# layers, hidden, heads, kv_heads, intermediate, vocabulary, tied
SHAPES = {
    "22M": (6, 384, 6, 2, 1024, 16384, False),
    "110M": (12, 768, 12, 12, 2048, 32000, True),
}
EPS, THETA = 1e-5, 10000.0


class Norm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        wide = x.float()
        return self.weight * (wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + EPS)).to(x.dtype)


class Block(nn.Module):
    """Pre-norm attention with rotary positions and grouped heads, then a SwiGLU MLP."""

    def __init__(self, hidden, heads, kv_heads, intermediate):
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = heads, kv_heads, hidden // heads
        linear = lambda inputs, outputs: nn.Linear(inputs, outputs, bias=False)
        self.attn_norm, self.mlp_norm = Norm(hidden), Norm(hidden)
        self.q, self.o = linear(hidden, hidden), linear(hidden, hidden)
        self.k, self.v = (linear(hidden, kv_heads * self.head_dim) for _ in range(2))
        self.gate, self.up, self.down = linear(hidden, intermediate), linear(hidden, intermediate), linear(intermediate, hidden)

    def forward(self, x, rotary):
        batch, length, _ = x.shape
        split = lambda y, n: y.view(batch, length, n, self.head_dim).transpose(1, 2)
        y = self.attn_norm(x)
        q, k, v = split(self.q(y), self.heads), split(self.k(y), self.kv_heads), split(self.v(y), self.kv_heads)
        q, k = turn(q, rotary).to(v.dtype), turn(k, rotary).to(v.dtype)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=self.heads != self.kv_heads)
        x = x + self.o(y.transpose(1, 2).reshape(batch, length, -1))
        y = self.mlp_norm(x)
        return x + self.down(F.silu(self.gate(y)) * self.up(y))


def turn(x, rotary):
    """Rotates the pairs (c, c + D/2)."""
    cos, sin = rotary
    low, high = x.chunk(2, -1)
    return x * cos + torch.cat((-high, low), -1) * sin


class Llama(nn.Module):
    def __init__(self, layers, hidden, heads, kv_heads, intermediate, vocabulary, tied):
        super().__init__()
        self.embed = nn.Embedding(vocabulary, hidden)
        self.layers = nn.ModuleList(Block(hidden, heads, kv_heads, intermediate) for _ in range(layers))
        self.norm, self.head = Norm(hidden), nn.Linear(hidden, vocabulary, bias=False)
        self.head_dim = hidden // heads
        for parameter in self.parameters():
            if parameter.dim() == 2:
                nn.init.normal_(parameter, std=0.02)
        if tied:
            self.head.weight = self.embed.weight

    def forward(self, tokens, targets):
        frequency = THETA ** (-torch.arange(0, self.head_dim, 2, dtype=torch.float32) / self.head_dim)
        angle = torch.outer(torch.arange(tokens.shape[1], dtype=torch.float32), frequency).repeat(1, 2)
        rotary = angle.cos(), angle.sin()
        x = self.embed(tokens)
        for layer in self.layers:
            x = layer(x, rotary)
        return F.cross_entropy(self.head(self.norm(x)).float().flatten(0, 1), targets.flatten())


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--shape", choices=SHAPES, default="22M")
    arguments.add_argument("--precision", choices=["f32", "bf16"], default="f32")
    arguments.add_argument("--batch", type=int, default=2)
    arguments.add_argument("--seq", type=int, default=512)
    arguments.add_argument("--steps", type=int, default=10)
    arguments.add_argument("--warmup", type=int, default=3)
    arguments.add_argument("--threads", type=int, default=0)
    arguments.add_argument("--compile", action="store_true")
    options = arguments.parse_args()
    torch.manual_seed(0)
    if options.threads:
        torch.set_num_threads(options.threads)
    shape = SHAPES[options.shape]
    model = Llama(*shape)
    matrices = [p for p in model.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    optimizer = torch.optim.AdamW([{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}],
                                  lr=3e-4, betas=(0.9, 0.95), fused=True)
    run = torch.compile(model) if options.compile else model
    seconds = []
    for step in range(options.warmup + options.steps):
        block = torch.randint(0, shape[5], (options.batch, options.seq + 1))
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.precision == "bf16"):
            loss = run(block[:, :-1].contiguous(), block[:, 1:].contiguous())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        seconds.append(time.perf_counter() - start)
        print(json.dumps({"step": step, "loss": loss.item(), "seconds": seconds[-1]}), flush=True)
    usual = statistics.median(seconds[options.warmup:])
    print(json.dumps({"tokens_per_s": options.batch * options.seq / usual, "seconds": usual, "torch": torch.__version__,
                      "threads": torch.get_num_threads(), "parameters": sum(p.numel() for p in model.parameters())}))


if __name__ == "__main__":
    main()
