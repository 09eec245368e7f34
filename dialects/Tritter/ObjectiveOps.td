#ifndef TRITTER_OBJECTIVE_OPS_TD
#define TRITTER_OBJECTIVE_OPS_TD

// What is trained, and for what loss: several models in one module, and a sum of terms.

include "dialects/Tritter/ModelOps.td"
include "mlir/IR/SymbolInterfaces.td"

def Tritter_ObjectiveOp : Tritter_Op<"objective", [IsolatedFromAbove, Symbol, SingleBlock, NoTerminator,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>]> {
  let summary = "the loss that a model is trained for: a sum of weighted terms";
  let description = [{
    A module with one model needs none: its loss is the cross entropy of its logits. `trains` names the model whose
    parameters are trained; the others that the body applies are frozen, and their parameters are another checkpoint's.
    The arguments are the tokens and the targets of a batch.

    ```mlir
    tritter.model @student(%tokens: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
      %w = tritter.param "embed.weight" : tensor<16x16xf32>
      %x = tritter.embedding %tokens, %w : tensor<?x?xi32>, tensor<16x16xf32>
      tritter.yield %x : tensor<?x?x16xf32>
    }
    tritter.model @teacher(%tokens: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
      %w = tritter.param "embed.weight" : tensor<16x16xf32>
      %x = tritter.embedding %tokens, %w : tensor<?x?xi32>, tensor<16x16xf32>
      tritter.yield %x : tensor<?x?x16xf32>
    }
    tritter.objective @distil trains @student {
    ^bb0(%tokens: tensor<?x?xi32>, %targets: tensor<?x?xi32>):
      %s = tritter.apply @student(%tokens) : (tensor<?x?xi32>) -> tensor<?x?x16xf32>
      %t = tritter.apply @teacher(%tokens) : (tensor<?x?xi32>) -> tensor<?x?x16xf32>
      %losses = tritter.cross_entropy %s, %targets : tensor<?x?x16xf32>, tensor<?x?xi32>
      tritter.term "cross_entropy" weight 1.0, %losses : tensor<?x?xf32>
      %products = tritter.mul %s, %t : tensor<?x?x16xf32>
      tritter.term "alignment" weight -0.1, %products : tensor<?x?x16xf32>
    }
    ```

    - C1: `trains` names a `tritter.model`.
    - C2: The arguments are two tensors of i32 of one shape [B, T].
    - C3: No two terms have one name.
    - C4: There is a term.
    - C5: The body applies the model that it trains.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, FlatSymbolRefAttr:$trains);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name `trains` $trains attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def Tritter_ApplyOp : Tritter_Op<"apply", [Pure, HasParent<"ObjectiveOp">, Tritter_Named,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "the logits of a model";
  let description = [{
    - C1: `model` names a `tritter.model`.
    - C2: The operand and the result have the types of the model's.
  }];
  let arguments = (ins FlatSymbolRefAttr:$model, Tritter_Indices:$tokens);
  let results = (outs Tritter_Tensor:$logits);
  let assemblyFormat = "$model `(` $tokens `)` attr-dict `:` functional-type($tokens, $logits)";
}

def Tritter_TermOp : Tritter_Op<"term", [MemoryEffects<[MemWrite]>, HasParent<"ObjectiveOp">]> {
  let summary = "adds a weight times the mean of a tensor to the loss";
  let description = [{
    The mean is a result `term.NAME` of the step, before its weight, where there is more than one term.
  }];
  let arguments = (ins StrAttr:$name, F64Attr:$weight, Tritter_Tensor:$losses);
  let assemblyFormat = "$name `weight` $weight `,` $losses attr-dict `:` type($losses)";
}

#endif // TRITTER_OBJECTIVE_OPS_TD
