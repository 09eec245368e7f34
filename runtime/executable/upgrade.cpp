// Executables of older versions. Each step knows two versions, the one that it reads and the next.

#include "runtime/executable/upgrade.h"

using namespace tritter;

schema::StateGrowth tritter::growthInVersion1(std::string_view kind) {
  return kind == "adam.m"   ? schema::StateGrowth::Adjoint
         : kind == "adam.v" ? schema::StateGrowth::AdjointSquared
                            : schema::StateGrowth::Zero;
}

/// 2 says which version of the language the model's IR is written in, and how states grow.
static void upgradeFrom1(schema::ExecutableT &executable) {
  for (std::unique_ptr<schema::ParameterT> &parameter : executable.parameters)
    for (std::unique_ptr<schema::ParameterStateT> &state : parameter->states)
      state->growth = growthInVersion1(state->kind);
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
