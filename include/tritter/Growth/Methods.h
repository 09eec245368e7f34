#ifndef TRITTER_GROWTH_METHODS_H
#define TRITTER_GROWTH_METHODS_H

#include "dialects/Tritter/TritterDialect.h"

#include "llvm/ADT/StringMap.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

/// The names that growths have: a method is a name and a function from options to a pipeline of passes.
namespace mlir::tritter {

/// An option that some method takes, as tritter-compile and `tritter-run expand` spell it: `--layers 8`.
struct MethodOption {
  StringRef name, value, description;
};

/// What a user gave, by name; every option at most once.
using MethodOptions = llvm::StringMap<std::string>;

/// What a method makes of a model and options.
struct MethodPlan {
  /// The method that does it: of a family of methods, the one that was chosen.
  std::string method;
  /// Passes as `tritter-opt --pass-pipeline=builtin.module(...)` takes them, without those that fold, prove and finish.
  std::string pipeline;
  /// What was chosen on the way, for people: a label (size, method) and a sentence.
  std::vector<std::pair<std::string, std::string>> notes;
};

struct GrowthMethod {
  StringRef name, description;
  /// The names of the options that it takes.
  SmallVector<StringRef, 4> options;
  /// Nothing, with a sentence in `error`, where there is no such growth of `base`.
  std::optional<MethodPlan> (*plan)(const GrowthMethod &method, ModelOp base, const MethodOptions &options,
                                    std::string &error);
};

/// All methods, in the order in which they are shown.
ArrayRef<GrowthMethod> growthMethods();
/// All options that any method takes.
ArrayRef<MethodOption> methodOptions();

/// "solar, llama-pro, stack, interpolate or dus".
std::string methodNames();

/// The plan of the method that is called `name`; nothing, with a sentence in `error`, where there is none, where an
/// option is not one of its own, or where it has no such growth of `base`.
std::optional<MethodPlan> planMethod(StringRef name, ModelOp base, const MethodOptions &options, std::string &error);

} // namespace mlir::tritter

#endif // TRITTER_GROWTH_METHODS_H
