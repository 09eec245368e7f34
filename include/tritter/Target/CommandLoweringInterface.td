#ifndef TRITTER_TARGET_COMMAND_LOWERING_INTERFACE_TD
#define TRITTER_TARGET_COMMAND_LOWERING_INTERFACE_TD

include "mlir/IR/OpBase.td"

def Tritter_CommandLoweringOpInterface : OpInterface<"CommandLoweringOpInterface"> {
  let cppNamespace = "::mlir::tritter";
  let description = [{
    An operation that `--tritter-to-exec` makes commands of, being no row kernel: a product, an attention. Attached to
    the operations of the tritter dialect by `lib/Target/CommandLowerings.cpp`.
  }];
  let methods = [
    InterfaceMethod<[{
      Makes the commands. Every operand and result has its place by now, and results may be written in any order.
    }], "::llvm::LogicalResult", "lowerToCommands", (ins "::mlir::tritter::CommandBuilder &":$commands)>,
    InterfaceMethod<"Bytes that it needs while it runs, beside operands and results.", "int64_t", "scratchBytes",
                    (ins), "", "return 0;">,
    InterfaceMethod<[{
      Whether it can add the result to what is in its place (CommandBuilder::accumulates), as a gradient is. Every
      result can be written to any place.
    }], "bool", "canAccumulate", (ins "unsigned":$result), "", "return false;">,
    InterfaceMethod<"What a result is, in a word or two of the model, for the memory plan.", "std::string",
                    "describeResult", (ins "unsigned":$result), "",
                    "return $_op->getName().stripDialect().str();">
  ];
}

#endif // TRITTER_TARGET_COMMAND_LOWERING_INTERFACE_TD
