// Layers 0-2, then 1-3: the second layer 1 reads what layer 2 made.
// DEFINE: %{prove} = tritter-opt --tritter-elaborate --tritter-verify-growth | python3 %S/Inputs/evaluate.py | FileCheck %s

// RUN: cat %s | %{prove}
// CHECK: <"not-preserved", first_broken = "layers.3 (old layers.1)", reason = "reads old layers.2's output, was layers.0's">

tritter.decoder @base {layers = 4, hidden = 4, heads = 2, kv_heads = 1, head_dim = 2, intermediate = 4, vocab = 8}

tritter.block @kept(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %g1 = tritter.param "attn_norm.weight" : tensor<4xf32> derives {
    %s = growth.source @base "attn_norm.weight" : tensor<4xf32>
    growth.yield %s : tensor<4xf32>
  }
  %n1 = tritter.rms_norm %x, %g1 {eps = 1.0e-5} : tensor<?x?x4xf32>, tensor<4xf32>
  %wq = tritter.param "attn.q.weight" : tensor<4x4xf32> derives {
    %s = growth.source @base "attn.q.weight" : tensor<4x4xf32>
    growth.yield %s : tensor<4x4xf32>
  }
  %q = tritter.linear %n1, %wq : tensor<?x?x4xf32>, tensor<4x4xf32>
  %q1 = tritter.split_heads %q : tensor<?x?x4xf32> -> tensor<?x?x2x2xf32>
  %q2 = tritter.rope %q1 {theta = 1.0e4} : tensor<?x?x2x2xf32>
  %wk = tritter.param "attn.k.weight" : tensor<2x4xf32> derives {
    %s = growth.source @base "attn.k.weight" : tensor<2x4xf32>
    growth.yield %s : tensor<2x4xf32>
  }
  %k = tritter.linear %n1, %wk : tensor<?x?x4xf32>, tensor<2x4xf32>
  %k1 = tritter.split_heads %k : tensor<?x?x2xf32> -> tensor<?x?x1x2xf32>
  %k2 = tritter.rope %k1 {theta = 1.0e4} : tensor<?x?x1x2xf32>
  %wv = tritter.param "attn.v.weight" : tensor<2x4xf32> derives {
    %s = growth.source @base "attn.v.weight" : tensor<2x4xf32>
    growth.yield %s : tensor<2x4xf32>
  }
  %v = tritter.linear %n1, %wv : tensor<?x?x4xf32>, tensor<2x4xf32>
  %v1 = tritter.split_heads %v : tensor<?x?x2xf32> -> tensor<?x?x1x2xf32>
  %a = tritter.attention %q2, %k2, %v1 : tensor<?x?x2x2xf32>, tensor<?x?x1x2xf32>, tensor<?x?x1x2xf32>
  %m = tritter.merge_heads %a : tensor<?x?x2x2xf32>
  %wo = tritter.param "attn.o.weight" : tensor<4x4xf32> derives {
    %s = growth.source @base "attn.o.weight" : tensor<4x4xf32>
    growth.yield %s : tensor<4x4xf32>
  }
  %o = tritter.linear %m, %wo : tensor<?x?x4xf32>, tensor<4x4xf32>
  %y = tritter.add %x, %o : tensor<?x?x4xf32>
  %g2 = tritter.param "mlp_norm.weight" : tensor<4xf32> derives {
    %s = growth.source @base "mlp_norm.weight" : tensor<4xf32>
    growth.yield %s : tensor<4xf32>
  }
  %n2 = tritter.rms_norm %y, %g2 {eps = 1.0e-5} : tensor<?x?x4xf32>, tensor<4xf32>
  %wg = tritter.param "mlp.gate.weight" : tensor<4x4xf32> derives {
    %s = growth.source @base "mlp.gate.weight" : tensor<4x4xf32>
    growth.yield %s : tensor<4x4xf32>
  }
  %g = tritter.linear %n2, %wg : tensor<?x?x4xf32>, tensor<4x4xf32>
  %s1 = tritter.activation silu %g : tensor<?x?x4xf32>
  %wu = tritter.param "mlp.up.weight" : tensor<4x4xf32> derives {
    %s = growth.source @base "mlp.up.weight" : tensor<4x4xf32>
    growth.yield %s : tensor<4x4xf32>
  }
  %u = tritter.linear %n2, %wu : tensor<?x?x4xf32>, tensor<4x4xf32>
  %p = tritter.mul %s1, %u : tensor<?x?x4xf32>
  %wd = tritter.param "mlp.down.weight" : tensor<4x4xf32> derives {
    %s = growth.source @base "mlp.down.weight" : tensor<4x4xf32>
    growth.yield %s : tensor<4x4xf32>
  }
  %d = tritter.linear %p, %wd : tensor<?x?x4xf32>, tensor<4x4xf32>
  %z = tritter.add %y, %d : tensor<?x?x4xf32>
  tritter.yield %z : tensor<?x?x4xf32>
}

tritter.model @grown(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
  %e = tritter.param "embed.weight" : tensor<8x4xf32> derives {
    %s = growth.source @base "embed.weight" : tensor<8x4xf32>
    growth.yield %s : tensor<8x4xf32>
  }
  %h0 = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<8x4xf32>
  %h1 = tritter.layer "layers.0" @kept(%h0) from "layers.0" : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %h2 = tritter.layer "layers.1" @kept(%h1) from "layers.1" : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %h3 = tritter.layer "layers.2" @kept(%h2) from "layers.2" : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %h4 = tritter.layer "layers.3" @kept(%h3) from "layers.1" : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %h5 = tritter.layer "layers.4" @kept(%h4) from "layers.2" : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %h6 = tritter.layer "layers.5" @kept(%h5) from "layers.3" : (tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  %gf = tritter.param "final_norm.weight" : tensor<4xf32> derives {
    %s = growth.source @base "final_norm.weight" : tensor<4xf32>
    growth.yield %s : tensor<4xf32>
  }
  %n = tritter.rms_norm %h6, %gf {eps = 1.0e-5} : tensor<?x?x4xf32>, tensor<4xf32>
  %w = tritter.param "head.weight" : tensor<8x4xf32> derives {
    %s = growth.source @base "head.weight" : tensor<8x4xf32>
    growth.yield %s : tensor<8x4xf32>
  }
  %l = tritter.linear %n, %w : tensor<?x?x4xf32>, tensor<8x4xf32>
  tritter.yield %l : tensor<?x?x8xf32>
}
