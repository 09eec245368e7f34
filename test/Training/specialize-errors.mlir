// RUN: tritter-opt %s --split-input-file --verify-diagnostics --tritter-specialize="batch=2 seq=16"
// RUN: not tritter-opt %s --split-input-file --tritter-specialize="seq=16" 2>&1 | FileCheck %s

// CHECK: batch and seq must be positive, found 0 and 16

// expected-error @below {{has tokens of type 'tensor<3x?xi32>' already, asked for a batch of 2 and a sequence of 16}}
tritter.model @m(%tokens: tensor<3x?xi32>) -> tensor<3x?x8xf32> {
  %e = tritter.param "embed.weight" : tensor<8x8xf32>
  %x = tritter.embedding %tokens, %e : tensor<3x?xi32>, tensor<8x8xf32>
  tritter.yield %x : tensor<3x?x8xf32>
}

// -----

tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  %e = tritter.param "embed.weight" : tensor<8x8xf32>
  %p = tritter.param "positions.weight" : tensor<12x8xf32>
  %x = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<8x8xf32>
  // expected-error @below {{the table has 12 positions, the sequence 16}}
  %y = tritter.position_embedding %x, %p : tensor<?x?x8xf32>, tensor<12x8xf32>
  tritter.yield %y : tensor<?x?x8xf32>
}
