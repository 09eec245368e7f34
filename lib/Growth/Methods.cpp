// The table of methods, and what all of them share: looking up a name, and checking options.

#include "tritter/Growth/Methods.h"

#include "DepthMethods.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::tritter;

ArrayRef<MethodOption> tritter::methodOptions() {
  static const MethodOption options[] = {
      {"layers", "N", "layers of the grown model"},
      {"removal-layers", "N", "solar: layers that are left out of each copy at the seam"},
      {"target-params", "SIZE",
       "in the place of --layers: parameters of the grown model, such as 7B, as near as it gets"},
      {"strategy", "NAME", "dus: the method to use, in the place of one that is picked"},
  };
  return options;
}

ArrayRef<GrowthMethod> tritter::growthMethods() {
  static const std::vector<GrowthMethod> methods = depthMethods();
  return methods;
}

std::string tritter::methodNames() {
  std::string text;
  ArrayRef<GrowthMethod> methods = growthMethods();
  for (auto [index, method] : llvm::enumerate(methods)) {
    if (index > 0)
      text += index + 1 == methods.size() ? " or " : ", ";
    text += method.name;
  }
  return text;
}

std::optional<MethodPlan> tritter::planMethod(StringRef name, ModelOp base, const MethodOptions &options,
                                              std::string &error) {
  ArrayRef<GrowthMethod> methods = growthMethods();
  const auto *method = llvm::find_if(methods, [&](const GrowthMethod &known) { return known.name == name; });
  if (method == methods.end()) {
    error = llvm::formatv("--method {0}: {1} was expected", name, methodNames());
    return std::nullopt;
  }
  for (const MethodOption &option : methodOptions()) {
    if (!options.contains(option.name) || llvm::is_contained(method->options, option.name))
      continue;
    SmallVector<StringRef> takers;
    for (const GrowthMethod &other : methods)
      if (llvm::is_contained(other.options, option.name))
        takers.push_back(other.name);
    error =
        llvm::formatv("--{0} is an option of {1}, not of --method {2}", option.name, llvm::join(takers, " and "), name);
    return std::nullopt;
  }
  return method->plan(*method, base, options, error);
}
