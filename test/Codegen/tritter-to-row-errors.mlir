// RUN: tritter-opt %s --split-input-file --tritter-to-row --verify-diagnostics

tritter.program @evaluate(%x: tensor<?x4xf32>) -> tensor<?x4xf32> attributes {names = ["x", "y"]} {
  // expected-error @below {{needs a static shape to become a kernel; run --tritter-specialize first}}
  %y = tritter.add %x, %x : tensor<?x4xf32>
  tritter.yield %y : tensor<?x4xf32>
}

// -----

// The sum has a static shape, what it sums has none.
tritter.program @evaluate(%x: tensor<?x4xf32>) -> tensor<f32> attributes {names = ["x", "y"]} {
  // expected-error @below {{needs a static shape to become a kernel; run --tritter-specialize first}}
  %y = tritter.mean %x : tensor<?x4xf32>
  tritter.yield %y : tensor<f32>
}
