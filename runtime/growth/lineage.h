#ifndef TRITTER_RUNTIME_GROWTH_LINEAGE_H
#define TRITTER_RUNTIME_GROWTH_LINEAGE_H

#include "runtime/checkpoint/checkpoint.h"
#include "runtime/schema/executable_generated.h"

#include <string>
#include <vector>

namespace tritter {

/// exact, rounding, not-preserved; empty for None.
std::string nameOf(schema::Verdict verdict);

/// The axes that became longer, each as "residual 8 -> 16" or "mlp.up.weight axis 0 12 -> 20".
std::vector<std::string> grownAxes(const schema::GrowthT &growth);

/// The manifest of a grown checkpoint, but for its tensors: the grown model, the base's tokenizer and history with a
/// record of this growth, and a training state that begins a new schedule where the base's left off.
schema::ManifestT grownManifest(const CheckpointReader &base, const schema::Executable &growth, uint64_t parameters);

/// The executable of a growth in the manifest's history, to do it again; the bytes of a record that holds none are
/// empty.
flatbuffers::DetachedBuffer growthOf(const schema::Manifest &manifest, const schema::Record &record);

} // namespace tritter

#endif // TRITTER_RUNTIME_GROWTH_LINEAGE_H
