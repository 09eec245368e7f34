// Each strategy's layers, and what they come from.
// RUN: tritter-opt %s --tritter-elaborate --tritter-depth-upscale="base=base strategy=llama-pro layers=6" | FileCheck %s --check-prefix=PRO
// RUN: tritter-opt %s --tritter-elaborate --tritter-depth-upscale="base=base strategy=solar layers=6" | FileCheck %s --check-prefix=SOLAR
// RUN: tritter-opt %s --tritter-elaborate --tritter-depth-upscale="base=base strategy=solar removal-layers=1" | FileCheck %s --check-prefix=SOLAR
// RUN: tritter-opt %s --tritter-elaborate --tritter-depth-upscale="base=base strategy=stack layers=8" | FileCheck %s --check-prefix=STACK
// RUN: tritter-opt %s --tritter-elaborate --tritter-depth-upscale="base=base strategy=interpolate layers=8 name=deep" | FileCheck %s --check-prefix=INTERPOLATE

tritter.decoder @base {layers = 4, hidden = 8, heads = 2, intermediate = 16, vocab = 32, tied = true}

// Two groups of two, each followed by a copy of its last that changes nothing. The base's block stays as it is.
// PRO-LABEL: tritter.block @llama(
// PRO: tritter.param "attn.o.weight" : tensor<8x8xf32> = #tritter.normal
// PRO-LABEL: tritter.block @llama_copy(
// PRO-NOT: #tritter.
// PRO: tritter.param "attn.o.weight" : tensor<8x8xf32> derives {
// PRO-NEXT: %[[COPIED:.*]] = growth.source @base "attn.o.weight" : tensor<8x8xf32>
// PRO-NEXT: growth.yield %[[COPIED]]
// PRO: growth.source @base "mlp.down.weight"
// PRO-LABEL: tritter.block @llama_new(
// PRO: growth.source @base "attn_norm.weight"
// PRO: growth.source @base "attn.q.weight"
// PRO: growth.source @base "attn.k.weight"
// PRO: growth.source @base "attn.v.weight"
// PRO: tritter.param "attn.o.weight" : tensor<8x8xf32> derives {
// PRO-NEXT: %[[ZERO:.*]] = growth.zero : tensor<8x8xf32>
// PRO-NEXT: growth.yield %[[ZERO]]
// PRO: growth.source @base "mlp_norm.weight"
// PRO: growth.source @base "mlp.gate.weight"
// PRO: growth.source @base "mlp.up.weight"
// PRO: tritter.param "mlp.down.weight" : tensor<8x16xf32> derives {
// PRO-NEXT: growth.zero : tensor<8x16xf32>
// PRO-LABEL: tritter.model @grown(%tokens: tensor<?x?xi32>) -> tensor<?x?x32xf32>
// PRO-SAME: growth.promise = #growth.promise<preserves>
// PRO: %[[TABLE:.*]] = tritter.param "embed.weight" : tensor<32x8xf32> derives {
// PRO-NEXT: growth.source @base "embed.weight" : tensor<32x8xf32>
// PRO: %[[H0:.*]] = tritter.embedding %tokens, %[[TABLE]]
// PRO: %[[H1:.*]] = tritter.layer "layers.0" @llama_copy(%[[H0]]) from "layers.0" :
// PRO: %[[H2:.*]] = tritter.layer "layers.1" @llama_copy(%[[H1]]) from "layers.1" :
// PRO: %[[H3:.*]] = tritter.layer "layers.2" @llama_new(%[[H2]]) from "layers.1" :
// PRO: %[[H4:.*]] = tritter.layer "layers.3" @llama_copy(%[[H3]]) from "layers.2" :
// PRO: %[[H5:.*]] = tritter.layer "layers.4" @llama_copy(%[[H4]]) from "layers.3" :
// PRO: %[[H6:.*]] = tritter.layer "layers.5" @llama_new(%[[H5]]) from "layers.3" :
// PRO: growth.source @base "final_norm.weight"
// PRO: %[[F:.*]] = tritter.rms_norm %[[H6]]
// PRO: tritter.linear %[[F]], %[[TABLE]]

// SOLAR-NOT: tritter.block @llama_new
// SOLAR-LABEL: tritter.model @grown(
// SOLAR-SAME: growth.promise = #growth.promise<none>
// SOLAR: "layers.0" @llama_copy({{.*}}) from "layers.0" :
// SOLAR: "layers.1" @llama_copy({{.*}}) from "layers.1" :
// SOLAR: "layers.2" @llama_copy({{.*}}) from "layers.2" :
// SOLAR: "layers.3" @llama_copy({{.*}}) from "layers.1" :
// SOLAR: "layers.4" @llama_copy({{.*}}) from "layers.2" :
// SOLAR: "layers.5" @llama_copy({{.*}}) from "layers.3" :
// SOLAR-NOT: tritter.layer

// STACK-LABEL: tritter.model @grown(
// STACK: "layers.0" @llama_copy({{.*}}) from "layers.0" :
// STACK: "layers.3" @llama_copy({{.*}}) from "layers.3" :
// STACK: "layers.4" @llama_copy({{.*}}) from "layers.0" :
// STACK: "layers.7" @llama_copy({{.*}}) from "layers.3" :
// STACK-NOT: tritter.layer

// INTERPOLATE-LABEL: tritter.model @deep(
// INTERPOLATE: "layers.0" @llama_copy({{.*}}) from "layers.0" :
// INTERPOLATE: "layers.1" @llama_copy({{.*}}) from "layers.0" :
// INTERPOLATE: "layers.6" @llama_copy({{.*}}) from "layers.3" :
// INTERPOLATE: "layers.7" @llama_copy({{.*}}) from "layers.3" :
// INTERPOLATE-NOT: tritter.layer
