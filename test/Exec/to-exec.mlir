// Programs as lists of commands: where values lie, and what is called.
// RUN: tritter-opt %s --split-input-file --tritter-to-exec | FileCheck %s

// The example of the documentation: a product from the input's binding to the result's.
// CHECK-LABEL: exec.sequence @evaluate(%parameters, %masters, %gradients, %states, %saved, %workspace, %io, %scalars, %constants)
// CHECK-NEXT:    exec.gemm m 8 n 16 k 4 (%io stride 4, %parameters stride 4 transposed) : f32 to (%io[128] stride 16) : f32 "up"
// CHECK-NEXT:  }
// CHECK:       exec.entry "evaluate" @evaluate
tritter.model @m(%tokens: tensor<2x4xi32>) -> tensor<2x4x16xf32> {
  %table = tritter.param "up.weight" : tensor<16x4xf32>
  %x = tritter.embedding %tokens, %table : tensor<2x4xi32>, tensor<16x4xf32>
  %y = tritter.linear %x, %table : tensor<2x4x4xf32>, tensor<16x4xf32>
  tritter.yield %y : tensor<2x4x16xf32>
}
tritter.program @evaluate(%x: tensor<8x4xf32>) -> tensor<8x16xf32> attributes {names = ["x", "y"]} {
  %w = tritter.param "up.weight" : tensor<16x4xf32>
  %y = tritter.linear %x, %w : tensor<8x4xf32>, tensor<16x4xf32>
  tritter.yield %y : tensor<8x16xf32>
}

// -----

// Two layers are two calls of one sequence, each with its parameters. The gradients of the first parameter are written
// by the products themselves, first and added; what no gradient reaches is zeroed; what the block passes on is not
// copied; a saved value lives in `saved`.
// CHECK-DAG:   exec.binding "x" @io[0] : tensor<8x64xf32>
// CHECK-DAG:   exec.binding "loss" @io[[[LOSS:.*]]] : tensor<8x64xf32>
// CHECK-LABEL: exec.sequence @square.forward(%in0, %w.weight, %out0) {
// CHECK-NEXT:    exec.gemm m 8 n 64 k 64 (%in0 stride 64, %w.weight stride 64 transposed) : f32 to (%out0 stride 64)
// CHECK-NEXT:  }
// CHECK-LABEL: exec.sequence @square.backward(%in0, %in1, %gradient.w.weight) {
// CHECK-NEXT:    exec.gemm m 64 n 64 k 8 (%in0 stride 64 transposed, %in1 stride 64) : f32 to (%gradient.w.weight stride 64) : f32 "w weight gradient"
// CHECK-NEXT:  }
// CHECK-LABEL: exec.sequence @step(
// CHECK-NEXT:    exec.call @square.forward (%io, %parameters, %saved) "layers.0"
// CHECK-NEXT:    exec.call @square.forward (%saved, %parameters[16384], %io[[[LOSS]]]) "layers.1"
// CHECK-NEXT:    exec.call @square.backward (%io[[[LOSS]]], %saved, %gradients[16384]) "layers.1"
// CHECK-NEXT:    exec.call @square.backward (%io[[[LOSS]]], %io, %gradients) "layers.0"
// CHECK-NEXT:    exec.gemm m 64 n 64 k 8 {{.*}} to (%gradients[16384] stride 64) : f32 accumulate "layers.1.w weight gradient"
// CHECK-NEXT:    exec.fill bytes 16384 (%gradients[32768]) "unused.weight"
tritter.block @square.forward(%x: tensor<8x64xf32>) -> (tensor<8x64xf32>, tensor<8x64xf32>) {
  %w = tritter.param "w.weight" : tensor<64x64xf32>
  %y = tritter.linear %x, %w : tensor<8x64xf32>, tensor<64x64xf32>
  tritter.yield %y, %x : tensor<8x64xf32>, tensor<8x64xf32>
}
tritter.block @square.backward(%dy: tensor<8x64xf32>, %x: tensor<8x64xf32>) -> tensor<8x64xf32> {
  %dw = tritter.linear_grad_weight %dy, %x : tensor<8x64xf32>, tensor<8x64xf32>
  tritter.gradient "w.weight", %dw : tensor<64x64xf32>
  tritter.yield %dy : tensor<8x64xf32>
}
tritter.block @square.model(%x: tensor<2x4x64xf32>) -> tensor<2x4x64xf32> {
  %w = tritter.param "w.weight" : tensor<64x64xf32>
  %y = tritter.linear %x, %w : tensor<2x4x64xf32>, tensor<64x64xf32>
  tritter.yield %y : tensor<2x4x64xf32>
}
tritter.model @m(%tokens: tensor<2x4xi32>) -> tensor<2x4x64xf32> {
  %table = tritter.param "embed.weight" {frozen} : tensor<64x64xf32>
  %x = tritter.embedding %tokens, %table : tensor<2x4xi32>, tensor<64x64xf32>
  %h1 = tritter.layer "layers.0" @square.model(%x) : (tensor<2x4x64xf32>) -> tensor<2x4x64xf32>
  %h2 = tritter.layer "layers.1" @square.model(%h1) : (tensor<2x4x64xf32>) -> tensor<2x4x64xf32>
  %u = tritter.param "unused.weight" : tensor<64x64xf32>
  tritter.yield %h2 : tensor<2x4x64xf32>
}
tritter.program @step(%x: tensor<8x64xf32>) -> tensor<8x64xf32> attributes {names = ["x", "loss"]} {
  %h1, %x0 = tritter.layer "layers.0" @square.forward(%x) : (tensor<8x64xf32>) -> (tensor<8x64xf32>, tensor<8x64xf32>)
  %h2, %x1 = tritter.layer "layers.1" @square.forward(%h1) : (tensor<8x64xf32>) -> (tensor<8x64xf32>, tensor<8x64xf32>)
  %d1 = tritter.layer "layers.1" @square.backward(%h2, %x1) : (tensor<8x64xf32>, tensor<8x64xf32>) -> tensor<8x64xf32>
  %d0 = tritter.layer "layers.0" @square.backward(%d1, %x0) : (tensor<8x64xf32>, tensor<8x64xf32>) -> tensor<8x64xf32>
  %more = tritter.linear_grad_weight %d0, %x : tensor<8x64xf32>, tensor<8x64xf32>
  tritter.gradient "layers.1.w.weight", %more : tensor<64x64xf32>
  tritter.yield %h2 : tensor<8x64xf32>
}

