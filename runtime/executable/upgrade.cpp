// Executables of older versions. Each step knows two versions, the one that it reads and the next.

#include "runtime/executable/upgrade.h"

using namespace tritter;

/// 2 says which version of the language the model's IR is written in.
static void upgradeFrom1(schema::ExecutableT &executable) {
  executable.ir_version = 1;
  executable.model_ir.insert(0, irVersion1Line);
}

Status tritter::upgradeExecutable(schema::ExecutableT &executable) {
  if (executable.version == 1) {
    upgradeFrom1(executable);
    executable.version = 2;
  }
  if (executable.version != executableVersion)
    return error("the executable says that it has format {}, which there never was", executable.version);
  return {};
}
