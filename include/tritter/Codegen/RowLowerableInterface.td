#ifndef TRITTER_CODEGEN_ROW_LOWERABLE_INTERFACE_TD
#define TRITTER_CODEGEN_ROW_LOWERABLE_INTERFACE_TD

include "mlir/IR/OpBase.td"

def Row_RowLowerableOpInterface : OpInterface<"RowLowerableOpInterface"> {
  let cppNamespace = "::mlir::row";
  let description = [{
    An operation that `--tritter-to-row` makes row kernels of. Attached to the operations of the tritter dialect by
    `lib/Codegen/Lower*.cpp`.
  }];
  let methods = [
    InterfaceMethod<[{
      Makes `row.generic` operations where the builder stands (KernelBuilder) and returns one value for each result. The
      operation has static shapes.
    }], "::llvm::SmallVector<::mlir::Value>", "lowerToRow", (ins "::mlir::OpBuilder &":$builder)>
  ];
}

#endif // TRITTER_CODEGEN_ROW_LOWERABLE_INTERFACE_TD
