#include "runtime/device/executor.h"
#include "runtime/device/scatter.h"

#include <chrono>
#include <cstring>
#include <omp.h>

using namespace tritter;
using schema::Command;

/// Elements below which a team of threads costs more than it brings.
static constexpr uint64_t smallLaunch = 8192;

Executor::Executor(std::shared_ptr<const Executable> executable, const DeviceOptions &options)
    : executable_(std::move(executable)), options_(options),
      threads_(options.threads > 0 ? options.threads : omp_get_num_procs()) {}

namespace {

/// The team has `threads` threads as long as this lives.
class Team {
public:
  explicit Team(int threads) : before_(omp_get_max_threads()) { omp_set_num_threads(threads); }
  ~Team() { omp_set_num_threads(before_); }

private:
  int before_;
};

} // namespace

Status Executor::initialize() try {
  Team team(threads_);
  const schema::Executable &root = **executable_;
  for (const schema::Arena *arena : elements(root.arenas())) {
    Result<Arena> memory = Arena::allocate(arena->bytes());
    if (!memory.ok())
      return std::move(memory).status().within(fmt::format("arena '{}'", textOf(arena->name())));
    arenas_.push_back(*std::move(memory));
  }
  for (const schema::Kernel *kernel : elements(root.kernels())) {
    Result<std::unique_ptr<KernelCode>> code = makeKernel(*kernel, kernels_.size());
    if (!code.ok())
      return std::move(code).status().within(fmt::format("kernel '{}'", textOf(kernel->name())));
    kernels_.push_back(*std::move(code));
  }
  TRITTER_RETURN_IF_ERROR(prepareSteps());
  return executable_->entry("setup") ? run("setup") : Status();
} catch (const std::exception &exception) {
  return error("the executable cannot be made ready on this device: {}", exception.what());
}

Status Executor::prepareSteps() {
  for (const schema::Sequence *sequence : elements((*executable_)->sequences())) {
    firstSteps_.push_back(stepCount_);
    stepCount_ += sizeOf(sequence->steps());
  }
  size_t number = 0;
  for (const schema::Sequence *sequence : elements((*executable_)->sequences()))
    for (const schema::Step *step : elements(sequence->steps())) {
      if (const schema::Gemm *gemm = step->command_as_Gemm())
        TRITTER_RETURN_IF_ERROR(prepareGemm(*gemm, number).within(textOf(step->label())));
      ++number;
    }
  return {};
}

Status Executor::run(std::string_view name) try {
  const schema::Entry *entry = executable_->entry(name);
  if (!entry) {
    std::string names;
    for (const schema::Entry *other : elements((*executable_)->entries()))
      names += fmt::format("{}{}", names.empty() ? "" : ", ", textOf(other->name()));
    return error("the executable has no entry '{}' (it has: {})", name, names.empty() ? "none" : names);
  }
  Team team(threads_);
  Slots slots;
  for (const Arena &arena : arenas_)
    slots.push_back(arena.data());
  runSequence(entry->sequence(), slots);
  return {};
} catch (const std::exception &exception) {
  return error("entry '{}' failed: {}", name, exception.what());
}

Result<std::byte *> Executor::resolve(const schema::Location &place, size_t offset, size_t bytes) {
  if (place.arena() >= arenas_.size())
    return error("a location in arena {}, but there are {}", place.arena(), arenas_.size());
  const Arena &arena = arenas_[place.arena()];
  if (place.offset() > arena.size() || offset > arena.size() - place.offset() ||
      bytes > arena.size() - place.offset() - offset)
    return error("{} bytes at {} reach beyond the end of arena '{}' ({} bytes)", bytes, place.offset() + offset,
                 textOf((*executable_)->arenas()->Get(place.arena())->name()), arena.size());
  return arena.data() + place.offset() + offset;
}

Status Executor::write(const schema::Location &place, std::span<const std::byte> bytes, size_t offset) {
  TRITTER_ASSIGN(std::byte * target, resolve(place, offset, bytes.size()));
  if (!bytes.empty())
    std::memcpy(target, bytes.data(), bytes.size());
  return {};
}

