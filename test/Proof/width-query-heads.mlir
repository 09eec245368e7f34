// Query heads copied inside their group, keys and values as they were.
// DEFINE: %{prove} = tritter-opt --tritter-elaborate --tritter-verify-growth | python3 %S/Inputs/evaluate.py | FileCheck %s

// RUN: cat %s | %{prove}
// CHECK: <exact>

// The heads as a whole twice: half of them read the wrong group.
// RUN: sed -e 's/4 from 0, 4 from 0, 4 from 4, 4 from 4>/8 from 0, 8 from 0>/' -e 's/4 from 0 times 1.2, 4 from 0 times 1.2, 4 from 4 times 1.2, 4 from 4 times 1.2/8 from 0 times 1\/2, 8 from 0 times 1\/2/' %s | %{prove} --check-prefix=TILED
// TILED: first_broken = "layers.0.attention", reason = "query head 2 is the base's head 2, which reads group 1, but reads the base's group 0"

// New heads of random queries, whose outputs nothing reads.
// RUN: sed -e 's/4 from 0, 4 from 0, 4 from 4, 4 from 4>/4 from 0, 4 zero, 4 from 4, 4 zero>/' -e 's/4 from 0 times 1.2, 4 from 0 times 1.2, 4 from 4 times 1.2, 4 from 4 times 1.2/4 from 0, 4 zero, 4 from 4, 4 zero/' %s | %{prove}

// A scale of the scores, or an eps, that misses the base's by its last bit is a number that was rounded.
// DEFINE: %{scaled} = tritter-opt %s --tritter-elaborate | sed 's/\(tritter.attention .*\) : tensor<.x.x4x2x/\1 {scale = 0.5 : f64} : tensor<?x?x4x2x/'
// RUN: %{scaled} | sed 's/\(tritter.attention .*\) : tensor<.x.x8x2x/\1 {scale = 0.5 : f64} : tensor<?x?x8x2x/' | %{prove}
// RUN: %{scaled} | sed 's/\(tritter.attention .*\) : tensor<.x.x8x2x/\1 {scale = 0.5000000000000001 : f64} : tensor<?x?x8x2x/' | %{prove} --check-prefix=LAST
// RUN: sed '/block @wid[e]/,/^}/s/eps = 1.0e-5/eps = 1.0000000000000002e-5/' %s | %{prove} --check-prefix=LAST
// LAST: <rounding, within = 6.0e-08>

tritter.decoder @base {layers = 1, hidden = 8, heads = 4, kv_heads = 2, head_dim = 2, intermediate = 6, vocab = 16}

