#include "runtime/growth/grow.h"

#include "runtime/checkpoint/format.h"
#include "runtime/growth/derivation.h"
#include "runtime/growth/lineage.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <mutex>
#include <omp.h>
#include <optional>
#include <set>

namespace tritter {

namespace {

/// How a tensor of the new checkpoint comes about.
enum class Work { Copy, Zero, Derive };

struct PlannedTensor {
  TensorDeclaration declaration;
  Work work = Work::Zero;
  /// For a copy.
  const schema::Tensor *source = nullptr;
  /// For a derived one: what to evaluate, of tensors of the declaration's kind.
  Evaluation evaluation;
};

class Growing {
public:
  Growing(const CheckpointReader &base, const schema::Executable &growth, const GrowOptions &options)
      : base_(base), growth_(growth), options_(options), derivations_(growth.derivations()) {}

  Status plan();
  Status write(CheckpointWriter &writer);

  std::vector<PlannedTensor> tensors;
  GrowReport report;

private:
  std::optional<schema::DType> baseType(const Evaluation &evaluation) const;
  Status planValue(const schema::Parameter &parameter);
  void planStates(const schema::Parameter &parameter);
  Result<Evaluation> stateOf(const schema::Parameter &parameter, const std::string &kind, schema::StateGrowth rule);
  void planDerived(PlannedTensor tensor, Evaluation evaluation);
  Status derive(CheckpointWriter &writer, size_t index);
  SourceLookup lookup(const std::string &kind) const;
  Status copyAll(CheckpointWriter &writer);
  void progress(const PlannedTensor &tensor);
  /// Whether the hash of a tensor of the base is still to be compared; it is from then on.
  bool needsCheck(const schema::Tensor *tensor);

