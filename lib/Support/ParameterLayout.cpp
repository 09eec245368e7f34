// Which parameters a model has, and where they lie.

#include "tritter/Support/ParameterLayout.h"

#include "dialects/Tritter/Shapes.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::tritter;

static int64_t bytesOf(Type type) { return type.getIntOrFloatBitWidth() / 8; }

LogicalResult ParameterLayout::add(ParamOp op, LayerOp layer) {
  LayoutParameter parameter;
  parameter.path = layer ? (layer.getPath() + "." + op.getPath()).str() : op.getPath().str();
  parameter.type = cast<RankedTensorType>(op.getType());
  parameter.decayed = parameter.type.getRank() >= 2;
  parameter.trainable = !op.getFrozen() && !(layer && layer.getFrozen());
  parameter.op = op;
  parameter.layer = layer;
  if (const LayoutParameter *known = find(parameter.path)) {
    if (known->type == parameter.type)
      return success(); // a tied one
    InFlightDiagnostic diagnostic = op.emitOpError() << "`" << parameter.path << "` is " << parameter.type
                                                     << " here and " << known->type << " elsewhere";
    diagnostic.attachNote(ParamOp(known->op).getLoc()) << "first used here";
    return diagnostic;
  }
  byPath_[parameter.path] = parameters_.size();
  parameters_.push_back(std::move(parameter));
  return success();
}

LogicalResult ParameterLayout::place(MLIRContext *context) {
  types_.fill(Float32Type::get(context));
  for (LayoutParameter &parameter : parameters_) {
    parameter.group = !parameter.trainable ? ParameterGroup::Frozen
                      : parameter.decayed  ? ParameterGroup::Decayed
                                           : ParameterGroup::Undecayed;
    if (!parameter.trainable)
      continue;
    int64_t &size = sizes_[size_t(parameter.group)];
    Type &type = types_[size_t(parameter.group)];
    if (size == 0)
      type = parameter.type.getElementType();
    else if (type != parameter.type.getElementType())
      return parameter.op.emitOpError() << "`" << parameter.path << "` holds " << parameter.type.getElementType()
                                        << ", the other trained parameters of its group " << type;
    parameter.offset = size;
    size += llvm::alignTo(parameter.elements(), parameterAlignment);
  }
  for (ParameterGroup group : {ParameterGroup::Decayed, ParameterGroup::Undecayed}) {
    int64_t &size = sizes_[size_t(group)];
    size = llvm::alignTo(size, rowLength);
    valueOffsets_[size_t(group)] = valueBytes_;
    valueBytes_ += size * bytesOf(valueType(group));
  }
  valueOffsets_[size_t(ParameterGroup::Frozen)] = valueBytes_;
  for (LayoutParameter &parameter : parameters_) {
    int64_t width = bytesOf(parameter.type.getElementType());
    if (parameter.trainable) {
      parameter.valueBytes = valueOffset(parameter.group) + parameter.offset * width;
      continue;
    }
    parameter.valueBytes = valueBytes_;
    valueBytes_ += llvm::alignTo(parameter.elements() * width, parameterAlignment * bytesOf(Float64Type::get(context)));
  }
  return success();
}

FailureOr<ParameterLayout> ParameterLayout::get(ModelOp model) {
  ParameterLayout layout;
  SymbolTableCollection symbols;
  WalkResult walk = model.walk([&](Operation *op) -> WalkResult {
    if (auto param = dyn_cast<ParamOp>(op))
      return layout.add(param, {});
    auto layer = dyn_cast<LayerOp>(op);
    if (!layer)
      return WalkResult::advance();
    auto block = symbols.lookupNearestSymbolFrom<BlockOp>(layer, layer.getBlockAttr());
    if (!block)
      return layer.emitOpError() << "is an instance of " << layer.getBlockAttr() << ", which is no tritter.block";
    return block.walk([&](ParamOp param) -> WalkResult { return layout.add(param, layer); });
  });
  if (walk.wasInterrupted() || failed(layout.place(model.getContext())))
    return failure();
  return layout;
}

const LayoutParameter *ParameterLayout::find(StringRef path) const {
  auto found = byPath_.find(path);
  return found == byPath_.end() ? nullptr : &parameters_[found->second];
}

Type ParameterLayout::masterType(ParameterGroup group) const { return accumulatorType(valueType(group)); }

RankedTensorType ParameterLayout::stateType(StringRef kind, bool decayed) const {
  ParameterGroup group = decayed ? ParameterGroup::Decayed : ParameterGroup::Undecayed;
  return RankedTensorType::get({groupRows(group), rowLength}, kind == "value" ? valueType(group) : masterType(group));
}
