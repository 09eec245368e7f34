// A decoder becomes a block, written once, and a model of instances.
// RUN: tritter-opt %s --tritter-elaborate=vocab=40 | FileCheck %s --implicit-check-not=tritter.decoder
// What is written can be read again, and is the same.
// RUN: tritter-opt %s --tritter-elaborate=vocab=40 > %t.mlir && tritter-opt %t.mlir | diff %t.mlir -

// The example of the pass's documentation.
// CHECK-LABEL: tritter.block @llama(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
// CHECK: %[[GAMMA:.*]] = tritter.param "attn_norm.weight" : tensor<8xf32> = #tritter.constant<1.0{{.*}}>
// CHECK: %[[N:.*]] = tritter.rms_norm %x, %[[GAMMA]] {eps = 1.0{{.*}}e-05
// CHECK: %[[WQ:.*]] = tritter.param "attn.q.weight" : tensor<8x8xf32> = #tritter.normal<2.0{{.*}}e-02
// CHECK: %[[Q:.*]] = tritter.linear %[[N]], %[[WQ]]
// CHECK: %[[QH:.*]] = tritter.split_heads %[[Q]] : tensor<?x?x8xf32> -> tensor<?x?x2x4xf32>
// CHECK: %[[QR:.*]] = tritter.rope %[[QH]] {theta = 1.0{{.*}}e+04
// CHECK: %[[KR:.*]] = tritter.rope
// CHECK: %[[WV:.*]] = tritter.param "attn.v.weight"
// CHECK: %[[V:.*]] = tritter.linear %[[N]], %[[WV]]
// CHECK: %[[VH:.*]] = tritter.split_heads %[[V]]
// CHECK: %[[A:.*]] = tritter.attention %[[QR]], %[[KR]], %[[VH]]
// CHECK: %[[M:.*]] = tritter.merge_heads %[[A]]
// CHECK: %[[WO:.*]] = tritter.param "attn.o.weight"
// CHECK: %[[O:.*]] = tritter.linear %[[M]], %[[WO]]
// CHECK: %[[R:.*]] = tritter.add %x, %[[O]]
// CHECK: %[[MN:.*]] = tritter.rms_norm %[[R]]
// CHECK: %[[G:.*]] = tritter.linear %[[MN]], %mlp.gate.weight
// CHECK: %[[ACT:.*]] = tritter.activation silu %[[G]]
// CHECK: %[[U:.*]] = tritter.linear %[[MN]], %mlp.up.weight
// CHECK: %[[I:.*]] = tritter.mul %[[ACT]], %[[U]] : tensor<?x?x16xf32>
// CHECK: tritter.param "mlp.down.weight" : tensor<8x16xf32>
// CHECK: %[[D:.*]] = tritter.linear %[[I]]
// CHECK: %[[Y:.*]] = tritter.add %[[R]], %[[D]]
// CHECK: tritter.yield %[[Y]]
// CHECK-LABEL: tritter.model @tiny(%tokens: tensor<?x?xi32>) -> tensor<?x?x32xf32>
// CHECK: %[[TABLE:.*]] = tritter.param "embed.weight" : tensor<32x8xf32>
// CHECK: %[[H0:.*]] = tritter.embedding %tokens, %[[TABLE]]
// CHECK: %[[H1:.*]] = tritter.layer "layers.0" @llama(%[[H0]])
// CHECK: %[[H2:.*]] = tritter.layer "layers.1" @llama(%[[H1]])
// CHECK: %[[F:.*]] = tritter.rms_norm %[[H2]], %final_norm.weight
// CHECK: %[[L:.*]] = tritter.linear %[[F]], %[[TABLE]]
// CHECK: tritter.yield %[[L]]
tritter.decoder @tiny {layers = 2, hidden = 8, heads = 2, intermediate = 16, vocab = 32, tied = true}

