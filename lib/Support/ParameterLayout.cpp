// Which parameters a model has, and where they lie.

#include "tritter/Support/ParameterLayout.h"

#include "dialects/Tritter/Shapes.h"

#include "llvm/Support/GlobPattern.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::tritter;

static int64_t bytesOf(Type type) { return type.getIntOrFloatBitWidth() / 8; }

std::string LayoutParameter::keyOf(StringRef path, FlatSymbolRefAttr model) {
  return model ? ("@" + model.getValue() + " " + path).str() : path.str();
}

LogicalResult ParameterLayout::add(ParamOp op, LayerOp layer, FlatSymbolRefAttr frozen) {
  LayoutParameter parameter;
  parameter.path = layer ? (layer.getPath() + "." + op.getPath()).str() : op.getPath().str();
  parameter.type = cast<RankedTensorType>(op.getType());
  parameter.model = frozen;
  parameter.trainable = !frozen && !op.getFrozen() && !(layer && layer.getFrozen());
  parameter.op = op;
  parameter.layer = layer;
  if (const LayoutParameter *known = find(parameter.path, frozen)) {
    InFlightDiagnostic diagnostic = op.emitOpError() << "`" << parameter.path << "` is another parameter already";
    diagnostic.attachNote(ParamOp(known->op).getLoc()) << "the first";
    return diagnostic;
  }
  byPath[parameter.key()] = parameters.size();
  parameters.push_back(std::move(parameter));
  return success();
}

/// That they are patterns was verified.
static SmallVector<llvm::GlobPattern> patternsOf(ParameterGroupAttr group) {
  return llvm::map_to_vector(group.getPaths(),
                             [](StringAttr path) { return llvm::cantFail(llvm::GlobPattern::create(path)); });
}

/// Groups in the order of the model's attribute, after the one without a name; the empty ones are left out.
static std::vector<ParameterGroup> emptyGroups(ArrayRef<ParameterGroupAttr> named) {
  std::vector<ParameterGroup> groups;
  auto add = [&](StringRef base, double factor) {
    for (bool decayed : {true, false}) {
      ParameterGroup &group = groups.emplace_back();
      group.base = base.str();
      group.decayed = decayed;
      group.learningRateFactor = factor;
      group.name = (base + (base.empty() ? "" : ".") + (decayed ? "decay" : "no_decay")).str();
    }
  };
  add("", 1);
  for (ParameterGroupAttr group : named)
    add(group.getName(), group.getFactor() ? group.getFactor().getValueAsDouble() : 1);
  return groups;
}

LogicalResult ParameterLayout::place(ModelOp model) {
  SmallVector<ParameterGroupAttr> named;
  if (ArrayAttr attribute = model.getGroupsAttr())
    named = llvm::to_vector(attribute.getAsRange<ParameterGroupAttr>());
  auto patterns = llvm::map_to_vector(named, patternsOf);

  std::vector<ParameterGroup> all = emptyGroups(named);
  for (LayoutParameter &parameter : parameters) {
    if (!parameter.trainable)
      continue;
    auto fits = [&](const SmallVector<llvm::GlobPattern> &paths) {
      return llvm::any_of(paths, [&](const llvm::GlobPattern &path) { return path.match(parameter.path); });
    };
    auto found = llvm::find_if(patterns, fits);
    unsigned base = found == patterns.end() ? 0 : 1 + (found - patterns.begin());
    parameter.group = 2 * base + (parameter.type.getRank() >= 2 ? 0 : 1);
    ParameterGroup &group = all[parameter.group];
    Type type = parameter.type.getElementType();
    if (group.elements == 0)
      group.valueType = type;
    else if (group.valueType != type)
      return parameter.op.emitOpError() << "`" << parameter.path << "` holds " << type
                                        << ", the other trained parameters of its group " << group.valueType;
    parameter.offset = group.elements;
    group.elements += llvm::alignTo(parameter.elements(), parameterAlignment);
  }

  SmallVector<unsigned> kept(all.size());
  for (auto [index, group] : llvm::enumerate(all)) {
    if (group.elements == 0)
      continue;
    kept[index] = groups.size();
    group.elements = llvm::alignTo(group.elements, rowLength);
    group.masterType = accumulatorType(group.valueType);
    group.valueOffset = valueBytes;
    group.masterOffset = masterBytes;
    group.gradientOffset = gradientBytes;
    valueBytes += group.valueBytes();
    masterBytes += group.masterIsValue() ? 0 : group.masterBytes();
    gradientBytes += group.masterBytes();
    groups.push_back(std::move(group));
  }
  for (LayoutParameter &parameter : parameters) {
    int64_t width = bytesOf(parameter.type.getElementType());
    if (parameter.trainable) {
      parameter.group = kept[parameter.group];
      parameter.valueBytes = groupOf(parameter).valueOffset + parameter.offset * width;
      continue;
    }
    parameter.valueBytes = valueBytes;
    valueBytes += llvm::alignTo(parameter.elements() * width, parameterAlignment * int64_t(sizeof(double)));
  }
  return success();
}

LogicalResult ParameterLayout::addAll(ModelOp model, FlatSymbolRefAttr frozen) {
  SymbolTableCollection symbols;
  WalkResult walk = model.walk([&](Operation *op) -> WalkResult {
    if (auto param = dyn_cast<ParamOp>(op))
      return add(param, {}, frozen);
    auto layer = dyn_cast<LayerOp>(op);
    if (!layer)
      return WalkResult::advance();
    auto block = symbols.lookupNearestSymbolFrom<BlockOp>(layer, layer.getBlockAttr());
    if (!block)
      return layer.emitOpError() << "is an instance of " << layer.getBlockAttr() << ", which is no tritter.block";
    return block.walk([&](ParamOp param) -> WalkResult { return add(param, layer, frozen); });
  });
  return failure(walk.wasInterrupted());
}

FailureOr<ParameterLayout> ParameterLayout::get(ModelOp model, ArrayRef<ModelOp> frozen) {
  ParameterLayout layout;
  if (failed(layout.addAll(model, {})))
    return failure();
  for (ModelOp other : frozen)
    if (failed(layout.addAll(other, FlatSymbolRefAttr::get(other.getSymNameAttr()))))
      return failure();
  if (failed(layout.place(model)))
    return failure();
  return layout;
}

const LayoutParameter *ParameterLayout::find(StringRef path, FlatSymbolRefAttr model) const {
  auto found = byPath.find(LayoutParameter::keyOf(path, model));
  return found == byPath.end() ? nullptr : &parameters[found->second];
}

const ParameterGroup *ParameterLayout::group(StringRef name) const {
  auto found = llvm::find_if(groups, [&](const ParameterGroup &group) { return group.name == name; });
  return found == groups.end() ? nullptr : &*found;
}

RankedTensorType ParameterGroup::matrix(Type element) const {
  return RankedTensorType::get({elements / ParameterLayout::rowLength, ParameterLayout::rowLength}, element);
}
