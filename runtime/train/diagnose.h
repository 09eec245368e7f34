#ifndef TRITTER_RUNTIME_TRAIN_DIAGNOSE_H
#define TRITTER_RUNTIME_TRAIN_DIAGNOSE_H

#include "runtime/train/model_program.h"

#include <cstdint>
#include <span>
#include <string>

namespace tritter {

/// Where the numbers of a step stopped being finite: "the parameter layers.3.mlp.down.weight", else "layers.3" (the
/// first layer whose output is not finite for `tokens`), else "the gradient of layers.3.mlp.down.weight" (the last one
/// in the order of the model, which is where the backward pass came to first); empty where everything is finite.
///
/// `forward` is the same model with the entry `logits`, one window at a time; it gets the parameters of `program`. Null
/// where there is none: then only parameters and gradients are looked at.
Result<std::string> firstNotFinite(ModelProgram &program, ModelProgram *forward, std::span<const int32_t> tokens);

} // namespace tritter

#endif // TRITTER_RUNTIME_TRAIN_DIAGNOSE_H
