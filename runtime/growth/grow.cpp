#include "runtime/growth/grow.h"

#include "runtime/checkpoint/format.h"
#include "runtime/growth/derivation.h"
#include "runtime/growth/lineage.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
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
  /// For a derived one: what to evaluate, and the kind of the tensors that it reads.
  const schema::Derivation *derivation = nullptr;
};

class Growing {
public:
  Growing(const CheckpointReader &base, const schema::Executable &growth, const GrowOptions &options)
      : base_(base), growth_(growth), options_(options) {}

  Status plan();
  Status write(CheckpointWriter &writer);

  std::vector<PlannedTensor> tensors;
  GrowReport report;

private:
  std::optional<schema::DType> baseType(const schema::Parameter &parameter) const;
  Status planValue(const schema::Parameter &parameter);
  Status planStates(const schema::Parameter &parameter);
  schema::StateGrowth growthOf(std::string_view kind) const;
  Status planDerived(PlannedTensor tensor, const schema::Derivation &derivation);
  Status derive(CheckpointWriter &writer, size_t index);
  SourceLookup lookup(const std::string &kind) const;
  Status copyAll(CheckpointWriter &writer);
  void progress(const PlannedTensor &tensor);
  /// Whether the hash of a tensor of the base is still to be compared; it is from then on.
  bool needsCheck(const schema::Tensor *tensor);
  const schema::Derivation &squared(const schema::Derivation &derivation);

