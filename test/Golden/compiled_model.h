#ifndef TRITTER_TEST_GOLDEN_COMPILEDMODEL_H
#define TRITTER_TEST_GOLDEN_COMPILEDMODEL_H

#include "runtime/device/device.h"

#include <memory>
#include <string>
#include <vector>

namespace tritter::testing {

using Values = std::vector<double>;

/// SplitMix64 of seed + index, and FNV-1a of a text: the numbers of make_golden.py.
uint64_t number(uint64_t seed, uint64_t index);
uint64_t fnv(std::string_view text);

/// A model compiled by tritter-compile and loaded; fails the test where that fails. All values pass as doubles,
/// whatever type they are stored in.
class CompiledModel {
public:
  static constexpr int batch = 2, sequence = 7, tokens = batch * sequence;

  /// `model` is the text of a module with one decoder; `options` are more words for tritter-compile.
  CompiledModel(const std::string &model, const std::string &options, std::unique_ptr<Device> device);
  CompiledModel(const Result<std::shared_ptr<const Executable>> &executable, std::unique_ptr<Device> device);

  const schema::Executable &executable() { return *session_->executable(); }
  /// Gives every parameter the values of make_golden.py.
  void setParameters();
  /// The tokens and targets of a step, of the model's vocabulary unless another one is given.
  void setTokens(int step, size_t vocabulary = 0);
  void setScalar(const std::string &name, double value);
  double scalar(const std::string &name);
  /// What the optimizer is told in make_golden.py, for this step.
  void setUpdate(int step);
  void run(const std::string &entry);

  /// Every parameter, in the executable's order.
  const std::vector<const schema::Parameter *> &parameters() const { return parameters_; }
  Values gradient(const schema::Parameter &parameter);
  Values value(const schema::Parameter &parameter);
  void setValue(const schema::Parameter &parameter, const Values &values);

private:
  void load(const Result<std::shared_ptr<const Executable>> &executable);
  Values read(const schema::Location &place, size_t count);
  void write(const schema::Location &place, const Values &values);
  const schema::Binding &binding(const std::string &name);

  std::unique_ptr<Device> device_;
  std::unique_ptr<Session> session_;
  std::vector<const schema::Parameter *> parameters_;
  size_t vocabulary_ = 0;
};

/// Expects the gradients of a step in f64 to be what differences of the loss say, along one direction for each parameter.
void expectFiniteDifferences(CompiledModel &model);

size_t elementsOf(const schema::Parameter &parameter);

/// The text of a file of test/Golden.
std::string goldenFile(const std::string &name);

} // namespace tritter::testing

#endif // TRITTER_TEST_GOLDEN_COMPILEDMODEL_H
