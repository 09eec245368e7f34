// What the depth strategies make, proved and run: of a Llama shape, and of a GPT-2 shape with biases and a tied head.
// DEFINE: %{check} = python3 %S/Inputs/evaluate.py | FileCheck %s
// RUN: split-file %s %t-models

// RUN: tritter-opt %t-models/llama.mlir --tritter-elaborate --tritter-depth-upscale="strategy=llama-pro layers=6" --tritter-verify-growth | %{check} --check-prefix=PRO
// RUN: tritter-opt %t-models/gpt2.mlir --tritter-elaborate --tritter-depth-upscale="strategy=llama-pro layers=6" --tritter-verify-growth | %{check} --check-prefix=PRO
// PRO: <exact, bitwise>
// PRO: the logits differ by 0{{$}}

// RUN: tritter-opt %t-models/llama.mlir --tritter-elaborate --tritter-depth-upscale="strategy=solar layers=6" --tritter-verify-growth | %{check} --check-prefix=SOLAR
// RUN: tritter-opt %t-models/gpt2.mlir --tritter-elaborate --tritter-depth-upscale="strategy=solar layers=6" --tritter-verify-growth | %{check} --check-prefix=SOLAR
// SOLAR: first_broken = "layers.3 (old layers.1)", reason = "reads old layers.2's output, was layers.0's"

// RUN: tritter-opt %t-models/llama.mlir --tritter-elaborate --tritter-depth-upscale="strategy=stack layers=8" --tritter-verify-growth | %{check} --check-prefix=STACK
// STACK: first_broken = "layers.4 (old layers.0)", reason = "reads old layers.3's output, was the embedding's"

// RUN: tritter-opt %t-models/gpt2.mlir --tritter-elaborate --tritter-depth-upscale="strategy=interpolate layers=8" --tritter-verify-growth | %{check} --check-prefix=INTERPOLATE
// INTERPOLATE: first_broken = "layers.1 (old layers.0)", reason = "reads old layers.0's output, was the embedding's"

// A growth of a growth, proved against the first model once it is folded into one.
// RUN: tritter-opt %t-models/llama.mlir --tritter-elaborate --tritter-depth-upscale="strategy=llama-pro layers=6 name=middle" --tritter-depth-upscale="strategy=llama-pro layers=9 base=middle name=grown" --growth-normalise --tritter-verify-growth="base=base grown=grown" | %{check} --check-prefix=PRO

//--- llama.mlir
tritter.decoder @base {layers = 4, hidden = 8, heads = 4, kv_heads = 2, intermediate = 12, vocab = 16}
//--- gpt2.mlir
tritter.decoder @base {layers = 4, hidden = 8, heads = 2, intermediate = 12, vocab = 16, norm = #tritter.norm<layer>,
  positions = #tritter.positions<learned>, max_positions = 8, activation = #tritter.activation<gelu>, gated = false,
  bias = true, tied = true}
