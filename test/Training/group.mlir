// Named groups are two kernels each, with a learning rate and bias corrections of their own.
// RUN: tritter-opt %s --tritter-group="groups=young:layers.1.*,young:norm.weight,third:embed.*" | FileCheck %s --check-prefix=MARK
// RUN: tritter-opt %s --tritter-group="groups=young:layers.1.*,young:norm.weight,third:nothing*" --tritter-adamw | FileCheck %s
// RUN: tritter-opt %s --tritter-group="groups=young:layers.1.*,young:norm.weight" --tritter-adamw --tritter-to-row --row-outline --tritter-to-exec | FileCheck %s --check-prefix=EXEC

// RUN: tritter-opt %s --tritter-group="groups=young:layers.1.*@0.5" --tritter-adamw | FileCheck %s --check-prefix=SLOW
// RUN: not tritter-opt %s --tritter-group="groups=young:layers.1.*@half" 2>&1 | FileCheck %s --check-prefix=WORDS
// WORDS: error: `young:layers.1.*@half` is no group: NAME:PATTERN or NAME:PATTERN@FACTOR was expected
// SLOW: groups = [#tritter.group<"young" = "layers.1.*" at 5.000000e-01 : f64>]
// SLOW: %[[RATE:.*]] = tritter.scalar "learning_rate.young"
// SLOW: %[[HALF:.*]] = tritter.spread %[[RATE]] {{.*}}5.000000e-01
// SLOW: tritter.adamw {{.*}}%[[HALF]]

// MARK: tritter.model @m{{.*}}attributes {groups = [#tritter.group<"young" = "layers.1.*", "norm.weight">, #tritter.group<"third" = "embed.*">]}

// CHECK-LABEL: tritter.program @update()
// CHECK: tritter.state "gradient" of "decay" : tensor<5x1024xf32>
// CHECK: tritter.state "gradient" of "young.decay" : tensor<1x1024xf32>
// CHECK: tritter.state "gradient" of "young.no_decay" : tensor<1x1024xf32>
// CHECK: tritter.state "adam.m" of "decay" grows adjoint
// CHECK: tritter.state "adam.v" of "decay" grows adjoint_squared
// CHECK: %[[RATE:.*]] = tritter.scalar "learning_rate" :
// CHECK: %[[FIRST:.*]] = tritter.scalar "bias_correction1" :
// CHECK: tritter.adamw {{.*}}%[[RATE]], {{.*}}%[[FIRST]]
// CHECK: %[[RATE2:.*]] = tritter.scalar "learning_rate.young" :
// CHECK: %[[FIRST2:.*]] = tritter.scalar "bias_correction1.young" :
// CHECK: tritter.scalar "bias_correction2.young" :
// CHECK: tritter.adamw {{.*}}%[[RATE2]], {{.*}}%[[FIRST2]]
// CHECK: tritter.adamw {{.*}}%[[RATE2]], {{.*}}%[[FIRST2]]
// A group that fits nothing is not there.
// CHECK-NOT: third
// CHECK: tritter.yield

// EXEC: exec.state "adam.m" of "decay" grows adjoint @states[0] : tensor<5x1024xf32>
// EXEC-NEXT: exec.state "adam.m" of "young.decay" grows adjoint @states[20480] : tensor<1x1024xf32>
// EXEC-NEXT: exec.state "adam.m" of "young.no_decay" grows adjoint @states[24576] : tensor<1x1024xf32>
// EXEC-NEXT: exec.state "adam.v" of "decay" grows adjoint_squared @states[28672]
tritter.block @mlp(%x: tensor<2x16x8xf32>) -> tensor<2x16x8xf32> {
  %w = tritter.param "up.weight" : tensor<8x8xf32>
  %y = tritter.linear %x, %w : tensor<2x16x8xf32>, tensor<8x8xf32>
  tritter.yield %y : tensor<2x16x8xf32>
}
tritter.model @m(%tokens: tensor<2x16xi32>) -> tensor<2x16x8xf32> {
  %e = tritter.param "embed.weight" : tensor<512x8xf32>
  %g = tritter.param "norm.weight" : tensor<8xf32>
  %x = tritter.embedding %tokens, %e : tensor<2x16xi32>, tensor<512x8xf32>
  %h1 = tritter.layer "layers.0" @mlp(%x) : (tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %h2 = tritter.layer "layers.1" @mlp(%h1) : (tensor<2x16x8xf32>) -> tensor<2x16x8xf32>
  %n = tritter.rms_norm %h2, %g {eps = 1.0e-5} : tensor<2x16x8xf32>, tensor<8xf32>
  tritter.yield %n : tensor<2x16x8xf32>
}
