// A layer_norm over a stream twice, and positions after the base's, which the base never sees.
// DEFINE: %{prove} = tritter-opt --tritter-elaborate --tritter-verify-growth | python3 %S/Inputs/evaluate.py | FileCheck %s

// RUN: cat %s | %{prove}
// CHECK: <exact>

// Copies of unequal numbers.
// RUN: sed -e '/@base "embed.weigh[t]"/,/yield/s/growth.tile \(.s\) along 1 times 2/growth.gather \1 along 1 by <6 from 0, 5 from 0, 1 from 0>/' -e '/@base "positions.weigh[t]"/,/yield/s/growth.tile \(.s\) along 1 times 2/growth.gather \1 along 1 by <6 from 0, 5 from 0, 1 from 0>/' %s | %{prove} --check-prefix=UNEQUAL
// UNEQUAL: first_broken = "layers.0.attn_norm", reason = "its input must hold every coordinate of the base's as often, with one coefficient"


tritter.decoder @base {layers = 1, hidden = 6, heads = 2, head_dim = 2, intermediate = 5, vocab = 10, norm = #tritter.norm<layer>, norm_eps = 1.0e-5, positions = #tritter.positions<learned>, max_positions = 8, activation = #tritter.activation<gelu>, gated = false, bias = true}

tritter.block @wide(%x: tensor<?x?x12xf32>) -> tensor<?x?x12xf32> {
  %gn1 = tritter.param "attn_norm.weight" : tensor<12xf32> derives {
    %s = growth.source @base "attn_norm.weight" : tensor<6xf32>
    %t0 = growth.tile %s along 0 times 2 : tensor<6xf32>
    growth.yield %t0 : tensor<12xf32>
  }
  %bn1 = tritter.param "attn_norm.bias" : tensor<12xf32> derives {
    %s = growth.source @base "attn_norm.bias" : tensor<6xf32>
    %t0 = growth.tile %s along 0 times 2 : tensor<6xf32>
    growth.yield %t0 : tensor<12xf32>
  }
  %n1 = tritter.layer_norm %x, %gn1 bias %bn1 {eps = 1.0e-5} : tensor<?x?x12xf32>, tensor<12xf32>, tensor<12xf32>
  %wq = tritter.param "attn.q.weight" : tensor<4x12xf32> derives {
    %s = growth.source @base "attn.q.weight" : tensor<4x6xf32>
    %t0 = growth.gather %s along 1 by <6 from 0 times 1/2, 6 from 0 times 1/2> : tensor<4x6xf32>
    growth.yield %t0 : tensor<4x12xf32>
  }
  %bq = tritter.param "attn.q.bias" : tensor<4xf32> derives {
    %s = growth.source @base "attn.q.bias" : tensor<4xf32>
    growth.yield %s : tensor<4xf32>
  }
  %q = tritter.linear %n1, %wq bias %bq : tensor<?x?x12xf32>, tensor<4x12xf32>, tensor<4xf32>
  %q1 = tritter.split_heads %q : tensor<?x?x4xf32> -> tensor<?x?x2x2xf32>
  %wk = tritter.param "attn.k.weight" : tensor<4x12xf32> derives {
    %s = growth.source @base "attn.k.weight" : tensor<4x6xf32>
    %t0 = growth.gather %s along 1 by <6 from 0 times 1/2, 6 from 0 times 1/2> : tensor<4x6xf32>
    growth.yield %t0 : tensor<4x12xf32>
  }
  %bk = tritter.param "attn.k.bias" : tensor<4xf32> derives {
    %s = growth.source @base "attn.k.bias" : tensor<4xf32>
    growth.yield %s : tensor<4xf32>
  }
  %k = tritter.linear %n1, %wk bias %bk : tensor<?x?x12xf32>, tensor<4x12xf32>, tensor<4xf32>
  %k1 = tritter.split_heads %k : tensor<?x?x4xf32> -> tensor<?x?x2x2xf32>
  %wv = tritter.param "attn.v.weight" : tensor<4x12xf32> derives {
    %s = growth.source @base "attn.v.weight" : tensor<4x6xf32>
    %t0 = growth.gather %s along 1 by <6 from 0 times 1/2, 6 from 0 times 1/2> : tensor<4x6xf32>
    growth.yield %t0 : tensor<4x12xf32>
  }
  %bv = tritter.param "attn.v.bias" : tensor<4xf32> derives {
    %s = growth.source @base "attn.v.bias" : tensor<4xf32>
    growth.yield %s : tensor<4xf32>
  }
  %v = tritter.linear %n1, %wv bias %bv : tensor<?x?x12xf32>, tensor<4x12xf32>, tensor<4xf32>
  %v1 = tritter.split_heads %v : tensor<?x?x4xf32> -> tensor<?x?x2x2xf32>
  %a = tritter.attention %q1, %k1, %v1 : tensor<?x?x2x2xf32>, tensor<?x?x2x2xf32>, tensor<?x?x2x2xf32>
  %m = tritter.merge_heads %a : tensor<?x?x2x2xf32>
  %wo = tritter.param "attn.o.weight" : tensor<12x4xf32> derives {
    %s = growth.source @base "attn.o.weight" : tensor<6x4xf32>
    %t0 = growth.tile %s along 0 times 2 : tensor<6x4xf32>
    growth.yield %t0 : tensor<12x4xf32>
  }
  %bo = tritter.param "attn.o.bias" : tensor<12xf32> derives {
    %s = growth.source @base "attn.o.bias" : tensor<6xf32>
    %t0 = growth.tile %s along 0 times 2 : tensor<6xf32>
    growth.yield %t0 : tensor<12xf32>
  }
  %o = tritter.linear %m, %wo bias %bo : tensor<?x?x4xf32>, tensor<12x4xf32>, tensor<12xf32>
  %y = tritter.add %x, %o : tensor<?x?x12xf32>
  %gn2 = tritter.param "mlp_norm.weight" : tensor<12xf32> derives {
    %s = growth.source @base "mlp_norm.weight" : tensor<6xf32>
    %t0 = growth.tile %s along 0 times 2 : tensor<6xf32>
    growth.yield %t0 : tensor<12xf32>
  }
  %bn2 = tritter.param "mlp_norm.bias" : tensor<12xf32> derives {
    %s = growth.source @base "mlp_norm.bias" : tensor<6xf32>
    %t0 = growth.tile %s along 0 times 2 : tensor<6xf32>
    growth.yield %t0 : tensor<12xf32>
  }
  %n2 = tritter.layer_norm %y, %gn2 bias %bn2 {eps = 1.0e-5} : tensor<?x?x12xf32>, tensor<12xf32>, tensor<12xf32>
  %wu = tritter.param "mlp.up.weight" : tensor<5x12xf32> derives {
    %s = growth.source @base "mlp.up.weight" : tensor<5x6xf32>
    %t0 = growth.gather %s along 1 by <6 from 0 times 1/2, 6 from 0 times 1/2> : tensor<5x6xf32>
    growth.yield %t0 : tensor<5x12xf32>
  }
  %bu = tritter.param "mlp.up.bias" : tensor<5xf32> derives {
    %s = growth.source @base "mlp.up.bias" : tensor<5xf32>
    growth.yield %s : tensor<5xf32>
  }
  %u = tritter.linear %n2, %wu bias %bu : tensor<?x?x12xf32>, tensor<5x12xf32>, tensor<5xf32>
  %s1 = tritter.activation gelu %u : tensor<?x?x5xf32>
  %wd = tritter.param "mlp.down.weight" : tensor<12x5xf32> derives {
    %s = growth.source @base "mlp.down.weight" : tensor<6x5xf32>
    %t0 = growth.tile %s along 0 times 2 : tensor<6x5xf32>
    growth.yield %t0 : tensor<12x5xf32>
  }
  %bd = tritter.param "mlp.down.bias" : tensor<12xf32> derives {
    %s = growth.source @base "mlp.down.bias" : tensor<6xf32>
    %t0 = growth.tile %s along 0 times 2 : tensor<6xf32>
    growth.yield %t0 : tensor<12xf32>
  }
  %d = tritter.linear %s1, %wd bias %bd : tensor<?x?x5xf32>, tensor<12x5xf32>, tensor<12xf32>
  %z = tritter.add %y, %d : tensor<?x?x12xf32>
  tritter.yield %z : tensor<?x?x12xf32>
}

tritter.model @grown(%tokens: tensor<?x?xi32>) -> tensor<?x?x10xf32> {
  %e = tritter.param "embed.weight" : tensor<10x12xf32> derives {
    %s = growth.source @base "embed.weight" : tensor<10x6xf32>
    %t0 = growth.tile %s along 1 times 2 : tensor<10x6xf32>
    growth.yield %t0 : tensor<10x12xf32>
  }
  %t = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<10x12xf32>
  %p = tritter.param "positions.weight" : tensor<10x12xf32> derives {
    %s = growth.source @base "positions.weight" : tensor<8x6xf32>
    %t0 = growth.tile %s along 1 times 2 : tensor<8x6xf32>
    %t1 = growth.pad %t0 along 0 to 10 : tensor<8x12xf32>
    growth.yield %t1 : tensor<10x12xf32>
  }
  %h0 = tritter.position_embedding %t, %p : tensor<?x?x12xf32>, tensor<10x12xf32>
  %h1 = tritter.layer "layers.0" @wide(%h0) from "layers.0" : (tensor<?x?x12xf32>) -> tensor<?x?x12xf32>
  %gf = tritter.param "final_norm.weight" : tensor<12xf32> derives {
    %s = growth.source @base "final_norm.weight" : tensor<6xf32>
    %t0 = growth.tile %s along 0 times 2 : tensor<6xf32>
    growth.yield %t0 : tensor<12xf32>
  }
  %bf = tritter.param "final_norm.bias" : tensor<12xf32> derives {
    %s = growth.source @base "final_norm.bias" : tensor<6xf32>
    %t0 = growth.tile %s along 0 times 2 : tensor<6xf32>
    growth.yield %t0 : tensor<12xf32>
  }
  %n = tritter.layer_norm %h1, %gf bias %bf {eps = 1.0e-5} : tensor<?x?x12xf32>, tensor<12xf32>, tensor<12xf32>
  %w = tritter.param "head.weight" : tensor<10x12xf32> derives {
    %s = growth.source @base "head.weight" : tensor<10x6xf32>
    %t0 = growth.gather %s along 1 by <6 from 0 times 1/2, 6 from 0 times 1/2> : tensor<10x6xf32>
    growth.yield %t0 : tensor<10x12xf32>
  }
  %l = tritter.linear %n, %w : tensor<?x?x12xf32>, tensor<10x12xf32>
  tritter.yield %l : tensor<?x?x10xf32>
}
