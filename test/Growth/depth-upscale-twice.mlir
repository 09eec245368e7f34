// A growth of a growth folds to one derivation from the first model, which promises what both do.
// RUN: tritter-opt %s --tritter-elaborate --tritter-depth-upscale="strategy=llama-pro layers=3" --tritter-depth-upscale="strategy=stack layers=6" | FileCheck %s
// RUN: tritter-opt %s --tritter-elaborate --tritter-depth-upscale="strategy=llama-pro layers=3" --tritter-depth-upscale="strategy=stack layers=6" --growth-normalise | FileCheck %s --check-prefix=FOLDED

tritter.decoder @base {layers = 2, hidden = 8, heads = 2, intermediate = 16, vocab = 32}

// CHECK-LABEL: tritter.model @grown(
// CHECK: "layers.2" @llama_new({{.*}}) from "layers.1" :
// CHECK-LABEL: tritter.model @grown_0(
// CHECK: "layers.0" @[[COPY:.*]]({{.*}}) from "layers.0" :
// CHECK: "layers.1" @[[COPY]]({{.*}}) from "layers.1" :
// CHECK: "layers.2" @[[OF_NEW:.*]]({{.*}}) from "layers.2" :
// CHECK: "layers.3" @[[COPY]]({{.*}}) from "layers.0" :
// CHECK: "layers.5" @[[OF_NEW]]({{.*}}) from "layers.2" :

// FOLDED: tritter.model @grown_0({{.*}}growth.promise = #growth.promise<none>
// FOLDED: growth.source @base "embed.weight"
// FOLDED: "layers.2" @{{.*}}({{.*}}) from "layers.1" :
// FOLDED: "layers.5" @{{.*}}({{.*}}) from "layers.1" :
// FOLDED-NOT: growth.source @grown
