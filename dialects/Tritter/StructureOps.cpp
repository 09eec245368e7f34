// Models, blocks, instances, parameters: syntax and verifiers.

#include "dialects/Tritter/Shapes.h"
#include "dialects/Tritter/TritterDialect.h"
#include "tritter/Support/CheckedMath.h"

#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/FunctionImplementation.h"

using namespace mlir;
using namespace mlir::tritter;

LogicalResult DecoderOp::verify() {
  // The bounds keep products of sizes within 64 bits, and a mistyped number from filling the memory with layers.
  struct Size {
    StringRef name;
    std::optional<int64_t> value;
    int64_t most = mostDecoderSize;
  };
  for (const Size &size :
       {Size{"layers", getLayers(), maximumLayers}, Size{"hidden", getHidden()}, Size{"heads", getHeads()},
        Size{"kv_heads", getKvHeads()}, Size{"head_dim", getHeadDim()}, Size{"intermediate", getIntermediate()},
        Size{"vocab", getVocab()}, Size{"max_positions", getMaxPositions()}})
    if (size.value && (*size.value < 1 || *size.value > size.most)) // decoder C1
      return emitOpError() << size.name << " must be from 1 to " << size.most << ", found " << *size.value;
  if (!(getNormEps().convertToDouble() >= 0)) // decoder C2
    return emitOpError() << "norm_eps must not be negative, found " << getNormEpsAttr();
  if (!(getRopeTheta().convertToDouble() > 0)) // decoder C3
    return emitOpError() << "rope_theta must be positive, found " << getRopeThetaAttr();
  if (!(getInitStddev().convertToDouble() >= 0)) // decoder C4
    return emitOpError() << "init_stddev must not be negative, found " << getInitStddevAttr();
  int64_t heads = getHeads(), groups = getKvHeads().value_or(heads);
  if (heads > mostHeads) // decoder C1
    return emitOpError() << "heads must be from 1 to " << mostHeads << ", found " << heads;
  if (heads % groups) // decoder C5
    return emitOpError() << "heads must be a multiple of kv_heads, found " << heads << " and " << groups;
  if (!getHeadDim() && getHidden() % heads) // decoder C6
    return emitOpError() << "hidden must be a multiple of heads where head_dim is left out, found " << getHidden()
                         << " and " << heads;
  int64_t headDim = getHeadDim().value_or(getHidden() / heads);
  if (getPositions() == PositionKind::Rope && headDim % 2) // decoder C7
    return emitOpError() << "rope needs an even head_dim, found " << headDim;
  if (getPositions() == PositionKind::Learned && !getMaxPositions()) // decoder C8
    return emitOpError() << "learned positions need max_positions";
  for (const Size &rows : {Size{"vocab", getVocab()}, Size{"intermediate", getIntermediate()},
                           Size{"heads times head_dim", heads * headDim}, Size{"max_positions", getMaxPositions()}})
    if (rows.value && !countElements({*rows.value, int64_t(getHidden())}, mostParameterElements)) // decoder C9
      return emitOpError() << "a matrix of " << rows.name << " " << *rows.value << " by hidden " << getHidden()
                           << " has more elements than the " << mostParameterElements << " that a parameter may have";
  return success();
}

//===----------------------------------------------------------------------===//
// Block, model, program
//===----------------------------------------------------------------------===//

template <typename Op> static ParseResult parseGraph(OpAsmParser &parser, OperationState &result) {
  auto buildType = [](Builder &builder, ArrayRef<Type> arguments, ArrayRef<Type> results,
                      function_interface_impl::VariadicFlag,
                      std::string &) { return builder.getFunctionType(arguments, results); };
  return function_interface_impl::parseFunctionOp(
      parser, result, /*allowVariadic=*/false, Op::getFunctionTypeAttrName(result.name), buildType,
      Op::getArgAttrsAttrName(result.name), Op::getResAttrsAttrName(result.name));
}

