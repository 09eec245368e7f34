#ifndef TRITTER_TRAINING_NARROWABLE_INTERFACE_TD
#define TRITTER_TRAINING_NARROWABLE_INTERFACE_TD

include "mlir/IR/OpBase.td"

def Tritter_NarrowableOpInterface : OpInterface<"NarrowableOpInterface"> {
  let cppNamespace = "::mlir::tritter";
  let description = [{
    An operation of models that says which of its operands and results `--tritter-precision` makes narrow (bf16) in a
    graph that is wide (f32). Attached to the operations of the dialect by `lib/Training/Narrowing.cpp`.
  }];
  let methods = [
    InterfaceMethod<"How it reads an operand.", "::mlir::tritter::Narrowing", "operandNarrowing",
                    (ins "unsigned":$operand)>,
    InterfaceMethod<"How it gives a result.", "::mlir::tritter::Narrowing", "resultNarrowing",
                    (ins "unsigned":$result)>
  ];
}

#endif // TRITTER_TRAINING_NARROWABLE_INTERFACE_TD
