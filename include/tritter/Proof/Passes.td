#ifndef TRITTER_PROOF_PASSES_TD
#define TRITTER_PROOF_PASSES_TD

include "mlir/Pass/PassBase.td"

def TritterVerifyGrowthPass : Pass<"tritter-verify-growth", "::mlir::ModuleOp"> {
  let summary = "proves that a grown model computes what its base does, or says where it does not";
  let description = [{
    Relates the values of the grown model to those of the base, whatever the weights, and leaves the verdict on the
    grown model: `exact`, `rounding` or `not-preserved` with the first operation where the relation is lost, as an
    attribute `growth.proof` and as a remark. docs/proof.md says what is proved, and how.

    A growth that promises the same function (`growth.promise`, which the pass that grows leaves on the model) and does
    not preserve it is an error, and so is any that does not with `require`.

    Preconditions: both models are elaborated and in the module, the derivations of the grown one read from the base
    (`--growth-normalise` folds a chain of growths). Without options, the grown models are those that have derivations,
    and each base is the model that they read.

    ```mlir
    tritter.decoder @base {layers = 2, hidden = 8, heads = 2, intermediate = 16, vocab = 32}
    ```
    after `--tritter-elaborate` and `--tritter-depth-upscale=layers=3` becomes
    ```mlir
    tritter.model @base(%tokens: tensor<?x?xi32>) -> tensor<?x?x32xf32> {
    ...
    tritter.model @grown(%tokens: tensor<?x?xi32>) -> tensor<?x?x32xf32> attributes {growth.promise = #growth.promise<preserves>, growth.proof = #growth.proof<exact, bitwise>} {
    ...
    ```
  }];
  let options = [
    Option<"base", "base", "std::string", "\"\"", "The model that was grown">,
    Option<"grown", "grown", "std::string", "\"\"", "The model that it was grown to">,
    Option<"require", "require", "bool", "false", "Fail where the growth is not preserved">
  ];
  let dependentDialects = ["::mlir::growth::GrowthDialect"];
}

#endif // TRITTER_PROOF_PASSES_TD
