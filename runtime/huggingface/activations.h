#ifndef TRITTER_RUNTIME_HUGGINGFACE_ACTIVATIONS_H
#define TRITTER_RUNTIME_HUGGINGFACE_ACTIVATIONS_H

#include <string_view>

namespace tritter {

/// An activation as a ModelConfig has it, and a name of it in config.json's hidden_act.
struct ActivationName {
  std::string_view ours, theirs;
};

/// The first of several names is what is written.
inline constexpr ActivationName activationNames[] = {{"silu", "silu"}, {"silu", "swish"},
                                                     {"gelu", "gelu"}, {"gelu", "gelu_python"},
                                                     {"relu", "relu"}, {"squared_relu", "relu2"}};

} // namespace tritter

#endif // TRITTER_RUNTIME_HUGGINGFACE_ACTIVATIONS_H
