// A layer_norm over a stream from 6 to 9: what is added holds the mean, which normalises to zero.
// DEFINE: %{prove} = tritter-opt --tritter-elaborate --tritter-verify-growth | python3 %S/Inputs/evaluate.py | FileCheck %s

// RUN: cat %s | %{prove}
// CHECK: <rounding, within = 

// Zeros in the place of the mean change the mean.
// RUN: sed -e 's/6 from 0, 3 mea[n]/6 from 0, 3 zero/' %s | %{prove} --check-prefix=ZERO
// ZERO: first_broken = "layers.0.attn_norm", reason = "its input has zeros beside the base's coordinates, which change the mean"

// RUN: sed 's/eps = 0.066666666666666666/eps = 1.0e-1/' %s | %{prove} --check-prefix=EPS
// EPS: first_broken = "layers.0.attn_norm", reason = "its eps is 0.1, and must be 0.0666666667, 2/3 times the base's"

// A bias where the remainder is: it is not zero then, and what reads it may not be anything.
// RUN: sed '/@base "final_norm.bia[s]"/,/yield/s/growth.pad \(.s\) along 0 to 9/growth.gather \1 along 0 by <6 from 0, 3 from 0>/' %s | %{prove} --check-prefix=BIAS
// BIAS: first_broken = "final_norm", reason = "its bias is not grown as its weight"

// The positions without their mean.
// RUN: sed '/@base "positions.weigh[t]"/,/yield/s/3 mea[n]/3 zero/' %s | %{prove} --check-prefix=POSITIONS
// POSITIONS: first_broken = "positions", reason = "the table's columns are not grown as the stream's"

// An output bias without its mean.
// RUN: sed '/@base "mlp.down.bia[s]"/,/yield/s/3 mea[n]/3 zero/' %s | %{prove} --check-prefix=DOWN
// DOWN: first_broken = "layers.0.mlp.down", reason = "its bias is not grown as its weight"

