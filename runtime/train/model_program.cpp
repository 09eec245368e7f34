#include "runtime/train/model_program.h"

#include "runtime/train/convert.h"

#include <algorithm>
#include <array>

using namespace tritter;

static std::span<const std::byte> bytesOf(const double &value) { return std::as_bytes(std::span(&value, 1)); }

Status ModelProgram::writeScalar(std::string_view name, double value) {
  const schema::Binding *binding = executable().binding(name);
  if (!binding)
    return {};
  std::array<std::byte, 8> bytes;
  std::span<std::byte> out = std::span(bytes).first(sizeOf(binding->location()->dtype()));
  convert(bytesOf(value), schema::DType::F64, out, binding->location()->dtype());
  return session_->write(*binding->location(), out);
}

Result<double> ModelProgram::readScalar(std::string_view name) {
  const schema::Binding *binding = executable().binding(name);
  if (!binding)
    return error("the executable has no `{}`", name);
  std::array<std::byte, 8> bytes;
  std::span<std::byte> in = std::span(bytes).first(sizeOf(binding->location()->dtype()));
  TRITTER_RETURN_IF_ERROR(session_->read(*binding->location(), in));
  double value;
  convert(in, binding->location()->dtype(), std::as_writable_bytes(std::span(&value, 1)), schema::DType::F64);
  return value;
}

/// Writes values to a binding of `size` of them, from the beginning again and again.
static Status writeRepeated(Session &session, const schema::Location &place, std::span<const int32_t> values,
                            uint64_t size) {
  for (uint64_t at = 0; at < size; at += values.size()) {
    std::span<const int32_t> part = values.first(std::min<uint64_t>(values.size(), size - at));
    TRITTER_RETURN_IF_ERROR(session.write(place, std::as_bytes(part), at * sizeof(int32_t)));
  }
  return {};
}

Status ModelProgram::writeBatch(std::span<const int32_t> tokens, std::span<const int32_t> targets) {
  const schema::Binding *input = executable().binding("tokens");
  if (!input)
    return error("the executable has no `tokens`");
  if (tokens.empty())
    return error("a batch without a window");
  uint64_t size = batch() * sequence();
  TRITTER_RETURN_IF_ERROR(writeRepeated(*session_, *input->location(), tokens, size));
  if (const schema::Binding *binding = executable().binding("targets"); binding && !targets.empty())
    return writeRepeated(*session_, *binding->location(), targets, size);
  return {};
}

Result<std::vector<float>> ModelProgram::readFloats(std::string_view name) {
  const schema::Binding *binding = executable().binding(name);
  if (!binding)
    return error("the executable has no `{}`", name);
  size_t count = 1;
  for (uint64_t size : *binding->shape())
    count *= size;
  schema::DType type = binding->location()->dtype();
  std::vector<float> values(count);
  if (type == schema::DType::F32) {
    TRITTER_RETURN_IF_ERROR(session_->read(*binding->location(), std::as_writable_bytes(std::span(values))));
    return values;
  }
  std::vector<std::byte> raw(count * sizeOf(type));
  TRITTER_RETURN_IF_ERROR(session_->read(*binding->location(), raw));
  convert(raw, type, std::as_writable_bytes(std::span(values)), schema::DType::F32);
  return values;
}

Result<double> tritter::evaluateWindows(ModelProgram &program, std::span<const int32_t> tokens,
                                        std::span<const int32_t> targets) {
  TRITTER_RETURN_IF_ERROR(program.writeBatch(tokens, targets));
  TRITTER_RETURN_IF_ERROR(program.run("evaluate"));
  TRITTER_ASSIGN(double mean, program.readScalar("loss"));
  // The program says the mean of a whole batch, in which fewer windows stand several times, the first of them once
  // more: what those add is measured in the same way. Each round has at most half as many, and no error is made larger.
  uint64_t rows = program.batch(), windows = tokens.size() / program.sequence(), extra = rows % windows;
  double sum = mean * static_cast<double>(rows);
  if (extra) {
    TRITTER_ASSIGN(double again, evaluateWindows(program, tokens.first(extra * program.sequence()),
                                                 targets.first(extra * program.sequence())));
    sum -= again;
  }
  return sum / static_cast<double>(rows / windows);
}
