#ifndef TRITTER_TOOLS_TRITTER_RUN_COMPILE_H
#define TRITTER_TOOLS_TRITTER_RUN_COMPILE_H

#include "runtime/base/status.h"
#include "runtime/checkpoint/checkpoint.h"
#include "runtime/executable/executable.h"

#include <memory>
#include <string>
#include <vector>

namespace tritter {

/// What is asked of tritter-compile; see its --help. An option left at its first value is not passed on.
struct CompileRequest {
  /// A preset, a Hugging Face folder or config.json, a .toml or a .mlir file. A .texe is taken as it is.
  std::string input;
  /// The model's IR, in the place of `input`.
  std::string ir;
  /// Options and their values, in order: {"--batch", "8", ...}.
  std::vector<std::string> options;
};

struct Compiled {
  std::shared_ptr<const Executable> executable;
  double seconds = 0;
  bool cached = false;
};

/// Has tritter-compile, found beside this program, write the executable; or takes it from the cache
/// (${XDG_CACHE_HOME:-~/.cache}/tritter), where it lies under the SHA-256 of the input's contents, the options and the
/// compiler's own identity. The error is the compiler's.
Result<Compiled> compile(const CompileRequest &request);

/// The request for a checkpoint's model: its IR.
CompileRequest requestFor(const CheckpointReader &checkpoint, std::vector<std::string> options);

} // namespace tritter

#endif // TRITTER_TOOLS_TRITTER_RUN_COMPILE_H
