#ifndef TRITTER_RUNTIME_TRAIN_INITIAL_CHECKPOINT_H
#define TRITTER_RUNTIME_TRAIN_INITIAL_CHECKPOINT_H

#include "runtime/base/status.h"
#include "runtime/executable/executable.h"
#include "runtime/schema/checkpoint_generated.h"

#include <optional>
#include <string>

namespace tritter {

/// Writes the checkpoint that training from scratch begins with: every parameter by its initialiser, and a lineage of
/// one record. `model` is how the user named the model.
Status writeInitialCheckpoint(const Executable &executable, const std::string &model,
                              const std::optional<schema::TokenizerRecordT> &tokenizer, const std::string &path);

} // namespace tritter

#endif // TRITTER_RUNTIME_TRAIN_INITIAL_CHECKPOINT_H
