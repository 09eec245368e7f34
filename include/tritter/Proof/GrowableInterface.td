#ifndef TRITTER_PROOF_GROWABLE_INTERFACE_TD
#define TRITTER_PROOF_GROWABLE_INTERFACE_TD

include "mlir/IR/OpBase.td"

def Growth_GrowableOpInterface : OpInterface<"GrowableOpInterface"> {
  let cppNamespace = "::mlir::growth";
  let description = [{
    An operation that the proof of growths has a rule for. The rules are attached to the operations of the tritter
    dialect by `lib/Proof/Rules*.cpp`; an operation without one gives a result of which nothing is known.
  }];
  let methods = [
    InterfaceMethod<[{
      How this operation's result is made of the result of `base`, an operation of the same kind in the base's graph, or
      nothing, with a reason, where it is not. Must be sound whatever `base` is: it was found by looking at what reads
      related values, and nothing says that it is the right one.
    }], "std::optional<::mlir::growth::Relation>", "relate",
      (ins "::mlir::Operation *":$base, "::mlir::growth::RuleContext &":$context)>,
    InterfaceMethod<[{
      What is known of the result from the operands alone: that it is zero, or an operand that passes through.
    }], "::mlir::growth::Knowledge", "relateAlone", (ins "::mlir::growth::RuleContext &":$context)>
  ];
}

#endif // TRITTER_PROOF_GROWABLE_INTERFACE_TD
