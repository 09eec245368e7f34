// The presets: published shapes by the sizes that people call them, and small ones to begin with.

#include "Description.h"

#include "tritter/Elaborate/ModelSpelling.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::tritter;

namespace {
struct Preset {
  StringRef name;
  int64_t layers, hidden, heads, kvHeads, intermediate;
  bool tied;
  double ropeTheta;
  int64_t maxPositions;
  /// 0: the tokenizer's.
  int64_t vocab;
  /// Where the shape is from.
  StringRef origin;
};
} // namespace

// clang-format off
static const Preset presets[] = {
    // name    layers hidden heads kv  inner  tied   theta   positions vocab   origin
    {"15M",        6,   288,    6,  6,   768, true,  10000.0,    2048,      0, "llama2.c, stories15M"},
    {"25M",        8,   384,    6,  2,  1024, true,  10000.0,    2048,      0, "24.9M with 32,000 tokens"},
    {"125M",      12,   768,   12, 12,  2560, true,  10000.0,    2048,      0, "123.7M with 32,000 tokens"},
    {"350M",      24,  1024,   16, 16,  2816, true,  10000.0,    2048,      0, "341M with 32,000 tokens"},
    {"1B",        16,  2048,   32,  8,  8192, true,  500000.0, 131072, 128256, "Llama 3.2 1B"},
    {"3B",        28,  3072,   24,  8,  8192, true,  500000.0, 131072, 128256, "Llama 3.2 3B"},
    {"7B",        32,  4096,   32, 32, 11008, false, 10000.0,    4096,  32000, "Llama 2 7B"},
    {"8B",        32,  4096,   32,  8, 14336, false, 500000.0,   8192, 128256, "Llama 3 8B"},
    {"10.7B",     48,  4096,   32,  8, 14336, false, 10000.0,    4096,  32000, "SOLAR 10.7B"},
    {"13B",       40,  5120,   40, 40, 13824, false, 10000.0,    4096,  32000, "Llama 2 13B"},
    {"70B",       80,  8192,   64,  8, 28672, false, 500000.0,   8192, 128256, "Llama 3 70B"},
};
// clang-format on

SmallVector<std::string> tritter::presetNames() {
  return llvm::map_to_vector(presets, [](const Preset &preset) { return ("llama:" + preset.name).str(); });
}

FailureOr<Description> tritter::describePreset(MLIRContext *context, StringRef name) {
  const Preset *preset = llvm::find_if(
      presets, [&](const Preset &preset) { return name.equals_insensitive(("llama:" + preset.name).str()); });
  if (preset == std::end(presets)) {
    SmallVector<std::string> names = presetNames();
    std::string message = ("there is no preset " + name).str();
    if (std::optional<StringRef> near = nearest(name, SmallVector<StringRef>(names.begin(), names.end())))
      message += (": did you mean " + *near + "?").str();
    else
      message += ", there are " + llvm::join(names, ", ");
    return spellingError(context, message);
  }

  Builder builder(context);
  Description description;
  description.name = "llama_" + preset->name.lower();
  auto set = [&](StringRef key, Attribute value) { description.attributes.set(key, value); };
  set("layers", builder.getI64IntegerAttr(preset->layers));
  set("hidden", builder.getI64IntegerAttr(preset->hidden));
  set("heads", builder.getI64IntegerAttr(preset->heads));
  set("kv_heads", builder.getI64IntegerAttr(preset->kvHeads));
  set("intermediate", builder.getI64IntegerAttr(preset->intermediate));
  set("tied", builder.getBoolAttr(preset->tied));
  set("rope_theta", builder.getF64FloatAttr(preset->ropeTheta));
  set("max_positions", builder.getI64IntegerAttr(preset->maxPositions));
  if (preset->vocab)
    set("vocab", builder.getI64IntegerAttr(preset->vocab));
  return description;
}
