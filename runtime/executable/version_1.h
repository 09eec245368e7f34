#ifndef TRITTER_RUNTIME_EXECUTABLE_VERSION_1_H
#define TRITTER_RUNTIME_EXECUTABLE_VERSION_1_H

#include "runtime/schema/derivation_generated.h"
#include "runtime/schema/model_generated.h"

#include <memory>
#include <string>
#include <string_view>

/// What version 1 of executables and of checkpoints said in the same way, for their upgrades.
namespace tritter {

/// The first line of version 1's IR, which did not say its version.
inline constexpr std::string_view irVersion1Line = "// tritter-ir 1\n";

/// How a kind of state grows, which version 1 did not say.
schema::StateGrowth growthInVersion1(std::string_view kind);

/// A configuration from version 1's JSON, which knew one kind of layer; null where there is none.
std::unique_ptr<schema::ModelConfigT> modelConfigOfVersion1(const std::string &json);

} // namespace tritter

#endif // TRITTER_RUNTIME_EXECUTABLE_VERSION_1_H
