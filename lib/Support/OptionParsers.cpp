#include "tritter/Support/OptionParsers.h"

using namespace mlir;

bool tritter::refuseOption(StringRef name, StringRef text, StringRef expected) {
  llvm::errs() << "error: --" << name << " " << text << ": " << expected << " was expected\n";
  return true;
}

std::string tritter::alternatives(ArrayRef<StringRef> names) {
  std::string text;
  for (auto [index, name] : llvm::enumerate(names))
    text += ((index == 0 ? "" : index + 1 == names.size() ? " or " : ", ") + name).str();
  return text;
}
