// RUN: tritter-opt %s --tritter-to-row --row-fuse --row-outline --row-to-ptx -o %t.mlir | FileCheck %s

// 1024 columns of bf16 and f32, eight at a time: 128 threads share a row. Loads and stores of 16 bytes; the sum goes
// through shuffles, then shared memory; no function of a library is called.

// CHECK: .target sm_90
// CHECK-NOT: .extern
// CHECK-LABEL: .visible .entry add_rms_norm_0(
// CHECK: .reqntid 128
// CHECK: ld.global.v4.b32
// CHECK-NOT: ld.global.b16
// CHECK: st.global.v4.b32
// CHECK-COUNT-5: shfl.sync.bfly.b32
// CHECK: st.shared.b32
// CHECK: bar.sync
// CHECK: rsqrt.approx.ftz.f32
// CHECK: cvt.rn.bf16x2.f32
// CHECK-NOT: call
tritter.block @residual(%x: tensor<2x64x1024xf32>, %y: tensor<2x64x1024xbf16>, %w: tensor<1024xf32>) -> (tensor<2x64x1024xf32>, tensor<2x64x1024xbf16>) {
  %z = tritter.cast %y : tensor<2x64x1024xbf16> -> tensor<2x64x1024xf32>
  %s = tritter.add %x, %z : tensor<2x64x1024xf32>
  %n = tritter.rms_norm %s, %w {eps = 1.0e-5 : f64} : tensor<2x64x1024xf32>, tensor<1024xf32>
  %b = tritter.cast %n : tensor<2x64x1024xf32> -> tensor<2x64x1024xbf16>
  tritter.yield %s, %b : tensor<2x64x1024xf32>, tensor<2x64x1024xbf16>
}

// A row of 30 has no multiples of 16 bytes: element by element, and 32 threads a row, four rows a block.

// CHECK-LABEL: .visible .entry activation_0(
// CHECK: .reqntid 128
// CHECK: ld.global.b32
// CHECK-NOT: ld.global.v4
// CHECK: ex2.approx.ftz.f32
// CHECK: div.full.f32
tritter.block @odd(%x: tensor<7x30xf32>) -> tensor<7x30xf32> {
  %y = tritter.activation silu %x : tensor<7x30xf32>
  tritter.yield %y : tensor<7x30xf32>
}
