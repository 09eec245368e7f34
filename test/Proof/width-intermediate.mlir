// Neurons copied, with shares of their columns that sum to 1, and new ones of random weights that nothing reads.
// DEFINE: %{prove} = tritter-opt --tritter-elaborate --tritter-verify-growth | python3 %S/Inputs/evaluate.py | FileCheck %s

// RUN: cat %s | %{prove}
// CHECK: <exact>

// Unequal multiplicities: a neuron three times has thirds, which are rounded.
// RUN: sed -e 's/6 from 0, 2 from 0, 2 zero/6 from 0, 2 from 0 step 0, 2 zero/' -e 's/2 from 0 times 1.2, 4 from 2, 2 from 0 times 1.2, 2 zero/1 from 0 times 1\/3, 5 from 1, 2 from 0 step 0 times 1\/3, 2 zero/' %s | %{prove} --check-prefix=THIRDS
// THIRDS: <rounding, within = 
// RUN: sed -e 's/6 from 0, 2 from 0, 2 zero/6 from 0, 2 from 0 step 0, 2 zero/' -e 's/2 from 0 times 1.2, 4 from 2, 2 from 0 times 1.2, 2 zero/1 from 0 times 1\/2, 5 from 1, 2 from 0 step 0 times 1\/4, 2 zero/' %s | %{prove}
// RUN: sed 's/2 from 0 times 1.2, 4 from 2, 2 from 0 times 1.2, 2 zero/6 from 0, 4 zero/' %s | %{prove}

// RUN: sed 's/2 from 0 times 1.2, 4 from 2, 2 from 0 times 1.2, 2 zero/2 from 0 times 1\/2, 4 from 2, 2 from 0 times 1\/4, 2 zero/' %s | %{prove} --check-prefix=SUM
// SUM: first_broken = "layers.0.mlp.down", reason = "its weight has columns over the copies

// RUN: sed 's/2 from 0 times 1.2, 4 from 2, 2 from 0 times 1.2, 2 zero/2 from 0 times 1\/2, 4 from 2, 2 from 0 times 1\/2, 2 from 0/' %s | %{prove} --check-prefix=READ
// READ: "not-preserved", first_broken = "layers.0.mlp.gate", reason = "its weight adds values that are not the base's, and neither meet zeros nor cancel"

// Neurons whose gate and up are of different ones of the base's.
// RUN: sed '/@base "mlp.up.weigh[t]"/,/yield/s/6 from 0, 2 from 0, 2 zero/6 from 0, 2 from 2, 2 zero/' %s | %{prove} --check-prefix=PAIR
// PAIR: first_broken = "layers.0.mul", reason = "its operands hold different coordinates"

// Another activation.
// RUN: sed 's/activation silu/activation gelu/' %s | %{prove} --check-prefix=GELU
// GELU: first_broken = "layers.0.activation", reason = "is gelu, was silu"

tritter.decoder @base {layers = 1, hidden = 8, heads = 4, kv_heads = 2, head_dim = 2, intermediate = 6, vocab = 16}

tritter.block @wide(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
  %g1 = tritter.param "attn_norm.weight" : tensor<8xf32> derives {
    %s = growth.source @base "attn_norm.weight" : tensor<8xf32>
    growth.yield %s : tensor<8xf32>
  }
  %n1 = tritter.rms_norm %x, %g1 {eps = 1.0e-5} : tensor<?x?x8xf32>, tensor<8xf32>
  %wq = tritter.param "attn.q.weight" : tensor<8x8xf32> derives {
    %s = growth.source @base "attn.q.weight" : tensor<8x8xf32>
    growth.yield %s : tensor<8x8xf32>
  }
  %q = tritter.linear %n1, %wq : tensor<?x?x8xf32>, tensor<8x8xf32>
  %q1 = tritter.split_heads %q : tensor<?x?x8xf32> -> tensor<?x?x4x2xf32>
  %q2 = tritter.rope %q1 {theta = 1.0e4} : tensor<?x?x4x2xf32>
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
  %a = tritter.attention %q2, %k2, %v1 : tensor<?x?x4x2xf32>, tensor<?x?x2x2xf32>, tensor<?x?x2x2xf32>
  %m = tritter.merge_heads %a : tensor<?x?x4x2xf32>
  %wo = tritter.param "attn.o.weight" : tensor<8x8xf32> derives {
    %s = growth.source @base "attn.o.weight" : tensor<8x8xf32>
    growth.yield %s : tensor<8x8xf32>
  }
  %o = tritter.linear %m, %wo : tensor<?x?x8xf32>, tensor<8x8xf32>
  %y = tritter.add %x, %o : tensor<?x?x8xf32>
  %g2 = tritter.param "mlp_norm.weight" : tensor<8xf32> derives {
    %s = growth.source @base "mlp_norm.weight" : tensor<8xf32>
    growth.yield %s : tensor<8xf32>
  }
  %n2 = tritter.rms_norm %y, %g2 {eps = 1.0e-5} : tensor<?x?x8xf32>, tensor<8xf32>
  %wg = tritter.param "mlp.gate.weight" : tensor<10x8xf32> derives {
    %s = growth.source @base "mlp.gate.weight" : tensor<6x8xf32>
    %t0 = growth.gather %s along 0 by <6 from 0, 2 from 0, 2 zero> : tensor<6x8xf32>
    %r = growth.normal 0.5 seed 5 : tensor<2x8xf32>
    %r0 = growth.gather %r along 0 by <8 zero, 2 from 0> : tensor<2x8xf32>
    %t1 = growth.add %t0, %r0 : tensor<10x8xf32>
    growth.yield %t1 : tensor<10x8xf32>
  }
  %g = tritter.linear %n2, %wg : tensor<?x?x8xf32>, tensor<10x8xf32>
  %s1 = tritter.activation silu %g : tensor<?x?x10xf32>
  %wu = tritter.param "mlp.up.weight" : tensor<10x8xf32> derives {
    %s = growth.source @base "mlp.up.weight" : tensor<6x8xf32>
    %t0 = growth.gather %s along 0 by <6 from 0, 2 from 0, 2 zero> : tensor<6x8xf32>
    %r = growth.normal 0.5 seed 5 : tensor<2x8xf32>
    %r0 = growth.gather %r along 0 by <8 zero, 2 from 0> : tensor<2x8xf32>
    %t1 = growth.add %t0, %r0 : tensor<10x8xf32>
    growth.yield %t1 : tensor<10x8xf32>
  }
  %u = tritter.linear %n2, %wu : tensor<?x?x8xf32>, tensor<10x8xf32>
  %p = tritter.mul %s1, %u : tensor<?x?x10xf32>
  %wd = tritter.param "mlp.down.weight" : tensor<8x10xf32> derives {
    %s = growth.source @base "mlp.down.weight" : tensor<8x6xf32>
    %t0 = growth.gather %s along 1 by <2 from 0 times 1/2, 4 from 2, 2 from 0 times 1/2, 2 zero> : tensor<8x6xf32>
    growth.yield %t0 : tensor<8x10xf32>
  }
  %d = tritter.linear %p, %wd : tensor<?x?x10xf32>, tensor<8x10xf32>
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
