#ifndef TRITTER_RUNTIME_HUGGINGFACE_NAMES_H
#define TRITTER_RUNTIME_HUGGINGFACE_NAMES_H

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tritter {

/// Two spellings of a module's path; {} is the layer's number in both. Weights and biases follow by `.weight`, `.bias`.
struct ModuleNames {
  std::string_view ours;
  std::string_view theirs;
};

/// A family of models in Hugging Face's library, as data.
struct Family {
  /// `model_type` and the class in `architectures`.
  std::string_view modelType;
  std::string_view architecture;
  std::span<const ModuleNames> modules;
  /// Tensors (patterns too) that files of this family may hold and that no parameter comes from.
  std::span<const std::string_view> ignored;
};

std::span<const Family> families();
/// Null where it is not known.
const Family *findFamily(std::string_view modelType);
/// "llama, mistral, qwen2", for messages.
std::string familyNames();

/// layers.3.attn.q.weight -> model.layers.3.self_attn.q_proj.weight; nothing where the family has no such parameter.
std::optional<std::string> theirName(const Family &family, std::string_view ours);
/// The name without the parts that wrappers of PyTorch put into it: _orig_mod.model.norm.weight -> model.norm.weight.
std::string withoutWrappers(std::string_view theirs);
bool isIgnored(const Family &family, std::string_view theirs);

} // namespace tritter

#endif // TRITTER_RUNTIME_HUGGINGFACE_NAMES_H
