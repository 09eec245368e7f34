#include "runtime/huggingface/names.h"

#include <algorithm>

namespace tritter {

// Llama, Mistral and Qwen2 share one layout; they differ in which linears have biases, which the model's parameters
// say.
static constexpr ModuleNames llamaModules[] = {
    {"embed", "model.embed_tokens"},
    {"layers.{}.attn_norm", "model.layers.{}.input_layernorm"},
    {"layers.{}.attn.q", "model.layers.{}.self_attn.q_proj"},
    {"layers.{}.attn.k", "model.layers.{}.self_attn.k_proj"},
    {"layers.{}.attn.v", "model.layers.{}.self_attn.v_proj"},
    {"layers.{}.attn.o", "model.layers.{}.self_attn.o_proj"},
    {"layers.{}.mlp_norm", "model.layers.{}.post_attention_layernorm"},
    {"layers.{}.mlp.gate", "model.layers.{}.mlp.gate_proj"},
    {"layers.{}.mlp.up", "model.layers.{}.mlp.up_proj"},
    {"layers.{}.mlp.down", "model.layers.{}.mlp.down_proj"},
    {"final_norm", "model.norm"},
    {"head", "lm_head"},
};

// Buffers that older files carry: rotary frequencies and tables, which config.json determines.
static constexpr std::string_view llamaIgnored[] = {
    "model.rotary_emb.inv_freq",
    "model.rotary_emb.original_inv_freq",
    "model.layers.{}.self_attn.rotary_emb.inv_freq",
    "model.layers.{}.self_attn.rotary_emb.original_inv_freq",
    "model.layers.{}.self_attn.rotary_emb.cos_cached",
    "model.layers.{}.self_attn.rotary_emb.sin_cached",
};

// What PyTorch's wrappers call the module inside: torch.compile, DistributedDataParallel and DataParallel, FSDP,
// activation checkpointing, DeepSpeed's and Accelerate's forward wrappers.
static constexpr std::string_view wrappers[] = {"_orig_mod", "module", "_fsdp_wrapped_module",
                                                "_checkpoint_wrapped_module", "_forward_module"};

static constexpr Family knownFamilies[] = {
    {"llama", "LlamaForCausalLM", llamaModules, llamaIgnored},
    {"mistral", "MistralForCausalLM", llamaModules, llamaIgnored},
    {"qwen2", "Qwen2ForCausalLM", llamaModules, llamaIgnored},
};

std::span<const Family> families() { return knownFamilies; }

const Family *findFamily(std::string_view modelType) {
  for (const Family &family : knownFamilies)
    if (family.modelType == modelType)
      return &family;
  return nullptr;
}

std::string familyNames() {
  std::string names;
  for (const Family &family : knownFamilies)
    names += (names.empty() ? "" : ", ") + std::string(family.modelType);
  return names;
}

/// The layer's number where `name` is `pattern` with a number for {} (empty where the pattern has no {}).
static std::optional<std::string_view> match(std::string_view pattern, std::string_view name) {
  size_t hole = pattern.find("{}");
  if (hole == std::string_view::npos)
    return pattern == name ? std::optional(std::string_view()) : std::nullopt;
  std::string_view before = pattern.substr(0, hole), after = pattern.substr(hole + 2);
  if (name.size() <= before.size() + after.size() || !name.starts_with(before) || !name.ends_with(after))
    return std::nullopt;
  std::string_view number = name.substr(before.size(), name.size() - before.size() - after.size());
  bool digits = std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits ? std::optional(number) : std::nullopt;
}

std::optional<std::string> theirName(const Family &family, std::string_view ours) {
  size_t dot = ours.rfind('.');
  if (dot == std::string_view::npos)
    return std::nullopt;
  std::string_view module = ours.substr(0, dot), leaf = ours.substr(dot);
  if (leaf != ".weight" && leaf != ".bias")
    return std::nullopt;
  for (const ModuleNames &names : family.modules)
    if (std::optional<std::string_view> number = match(names.ours, module)) {
      std::string name(names.theirs);
      if (size_t hole = name.find("{}"); hole != std::string::npos)
        name.replace(hole, 2, *number);
      return name + std::string(leaf);
    }
  return std::nullopt;
}

std::string withoutWrappers(std::string_view theirs) {
  std::string name;
  while (!theirs.empty()) {
    size_t end = std::min(theirs.find('.'), theirs.size());
    std::string_view part = theirs.substr(0, end);
    if (std::find(std::begin(wrappers), std::end(wrappers), part) == std::end(wrappers))
      (name += name.empty() ? "" : ".") += part;
    theirs.remove_prefix(std::min(end + 1, theirs.size()));
  }
  return name;
}

bool isIgnored(const Family &family, std::string_view theirs) {
  return std::any_of(family.ignored.begin(), family.ignored.end(),
                     [&](std::string_view pattern) { return match(pattern, theirs).has_value(); });
}

} // namespace tritter
