// RUN: tritter-opt %s | tritter-opt | FileCheck %s

tritter.model @student(%tokens: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
  %w = tritter.param "embed.weight" : tensor<16x16xf32>
  %x = tritter.embedding %tokens, %w : tensor<?x?xi32>, tensor<16x16xf32>
  tritter.yield %x : tensor<?x?x16xf32>
}
// CHECK-LABEL: tritter.objective @plain trains @student {
// CHECK-NEXT: ^bb0(%tokens: tensor<?x?xi32>, %targets: tensor<?x?xi32>):
// CHECK-NEXT: %[[S:.*]] = tritter.apply @student(%tokens) : (tensor<?x?xi32>) -> tensor<?x?x16xf32>
// CHECK-NEXT: %[[L:.*]] = tritter.cross_entropy %[[S]], %targets
// CHECK-NEXT: tritter.term "cross_entropy" weight 5.000000e-01, %[[L]] : tensor<?x?xf32>
tritter.objective @plain trains @student {
^bb0(%tokens: tensor<?x?xi32>, %targets: tensor<?x?xi32>):
  %s = tritter.apply @student(%tokens) : (tensor<?x?xi32>) -> tensor<?x?x16xf32>
  %l = tritter.cross_entropy %s, %targets : tensor<?x?x16xf32>, tensor<?x?xi32>
  tritter.term "cross_entropy" weight 0.5, %l : tensor<?x?xf32>
}
