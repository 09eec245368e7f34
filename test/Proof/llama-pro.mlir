// LLaMA-Pro: copies whose output projections are zero, first, last, one after the other and between, change nothing.
// Each twin undoes one thing that this rests on.
// DEFINE: %{prove} = tritter-opt --tritter-elaborate --tritter-verify-growth | python3 %S/Inputs/evaluate.py | FileCheck %s

// RUN: cat %s | %{prove}
// CHECK: #growth.proof<exact, bitwise>

// RUN: tritter-opt %s --tritter-elaborate --tritter-verify-growth -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// REMARK: remark: growth of @base to @grown: exact, bitwise (for finite values)

// One of the two projections is not zero.
// RUN: sed 's/growth.zero : tensor<8x6xf32>/growth.source @base "mlp.down.weight" : tensor<8x6xf32>/' %s | %{prove} --check-prefix=DOWN
// DOWN: <"not-preserved", first_broken = "layers.0.mlp.down", reason = "an inserted layer must add nothing, but this weight is not zero">
// RUN: sed 's/growth.zero : tensor<8x8xf32>/growth.normal 0.02 seed 1 : tensor<8x8xf32>/' %s | %{prove} --check-prefix=OUT
// OUT: <"not-preserved", first_broken = "layers.0.attn.o", reason = "an inserted layer must add nothing, but this weight is not zero">

// None of them is: the first copy is the base's layer itself, then it comes again.
// RUN: sed -e 's/growth.zero : tensor<8x6xf32>/growth.source @base "mlp.down.weight" : tensor<8x6xf32>/' -e 's/growth.zero : tensor<8x8xf32>/growth.source @base "attn.o.weight" : tensor<8x8xf32>/' %s | %{prove} --check-prefix=STACK
// STACK: <"not-preserved", first_broken = "layers.1 (old layers.0)", reason = "reads old layers.0's output, was the embedding's">

// The base's layers in another order: a block that both use proves nothing of whose weights they are.
// RUN: sed -e '/@kept/s/from "layers.1"/from "layers.X"/' -e '/@kept/s/from "layers.2"/from "layers.1"/' -e 's/layers.X/layers.2/' %s | %{prove} --check-prefix=SWAP
// SWAP: <"not-preserved", first_broken = "layers.4 (old layers.2)", reason = "reads old layers.0's output, was layers.1's">

// What a pass says of itself is not believed: marks of being new on the wrong layers change nothing.
// RUN: sed -e 's/ {added = 1}//' -e '/@kept/s/ : (/ {added = 1} : (/' %s | %{prove}

// A layer of the base is missing.
// RUN: sed -e '/"layers.4" @kept/d' -e '/"layers.5"/s/%h5/%h4/' %s | %{prove} --check-prefix=MISSING
// MISSING: <"not-preserved", first_broken = "layers.5 (old layers.2)", reason = "reads old layers.0's output, was layers.1's">

// Where preservation is required, its lack is an error, with the place.
// RUN: sed '/@kept/s/from "layers.2"/from "layers.1"/' %s | not tritter-opt --tritter-elaborate --tritter-verify-growth="base=base grown=grown require" 2>&1 | FileCheck %s --check-prefix=REQUIRE
// REQUIRE: error: growth of @base to @grown: not-preserved: first broken at layers.5 (old layers.1): reads old layers.1's output, was layers.0's
// REQUIRE: note: here

tritter.decoder @base {layers = 3, hidden = 8, heads = 4, kv_heads = 2, head_dim = 2, intermediate = 6, vocab = 16}

tritter.block @kept(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
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

tritter.block @new(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
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
    %s = growth.zero : tensor<8x8xf32>
    growth.yield %s : tensor<8x8xf32>
  }
  %o = tritter.linear %m, %wo : tensor<?x?x8xf32>, tensor<8x8xf32>
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
    %s = growth.zero : tensor<8x6xf32>
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
  %h1 = tritter.layer "layers.0" @new(%h0) from "layers.0" {added = 1} : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %h2 = tritter.layer "layers.1" @kept(%h1) from "layers.0" : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %h3 = tritter.layer "layers.2" @new(%h2) from "layers.0" {added = 1} : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %h4 = tritter.layer "layers.3" @new(%h3) from "layers.1" {added = 1} : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %h5 = tritter.layer "layers.4" @kept(%h4) from "layers.1" : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %h6 = tritter.layer "layers.5" @kept(%h5) from "layers.2" : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %h7 = tritter.layer "layers.6" @new(%h6) from "layers.2" {added = 1} : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
  %gf = tritter.param "final_norm.weight" : tensor<8xf32> derives {
    %s = growth.source @base "final_norm.weight" : tensor<8xf32>
    growth.yield %s : tensor<8xf32>
  }
  %n = tritter.rms_norm %h7, %gf {eps = 1.0e-5} : tensor<?x?x8xf32>, tensor<8xf32>
  %w = tritter.param "head.weight" : tensor<16x8xf32> derives {
    %s = growth.source @base "head.weight" : tensor<16x8xf32>
    growth.yield %s : tensor<16x8xf32>
  }
  %l = tritter.linear %n, %w : tensor<?x?x8xf32>, tensor<16x8xf32>
  tritter.yield %l : tensor<?x?x16xf32>
}
