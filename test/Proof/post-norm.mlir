// A block that normalises the stream itself is never an identity: a copy of it that adds nothing normalises once more.
// A copy whose norm is left out is one.
// DEFINE: %{prove} = tritter-opt --tritter-verify-growth | python3 %S/Inputs/evaluate.py | FileCheck %s

// RUN: cat %s | %{prove}
// CHECK: <"not-preserved", first_broken = "layers.1.norm", reason = "an inserted layer must pass its input on, and this changes it">

// RUN: sed -e '/"layers.1"/d' -e 's/%h2,/%h1,/' %s | %{prove} --check-prefix=COPY
// COPY: <exact, bitwise>

// RUN: sed '/tritter.block @ne[w]/,/^}/s/yield %z/yield %y/' %s | %{prove} --check-prefix=COPY

tritter.block @plain(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = tritter.param "up.weight" : tensor<4x4xf32>
  %u = tritter.linear %x, %w : tensor<?x?x4xf32>, tensor<4x4xf32>
  %a = tritter.activation squared_relu %u : tensor<?x?x4xf32>
  %v = tritter.param "down.weight" : tensor<4x4xf32>
  %d = tritter.linear %a, %v : tensor<?x?x4xf32>, tensor<4x4xf32>
  %y = tritter.add %x, %d : tensor<?x?x4xf32>
  %g = tritter.param "norm.weight" : tensor<4xf32>
  %z = tritter.layer_norm %y, %g {eps = 1.0e-5} : tensor<?x?x4xf32>, tensor<4xf32>
  tritter.yield %z : tensor<?x?x4xf32>
}
tritter.model @base(%tokens: tensor<?x?xi32>) -> tensor<?x?x6xf32> {
  %e = tritter.param "embed.weight" : tensor<6x4xf32>
  %h0 = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<6x4xf32>
  %h1 = tritter.layer "layers.0" @plain(%h0) : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %l = tritter.linear %h1, %e : tensor<?x?x4xf32>, tensor<6x4xf32>
  tritter.yield %l : tensor<?x?x6xf32>
}

tritter.block @kept(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = tritter.param "up.weight" : tensor<4x4xf32> derives {
    %s = growth.source @base "up.weight" : tensor<4x4xf32>
    growth.yield %s : tensor<4x4xf32>
  }
  %u = tritter.linear %x, %w : tensor<?x?x4xf32>, tensor<4x4xf32>
  %a = tritter.activation squared_relu %u : tensor<?x?x4xf32>
  %v = tritter.param "down.weight" : tensor<4x4xf32> derives {
    %s = growth.source @base "down.weight" : tensor<4x4xf32>
    growth.yield %s : tensor<4x4xf32>
  }
  %d = tritter.linear %a, %v : tensor<?x?x4xf32>, tensor<4x4xf32>
  %y = tritter.add %x, %d : tensor<?x?x4xf32>
  %g = tritter.param "norm.weight" : tensor<4xf32> derives {
    %s = growth.source @base "norm.weight" : tensor<4xf32>
    growth.yield %s : tensor<4xf32>
  }
  %z = tritter.layer_norm %y, %g {eps = 1.0e-5} : tensor<?x?x4xf32>, tensor<4xf32>
  tritter.yield %z : tensor<?x?x4xf32>
}
tritter.block @new(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = tritter.param "up.weight" : tensor<4x4xf32> derives {
    %s = growth.source @base "up.weight" : tensor<4x4xf32>
    growth.yield %s : tensor<4x4xf32>
  }
  %u = tritter.linear %x, %w : tensor<?x?x4xf32>, tensor<4x4xf32>
  %a = tritter.activation squared_relu %u : tensor<?x?x4xf32>
  %v = tritter.param "down.weight" : tensor<4x4xf32> derives {
    %s = growth.zero : tensor<4x4xf32>
    growth.yield %s : tensor<4x4xf32>
  }
  %d = tritter.linear %a, %v : tensor<?x?x4xf32>, tensor<4x4xf32>
  %y = tritter.add %x, %d : tensor<?x?x4xf32>
  %g = tritter.param "norm.weight" : tensor<4xf32> derives {
    %s = growth.source @base "norm.weight" : tensor<4xf32>
    growth.yield %s : tensor<4xf32>
  }
  %z = tritter.layer_norm %y, %g {eps = 1.0e-5} : tensor<?x?x4xf32>, tensor<4xf32>
  tritter.yield %z : tensor<?x?x4xf32>
}
tritter.model @grown(%tokens: tensor<?x?xi32>) -> tensor<?x?x6xf32> {
  %e = tritter.param "embed.weight" : tensor<6x4xf32> derives {
    %s = growth.source @base "embed.weight" : tensor<6x4xf32>
    growth.yield %s : tensor<6x4xf32>
  }
  %h0 = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<6x4xf32>
  %h1 = tritter.layer "layers.0" @kept(%h0) from "layers.0" : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %h2 = tritter.layer "layers.1" @new(%h1) from "layers.0" {added = 1} : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %l = tritter.linear %h2, %e : tensor<?x?x4xf32>, tensor<6x4xf32>
  tritter.yield %l : tensor<?x?x6xf32>
}