Status Executor::read(const schema::Location &place, std::span<std::byte> bytes, size_t offset) {
  TRITTER_ASSIGN(const std::byte *source, resolve(place, offset, bytes.size()));
  if (!bytes.empty())
    std::memcpy(bytes.data(), source, bytes.size());
  return {};
}

void Executor::runSequence(uint32_t index, const Slots &slots) {
  using Clock = std::chrono::steady_clock;
  size_t number = firstSteps_[index];
  for (const schema::Step *step : elements((*executable_)->sequences()->Get(index)->steps())) {
    if (options_.profile && step->command_type() != Command::Call) {
      Clock::time_point begin = Clock::now();
      runCommand(*step, number, slots);
      record(*step, std::chrono::duration<double>(Clock::now() - begin).count());
    } else {
      runCommand(*step, number, slots);
    }
    ++number;
  }
}

static std::byte *at(const std::vector<std::byte *> &slots, const schema::Operand &operand) {
  return slots[operand.slot()] + operand.offset();
}

static AttentionPointers resolveAttention(const schema::Attention &attention, const std::vector<std::byte *> &slots) {
  return {at(slots, attention.query()->operand()), at(slots, attention.key()->operand()),
          at(slots, attention.value()->operand()), at(slots, attention.out()->operand()),
          at(slots, *attention.log_sum_exp())};
}

/// memcpy by the whole team.
static void copyBytes(std::byte *destination, const std::byte *source, uint64_t bytes) {
  constexpr uint64_t piece = 1 << 20;
#pragma omp parallel for if (bytes > piece)
  for (uint64_t begin = 0; begin < bytes; begin += piece)
    std::memcpy(destination + begin, source + begin, std::min(piece, bytes - begin));
}

static void fillZero(std::byte *destination, uint64_t bytes) {
  constexpr uint64_t piece = 1 << 20;
#pragma omp parallel for if (bytes > piece)
  for (uint64_t begin = 0; begin < bytes; begin += piece)
    std::memset(destination + begin, 0, std::min(piece, bytes - begin));
}

void Executor::runCommand(const schema::Step &step, size_t number, const Slots &slots) {
  switch (step.command_type()) {
  case Command::Launch:
    return launch(*step.command_as_Launch(), slots);
  case Command::Gemm: {
    const schema::Gemm &command = *step.command_as_Gemm();
    return gemm(command, number,
                {at(slots, command.a()->operand()), at(slots, command.b()->operand()),
                 at(slots, command.c()->operand()), command.bias() ? at(slots, *command.bias()) : nullptr});
  }
  case Command::Attention: {
    const schema::Attention &command = *step.command_as_Attention();
    return attention(command, resolveAttention(command, slots));
  }
  case Command::AttentionBackward: {
    const schema::AttentionBackward &command = *step.command_as_AttentionBackward();
    return attentionBackward(
        command, {resolveAttention(*command.forward(), slots), at(slots, command.out_gradient()->operand()),
                  at(slots, command.query_gradient()->operand()), at(slots, command.key_gradient()->operand()),
                  at(slots, command.value_gradient()->operand())});
  }
  case Command::ScatterAdd: {
    const schema::ScatterAdd &command = *step.command_as_ScatterAdd();
    return scatterAdd(command, at(slots, *command.indices()), at(slots, *command.source()),
                      at(slots, *command.table()));
  }
  case Command::Copy: {
    const schema::Copy &command = *step.command_as_Copy();
    return copyBytes(at(slots, *command.destination()), at(slots, *command.source()), command.bytes());
  }
  case Command::Fill: {
    const schema::Fill &command = *step.command_as_Fill();
    return fillZero(at(slots, *command.destination()), command.bytes());
  }
  case Command::Call: {
    const schema::Call &command = *step.command_as_Call();
    Slots callee;
    callee.reserve(sizeOf(command.slots()));
    for (const schema::Operand *operand : elements(command.slots()))
      callee.push_back(at(slots, *operand));
    return runSequence(command.sequence(), callee);
  }
  case Command::NONE:
    return;
  }
}

