#ifndef TRITTER_ELABORATE_SUMMARY_H
#define TRITTER_ELABORATE_SUMMARY_H

#include "dialects/Tritter/TritterDialect.h"

#include "runtime/schema/model_generated.h"

#include "mlir/IR/BuiltinOps.h"

namespace mlir::tritter {

namespace schema = ::tritter::schema;

/// What an elaborated model is, read off its operations; each block on its own, since layers may differ.
schema::ModelConfigT summarise(ModelOp model);

/// 6738415616 as 6,738,415,616.
std::string withCommas(int64_t number);

} // namespace mlir::tritter

#endif // TRITTER_ELABORATE_SUMMARY_H