  const CheckpointReader &base_;
  const schema::Executable &growth_;
  const GrowOptions &options_;
  std::set<std::string> stateKinds_;
  /// Of the base's parameters.
  std::set<schema::DType> valueTypes_;
  std::vector<std::string> addedPrefixes_;
  /// Derivations made here, with squared coefficients.
  std::vector<flatbuffers::DetachedBuffer> squared_;
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

static const schema::Term *onlySource(const schema::Derivation &derivation) {
  if (!derivation.terms() || derivation.terms()->size() != 1)
    return nullptr;
  const schema::Term *term = derivation.terms()->Get(0);
  return term->kind() == schema::TermKind::Source && term->source() ? term : nullptr;
}

static bool isZero(const schema::Derivation &derivation) {
  if (!derivation.terms())
    return true;
  return std::all_of(derivation.terms()->begin(), derivation.terms()->end(), [](const schema::Term *term) {
    return term->kind() == schema::TermKind::Constant && term->value() == 0;
  });
}

/// Whether every axis map takes each coordinate from itself, unscaled.
static bool isVerbatim(const schema::Term &term) {
  if (!term.axes())
    return true;
  for (const schema::AxisMap *map : *term.axes()) {
    int64_t next = 0;
    if (!map->runs())
      continue;
    for (const schema::Run *run : *map->runs()) {
      bool consecutive = run->first() == next && (run->step() == 1 || run->length() == 1);
      if (!consecutive || run->numerator() != run->denominator() || run->radicand() != 1)
        return false;
      next += int64_t(run->length());
    }
  }
  return true;
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
      stateKinds_.insert(tensor->kind()->str());
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
      TRITTER_RETURN_IF_ERROR(planStates(*parameter));
  return {};
}

Status Growing::planDerived(PlannedTensor tensor, const schema::Derivation &derivation) {
  const std::string &kind = tensor.declaration.kind;
  // Nothing is evaluated of an empty range, but everything is checked before a file is begun.
  Status fits =
      evaluateDerivation(derivation, tensor.declaration.shape, tensor.declaration.dtype, lookup(kind), 0, 0, {});
  if (!fits.ok())
    return error("{} does not fit this growth: {} ({}): {}", base_.path(), tensor.declaration.name, kind,
                 fits.message());
  const schema::Term *term = onlySource(derivation);
  const schema::Tensor *source = term ? base_.find(term->source()->string_view(), kind) : nullptr;
  if (isZero(derivation)) {
    tensor.work = Work::Zero;
  } else if (source && isVerbatim(*term) && source->dtype() == tensor.declaration.dtype &&
             shapeOf(source->shape()) == tensor.declaration.shape) {
    tensor.work = Work::Copy;
    tensor.source = source;
  } else {
    tensor.work = Work::Derive;
    tensor.derivation = &derivation;
  }
  tensors.push_back(std::move(tensor));
  return {};
}

/// The base's type for a parameter, whatever the model computes in: types never change silently. It is that of the
/// first tensor read from; where none is, as of new zeros, the one that all values of the base have.
std::optional<schema::DType> Growing::baseType(const schema::Parameter &parameter) const {
  if (parameter.derivation()->terms())
    for (const schema::Term *term : *parameter.derivation()->terms())
      if (const schema::Tensor *source = term->source() ? base_.find(term->source()->string_view()) : nullptr)
        return source->dtype();
  return valueTypes_.size() == 1 ? std::optional(*valueTypes_.begin()) : std::nullopt;
}

Status Growing::planValue(const schema::Parameter &parameter) {
  if (!parameter.name())
    return error("this growth has a parameter without a name; compile it again");
  PlannedTensor tensor;
  tensor.declaration = {parameter.name()->str(), "value", shapeOf(parameter.shape()), parameter.dtype()};
  if (!parameter.derivation())
    return error("this growth does not say where {} comes from; compile it again", tensor.declaration.name);
  if (std::optional<schema::DType> dtype = baseType(parameter))
    tensor.declaration.dtype = *dtype;
  std::optional<uint64_t> bytes = tensorBytes(tensor.declaration.shape, tensor.declaration.dtype);
  if (!bytes)
    return error("{} would exceed 2^63 bytes", tensor.declaration.name);
  report.parameters += *bytes / elementBytes(tensor.declaration.dtype);
  return planDerived(std::move(tensor), *parameter.derivation());
}

/// The rule of a kind of state, which each of its tensors carries.
schema::StateGrowth Growing::growthOf(std::string_view kind) const {
  for (const schema::Tensor *tensor : *base_.manifest().tensors())
    if (tensor->kind()->string_view() == kind)
      return tensor->growth();
  return schema::StateGrowth::Zero;
}

Status Growing::planStates(const schema::Parameter &parameter) {
  std::string name = parameter.name()->str();
  bool added = std::any_of(addedPrefixes_.begin(), addedPrefixes_.end(),
                           [&](const std::string &prefix) { return name.starts_with(prefix); });
  const schema::Term *term = onlySource(*parameter.derivation());
  for (const std::string &kind : stateKinds_) {
    const schema::Tensor *source = term ? base_.find(term->source()->string_view(), kind) : nullptr;
    PlannedTensor tensor;
    tensor.declaration = {name, kind, shapeOf(parameter.shape()), source ? source->dtype() : schema::DType::F32,
                          growthOf(kind)};
    if (!source || (added && options_.moments == MomentPolicy::ResetNew)) {
      ++report.momentsReset;
      tensors.push_back(std::move(tensor));
      continue;
    }
    ++report.momentsCarried;
    tensor.declaration.updates = source->updates();
    bool squares = kind == "adam.v" && !isVerbatim(*term);
    TRITTER_RETURN_IF_ERROR(
        planDerived(std::move(tensor), squares ? squared(*parameter.derivation()) : *parameter.derivation()));
  }
  return {};
}

const schema::Derivation &Growing::squared(const schema::Derivation &derivation) {
  std::unique_ptr<schema::DerivationT> copy(derivation.UnPack());
  for (auto &term : copy->terms)
    for (auto &map : term->axes)
      for (schema::Run &run : map->runs)
        run = schema::Run(run.length(), run.first(), run.step(),
                          run.numerator() * run.numerator() * int64_t(run.radicand()),
                          run.denominator() * run.denominator(), 1);
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(schema::Derivation::Pack(builder, copy.get()));
  squared_.push_back(builder.Release());
  return *flatbuffers::GetRoot<schema::Derivation>(squared_.back().data());
}

Status Growing::derive(CheckpointWriter &writer, size_t index) {
  const PlannedTensor &tensor = tensors[index];
  const TensorDeclaration &declaration = tensor.declaration;
  SourceLookup sources = lookup(declaration.kind);
  uint64_t elementSize = elementBytes(declaration.dtype);
  // How many bytes of sources a byte written may touch, on the average.
  uint64_t sourceBytes = 0;
  for (const schema::Term *term : *tensor.derivation->terms())
    if (const schema::Tensor *source =
            term->source() ? base_.find(term->source()->string_view(), declaration.kind) : nullptr) {
      sourceBytes += source->bytes();
      if (needsCheck(source))
        TRITTER_RETURN_IF_ERROR(base_.verify(*source));
    }
  uint64_t readsPerByte = 1 + sourceBytes / *tensorBytes(declaration.shape, declaration.dtype);
  return writer.write(index, [&](uint64_t offset, std::span<std::byte> out) -> Status {
    uint64_t begin = offset / elementSize;
    TRITTER_RETURN_IF_ERROR(evaluateDerivation(*tensor.derivation, declaration.shape, declaration.dtype, sources, begin,
                                               begin + out.size() / elementSize, out));
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
  TRITTER_ASSIGN(std::unique_ptr<CheckpointWriter> writer, CheckpointWriter::create(output, std::move(declarations)));
  TRITTER_RETURN_IF_ERROR(growing.write(*writer));

  GrowReport &report = growing.report;
  schema::ManifestT manifest = grownManifest(base, growth, report.parameters, options.moments == MomentPolicy::Reset);
  const schema::RecordT &record = *manifest.history.back();
  report.verdict = record.verdict;
  report.bitwise = record.bitwise;
  report.firstBroken = record.first_broken;
  if (const schema::Proof *proof = growth.growth()->proof(); proof && proof->reason())
    report.reason = proof->reason()->str();
  TRITTER_ASSIGN(report.identity, writer->commit(std::move(manifest)));
  std::error_code ignored;
  report.bytes = std::filesystem::file_size(output, ignored);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return std::move(report);
}

Status initialise(const schema::Parameter &parameter, std::span<std::byte> out) {
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
  constexpr uint64_t tile = 1 << 16;
  uint64_t elements = out.size() / elementSize;
  Status failure;
  std::mutex mutex;
#pragma omp parallel for schedule(dynamic)
  for (uint64_t begin = 0; begin < elements; begin += tile) {
    uint64_t end = std::min(begin + tile, elements);
    Status status = evaluateDerivation(*parameter.derivation(), shape, parameter.dtype(), none, begin, end,
                                       out.subspan(begin * elementSize, (end - begin) * elementSize));
    if (!status.ok()) {
      std::lock_guard lock(mutex);
      failure = std::move(status);
    }
  }
  return std::move(failure).within(fmt::format("parameter {}", name));
}

} // namespace tritter
