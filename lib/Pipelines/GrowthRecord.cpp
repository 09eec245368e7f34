// What an executable says of a growth, for people and for what reads checkpoints: read off the IR and the proof.

#include "GrowthRecord.h"

#include "tritter/Derivation/Schema.h"
#include "tritter/Proof/Relations.h"

#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace mlir::tritter;
using growth::AxisMap;
using growth::GrowthOrigins;
using growth::LayerOrigin;

namespace {

class RecordWriter {
public:
  RecordWriter(ModelOp base, ModelOp grown, const GrowthOrigins &origins, const growth::ProofResult &proof,
               growth::DerivationTables &derivations)
      : base(base), grown(grown), origins(origins), proof(proof), derivations(derivations) {}

  LogicalResult write(schema::GrowthT &record);

private:
  void writeLayer(const LayerOrigin &layer, schema::GrowthT &record);
  void writeStream(const LayerOrigin &layer, schema::LayerOriginT &out, schema::GrowthT &record);
  LogicalResult writeTensorAxes(StringRef prefix, Operation *graph, schema::GrowthT &record);
  int32_t streamBehind(StringRef path);
  int32_t axisNumber(StringRef name, const AxisMap &map, schema::GrowthT &record);

  ModelOp base, grown;
  const GrowthOrigins &origins;
  const growth::ProofResult &proof;
  growth::DerivationTables &derivations;
  SymbolTableCollection symbols;
  /// Maps that have a number, in its order.
  SmallVector<AxisMap> axes;
  /// Of the residual stream, as far as it was followed.
  std::optional<AxisMap> stream;
};

} // namespace

/// The number of a map. A new map gets the next number, and `name`.
int32_t RecordWriter::axisNumber(StringRef name, const AxisMap &map, schema::GrowthT &record) {
  const auto *known = llvm::find(axes, map);
  if (known != axes.end() && known->getDomain() == map.getDomain())
    return known - axes.begin();
  std::optional<uint32_t> number = derivations.addMap(map);
  if (!number)
    return -1;
  auto axis = std::make_unique<schema::GrowthAxisT>();
  axis->name = name.str();
  axis->before = map.getDomain();
  axis->after = map.getLength();
  axis->map = *number;
  record.axes.push_back(std::move(axis));
  axes.push_back(map);
  return axes.size() - 1;
}

/// The number of the base's residual stream that comes out of a layer.
int32_t RecordWriter::streamBehind(StringRef path) {
  int32_t number = 0;
  for (auto layer : base.getBody().getOps<LayerOp>()) {
    ++number;
    if (layer.getPath() == path)
      return number;
  }
  return -1;
}

/// What the proof found the layer's output to be. Behind the place where the proof broke it is what the growth meant:
/// the output of the layer that this one comes from, by the last map of the stream that is known.
void RecordWriter::writeStream(const LayerOrigin &layer, schema::LayerOriginT &out, schema::GrowthT &record) {
  LayerOp op = layer.layer, origin = layer.origin;
  for (const growth::RelatedStream &related : proof.streams)
    if (related.layer == op.getPath()) {
      stream = related.map;
      out.stream = related.base.empty() ? 0 : streamBehind(related.base);
      out.stream_axis = axisNumber("residual", related.map, record);
      return;
    }
  if (!origin || op.getNumResults() != 1 || origin.getNumResults() != 1)
    return;
  int64_t size = growth::relatedAxisSize(op.getResult(0)), before = growth::relatedAxisSize(origin.getResult(0));
  AxisMap map = size == before ? AxisMap::identity(size) : AxisMap::unknown(size, before);
  if (stream && stream->getLength() == size && stream->getDomain() == before)
    map = *stream;
  out.stream = streamBehind(origin.getPath());
  out.stream_axis = axisNumber("residual", map, record);
}

void RecordWriter::writeLayer(const LayerOrigin &layer, schema::GrowthT &record) {
  LayerOp op = layer.layer, origin = layer.origin;
  auto out = std::make_unique<schema::LayerOriginT>();
  out->name = op.getPath().str();
  out->origin = origin ? origin.getPath().str() : "";
  out->added = layer.isNew;
  symbols.lookupNearestSymbolFrom<BlockOp>(op, op.getBlockAttr()).walk([&](ParamOp param) {
    if (origins.isZero(param))
      out->zeroed.push_back(param.getPath().str());
    if (!layer.isNew && origins.isFresh(param))
      record.new_tensors.push_back((op.getPath() + "." + param.getPath()).str());
  });
  writeStream(layer, *out, record);
  record.layers.push_back(std::move(out));
}

/// Axes of tensors that are mapped, by the name of the first tensor that has it: `mlp.up.weight axis 0`.
LogicalResult RecordWriter::writeTensorAxes(StringRef prefix, Operation *graph, schema::GrowthT &record) {
  WalkResult walk = graph->walk([&](ParamOp param) -> WalkResult {
    if (origins.isFresh(param))
      return WalkResult::advance();
    FailureOr<growth::Derivation> form = growth::normalise(param, [&] { return param.emitOpError(); });
    if (failed(form))
      return failure();
    for (const growth::Term &term : form->terms)
      for (auto [number, map] : llvm::enumerate(term.axes))
        if (term.kind == growth::Term::Kind::Source && map.getLength() != map.getDomain())
          axisNumber((prefix + param.getPath() + " axis " + Twine(number)).str(), map, record);
    return WalkResult::advance();
  });
  return failure(walk.wasInterrupted());
}

LogicalResult RecordWriter::write(schema::GrowthT &record) {
  for (const LayerOrigin &layer : origins.getLayers())
    writeLayer(layer, record);
  for (auto param : grown.getBody().getOps<ParamOp>())
    if (origins.isFresh(param))
      record.new_tensors.push_back(param.getPath().str());
  llvm::DenseSet<Operation *> blocks;
  for (const LayerOrigin &layer : origins.getLayers()) {
    LayerOp op = layer.layer;
    auto block = symbols.lookupNearestSymbolFrom<BlockOp>(op, op.getBlockAttr());
    if (blocks.insert(block).second && failed(writeTensorAxes("", block, record)))
      return failure();
  }
  return writeTensorAxes("", grown, record);
}

LogicalResult mlir::tritter::writeGrowthRecord(ModelOp base, ModelOp grown, const growth::ProofResult &proof,
                                               growth::DerivationTables &derivations, schema::GrowthT &record) {
  FailureOr<GrowthOrigins> origins = GrowthOrigins::get(base, grown);
  if (failed(origins))
    return failure();
  return RecordWriter(base, grown, *origins, proof, derivations).write(record);
}
