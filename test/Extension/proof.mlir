// The proof follows operations of the test dialect, one of them with two results.

// RUN: tritter-test-opt %S/Inputs/model.mlir --tritter-depth-upscale="strategy=llama-pro layers=4" --growth-normalise --tritter-verify-growth | FileCheck %s
// CHECK: #growth.proof<exact, bitwise

// RUN: split-file %s %t
// RUN: tritter-test-opt %t/shift.mlir --tritter-verify-growth 2>&1 | FileCheck %s --check-prefix=SHIFT
// SHIFT: not-preserved: first broken at affine.gain: its gain or shift is not the base's

//--- shift.mlir
tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  %table = tritter.param "embed.weight" : tensor<8x8xf32>
  %gain = tritter.param "affine.gain" : tensor<8xf32>
  %x = tritter.embedding %tokens, %table : tensor<?x?xi32>, tensor<8x8xf32>
  %y = test.affine %x, %gain {shift = 0.25} : tensor<?x?x8xf32>, tensor<8xf32>
  tritter.yield %y : tensor<?x?x8xf32>
}
tritter.model @grown(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  %table = tritter.param "embed.weight" : tensor<8x8xf32> derives {
    %s = growth.source @m "embed.weight" : tensor<8x8xf32>
    growth.yield %s : tensor<8x8xf32>
  }
  %gain = tritter.param "affine.gain" : tensor<8xf32> derives {
    %s = growth.source @m "affine.gain" : tensor<8xf32>
    growth.yield %s : tensor<8xf32>
  }
  %x = tritter.embedding %tokens, %table : tensor<?x?xi32>, tensor<8x8xf32>
  %y = test.affine %x, %gain {shift = 0.5} : tensor<?x?x8xf32>, tensor<8xf32>
  tritter.yield %y : tensor<?x?x8xf32>
}
