#ifndef TRITTER_SUPPORT_PARAMETERLAYOUT_H
#define TRITTER_SUPPORT_PARAMETERLAYOUT_H

#include "dialects/Tritter/TritterDialect.h"

#include "llvm/ADT/StringMap.h"

#include <array>
#include <string>
#include <vector>

namespace mlir::tritter {

/// Parameters that are stored together, in this order: trained ones with weight decay, trained ones without, and those
/// that are not trained.
enum class ParameterGroup { Decayed, Undecayed, Frozen };

/// A parameter of a whole model.
struct LayoutParameter {
  /// From the root of the model: layers.3.attn.q.weight.
  std::string path;
  /// Shape, and the type that the forward pass reads.
  RankedTensorType type;
  /// Of rank 2 and more: neither a bias nor of a norm.
  bool decayed = false;
  bool trainable = true;
  ParameterGroup group = ParameterGroup::Decayed;
  /// In the block or in the model; says where the values come from (initialiser, derivation).
  ParamOp op;
  /// The instance that it belongs to; null where it stands in the model itself.
  LayerOp layer;
  /// Elements from where the group begins; a multiple of `parameterAlignment`.
  int64_t offset = 0;
  /// Bytes from where values begin (all groups, one after the other).
  int64_t valueBytes = 0;

  int64_t elements() const { return type.getNumElements(); }
};

/// Where a model's parameters lie. Values, masters, gradients and the optimizer's moments have the same order.
class ParameterLayout {
public:
  /// Parameters begin at multiples of this many elements.
  static constexpr int64_t parameterAlignment = 64;
  /// A group is a whole number of rows of this many elements.
  static constexpr int64_t rowLength = 1024;

  /// Of a model, in the order of first use. Fails, with a diagnostic, where a path stands for two different
  /// parameters, or where a trained group has values of several types.
  static FailureOr<ParameterLayout> get(ModelOp model);

  const std::vector<LayoutParameter> &parameters() const { return parameters_; }
  /// Null where there is none of that path.
  const LayoutParameter *find(StringRef path) const;

  /// Elements of a trained group, padded to whole rows; 0 where it is empty.
  int64_t groupElements(ParameterGroup group) const { return sizes_[size_t(group)]; }
  int64_t groupRows(ParameterGroup group) const { return groupElements(group) / rowLength; }
  /// The type of the group's values; f32 where it is empty.
  Type valueType(ParameterGroup group) const { return types_[size_t(group)]; }
  /// The type of masters, gradients and moments: f64 for f64, else f32.
  Type masterType(ParameterGroup group) const;
  /// The matrix that `tritter.state` reads for a kind (value, master, gradient, adam.m, adam.v) and a trained group.
  RankedTensorType stateType(StringRef kind, bool decayed) const;
  /// The masters are the values: both have one type.
  bool masterIsValue(ParameterGroup group) const { return valueType(group) == masterType(group); }

  /// Bytes from where values begin to the group's, and of all values.
  int64_t valueOffset(ParameterGroup group) const { return valueOffsets_[size_t(group)]; }
  int64_t valueBytes() const { return valueBytes_; }

private:
  LogicalResult add(ParamOp op, LayerOp layer);
  LogicalResult place(MLIRContext *context);

  std::vector<LayoutParameter> parameters_;
  llvm::StringMap<size_t> byPath_;
  std::array<int64_t, 2> sizes_ = {};
  std::array<Type, 2> types_ = {};
  std::array<int64_t, 3> valueOffsets_ = {};
  int64_t valueBytes_ = 0;
};

} // namespace mlir::tritter

#endif // TRITTER_SUPPORT_PARAMETERLAYOUT_H
