// Syntax and verifiers of the command list.

#include "dialects/Exec/ExecDialect.h"

#include "mlir/IR/Builders.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::exec;

//===----------------------------------------------------------------------===//
// Places: %slot[bytes]
//===----------------------------------------------------------------------===//

using ParsedOperands = SmallVectorImpl<OpAsmParser::UnresolvedOperand>;
using OperandList = SmallVector<OpAsmParser::UnresolvedOperand>;

static ParseResult parsePlace(OpAsmParser &parser, ParsedOperands &operands, SmallVectorImpl<int64_t> &offsets) {
  int64_t offset = 0;
  if (parser.parseOperand(operands.emplace_back()))
    return failure();
  if (succeeded(parser.parseOptionalLSquare()) && (parser.parseInteger(offset) || parser.parseRSquare()))
    return failure();
  offsets.push_back(offset);
  return success();
}

static void printPlace(OpAsmPrinter &printer, Value slot, int64_t offset) {
  printer << slot;
  if (offset)
    printer << "[" << offset << "]";
}

static ParseResult parsePlaces(OpAsmParser &parser, ParsedOperands &operands, DenseI64ArrayAttr &attribute) {
  SmallVector<int64_t> offsets;
  if (parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Paren,
                                     [&] { return parsePlace(parser, operands, offsets); }))
    return failure();
  attribute = parser.getBuilder().getDenseI64ArrayAttr(offsets);
  return success();
}

static void printPlaces(OpAsmPrinter &printer, Operation *, OperandRange operands, DenseI64ArrayAttr offsets) {
  printer << "(";
  llvm::interleaveComma(llvm::zip_equal(operands, offsets.asArrayRef()), printer,
                        [&](auto pair) { printPlace(printer, std::get<0>(pair), std::get<1>(pair)); });
  printer << ")";
}

/// What every command says of its places.
static LogicalResult verifyPlaces(Operation *op, ArrayRef<int64_t> offsets) {
  // launch C1, gemm C1, attention C1, attention_backward C1,
  // scatter_add C1, copy C1, fill C1, call C1
  if (offsets.size() != op->getNumOperands())
    return op->emitOpError() << "has " << op->getNumOperands() << " operands and " << offsets.size() << " offsets";
  // launch C2, gemm C2, attention C2, attention_backward C2,
  // scatter_add C2, copy C2, fill C2, call C2
  for (int64_t offset : offsets)
    if (offset < 0)
      return op->emitOpError() << "needs offsets of 0 or more, found " << offset;
  return success();
}

static LogicalResult verifyPlaces(Operation *op, ArrayRef<int64_t> offsets, size_t count) {
  // scatter_add C3, copy C3, fill C3, attention C3, attention_backward C3
  if (op->getNumOperands() != count)
    return op->emitOpError() << "has " << count << " operands, found " << op->getNumOperands();
  return verifyPlaces(op, offsets);
}

static LogicalResult verifyPositive(Operation *op, ArrayRef<int64_t> sizes) {
  if (llvm::all_of(sizes, [](int64_t size) { return size > 0; }))
    return success();
  InFlightDiagnostic diagnostic = op->emitOpError() << "needs positive sizes, found ";
  llvm::interleaveComma(sizes, diagnostic);
  return diagnostic;
}

LogicalResult LaunchOp::verify() {
  if (int64_t(getRows()) <= 0) // launch C3
    return emitOpError() << "needs a positive number of rows, found " << int64_t(getRows());
  return verifyPlaces(*this, getOffsets());
}
LogicalResult ScatterAddOp::verify() {
  // scatter_add C4
  if (failed(verifyPositive(*this, {int64_t(getRows()), int64_t(getColumns()), int64_t(getTableRows())})))
    return failure();
  return verifyPlaces(*this, getOffsets(), 3);
}

