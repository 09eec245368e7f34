#ifndef TRITTER_ELABORATE_SUMMARY_H
#define TRITTER_ELABORATE_SUMMARY_H

#include "dialects/Tritter/TritterDialect.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/JSON.h"

namespace mlir::tritter {

/// A model's shape, read off its IR. What a model has not (heads without attention, say) is 0.
struct ModelSummary {
  std::string name;
  /// Elements of all parameters of all instances; a tied table counts once.
  int64_t parameters = 0;
  /// Those that take part in products: all but the tables that are only looked up.
  int64_t productParameters = 0;
  int64_t layers = 0, hidden = 0, heads = 0, kvHeads = 0, headDim = 0, intermediate = 0, vocab = 0;
  bool tied = false;
  NormKind norm = NormKind::Rms;
  double normEps = 0;
  PositionKind positions = PositionKind::Rope;
  double ropeTheta = 0;
  /// 0 where nothing bounds them.
  int64_t maxPositions = 0;
  ActivationKind activation = ActivationKind::Silu;
  bool gated = false, qkvBias = false, bias = false;

  /// Floating point operations of training on one token of sequences of this length: 6 for each parameter that takes
  /// part in products, and 6 T L H D for the attention (causal, so half of every square).
  double flopsPerToken(int64_t sequence) const;
  /// The object that executables and checkpoints carry as `config`.
  llvm::json::Object toJson(int64_t sequence) const;
};

/// Reads the shape off an elaborated model; layers are taken to be alike in what its first one is.
ModelSummary summarise(ModelOp model);

/// Calls `visit` with the whole path of every parameter of every instance, in the order of the model, with the instance
/// (null for the model's own).
void forEachParameter(ModelOp model, function_ref<void(const std::string &path, ParamOp param, LayerOp layer)> visit);

/// 6738415616 as 6,738,415,616.
std::string withCommas(int64_t number);

} // namespace mlir::tritter

#endif // TRITTER_ELABORATE_SUMMARY_H
