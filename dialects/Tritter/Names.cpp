// The names that results are printed with: they say what a value is, and no pass may depend on them.

#include "dialects/Tritter/TritterDialect.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::tritter;

using SetName = OpAsmSetValueNameFn;

/// What an operation on the parameter `attn.q.weight` gives is called `q`.
static StringRef moduleNameOr(Value weight, StringRef otherwise) {
  auto param = weight.getDefiningOp<ParamOp>();
  if (!param || !param.getPath().contains('.'))
    return otherwise;
  StringRef module = param.getPath().rsplit('.').first;
  return module.substr(module.rfind('.') + 1);
}

void ParamOp::getAsmResultNames(SetName set) { set(getValue(), getPath()); }

void LayerOp::getAsmResultNames(SetName set) {
  // The stream after layer 3 is h4; h0 is what enters the first.
  unsigned index = 0;
  bool numbered = !getPath().rsplit('.').second.getAsInteger(10, index);
  std::string name = numbered ? llvm::formatv("h{0}", index + 1).str() : "h";
  for (Value output : getOutputs())
    set(output, name);
}

void EmbeddingOp::getAsmResultNames(SetName set) { set(getResult(), "embedded"); }
void PositionEmbeddingOp::getAsmResultNames(SetName set) { set(getResult(), "placed"); }
void LinearOp::getAsmResultNames(SetName set) { set(getResult(), moduleNameOr(getWeight(), "product")); }
void RmsNormOp::getAsmResultNames(SetName set) { set(getResult(), moduleNameOr(getWeight(), "normed")); }
void LayerNormOp::getAsmResultNames(SetName set) { set(getResult(), moduleNameOr(getWeight(), "normed")); }
void SplitHeadsOp::getAsmResultNames(SetName set) { set(getResult(), "heads"); }
void MergeHeadsOp::getAsmResultNames(SetName set) { set(getResult(), "merged"); }
void RopeOp::getAsmResultNames(SetName set) { set(getResult(), "rotated"); }
void AttentionOp::getAsmResultNames(SetName set) {
  set(getResult(), "attended");
  if (getLogSumExp())
    set(getLogSumExp(), "log_sum_exp");
}
void ActivationOp::getAsmResultNames(SetName set) { set(getResult(), stringifyActivationKind(getKind())); }
void AddOp::getAsmResultNames(SetName set) { set(getResult(), "sum"); }
void MulOp::getAsmResultNames(SetName set) { set(getResult(), "scaled"); }

void ApplyOp::getAsmResultNames(SetName set) { set(getLogits(), getModel()); }

void ObjectiveOp::getAsmBlockArgumentNames(Region &region, SetName set) {
  StringRef names[] = {"tokens", "targets"};
  for (auto [argument, name] : llvm::zip(region.getArguments(), names))
    set(argument, name);
}

void BlockOp::getAsmBlockArgumentNames(Region &region, SetName set) {
  if (region.getNumArguments() == 1)
    set(region.getArgument(0), "x");
}

void ModelOp::getAsmBlockArgumentNames(Region &region, SetName set) {
  if (region.getNumArguments() == 1)
    set(region.getArgument(0), "tokens");
}

void ProgramOp::getAsmBlockArgumentNames(Region &region, SetName set) {
  for (auto [argument, name] : llvm::zip(region.getArguments(), getNames()))
    set(argument, cast<StringAttr>(name).getValue());
}
