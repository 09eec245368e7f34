#!/usr/bin/env python3
"""Measures Tritter beside its peers on this machine and prints the rows of docs/benchmarks.md.

    bench/run.py [--only step,growth,compile] [--rounds 5] [--python PYTHON]

Needs a release build, GNU time (Debian's package `time`) and, for the peers, a Python with torch, numpy, safetensors and mergekit: --python names it;
without it a virtual environment is made under build/bench. Peers and Tritter take turns, and every figure is a median.
A machine is quiet when the product rate measured before and after a round agrees; a round where it does not is said.
"""
import argparse
import array
import json
import os
import platform
import random
import re
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / "build/release/bin"
WORK = ROOT / "build/bench"

# As in peers/torch_llama.py.
SHAPES = {
    "22M": "layers = 6, hidden = 384, heads = 6, kv_heads = 2, intermediate = 1024, vocab = 16384",
    "110M": "layers = 12, hidden = 768, heads = 12, intermediate = 2048, vocab = 32000, tied = true",
}
# 349M parameters in bf16; grown from 24 to 36 layers it is about a gigabyte.
GROWN = "layers = 24, hidden = 1024, heads = 16, intermediate = 2816, vocab = 32000, tied = true"
WIDE = "layers = 80, hidden = 8192, heads = 64, kv_heads = 8, intermediate = 28672, vocab = 128256"


def run(command, **options):
    """Runs a command to its end; seconds, peak resident bytes, standard output."""
    start = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               **options)
    out, err = process.communicate()
    seconds = time.perf_counter() - start
    if process.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{out}{err}")
    return seconds, out


def run_measured(command):
    """As run(), under GNU time, for the peak of the command alone."""
    report = WORK / "time.txt"
    seconds, out = run(["/usr/bin/time", "-o", report, "-f", "%M", *command])
    return seconds, int(report.read_text().split()[-1]) * 1024, out


def median(values):
    return statistics.median(values)


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def write_model(name, sizes):
    path = WORK / f"{name}.mlir"
    path.write_text(f"tritter.decoder @{name} {{{sizes}}}\n")
    return path


def write_tokens(path, count, vocabulary):
    """Random tokens in llm.c's first format."""
    draw = random.Random(0)
    header = array.array("i", [20240520, 1, count] + [0] * 253)
    path.write_bytes(header.tobytes() + array.array("H", (draw.randrange(vocabulary) for _ in range(count))).tobytes())


def peers(python):
    if python:
        return python
    environment = WORK / "peers"
    if not (environment / "bin/python").exists():
        run([sys.executable, "-m", "venv", environment])
        run([environment / "bin/pip", "install", "--quiet", "torch", "numpy", "safetensors", "mergekit"])
    return environment / "bin/python"


def product_rate(dtype):
    """GFLOP/s of the best plain oneDNN product among the shapes of the models."""
    _, out = run([BIN / "gemm_peak", dtype])
    return float(out)


def steps(options):
    print("\n## Training step, batch 2 x 512, against PyTorch compiled\n")
    row("shape", "precision", "tritter tokens/s", "torch tokens/s", "ratio", "min-max", "GFLOP/s", "best product", "share")
    row(*["---"] * 9)
    python = peers(options.python)
    tokens = WORK / "tokens.bin"
    write_tokens(tokens, 200_000, 16384)
    for shape, sizes in SHAPES.items():
        for precision in ("f32", "bf16"):
            model = write_model(f"llama{shape}", sizes)
            ours, theirs, rates = [], [], []
            operations = None
            for _ in range(options.rounds):
                rates.append(product_rate(precision))
                folder = WORK / "run"
                shutil.rmtree(folder, ignore_errors=True)
                run([BIN / "tritter-run", "train", model, "--data", tokens, "--steps", options.steps + 3, "--batch", 2,
                     "--seq", 512, "--precision", precision, "--eval-every", 1_000_000, "--save-every", 1_000_000, "-o", folder])
                log = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
                ours.append(1024 / median([step["seconds"] for step in log[3:]]))
                operations = (log[-1]["flops"] - log[-2]["flops"]) / 1024
                _, out = run([python, ROOT / "bench/peers/torch_llama.py", "--shape", shape, "--precision", precision,
                              "--steps", options.steps, "--compile"])
                theirs.append(json.loads(out.splitlines()[-1])["tokens_per_s"])
                rates.append(product_rate(precision))
            ratios = [a / b for a, b in zip(ours, theirs)]
            rate = max(rates)
            row(shape, precision, f"{median(ours):.0f}", f"{median(theirs):.0f}", f"{median(ratios):.2f}",
                f"{min(ratios):.2f}-{max(ratios):.2f}", f"{median(ours) * operations / 1e9:.0f}", f"{rate:.0f}",
                f"{100 * median(ours) * operations / 1e9 / rate:.0f} %")
            if min(rates) < 0.7 * max(rates):
                print(f"(product rate between {min(rates):.0f} and {max(rates):.0f}: the machine was not quiet)")