template <typename Op> static void printGraph(Op op, OpAsmPrinter &printer) {
  function_interface_impl::printFunctionOp(printer, op, /*isVariadic=*/false, op.getFunctionTypeAttrName(),
                                           op.getArgAttrsAttrName(), op.getResAttrsAttrName());
}

static void buildGraph(OpBuilder &builder, OperationState &state, StringAttr nameKey, StringRef name,
                       StringAttr typeKey, FunctionType type) {
  state.addAttribute(nameKey, builder.getStringAttr(name));
  state.addAttribute(typeKey, TypeAttr::get(type));
  Block &body = state.addRegion()->emplaceBlock();
  for (Type input : type.getInputs())
    body.addArgument(input, state.location);
}

ParseResult BlockOp::parse(OpAsmParser &parser, OperationState &result) { return parseGraph<BlockOp>(parser, result); }
void BlockOp::print(OpAsmPrinter &printer) { printGraph(*this, printer); }
void BlockOp::build(OpBuilder &builder, OperationState &state, StringRef name, FunctionType type) {
  buildGraph(builder, state, getSymNameAttrName(state.name), name, getFunctionTypeAttrName(state.name), type);
}

ParseResult ModelOp::parse(OpAsmParser &parser, OperationState &result) { return parseGraph<ModelOp>(parser, result); }
void ModelOp::print(OpAsmPrinter &printer) { printGraph(*this, printer); }
void ModelOp::build(OpBuilder &builder, OperationState &state, StringRef name, FunctionType type) {
  buildGraph(builder, state, getSymNameAttrName(state.name), name, getFunctionTypeAttrName(state.name), type);
}

ParseResult ProgramOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseGraph<ProgramOp>(parser, result);
}
void ProgramOp::print(OpAsmPrinter &printer) { printGraph(*this, printer); }
void ProgramOp::build(OpBuilder &builder, OperationState &state, StringRef name, FunctionType type,
                      ArrayRef<StringRef> names) {
  buildGraph(builder, state, getSymNameAttrName(state.name), name, getFunctionTypeAttrName(state.name), type);
  state.addAttribute(getNamesAttrName(state.name), builder.getStrArrayAttr(names));
}

/// The error that `second` has the path of `first`, which is `path`.
static InFlightDiagnostic emitRepeated(Operation *second, Operation *first, const Twine &where, const Twine &path) {
  InFlightDiagnostic diagnostic = second->emitOpError()
                                  << "has a path that " << where << " has already, \"" << path << "\"";
  diagnostic.attachNote(first->getLoc()) << "the first";
  return diagnostic;
}

using Parameters = llvm::StringMap<ParamOp>;

/// Refuses two parameters of one path; collects them otherwise.
static LogicalResult collect(BlockOp block, Parameters &paths) {
  WalkResult walk = block.walk([&](ParamOp param) -> WalkResult {
    auto [first, isNew] = paths.try_emplace(param.getPath(), param);
    if (!isNew) // block C1
      return emitRepeated(param, first->second, "the block", param.getPath());
    return WalkResult::advance();
  });
  return failure(walk.wasInterrupted());
}

LogicalResult BlockOp::verify() {
  Parameters paths;
  return collect(*this, paths);
}

/// Of the parameters in a graph; none where they are more than `mostModelElements`.
static std::optional<int64_t> countParameters(Operation *graph) {
  std::optional<int64_t> count = 0;
  graph->walk([&](ParamOp param) {
    std::optional<int64_t> own = countElements(tensorType(param.getValue()).getShape());
    count = count && own ? checkedSum(*count, *own) : std::nullopt;
  });
  return count && *count <= mostModelElements ? count : std::nullopt;
}