template <typename Op> static LogicalResult verifyBytes(Op op, size_t count) {
  int64_t bytes = op.getBytes();
  if (bytes < 0) // copy C4, fill C4
    return op.emitOpError() << "needs 0 bytes or more, found " << bytes;
  return verifyPlaces(op, op.getOffsets(), count);
}
LogicalResult CopyOp::verify() { return verifyBytes(*this, 2); }
LogicalResult FillOp::verify() { return verifyBytes(*this, 1); }

LogicalResult CallOp::verify() { return verifyPlaces(*this, getOffsets()); }

//===----------------------------------------------------------------------===//
// Arenas, bindings, entries, calls: symbols
//===----------------------------------------------------------------------===//

LogicalResult ArenaOp::verify() {
  if (int64_t(getBytes()) < 0) // arena C1
    return emitOpError() << "needs 0 bytes or more, found " << int64_t(getBytes());
  return success();
}

/// A tensor that lies at `offset` of an arena.
template <typename Op> static LogicalResult verifyInArena(Op op, SymbolTableCollection &symbols) {
  auto arena = symbols.lookupNearestSymbolFrom<ArenaOp>(op, op.getArenaAttr());
  if (!arena) // binding C1, state C1
    return op.emitOpError() << "lies in " << op.getArenaAttr() << ", which is no exec.arena";
  auto type = cast<RankedTensorType>(op.getType());
  // binding C2, state C2
  if (!type.hasStaticShape() || !type.getElementType().isIntOrFloat())
    return op.emitOpError() << "needs a static shape of numbers, found " << type;
  uint64_t bits = type.getElementTypeBitWidth();
  for (int64_t size : type.getShape())
    bits = llvm::SaturatingMultiply(bits, uint64_t(size));
  int64_t offset = op.getOffset(), bytes = bits / 8, available = arena.getBytes();
  if (offset < 0 || offset > available || bytes > available - offset) // binding C3, state C3
    return op.emitOpError() << "takes " << bytes << " bytes from byte " << offset << " of arena @" << arena.getSymName()
                            << ", which has " << available;
  return success();
}

LogicalResult BindingOp::verifySymbolUses(SymbolTableCollection &symbols) { return verifyInArena(*this, symbols); }
LogicalResult StateOp::verifySymbolUses(SymbolTableCollection &symbols) { return verifyInArena(*this, symbols); }

LogicalResult EntryOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto sequence = symbols.lookupNearestSymbolFrom<SequenceOp>(*this, getSequenceAttr());
  if (!sequence) // entry C1
    return emitOpError() << "runs " << getSequenceAttr() << ", which is no exec.sequence";
  return success();
}

LogicalResult CallOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto sequence = symbols.lookupNearestSymbolFrom<SequenceOp>(*this, getSequenceAttr());
  if (!sequence) // call C3
    return emitOpError() << "runs " << getSequenceAttr() << ", which is no exec.sequence";
  if (sequence.getSlotCount() != getOperands().size()) { // call C4
    InFlightDiagnostic diagnostic = emitOpError() << "gives " << getOperands().size() << " places";
    diagnostic.attachNote(sequence.getLoc()) << "the sequence has " << sequence.getSlotCount() << " slots";
    return diagnostic;
  }
  return success();
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  if (!symbols.lookupNearestSymbolFrom(*this, getKernelAttr())) // launch C4
    return emitOpError() << "launches " << getKernelAttr() << ", which is not there";
  return success();
}

//===----------------------------------------------------------------------===//
// Sequence
//===----------------------------------------------------------------------===//

void SequenceOp::build(OpBuilder &builder, OperationState &state, StringRef name, ArrayRef<StringRef> slots) {
  state.addAttribute(getSymNameAttrName(state.name), builder.getStringAttr(name));
  state.addAttribute(getSlotNamesAttrName(state.name), builder.getStrArrayAttr(slots));
  Block &body = state.addRegion()->emplaceBlock();
  for (size_t i = 0; i < slots.size(); ++i)
    body.addArgument(SlotType::get(builder.getContext()), state.location);
}

