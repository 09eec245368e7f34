#ifndef TRITTER_GROWTH_PASSES_TD
#define TRITTER_GROWTH_PASSES_TD

include "mlir/Pass/PassBase.td"

def DepthUpscalePass : Pass<"tritter-depth-upscale", "::mlir::ModuleOp"> {
  let summary = "makes a deeper model beside a model, whose parameters derive from its";
  let description = [{
    Beside the last `tritter.model` of the module (or `base`) stands afterwards a model of `layers` layers, every
    parameter of which says what it derives from. n is the number of the base's layers, N that of the new one's:

    - `llama-pro` (block expansion, Wu et al., 2024): the layers are cut in N - n equal groups, and each is followed by
      a copy of its last layer whose branches end in zero products, so that it changes nothing. N - n must divide n.
    - `solar` (Kim et al., 2023): layers 0 .. n - m, then m .. n, where m is `removal-layers`; N = 2 (n - m).
    - `stack` (Du et al., 2024): all layers over and over; n must divide N.
    - `interpolate`: every layer N / n times in a row; n must divide N.

    A layer names the layer that it comes `from`. Run again, the pass grows what it made; `--growth-normalise` folds
    both growths in one. The new model says what the growth promises (`growth.promise`): the same function, where every
    layer of the base is there once and all others change nothing.

    Preconditions: the base's layers are one chain; for llama-pro a block is its argument plus linear branches.

    ```mlir
    tritter.decoder @base {layers = 2, hidden = 8, heads = 2, intermediate = 16, vocab = 32}
    ```
    becomes, after `--tritter-elaborate`, with `strategy=llama-pro layers=3`
    ```mlir
    tritter.block @llama_copy(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
      ...
      %attn.o.weight = tritter.param "attn.o.weight" : tensor<8x8xf32> derives {
        %0 = growth.source @base "attn.o.weight" : tensor<8x8xf32>
        growth.yield %0 : tensor<8x8xf32>
      }
      ...
    }
    tritter.block @llama_new(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
      ...
      %attn.o.weight = tritter.param "attn.o.weight" : tensor<8x8xf32> derives {
        %0 = growth.zero : tensor<8x8xf32>
        growth.yield %0 : tensor<8x8xf32>
      }
      ...
    }
    ...
    tritter.model @grown(%tokens: tensor<?x?xi32>) -> tensor<?x?x32xf32> attributes {growth.promise = #growth.promise<preserves>} {
      ...
      %h1 = tritter.layer "layers.0" @llama_copy(%embedded) from "layers.0" : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
      %h2 = tritter.layer "layers.1" @llama_copy(%h1) from "layers.1" : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
      %h3 = tritter.layer "layers.2" @llama_new(%h2) from "layers.1" : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
      ...
    }
    ```
  }];
  let options = [
    Option<"strategy", "strategy", "::mlir::tritter::DepthStrategy",
           /*default=*/"::mlir::tritter::DepthStrategy::LlamaPro", "which layers the new model has",
           [{::llvm::cl::values(
             clEnumValN(::mlir::tritter::DepthStrategy::LlamaPro, "llama-pro", "new copies that change nothing"),
             clEnumValN(::mlir::tritter::DepthStrategy::Solar, "solar", "the first and the last n - m"),
             clEnumValN(::mlir::tritter::DepthStrategy::Stack, "stack", "all, over and over"),
             clEnumValN(::mlir::tritter::DepthStrategy::Interpolate, "interpolate", "each, some times in a row"))}]>,
    Option<"layers", "layers", "int64_t", /*default=*/"0", "layers of the new model">,
    Option<"removalLayers", "removal-layers", "int64_t", /*default=*/"0",
           "solar's m; what gives the number of layers where left out">,
    Option<"base", "base", "std::string", /*default=*/"", "the model to grow; the last where left out">,
    Option<"name", "name", "std::string", /*default=*/"\"grown\"", "the new model">
  ];
  let dependentDialects = ["::mlir::tritter::TritterDialect", "::mlir::growth::GrowthDialect"];
  let statistics = [
    Statistic<"layersAdded", "layers-added", "layers of the new model more than the base's">,
    Statistic<"parametersAdded", "parameters-added", "parameters of the new model more than the base's">
  ];
}

def FinishGrowthPass : Pass<"tritter-finish-growth", "::mlir::ModuleOp"> {
  let summary = "leaves of a module the last model, as a checkpoint keeps it";
  let description = [{
    What a checkpoint's tensors hold needs no derivation and no initialiser: both go, and with them the origins of
    layers, marks of `frozen`, the models that were derived from, and whatever else is no block of the last model.
    Blocks that have become equal are one. The model takes the name of the first.

    What the growth brought is read off the derivations and numbered, for a later training of what is new: `added`, one
    more than the most that the base has, on a layer that is made of no layer of the base, or of one that another layer
    stands for (the one with the most parameters of the base's, the first of several), and on a parameter of any other layer that nothing of the
    base's goes into. What an earlier growth brought keeps its number.

    ```mlir
    tritter.decoder @base {layers = 2, hidden = 8, heads = 2, intermediate = 16, vocab = 32}
    ```
    becomes, after `--tritter-elaborate` and `--tritter-depth-upscale=layers=3`,
    ```mlir
    tritter.block @llama(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
      %attn_norm.weight = tritter.param "attn_norm.weight" : tensor<8xf32>
      ...
    }
    tritter.model @base(%tokens: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
      ...
      %h1 = tritter.layer "layers.0" @llama(%embedded) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
      %h2 = tritter.layer "layers.1" @llama(%h1) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
      %h3 = tritter.layer "layers.2" @llama(%h2) {added = 1 : i64} : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
      ...
    }
    ```
  }];
  let statistics = [Statistic<"blocksMerged", "blocks-merged", "blocks that were equal to another">];
}

#endif // TRITTER_GROWTH_PASSES_TD
