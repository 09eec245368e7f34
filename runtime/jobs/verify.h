#ifndef TRITTER_RUNTIME_JOBS_VERIFY_H
#define TRITTER_RUNTIME_JOBS_VERIFY_H

#include "runtime/checkpoint/not_finite.h"
#include "runtime/eval/compare.h"
#include "runtime/jobs/loaded_model.h"

#include <optional>
#include <string>
#include <vector>

namespace tritter {

struct VerifyRequest {
  /// The checkpoint or run that was grown, and what it was grown into.
  std::string base, grown;
  /// Token files or a folder (its val.bin); none: random tokens.
  std::vector<std::string> data;
  /// 2 or 4 in files without llm.c's header; 0: as the file says.
  int tokenBytes = 0;
  /// Windows that are compared (0: all of the file's), and the seed of random ones.
  uint64_t windows = 64, seed = 1;
  /// The mean squared error of the logits must be below.
  double gate = 1e-6;
  ProgramRequest program;
  /// Executables with the entry logits, in the place of compiling; empty: compiled.
  std::string baseExecutable, grownExecutable;
};

/// What was proved of the last growth behind the grown checkpoint.
struct GrowthProof {
  std::string method;
  /// exact, rounding, not-preserved; empty where nothing was proved.
  std::string verdict;
  bool bitwise = false;
  /// As schema::Proof::relative_error.
  double relativeError = 0;
  std::string firstBroken;
  /// Whether that growth began at the base that is compared.
  bool ofThisBase = false;
  /// Steps that the grown model was trained since: what was proved holds before the first of them.
  uint64_t trainedSteps = 0;
};

struct VerifyResult {
  /// Paths.
  std::string base, grown;
  std::optional<GrowthProof> proof;
  /// Where the tokens come from; empty: random ones.
  std::string tokens;
  /// How files were read that do not say it themselves.
  std::vector<std::string> layouts;
  std::string precision;
  Comparison comparison;
  /// The grown model's layers whose residual streams were compared, as Comparison::residualErrors.
  std::vector<uint64_t> layers;
  /// Tensors that hold numbers that are none.
  std::vector<NotFinite> notFiniteBase, notFiniteGrown;
  /// What is worth a warning, a sentence each.
  std::vector<std::string> warnings;
  /// Of the grown model.
  uint64_t parameters = 0;
  /// Of the grown checkpoint's file.
  uint64_t bytes = 0;
  double seconds = 0;
  /// Whether the gate is met. A NaN meets none.
  bool passed = false;
};

/// Measures on real weights how far a grown model is from its base, and where it parts from it.
Result<VerifyResult> verify(const VerifyRequest &request, Compiler &compiler);

} // namespace tritter

#endif // TRITTER_RUNTIME_JOBS_VERIFY_H
