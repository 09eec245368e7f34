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
    }], "::mlir::growth::Knowledge", "relateAlone", (ins "::mlir::growth::RuleContext &":$context)>,
    InterfaceMethod<[{
      Whether `base`, which reads a value of the base's that an operand is related to, is worth trying. Operations of
      one name, unless the rule knows better: what becomes experts was products.
    }], "bool", "mayStandFor", (ins "::mlir::Operation *":$base), "",
      "return $_op->getName() == base->getName();">,
    InterfaceMethod<[{
      All relations of the results to values of the base's graph, found from `base`: for an operation of several
      results, or one whose results stand for another operation's. Here the one result is that of `base`, as `relate`
      says.
    }], "::llvm::SmallVector<::mlir::growth::ResultFact, 2>", "relateResults",
      (ins "::mlir::Operation *":$base, "::mlir::growth::RuleContext &":$context), "", [{
        if ($_op->getNumResults() != 1 || base->getNumResults() != 1) {
          context.fail("there is no rule for its results");
          return {};
        }
        std::optional<::mlir::growth::Relation> relation = ::llvm::cast<::mlir::growth::GrowableOpInterface>($_op.getOperation()).relate(base, context);
        if (!relation)
          return {};
        return {{0, base->getResult(0), std::move(*relation)}};
      }]>,
    InterfaceMethod<"As `relateAlone`, of one of several results.", "::mlir::growth::Knowledge", "relateResultAlone",
      (ins "unsigned":$result, "::mlir::growth::RuleContext &":$context), "", [{
        if ($_op->getNumResults() != 1)
          return {};
        return ::llvm::cast<::mlir::growth::GrowableOpInterface>($_op.getOperation()).relateAlone(context);
      }]>
  ];
}

#endif // TRITTER_PROOF_GROWABLE_INTERFACE_TD
