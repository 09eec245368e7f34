#ifndef TRITTER_TARGET_EMITTABLE_INTERFACE_TD
#define TRITTER_TARGET_EMITTABLE_INTERFACE_TD

include "mlir/IR/OpBase.td"

def Exec_EmittableOpInterface : OpInterface<"EmittableOpInterface"> {
  let cppNamespace = "::mlir::exec";
  let description = [{
    A command that knows its table in `runtime/schema/executable.fbs`. Attached to the operations of the exec dialect by
    `lib/Target/EmitCommands.cpp`, so that the dialect does not depend on the schema.
  }];
  let methods = [
    InterfaceMethod<"Sets the step's command; fails with a diagnostic.", "::llvm::LogicalResult", "emit",
                    (ins "::tritter::schema::StepT &":$step, "::mlir::exec::EmissionContext &":$context)>
  ];
}

#endif // TRITTER_TARGET_EMITTABLE_INTERFACE_TD