tritter.decoder @base {layers = 1, hidden = 6, heads = 2, head_dim = 2, intermediate = 5, vocab = 10, norm = #tritter.norm<layer>, norm_eps = 1.0e-1, positions = #tritter.positions<learned>, max_positions = 8, activation = #tritter.activation<gelu>, gated = false, bias = true}

tritter.block @wide(%x: tensor<?x?x9xf32>) -> tensor<?x?x9xf32> {
  %gn1 = tritter.param "attn_norm.weight" : tensor<9xf32> derives {
    %s = growth.source @base "attn_norm.weight" : tensor<6xf32>
    %t0 = growth.pad %s along 0 to 9 : tensor<6xf32>
    %t1 = growth.scale %t0 by <sqrt(2/3)> : tensor<9xf32>
    growth.yield %t1 : tensor<9xf32>
  }
  %bn1 = tritter.param "attn_norm.bias" : tensor<9xf32> derives {
    %s = growth.source @base "attn_norm.bias" : tensor<6xf32>
    %t0 = growth.pad %s along 0 to 9 : tensor<6xf32>
    growth.yield %t0 : tensor<9xf32>
  }
  %n1 = tritter.layer_norm %x, %gn1 bias %bn1 {eps = 0.066666666666666666} : tensor<?x?x9xf32>, tensor<9xf32>, tensor<9xf32>
  %wq = tritter.param "attn.q.weight" : tensor<4x9xf32> derives {
    %s = growth.source @base "attn.q.weight" : tensor<4x6xf32>
    %t0 = growth.pad %s along 1 to 9 : tensor<4x6xf32>
    growth.yield %t0 : tensor<4x9xf32>
  }
  %bq = tritter.param "attn.q.bias" : tensor<4xf32> derives {
    %s = growth.source @base "attn.q.bias" : tensor<4xf32>
    growth.yield %s : tensor<4xf32>
  }
  %q = tritter.linear %n1, %wq bias %bq : tensor<?x?x9xf32>, tensor<4x9xf32>, tensor<4xf32>
  %q1 = tritter.split_heads %q : tensor<?x?x4xf32> -> tensor<?x?x2x2xf32>
  %wk = tritter.param "attn.k.weight" : tensor<4x9xf32> derives {
    %s = growth.source @base "attn.k.weight" : tensor<4x6xf32>
    %t0 = growth.pad %s along 1 to 9 : tensor<4x6xf32>
    growth.yield %t0 : tensor<4x9xf32>
  }
  %bk = tritter.param "attn.k.bias" : tensor<4xf32> derives {
    %s = growth.source @base "attn.k.bias" : tensor<4xf32>
    growth.yield %s : tensor<4xf32>
  }
  %k = tritter.linear %n1, %wk bias %bk : tensor<?x?x9xf32>, tensor<4x9xf32>, tensor<4xf32>
  %k1 = tritter.split_heads %k : tensor<?x?x4xf32> -> tensor<?x?x2x2xf32>
  %wv = tritter.param "attn.v.weight" : tensor<4x9xf32> derives {
    %s = growth.source @base "attn.v.weight" : tensor<4x6xf32>
    %t0 = growth.pad %s along 1 to 9 : tensor<4x6xf32>
    growth.yield %t0 : tensor<4x9xf32>
  }
  %bv = tritter.param "attn.v.bias" : tensor<4xf32> derives {
    %s = growth.source @base "attn.v.bias" : tensor<4xf32>
    growth.yield %s : tensor<4xf32>
  }
  %v = tritter.linear %n1, %wv bias %bv : tensor<?x?x9xf32>, tensor<4x9xf32>, tensor<4xf32>
  %v1 = tritter.split_heads %v : tensor<?x?x4xf32> -> tensor<?x?x2x2xf32>
  %a = tritter.attention %q1, %k1, %v1 : tensor<?x?x2x2xf32>, tensor<?x?x2x2xf32>, tensor<?x?x2x2xf32>
  %m = tritter.merge_heads %a : tensor<?x?x2x2xf32>
  %wo = tritter.param "attn.o.weight" : tensor<9x4xf32> derives {
    %s = growth.source @base "attn.o.weight" : tensor<6x4xf32>
    %t0 = growth.gather %s along 0 by <6 from 0, 3 mean> : tensor<6x4xf32>
    growth.yield %t0 : tensor<9x4xf32>
  }
  %bo = tritter.param "attn.o.bias" : tensor<9xf32> derives {
    %s = growth.source @base "attn.o.bias" : tensor<6xf32>
    %t0 = growth.gather %s along 0 by <6 from 0, 3 mean> : tensor<6xf32>
    growth.yield %t0 : tensor<9xf32>
  }
  %o = tritter.linear %m, %wo bias %bo : tensor<?x?x4xf32>, tensor<9x4xf32>, tensor<9xf32>
  %y = tritter.add %x, %o : tensor<?x?x9xf32>
  %gn2 = tritter.param "mlp_norm.weight" : tensor<9xf32> derives {
    %s = growth.source @base "mlp_norm.weight" : tensor<6xf32>
    %t0 = growth.pad %s along 0 to 9 : tensor<6xf32>
    %t1 = growth.scale %t0 by <sqrt(2/3)> : tensor<9xf32>
    growth.yield %t1 : tensor<9xf32>
  }
  %bn2 = tritter.param "mlp_norm.bias" : tensor<9xf32> derives {
    %s = growth.source @base "mlp_norm.bias" : tensor<6xf32>
    %t0 = growth.pad %s along 0 to 9 : tensor<6xf32>
    growth.yield %t0 : tensor<9xf32>
  }
  %n2 = tritter.layer_norm %y, %gn2 bias %bn2 {eps = 0.066666666666666666} : tensor<?x?x9xf32>, tensor<9xf32>, tensor<9xf32>
  %wu = tritter.param "mlp.up.weight" : tensor<5x9xf32> derives {
    %s = growth.source @base "mlp.up.weight" : tensor<5x6xf32>
    %t0 = growth.pad %s along 1 to 9 : tensor<5x6xf32>
    growth.yield %t0 : tensor<5x9xf32>
  }
  %bu = tritter.param "mlp.up.bias" : tensor<5xf32> derives {
    %s = growth.source @base "mlp.up.bias" : tensor<5xf32>
    growth.yield %s : tensor<5xf32>
  }
  %u = tritter.linear %n2, %wu bias %bu : tensor<?x?x9xf32>, tensor<5x9xf32>, tensor<5xf32>
  %s1 = tritter.activation gelu %u : tensor<?x?x5xf32>
  %wd = tritter.param "mlp.down.weight" : tensor<9x5xf32> derives {
    %s = growth.source @base "mlp.down.weight" : tensor<6x5xf32>
    %t0 = growth.gather %s along 0 by <6 from 0, 3 mean> : tensor<6x5xf32>
    growth.yield %t0 : tensor<9x5xf32>
  }
  %bd = tritter.param "mlp.down.bias" : tensor<9xf32> derives {
    %s = growth.source @base "mlp.down.bias" : tensor<6xf32>
    %t0 = growth.gather %s along 0 by <6 from 0, 3 mean> : tensor<6xf32>
    growth.yield %t0 : tensor<9xf32>
  }
  %d = tritter.linear %s1, %wd bias %bd : tensor<?x?x5xf32>, tensor<9x5xf32>, tensor<9xf32>
  %z = tritter.add %y, %d : tensor<?x?x9xf32>
  tritter.yield %z : tensor<?x?x9xf32>
}

tritter.model @grown(%tokens: tensor<?x?xi32>) -> tensor<?x?x10xf32> {
  %e = tritter.param "embed.weight" : tensor<10x9xf32> derives {
    %s = growth.source @base "embed.weight" : tensor<10x6xf32>
    %t0 = growth.gather %s along 1 by <6 from 0, 3 mean> : tensor<10x6xf32>
    growth.yield %t0 : tensor<10x9xf32>
  }
  %t = tritter.embedding %tokens, %e : tensor<?x?xi32>, tensor<10x9xf32>
  %p = tritter.param "positions.weight" : tensor<8x9xf32> derives {
    %s = growth.source @base "positions.weight" : tensor<8x6xf32>
    %t0 = growth.gather %s along 1 by <6 from 0, 3 mean> : tensor<8x6xf32>
    growth.yield %t0 : tensor<8x9xf32>
  }
  %h0 = tritter.position_embedding %t, %p : tensor<?x?x9xf32>, tensor<8x9xf32>
  %h1 = tritter.layer "layers.0" @wide(%h0) from "layers.0" : (tensor<?x?x9xf32>) -> tensor<?x?x9xf32>
  %gf = tritter.param "final_norm.weight" : tensor<9xf32> derives {
    %s = growth.source @base "final_norm.weight" : tensor<6xf32>
    %t0 = growth.pad %s along 0 to 9 : tensor<6xf32>
    %t1 = growth.scale %t0 by <sqrt(2/3)> : tensor<9xf32>
    growth.yield %t1 : tensor<9xf32>
  }
  %bf = tritter.param "final_norm.bias" : tensor<9xf32> derives {
    %s = growth.source @base "final_norm.bias" : tensor<6xf32>
    %t0 = growth.pad %s along 0 to 9 : tensor<6xf32>
    growth.yield %t0 : tensor<9xf32>
  }
  %n = tritter.layer_norm %h1, %gf bias %bf {eps = 0.066666666666666666} : tensor<?x?x9xf32>, tensor<9xf32>, tensor<9xf32>
  %w = tritter.param "head.weight" : tensor<10x9xf32> derives {
    %s = growth.source @base "head.weight" : tensor<10x6xf32>
    %t0 = growth.pad %s along 1 to 9 : tensor<10x6xf32>
    %r = growth.normal 0.5 seed 3 : tensor<10x3xf32>
    %r0 = growth.gather %r along 1 by <6 zero, 3 from 0> : tensor<10x3xf32>
    %t1 = growth.add %t0, %r0 : tensor<10x9xf32>
    growth.yield %t1 : tensor<10x9xf32>
  }
  %l = tritter.linear %n, %w : tensor<?x?x9xf32>, tensor<10x9xf32>
  tritter.yield %l : tensor<?x?x10xf32>
}
