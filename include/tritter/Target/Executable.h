#ifndef TRITTER_TARGET_EXECUTABLE_H
#define TRITTER_TARGET_EXECUTABLE_H

#include "dialects/Exec/ExecDialect.h"

#include "runtime/schema/executable_generated.h"
#include "tritter/Derivation/Schema.h"
#include "tritter/Support/ParameterLayout.h"

#include "mlir/IR/BuiltinOps.h"

#include <functional>
#include <memory>

namespace mlir::tritter {

namespace schema = ::tritter::schema;

/// The format that the compiler writes (schema/executable.fbs).
constexpr uint32_t executableVersion = 3;
/// Part of every fingerprint: executables of another compiler are others.
constexpr StringRef compilerVersion = "tritter-compile 1";

/// What an executable says of its parameters beside their places.
struct ParameterOptions {
  /// Of the initialisers.
  int64_t seed = 0;
  /// The types that checkpoints store parameters in, by LayoutParameter::key; those of the model where one has none.
  llvm::StringMap<Type> storedTypes;
  /// Models that the program runs beside the one that it trains: their parameters come after its own.
  SmallVector<ModelOp> frozen;
  /// Of a growth: what the gradient of a parameter in a layer (null: the model's own) is made of, or null where it is
  /// not made of the base's gradients alone.
  std::function<const growth::Derivation *(ParamOp, LayerOp)> adjoint;
};

/// The type that every parameter of the model, and of the frozen ones, has now, by LayoutParameter::key.
llvm::StringMap<Type> parameterTypes(ModelOp model, ArrayRef<ModelOp> frozen = {});

/// The commands of a module after `--tritter-to-exec`: arenas, bindings, kernels, sequences, entries.
LogicalResult emitProgram(ModuleOp module, schema::ExecutableT &executable);

/// Floating-point operations of one run of an entry: of its sequence's commands, and of what they call.
double countOperations(exec::EntryOp entry);

/// The parameters of the model in the module, with places where `executable` has arenas. What they derive from,
/// initialisers or another model's, is added to `derivations`.
LogicalResult emitParameters(ModelOp model, const ParameterOptions &options, growth::DerivationTables &derivations,
                             schema::ExecutableT &executable);
/// The same where nothing else refers to derivations: they become the executable's.
LogicalResult emitParameters(ModelOp model, const ParameterOptions &options, schema::ExecutableT &executable);

/// SHA-256 in hexadecimal over the pieces, each preceded by its length.
std::string fingerprint(ArrayRef<StringRef> pieces);

/// The bytes of a .texe, with the hash that ends it.
std::vector<uint8_t> serialise(const schema::ExecutableT &executable);

} // namespace mlir::tritter

#endif // TRITTER_TARGET_EXECUTABLE_H