/// Whole paths can only meet where the path of a layer is the beginning of another path: that of the layer `layers.0`,
/// whose block has a parameter `w`, and of the model's parameter `layers.0.w`.
LogicalResult ModelOp::verifySymbolUses(SymbolTableCollection &symbols) {
  llvm::DenseMap<Operation *, Parameters> blocks;
  llvm::StringMap<const Parameters *> layers;
  SmallVector<std::pair<StringRef, BlockOp>> instances;
  for (auto layer : getBody().getOps<LayerOp>()) {
    auto block = symbols.lookupNearestSymbolFrom<BlockOp>(layer, layer.getBlockAttr());
    if (!block)
      continue; // which the layer's own verifier says
    instances.push_back({layer.getPath(), block});
    if (blocks.try_emplace(block).second && failed(collect(block, blocks[block])))
      return failure();
  }
  llvm::DenseMap<Operation *, std::optional<int64_t>> counts;
  std::optional<int64_t> elements = countParameters(*this);
  for (auto &[path, block] : instances) {
    auto [count, isNew] = counts.try_emplace(block);
    if (isNew)
      count->second = countParameters(block);
    elements = elements && count->second ? checkedSum(*elements, *count->second) : std::nullopt;
  }
  if (!elements || *elements > mostModelElements) // model C6
    return emitOpError() << "has more elements in its parameters than the " << mostModelElements
                         << " that a model may have";
  for (auto &[path, block] : instances)
    layers[path] = &blocks[block];
  // The parameter with a whole path in one of the layers whose path ends before `end`.
  auto find = [&](StringRef path, size_t end) -> ParamOp {
    for (size_t at = path.find('.'); at < end; at = path.find('.', at + 1))
      if (auto layer = layers.find(path.take_front(at)); layer != layers.end())
        if (ParamOp param = layer->second->lookup(path.drop_front(at + 1)))
          return param;
    return {};
  };
  auto check = [&](ParamOp param, StringRef path, size_t end) -> WalkResult {
    if (ParamOp first = find(path, end)) // model C5
      return emitRepeated(param, first, "a layer of @" + getSymName(), path);
    return WalkResult::advance();
  };
  WalkResult result = walk([&](ParamOp param) { return check(param, param.getPath(), param.getPath().size()); });
  for (auto &[path, block] : instances) {
    size_t end = path.size();
    if (!result.wasInterrupted())
      result = block.walk(
          [&, path = path](ParamOp param) { return check(param, (path + "." + param.getPath()).str(), end); });
  }
  return failure(result.wasInterrupted());
}

LogicalResult ModelOp::verify() {
  FunctionType type = getFunctionType();
  if (type.getNumInputs() != 1 || type.getNumResults() != 1) // model C1
    return emitOpError() << "takes tokens and returns logits, found " << type.getNumInputs() << " arguments and "
                         << type.getNumResults() << " results";
  auto tokens = dyn_cast<RankedTensorType>(type.getInput(0));
  auto logits = dyn_cast<RankedTensorType>(type.getResult(0));
  if (!tokens || tokens.getRank() != 2 || !tokens.getElementType().isInteger(32)) // model C2
    return emitOpError() << "takes tokens of type tensor<?x?xi32>, found " << type.getInput(0);
  // model C3
  if (!logits || logits.getRank() != 3 || logits.isDynamicDim(2) || !isa<FloatType>(logits.getElementType()))
    return emitOpError() << "returns logits [batch, sequence, vocabulary] of reals, with a known vocabulary, found "
                         << type.getResult(0);
  if (tokens.getShape() != logits.getShape().drop_back()) // model C8
    return emitOpError() << "returns logits for each of its tokens, found " << logits << " for " << tokens;
  if (std::optional<int64_t> positions = getMaxPositions(); positions && *positions < 1) // model C7
    return emitOpError() << "needs positive max_positions, found " << *positions;
  // model C4
  llvm::StringMap<Operation *> paths;
  for (Operation &op : getBody().front()) {
    auto path = isa<ParamOp, LayerOp>(op) ? op.getAttrOfType<StringAttr>("path") : StringAttr();
    if (!path)
      continue;
    auto [first, isNew] = paths.try_emplace(path, &op);
    if (!isNew)
      return emitRepeated(&op, first->second, "the model", path.getValue());
  }
  return success();
}

