// What changes nothing folds away.
// RUN: tritter-opt %s --canonicalize | FileCheck %s

// CHECK-LABEL: tritter.block @grown
tritter.block @grown(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = tritter.param "w" : tensor<4x4xf32> derives {
    // CHECK: %[[SOURCE:.*]] = growth.source
    // CHECK-NEXT: growth.yield %[[SOURCE]]
    %s = growth.source @base "w" : tensor<4x4xf32>
    %g = growth.gather %s along 1 by <2 from 0, 1 from 2 step 5, 1 from 3> : tensor<4x4xf32>
    %p = growth.pad %g along 0 to 4 : tensor<4x4xf32>
    %t = growth.tile %p along 1 times 1 : tensor<4x4xf32>
    %m = growth.scale %t by <1> : tensor<4x4xf32>
    %a = growth.add %m : tensor<4x4xf32>
    growth.yield %a : tensor<4x4xf32>
  }
  // A map that reorders, leaves out or scales stays.
  %v = tritter.param "v" : tensor<4xf32> derives {
    // CHECK: growth.gather
    // CHECK-NEXT: growth.yield
    %s = growth.source @base "v" : tensor<4xf32>
    %g = growth.gather %s along 0 by <2 from 2, 2 from 0> : tensor<4xf32>
    growth.yield %g : tensor<4xf32>
  }
  %y = tritter.linear %x, %w bias %v : tensor<?x?x4xf32>, tensor<4x4xf32>, tensor<4xf32>
  tritter.yield %y : tensor<?x?x4xf32>
}
