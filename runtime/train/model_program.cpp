#include "runtime/train/model_program.h"

#include "runtime/train/convert.h"

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

Status ModelProgram::writeBatch(std::span<const int32_t> tokens, std::span<const int32_t> targets) {
  const schema::Binding *input = executable().binding("tokens");
  if (!input)
    return error("the executable has no `tokens`");
  TRITTER_RETURN_IF_ERROR(session_->write(*input->location(), std::as_bytes(tokens)));
  if (const schema::Binding *binding = executable().binding("targets"); binding && !targets.empty())
    return session_->write(*binding->location(), std::as_bytes(targets));
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

Result<double> tritter::evaluateBatch(ModelProgram &program, std::span<const int32_t> tokens,
                                      std::span<const int32_t> targets) {
  TRITTER_RETURN_IF_ERROR(program.writeBatch(tokens, targets));
  TRITTER_RETURN_IF_ERROR(program.run("evaluate"));
  return program.readScalar("loss");
}
