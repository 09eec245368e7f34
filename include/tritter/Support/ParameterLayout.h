#ifndef TRITTER_SUPPORT_PARAMETERLAYOUT_H
#define TRITTER_SUPPORT_PARAMETERLAYOUT_H

#include "dialects/Tritter/TritterDialect.h"

#include "llvm/ADT/StringMap.h"

#include <optional>
#include <string>
#include <vector>

namespace mlir::tritter {

/// Trained parameters that are stored together and updated by one kernel; torch's optimizers call it a param group.
/// Which one a parameter is in follows from the model's attribute `groups`: the first whose patterns fit its path, or
/// else the one without a name. Each lies in two halves: parameters of rank 2 and more, which have weight decay, and
/// norms and biases, which have none. They are called young.decay and young.no_decay, without a name decay and
/// no_decay.
struct ParameterGroup {
  std::string name;
  /// As the model's attribute has it, or empty. Both halves share the host's scalars and the count of updates.
  std::string base;
  bool decayed = false;
  /// What the host's learning rate is multiplied by for this group.
  double learningRateFactor = 1;
  /// The type that the forward pass reads.
  Type valueType;
  /// The type of masters and gradients: f64 for f64, else f32.
  Type masterType;
  /// Of all its parameters, padded to whole rows.
  int64_t elements = 0;
  /// Bytes from where all groups' values, masters and gradients begin.
  int64_t valueOffset = 0, masterOffset = 0, gradientOffset = 0;

  /// The masters are the values: both have one type.
  bool masterIsValue() const { return valueType == masterType; }
  int64_t valueBytes() const { return elements * valueType.getIntOrFloatBitWidth() / 8; }
  int64_t masterBytes() const { return elements * masterType.getIntOrFloatBitWidth() / 8; }
  /// The group's storage of a kind as one matrix, which `tritter.state` reads.
  RankedTensorType matrix(Type element) const;
};

/// A parameter of a whole model.
struct LayoutParameter {
  /// From the root of the model: layers.3.attn.q.weight.
  std::string path;
  /// The frozen model that it belongs to; null for the model that is trained.
  FlatSymbolRefAttr model;
  /// Shape, and the type that the forward pass reads.
  RankedTensorType type;
  bool trainable = true;
  /// Of the layout's groups; not of a frozen one.
  unsigned group = 0;
  /// In the block or in the model; says where the values come from (initialiser, derivation).
  ParamOp op;
  /// The instance that it belongs to; null where it stands in the model itself.
  LayerOp layer;
  /// Elements from where the group begins; a multiple of `parameterAlignment`.
  int64_t offset = 0;
  /// Bytes from where values begin: all groups, one after the other, then what is frozen.
  int64_t valueBytes = 0;

  int64_t elements() const { return type.getNumElements(); }
  /// The path, for a frozen model's behind the model's name: no two parameters of a layout have one key.
  std::string key() const { return keyOf(path, model); }
  static std::string keyOf(StringRef path, FlatSymbolRefAttr model);
};

/// Where a model's parameters lie. Values, masters, gradients and every kind of state have the same order.
class ParameterLayout {
public:
  /// Parameters begin at multiples of this many elements.
  static constexpr int64_t parameterAlignment = 64;
  /// A group is a whole number of rows of this many elements.
  static constexpr int64_t rowLength = 1024;

  /// Of a model, in the order of the graph. Fails, with a diagnostic, where a path stands for two parameters, or where
  /// a group has values of several types. Those of `frozen` models come after them, and none is trained.
  static FailureOr<ParameterLayout> get(ModelOp model, ArrayRef<ModelOp> frozen = {});

  const std::vector<LayoutParameter> &getParameters() const { return parameters; }
  /// Null where there is none of that path in that frozen model, or without one in the model that is trained.
  const LayoutParameter *find(StringRef path, FlatSymbolRefAttr model = {}) const;

  /// Those that hold parameters.
  ArrayRef<ParameterGroup> getGroups() const { return groups; }
  /// Null where there is none of that name.
  const ParameterGroup *group(StringRef name) const;
  /// Of a trained parameter.
  const ParameterGroup &groupOf(const LayoutParameter &parameter) const { return groups[parameter.group]; }

  /// Bytes of all values, masters (that are not values) and gradients.
  int64_t getValueBytes() const { return valueBytes; }
  int64_t getMasterBytes() const { return masterBytes; }
  int64_t getGradientBytes() const { return gradientBytes; }

private:
  LogicalResult addAll(ModelOp model, FlatSymbolRefAttr frozen);
  LogicalResult add(ParamOp op, LayerOp layer, FlatSymbolRefAttr frozen);
  LogicalResult place(ModelOp model);

  std::vector<LayoutParameter> parameters;
  llvm::StringMap<size_t> byPath;
  std::vector<ParameterGroup> groups;
  int64_t valueBytes = 0, masterBytes = 0, gradientBytes = 0;
};

} // namespace mlir::tritter

#endif // TRITTER_SUPPORT_PARAMETERLAYOUT_H
