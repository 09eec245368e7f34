// The targets that kernels can be compiled for. One more is a function here and a line in the table.

#include "tritter/Codegen/Targets.h"

using namespace mlir;
using namespace mlir::row;

static constexpr CodeTarget targets[] = {
    {"cpu", "a shared object for this machine's processor", emitCpuTarget},
    {"cuda", "PTX for NVIDIA GPUs, sm_90 and later", emitCudaTarget},
};

ArrayRef<CodeTarget> row::codeTargets() { return targets; }

const CodeTarget *row::findTarget(StringRef name) {
  for (const CodeTarget &target : targets)
    if (target.name == name)
      return &target;
  return nullptr;
}
