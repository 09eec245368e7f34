"""The losses of training on after a growth, by PyTorch: writes updates.golden beside this file, for updates.test.

    python make_updates_golden.py TRITTER_RUN       (needs torch; f64 on the CPU)

Of tritter-run come the initial weights and the tokens; everything else is torch's own. A model is trained for 20 steps
and grown from 2 layers to 4 as LLaMA-Pro has it, and then trained on: `all`, every parameter for 20 steps; `new then
all`, what was added for 10, then every parameter for 20. torch.optim.AdamW counts the steps of each parameter, so that
new ones begin with the bias correction of a first step. A line has a name, the step, and the loss before its update.
"""
import copy
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).resolve().parent
BATCH, SEQUENCE, HEADS, EPS, THETA = 4, 32, 2, 1e-5, 10000.0
RATE, BETAS, EPSILON, DECAY, CLIP = 1e-2, (0.9, 0.999), 1e-8, 0.1, 1.0


def read_safetensors(path):
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + size]).items():
        if name == "__metadata__":
            continue
        assert entry["dtype"] == "F32", entry
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        values = torch.frombuffer(bytearray(data[begin:end]), dtype=torch.float32)
        tensors[name] = values.reshape(entry["shape"]).double()
    return tensors


def begin():
    """Initial weights and tokens."""
    with tempfile.TemporaryDirectory() as folder:
        run = lambda *words: subprocess.run([str(word) for word in words], cwd=folder, check=True, capture_output=True)
        run(sys.executable, HERE / "make_text.py", "text")
        tool = pathlib.Path(sys.argv[1]).resolve()
        run(tool, "tokenize", "text", "--val", "15%", "-o", "data")
        run(tool, "train", HERE / "tiny.mlir", "--data", "data", "--steps", "0", "-o", "zero")
        run(tool, "export", "zero", "-o", "exported")
        folder = pathlib.Path(folder)
        raw = (folder / "data/train.bin").read_bytes()[1024:]
        tokens = torch.tensor(struct.unpack(f"<{len(raw) // 2}H", raw))
        return read_safetensors(folder / "exported/model.safetensors"), tokens


def norm(x, weight):
    return weight * x * torch.rsqrt(x.square().mean(-1, keepdim=True) + EPS)


def turn(x, cos, sin):
    low, high = x.chunk(2, -1)
    return x * cos + torch.cat((-high, low), -1) * sin


class Model:
    def __init__(self, tensors, layers):
        self.layers = layers
        self.parameters = {name: tensor.clone().requires_grad_() for name, tensor in tensors.items()}

    def loss(self, tokens, targets):
        p = self.parameters
        table = p["model.embed_tokens.weight"]
        x = table[tokens]
        head_dim = table.shape[1] // HEADS
        frequency = THETA ** (-torch.arange(0, head_dim, 2).double() / head_dim)
        angle = torch.outer(torch.arange(SEQUENCE).double(), frequency).repeat(1, 2)
        for layer in range(self.layers):
            get = lambda name: p[f"model.layers.{layer}.{name}.weight"]
            y = norm(x, get("input_layernorm"))
            split = lambda name: (y @ get(f"self_attn.{name}_proj").T).view(BATCH, SEQUENCE, -1, head_dim).transpose(1, 2)
            q, k = turn(split("q"), angle.cos(), angle.sin()), turn(split("k"), angle.cos(), angle.sin())
            y = F.scaled_dot_product_attention(q, k, split("v"), is_causal=True, enable_gqa=True)
            x = x + y.transpose(1, 2).reshape(BATCH, SEQUENCE, -1) @ get("self_attn.o_proj").T
            y = norm(x, get("post_attention_layernorm"))
            x = x + (F.silu(y @ get("mlp.gate_proj").T) * (y @ get("mlp.up_proj").T)) @ get("mlp.down_proj").T
        logits = norm(x, p["model.norm.weight"]) @ table.T
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


class Training:
    """A model, AdamW's state of each of its parameters, and how many windows of the data were read."""

    def __init__(self, model):
        self.model, self.states, self.window = model, {}, 0

    def run(self, tokens, steps, trained=lambda name: True):
        parameters = {name: tensor for name, tensor in self.model.parameters.items() if trained(name)}
        # Decay for matrices, none for norms; the names keep the order.
        matrices = [name for name in parameters if parameters[name].dim() == 2]
        vectors = [name for name in parameters if parameters[name].dim() == 1]
        groups = [{"params": [parameters[name] for name in matrices], "weight_decay": DECAY},
                  {"params": [parameters[name] for name in vectors], "weight_decay": 0.0}]
        optimizer = torch.optim.AdamW(groups, lr=RATE, betas=BETAS, eps=EPSILON)
        for name, tensor in parameters.items():
            if name in self.states:
                optimizer.state[tensor] = copy.deepcopy(self.states[name])
        for _ in range(steps):
            at = torch.arange(self.window, self.window + BATCH)[:, None] * SEQUENCE + torch.arange(SEQUENCE)
            self.window += BATCH
            for tensor in self.model.parameters.values():
                tensor.grad = None
            loss = self.model.loss(tokens[at], tokens[at + 1])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters.values(), CLIP)
            optimizer.step()
            yield loss.item()
        for name, tensor in parameters.items():
            self.states[name] = optimizer.state[tensor]


def is_new(name):
    return any(f"layers.{layer}." in name for layer in (1, 3))


def grow(base):
    """Layers 0 and 1 become 0, 0*, 1, 1*; the copies add nothing to the stream. New parameters have no state."""
    tensors, states = {}, {}
    for name, tensor in base.model.parameters.items():
        tensor = tensor.detach()
        if "layers." not in name:
            tensors[name], states[name] = tensor, base.states[name]
            continue
        _, _, layer, rest = name.split(".", 3)
        old, new = f"model.layers.{2 * int(layer)}.{rest}", f"model.layers.{2 * int(layer) + 1}.{rest}"
        tensors[old], states[old] = tensor, base.states[name]
        tensors[new] = torch.zeros_like(tensor) if "o_proj" in rest or "down_proj" in rest else tensor
    grown = Training(Model(tensors, 4))
    grown.states, grown.window = states, base.window
    return grown


def main():
    tensors, tokens = begin()
    lines = []

    def record(name, losses):
        lines.extend(f"{name} {step} {loss!r}" for step, loss in enumerate(losses, 1))

    base = Training(Model(tensors, 2))
    record("base", base.run(tokens, 20))
    record("all", grow(base).run(tokens, 20))
    new = grow(base)
    record("new", new.run(tokens, 10, is_new))
    record("then-all", new.run(tokens, 20))
    (HERE / "updates.golden").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
