#ifndef TRITTER_TOOLS_TRITTER_RUN_MODEL_TEXT_H
#define TRITTER_TOOLS_TRITTER_RUN_MODEL_TEXT_H

#include "runtime/schema/model_generated.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

/// What models are, as people and scripts read it.
namespace tritter {

struct ModelSize {
  std::string name;
  /// Where layers differ, what they have in the order of the model: "384/512".
  std::string value;
};

/// layers, hidden, heads, kv_heads, intermediate and vocab.
std::vector<ModelSize> modelSizes(const schema::ModelConfigT &config);

/// "layers 6, hidden 256, heads 4, kv_heads 2, intermediate 704, vocab 2048, tied true".
std::string describeModel(const schema::ModelConfigT &config);

/// The configuration as the schema names it.
nlohmann::ordered_json modelJson(const schema::ModelConfigT &config);

} // namespace tritter

#endif // TRITTER_TOOLS_TRITTER_RUN_MODEL_TEXT_H
