#ifndef TRITTER_DIFFERENTIABLE_INTERFACE_TD
#define TRITTER_DIFFERENTIABLE_INTERFACE_TD

include "mlir/IR/OpBase.td"

def Tritter_DifferentiableOpInterface : OpInterface<"DifferentiableOpInterface"> {
  let cppNamespace = "::mlir::tritter";
  let description = [{
    An operation that knows its own backward. The models of this interface are attached to the operations of the
    dialect by `lib/Training/Gradients.cpp`, so that the dialect depends on no transformation.
  }];
  let methods = [
    InterfaceMethod<[{
      Makes the operation ready to be differentiated: puts one in its place that saves what the backward needs, if it
      must. Returns what stands there then.
    }], "::mlir::Operation *", "prepareForGradient", (ins), "", "return $_op;">,
    InterfaceMethod<[{
      Whether it takes gradients as they were summed, in f32, and not rounded to the type of its results. It then gives
      gradients that are only rounded where it says.
    }], "bool", "takesUnroundedGradients", (ins), "", "return false;">,
    InterfaceMethod<[{
      Builds the gradients of the operands from those of the results. `resultGradients` has one value for each result,
      null where no gradient reaches it; `needed` says for which operands a gradient is wanted. Returns one value for
      each operand, null where there is none to give. The operation's own operands and results may be used: what is
      used becomes a saved value.
    }], "::llvm::SmallVector<::mlir::Value>", "buildGradient",
      (ins "::mlir::OpBuilder &":$builder, "::llvm::ArrayRef<::mlir::Value>":$resultGradients,
           "::llvm::ArrayRef<bool>":$needed)>
  ];
}

#endif // TRITTER_DIFFERENTIABLE_INTERFACE_TD
