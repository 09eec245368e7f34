#ifndef TRITTER_EXEC_COMMAND_INTERFACE_TD
#define TRITTER_EXEC_COMMAND_INTERFACE_TD

include "mlir/IR/OpBase.td"

def Exec_CommandOpInterface : OpInterface<"CommandOpInterface"> {
  let cppNamespace = "::mlir::exec";
  let description = [{
    An operation that a sequence may hold: one command of the device.
  }];
  let methods = [
    InterfaceMethod<[{
      The floating-point operations that the command itself does, as they are usually counted for a utilisation: of
      matrix products and attention, a multiplication and an addition being two, of causal scores the half that is
      needed, and nothing for what a backward computes again. Row kernels and moved bytes count as none. A call counts
      as none either: what it runs is counted with the sequence that it calls.
    }], "uint64_t", "countOperations">
  ];
}

#endif // TRITTER_EXEC_COMMAND_INTERFACE_TD
