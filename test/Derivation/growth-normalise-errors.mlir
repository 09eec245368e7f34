// RUN: tritter-opt %s --split-input-file --growth-normalise --verify-diagnostics

tritter.block @b(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  // expected-error @below {{'growth.scale' has no exact normal form: a coefficient exceeds 63 bits}}
  %w = tritter.param "w" : tensor<4x4xf32> derives {
    %s = growth.source @base "w" : tensor<4x4xf32>
    %g = growth.scale %s by <9223372036854775807> : tensor<4x4xf32>
    %h = growth.scale %g by <3> : tensor<4x4xf32>
    growth.yield %h : tensor<4x4xf32>
  }
  tritter.yield %x : tensor<?x?x4xf32>
}

// -----

tritter.block @b(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  // expected-error @below {{'growth.gather' has no exact normal form: a coefficient exceeds 63 bits, or a mean is taken of unequal coordinates}}
  %w = tritter.param "w" : tensor<5xf32> derives {
    %s = growth.source @base "w" : tensor<4xf32>
    %g = growth.gather %s along 0 by <4 from 0, 2 from 1> : tensor<4xf32>
    %h = growth.gather %g along 0 by <4 from 0, 1 mean> : tensor<6xf32>
    growth.yield %h : tensor<5xf32>
  }
  tritter.yield %x : tensor<?x?x4xf32>
}

// -----

tritter.model @base(%tokens: tensor<?x?xi32>) -> tensor<?x?x6xf32> {
  %e = tritter.param "embed.weight" : tensor<6x4xf32>
  %h = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<6x4xf32>
  %l = tritter.linear %h, %e : tensor<?x?x4xf32>, tensor<6x4xf32>
  tritter.yield %l : tensor<?x?x6xf32>
}
tritter.model @second(%tokens: tensor<?x?xi32>) -> tensor<?x?x6xf32> {
  %e = tritter.param "embed.weight" : tensor<6x4xf32> derives {
    %s = growth.source @base "embed.weight" : tensor<6x4xf32>
    %n = growth.normal 0.5 seed 1 : tensor<6x4xf32>
    %a = growth.add %s, %n : tensor<6x4xf32>
    growth.yield %a : tensor<6x4xf32>
  }
  %h = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<6x4xf32>
  %l = tritter.linear %h, %e : tensor<?x?x4xf32>, tensor<6x4xf32>
  tritter.yield %l : tensor<?x?x6xf32>
}
tritter.model @third(%tokens: tensor<?x?xi32>) -> tensor<?x?x6xf32> {
  // expected-error @below {{derives from random draws of @second, which are told apart by its paths: write @second out first}}
  %e = tritter.param "embed.weight" : tensor<6x4xf32> derives {
    %s = growth.source @second "embed.weight" : tensor<6x4xf32>
    growth.yield %s : tensor<6x4xf32>
  }
  %h = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<6x4xf32>
  %l = tritter.linear %h, %e : tensor<?x?x4xf32>, tensor<6x4xf32>
  tritter.yield %l : tensor<?x?x6xf32>
}

// -----

tritter.model @base(%tokens: tensor<?x?xi32>) -> tensor<?x?x6xf32> {
  %e = tritter.param "embed.weight" : tensor<6x4xf32>
  %h = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<6x4xf32>
  %l = tritter.linear %h, %e : tensor<?x?x4xf32>, tensor<6x4xf32>
  tritter.yield %l : tensor<?x?x6xf32>
}
tritter.model @second(%tokens: tensor<?x?xi32>) -> tensor<?x?x6xf32> {
  %e = tritter.param "embed.weight" : tensor<6x4xf32> derives {
    %s = growth.source @base "embed.weight" : tensor<6x4xf32>
    growth.yield %s : tensor<6x4xf32>
  }
  %w = tritter.param "head.weight" : tensor<6x4xf32>
  %h = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<6x4xf32>
  %l = tritter.linear %h, %w : tensor<?x?x4xf32>, tensor<6x4xf32>
  tritter.yield %l : tensor<?x?x6xf32>
}
tritter.model @third(%tokens: tensor<?x?xi32>) -> tensor<?x?x6xf32> {
  // expected-error @below {{derives from "head.weight" of @second, which has no derivation itself}}
  %e = tritter.param "embed.weight" : tensor<6x4xf32> derives {
    %s = growth.source @second "head.weight" : tensor<6x4xf32>
    growth.yield %s : tensor<6x4xf32>
  }
  %h = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<6x4xf32>
  %l = tritter.linear %h, %e : tensor<?x?x4xf32>, tensor<6x4xf32>
  tritter.yield %l : tensor<?x?x6xf32>
}