// Everything that a GPT-2 has and a Llama has not; heads wider than hidden / heads; its own block's name; no
// vocabulary, which the option gives.
// CHECK-LABEL: tritter.block @decoder(%x: tensor<?x?x8xf32>)
// CHECK: tritter.param "attn_norm.bias" : tensor<8xbf16> = #tritter.constant<0.0
// CHECK: tritter.layer_norm %x, %{{.*}} bias %{{.*}} {eps = 1.25
// CHECK: tritter.param "attn.q.bias" : tensor<12xbf16> = #tritter.constant<0.0
// CHECK-NOT: tritter.rope
// CHECK: tritter.param "attn.k.weight" : tensor<6x8xbf16> = #tritter.normal<5.0
// CHECK: tritter.attention {{.*}} : tensor<?x?x2x6xf32>, tensor<?x?x1x6xf32>, tensor<?x?x1x6xf32>
// CHECK: tritter.param "attn.o.weight" : tensor<8x12xbf16>
// CHECK: tritter.param "attn.o.bias" : tensor<8xbf16>
// CHECK-NOT: mlp.gate
// CHECK: %[[UP:.*]] = tritter.linear %{{.*}}, %mlp.up.weight bias %mlp.up.bias
// CHECK: %[[ACT:.*]] = tritter.activation gelu %[[UP]]
// CHECK: tritter.linear %[[ACT]], %mlp.down.weight bias %mlp.down.bias
// CHECK-LABEL: tritter.model @gpt(%tokens: tensor<?x?xi32>) -> tensor<?x?x40xf32>
// CHECK: tritter.param "positions.weight" : tensor<64x8xbf16>
// CHECK: tritter.position_embedding
// CHECK: tritter.layer "layers.0" @decoder
// CHECK: tritter.param "final_norm.bias"
// CHECK: %[[HEAD:.*]] = tritter.param "head.weight" : tensor<40x8xbf16>
// CHECK: tritter.linear %{{.*}}, %[[HEAD]] :
tritter.decoder @gpt {layers = 1, hidden = 8, heads = 2, kv_heads = 1, head_dim = 6, intermediate = 16,
  norm = #tritter.norm<layer>, norm_eps = 0.125, positions = #tritter.positions<learned>, max_positions = 64,
  activation = #tritter.activation<gelu>, gated = false, bias = true, init_stddev = 0.05, dtype = bf16}

// Qwen2: biases on query, key and value alone. A second block of a name gets a number.
// CHECK-LABEL: tritter.block @llama_2
// CHECK: tritter.linear %{{.*}}, %attn.q.weight bias
// CHECK: tritter.rope %{{.*}} {theta = 1.0{{.*}}e+06
// CHECK: tritter.linear %{{.*}}, %attn.k.weight bias
// CHECK: tritter.linear %{{.*}}, %attn.v.weight bias
// CHECK: tritter.linear %{{.*}}, %attn.o.weight :
// CHECK: tritter.activation relu
// CHECK: tritter.linear %{{.*}}, %mlp.down.weight :
tritter.decoder @qwen {layers = 1, hidden = 8, heads = 4, kv_heads = 2, intermediate = 16, vocab = 32, qkv_bias = true,
  rope_theta = 1.0e6, activation = #tritter.activation<relu>}

// A Llama made from another family: biases on all of the attention, none in the MLP.
// CHECK-LABEL: tritter.block @llama_3
// CHECK: tritter.linear %{{.*}}, %attn.q.weight bias
// CHECK: tritter.linear %{{.*}}, %attn.o.weight bias
// CHECK: tritter.linear %{{.*}}, %mlp.gate.weight :
// CHECK: tritter.linear %{{.*}}, %mlp.down.weight :
tritter.decoder @attention {layers = 1, hidden = 8, heads = 4, intermediate = 16, vocab = 32, attention_bias = true}
// CHECK-LABEL: tritter.block @llama_4
// CHECK: tritter.linear %{{.*}}, %attn.o.weight :
// CHECK: tritter.linear %{{.*}}, %mlp.gate.weight bias
// CHECK: tritter.linear %{{.*}}, %mlp.down.weight bias
tritter.decoder @mlp {layers = 1, hidden = 8, heads = 4, intermediate = 16, vocab = 32, mlp_bias = true}
