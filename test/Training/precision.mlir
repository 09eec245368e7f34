// RUN: tritter-opt %s --split-input-file --tritter-precision=precision=bf16 | FileCheck %s --check-prefix=BF16
// RUN: tritter-opt %s --split-input-file --tritter-precision=precision=f64 | FileCheck %s --check-prefix=F64
// RUN: tritter-opt %s --split-input-file --tritter-precision=precision=f32 | FileCheck %s --check-prefix=F32

// A product takes and gives bf16; a matrix is read as bf16, a bias as f32.
// BF16-LABEL: tritter.block @mlp
// BF16-SAME: tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
// BF16-DAG: %[[W:.*]] = tritter.param "up.weight" : tensor<8x8xbf16>
// BF16-DAG: %[[B:.*]] = tritter.param "up.bias" : tensor<8xf32>
// BF16-DAG: %[[X:.*]] = tritter.cast %x : tensor<2x4x8xf32> -> tensor<2x4x8xbf16>
// BF16: %[[Y:.*]] = tritter.linear %[[X]], %[[W]] bias %[[B]] : tensor<2x4x8xbf16>, tensor<8x8xbf16>, tensor<8xf32>
// BF16: %[[Z:.*]] = tritter.cast %[[Y]] : tensor<2x4x8xbf16> -> tensor<2x4x8xf32>
// BF16: tritter.yield %[[Z]] : tensor<2x4x8xf32>
// F64-LABEL: tritter.block @mlp
// F64: tritter.param "up.bias" : tensor<8xf64>
// F64: tritter.linear %{{.*}} : tensor<2x4x8xf64>, tensor<8x8xf64>, tensor<8xf64>
// F32-LABEL: tritter.block @mlp
// F32: tritter.linear %x, %{{.*}} : tensor<2x4x8xf32>, tensor<8x8xf32>, tensor<8xf32>
tritter.block @mlp(%x: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  %w = tritter.param "up.weight" : tensor<8x8xf32>
  %b = tritter.param "up.bias" : tensor<8xf32>
  %y = tritter.linear %x, %w bias %b : tensor<2x4x8xf32>, tensor<8x8xf32>, tensor<8xf32>
  tritter.yield %y : tensor<2x4x8xf32>
}

// -----

// Between products only reshaped, values stay in bf16: no cast from bf16 to f32 and back. One cast serves all uses.
// BF16-LABEL: tritter.block @attend
// BF16-COUNT-1: tritter.cast %x
// BF16: %[[Q:.*]] = tritter.linear
// BF16-NEXT: %[[H:.*]] = tritter.split_heads %[[Q]] : tensor<2x4x8xbf16>
// BF16-NEXT: %[[A:.*]] = tritter.attention %[[H]], %[[H]], %[[H]]
// BF16-NEXT: %[[M:.*]] = tritter.merge_heads %[[A]]
// BF16-NEXT: %[[O:.*]] = tritter.linear %[[M]]
// BF16-NEXT: %[[F:.*]] = tritter.cast %[[O]] : tensor<2x4x8xbf16> -> tensor<2x4x8xf32>
// BF16-NEXT: tritter.add %x, %[[F]] : tensor<2x4x8xf32>
tritter.block @attend(%x: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  %w = tritter.param "weight" : tensor<8x8xf32>
  %q = tritter.linear %x, %w : tensor<2x4x8xf32>, tensor<8x8xf32>
  %h = tritter.split_heads %q : tensor<2x4x8xf32> -> tensor<2x4x2x4xf32>
  %a = tritter.attention %h, %h, %h : tensor<2x4x2x4xf32>, tensor<2x4x2x4xf32>, tensor<2x4x2x4xf32>
  %m = tritter.merge_heads %a : tensor<2x4x2x4xf32>
  %o = tritter.linear %m, %w : tensor<2x4x8xf32>, tensor<8x8xf32>
  %y = tritter.add %x, %o : tensor<2x4x8xf32>
  tritter.yield %y : tensor<2x4x8xf32>
}

// -----

// A checkpoint's own bf16 says nothing of what is computed in: norms and the residual stream are in f32.
// BF16-LABEL: tritter.block @norm
// BF16-SAME: (%x: tensor<2x4x8xf32>) -> tensor<2x4x8xf32>
// BF16: tritter.rms_norm %{{.*}} : tensor<2x4x8xf32>, tensor<8xf32>
// F32-LABEL: tritter.block @norm
// F32: tritter.rms_norm %{{.*}} : tensor<2x4x8xf32>, tensor<8xf32>
tritter.block @norm(%x: tensor<2x4x8xbf16>) -> tensor<2x4x8xbf16> {
  %w = tritter.param "norm.weight" : tensor<8xbf16>
  %y = tritter.rms_norm %x, %w {eps = 1.0e-5} : tensor<2x4x8xbf16>, tensor<8xbf16>
  tritter.yield %y : tensor<2x4x8xbf16>
}

// -----

// A matrix that no product reads is stored as bf16 and added in f32.
// BF16-LABEL: tritter.block @shift
// BF16: %[[P:.*]] = tritter.param "shift" : tensor<2x4x8xbf16>
// BF16: %[[W:.*]] = tritter.cast %[[P]] : tensor<2x4x8xbf16> -> tensor<2x4x8xf32>
// BF16: tritter.add %x, %[[W]] : tensor<2x4x8xf32>
tritter.block @shift(%x: tensor<2x4x8xf32>) -> tensor<2x4x8xf32> {
  %p = tritter.param "shift" : tensor<2x4x8xf32>
  %y = tritter.add %x, %p : tensor<2x4x8xf32>
  tritter.yield %y : tensor<2x4x8xf32>
}