tritter.block @wide(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %g1 = tritter.param "attn_norm.weight" : tensor<8xf32> derives {
    %s = growth.source @base "attn_norm.weight" : tensor<8xf32>
    growth.yield %s : tensor<8xf32>
  }
  %n1 = tritter.rms_norm %x, %g1 {eps = 1.0e-5} : tensor<?x?x8xf32>, tensor<8xf32>
  %wq = tritter.param "attn.q.weight" : tensor<16x8xf32> derives {
    %s = growth.source @base "attn.q.weight" : tensor<8x8xf32>
    %t0 = growth.gather %s along 0 by <4 from 0, 4 from 0, 4 from 4, 4 from 4> : tensor<8x8xf32>
    growth.yield %t0 : tensor<16x8xf32>
  }
  %q = tritter.linear %n1, %wq : tensor<?x?x8xf32>, tensor<16x8xf32>
  %q1 = tritter.split_heads %q : tensor<?x?x16xf32> -> tensor<?x?x8x2xf32>
  %q2 = tritter.rope %q1 {theta = 1.0e4} : tensor<?x?x8x2xf32>
  %wk = tritter.param "attn.k.weight" : tensor<4x8xf32> derives {
    %s = growth.source @base "attn.k.weight" : tensor<4x8xf32>
    growth.yield %s : tensor<4x8xf32>
  }
  %k = tritter.linear %n1, %wk : tensor<?x?x8xf32>, tensor<4x8xf32>
  %k1 = tritter.split_heads %k : tensor<?x?x4xf32> -> tensor<?x?x2x2xf32>
  %k2 = tritter.rope %k1 {theta = 1.0e4} : tensor<?x?x2x2xf32>
  %wv = tritter.param "attn.v.weight" : tensor<4x8xf32> derives {
    %s = growth.source @base "attn.v.weight" : tensor<4x8xf32>
    growth.yield %s : tensor<4x8xf32>
  }
  %v = tritter.linear %n1, %wv : tensor<?x?x8xf32>, tensor<4x8xf32>
  %v1 = tritter.split_heads %v : tensor<?x?x4xf32> -> tensor<?x?x2x2xf32>
  %a = tritter.attention %q2, %k2, %v1 : tensor<?x?x8x2xf32>, tensor<?x?x2x2xf32>, tensor<?x?x2x2xf32>
  %m = tritter.merge_heads %a : tensor<?x?x8x2xf32>
  %wo = tritter.param "attn.o.weight" : tensor<8x16xf32> derives {
    %s = growth.source @base "attn.o.weight" : tensor<8x8xf32>
    %t0 = growth.gather %s along 1 by <4 from 0 times 1/2, 4 from 0 times 1/2, 4 from 4 times 1/2, 4 from 4 times 1/2> : tensor<8x8xf32>
    growth.yield %t0 : tensor<8x16xf32>
  }
  %o = tritter.linear %m, %wo : tensor<?x?x16xf32>, tensor<8x16xf32>
  %y = tritter.add %x, %o : tensor<?x?x8xf32>
  %g2 = tritter.param "mlp_norm.weight" : tensor<8xf32> derives {
    %s = growth.source @base "mlp_norm.weight" : tensor<8xf32>
    growth.yield %s : tensor<8xf32>
  }
  %n2 = tritter.rms_norm %y, %g2 {eps = 1.0e-5} : tensor<?x?x8xf32>, tensor<8xf32>
  %wg = tritter.param "mlp.gate.weight" : tensor<6x8xf32> derives {
    %s = growth.source @base "mlp.gate.weight" : tensor<6x8xf32>
    growth.yield %s : tensor<6x8xf32>
  }
  %g = tritter.linear %n2, %wg : tensor<?x?x8xf32>, tensor<6x8xf32>
  %s1 = tritter.activation silu %g : tensor<?x?x6xf32>
  %wu = tritter.param "mlp.up.weight" : tensor<6x8xf32> derives {
    %s = growth.source @base "mlp.up.weight" : tensor<6x8xf32>
    growth.yield %s : tensor<6x8xf32>
  }
  %u = tritter.linear %n2, %wu : tensor<?x?x8xf32>, tensor<6x8xf32>
  %p = tritter.mul %s1, %u : tensor<?x?x6xf32>
  %wd = tritter.param "mlp.down.weight" : tensor<8x6xf32> derives {
    %s = growth.source @base "mlp.down.weight" : tensor<8x6xf32>
    growth.yield %s : tensor<8x6xf32>
  }
  %d = tritter.linear %p, %wd : tensor<?x?x6xf32>, tensor<8x6xf32>
  %z = tritter.add %y, %d : tensor<?x?x8xf32>
  tritter.yield %z : tensor<?x?x8xf32>
}

tritter.model @grown(%tokens: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
  %e = tritter.param "embed.weight" : tensor<16x8xf32> derives {
    %s = growth.source @base "embed.weight" : tensor<16x8xf32>
    growth.yield %s : tensor<16x8xf32>
  }
  %h0 = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<16x8xf32>
  %h1 = tritter.layer "layers.0" @wide(%h0) from "layers.0" : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %gf = tritter.param "final_norm.weight" : tensor<8xf32> derives {
    %s = growth.source @base "final_norm.weight" : tensor<8xf32>
    growth.yield %s : tensor<8xf32>
  }
  %n = tritter.rms_norm %h1, %gf {eps = 1.0e-5} : tensor<?x?x8xf32>, tensor<8xf32>
  %w = tritter.param "head.weight" : tensor<16x8xf32> derives {
    %s = growth.source @base "head.weight" : tensor<16x8xf32>
    growth.yield %s : tensor<16x8xf32>
  }
  %l = tritter.linear %n, %w : tensor<?x?x8xf32>, tensor<16x8xf32>
  tritter.yield %l : tensor<?x?x16xf32>
}
