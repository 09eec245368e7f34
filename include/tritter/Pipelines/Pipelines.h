#ifndef TRITTER_PIPELINES_PIPELINES_H
#define TRITTER_PIPELINES_PIPELINES_H

#include "tritter/Codegen/Targets.h"
#include "tritter/Training/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir::tritter {

/// The programs that an executable may have. None stands alone: parameters and configuration only.
enum class Entry { Step, Accumulate, Update, Evaluate, Logits, None };
template <> ArrayRef<Word<Entry>> wordsOf<Entry>();

/// The targets, and none as null.
template <> ArrayRef<Word<const row::CodeTarget *>> wordsOf<const row::CodeTarget *>();

/// How a model is compiled: the one list of it. The command line of tritter-compile is made from it (`--batch 2 --seq
/// 512` are the options `batch=2 seq=512` of a pipeline), and so are the fingerprints of executables; tritter-run asks
/// tritter-compile for it.
struct CompileOptions : PassPipelineOptions<CompileOptions> {
  template <int64_t least> struct Number : Option<WholeNumber, WholeNumberParser<least>> {
    Number(::mlir::detail::PassOptions &parent, StringRef name, StringRef help, int64_t otherwise)
        : Option<WholeNumber, WholeNumberParser<least>>(parent, name, llvm::cl::desc(help),
                                                        llvm::cl::init(WholeNumber(otherwise))) {}
    operator int64_t() const { return int64_t(this->getValue()); }
  };
  template <typename Enum> using Choice = Option<Enum, WordParser<Enum>>;

  Number<0> vocab{*this, "vocab", "the vocabulary, where the model leaves it out", 0};
  Number<1> batch{*this, "batch", "sequences in a batch (1)", 1};
  Number<1> sequence{*this, "seq", "tokens in a sequence (512)", 512};
  Choice<Precision> precision{*this, "precision",
                              llvm::cl::desc("the type of activations and of products' inputs: f32, bf16 or f64 (f32)"),
                              llvm::cl::init(Precision::F32)};
  ListOption<Entry, WordParser<Entry>> entries{
      *this, "entries",
      llvm::cl::desc("of step,accumulate,update,evaluate,logits (step,update,evaluate); none: parameters and "
                     "configuration only"),
      llvm::cl::list_init(ArrayRef<Entry>{Entry::Step, Entry::Update, Entry::Evaluate})};
  ListOption<std::string> trainOnly{*this, "train-only",
                                    llvm::cl::desc("`new` or patterns of paths: what is trained; the rest is frozen")};
  ListOption<std::string> groups{
      *this, "groups",
      llvm::cl::desc("NAME:PATTERN of paths, or NAME:PATTERN@FACTOR of the learning rate: parameters that count their "
                     "updates apart from the others")};
  Number<1> headRows{*this, "head-rows", "rows of logits at once, at most (512)", 512};
  Choice<Recompute> recompute{
      *this, "recompute",
      llvm::cl::desc("none, or pointwise: the backward computes normed and gated activations again instead of keeping "
                     "them (none)"),
      llvm::cl::init(Recompute::None)};
  Number<0> seed{*this, "seed", "of the initialisers (1)", 1};
  ListOption<const row::CodeTarget *, WordParser<const row::CodeTarget *>> targets{
      *this, "target", llvm::cl::desc("what kernels are compiled for (cpu); none: the runtime interprets them"),
      llvm::cl::list_init(ArrayRef<const row::CodeTarget *>{row::findTarget("cpu")})};
  Option<bool> printMemoryPlan{*this, "print-memory-plan", llvm::cl::desc("print where memory goes"),
                               llvm::cl::init(false)};

  bool has(Entry entry) const { return llvm::is_contained(entries, entry); }
  /// Whether there is anything to run.
  bool hasPrograms() const { return !entries.empty() && !has(Entry::None); }
  /// Every option by its name.
  llvm::StringMap<llvm::cl::Option *> byName();
};

/// From a model to the programs of its training, in the `tritter` dialect.
void buildStepPipeline(OpPassManager &passes, const CompileOptions &options);

/// From a model to lists of commands, in the `exec` dialect.
void buildCompilePipeline(OpPassManager &passes, const CompileOptions &options);

/// Registers `--tritter-step-pipeline` and `--tritter-compile-pipeline`.
void registerPipelines();

/// Registers every pass and pipeline of the project, and MLIR's general ones.
void registerCompilerPasses();

} // namespace mlir::tritter

#endif // TRITTER_PIPELINES_PIPELINES_H