// -----

// A kernel writes over what it reads last, element by element; kernels without operands run once, in `setup`; the body
// of a chunk is called for each run of rows, first with gradients that overwrite, then with such that add.
// CHECK-LABEL: exec.sequence @head(%in0, %constant0, %workspace, %out0, %gradient.w.weight)
// CHECK-NEXT:    exec.launch @add rows 4 (%in0, %constant0, %workspace)
// CHECK-NEXT:    exec.launch @add rows 4 (%workspace, %in0, %workspace)
// CHECK-NEXT:    exec.launch @add rows 4 (%workspace, %workspace, %out0)
// CHECK-NEXT:    exec.gemm m 8 n 8 k 4 (%workspace stride 8 transposed, %in0 stride 8) : f32 to (%gradient.w.weight stride 8) : f32 "w weight gradient"
// CHECK-LABEL: exec.sequence @head.1(
// CHECK:         accumulate "w weight gradient"
// CHECK-LABEL: exec.sequence @step(
// CHECK-NEXT:    exec.call @head (%io, %constants, %workspace, %io[256], %gradients) "head"
// CHECK-NEXT:    exec.call @head.1 (%io[128], %constants, %workspace, %io[384], %gradients) "head"
// CHECK-LABEL: exec.sequence @setup(
// CHECK-NEXT:    exec.launch @ones rows 4 (%constants)
// CHECK:       exec.entry "setup" @setup
row.kernel @add columns 8 views [#row.view<element, row_stride = 8>, #row.view<element, row_stride = 8>, #row.view<element, row_stride = 8>] types [f32, f32, f32] outputs [0] {
^bb0(%a: f32, %b: f32):
  %c = arith.addf %a, %b : f32
  row.yield %c : f32
}
row.kernel @ones columns 8 views [#row.view<element, row_stride = 8>] types [f32] outputs [0] {
  %one = arith.constant 1.0 : f32
  row.yield %one : f32
}
tritter.model @m(%tokens: tensor<2x4xi32>) -> tensor<2x4x8xf32> {
  %table = tritter.param "w.weight" : tensor<8x8xf32>
  %x = tritter.embedding %tokens, %table : tensor<2x4xi32>, tensor<8x8xf32>
  tritter.yield %x : tensor<2x4x8xf32>
}
tritter.program @step(%x: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> attributes {names = ["x", "y"]} {
  %y = tritter.chunk rows 4 (%x) : (tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  ^bb0(%rows: tensor<4x8xf32>):
    %ones = row.launch @ones rows 4 () : () -> tensor<4x8xf32>
    %a = row.launch @add rows 4 (%rows, %ones) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
    %b = row.launch @add rows 4 (%a, %rows) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
    %c = row.launch @add rows 4 (%b, %b) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
    %dw = tritter.linear_grad_weight %b, %rows : tensor<4x8xf32>, tensor<4x8xf32>
    tritter.gradient "w.weight", %dw : tensor<8x8xf32>
    tritter.yield %c : tensor<4x8xf32>
  }
  tritter.yield %y : tensor<2x4x8xf32>
}

// -----

// States are updated in place, each element where it is read; a new state that must be read as it was is copied.
// CHECK-LABEL: exec.sequence @update(
// CHECK-NEXT:    exec.launch @decay rows 1 (%parameters, %scalars, %parameters)
// CHECK-NEXT:    exec.launch @decay rows 1 (%states, %scalars, %workspace)
// CHECK-NEXT:    exec.launch @add rows 1 (%states, %workspace, %io)
// CHECK-NEXT:    exec.copy bytes 4096 (%workspace, %states) "adam.m"
row.kernel @decay columns 1024 views [#row.view<element, row_stride = 1024>, #row.view<scalar>, #row.view<element, row_stride = 1024>] types [f32, f32, f32] outputs [0] {
^bb0(%a: f32, %b: f32):
  %c = arith.mulf %a, %b : f32
  row.yield %c : f32
}
row.kernel @add columns 1024 views [#row.view<element, row_stride = 1024>, #row.view<element, row_stride = 1024>, #row.view<element, row_stride = 1024>] types [f32, f32, f32] outputs [0] {
^bb0(%a: f32, %b: f32):
  %c = arith.addf %a, %b : f32
  row.yield %c : f32
}
tritter.model @m(%tokens: tensor<2x4xi32>) -> tensor<2x4x8xf32> {
  %table = tritter.param "w.weight" : tensor<8x8xf32>
  %x = tritter.embedding %tokens, %table : tensor<2x4xi32>, tensor<8x8xf32>
  tritter.yield %x : tensor<2x4x8xf32>
}
tritter.program @update() -> tensor<1x1024xf32> attributes {names = ["y"]} {
  %rate = tritter.scalar "rate" : tensor<f32>
  %w = tritter.state "master" of "decay" : tensor<1x1024xf32>
  %w1 = row.launch @decay rows 1 (%w, %rate) : (tensor<1x1024xf32>, tensor<f32>) -> tensor<1x1024xf32>
  tritter.set_state "master" of "decay", %w1 : tensor<1x1024xf32>
  %m = tritter.state "adam.m" of "decay" grows adjoint : tensor<1x1024xf32>
  %m1 = row.launch @decay rows 1 (%m, %rate) : (tensor<1x1024xf32>, tensor<f32>) -> tensor<1x1024xf32>
  %both = row.launch @add rows 1 (%m, %m1) : (tensor<1x1024xf32>, tensor<1x1024xf32>) -> tensor<1x1024xf32>
  tritter.set_state "adam.m" of "decay", %m1 : tensor<1x1024xf32>
  tritter.yield %both : tensor<1x1024xf32>
}
