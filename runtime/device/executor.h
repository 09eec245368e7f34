#ifndef TRITTER_RUNTIME_DEVICE_EXECUTOR_H
#define TRITTER_RUNTIME_DEVICE_EXECUTOR_H

#include "runtime/device/arena.h"
#include "runtime/device/device.h"

#include <map>

namespace tritter {

/// A row kernel ready to run. Many threads run it at once, on different rows.
class KernelCode {
public:
  virtual ~KernelCode() = default;
  /// Rows row_begin .. row_end; `block` is the row of ColumnSum views that these rows are summed into (overwritten, and
  /// zero for no rows). operands[i] is where view i begins.
  virtual void run(void *const *operands, int64_t rowBegin, int64_t rowEnd, int64_t block) const = 0;
};

struct GemmPointers {
  const std::byte *a;
  const std::byte *b;
  std::byte *c;
  /// Null where there is none.
  const std::byte *bias;
};

struct AttentionPointers {
  const std::byte *query;
  const std::byte *key;
  const std::byte *value;
  std::byte *out;
  std::byte *logSumExp;
};

struct AttentionBackwardPointers {
  AttentionPointers forward;
  const std::byte *outGradient;
  std::byte *queryGradient;
  std::byte *keyGradient;
  std::byte *valueGradient;
};

/// A session on this machine's processor: owns the arenas, walks the sequences, resolves operands to pointers, splits
/// kernels over the OpenMP team. Devices say how a kernel, a product and an attention are done.
class Executor : public Session {
public:
  Executor(std::shared_ptr<const Executable> executable, const DeviceOptions &options);

  /// Allocates the arenas, prepares kernels and commands, runs `setup`. Once, before anything else.
  Status initialize();

  Status run(std::string_view entry) override;
  Status write(const schema::Location &place, std::span<const std::byte> bytes, size_t offset) override;
  Status read(const schema::Location &place, std::span<std::byte> bytes, size_t offset) override;
  const Executable &executable() const override { return *executable_; }
  std::vector<ProfileEntry> takeProfile() override;

protected:
  /// Called once for each kernel; `number` is its place among the executable's.
  virtual Result<std::unique_ptr<KernelCode>> makeKernel(const schema::Kernel &kernel, size_t number) = 0;
  /// Called once for each step that is a product, before anything runs.
  virtual Status prepareGemm(const schema::Gemm &gemm, size_t step) { return {}; }

  /// `step` numbers the steps of all sequences from 0.
  virtual void gemm(const schema::Gemm &gemm, size_t step, const GemmPointers &pointers) = 0;
  virtual void attention(const schema::Attention &attention, const AttentionPointers &pointers) = 0;
  virtual void attentionBackward(const schema::AttentionBackward &backward,
                                 const AttentionBackwardPointers &pointers) = 0;

  size_t stepCount() const { return stepCount_; }
  int threads() const { return threads_; }

private:
  using Slots = std::vector<std::byte *>;

  Status prepareSteps();
  void runSequence(uint32_t index, const Slots &slots);
  void runCommand(const schema::Step &step, size_t number, const Slots &slots);
  void launch(const schema::Launch &launch, const Slots &slots);
  Result<std::byte *> resolve(const schema::Location &place, size_t offset, size_t bytes);
  void record(const schema::Step &step, double seconds);

  std::shared_ptr<const Executable> executable_;
  DeviceOptions options_;
  int threads_;
  std::vector<Arena> arenas_;
  std::vector<std::unique_ptr<KernelCode>> kernels_;
  /// For each sequence, the number of its first step.
  std::vector<size_t> firstSteps_;
  size_t stepCount_ = 0;
  std::map<std::pair<std::string, std::string>, ProfileEntry> profile_;
};

} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_EXECUTOR_H
