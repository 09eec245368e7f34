// A student beside a frozen teacher, for a loss of two terms.
// RUN: tritter-opt %S/../Golden/objective.mlir --tritter-specialize="batch=2 seq=4" --tritter-differentiate=head-rows=4 | FileCheck %s

// The teacher has a forward and no more; what is its own says so.
// CHECK-NOT: @narrow.backward
// CHECK-LABEL: tritter.program @step(
// CHECK-SAME: names = ["tokens", "targets", "loss", "term.cross_entropy", "term.alignment"]
// CHECK: tritter.param "embed.weight" : tensor<11x8xf32>
// CHECK: tritter.layer "layers.0" @wide.forward
// CHECK: tritter.param "embed.weight" {frozen, model = @teacher} : tensor<11x6xf32>
// CHECK: tritter.layer "layers.0" @narrow({{.*}}) {frozen, model = @teacher}

// Both heads and both terms in one chunk of rows; only the student's has a gradient.
// CHECK: %[[HEAD:.*]]:3 = tritter.chunk rows 4
// CHECK: tritter.param "head.weight" {frozen, model = @teacher}
// CHECK: tritter.cross_entropy
// CHECK: tritter.mul
// CHECK: tritter.gradient "head.weight"
// CHECK: tritter.yield
// CHECK: %[[CE:.*]] = tritter.mean %[[HEAD]]#0
// CHECK: %[[AL:.*]] = tritter.mean %[[HEAD]]#1
// CHECK: tritter.layer "layers.0" @wide.backward

// The sum of the weighted terms, all of them scaled.
// CHECK: %[[A:.*]] = tritter.mul %[[CE]], %[[SCALE:.*]] : tensor<f32>
// CHECK: %[[WA:.*]] = tritter.spread %[[A]] {weight = 7.500000e-01 : f64}
// CHECK: %[[B:.*]] = tritter.mul %[[AL]], %[[SCALE]] : tensor<f32>
// CHECK: %[[WB:.*]] = tritter.spread %[[B]] {weight = -2.000000e+00 : f64}
// CHECK: %[[LOSS:.*]] = tritter.add %[[WA]], %[[WB]]
// CHECK: tritter.yield %[[LOSS]], %[[A]], %[[B]]

// What a model knows is its cross entropy.
// CHECK-LABEL: tritter.program @evaluate(
// CHECK-SAME: names = ["tokens", "targets", "loss"]
// CHECK-NOT: @teacher
// CHECK-LABEL: tritter.program @logits(
// CHECK-NOT: model = @teacher
// CHECK: tritter.yield
