// A model written by hand grows as one that was elaborated: what is zeroed follows from the graph, not from names.
// RUN: tritter-opt %examples/parallel.mlir --tritter-depth-upscale="strategy=llama-pro layers=6" --tritter-verify-growth 2>&1 | FileCheck %s
// CHECK: growth of @parallel_model to @grown: exact, bitwise
// CHECK-LABEL: tritter.block @parallel_new(
// CHECK: "attn.o.weight" : tensor<128x128xf32> derives {
// CHECK-NEXT: growth.zero
// CHECK: "mlp.up.weight" : tensor<512x128xf32> derives {
// CHECK-NEXT: growth.source @parallel_model "mlp.up.weight"
// CHECK: "mlp.down.weight" : tensor<128x512xf32> derives {
// CHECK-NEXT: growth.zero
