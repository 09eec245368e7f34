#ifndef TRITTER_PROOF_ADJOINT_INTERFACE_TD
#define TRITTER_PROOF_ADJOINT_INTERFACE_TD

include "mlir/IR/OpBase.td"

def Growth_AdjointOpInterface : OpInterface<"AdjointOpInterface"> {
  let cppNamespace = "::mlir::growth";
  let description = [{
    An operation through which gradients of a grown model are related to those of its base. The rules are attached to
    the operations of the tritter dialect by `lib/Proof/AdjointRules.cpp`; behind an operation without one nothing is
    known of gradients.
  }];
  let methods = [
    InterfaceMethod<[{
      Passes on to the operands what `context.gradient()` says of the result, `base` being the operation of the base
      whose result's gradient that is about. What is not passed on is unknown. Fails where the operands are not related
      to those of `base`.
    }], "::llvm::LogicalResult", "pullBack",
      (ins "::mlir::Operation *":$base, "::mlir::growth::AdjointContext &":$context)>,
    InterfaceMethod<[{
      The same where there is no such operation: what holds of the operation alone.
    }], "void", "pullBackAlone", (ins "::mlir::growth::AdjointContext &":$context),
      /*methodBody=*/"", /*defaultImplementation=*/"(void)context;"
    >
  ];
}

#endif // TRITTER_PROOF_ADJOINT_INTERFACE_TD