LogicalResult ProgramOp::verify() {
  FunctionType type = getFunctionType();
  if (getNames().size() != type.getNumInputs() + type.getNumResults()) // program C1
    return emitOpError() << "names every argument and result, found " << getNames().size() << " names for "
                         << type.getNumInputs() << " and " << type.getNumResults();
  // program C2
  for (Type buffer : llvm::concat<const Type>(type.getInputs(), type.getResults()))
    if (auto tensor = dyn_cast<RankedTensorType>(buffer); !tensor || !tensor.getElementType().isIntOrFloat())
      return emitOpError() << "takes and returns tensors of numbers, found " << buffer;
  return success();
}

LogicalResult YieldOp::verify() {
  Operation *parent = (*this)->getParentOp();
  if (isa<ChunkOp>(parent)) // which compares what it yields itself
    return success();
  if (!isa<BlockOp, ModelOp, ProgramOp>(parent)) // yield C1
    return emitOpError() << "ends a block, a model, a program or a chunk, found one in " << parent->getName();
  ArrayRef<Type> results = cast<FunctionOpInterface>(parent).getResultTypes();
  if (!llvm::equal(getValues().getTypes(), results)) // yield C2
    return emitOpError() << "must yield " << results << ", found " << getValues().getTypes();
  return success();
}

//===----------------------------------------------------------------------===//
// Layer, param
//===----------------------------------------------------------------------===//

LogicalResult LayerOp::verifySymbolUses(SymbolTableCollection &symbols) {
  if (!isa<ModelOp, ProgramOp>((*this)->getParentOp())) // layer C1
    return emitOpError() << "stands in a model or a program, found one in " << (*this)->getParentOp()->getName();
  auto block = symbols.lookupNearestSymbolFrom<BlockOp>(*this, getBlockAttr());
  if (!block) // layer C2
    return emitOpError() << "is an instance of " << getBlockAttr() << ", which is no tritter.block";
  // layer C3
  if (!llvm::equal(block.getArgumentTypes(), getInputs().getTypes()) ||
      !llvm::equal(block.getResultTypes(), getOutputs().getTypes())) {
    InFlightDiagnostic diagnostic = emitOpError() << "has other types than its block";
    diagnostic.attachNote(block.getLoc()) << "the block is " << block.getFunctionType();
    return diagnostic;
  }
  return success();
}

void ParamOp::build(OpBuilder &builder, OperationState &state, Type type, StringRef path, Attribute init) {
  state.addAttribute(getPathAttrName(state.name), builder.getStringAttr(path));
  if (init)
    state.addAttribute(getInitAttrName(state.name), init);
  state.addRegion();
  state.addTypes(type);
}

LogicalResult ParamOp::verify() {
  if (!cast<RankedTensorType>(getType()).hasStaticShape()) // param C1
    return emitOpError() << "needs a static shape, found " << getType();
  if (!countElements(cast<RankedTensorType>(getType()).getShape(), mostParameterElements)) // param C5
    return emitOpError() << "of type " << getType() << " has more elements than the " << mostParameterElements
                         << " that a parameter may have";
  if (getInit() && !isa<ConstantInitAttr, NormalInitAttr>(*getInit())) // param C2
    return emitOpError() << "is initialised by #tritter.constant or #tritter.normal, found " << *getInit();
  if (getInit() && !getDerivation().empty()) // param C3
    return emitOpError() << "has an initialiser or a derivation, not both";
  // param C4. By name: the dialect `growth` is built on this one.
  if (!getDerivation().empty()) {
    Block &body = getDerivation().front();
    StringRef last = body.empty() ? "nothing" : body.back().getName().getStringRef();
    if (last != "growth.yield")
      return emitOpError() << "ends its derivation with growth.yield, found " << last;
  }
  return success();
}