ParseResult SequenceOp::parse(OpAsmParser &parser, OperationState &result) {
  StringAttr name;
  SmallVector<OpAsmParser::Argument> arguments;
  auto parseArgument = [&]() -> ParseResult {
    OpAsmParser::Argument &argument = arguments.emplace_back();
    argument.type = SlotType::get(parser.getContext());
    return parser.parseArgument(argument);
  };
  if (parser.parseSymbolName(name, getSymNameAttrName(result.name), result.attributes) ||
      parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Paren, parseArgument) ||
      parser.parseOptionalAttrDictWithKeyword(result.attributes))
    return failure();
  SmallVector<StringRef> names;
  for (const OpAsmParser::Argument &argument : arguments)
    names.push_back(argument.ssaName.name.drop_front());
  result.addAttribute(getSlotNamesAttrName(result.name), parser.getBuilder().getStrArrayAttr(names));
  Region *body = result.addRegion();
  if (parser.parseRegion(*body, arguments))
    return failure();
  if (body->empty()) {
    Block &block = body->emplaceBlock();
    for (const OpAsmParser::Argument &argument : arguments)
      block.addArgument(argument.type, result.location);
  }
  return success();
}

void SequenceOp::print(OpAsmPrinter &printer) {
  printer << " ";
  printer.printSymbolName(getSymName());
  printer << "(";
  llvm::interleaveComma(getBody().getArguments(), printer, [&](Value slot) { printer << slot; });
  printer << ")";
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs(), {getSymNameAttrName(), getSlotNamesAttrName()});
  printer << " ";
  printer.printRegion(getRegion(), /*printEntryBlockArgs=*/false);
}

void SequenceOp::getAsmBlockArgumentNames(Region &region, OpAsmSetValueNameFn set) {
  for (auto [slot, name] : llvm::zip(region.getArguments(), getSlotNames().getAsValueRange<StringAttr>()))
    set(slot, name);
}

LogicalResult SequenceOp::verify() {
  if (getSlotNames().size() != getSlotCount()) // sequence C1
    return emitOpError() << "has " << getSlotCount() << " slots and " << getSlotNames().size() << " names";
  return success();
}

//===----------------------------------------------------------------------===//
// Gemm
//===----------------------------------------------------------------------===//

static ParseResult parseStridedPlace(OpAsmParser &parser, ParsedOperands &operands, SmallVectorImpl<int64_t> &offsets,
                                     SmallVectorImpl<int64_t> &strides) {
  return failure(parsePlace(parser, operands, offsets) || parser.parseKeyword("stride") ||
                 parser.parseInteger(strides.emplace_back()));
}

static void printStridedPlace(OpAsmPrinter &printer, Value slot, int64_t offset, int64_t stride) {
  printPlace(printer, slot, offset);
  printer << " stride " << stride;
}

static ParseResult parseLabel(OpAsmParser &parser, OperationState &result) {
  std::string label;
  if (succeeded(parser.parseOptionalString(&label)))
    result.addAttribute("label", parser.getBuilder().getStringAttr(label));
  return parser.parseOptionalAttrDict(result.attributes);
}

static void printLabel(OpAsmPrinter &printer, Operation *op, std::optional<StringRef> label,
                       ArrayRef<StringRef> elided) {
  if (label) {
    printer << " ";
    printer.printString(*label);
  }
  SmallVector<StringRef> names(elided);
  names.push_back("label");
  printer.printOptionalAttrDict(op->getAttrs(), names);
}

static ParseResult parseSizes(OpAsmParser &parser, OperationState &result, ArrayRef<StringRef> names) {
  for (StringRef name : names) {
    int64_t size = 0;
    if (parser.parseKeyword(name) || parser.parseInteger(size))
      return failure();
    result.addAttribute(name, parser.getBuilder().getI64IntegerAttr(size));
  }
  return success();
}

