// tritter.decoder -> tritter.block and tritter.model.

#include "tritter/Elaborate/Passes.h"

#include "dialects/Tritter/Shapes.h"
#include "tritter/Support/CheckedMath.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::tritter {
#define GEN_PASS_DEF_ELABORATEPASS
#include "lib/Elaborate/Passes.h.inc"
} // namespace mlir::tritter

using namespace mlir;
using namespace mlir::tritter;

namespace {

/// The sizes of a decoder, with what it leaves out filled in.
struct Sizes {
  int64_t hidden, heads, kvHeads, headDim, intermediate, vocab;
  /// What parameters are stored in. The stream is f32 (f64 for f64) whatever they are.
  Type element;
};

/// Writes graphs: parameters with their initialisers, and the modules that read them.
class GraphWriter {
public:
  GraphWriter(OpBuilder builder, DecoderOp decoder, Sizes sizes)
      : builder(builder), loc(decoder.getLoc()), decoder(decoder), sizes(sizes) {}

  BlockOp writeBlock(StringRef name);
  ModelOp writeModel(BlockOp block);

private:
  Value matrix(const Twine &path, int64_t rows, int64_t columns) {
    return parameter(path, {rows, columns},
                     NormalInitAttr::get(builder.getContext(), builder.getF64FloatAttr(stddev())));
  }
  Value vector(const Twine &path, int64_t size, double value) {
    return parameter(path, {size}, ConstantInitAttr::get(builder.getContext(), builder.getF64FloatAttr(value)));
  }
  Value parameter(const Twine &path, ArrayRef<int64_t> shape, Attribute init) {
    return ParamOp::create(builder, loc, RankedTensorType::get(shape, sizes.element), path.str(), init);
  }

  Value linear(StringRef module, Value input, int64_t inputs, int64_t outputs, bool bias) {
    Value weight = matrix(module + ".weight", outputs, inputs);
    return LinearOp::create(builder, loc, input, weight, bias ? vector(module + ".bias", outputs, 0.0) : Value());
  }
  Value norm(StringRef module, Value input) {
    Value weight = vector(module + ".weight", sizes.hidden, 1.0);
    if (decoder.getNorm() == NormKind::Rms)
      return RmsNormOp::create(builder, loc, input, weight, decoder.getNormEps());
    Value bias = vector(module + ".bias", sizes.hidden, 0.0);
    return LayerNormOp::create(builder, loc, input, weight, bias, decoder.getNormEps());
  }

  Value attention(Value input);
  Value mlp(Value input);

  double stddev() { return decoder.getInitStddev().convertToDouble(); }
  RankedTensorType streamType(int64_t channels) {
    return RankedTensorType::get({ShapedType::kDynamic, ShapedType::kDynamic, channels},
                                 accumulatorType(sizes.element));
  }

  OpBuilder builder;
  Location loc;
  DecoderOp decoder;
  Sizes sizes;
};

} // namespace

Value GraphWriter::attention(Value input) {
  bool outputBias = decoder.getBias() || decoder.getAttentionBias(), bias = outputBias || decoder.getQkvBias();
  auto project = [&](StringRef module, int64_t heads) -> Value {
    Value projected = linear(module, input, sizes.hidden, heads * sizes.headDim, bias);
    Type type = RankedTensorType::get({ShapedType::kDynamic, ShapedType::kDynamic, heads, sizes.headDim},
                                      accumulatorType(sizes.element));
    return SplitHeadsOp::create(builder, loc, type, projected);
  };
  auto rotate = [&](Value heads) -> Value {
    if (decoder.getPositions() != PositionKind::Rope)
      return heads;
    return RopeOp::create(builder, loc, heads.getType(), heads, decoder.getRopeTheta(), /*inverse=*/false);
  };
  Value query = rotate(project("attn.q", sizes.heads));
  Value key = rotate(project("attn.k", sizes.kvHeads));
  Value value = project("attn.v", sizes.kvHeads);
  auto attended = AttentionOp::create(builder, loc, query, key, value, /*scale=*/FloatAttr(), /*save=*/false);
  Value merged = MergeHeadsOp::create(builder, loc, attended.getResult());
  return linear("attn.o", merged, sizes.heads * sizes.headDim, sizes.hidden, outputBias);
}

Value GraphWriter::mlp(Value input) {
  bool bias = decoder.getBias() || decoder.getMlpBias();
  auto activate = [&](Value value) -> Value {
    return ActivationOp::create(builder, loc, value.getType(), decoder.getActivation(), value);
  };
  Value inner;
  if (decoder.getGated()) {
    Value gate = activate(linear("mlp.gate", input, sizes.hidden, sizes.intermediate, bias));
    Value up = linear("mlp.up", input, sizes.hidden, sizes.intermediate, bias);
    inner = MulOp::create(builder, loc, gate, up);
  } else {
    inner = activate(linear("mlp.up", input, sizes.hidden, sizes.intermediate, bias));
  }
  return linear("mlp.down", inner, sizes.intermediate, sizes.hidden, bias);
}

