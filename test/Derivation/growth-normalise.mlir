// Derivations fold to sums of terms with one map for each axis.
// RUN: tritter-opt %s --growth-normalise | FileCheck %s

// CHECK-LABEL: tritter.block @example
tritter.block @example(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  // The example of the pass's documentation.
  // CHECK: tritter.param "up.weight"
  // CHECK-NEXT: %[[UP:.*]] = growth.source @base "up.weight" : tensor<4x4xf32>
  // CHECK-NEXT: %[[TWICE:.*]] = growth.gather %[[UP]] along 0 by <4 from 0, 4 from 0> : tensor<4x4xf32>
  // CHECK-NEXT: growth.yield %[[TWICE]] : tensor<8x4xf32>
  %up = tritter.param "up.weight" : tensor<8x4xf32> derives {
    %s = growth.source @base "up.weight" : tensor<4x4xf32>
    %t = growth.tile %s along 0 times 2 : tensor<4x4xf32>
    %h = growth.scale %t by <1/2> : tensor<8x4xf32>
    %d = growth.add %h, %h : tensor<8x4xf32>
    growth.yield %d : tensor<8x4xf32>
  }
  // Maps along one axis compose, coefficients stay exact; scales of all axes meet in the first.
  // CHECK: tritter.param "down.weight"
  // CHECK-NEXT: growth.source
  // CHECK-NEXT: growth.gather %{{.*}} along 0 by <4 from 0 times sqrt(1/3)>
  // CHECK-NEXT: growth.gather %{{.*}} along 1 by <2 from 3 step -1, 4 zero, 2 from 3 step -1>
  // CHECK-NEXT: growth.yield
  %down = tritter.param "down.weight" : tensor<4x8xf32> derives {
    %s = growth.source @base "down.weight" : tensor<4x4xf32>
    %r = growth.gather %s along 1 by <2 from 3 step -1 times sqrt(2/3)> : tensor<4x4xf32>
    %p = growth.pad %r along 1 to 4 : tensor<4x2xf32>
    %g = growth.gather %p along 1 by <4 from 0, 2 from 2, 2 from 0> : tensor<4x4xf32>
    %q = growth.scale %g by <sqrt(1/2)> : tensor<4x8xf32>
    growth.yield %q : tensor<4x8xf32>
  }
  // What cancels is gone; what is equal up to a factor is one term.
  // CHECK: tritter.param "zero.weight"
  // CHECK-NEXT: growth.zero : tensor<4x4xf32>
  // CHECK-NEXT: growth.yield
  %zero = tritter.param "zero.weight" : tensor<4x4xf32> derives {
    %n = growth.normal 0.02 seed 3 : tensor<4x4xf32>
    %m = growth.scale %n by <-1> : tensor<4x4xf32>
    %s = growth.source @base "up.weight" : tensor<4x4xf32>
    %p = growth.scale %s by <0> : tensor<4x4xf32>
    %a = growth.add %n, %m, %p : tensor<4x4xf32>
    growth.yield %a : tensor<4x4xf32>
  }
  // Draws of two streams are two.
  // CHECK: tritter.param "noise"
  // CHECK-NEXT: %[[FIRST:.*]] = growth.normal 2.000000e-02 seed 3 : tensor<4xf32>
  // CHECK-NEXT: %[[SECOND:.*]] = growth.normal 2.000000e-02 seed 3 stream 1 : tensor<4xf32>
  // CHECK-NEXT: %[[MINUS:.*]] = growth.gather %[[SECOND]] along 0 by <4 from 0 times -1>
  // CHECK-NEXT: growth.add %[[FIRST]], %[[MINUS]]
  %noise = tritter.param "noise" : tensor<4xf32> derives {
    %n = growth.normal 0.02 seed 3 : tensor<4xf32>
    %o = growth.normal 0.02 seed 3 stream 1 : tensor<4xf32>
    %m = growth.scale %o by <-1> : tensor<4xf32>
    %a = growth.add %n, %m : tensor<4xf32>
    growth.yield %a : tensor<4xf32>
  }
  %h = tritter.linear %x, %up : tensor<?x?x4xf32>, tensor<8x4xf32>
  %y = tritter.linear %h, %down : tensor<?x?x8xf32>, tensor<4x8xf32>
  %z = tritter.linear %y, %zero bias %noise : tensor<?x?x4xf32>, tensor<4x4xf32>, tensor<4xf32>
  tritter.yield %z : tensor<?x?x4xf32>
}
