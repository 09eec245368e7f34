#include "runtime/executable/version_1.h"

#include <nlohmann/json.hpp>

using namespace tritter;

schema::StateGrowth tritter::growthInVersion1(std::string_view kind) {
  return kind == "adam.m"   ? schema::StateGrowth::Adjoint
         : kind == "adam.v" ? schema::StateGrowth::AdjointSquared
                            : schema::StateGrowth::Zero;
}

std::unique_ptr<schema::ModelConfigT> tritter::modelConfigOfVersion1(const std::string &text) {
  nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object())
    return nullptr;
  auto number = [&](const char *key) {
    auto found = json.find(key);
    return found != json.end() && found->is_number() ? found->get<double>() : 0.0;
  };
  auto size = [&](const char *key) { return static_cast<uint64_t>(number(key)); };
  auto flag = [&](const char *key) {
    auto found = json.find(key);
    return found != json.end() && found->is_boolean() && found->get<bool>();
  };
  auto word = [&](const char *key) {
    auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  auto norms = [&] {
    std::vector<std::unique_ptr<schema::NormConfigT>> list;
    if (!word("norm").empty()) {
      list.push_back(std::make_unique<schema::NormConfigT>());
      list.back()->kind = word("norm");
      list.back()->eps = number("norm_eps");
    }
    return list;
  };

  auto config = std::make_unique<schema::ModelConfigT>();
  config->parameters = size("parameters");
  config->layers = size("layers");
  config->hidden = size("hidden");
  config->vocab = size("vocab");
  config->tied = flag("tied");
  config->positions = word("positions");
  config->max_positions = size("max_positions");
  config->norms = norms();
  if (config->layers == 0)
    return config;
  auto block = std::make_unique<schema::BlockConfigT>();
  block->layers = config->layers;
  block->norms = norms();
  if (size("heads")) {
    auto attention = std::make_unique<schema::AttentionConfigT>();
    attention->heads = size("heads");
    attention->kv_heads = size("kv_heads");
    attention->head_dim = size("head_dim");
    attention->rope_theta = number("rope_theta");
    attention->qkv_bias = flag("qkv_bias");
    attention->output_bias = flag("bias");
    block->attention.push_back(std::move(attention));
  }
  if (size("intermediate")) {
    auto mlp = std::make_unique<schema::MlpConfigT>();
    mlp->intermediate = size("intermediate");
    mlp->activation = word("activation");
    mlp->gated = flag("gated");
    mlp->bias = flag("bias");
    block->mlp.push_back(std::move(mlp));
  }
  config->blocks.push_back(std::move(block));
  return config;
}