BlockOp GraphWriter::writeBlock(StringRef name) {
  Type stream = streamType(sizes.hidden);
  auto block = BlockOp::create(builder, loc, name, builder.getFunctionType(stream, stream));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&block.getBody().front());
  Value x = block.getBody().getArgument(0);
  x = AddOp::create(builder, loc, x, attention(norm("attn_norm", x)));
  x = AddOp::create(builder, loc, x, mlp(norm("mlp_norm", x)));
  YieldOp::create(builder, loc, x);
  return block;
}

ModelOp GraphWriter::writeModel(BlockOp block) {
  Type tokens = RankedTensorType::get({ShapedType::kDynamic, ShapedType::kDynamic}, builder.getI32Type());
  auto model =
      ModelOp::create(builder, loc, decoder.getSymName(), builder.getFunctionType(tokens, streamType(sizes.vocab)));
  // Nothing but this bounds the positions of rotary embeddings.
  if (std::optional<int64_t> positions = decoder.getMaxPositions();
      positions && decoder.getPositions() == PositionKind::Rope)
    model->setAttr("max_positions", builder.getI64IntegerAttr(*positions));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&model.getBody().front());
  Value table = matrix("embed.weight", sizes.vocab, sizes.hidden);
  Value stream = EmbeddingOp::create(builder, loc, model.getBody().getArgument(0), table);
  if (decoder.getPositions() == PositionKind::Learned) {
    Value positions = matrix("positions.weight", *decoder.getMaxPositions(), sizes.hidden);
    stream = PositionEmbeddingOp::create(builder, loc, stream, positions);
  }
  for (int64_t layer = 0; layer < int64_t(decoder.getLayers()); ++layer)
    stream = LayerOp::create(builder, loc, stream.getType(), "layers." + std::to_string(layer), block.getSymName(),
                             stream, /*origin=*/StringAttr(), /*added=*/IntegerAttr(), /*frozen=*/false,
                             /*model=*/FlatSymbolRefAttr())
                 .getResult(0);
  stream = norm("final_norm", stream);
  Value logits = decoder.getTied() ? LinearOp::create(builder, loc, stream, table, Value()).getResult()
                                   : linear("head", stream, sizes.hidden, sizes.vocab, /*bias=*/false);
  YieldOp::create(builder, loc, logits);
  return model;
}

/// `name`, numbered where the module has it already.
static std::string freshName(Operation *symbols, StringRef name) {
  std::string fresh = name.str();
  for (unsigned number = 2; SymbolTable::lookupSymbolIn(symbols, fresh); ++number)
    fresh = (name + "_" + Twine(number)).str();
  return fresh;
}

FailureOr<ModelOp> tritter::elaborate(DecoderOp decoder, int64_t vocab) {
  if (!decoder.getVocab() && vocab <= 0) {
    decoder.emitOpError() << "names no vocabulary: write vocab = N in it, or give --vocab";
    return failure();
  }
  if (vocab > mostDecoderSize) {
    decoder.emitOpError() << "vocab must be from 1 to " << mostDecoderSize << ", found " << vocab;
    return failure();
  }
  int64_t heads = decoder.getHeads(), hidden = decoder.getHidden();
  Sizes sizes{hidden,
              heads,
              int64_t(decoder.getKvHeads().value_or(heads)),
              int64_t(decoder.getHeadDim().value_or(hidden / heads)),
              int64_t(decoder.getIntermediate()),
              int64_t(decoder.getVocab().value_or(vocab)),
              decoder.getDtype().value_or(Float32Type::get(decoder.getContext()))};
  GraphWriter writer(OpBuilder(decoder), decoder, sizes);
  bool isLlama = decoder.getNorm() == NormKind::Rms && decoder.getPositions() == PositionKind::Rope;
  BlockOp block = writer.writeBlock(freshName(decoder->getParentOp(), isLlama ? "llama" : "decoder"));
  ModelOp model = writer.writeModel(block);
  decoder.erase();
  return model;
}

namespace {
struct Elaborate : tritter::impl::ElaboratePassBase<Elaborate> {
  using ElaboratePassBase::ElaboratePassBase;

  void runOnOperation() override {
    for (DecoderOp decoder : llvm::make_early_inc_range(getOperation().getOps<DecoderOp>())) {
      if (failed(elaborate(decoder, vocab)))
        return signalPassFailure();
      ++models;
    }
  }
};
} // namespace
