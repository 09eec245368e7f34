"""Loss, terms and gradients of objective.mlir's student, by PyTorch: writes objective.golden beside this file.

    python make_objective_golden.py        (needs torch)

Numbers are those of make_golden.py; a parameter of the teacher is drawn for its path behind `teacher/`. A record a line:
`loss STEP VALUE` and `term.NAME STEP VALUE` of two batches, `gradient PATH VALUE...` of the first.
"""
import pathlib

import torch
import torch.nn.functional as F

from make_golden import indices, parameter

VOCAB = 11
student = {"embed.weight": (VOCAB, 8), "final_norm.weight": (8,), "head.weight": (VOCAB, 8)}
for layer in range(2):
    for path, shape in {"norm.weight": (8,), "up.weight": (12, 8), "down.weight": (8, 12)}.items():
        student[f"layers.{layer}.{path}"] = shape
student = {path: parameter(path, *shape) for path, shape in student.items()}
teacher = {"embed.weight": (VOCAB, 6), "layers.0.up.weight": (6, 6), "head.weight": (VOCAB, 6)}
teacher = {path: parameter("teacher/" + path, *shape).detach() for path, shape in teacher.items()}


def rms_norm(x, weight):
    return weight * x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 0.1)


def logits_of_student(tokens):
    x = student["embed.weight"][tokens]
    for layer in range(2):
        weight = lambda path: student[f"layers.{layer}.{path}"]
        x = x + F.silu(rms_norm(x, weight("norm.weight")) @ weight("up.weight").T) @ weight("down.weight").T
    return rms_norm(x, student["final_norm.weight"]) @ student["head.weight"].T


def logits_of_teacher(tokens):
    x = teacher["embed.weight"][tokens]
    x = x + F.gelu(x @ teacher["layers.0.up.weight"].T)
    return x @ teacher["head.weight"].T


def terms(step):
    tokens, targets = indices("tokens", step, VOCAB), indices("targets", step, VOCAB)
    logits = logits_of_student(tokens)
    cross_entropy = F.cross_entropy(logits.reshape(-1, VOCAB), targets.reshape(-1))
    return cross_entropy, (logits * logits_of_teacher(tokens)).mean()


lines = []
for step in range(2):
    cross_entropy, alignment = terms(step)
    loss = 0.75 * cross_entropy - 2 * alignment
    lines += [f"loss {step} {loss.item():.15g}", f"term.cross_entropy {step} {cross_entropy.item():.15g}",
              f"term.alignment {step} {alignment.item():.15g}"]
    if step == 0:
        loss.backward()
        for path, value in student.items():
            lines.append(" ".join(["gradient", path] + [f"{x:.15g}" for x in value.grad.flatten().tolist()]))
pathlib.Path(__file__).with_name("objective.golden").write_text("\n".join(lines) + "\n")
