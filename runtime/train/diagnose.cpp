#include "runtime/train/diagnose.h"

#include "runtime/train/convert.h"

#include <algorithm>
#include <cmath>
#include <vector>

using namespace tritter;

static bool allFinite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

static Result<std::vector<float>> readPlace(Session &session, const schema::Parameter &parameter,
                                            const schema::Location &place) {
  size_t count = 1;
  for (uint64_t size : elements(parameter.shape()))
    count *= size;
  std::vector<std::byte> raw(count * sizeOf(place.dtype()));
  TRITTER_RETURN_IF_ERROR(session.read(place, raw));
  std::vector<float> values(count);
  convert(raw, place.dtype(), std::as_writable_bytes(std::span(values)), schema::DType::F32);
  return values;
}

/// Gives `to` the parameters that `from` reads.
static Status copyParameters(ModelProgram &from, ModelProgram &to) {
  for (const schema::Parameter *parameter : elements(from.executable()->parameters())) {
    const schema::Parameter *twin = to.executable().parameter(textOf(parameter->name()));
    const schema::Location *place = parameter->master() ? parameter->master() : parameter->value();
    if (!twin || !place)
      return error("the program that looks for it has no parameter {}", textOf(parameter->name()));
    TRITTER_ASSIGN(std::vector<float> values, readPlace(from.session(), *parameter, *place));
    for (const schema::Location *target : {twin->value(), twin->master()}) {
      if (!target)
        continue;
      std::vector<std::byte> raw(values.size() * sizeOf(target->dtype()));
      convert(std::as_bytes(std::span(values)), schema::DType::F32, raw, target->dtype());
      TRITTER_RETURN_IF_ERROR(to.session().write(*target, raw));
    }
  }
  return {};
}

/// The first place on the way from the tokens to the logits that is not finite; empty where there is none.
static Result<std::string> firstInForward(ModelProgram &forward, std::span<const int32_t> tokens) {
  uint64_t window = forward.batch() * forward.sequence();
  for (uint64_t begin = 0; begin + window <= tokens.size(); begin += window) {
    TRITTER_RETURN_IF_ERROR(forward.writeBatch(tokens.subspan(begin, window), {}));
    TRITTER_RETURN_IF_ERROR(forward.run("logits"));
    for (size_t stream = 0; forward.has(fmt::format("residual.{}", stream)); ++stream) {
      TRITTER_ASSIGN(std::vector<float> values, forward.readFloats(fmt::format("residual.{}", stream)));
      if (!allFinite(values))
        return stream == 0 ? std::string("the embedding") : fmt::format("layers.{}", stream - 1);
    }
    TRITTER_ASSIGN(std::vector<float> logits, forward.readFloats("logits"));
    if (!allFinite(logits))
      return std::string("the head");
  }
  return std::string();
}

Result<std::string> tritter::firstNotFinite(ModelProgram &program, ModelProgram *forward,
                                            std::span<const int32_t> tokens) {
  const auto parameters = elements(program.executable()->parameters());
  for (const schema::Parameter *parameter : parameters) {
    if (!parameter->value())
      continue;
    TRITTER_ASSIGN(std::vector<float> values, readPlace(program.session(), *parameter, *parameter->value()));
    if (!allFinite(values))
      return fmt::format("the parameter {}", textOf(parameter->name()));
  }
  if (forward) {
    TRITTER_RETURN_IF_ERROR(copyParameters(program, *forward));
    TRITTER_ASSIGN(std::string place, firstInForward(*forward, tokens));
    if (!place.empty())
      return place;
  }
  std::string found;
  for (const schema::Parameter *parameter : parameters) {
    if (!parameter->trainable() || !parameter->gradient())
      continue;
    TRITTER_ASSIGN(std::vector<float> values, readPlace(program.session(), *parameter, *parameter->gradient()));
    if (!allFinite(values))
      found = fmt::format("the gradient of {}", textOf(parameter->name()));
  }
  return found;
}
