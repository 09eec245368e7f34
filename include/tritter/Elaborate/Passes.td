#ifndef TRITTER_ELABORATE_PASSES_TD
#define TRITTER_ELABORATE_PASSES_TD

include "mlir/Pass/PassBase.td"

def ElaboratePass : Pass<"tritter-elaborate", "::mlir::ModuleOp"> {
  let summary = "writes a tritter.decoder out as a block and a model";
  let description = [{
    Every `tritter.decoder @NAME` becomes a `tritter.block`, which holds what all layers have in common, and a
    `tritter.model @NAME`, whose layers are instances of it. Matrices and tables are drawn from a normal distribution
    with `init_stddev`, weights of norms begin at 1 and biases at 0.

    Precondition: a decoder names its vocabulary, or the option `vocab` does.

    ```mlir
    tritter.decoder @tiny {layers = 2, hidden = 8, heads = 2, intermediate = 16, vocab = 32, tied = true}
    ```
    becomes
    ```mlir
    tritter.block @llama(%x: tensor<?x?x8xf32>) -> tensor<?x?x8xf32> {
      %attn_norm.weight = tritter.param "attn_norm.weight" : tensor<8xf32> = #tritter.constant<1.000000e+00 : f64>
      %attn_norm = tritter.rms_norm %x, %attn_norm.weight {eps = 1.000000e-05 : f64} : tensor<?x?x8xf32>, tensor<8xf32>
      ...
    }
    tritter.model @tiny(%tokens: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
      %embed.weight = tritter.param "embed.weight" : tensor<32x8xf32> = #tritter.normal<2.000000e-02 : f64>
      %embedded = tritter.embedding %tokens, %embed.weight : tensor<?x?xi32>, tensor<32x8xf32>
      %h1 = tritter.layer "layers.0" @llama(%embedded) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
      %h2 = tritter.layer "layers.1" @llama(%h1) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
      %final_norm.weight = tritter.param "final_norm.weight" : tensor<8xf32> = #tritter.constant<1.000000e+00 : f64>
      %final_norm = tritter.rms_norm %h2, %final_norm.weight {eps = 1.000000e-05 : f64} : tensor<?x?x8xf32>, tensor<8xf32>
      %embed = tritter.linear %final_norm, %embed.weight : tensor<?x?x8xf32>, tensor<32x8xf32>
      tritter.yield %embed : tensor<?x?x32xf32>
    }
    ```
  }];
  let options = [Option<"vocab", "vocab", "int64_t", /*default=*/"0",
                        "vocabulary of decoders that name none">];
  let statistics = [Statistic<"models", "models", "decoders written out">];
}

def CountParametersPass : Pass<"tritter-count-parameters", "::mlir::ModuleOp"> {
  let summary = "counts the parameters of every model";
  let description = [{
    Emits a remark on every `tritter.model`: the parameters of all its instances, a tied table once. Changes nothing.
    (Operations are those of a program, which a model is not yet: `exec` says how many each entry does.)

    ```mlir
    tritter.decoder @tiny {layers = 2, hidden = 8, heads = 2, intermediate = 16, vocab = 32, tied = true}
    ```
    gives, after `--tritter-elaborate`,
    ```
    remark: @tiny has 1,576 parameters in 2 layers
    ```
  }];
  let statistics = [Statistic<"parameters", "parameters", "parameters of all models">];
}

#endif // TRITTER_ELABORATE_PASSES_TD
