// Gradients of whole steps in f64 against finite differences of the loss, for models that between them have every
// operation there is.

#include "runtime/device/reference/reference_device.h"
#include "test/Golden/compiled_model.h"

#include <gtest/gtest.h>

using namespace tritter;
using namespace tritter::testing;

namespace {

struct Family {
  std::string name, model;

  friend std::ostream &operator<<(std::ostream &out, const Family &family) { return out << family.name; }
};

class FiniteDifferences : public ::testing::TestWithParam<Family> {};

TEST_P(FiniteDifferences, AgreeWithGradients) {
  CompiledModel model(GetParam().model, "--head-rows 5 --precision f64 --target none", createReferenceDevice());
  expectFiniteDifferences(model);
}

INSTANTIATE_TEST_SUITE_P(
    All, FiniteDifferences,
    ::testing::Values(
        Family{"odd", goldenFile("odd.mlir")},
        Family{"llama", "tritter.decoder @m {layers = 2, hidden = 12, heads = 4, kv_heads = 2, head_dim = 6, "
                        "intermediate = 20, vocab = 17, tied = true, qkv_bias = true, norm_eps = 1.0e-2}"},
        Family{"gpt", "tritter.decoder @m {layers = 2, hidden = 12, heads = 2, intermediate = 20, vocab = 17, "
                      "max_positions = 9, norm = #tritter.norm<layer>, positions = #tritter.positions<learned>, "
                      "activation = #tritter.activation<gelu>, gated = false, bias = true}"},
        Family{"gelu_gated", "tritter.decoder @m {layers = 1, hidden = 8, heads = 1, intermediate = 12, vocab = 11, "
                             "activation = #tritter.activation<gelu>, bias = true}"},
        Family{"squared_relu", "tritter.decoder @m {layers = 1, hidden = 8, heads = 2, intermediate = 12, vocab = 11, "
                               "activation = #tritter.activation<squared_relu>, gated = false, tied = true}"},
        Family{"relu", "tritter.decoder @m {layers = 1, hidden = 8, heads = 2, kv_heads = 1, intermediate = 12, "
                       "vocab = 11, activation = #tritter.activation<relu>}"}),
    [](const auto &info) { return info.param.name; });

} // namespace