  const CheckpointReader &base_;
  const schema::Executable &growth_;
  const GrowOptions &options_;
  DerivationReader derivations_;
  /// How each kind of state grows.
  std::map<std::string, schema::StateGrowth> stateKinds_;
  /// Of the base's parameters.
  std::set<schema::DType> valueTypes_;
  std::vector<std::string> addedPrefixes_;
  /// The tensors of the base that a parameter's values are made of.
  std::map<std::string, std::vector<std::string>> valueSources_;
  std::atomic<uint64_t> touched_ = 0;
  /// Tensors of the base whose hash has been compared.
  std::set<const schema::Tensor *> checked_;
  /// Bytes done and in all, for progress; the mutex guards them, and errors of threads.
  uint64_t done_ = 0, total_ = 0;
  std::mutex mutex_;
};

} // namespace

std::optional<MomentPolicy> momentPolicyFromName(std::string_view name) {
  if (name == "carry")
    return MomentPolicy::Carry;
  if (name == "reset")
    return MomentPolicy::Reset;
  if (name == "reset-new")
    return MomentPolicy::ResetNew;
  return std::nullopt;
}

static std::vector<uint64_t> shapeOf(const flatbuffers::Vector<uint64_t> *shape) {
  return shape ? std::vector<uint64_t>(shape->begin(), shape->end()) : std::vector<uint64_t>();
}

SourceLookup Growing::lookup(const std::string &kind) const {
  return [this, kind](std::string_view name) -> Result<SourceTensor> {
    const schema::Tensor *tensor = base_.find(name, kind);
    if (!tensor)
      return error("{} has no tensor {} ({})", base_.path(), name, kind);
    return SourceTensor{tensor->dtype(), shapeOf(tensor->shape()), base_.bytes(*tensor)};
  };
}

Status Growing::plan() {
  if (!growth_.growth() || !growth_.parameters())
    return error("this executable is no growth; compile one with --method");
  for (const schema::Tensor *tensor : *base_.manifest().tensors()) {
    if (tensor->kind()->string_view() == "value") {
      report.parametersBefore += tensor->bytes() / elementBytes(tensor->dtype());
      valueTypes_.insert(tensor->dtype());
    } else if (options_.moments != MomentPolicy::Reset) {
      stateKinds_.emplace(tensor->kind()->str(), tensor->growth());
    }
  }
  if (growth_.growth()->layers())
    for (const schema::LayerOrigin *layer : *growth_.growth()->layers())
      if (layer->added() && layer->name())
        addedPrefixes_.push_back(layer->name()->str() + ".");
  // Values before states, each in the order of the model: what inference reads lies together.
  for (const schema::Parameter *parameter : *growth_.parameters())
    TRITTER_RETURN_IF_ERROR(planValue(*parameter));
  if (!stateKinds_.empty())
    for (const schema::Parameter *parameter : *growth_.parameters())
      planStates(*parameter);
  return {};
}

void Growing::planDerived(PlannedTensor tensor, Evaluation evaluation) {
  std::string_view copied = evaluation.copiedSource();
  if (evaluation.isZero()) {
    tensor.work = Work::Zero;
  } else if (!copied.empty()) {
    tensor.work = Work::Copy;
    tensor.source = base_.find(copied, tensor.declaration.kind);
  } else {
    tensor.work = Work::Derive;
    tensor.evaluation = std::move(evaluation);
  }
  tensors.push_back(std::move(tensor));
}

/// The base's type for a parameter, whatever the model computes in: types never change silently. It is that of the
/// first tensor read from; where none is, as of new zeros, the one that all values of the base have.
std::optional<schema::DType> Growing::baseType(const Evaluation &evaluation) const {
  if (!evaluation.sources().empty())
    return base_.find(evaluation.sources().front())->dtype();
  return valueTypes_.size() == 1 ? std::optional(*valueTypes_.begin()) : std::nullopt;
}

Status Growing::planValue(const schema::Parameter &parameter) {
  if (!parameter.name())
    return error("this growth has a parameter without a name; compile it again");
  PlannedTensor tensor;
  tensor.declaration = {parameter.name()->str(), "value", shapeOf(parameter.shape()), parameter.dtype()};
  if (!parameter.derivation())
    return error("this growth does not say where {} comes from; compile it again", tensor.declaration.name);
  auto prepare = [&] {
    return derivations_.prepare(parameter.derivation()->derivation(), *parameter.derivation(), tensor.declaration.shape,
                                tensor.declaration.dtype, lookup("value"));
  };
  Result<Evaluation> evaluation = prepare();
  if (evaluation.ok())
    if (std::optional<schema::DType> dtype = baseType(*evaluation); dtype && *dtype != tensor.declaration.dtype) {
      tensor.declaration.dtype = *dtype;
      evaluation = prepare();
    }
  if (!evaluation.ok())
    return error("{} does not fit this growth: {} (value): {}", base_.path(), tensor.declaration.name,
                 evaluation.status().message());
  report.parameters +=
      *tensorBytes(tensor.declaration.shape, tensor.declaration.dtype) / elementBytes(tensor.declaration.dtype);
  valueSources_[tensor.declaration.name] = evaluation->sources();
  planDerived(std::move(tensor), *std::move(evaluation));
  return {};
}

/// A state of a parameter as its rule makes it; an error says why there is none.
Result<Evaluation> Growing::stateOf(const schema::Parameter &parameter, const std::string &kind,
                                    schema::StateGrowth rule) {
  const schema::TensorDerivation &derivation = *parameter.derivation();
  bool linear = rule == schema::StateGrowth::Linear;
  if (!linear && !derivation.adjoint())
    return error("its gradient is not made of the base's gradients alone");
  uint32_t number = linear ? derivation.derivation() : *derivation.adjoint();
  auto form =
      rule == schema::StateGrowth::AdjointSquared ? DerivationReader::Form::Squares : DerivationReader::Form::Values;
  auto prepare = [&](schema::DType dtype) {
    return derivations_.prepare(number, derivation, shapeOf(parameter.shape()), dtype, lookup(kind), form);
  };
  TRITTER_ASSIGN(Evaluation evaluation, prepare(schema::DType::F32));
  if (!evaluation.sources().empty())
    if (schema::DType dtype = base_.find(evaluation.sources().front(), kind)->dtype(); dtype != schema::DType::F32)
      return prepare(dtype);
  return evaluation;
}

void Growing::planStates(const schema::Parameter &parameter) {
  std::string name = parameter.name()->str();
  bool added = std::any_of(addedPrefixes_.begin(), addedPrefixes_.end(),
                           [&](const std::string &prefix) { return name.starts_with(prefix); });
  bool kept = !(added && options_.moments == MomentPolicy::ResetNew);
  auto isOfGradients = [](schema::StateGrowth rule) {
    return rule == schema::StateGrowth::Adjoint || rule == schema::StateGrowth::AdjointSquared;
  };
  std::map<std::string, Evaluation> evaluations;
  // An average of gradients without one of their squares, or the other way round, makes updates of any size.
  bool gradients = true;
  for (const auto &[kind, rule] : stateKinds_) {
    if (!kept || rule == schema::StateGrowth::Zero)
      continue;
    Result<Evaluation> evaluation = stateOf(parameter, kind, rule);
    if (evaluation.ok()) {
      gradients &= !isOfGradients(rule) || !evaluation->isZero();
      evaluations.emplace(kind, *std::move(evaluation));
      continue;
    }
    gradients &= !isOfGradients(rule);
    // Nothing is lost where the base has none.
    const std::vector<std::string> &sources = valueSources_[name];
    bool lost =
        std::any_of(sources.begin(), sources.end(), [&](const auto &source) { return base_.find(source, kind); });
    if (!added && lost)
      report.resets.push_back(fmt::format("{}: {}", labelOf(name, kind), evaluation.status().message()));
  }
  for (const auto &[kind, rule] : stateKinds_) {
    PlannedTensor tensor;
    tensor.declaration = {name, kind, shapeOf(parameter.shape()), schema::DType::F32, rule};
    auto found = evaluations.find(kind);
    if (found == evaluations.end() || (isOfGradients(rule) && !gradients)) {
      ++report.momentsReset;
      tensors.push_back(std::move(tensor));
      continue;
    }
    ++report.momentsCarried;
    const std::vector<std::string> &sources = found->second.sources();
    if (!sources.empty()) {
      tensor.declaration.dtype = base_.find(sources.front(), kind)->dtype();
      tensor.declaration.updates = UINT64_MAX;
    }
    for (const std::string &source : sources)
      tensor.declaration.updates = std::min(tensor.declaration.updates, base_.find(source, kind)->updates());
    planDerived(std::move(tensor), std::move(found->second));
  }
}

Status Growing::derive(CheckpointWriter &writer, size_t index) {
  const PlannedTensor &tensor = tensors[index];
  const TensorDeclaration &declaration = tensor.declaration;
  uint64_t elementSize = elementBytes(declaration.dtype);
  // How many bytes of sources a byte written may touch, on the average.
  uint64_t sourceBytes = 0;
  for (const std::string &name : tensor.evaluation.sources()) {
    const schema::Tensor *source = base_.find(name, declaration.kind);
    sourceBytes += source->bytes();
    if (needsCheck(source))
      TRITTER_RETURN_IF_ERROR(base_.verify(*source));
  }
  uint64_t readsPerByte = 1 + sourceBytes / *tensorBytes(declaration.shape, declaration.dtype);
  return writer.write(index, [&](uint64_t offset, std::span<std::byte> out) -> Status {
    uint64_t begin = offset / elementSize;
    TRITTER_RETURN_IF_ERROR(tensor.evaluation.evaluate(begin, begin + out.size() / elementSize, out));
    // Mapped pages of the base count as ours; they are let go before they add up.
    constexpr uint64_t limit = 32 << 20;
    if (touched_.fetch_add(out.size() * readsPerByte) >= limit) {
      touched_ = 0;
      base_.release();
    }
    return {};
  });
}

bool Growing::needsCheck(const schema::Tensor *tensor) { return options_.verifyBase && checked_.insert(tensor).second; }

void Growing::progress(const PlannedTensor &tensor) {
  std::lock_guard lock(mutex_);
  done_ += *tensorBytes(tensor.declaration.shape, tensor.declaration.dtype);
  if (options_.progress)
    options_.progress(done_, total_);
}

/// Tensors side by side, each on one thread: sharing every tensor between threads would have them wait for each other
/// at the end of each.
Status Growing::copyAll(CheckpointWriter &writer) {
  struct Copy {
    size_t index;
    bool verify;
  };
  std::vector<Copy> copies;
  for (size_t i = 0; i < tensors.size(); ++i)
    if (tensors[i].work == Work::Copy)
      copies.push_back({i, needsCheck(tensors[i].source)});
  std::atomic<bool> failed = false;
  Status failure;
#pragma omp parallel for schedule(dynamic)
  for (const Copy &copy : copies) {
    if (failed)
      continue;
    Status status = writer.copy(copy.index, base_, *tensors[copy.index].source, copy.verify);
    if (status.ok()) {
      progress(tensors[copy.index]);
      continue;
    }
    std::lock_guard lock(mutex_);
    failure = std::move(status);
    failed = true;
  }
  return failure;
}

Status Growing::write(CheckpointWriter &writer) {
  total_ = writer.segmentBytes();
  TRITTER_RETURN_IF_ERROR(copyAll(writer));
  for (size_t i = 0; i < tensors.size(); ++i) {
    switch (tensors[i].work) {
    case Work::Copy:
      ++report.copied;
      continue;
    case Work::Zero:
      ++report.zeroed;
      TRITTER_RETURN_IF_ERROR(writer.zero(i));
      break;
    case Work::Derive:
      ++report.derived;
      TRITTER_RETURN_IF_ERROR(derive(writer, i));
      break;
    }
    progress(tensors[i]);
  }
  return {};
}

Result<GrowReport> growCheckpoint(const CheckpointReader &base, const schema::Executable &growth,
                                  const std::string &output, const GrowOptions &options) {
  auto start = std::chrono::steady_clock::now();
  Growing growing(base, growth, options);
  TRITTER_RETURN_IF_ERROR(growing.plan());
  std::vector<TensorDeclaration> declarations;
  for (const PlannedTensor &tensor : growing.tensors)
    declarations.push_back(tensor.declaration);
  GrowReport &report = growing.report;
  schema::ManifestT manifest = grownManifest(base, growth, report.parameters);
  TRITTER_RETURN_IF_ERROR(checkManifestSize(manifest, declarations).within(output));
  TRITTER_ASSIGN(std::unique_ptr<CheckpointWriter> writer, CheckpointWriter::create(output, std::move(declarations)));
  TRITTER_RETURN_IF_ERROR(growing.write(*writer));

  const schema::RecordT &record = *manifest.history.back();
  report.verdict = record.verdict;
  report.bitwise = record.bitwise;
  report.relativeError = record.relative_error;
  report.firstBroken = record.first_broken;
  if (const schema::Proof *proof = growth.growth()->proof(); proof && proof->reason())
    report.reason = proof->reason()->str();
  TRITTER_ASSIGN(report.identity, writer->commit(std::move(manifest)));
  std::error_code ignored;
  report.bytes = std::filesystem::file_size(output, ignored);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return std::move(report);
}

Status initialise(const schema::Executable &executable, const schema::Parameter &parameter, std::span<std::byte> out) {
  std::string_view name = parameter.name() ? parameter.name()->string_view() : std::string_view();
  std::vector<uint64_t> shape = shapeOf(parameter.shape());
  uint64_t elementSize = elementBytes(parameter.dtype());
  if (tensorBytes(shape, parameter.dtype()) != out.size())
    return error("parameter {} [{}] does not have {} bytes", name, fmt::join(shape, ", "), out.size());
  if (!parameter.derivation())
    return error("parameter {} has no initialiser; start from a checkpoint that holds it", name);
  SourceLookup none = [](std::string_view source) -> Result<SourceTensor> {
    return error("it derives from {}, which only a checkpoint has", source);
  };
  DerivationReader derivations(executable.derivations());
  Result<Evaluation> evaluation = derivations.prepare(parameter.derivation()->derivation(), *parameter.derivation(),
                                                      shape, parameter.dtype(), none);
  if (!evaluation.ok())
    return std::move(evaluation).status().within(fmt::format("parameter {}", name));
  constexpr uint64_t tile = 1 << 16;
  uint64_t elements = out.size() / elementSize;
  Status failure;
  std::mutex mutex;
#pragma omp parallel for schedule(dynamic)
  for (uint64_t begin = 0; begin < elements; begin += tile) {
    uint64_t end = std::min(begin + tile, elements);
    Status status = evaluation->evaluate(begin, end, out.subspan(begin * elementSize, (end - begin) * elementSize));
    if (!status.ok()) {
      std::lock_guard lock(mutex);
      failure = std::move(status);
    }
  }
  return std::move(failure).within(fmt::format("parameter {}", name));
}

} // namespace tritter
