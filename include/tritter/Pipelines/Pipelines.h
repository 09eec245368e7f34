#ifndef TRITTER_PIPELINES_PIPELINES_H
#define TRITTER_PIPELINES_PIPELINES_H

#include "tritter/Training/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir::tritter {

/// The programs that an executable may have.
enum class Entry { Step, Accumulate, Update, Evaluate, Logits };

/// Reads and prints entries by name. The elements of a list are read by a parser of their own, which never sees the
/// `values` of the list: it has to know the names.
struct EntryParser : llvm::cl::parser<Entry> {
  using parser::parser;
  void initialize();
  static void print(raw_ostream &os, const Entry &entry);
};

/// The entry of this name, if there is one.
std::optional<Entry> symbolizeEntry(StringRef name);

/// What `--tritter-step-pipeline` takes; options are those of tritter-compile.
struct StepOptions : PassPipelineOptions<StepOptions> {
  Option<int64_t> batch{*this, "batch", llvm::cl::desc("sequences in a batch"), llvm::cl::init(1)};
  Option<int64_t> sequence{*this, "seq", llvm::cl::desc("tokens in a sequence"), llvm::cl::init(512)};
  Option<Precision> precision{*this, "precision", llvm::cl::desc("the type of activations and of products' inputs"),
                              llvm::cl::init(Precision::F32),
                              llvm::cl::values(clEnumValN(Precision::F32, "f32", "everything in f32"),
                                               clEnumValN(Precision::BF16, "bf16", "products in bf16, masters in f32"),
                                               clEnumValN(Precision::F64, "f64", "everything in f64"))};
  ListOption<Entry, EntryParser> entries{
      *this, "entries", llvm::cl::desc("programs to make"),
      llvm::cl::list_init(ArrayRef<Entry>{Entry::Step, Entry::Update, Entry::Evaluate})};
  ListOption<std::string> trainOnly{*this, "train-only", llvm::cl::desc("patterns of the paths to train, or new")};
  Option<int64_t> headRows{*this, "head-rows", llvm::cl::desc("the most rows of logits at once"), llvm::cl::init(512)};
  Option<Recompute> recompute{
      *this, "recompute", llvm::cl::desc("what the backward computes again instead of reading it"),
      llvm::cl::init(Recompute::None),
      llvm::cl::values(clEnumValN(Recompute::None, "none", "what only its pointwise operations need"),
                       clEnumValN(Recompute::Pointwise, "pointwise", "also the inputs of products"))};

  bool has(Entry entry) const { return llvm::is_contained(entries, entry); }
};

/// What `--tritter-compile-pipeline` takes.
struct CompileOptions : StepOptions {
  Option<bool> printMemoryPlan{*this, "print-memory-plan", llvm::cl::desc("print where memory goes"),
                               llvm::cl::init(false)};
};

/// From an elaborated model to the programs of its training, in the `tritter` dialect.
void buildStepPipeline(OpPassManager &passes, const StepOptions &options);

/// From an elaborated model to lists of commands, in the `exec` dialect.
void buildCompilePipeline(OpPassManager &passes, const CompileOptions &options);

/// Registers `--tritter-step-pipeline` and `--tritter-compile-pipeline`.
void registerPipelines();

/// Registers every pass and pipeline of the project, and MLIR's general ones.
void registerCompilerPasses();

} // namespace mlir::tritter

#endif // TRITTER_PIPELINES_PIPELINES_H