void Executor::launch(const schema::Launch &launch, const Slots &slots) {
  const KernelCode &code = *kernels_[launch.kernel()];
  uint64_t columns = (*executable_)->kernels()->Get(launch.kernel())->columns();
  std::vector<void *> operands;
  operands.reserve(sizeOf(launch.operands()));
  for (const schema::Operand *operand : elements(launch.operands()))
    operands.push_back(at(slots, *operand));

  int64_t rows = launch.rows();
  bool small = rows * columns < smallLaunch || threads_ == 1;
  if (int64_t blocks = launch.blocks()) {
    // What a block sums does not depend on who sums it: the same bits for any number of threads.
    int64_t length = (rows + blocks - 1) / blocks;
#pragma omp parallel for schedule(static) if (!small)
    for (int64_t block = 0; block < blocks; ++block)
      code.run(operands.data(), std::min(block * length, rows), std::min((block + 1) * length, rows), block);
    return;
  }
  if (small || rows == 1)
    return code.run(operands.data(), 0, rows, 0);
#pragma omp parallel
  {
    int64_t count = omp_get_num_threads(), thread = omp_get_thread_num();
    int64_t begin = rows * thread / count, end = rows * (thread + 1) / count;
    if (begin < end)
      code.run(operands.data(), begin, end, 0);
  }
}

/// "layers.3.mlp.down" becomes "layers.*.mlp.down".
static std::string withoutNumbers(std::string_view label) {
  std::string result;
  for (size_t i = 0; i < label.size();) {
    size_t end = i;
    while (end < label.size() && label[end] >= '0' && label[end] <= '9')
      ++end;
    bool whole = end > i && (i == 0 || label[i - 1] == '.') && (end == label.size() || label[end] == '.');
    result += whole ? "*" : label.substr(i, std::max<size_t>(end - i, 1));
    i = std::max(end, i + 1);
  }
  return result;
}

void Executor::record(const schema::Step &step, double seconds) {
  std::string kind = schema::EnumNameCommand(step.command_type());
  double operations = 0;
  if (const schema::Launch *launch = step.command_as_Launch()) {
    kind = fmt::format("kernel {}", textOf((*executable_)->kernels()->Get(launch->kernel())->name()));
  } else if (const schema::Gemm *gemm = step.command_as_Gemm()) {
    operations = 2.0 * gemm->m() * gemm->n() * gemm->k();
  } else {
    const schema::AttentionBackward *backward = step.command_as_AttentionBackward();
    if (const schema::Attention *attention = backward ? backward->forward() : step.command_as_Attention())
      operations = (backward ? 5.0 : 2.0) * attention->batch() * attention->heads() * attention->sequence() *
                   attention->sequence() * attention->head_dim();
  }
  std::string label = withoutNumbers(textOf(step.label()));
  ProfileEntry &entry = profile_[{kind, label}];
  entry.kind = std::move(kind);
  entry.label = std::move(label);
  ++entry.calls;
  entry.seconds += seconds;
  entry.operations += operations;
}

std::vector<ProfileEntry> Executor::takeProfile() {
  std::vector<ProfileEntry> result;
  for (auto &[key, entry] : profile_)
    result.push_back(std::move(entry));
  profile_.clear();
  std::stable_sort(result.begin(), result.end(),
                   [](const ProfileEntry &a, const ProfileEntry &b) { return a.seconds > b.seconds; });
  return result;
}

std::string tritter::formatProfile(std::span<const ProfileEntry> profile) {
  double total = 0;
  for (const ProfileEntry &entry : profile)
    total += entry.seconds;
  std::string text = fmt::format("{:>10}  {:>6}  {:>7}  {:>8}  {}\n", "ms", "share", "calls", "GFLOP/s", "what");
  for (const ProfileEntry &entry : profile) {
    std::string rate = entry.operations > 0 ? fmt::format("{:.0f}", entry.operations / entry.seconds * 1e-9) : "";
    text += fmt::format("{:10.3f}  {:5.1f}%  {:7}  {:>8}  {}{}{}\n", entry.seconds * 1e3,
                        total > 0 ? 100 * entry.seconds / total : 0, entry.calls, rate, entry.kind,
                        entry.label.empty() ? "" : "  ", entry.label);
  }
  return text + fmt::format("{:10.3f}  total\n", total * 1e3);
}