def growth(options):
    print("\n## Growing a checkpoint of 349M parameters in bf16 from 24 to 36 layers (llama-pro)\n")
    python = peers(options.python)
    base, grown, copy = WORK / "base.tckpt", WORK / "grown.tckpt", WORK / "copy.tckpt"
    folder, merged, recipe = WORK / "hf", WORK / "merged", WORK / "passthrough.yaml"
    if not base.exists():  # as people have it: a Hugging Face folder in bf16
        shutil.rmtree(folder, ignore_errors=True)
        run([BIN / "tritter-run", "train", write_model("grow", GROWN), "--steps", 0, "-o", WORK / "grow"])
        run([BIN / "tritter-run", "export", WORK / "grow", "--dtype", "bf16", "-o", folder])
        run([BIN / "tritter-run", "import", folder, "-o", base])
    expand = [BIN / "tritter-run", "expand", base, "--method", "llama-pro", "--layers", 36, "--force", "-o", grown]
    run(expand)  # caches warm, the growth compiled
    slices = "".join(f"  - sources:\n    - model: {folder}\n      layer_range: [{i}, {i + 2}]\n"
                     f"  - sources:\n    - model: {folder}\n      layer_range: [{i + 1}, {i + 2}]\n      parameters:\n"
                     f"        scale:\n        - filter: o_proj\n          value: 0.0\n        - filter: down_proj\n"
                     f"          value: 0.0\n        - value: 1.0\n" for i in range(0, 24, 2))
    recipe.write_text(f"slices:\n{slices}merge_method: passthrough\ndtype: bfloat16\n")
    ours, copies, merges, peaks, inner = [], [], [], [], []
    for turn in range(options.rounds):
        grown.unlink(missing_ok=True)
        os.sync()
        seconds, peak, _ = run_measured(expand)
        ours.append(seconds)
        peaks.append(peak)
        copy.unlink(missing_ok=True)
        os.sync()
        copies.append(run(["sh", "-c", f"cp --reflink=never {grown} {copy} && sync {copy}"])[0])
        if turn < 3:
            shutil.rmtree(merged, ignore_errors=True)
            os.sync()
            merges.append(run([Path(python).parent / "mergekit-yaml", recipe, merged])[0])
    size = grown.stat().st_size
    row("what", "seconds", "GB/s", "tritter's speed against it")
    row(*["---"] * 4)
    row("tritter-run expand", f"{median(ours):.2f}", f"{size / 1e9 / median(ours):.2f}", "")
    row("cp and sync of the output", f"{median(copies):.2f}", f"{size / 1e9 / median(copies):.2f}",
        f"{median([b / a for a, b in zip(ours, copies)]):.2f}x")
    row("mergekit passthrough", f"{median(merges):.2f}", f"{size / 1e9 / median(merges):.2f}",
        f"{median(merges) / median(ours):.1f}x")
    print(f"\n{size / 1e9:.2f} GB written; {max(peaks) / 1e6:.0f} MB resident at the most")


def compile_times(options):
    print("\n## Compiling the training step of an 80-layer, 8192-wide model in bf16, and proving a growth of it\n")
    model = write_model("wide", WIDE)
    opt = [BIN / "tritter-opt", model, "--tritter-elaborate"]
    passes, steps, proofs = [], [], []
    for _ in range(options.rounds):
        passes.append(run_measured([*opt, "--tritter-compile-pipeline=batch=1 seq=2048 precision=bf16", "-o", "/dev/null"]))
        steps.append(run_measured([BIN / "tritter-compile", model, "--batch", 1, "--seq", 2048, "--precision", "bf16",
                                   "-o", WORK / "wide.texe"]))
        report = subprocess.run([str(part) for part in opt] + ["--tritter-depth-upscale=strategy=llama-pro layers=100",
                                "--tritter-verify-growth", "--mlir-timing", "-o", "/dev/null"],
                                stderr=subprocess.PIPE, text=True, check=True).stderr
        proofs.append(float(re.search(r"([\d.]+) \(.*VerifyGrowth", report).group(1)))
    row("what", "seconds", "peak memory")
    row(*["---"] * 3)
    for name, runs in (("tritter-opt, all passes", passes), ("tritter-compile, native code too", steps)):
        row(name, f"{median([seconds for seconds, _, _ in runs]):.2f}", f"{max(peak for _, peak, _ in runs) / 1e6:.0f} MB")
    row("the proof of llama-pro, 80 to 100 layers", f"{median(proofs):.4f}", "")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--only", default="step,growth,compile")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--steps", type=int, default=8)
    arguments.add_argument("--python", default="")
    options = arguments.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    print(f"{cpu.group(1) if cpu else platform.machine()}, {os.cpu_count()} cores")
    for name, measure in (("step", steps), ("growth", growth), ("compile", compile_times)):
        if name in options.only.split(","):
            measure(options)


if __name__ == "__main__":
    main()
