// RUN: tritter-opt %s --tritter-to-row --canonicalize --cse | FileCheck %s

// A reduction along a row; heads and types do not matter to what the body computes.

// CHECK-LABEL: tritter.block @norm
// CHECK: row.generic rows 8 columns 4(%[[X:.*]], %[[G:.*]]) views [#row.view<element, row_stride = 4>, #row.view<column>, #row.view<element, row_stride = 4>]
// CHECK-NEXT: ^bb0(%[[A:.*]]: f32, %[[W:.*]]: f32):
// CHECK: %[[SQUARE:.*]] = arith.mulf %[[A]], %[[A]]
// CHECK: %[[SUM:.*]] = row.reduce add %[[SQUARE]]
// CHECK: %[[MEAN:.*]] = arith.mulf %[[SUM]]
// CHECK: %[[SHIFTED:.*]] = arith.addf %[[MEAN]]
// CHECK: %[[FACTOR:.*]] = math.rsqrt %[[SHIFTED]]
// CHECK: arith.mulf %[[A]], %[[FACTOR]]
tritter.block @norm(%x: tensor<2x4x4xbf16>, %g: tensor<4xbf16>) -> tensor<2x4x4xbf16> {
  %y = tritter.rms_norm %x, %g {eps = 1.0e-5 : f64} : tensor<2x4x4xbf16>, tensor<4xbf16>
  tritter.yield %y : tensor<2x4x4xbf16>
}

// Sums along rows are made in two phases.

// CHECK-LABEL: tritter.block @norm_grad
// CHECK: %[[PARTS:.*]]:2 = row.generic rows 256 columns 4 blocks 4(
// CHECK: -> (tensor<2x128x4xf32>, tensor<4x4xf32>)
// CHECK: %[[SUM:.*]] = row.generic rows 4 columns 4 blocks 1(%[[PARTS]]#1)
// CHECK: -> tensor<4xf32>
// CHECK: tritter.yield %[[PARTS]]#0, %[[SUM]]
tritter.block @norm_grad(%dy: tensor<2x128x4xf32>, %x: tensor<2x128x4xf32>, %g: tensor<4xf32>) -> (tensor<2x128x4xf32>, tensor<4xf32>) {
  %dx, %dg = tritter.rms_norm_grad %dy, %x, %g {eps = 1.0e-5 : f64} : tensor<2x128x4xf32>, tensor<2x128x4xf32>, tensor<4xf32>
  tritter.yield %dx, %dg : tensor<2x128x4xf32>, tensor<4xf32>
}

// Two rotations share their tables; halves are stored to one result; the reshape is looked through.

// CHECK-LABEL: tritter.block @rope
// CHECK: %[[TABLES:.*]]:2 = row.generic rows 3 columns 2()
// CHECK-SAME: label = "rope_table.10000
// CHECK: row.generic rows 12 columns 2(%arg0, %arg0, %[[TABLES]]#0, %[[TABLES]]#1)
// CHECK-SAME: #row.view<element, row_stride = 4>, #row.view<element, row_stride = 4, offset = 2>, #row.view<element, row_stride = 2, divisor = 2, modulus = 3>
// CHECK-SAME: outputs [0, 0]
// CHECK: -> tensor<2x3x2x4xf32>
// CHECK: row.generic rows 6 columns 2(%arg1, %arg1, %[[TABLES]]#0, %[[TABLES]]#1)
tritter.block @rope(%q: tensor<2x3x8xf32>, %k: tensor<2x3x1x4xf32>) -> (tensor<2x3x2x4xf32>, tensor<2x3x1x4xf32>) {
  %h = tritter.split_heads %q : tensor<2x3x8xf32> -> tensor<2x3x2x4xf32>
  %a = tritter.rope %h {theta = 10000.0 : f64} : tensor<2x3x2x4xf32>
  %b = tritter.rope %k {theta = 10000.0 : f64} : tensor<2x3x1x4xf32>
  tritter.yield %a, %b : tensor<2x3x2x4xf32>, tensor<2x3x1x4xf32>
}

// CHECK-LABEL: tritter.program @loss
// CHECK: row.generic rows 6 columns 4(%{{.*}}, %{{.*}}) views [#row.view<row, row_stride = 1>, #row.view<gather, row_stride = 4, index = 0>,
// CHECK: row.generic rows 6 columns 4({{.*}}label = "cross_entropy"
// CHECK: row.generic rows 3 columns 2({{.*}}label = "mean"
// CHECK: row.generic rows 1 columns 3({{.*}}label = "sum_partials"
tritter.program @loss(%tokens: tensor<3x2xi32>, %targets: tensor<3x2xi32>) -> tensor<f32> attributes {names = ["tokens", "targets", "loss"]} {
  %table = tritter.param "embed.weight" : tensor<4x4xf32>
  %x = tritter.embedding %tokens, %table : tensor<3x2xi32>, tensor<4x4xf32>
  %losses = tritter.cross_entropy %x, %targets : tensor<3x2x4xf32>, tensor<3x2xi32>
  %loss = tritter.mean %losses : tensor<3x2xf32>
  tritter.yield %loss : tensor<f32>
}

// What libraries do stays.

// CHECK-LABEL: tritter.block @product
// CHECK: tritter.linear
// CHECK-NOT: row.generic
// CHECK: tritter.yield
tritter.block @product(%x: tensor<2x3x8xf32>) -> tensor<2x3x8xf32> {
  %w = tritter.param "w" : tensor<8x8xf32>
  %y = tritter.linear %x, %w : tensor<2x3x8xf32>, tensor<8x8xf32>
  tritter.yield %y : tensor<2x3x8xf32>
}

// Rotations of other angles have tables of their own, however close.

// CHECK-LABEL: tritter.block @two_thetas
// CHECK: row.generic rows 3 columns 2(){{.*}}label = "rope_table.0.375"
// CHECK: row.generic rows 3 columns 2(){{.*}}label = "rope_table.0.25"
tritter.block @two_thetas(%x: tensor<2x3x1x4xf32>) -> (tensor<2x3x1x4xf32>, tensor<2x3x1x4xf32>) {
  %a = tritter.rope %x {theta = 0.25 : f64} : tensor<2x3x1x4xf32>
  %b = tritter.rope %x {theta = 0.375 : f64} : tensor<2x3x1x4xf32>
  tritter.yield %a, %b : tensor<2x3x1x4xf32>, tensor<2x3x1x4xf32>
}
