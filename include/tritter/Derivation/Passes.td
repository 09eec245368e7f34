#ifndef TRITTER_DERIVATION_PASSES_TD
#define TRITTER_DERIVATION_PASSES_TD

include "mlir/Pass/PassBase.td"

def GrowthNormalisePass : Pass<"growth-normalise", "::mlir::ModuleOp"> {
  let summary = "folds derivations to sums of few terms over the tensors of models that are there";
  let description = [{
    Every derivation becomes a sum of terms, each a source, a constant or random draws with one axis map for each axis
    that is mapped at all. Where a grown model was grown again, the derivations of the last are written in the tensors
    of the first, and an instance's origin is the first model's layer; so several growths are one, evaluated once and
    rounded once.

    Precondition: a model whose tensors are read by another's derivations, and that has derivations itself, has one for
    every parameter that is read. Random draws of a block cannot be passed on, because they are told apart by the path
    that they were made for.

    ```mlir
    tritter.model @base(%tokens: tensor<?x?xi32>) -> tensor<?x?x4xf32> {
      %w = tritter.param "embed.weight" : tensor<4x4xf32>
      %x = tritter.embedding %tokens, %w : tensor<?x?xi32>, tensor<4x4xf32>
      tritter.yield %x : tensor<?x?x4xf32>
    }
    tritter.model @grown(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
      %w = tritter.param "embed.weight" : tensor<4x8xf32> derives {
        %s = growth.source @base "embed.weight" : tensor<4x4xf32>
        %t = growth.tile %s along 1 times 2 : tensor<4x4xf32>
        %h = growth.scale %t by <1/2> : tensor<4x8xf32>
        %d = growth.add %h, %h : tensor<4x8xf32>
        growth.yield %d : tensor<4x8xf32>
      }
      %x = tritter.embedding %tokens, %w : tensor<?x?xi32>, tensor<4x8xf32>
      tritter.yield %x : tensor<?x?x8xf32>
    }
    ```
    becomes
    ```mlir
    tritter.model @grown(%tokens: tensor<?x?xi32>) -> tensor<?x?x8xf32> {
      %w = tritter.param "embed.weight" : tensor<4x8xf32> derives {
        %s = growth.source @base "embed.weight" : tensor<4x4xf32>
        %g = growth.gather %s along 1 by <4 from 0, 4 from 0> : tensor<4x4xf32>
        growth.yield %g : tensor<4x8xf32>
      }
      ...
    ```
  }];
  let dependentDialects = ["::mlir::growth::GrowthDialect"];
  let statistics = [Statistic<"terms", "terms", "Terms of all normal forms">];
}

#endif // TRITTER_DERIVATION_PASSES_TD
