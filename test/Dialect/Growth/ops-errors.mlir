// RUN: tritter-opt %s --split-input-file --verify-diagnostics

tritter.block @b(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = tritter.param "w" : tensor<4x4xf32> derives {
    %s = growth.source @base "w" : tensor<4x4xf32>
    // expected-error @below {{the map reads coordinate 4 of an axis of 4}}
    %g = growth.gather %s along 1 by <4 from 1> : tensor<4x4xf32>
    growth.yield %g : tensor<4x4xf32>
  }
  tritter.yield %x : tensor<?x?x4xf32>
}

// -----

tritter.block @b(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = tritter.param "w" : tensor<4x4xf32> derives {
    %s = growth.source @base "w" : tensor<4x4xf32>
    // expected-error @below {{axis must be one of the 2 of the input, found 2}}
    %g = growth.gather %s along 2 by <4 from 0> : tensor<4x4xf32>
    growth.yield %g : tensor<4x4xf32>
  }
  tritter.yield %x : tensor<?x?x4xf32>
}

// -----

tritter.block @b(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = tritter.param "w" : tensor<4x4xf32> derives {
    %s = growth.source @base "w" : tensor<4x4xf32>
    // expected-error @below {{a run must stay at coordinates of 0 or more, found 4 from 2 step -1}}
    %g = growth.gather %s along 1 by <4 from 2 step -1> : tensor<4x4xf32>
    growth.yield %g : tensor<4x4xf32>
  }
  tritter.yield %x : tensor<?x?x4xf32>
}

// -----

tritter.block @b(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = tritter.param "w" : tensor<4x4xf32> derives {
    %s = growth.source @base "w" : tensor<4x4xf32>
    // expected-error @below {{pads to a size of 4 or more, found 3}}
    %g = growth.pad %s along 1 to 3 : tensor<4x4xf32>
    growth.yield %g : tensor<4x4xf32>
  }
  tritter.yield %x : tensor<?x?x4xf32>
}

// -----

tritter.block @b(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = tritter.param "w" : tensor<4x8xf32> derives {
    %s = growth.source @base "w" : tensor<4x4xf32>
    // expected-error @below {{yields 'tensor<4x4xf32>' for a parameter of 'tensor<4x8xf32>'}}
    growth.yield %s : tensor<4x4xf32>
  }
  tritter.yield %x : tensor<?x?x4xf32>
}

// -----

tritter.block @b(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = tritter.param "w" : tensor<4x4xf32> derives {
    // expected-error @below {{reads a tensor of @b, which is no tritter.model}}
    %s = growth.source @b "w" : tensor<4x4xf32>
    growth.yield %s : tensor<4x4xf32>
  }
  tritter.yield %x : tensor<?x?x4xf32>
}

// -----

tritter.block @b(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = tritter.param "w" : tensor<4x4xf32> derives {
    %s = growth.source @base "w" : tensor<4x4xf32>
    // expected-error @below {{expected a fraction, or the square root of a positive one, whose terms fit into 63 bits}}
    %g = growth.scale %s by <1/0> : tensor<4x4xf32>
    growth.yield %g : tensor<4x4xf32>
  }
  tritter.yield %x : tensor<?x?x4xf32>
}
