// RUN: tritter-opt %s --split-input-file --verify-diagnostics

// source C1
tritter.block @b(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = tritter.param "w" : tensor<4x4xf32> derives {
    // expected-error @below {{reads a tensor of @b, which is no tritter.model}}
    %s = growth.source @b "w" : tensor<4x4xf32>
    growth.yield %s : tensor<4x4xf32>
  }
  tritter.yield %x : tensor<?x?x4xf32>
}

// -----

// gather C1
%w = tritter.param "w" : tensor<4x4xf32> derives {
  %s = growth.source @base "w" : tensor<?x4xf32>
  // expected-error @below {{needs a static shape, found 'tensor<?x4xf32>'}}
  %g = growth.gather %s along 1 by <4 from 0> : tensor<?x4xf32>
  growth.yield %s : tensor<?x4xf32>
}

// -----

// gather C2
%w = tritter.param "w" : tensor<4x4xf32> derives {
  %s = growth.source @base "w" : tensor<4x4xf32>
  // expected-error @below {{axis must be one of the 2 of the input, found 2}}
  %g = growth.gather %s along 2 by <4 from 0> : tensor<4x4xf32>
  growth.yield %s : tensor<4x4xf32>
}

// -----

// gather C2
%w = tritter.param "w" : tensor<4x4xf32> derives {
  %s = growth.source @base "w" : tensor<4x4xf32>
  // expected-error @below {{axis must be one of the 2 of the input, found -1}}
  %g = growth.gather %s along -1 by <4 from 0> : tensor<4x4xf32>
  growth.yield %s : tensor<4x4xf32>
}

// -----

// pad C1
%w = tritter.param "w" : tensor<4x4xf32> derives {
  %s = growth.source @base "w" : tensor<?x4xf32>
  // expected-error @below {{needs a static shape, found 'tensor<?x4xf32>'}}
  %g = growth.pad %s along 1 to 4 : tensor<?x4xf32>
  growth.yield %s : tensor<?x4xf32>
}

// -----

// pad C2
%w = tritter.param "w" : tensor<4x4xf32> derives {
  %s = growth.source @base "w" : tensor<4x4xf32>
  // expected-error @below {{axis must be one of the 2 of the input, found 2}}
  %g = growth.pad %s along 2 to 4 : tensor<4x4xf32>
  growth.yield %s : tensor<4x4xf32>
}

// -----

// pad C2
%w = tritter.param "w" : tensor<4x4xf32> derives {
  %s = growth.source @base "w" : tensor<4x4xf32>
  // expected-error @below {{axis must be one of the 2 of the input, found -1}}
  %g = growth.pad %s along -1 to 4 : tensor<4x4xf32>
  growth.yield %s : tensor<4x4xf32>
}

// -----

// tile C1
%w = tritter.param "w" : tensor<4x4xf32> derives {
  %s = growth.source @base "w" : tensor<?x4xf32>
  // expected-error @below {{needs a static shape, found 'tensor<?x4xf32>'}}
  %g = growth.tile %s along 1 times 1 : tensor<?x4xf32>
  growth.yield %s : tensor<?x4xf32>
}

// -----

// tile C2
%w = tritter.param "w" : tensor<4x4xf32> derives {
  %s = growth.source @base "w" : tensor<4x4xf32>
  // expected-error @below {{axis must be one of the 2 of the input, found 2}}
  %g = growth.tile %s along 2 times 1 : tensor<4x4xf32>
  growth.yield %s : tensor<4x4xf32>
}

// -----

// tile C2
%w = tritter.param "w" : tensor<4x4xf32> derives {
  %s = growth.source @base "w" : tensor<4x4xf32>
  // expected-error @below {{axis must be one of the 2 of the input, found -1}}
  %g = growth.tile %s along -1 times 1 : tensor<4x4xf32>
  growth.yield %s : tensor<4x4xf32>
}

// -----

// gather C3
%w = tritter.param "w" : tensor<4x4xf32> derives {
  %s = growth.source @base "w" : tensor<4x4xf32>
  // expected-error @below {{the map reads coordinate 4 of an axis of 4}}
  %g = growth.gather %s along 1 by <4 from 1> : tensor<4x4xf32>
  growth.yield %s : tensor<4x4xf32>
}

// -----

// gather C3
%w = tritter.param "w" : tensor<4x4xf32> derives {
  %s = growth.source @base "w" : tensor<4x4xf32>
  // expected-error @below {{the map reads coordinate 4 of an axis of 4}}
  %g = growth.gather %s along 1 by <4 from 4 step -1> : tensor<4x4xf32>
  growth.yield %s : tensor<4x4xf32>
}

