// Every operation that models are made of, written, read, and its type inferred.
// RUN: tritter-opt %s | FileCheck %s
// RUN: tritter-opt %s > %t.mlir && tritter-opt %t.mlir | diff %t.mlir -
// RUN: tritter-opt %s --mlir-print-op-generic | tritter-opt | diff %t.mlir -

// CHECK-LABEL: tritter.block @lookups
tritter.block @lookups(%tokens: tensor<?x?xi32>, %table: tensor<16x8xf32>, %half: tensor<16x8xbf16>, %p: tensor<4x8xf32>) -> tensor<?x?x8xf32> {
  // CHECK: %[[E:.*]] = tritter.embedding %{{.*}}, %{{.*}} : tensor<?x?xi32>, tensor<16x8xf32>
  %0 = tritter.embedding %tokens, %table : tensor<?x?xi32>, tensor<16x8xf32>
  // The stream is f32 whatever the table is stored in.
  // CHECK: %[[F:.*]] = tritter.embedding %{{.*}}, %{{.*}} : tensor<?x?xi32>, tensor<16x8xbf16>
  %1 = tritter.embedding %tokens, %half : tensor<?x?xi32>, tensor<16x8xbf16>
  // CHECK: %[[P:.*]] = tritter.position_embedding %[[E]], %{{.*}} : tensor<?x?x8xf32>, tensor<4x8xf32>
  %2 = tritter.position_embedding %0, %p : tensor<?x?x8xf32>, tensor<4x8xf32>
  // CHECK: tritter.add %[[P]], %[[F]] : tensor<?x?x8xf32>
  %3 = tritter.add %2, %1 : tensor<?x?x8xf32>
  tritter.yield %3 : tensor<?x?x8xf32>
}

// CHECK-LABEL: tritter.block @rows
tritter.block @rows(%x: tensor<2x3x8xf32>, %w: tensor<6x8xf32>, %b: tensor<6xf32>, %g: tensor<8xf32>) -> (tensor<2x3x6xf32>, tensor<2x3x6xbf16>) {
  // CHECK: tritter.rms_norm %{{.*}}, %{{.*}} {eps = 1.250000e-01 : f64} : tensor<2x3x8xf32>, tensor<8xf32>
  %0 = tritter.rms_norm %x, %g {eps = 0.125} : tensor<2x3x8xf32>, tensor<8xf32>
  // CHECK: tritter.layer_norm %{{.*}}, %{{.*}} {eps
  %1 = tritter.layer_norm %0, %g {eps = 0.125} : tensor<2x3x8xf32>, tensor<8xf32>
  // CHECK: tritter.layer_norm %{{.*}}, %{{.*}} bias %{{.*}} {eps
  %2 = tritter.layer_norm %1, %g bias %g {eps = 0.125} : tensor<2x3x8xf32>, tensor<8xf32>, tensor<8xf32>
  // CHECK: tritter.linear %{{.*}}, %{{.*}} : tensor<2x3x8xf32>, tensor<6x8xf32>
  %3 = tritter.linear %2, %w : tensor<2x3x8xf32>, tensor<6x8xf32>
  // CHECK: tritter.linear %{{.*}}, %{{.*}} bias %{{.*}} : tensor<2x3x8xf32>, tensor<6x8xf32>, tensor<6xf32>
  %4 = tritter.linear %2, %w bias %b : tensor<2x3x8xf32>, tensor<6x8xf32>, tensor<6xf32>
  // CHECK: tritter.activation squared_relu %{{.*}} : tensor<2x3x6xf32>
  %5 = tritter.activation squared_relu %3 : tensor<2x3x6xf32>
  // CHECK: tritter.mul %{{.*}}, %{{.*}} : tensor<2x3x6xf32>
  %6 = tritter.mul %5, %4 : tensor<2x3x6xf32>
  // CHECK: tritter.cast %{{.*}} : tensor<2x3x6xf32> -> tensor<2x3x6xbf16>
  %7 = tritter.cast %6 : tensor<2x3x6xf32> -> tensor<2x3x6xbf16>
  tritter.yield %6, %7 : tensor<2x3x6xf32>, tensor<2x3x6xbf16>
}

// CHECK-LABEL: tritter.block @heads
tritter.block @heads(%q: tensor<2x3x16xbf16>, %k: tensor<2x3x8xbf16>) -> (tensor<2x3x16xbf16>, tensor<2x4x3xf32>) {
  // CHECK: tritter.split_heads %{{.*}} : tensor<2x3x16xbf16> -> tensor<2x3x4x4xbf16>
  %0 = tritter.split_heads %q : tensor<2x3x16xbf16> -> tensor<2x3x4x4xbf16>
  %1 = tritter.split_heads %k : tensor<2x3x8xbf16> -> tensor<2x3x2x4xbf16>
  // CHECK: tritter.rope %{{.*}} {theta = 1.000000e+04 : f64} : tensor<2x3x4x4xbf16>
  %2 = tritter.rope %0 {theta = 1.0e4} : tensor<2x3x4x4xbf16>
  // CHECK: tritter.rope %{{.*}} {inverse, theta
  %3 = tritter.rope %1 {theta = 1.0e4, inverse} : tensor<2x3x2x4xbf16>
  // CHECK: %attended = tritter.attention %{{.*}}, %{{.*}}, %{{.*}} {scale = 2.500000e-01 : f64} :
  %4 = tritter.attention %2, %3, %3 {scale = 0.25} : tensor<2x3x4x4xbf16>, tensor<2x3x2x4xbf16>, tensor<2x3x2x4xbf16>
  // CHECK: tritter.merge_heads %attended : tensor<2x3x4x4xbf16>
  %5 = tritter.merge_heads %4 : tensor<2x3x4x4xbf16>
  // CHECK: %{{.*}}, %log_sum_exp = tritter.attention {{.*}} save :
  %6, %7 = tritter.attention %2, %3, %3 save : tensor<2x3x4x4xbf16>, tensor<2x3x2x4xbf16>, tensor<2x3x2x4xbf16>
  tritter.yield %5, %7 : tensor<2x3x16xbf16>, tensor<2x4x3xf32>
}

// CHECK-LABEL: tritter.block @loss
tritter.block @loss(%logits: tensor<2x3x16xbf16>, %targets: tensor<2x3xi32>) -> tensor<f32> {
  // CHECK: %[[L:.*]] = tritter.cross_entropy %{{.*}}, %{{.*}} : tensor<2x3x16xbf16>, tensor<2x3xi32>
  %0 = tritter.cross_entropy %logits, %targets : tensor<2x3x16xbf16>, tensor<2x3xi32>
  // CHECK: tritter.mean %[[L]] : tensor<2x3xf32>
  %1 = tritter.mean %0 : tensor<2x3xf32>
  tritter.yield %1 : tensor<f32>
}
