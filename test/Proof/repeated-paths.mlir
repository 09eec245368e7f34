// Two parameters of one path are refused by the verifier; where it is switched off, the proof refuses them as well,
// because a derivation that reads the path would be taken for either. y = x + outer gelu(inner x).
// DEFINE: %{prove} = tritter-opt --mlir-very-unsafe-disable-verifier-on-parsing --verify-each=false --tritter-verify-growth -o /dev/null
// RUN: cat %s | %{prove} 2>&1 | FileCheck %s
// CHECK: exact, bitwise

// Both called `w`, in the base and in what it was grown to.
// RUN: sed '/^tritter/,$s/"inner"\|"outer"/"w"/' %s > %t.mlir
// RUN: not tritter-opt %t.mlir 2>&1 | FileCheck %s --check-prefix=VERIFIER
// VERIFIER: error: 'tritter.param' op has a path that the block has already, "w"
// RUN: %{prove} %t.mlir 2>&1 | FileCheck %s --check-prefix=BOTH
// BOTH: not-preserved: first broken at layers.0.w: is the path of two parameters of @base

// In the grown model alone.
// RUN: sed '/block @cop[y]/,/^}/s/param "outer"/param "inner"/' %s | %{prove} 2>&1 | FileCheck %s --check-prefix=GROWN
// GROWN: not-preserved: first broken at layers.0.inner: is the path of two parameters of @grown

// A parameter of the base's called as a layer's.
// RUN: sed '/^tritter/,$s/"head"/"layers.0.inner"/' %s | %{prove} 2>&1 | FileCheck %s --check-prefix=MODEL
// MODEL: not-preserved: first broken at layers.0.inner: is the path of two parameters of @base

tritter.block @once(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %inner = tritter.param "inner" : tensor<8x8xf32>
  %i = tritter.linear %x, %inner : tensor<?x?x8xf32>, tensor<8x8xf32>
  %g = tritter.activation gelu %i : tensor<?x?x8xf32>
  %outer = tritter.param "outer" : tensor<8x8xf32>
  %o = tritter.linear %g, %outer : tensor<?x?x8xf32>, tensor<8x8xf32>
  %y = tritter.add %x, %o : tensor<?x?x8xf32>
  tritter.yield %y : tensor<?x?x8xf32>
}
tritter.model @base(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  %t = tritter.param "embed.weight" : tensor<8x8xf32>
  %h0 = tritter.embedding %tokens, %t : tensor<?x?xi32>, tensor<8x8xf32>
  %h1 = tritter.layer "layers.0" @once(%h0) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %w = tritter.param "head" : tensor<8x8xf32>
  %l = tritter.linear %h1, %w : tensor<?x?x8xf32>, tensor<8x8xf32>
  tritter.yield %l : tensor<?x?x8xf32>
}
tritter.block @copy(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %inner = tritter.param "inner" : tensor<8x8xf32> derives {
    %s = growth.source @base "inner" : tensor<8x8xf32>
    growth.yield %s : tensor<8x8xf32>
  }
  %i = tritter.linear %x, %inner : tensor<?x?x8xf32>, tensor<8x8xf32>
  %g = tritter.activation gelu %i : tensor<?x?x8xf32>
  %outer = tritter.param "outer" : tensor<8x8xf32> derives {
    %s = growth.source @base "outer" : tensor<8x8xf32>
    growth.yield %s : tensor<8x8xf32>
  }
  %o = tritter.linear %g, %outer : tensor<?x?x8xf32>, tensor<8x8xf32>
  %y = tritter.add %x, %o : tensor<?x?x8xf32>
  tritter.yield %y : tensor<?x?x8xf32>
}
tritter.model @grown(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  %t = tritter.param "embed.weight" : tensor<8x8xf32> derives {
    %s = growth.source @base "embed.weight" : tensor<8x8xf32>
    growth.yield %s : tensor<8x8xf32>
  }
  %h0 = tritter.embedding %tokens, %t : tensor<?x?xi32>, tensor<8x8xf32>
  %h1 = tritter.layer "layers.0" @copy(%h0) from "layers.0" : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %w = tritter.param "head" : tensor<8x8xf32> derives {
    %s = growth.source @base "head" : tensor<8x8xf32>
    growth.yield %s : tensor<8x8xf32>
  }
  %l = tritter.linear %h1, %w : tensor<?x?x8xf32>, tensor<8x8xf32>
  tritter.yield %l : tensor<?x?x8xf32>
}
