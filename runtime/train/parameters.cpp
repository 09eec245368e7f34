#include "runtime/train/parameters.h"

#include "runtime/train/convert.h"
#include "runtime/train/groups.h"

#include <algorithm>
#include <fmt/ranges.h>
#include <optional>
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

static std::string groupOf(const schema::Parameter &parameter) {
  return parameter.group() ? parameter.group()->str() : std::string();
}

/// Copies the parameter's states; how many updates they have seen, or nothing where there are none.
static Result<std::optional<uint64_t>> loadStates(Session &session, const CheckpointReader &checkpoint,
                                                  const schema::Parameter &parameter) {
  std::optional<uint64_t> updates;
  for (const schema::ParameterState *state : *parameter.states()) {
    const schema::Tensor *stored = checkpoint.find(parameter.name()->string_view(), state->kind()->string_view());
    if (!stored)
      continue;
    if (shapeOf(stored->shape()) != shapeOf(parameter.shape()))
      return error("{}: {} of {} has another shape than the parameter", checkpoint.path(), state->kind()->string_view(),
                   parameter.name()->string_view());
    if (updates && *updates != stored->updates())
      return error("{}: the states of {} have seen {} and {} updates, which no training writes", checkpoint.path(),
                   parameter.name()->string_view(), *updates, stored->updates());
    updates = stored->updates();
    TRITTER_RETURN_IF_ERROR(checkpoint.verify(*stored));
    TRITTER_RETURN_IF_ERROR(writeConverted(session, checkpoint.bytes(*stored), stored->dtype(), *state->location()));
  }
  return updates;
}

Result<LoadedParameters> tritter::loadParameters(Session &session, const CheckpointReader &checkpoint, bool states) {
  const Executable &executable = session.executable();
  LoadedParameters loaded;
  // The first parameter of each group, for messages.
  std::map<std::string, std::string_view> firsts;
  std::set<std::string_view> known;
  for (const schema::Parameter *parameter : *executable->parameters()) {
    // What was read for the parameter before lies in the session now.
    checkpoint.release();
    std::string_view name = parameter->name()->string_view();
    known.insert(name);
    TRITTER_ASSIGN(const schema::Tensor *tensor, matching(checkpoint, *parameter));
    TRITTER_RETURN_IF_ERROR(checkpoint.verify(*tensor));
    std::span<const std::byte> bytes = checkpoint.bytes(*tensor);
    const schema::Location *value = parameter->value(), *master = parameter->master();
    if (value)
      TRITTER_RETURN_IF_ERROR(writeConverted(session, bytes, tensor->dtype(), *value));
    if (master && parameter->trainable() && !(value && samePlace(*master, *value)))
      TRITTER_RETURN_IF_ERROR(writeConverted(session, bytes, tensor->dtype(), *master));
    if (!parameter->states() || !parameter->trainable())
      continue;
    std::optional<uint64_t> seen;
    if (states) {
      TRITTER_ASSIGN(seen, loadStates(session, checkpoint, *parameter));
    }
    loaded.states |= seen.has_value();
    auto [group, isNew] = loaded.updates.try_emplace(groupOf(*parameter), seen.value_or(0));
    std::string_view &first = firsts.try_emplace(group->first, name).first->second;
    if (group->second != seen.value_or(0))
      return error("{}: the states of {} have seen {} updates and those of {} {}, but the executable counts them "
                   "together: compile it with --groups {}, or begin anew with --moments reset",
                   checkpoint.path(), first, group->second, name, seen.value_or(0),
                   groupsByUpdates(checkpoint.manifest()));
  }
  checkpoint.release();
  for (const schema::Tensor *tensor : *checkpoint.manifest().tensors())
    if (!known.contains(tensor->name()->string_view()))
      return error("{}: holds {}, which the model has not: it is of another architecture", checkpoint.path(),
                   tensor->name()->string_view());
  return loaded;
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

  void add(TensorDeclaration declaration, Stored stored) {
    declarations.push_back(std::move(declaration));
    places.push_back(stored);
  }
};

} // namespace

static Plan makePlan(const Executable &executable, const CheckpointReader &source, const GroupUpdates &updates) {
  Plan plan;
  for (const schema::Parameter *parameter : *executable->parameters()) {
    std::string name = parameter->name()->str();
    std::vector<uint64_t> shape = shapeOf(parameter->shape());
    if (parameter->trainable() && parameter->master()) {
      plan.add({name, "value", shape, parameter->master()->dtype()}, {parameter->master(), nullptr});
      auto seen = updates.find(groupOf(*parameter));
      if (parameter->states() && seen != updates.end() && seen->second > 0)
        for (const schema::ParameterState *state : *parameter->states())
          plan.add({name, state->kind()->str(), shape, state->location()->dtype(), state->growth(), seen->second},
                   {state->location(), nullptr});
      continue;
    }
    for (const schema::Tensor *tensor : *source.manifest().tensors())
      if (tensor->name()->string_view() == name)
        plan.add({name, tensor->kind()->str(), shape, tensor->dtype(), tensor->growth(), tensor->updates()},
                 {nullptr, tensor});
  }
  return plan;
}

Result<std::string> tritter::saveParameters(Session &session, const CheckpointReader &source,
                                            const GroupUpdates &updates, schema::ManifestT manifest,
                                            const std::string &path) {
  Plan plan = makePlan(session.executable(), source, updates);
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

uint64_t tritter::checkpointBytes(const Executable &executable) {
  uint64_t bytes = 0;
  for (const schema::Parameter *parameter : *executable->parameters()) {
    uint64_t elements = 1;
    for (uint64_t size : shapeOf(parameter->shape()))
      elements *= size;
    bool trained = parameter->trainable() && parameter->master();
    bytes += elements * sizeOf(trained ? parameter->master()->dtype() : parameter->dtype());
    if (trained && parameter->states())
      for (const schema::ParameterState *state : *parameter->states())
        bytes += elements * sizeOf(state->location()->dtype());
  }
  return bytes;
}
