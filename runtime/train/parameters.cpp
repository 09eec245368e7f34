#include "runtime/train/parameters.h"

#include "runtime/train/convert.h"

#include <algorithm>
#include <fmt/ranges.h>
#include <set>

using namespace tritter;
using schema::DType;

/// Elements converted at once.
static constexpr size_t tile = 1 << 18;

static std::vector<uint64_t> shapeOf(const flatbuffers::Vector<uint64_t> *shape) {
  return shape ? std::vector<uint64_t>(shape->begin(), shape->end()) : std::vector<uint64_t>();
}

static bool samePlace(const schema::Location &a, const schema::Location &b) {
  return a.arena() == b.arena() && a.offset() == b.offset();
}

static Status writeConverted(Session &session, std::span<const std::byte> from, DType type,
                             const schema::Location &place) {
  if (type == place.dtype())
    return session.write(place, from);
  size_t fromBytes = sizeOf(type), toBytes = sizeOf(place.dtype());
  std::vector<std::byte> converted(tile * toBytes);
  for (size_t begin = 0; begin < from.size(); begin += tile * fromBytes) {
    std::span<const std::byte> part = from.subspan(begin, std::min(tile * fromBytes, from.size() - begin));
    size_t count = part.size() / fromBytes;
    std::span<std::byte> out = std::span(converted).first(count * toBytes);
    convert(part, type, out, place.dtype());
    TRITTER_RETURN_IF_ERROR(session.write(place, out, begin / fromBytes * toBytes));
  }
  return {};
}

/// The tensor of the name and kind, with the shape that the executable gives it.
static Result<const schema::Tensor *> matching(const CheckpointReader &checkpoint, const schema::Parameter &parameter) {
  const schema::Tensor *tensor = checkpoint.find(parameter.name()->string_view());
  if (!tensor)
    return error("{}: has no tensor {}, which the model needs: it is of another architecture", checkpoint.path(),
                 parameter.name()->string_view());
  std::vector<uint64_t> found = shapeOf(tensor->shape()), expected = shapeOf(parameter.shape());
  if (found != expected)
    return error("{}: {} is [{}], the model's is [{}]: it is of another architecture", checkpoint.path(),
                 parameter.name()->string_view(), fmt::join(found, ", "), fmt::join(expected, ", "));
  return tensor;
}

Status tritter::loadParameters(Session &session, const CheckpointReader &checkpoint, bool states, bool *statesFound) {
  const Executable &executable = session.executable();
  std::set<std::string_view> known;
  for (const schema::Parameter *parameter : *executable->parameters()) {
    known.insert(parameter->name()->string_view());
    TRITTER_ASSIGN(const schema::Tensor *tensor, matching(checkpoint, *parameter));
    TRITTER_RETURN_IF_ERROR(checkpoint.verify(*tensor));
    std::span<const std::byte> bytes = checkpoint.bytes(*tensor);
    const schema::Location *value = parameter->value(), *master = parameter->master();
    if (value)
      TRITTER_RETURN_IF_ERROR(writeConverted(session, bytes, tensor->dtype(), *value));
    if (master && parameter->trainable() && !(value && samePlace(*master, *value)))
      TRITTER_RETURN_IF_ERROR(writeConverted(session, bytes, tensor->dtype(), *master));
    if (!states || !parameter->states() || !parameter->trainable())
      continue;
    for (const schema::ParameterState *state : *parameter->states()) {
      const schema::Tensor *stored = checkpoint.find(parameter->name()->string_view(), state->kind()->string_view());
      if (!stored)
        continue;
      if (shapeOf(stored->shape()) != shapeOf(parameter->shape()))
        return error("{}: {} of {} has another shape than the parameter", checkpoint.path(),
                     state->kind()->string_view(), parameter->name()->string_view());
      TRITTER_RETURN_IF_ERROR(checkpoint.verify(*stored));
      TRITTER_RETURN_IF_ERROR(writeConverted(session, checkpoint.bytes(*stored), stored->dtype(), *state->location()));
      if (statesFound)
        *statesFound = true;
    }
  }
  for (const schema::Tensor *tensor : *checkpoint.manifest().tensors())
    if (!known.contains(tensor->name()->string_view()))
      return error("{}: holds {}, which the model has not: it is of another architecture", checkpoint.path(),
                   tensor->name()->string_view());
  return {};
}

namespace {

/// A tensor of the new checkpoint: read from the session, or copied from the source.
struct Stored {
  const schema::Location *place = nullptr;
  const schema::Tensor *source = nullptr;
};

/// What a new checkpoint holds, in the order of the executable's parameters.
struct Plan {
  std::vector<TensorDeclaration> declarations;
  std::vector<Stored> places;

  void add(const schema::Parameter &parameter, std::string_view kind, schema::StateGrowth growth, Stored stored) {
    DType type = stored.source ? stored.source->dtype() : stored.place->dtype();
    declarations.push_back({parameter.name()->str(), std::string(kind), shapeOf(parameter.shape()), type, growth});
    places.push_back(stored);
  }
};

} // namespace

static Plan makePlan(const Executable &executable, const CheckpointReader &source, bool states) {
  Plan plan;
  for (const schema::Parameter *parameter : *executable->parameters()) {
    if (parameter->trainable() && parameter->master()) {
      plan.add(*parameter, "value", schema::StateGrowth::Zero, {parameter->master(), nullptr});
      if (states && parameter->states())
        for (const schema::ParameterState *state : *parameter->states())
          plan.add(*parameter, state->kind()->string_view(), state->growth(), {state->location(), nullptr});
      continue;
    }
    for (const schema::Tensor *tensor : *source.manifest().tensors())
      if (tensor->name()->string_view() == parameter->name()->string_view())
        plan.add(*parameter, tensor->kind()->string_view(), tensor->growth(), {nullptr, tensor});
  }
  return plan;
}

Result<std::string> tritter::saveParameters(Session &session, const CheckpointReader &source, bool states,
                                            schema::ManifestT manifest, const std::string &path) {
  Plan plan = makePlan(session.executable(), source, states);
  TRITTER_ASSIGN(std::unique_ptr<CheckpointWriter> writer, CheckpointWriter::create(path, plan.declarations));
  for (size_t i = 0; i < plan.places.size(); ++i) {
    const Stored &stored = plan.places[i];
    if (stored.source) {
      TRITTER_RETURN_IF_ERROR(writer->copy(i, source, *stored.source));
      continue;
    }
    auto producer = [&](uint64_t offset, std::span<std::byte> out) { return session.read(*stored.place, out, offset); };
    TRITTER_RETURN_IF_ERROR(writer->write(i, CheckpointWriter::Producer(producer)));
  }
  return writer->commit(std::move(manifest));
}