ParseResult GemmOp::parse(OpAsmParser &parser, OperationState &result) {
  Builder &builder = parser.getBuilder();
  OperandList operands;
  SmallVector<int64_t> offsets, strides;
  Type inputType, resultType, biasType;
  auto parseMatrix = [&](StringRef transposed) -> ParseResult {
    if (parseStridedPlace(parser, operands, offsets, strides))
      return failure();
    if (!transposed.empty() && succeeded(parser.parseOptionalKeyword("transposed")))
      result.addAttribute(transposed, builder.getUnitAttr());
    return success();
  };
  if (parseSizes(parser, result, {"m", "n", "k"}) || parser.parseLParen() || parseMatrix("transpose_a") ||
      parser.parseComma() || parseMatrix("transpose_b") || parser.parseRParen() || parser.parseColonType(inputType) ||
      parser.parseKeyword("to") || parser.parseLParen() || parseMatrix("") || parser.parseRParen() ||
      parser.parseColonType(resultType))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("bias"))) {
    if (parsePlace(parser, operands, offsets) || parser.parseColonType(biasType))
      return failure();
    result.addAttribute("bias_type", TypeAttr::get(biasType));
  }
  if (succeeded(parser.parseOptionalKeyword("accumulate")))
    result.addAttribute("accumulate", builder.getUnitAttr());
  result.addAttribute("input_type", TypeAttr::get(inputType));
  result.addAttribute("result_type", TypeAttr::get(resultType));
  result.addAttribute("offsets", builder.getDenseI64ArrayAttr(offsets));
  result.addAttribute("strides", builder.getDenseI64ArrayAttr(strides));
  if (parseLabel(parser, result))
    return failure();
  return parser.resolveOperands(operands, SlotType::get(parser.getContext()), result.operands);
}

void GemmOp::print(OpAsmPrinter &printer) {
  ArrayRef<int64_t> offsets = getOffsets(), strides = getStrides();
  printer << " m " << getM() << " n " << getN() << " k " << getK() << " (";
  printStridedPlace(printer, getA(), offsets[0], strides[0]);
  printer << (getTransposeA() ? " transposed, " : ", ");
  printStridedPlace(printer, getB(), offsets[1], strides[1]);
  printer << (getTransposeB() ? " transposed) : " : ") : ") << getInputType() << " to (";
  printStridedPlace(printer, getC(), offsets[2], strides[2]);
  printer << ") : " << getResultType();
  if (getBias()) {
    printer << " bias ";
    printPlace(printer, getBias(), offsets[3]);
    printer << " : " << *getBiasType();
  }
  if (getAccumulate())
    printer << " accumulate";
  printLabel(printer, *this, getLabel(),
             {"m", "n", "k", "transpose_a", "transpose_b", "input_type", "result_type", "bias_type", "accumulate",
              "offsets", "strides"});
}

