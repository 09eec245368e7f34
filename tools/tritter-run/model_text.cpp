#include "model_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>

using namespace tritter;
using nlohmann::ordered_json;

/// What a list of every block says, each value once: "384/512".
template <typename T>
static std::string overLayers(const schema::ModelConfigT &config,
                              std::vector<std::unique_ptr<T>> schema::BlockConfigT::*list, uint64_t T::*size) {
  std::vector<uint64_t> values;
  for (const std::unique_ptr<schema::BlockConfigT> &block : config.blocks)
    for (const std::unique_ptr<T> &element : *block.*list)
      if (std::find(values.begin(), values.end(), (*element).*size) == values.end())
        values.push_back((*element).*size);
  std::string text;
  for (uint64_t value : values)
    text += fmt::format("{}{}", text.empty() ? "" : "/", value);
  return text.empty() ? "0" : text;
}

std::vector<ModelSize> tritter::modelSizes(const schema::ModelConfigT &config) {
  using Block = schema::BlockConfigT;
  using Attention = schema::AttentionConfigT;
  return {{"layers", std::to_string(config.layers)},
          {"hidden", std::to_string(config.hidden)},
          {"heads", overLayers(config, &Block::attention, &Attention::heads)},
          {"kv_heads", overLayers(config, &Block::attention, &Attention::kv_heads)},
          {"intermediate", overLayers(config, &Block::mlp, &schema::MlpConfigT::intermediate)},
          {"vocab", std::to_string(config.vocab)}};
}

std::string tritter::describeModel(const schema::ModelConfigT &config) {
  std::string text;
  for (const ModelSize &size : modelSizes(config))
    text += fmt::format("{} {}, ", size.name, size.value);
  return text + fmt::format("tied {}", config.tied);
}

static ordered_json normsJson(const std::vector<std::unique_ptr<schema::NormConfigT>> &norms) {
  ordered_json list = ordered_json::array();
  for (const std::unique_ptr<schema::NormConfigT> &norm : norms)
    list.push_back({{"kind", norm->kind}, {"eps", norm->eps}});
  return list;
}

static ordered_json blockJson(const schema::BlockConfigT &block) {
  ordered_json attention = ordered_json::array(), mlp = ordered_json::array();
  for (const std::unique_ptr<schema::AttentionConfigT> &element : block.attention)
    attention.push_back({{"heads", element->heads},
                         {"kv_heads", element->kv_heads},
                         {"head_dim", element->head_dim},
                         {"rope_theta", element->rope_theta},
                         {"qkv_bias", element->qkv_bias},
                         {"output_bias", element->output_bias}});
  for (const std::unique_ptr<schema::MlpConfigT> &element : block.mlp)
    mlp.push_back({{"intermediate", element->intermediate},
                   {"activation", element->activation},
                   {"gated", element->gated},
                   {"bias", element->bias}});
  return {{"name", block.name},
          {"layers", block.layers},
          {"attention", attention},
          {"mlp", mlp},
          {"norms", normsJson(block.norms)}};
}

ordered_json tritter::modelJson(const schema::ModelConfigT &config) {
  ordered_json blocks = ordered_json::array();
  for (const std::unique_ptr<schema::BlockConfigT> &block : config.blocks)
    blocks.push_back(blockJson(*block));
  return {{"parameters", config.parameters},
          {"layers", config.layers},
          {"hidden", config.hidden},
          {"vocab", config.vocab},
          {"tied", config.tied},
          {"positions", config.positions},
          {"max_positions", config.max_positions},
          {"norms", normsJson(config.norms)},
          {"blocks", blocks}};
}
