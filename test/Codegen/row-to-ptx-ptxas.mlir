// REQUIRES: ptxas
// RUN: tritter-opt %s --tritter-to-row --row-fuse --row-outline --row-to-ptx -o %t.mlir > %t.ptx
// RUN: ptxas -v -arch=sm_90 %t.ptx -o %t.cubin 2>&1 | FileCheck %s

// NVIDIA's assembler takes every kernel of a training step, and keeps all values in registers.

// CHECK-COUNT-8: 0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
// CHECK-NOT: Function properties
tritter.block @rope(%x: tensor<2x8x4x64xbf16>) -> tensor<2x8x4x64xbf16> {
  %a = tritter.cast %x : tensor<2x8x4x64xbf16> -> tensor<2x8x4x64xf32>
  %b = tritter.rope %a {theta = 10000.0 : f64} : tensor<2x8x4x64xf32>
  %c = tritter.cast %b : tensor<2x8x4x64xf32> -> tensor<2x8x4x64xbf16>
  tritter.yield %c : tensor<2x8x4x64xbf16>
}

tritter.block @norm_grad(%dy: tensor<256x4096xbf16>, %x: tensor<256x4096xf32>, %w: tensor<4096xf32>, %r: tensor<256x4096xf32>) -> (tensor<256x4096xf32>, tensor<4096xf32>) {
  %a = tritter.cast %dy : tensor<256x4096xbf16> -> tensor<256x4096xf32>
  %dx, %dw = tritter.rms_norm_grad %a, %x, %w {eps = 1.0e-5 : f64} : tensor<256x4096xf32>, tensor<256x4096xf32>, tensor<4096xf32>
  %s = tritter.add %r, %dx : tensor<256x4096xf32>
  tritter.yield %s, %dw : tensor<256x4096xf32>, tensor<4096xf32>
}

tritter.block @gelu(%x: tensor<16x1024xbf16>, %dy: tensor<16x1024xbf16>) -> (tensor<16x1024xbf16>, tensor<16x1024xbf16>) {
  %a = tritter.activation gelu %x : tensor<16x1024xbf16>
  %b = tritter.activation_grad gelu %dy, %x : tensor<16x1024xbf16>
  tritter.yield %a, %b : tensor<16x1024xbf16>, tensor<16x1024xbf16>
}

tritter.block @loss(%x: tensor<64x32000xbf16>, %t: tensor<64xi32>, %s: tensor<f32>) -> (tensor<f32>, tensor<64x32000xbf16>) {
  %l = tritter.cross_entropy %x, %t : tensor<64x32000xbf16>, tensor<64xi32>
  %d = tritter.cross_entropy_grad %x, %t, %s {weight = 0.125 : f64} : tensor<64x32000xbf16>, tensor<64xi32>, tensor<f32>
  %m = tritter.mean %l : tensor<64xf32>
  tritter.yield %m, %d : tensor<f32>, tensor<64x32000xbf16>
}

tritter.block @adamw(%w: tensor<8x1024xf32>, %g: tensor<8x1024xf32>, %m: tensor<8x1024xf32>, %v: tensor<8x1024xf32>, %s: tensor<f32>) -> (tensor<8x1024xf32>, tensor<8x1024xf32>, tensor<8x1024xf32>, tensor<8x1024xbf16>) {
  %n, %f, %ok = tritter.clip %s, %s, %s, %s : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
  %a, %b, %c = tritter.adamw %w, %g, %m, %v, %f, %ok, %s, %s, %s, %s, %s, %s, %s : tensor<8x1024xf32>, tensor<8x1024xf32>, tensor<8x1024xf32>, tensor<8x1024xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
  %h = tritter.cast %a : tensor<8x1024xf32> -> tensor<8x1024xbf16>
  tritter.yield %a, %b, %c, %h : tensor<8x1024xf32>, tensor<8x1024xf32>, tensor<8x1024xf32>, tensor<8x1024xbf16>
}
