// Norms of the coordinates of each head: heads come again whole and unscaled.
// DEFINE: %{prove} = tritter-opt --tritter-verify-growth | python3 %S/Inputs/evaluate.py | FileCheck %s

// RUN: cat %s | %{prove}
// CHECK: <exact>

// RUN: sed '/block @wid[e]/,/^}/s/eps = 1.0e-2/eps = 2.0e-2/' %s | %{prove} --check-prefix=EPS
// EPS: first_broken = "layers.0.q_norm", reason = "its eps is 0.02, and must be 0.01"

// Scaled queries are normalised again, but for eps.
// RUN: sed 's/by <8 from 0, 8 from 0>/by <8 from 0 times 2, 8 from 0 times 2>/' %s | %{prove} --check-prefix=SCALED
// SCALED: first_broken = "layers.0.q_norm", reason = "its input is scaled, which eps does not allow"

// The norm's own weight in another order.
// RUN: sed '/@base "q_norm.weigh[t]"/,/yield/s/growth.yield .s/%g = growth.gather %%s along 0 by <4 from 3 step -1> : tensor<4xf32>\n growth.yield %g/' %s | sed 's/%%/%/' | %{prove} --check-prefix=WEIGHT
// WEIGHT: first_broken = "layers.0.q_norm", reason = "its weights are not the base's"

tritter.block @plain(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %wq = tritter.param "q.weight" : tensor<8x8xf32>
  %q = tritter.linear %x, %wq : tensor<?x?x8xf32>, tensor<8x8xf32>
  %q1 = tritter.split_heads %q : tensor<?x?x8xf32> -> tensor<?x?x2x4xf32>
  %gq = tritter.param "q_norm.weight" : tensor<4xf32>
  %q2 = tritter.rms_norm %q1, %gq {eps = 1.0e-2} : tensor<?x?x2x4xf32>, tensor<4xf32>
  %q3 = tritter.rope %q2 {theta = 1.0e4} : tensor<?x?x2x4xf32>
  %wk = tritter.param "k.weight" : tensor<8x8xf32>
  %k = tritter.linear %x, %wk : tensor<?x?x8xf32>, tensor<8x8xf32>
  %k1 = tritter.split_heads %k : tensor<?x?x8xf32> -> tensor<?x?x2x4xf32>
  %gk = tritter.param "k_norm.weight" : tensor<4xf32>
  %bk = tritter.param "k_norm.bias" : tensor<4xf32>
  %k2 = tritter.layer_norm %k1, %gk bias %bk {eps = 1.0e-2} : tensor<?x?x2x4xf32>, tensor<4xf32>, tensor<4xf32>
  %k3 = tritter.rope %k2 {theta = 1.0e4} : tensor<?x?x2x4xf32>
  %a = tritter.attention %q3, %k3, %k1 : tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>, tensor<?x?x2x4xf32>
  %m = tritter.merge_heads %a : tensor<?x?x2x4xf32>
  %wo = tritter.param "o.weight" : tensor<8x8xf32>
  %o = tritter.linear %m, %wo : tensor<?x?x8xf32>, tensor<8x8xf32>
  %y = tritter.add %x, %o : tensor<?x?x8xf32>
  tritter.yield %y : tensor<?x?x8xf32>
}
tritter.model @base(%tokens: tensor<?x?xi32>) -> tensor<?x?x6xf32> {
  %e = tritter.param "embed.weight" : tensor<6x8xf32>
  %h0 = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<6x8xf32>
  %h1 = tritter.layer "layers.0" @plain(%h0) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %l = tritter.linear %h1, %e : tensor<?x?x8xf32>, tensor<6x8xf32>
  tritter.yield %l : tensor<?x?x6xf32>
}

// Two heads become four.
tritter.block @wide(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %wq = tritter.param "q.weight" : tensor<16x8xf32> derives {
    %s = growth.source @base "q.weight" : tensor<8x8xf32>
    %t = growth.gather %s along 0 by <8 from 0, 8 from 0> : tensor<8x8xf32>
    growth.yield %t : tensor<16x8xf32>
  }
  %q = tritter.linear %x, %wq : tensor<?x?x8xf32>, tensor<16x8xf32>
  %q1 = tritter.split_heads %q : tensor<?x?x16xf32> -> tensor<?x?x4x4xf32>
  %gq = tritter.param "q_norm.weight" : tensor<4xf32> derives {
    %s = growth.source @base "q_norm.weight" : tensor<4xf32>
    growth.yield %s : tensor<4xf32>
  }
  %q2 = tritter.rms_norm %q1, %gq {eps = 1.0e-2} : tensor<?x?x4x4xf32>, tensor<4xf32>
  %q3 = tritter.rope %q2 {theta = 1.0e4} : tensor<?x?x4x4xf32>
  %wk = tritter.param "k.weight" : tensor<16x8xf32> derives {
    %s = growth.source @base "k.weight" : tensor<8x8xf32>
    %t = growth.tile %s along 0 times 2 : tensor<8x8xf32>
    growth.yield %t : tensor<16x8xf32>
  }
  %k = tritter.linear %x, %wk : tensor<?x?x8xf32>, tensor<16x8xf32>
  %k1 = tritter.split_heads %k : tensor<?x?x16xf32> -> tensor<?x?x4x4xf32>
  %gk = tritter.param "k_norm.weight" : tensor<4xf32> derives {
    %s = growth.source @base "k_norm.weight" : tensor<4xf32>
    growth.yield %s : tensor<4xf32>
  }
  %bk = tritter.param "k_norm.bias" : tensor<4xf32> derives {
    %s = growth.source @base "k_norm.bias" : tensor<4xf32>
    growth.yield %s : tensor<4xf32>
  }
  %k2 = tritter.layer_norm %k1, %gk bias %bk {eps = 1.0e-2} : tensor<?x?x4x4xf32>, tensor<4xf32>, tensor<4xf32>
  %k3 = tritter.rope %k2 {theta = 1.0e4} : tensor<?x?x4x4xf32>
  %a = tritter.attention %q3, %k3, %k1 : tensor<?x?x4x4xf32>, tensor<?x?x4x4xf32>, tensor<?x?x4x4xf32>
  %m = tritter.merge_heads %a : tensor<?x?x4x4xf32>
  %wo = tritter.param "o.weight" : tensor<8x16xf32> derives {
    %s = growth.source @base "o.weight" : tensor<8x8xf32>
    %t = growth.gather %s along 1 by <8 from 0 times 1/2, 8 zero> : tensor<8x8xf32>
    %u = growth.gather %s along 1 by <8 zero, 8 from 0 times 1/2> : tensor<8x8xf32>
    %v = growth.add %t, %u : tensor<8x16xf32>
    growth.yield %v : tensor<8x16xf32>
  }
  %o = tritter.linear %m, %wo : tensor<?x?x16xf32>, tensor<8x16xf32>
  %y = tritter.add %x, %o : tensor<?x?x8xf32>
  tritter.yield %y : tensor<?x?x8xf32>
}
tritter.model @grown(%tokens: tensor<?x?xi32>) -> tensor<?x?x6xf32> {
  %e = tritter.param "embed.weight" : tensor<6x8xf32> derives {
    %s = growth.source @base "embed.weight" : tensor<6x8xf32>
    growth.yield %s : tensor<6x8xf32>
  }
  %h0 = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<6x8xf32>
  %h1 = tritter.layer "layers.0" @wide(%h0) from "layers.0" : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %l = tritter.linear %h1, %e : tensor<?x?x8xf32>, tensor<6x8xf32>
  tritter.yield %l : tensor<?x?x6xf32>
}
