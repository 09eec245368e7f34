#ifndef TRITTER_TARGET_COMMANDEMISSION_H
#define TRITTER_TARGET_COMMANDEMISSION_H

#include "runtime/schema/executable_generated.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/OpDefinition.h"

namespace mlir::exec {

/// What commands refer to by number.
class EmissionContext {
public:
  virtual ~EmissionContext() = default;
  /// The number of a kernel, emitted at its first use; fails with a diagnostic at `user` where there is none.
  virtual FailureOr<unsigned> kernel(Operation *user, FlatSymbolRefAttr name) = 0;
  virtual unsigned sequence(FlatSymbolRefAttr name) = 0;
};

/// Gives the commands of the exec dialect their EmittableOpInterface. Executables are written with it.
void registerCommandEmission(DialectRegistry &registry);

} // namespace mlir::exec

#include "lib/Target/EmittableInterface.h.inc"

#endif // TRITTER_TARGET_COMMANDEMISSION_H