LogicalResult GemmOp::verify() {
  int64_t m = getM(), n = getN(), k = getK();
  if (failed(verifyPositive(*this, {m, n, k}))) // gemm C3
    return failure();
  if (getStrides().size() != 3) // gemm C4
    return emitOpError() << "has 3 strides, found " << getStrides().size();
  if (bool(getBias()) != bool(getBiasType())) // gemm C5
    return emitOpError() << "has a bias and its type, or neither";
  // gemm C6
  int64_t rows[] = {getTransposeA() ? m : k, getTransposeB() ? k : n, n};
  for (auto [stride, length] : llvm::zip(getStrides(), rows))
    if (stride < length)
      return emitOpError() << "has rows of " << length << " elements, " << stride << " apart";
  return verifyPlaces(*this, getOffsets());
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

static constexpr StringRef sizeNames[] = {"batch", "sequence", "heads", "kv_heads", "head_dim"};
static constexpr StringRef operandNames[] = {
    "query", "key", "value", "out", "log_sum_exp", "out_gradient", "query_gradient", "key_gradient", "value_gradient"};
static constexpr size_t logSumExpIndex = 4;

static ParseResult parseAttention(OpAsmParser &parser, OperationState &result, size_t count) {
  Builder &builder = parser.getBuilder();
  OperandList operands;
  SmallVector<int64_t> offsets, strides;
  FloatAttr scale;
  Type type;
  if (parseSizes(parser, result, sizeNames) || parser.parseKeyword("scale") ||
      parser.parseAttribute(scale, builder.getF64Type()) || parser.parseColonType(type))
    return failure();
  for (size_t i = 0; i < count; ++i)
    if (parser.parseKeyword(operandNames[i]) ||
        (i == logSumExpIndex ? parsePlace(parser, operands, offsets)
                             : parseStridedPlace(parser, operands, offsets, strides)))
      return failure();
  result.addAttribute("scale", scale);
  result.addAttribute("type", TypeAttr::get(type));
  result.addAttribute("offsets", builder.getDenseI64ArrayAttr(offsets));
  result.addAttribute("strides", builder.getDenseI64ArrayAttr(strides));
  if (parseLabel(parser, result))
    return failure();
  return parser.resolveOperands(operands, SlotType::get(parser.getContext()), result.operands);
}

/// In the order of `sizeNames`.
template <typename Op> static std::array<int64_t, 5> sizesOf(Op op) {
  return {int64_t(op.getBatch()), int64_t(op.getSequence()), int64_t(op.getHeads()), int64_t(op.getKvHeads()),
          int64_t(op.getHeadDim())};
}

template <typename Op> static void printAttention(Op op, OpAsmPrinter &printer) {
  for (auto [name, size] : llvm::zip(sizeNames, sizesOf(op)))
    printer << " " << name << " " << size;
  printer << " scale ";
  printer.printAttributeWithoutType(op.getScaleAttr());
  printer << " : " << op.getType();
  const int64_t *stride = op.getStrides().begin();
  for (size_t i = 0; i < op.getOperands().size(); ++i) {
    printer << " " << operandNames[i] << " ";
    if (i == logSumExpIndex)
      printPlace(printer, op.getOperands()[i], op.getOffsets()[i]);
    else
      printStridedPlace(printer, op.getOperands()[i], op.getOffsets()[i], *stride++);
  }
  SmallVector<StringRef> elided(std::begin(sizeNames), std::end(sizeNames));
  elided.append({"scale", "type", "offsets", "strides"});
  printLabel(printer, op, op.getLabel(), elided);
}

template <typename Op> static LogicalResult verifyAttention(Op op, size_t count) {
  // attention C4, attention_backward C4
  if (op.getStrides().size() != count - 1)
    return op.emitOpError() << "has " << count - 1 << " strides, found " << op.getStrides().size();
  // attention C5, attention_backward C5
  if (failed(verifyPositive(op, sizesOf(op))))
    return failure();
  // attention C6, attention_backward C6
  if (op.getHeads() % op.getKvHeads())
    return op.emitOpError() << "needs heads a multiple of kv_heads, found " << op.getHeads() << " and "
                            << op.getKvHeads();
  return verifyPlaces(op, op.getOffsets(), count);
}

ParseResult AttentionOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseAttention(parser, result, 5);
}
void AttentionOp::print(OpAsmPrinter &printer) { printAttention(*this, printer); }
LogicalResult AttentionOp::verify() { return verifyAttention(*this, 5); }

ParseResult AttentionBackwardOp::parse(OpAsmParser &parser, OperationState &result) {
  return parseAttention(parser, result, 9);
}
void AttentionBackwardOp::print(OpAsmPrinter &printer) { printAttention(*this, printer); }
LogicalResult AttentionBackwardOp::verify() { return verifyAttention(*this, 9); }

#define GET_OP_CLASSES
#include "dialects/Exec/ExecOps.cpp.inc"