// -----

// pad C3
%w = tritter.param "w" : tensor<4x4xf32> derives {
  %s = growth.source @base "w" : tensor<4x4xf32>
  // expected-error @below {{pads to a size of 4 or more, found 3}}
  %g = growth.pad %s along 1 to 3 : tensor<4x4xf32>
  growth.yield %s : tensor<4x4xf32>
}

// -----

// tile C3
%w = tritter.param "w" : tensor<4x4xf32> derives {
  %s = growth.source @base "w" : tensor<4x4xf32>
  // expected-error @below {{needs a positive number of times, found 0}}
  %g = growth.tile %s along 1 times 0 : tensor<4x4xf32>
  growth.yield %s : tensor<4x4xf32>
}

// -----

// tile C4
%w = tritter.param "w" : tensor<4x4xf32> derives {
  %s = growth.source @base "w" : tensor<4x4611686018427387904xf32>
  // expected-error @below {{needs a result of less than 2^63 coordinates, found 65536 times 4611686018427387904}}
  %g = growth.tile %s along 1 times 65536 : tensor<4x4611686018427387904xf32>
  growth.yield %s : tensor<4x4xf32>
}

// -----

%w = tritter.param "w" : tensor<4x4xf32> derives {
  %s = growth.source @base "w" : tensor<4x4xf32>
  // expected-error @below {{expected 1 or more operands, but found 0}}
  %g = "growth.add"() : () -> tensor<4x4xf32>
  growth.yield %s : tensor<4x4xf32>
}

// -----

// yield C1
%w = tritter.param "w" : tensor<4x8xf32> derives {
  %s = growth.source @base "w" : tensor<4x4xf32>
  // expected-error @below {{yields 'tensor<4x4xf32>' for a parameter of 'tensor<4x8xf32>'}}
  growth.yield %s : tensor<4x4xf32>
}

// -----

// map C1
// expected-error @below {{a run needs a positive number of coordinates, found 0}}
#map = #growth.map<0 from 0>

// -----

// map C1
// expected-error @below {{a run needs a positive number of coordinates, found -1}}
#map = #growth.map<4 from 0, -1 zero>

// -----

// map C2
// expected-error @below {{the runs must have less than 2^63 coordinates together}}
#map = #growth.map<9223372036854775807 zero, 1 zero>

// -----

// map C3
// expected-error @below {{a run must stay at coordinates of 0 or more, found 4 from 2 step -1}}
#map = #growth.map<4 from 2 step -1>

// -----

// map C3
// expected-error @below {{a run must stay at coordinates of 0 or more, found 4 from -1 step 1}}
#map = #growth.map<4 from -1>

// -----

// map C3
// expected-error @below {{a run must stay at coordinates of 0 or more, found 3 from 0 step 9223372036854775807}}
#map = #growth.map<3 from 0 step 9223372036854775807>

// -----

// coefficient C1
// expected-error @below {{expected a fraction, or the square root of a positive one, whose terms fit into 63 bits}}
#c = #growth.coefficient<1/0>

// -----

// coefficient C1
// expected-error @below {{expected a fraction, or the square root of a positive one, whose terms fit into 63 bits}}
#c = #growth.coefficient<sqrt(-2)>

// -----

// coefficient C1
// expected-error @below {{expected a fraction, or the square root of a positive one, whose terms fit into 63 bits}}
#c = #growth.coefficient<9223372036854775807*sqrt(4)>

// -----

// constant C1
%w = tritter.param "w" : tensor<4xf32> derives {
  // expected-error @below {{needs a number, found 0x7FF8000000000000 : f64}}
  %c = growth.constant 0x7FF8000000000000 : tensor<4xf32>
  growth.yield %c : tensor<4xf32>
}

// -----

// normal C1
%w = tritter.param "w" : tensor<4xf32> derives {
  // expected-error @below {{needs a standard deviation that is finite and not negative, found 0x7FF0000000000000 : f64}}
  %n = growth.normal 0x7FF0000000000000 seed 1 : tensor<4xf32>
  growth.yield %n : tensor<4xf32>
}

// -----

// tile C5
%w = tritter.param "w" : tensor<65537xf32> derives {
  %s = growth.source @base "w" : tensor<1xf32>
  // expected-error @below {{repeats an axis 65536 times at most, found 65537}}
  %t = growth.tile %s along 0 times 65537 : tensor<1xf32>
  growth.yield %t : tensor<65537xf32>
}
