// Each pass names an operation that lacks what it needs, and what that is.

// RUN: split-file %s %t
// RUN: not tritter-test-opt %t/untyped.mlir --tritter-specialize="batch=2 seq=4" 2>&1 | FileCheck %s --check-prefix=TYPES
// RUN: not tritter-test-opt %t/opaque.mlir --tritter-precision=precision=bf16 2>&1 | FileCheck %s --check-prefix=NARROW
// RUN: not tritter-test-opt %t/opaque.mlir --tritter-differentiate 2>&1 | FileCheck %s --check-prefix=GRADIENT
// RUN: not tritter-test-opt %t/opaque.mlir --tritter-differentiate=step=false --tritter-to-row --row-outline --tritter-to-exec 2>&1 | FileCheck %s --check-prefix=COMMAND
// RUN: not tritter-test-opt %t/opaque.mlir --tritter-depth-upscale="strategy=llama-pro layers=3" --tritter-verify-growth 2>&1 | FileCheck %s --check-prefix=PROOF

// TYPES: 'test.untyped' op has results of which no types follow from its operands; give it InferTypeOpInterface or RefinableOpInterface
// NARROW: 'test.opaque' op does not say what of it is narrow; --tritter-precision needs its NarrowableOpInterface
// GRADIENT: 'test.opaque' op has no gradient; --tritter-differentiate needs its DifferentiableOpInterface
// COMMAND: 'test.opaque' op has no command; --tritter-to-exec needs its CommandLoweringOpInterface, or --tritter-to-row its RowLowerableOpInterface
// PROOF: the proof has no rule for 'test.opaque'

//--- untyped.mlir
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  %table = tritter.param "embed.weight" : tensor<8x8xf32>
  %x = tritter.embedding %tokens, %table : tensor<?x?xi32>, tensor<8x8xf32>
  %y = test.untyped %x : tensor<?x?x8xf32> -> tensor<?x?x8xf32>
  tritter.yield %y : tensor<?x?x8xf32>
}

//--- opaque.mlir
tritter.block @b(%x: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  %w = tritter.param "weight" : tensor<8x8xf32>
  %o = test.opaque %x : tensor<2x4x8xf32>
  %y = tritter.linear %o, %w : tensor<2x4x8xf32>, tensor<8x8xf32>
  %z = tritter.add %x, %y : tensor<2x4x8xf32>
  tritter.yield %z : tensor<2x4x8xf32>
}
tritter.model @m(%tokens: tensor<2x4xi32>) -> tensor<2x4x8xf32> {
  %table = tritter.param "embed.weight" : tensor<8x8xf32>
  %x = tritter.embedding %tokens, %table : tensor<2x4xi32>, tensor<8x8xf32>
  %h1 = tritter.layer "layers.0" @b(%x) : (tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  %h2 = tritter.layer "layers.1" @b(%h1) : (tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
  tritter.yield %h2 : tensor<2x4x8xf32>
}
