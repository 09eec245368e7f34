#ifndef TRITTER_OP_INTERFACES_TD
#define TRITTER_OP_INTERFACES_TD

// What operations of graphs say of themselves. What only one family of passes needs to know is attached by that family:
// gradients (lib/Training/Gradients.cpp), precision (lib/Training/Narrowing.cpp), row kernels (lib/Codegen), commands
// (lib/Target), the proof's rules (lib/Proof).

include "mlir/IR/OpBase.td"

// Their meaning is in OpTraits.h.
def Tritter_Reshape : NativeOpTrait<"Reshape">;
def Tritter_RowWise : NativeOpTrait<"RowWise">;
def Tritter_ReadsWholeOperands : NativeOpTrait<"ReadsWholeOperands">;

def Tritter_RecomputableOpInterface : OpInterface<"RecomputableOpInterface"> {
  let cppNamespace = "::mlir::tritter";
  let description = [{
    An operation that is cheap to do again: it becomes a part of the row kernel that reads its result. A backward may
    compute it again instead of reading what the forward saved; one without this interface is saved.
  }];
  let methods = [
    InterfaceMethod<[{
      Costs nothing at all: another view of the same numbers, or the same numbers in a wider type. Its operand is saved
      in its place.
    }], "bool", "isFree", (ins), "", "return false;">
  ];
}

def Tritter_RefinableOpInterface : OpInterface<"RefinableOpInterface"> {
  let cppNamespace = "::mlir::tritter";
  let description = [{
    An operation whose result types follow from the operands' and from what they are already (how a dimension splits,
    the element type). One whose results follow from the operands alone has InferTypeOpInterface.
  }];
  let methods = [
    InterfaceMethod<"Gives the results the types that follow from the operands.", "void", "refineResultTypes">
  ];
}

#endif // TRITTER_OP_INTERFACES_TD
