// Derivations print as they parse, and infer their shapes.
// RUN: tritter-opt %s | tritter-opt | FileCheck %s

// CHECK-LABEL: tritter.block @grown
tritter.block @grown(%x: tensor<?x?x6xf32>) -> tensor<?x?x6xf32> {
  // CHECK: tritter.param "down.weight" : tensor<6x8xf32> derives
  %w = tritter.param "down.weight" : tensor<6x8xf32> derives {
    // CHECK-NEXT: %[[SOURCE:.*]] = growth.source @base "down.weight" : tensor<4x4xf32>
    %s = growth.source @base "down.weight" : tensor<4x4xf32>
    // CHECK-NEXT: growth.gather %[[SOURCE]] along 1 by <2 from 0 step 0 times 1/2, 3 from 3 step -1 times -sqrt(2/3), 1 zero, 2 mean times 2> : tensor<4x4xf32>
    %g = growth.gather %s along 1 by <2 from 0 step 0 times 2/4, 3 from 3 step -1 times -1/3*sqrt(6), 1 from 0 times 0, 2 mean times 2> : tensor<4x4xf32>
    // CHECK-NEXT: growth.pad %{{.*}} along 0 to 6 : tensor<4x8xf32>
    %p = growth.pad %g along 0 to 6 : tensor<4x8xf32>
    // CHECK-NEXT: growth.tile %[[SOURCE]] along 1 times 2 : tensor<4x4xf32>
    %t = growth.tile %s along 1 times 2 : tensor<4x4xf32>
    // CHECK-NEXT: growth.pad %{{.*}} along 0 to 6 : tensor<4x8xf32>
    %u = growth.pad %t along 0 to 6 : tensor<4x8xf32>
    // CHECK-NEXT: growth.normal 2.000000e-02 seed 7 : tensor<6x8xf32>
    %n = growth.normal 0.02 seed 7 : tensor<6x8xf32>
    // CHECK-NEXT: growth.scale %{{.*}} by <-1> : tensor<6x8xf32>
    %m = growth.scale %n by <-1> : tensor<6x8xf32>
    // CHECK-NEXT: growth.normal 1.000000e+00 seed 7 stream 2 : tensor<6x8xf32>
    %o = growth.normal 1.0 seed 7 stream 2 : tensor<6x8xf32>
    // CHECK-NEXT: growth.zero : tensor<6x8xf32>
    %z = growth.zero : tensor<6x8xf32>
    // CHECK-NEXT: growth.constant 1.000000e+00 : tensor<6x8xf32>
    %c = growth.constant 1.0 : tensor<6x8xf32>
    // CHECK-NEXT: growth.add
    %a = growth.add %p, %u, %m, %o, %z, %c : tensor<6x8xf32>
    // CHECK-NEXT: growth.yield
    growth.yield %a : tensor<6x8xf32>
  }
  tritter.yield %x : tensor<?x?x6xf32>
}
