#include "test/Golden/compiled_model.h"

#include "runtime/device/bfloat16.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace tritter::testing {

uint64_t number(uint64_t seed, uint64_t index) {
  uint64_t z = seed + (index + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

uint64_t fnv(std::string_view text) {
  uint64_t value = 0xcbf29ce484222325;
  for (char byte : text)
    value = (value ^ uint8_t(byte)) * 0x100000001b3;
  return value;
}

size_t elementsOf(const schema::Parameter &parameter) {
  size_t count = 1;
  for (uint64_t size : *parameter.shape())
    count *= size;
  return count;
}

std::string goldenFile(const std::string &name) {
  std::ifstream file(std::string(TRITTER_GOLDEN_DIR) + "/" + name);
  EXPECT_TRUE(file) << "cannot read " << name;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

CompiledModel::CompiledModel(const std::string &model, const std::string &options, std::unique_ptr<Device> device)
    : device_(std::move(device)) {
  static int count = 0;
  std::string stem =
      ::testing::TempDir() + "/tritter_golden_" + std::to_string(::getpid()) + "_" + std::to_string(count++);
  std::ofstream(stem + ".mlir") << model;
  std::string command = std::string(TRITTER_COMPILE) + " " + stem + ".mlir -o " + stem + ".texe --batch " +
                        std::to_string(batch) + " --seq " + std::to_string(sequence) + " " + options;
  if (std::system(command.c_str()) != 0) {
    ADD_FAILURE() << "failed: " << command;
    std::abort();
  }
  load(Executable::load(stem + ".texe"));
  std::remove((stem + ".mlir").c_str());
  std::remove((stem + ".texe").c_str());
}

CompiledModel::CompiledModel(const Result<std::shared_ptr<const Executable>> &executable,
                             std::unique_ptr<Device> device)
    : device_(std::move(device)) {
  load(executable);
}

void CompiledModel::load(const Result<std::shared_ptr<const Executable>> &executable) {
  auto fail = [&](const Status &status) {
    ADD_FAILURE() << status.message();
    std::abort();
  };
  if (!executable.ok())
    fail(executable.status());
  auto session = device_->load(*executable);
  if (!session.ok())
    fail(session.status());
  session_ = *std::move(session);
  for (const auto *parameter : elements(this->executable().parameters())) {
    parameters_.push_back(parameter);
    if (parameter->name()->string_view() == "embed.weight")
      vocabulary_ = parameter->shape()->Get(0);
  }
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

template <typename T> static std::vector<std::byte> bytesOf(const Values &values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  for (size_t i = 0; i < values.size(); ++i) {
    T value = [&] {
      if constexpr (std::is_same_v<T, BFloat16>)
        return BFloat16(float(values[i]));
      else
        return T(values[i]);
    }();
    std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
  }
  return bytes;
}

template <typename T> static Values valuesOf(const std::vector<std::byte> &bytes) {
  Values values(bytes.size() / sizeof(T));
  for (size_t i = 0; i < values.size(); ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    if constexpr (std::is_same_v<T, BFloat16>)
      values[i] = float(value);
    else
      values[i] = double(value);
  }
  return values;
}

Values CompiledModel::read(const schema::Location &place, size_t count) {
  std::vector<std::byte> bytes(count * sizeOf(place.dtype()));
  Status status = session_->read(place, bytes);
  EXPECT_TRUE(status.ok()) << status.message();
  switch (place.dtype()) {
  case schema::DType::F64:
    return valuesOf<double>(bytes);
  case schema::DType::F32:
    return valuesOf<float>(bytes);
  case schema::DType::BF16:
    return valuesOf<BFloat16>(bytes);
  default:
    return valuesOf<int32_t>(bytes);
  }
}

void CompiledModel::write(const schema::Location &place, const Values &values) {
  std::vector<std::byte> bytes;
  switch (place.dtype()) {
  case schema::DType::F64:
    bytes = bytesOf<double>(values);
    break;
  case schema::DType::F32:
    bytes = bytesOf<float>(values);
    break;
  case schema::DType::BF16:
    bytes = bytesOf<BFloat16>(values);
    break;
  default:
    bytes = bytesOf<int32_t>(values);
  }
  Status status = session_->write(place, bytes);
  EXPECT_TRUE(status.ok()) << status.message();
}

const schema::Binding &CompiledModel::binding(const std::string &name) {
  const schema::Binding *found = session_->executable().binding(name);
  if (!found) {
    ADD_FAILURE() << "the executable has no " << name;
    std::abort();
  }
  return *found;
}

Values CompiledModel::gradient(const schema::Parameter &parameter) {
  return read(*parameter.gradient(), elementsOf(parameter));
}

Values CompiledModel::value(const schema::Parameter &parameter) {
  return read(*parameter.value(), elementsOf(parameter));
}

void CompiledModel::setValue(const schema::Parameter &parameter, const Values &values) {
  write(*parameter.value(), values);
  if (parameter.master())
    write(*parameter.master(), values);
}

void CompiledModel::setScalar(const std::string &name, double value) { write(*binding(name).location(), {value}); }
double CompiledModel::scalar(const std::string &name) { return read(*binding(name).location(), 1).front(); }

void CompiledModel::run(const std::string &entry) {
  Status status = session_->run(entry);
  EXPECT_TRUE(status.ok()) << status.message();
}

void expectFiniteDifferences(CompiledModel &model) {
  model.setParameters();
  model.setTokens(0);
  model.run("step");
  std::vector<Values> gradients;
  for (const schema::Parameter *parameter : model.parameters())
    gradients.push_back(model.gradient(*parameter));
  for (size_t p = 0; p < model.parameters().size(); ++p) {
    const schema::Parameter &parameter = *model.parameters()[p];
    Values origin = model.value(parameter), direction(origin.size());
    double along = 0;
    for (size_t i = 0; i < direction.size(); ++i) {
      direction[i] = double(number(7 + p, i) >> 48) / 65536 - 0.5;
      along += direction[i] * gradients[p][i];
    }
    auto lossAt = [&](double distance) {
      Values moved = origin;
      for (size_t i = 0; i < moved.size(); ++i)
        moved[i] += distance * direction[i];
      model.setValue(parameter, moved);
      model.run("evaluate");
      return model.scalar("loss");
    };
    // Small, so that no relu turns on the way; the rounding of the loss costs 1e-10.
    const double h = 2e-5;
    double expected = (8 * (lossAt(h / 2) - lossAt(-h / 2)) - (lossAt(h) - lossAt(-h))) / (6 * h);
    model.setValue(parameter, origin);
    EXPECT_NEAR(along, expected, 1e-9 + 1e-8 * std::abs(expected)) << parameter.name()->str();
  }
}

//===----------------------------------------------------------------------===//
// What make_golden.py does
//===----------------------------------------------------------------------===//

void CompiledModel::setParameters() {
  for (const schema::Parameter *parameter : parameters_) {
    std::string path = (parameter->model() ? parameter->model()->str() + "/" : "") + parameter->name()->str();
    double offset = path.ends_with("norm.weight") ? 1 : 0;
    Values values(elementsOf(*parameter));
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = (double(number(fnv(path), i) >> 48) / 65536 - 0.5) / 2 + offset;
    setValue(*parameter, values);
  }
}

void CompiledModel::setTokens(int step, size_t vocabulary) {
  for (const char *name : {"tokens", "targets"}) {
    Values values(tokens);
    for (int i = 0; i < tokens; ++i)
      values[i] = double(number(fnv(name), uint64_t(step * tokens + i)) % (vocabulary ? vocabulary : vocabulary_));
    write(*binding(name).location(), values);
  }
  setScalar("loss_scale", 1);
}

void CompiledModel::setUpdate(int step) {
  const double beta1 = 0.9, beta2 = 0.95;
  setScalar("learning_rate", 0.01);
  setScalar("beta1", beta1);
  setScalar("beta2", beta2);
  setScalar("epsilon", 1e-8);
  setScalar("weight_decay", 0.1);
  setScalar("clip", 1);
  setScalar("finite", 1);
  setScalar("bias_correction1", 1 - std::pow(beta1, step + 1));
  setScalar("bias_correction2", 1 - std::pow(beta2, step + 1));
}

} // namespace tritter::testing
