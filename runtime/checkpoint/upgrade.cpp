// Checkpoints of older versions. Each step knows two versions, the one that it reads and the next.

#include "runtime/checkpoint/upgrade.h"
#include "runtime/checkpoint/format.h"
#include "runtime/executable/derivation_pool.h"
#include "runtime/executable/upgrade.h"
#include "runtime/executable/version_1.h"

#include <nlohmann/json.hpp>

using namespace tritter;

/// The growths of a history were executables with their own copies of axis maps.
static Status upgradeGrowth(schema::RecordT &record, DerivationPool &pool) {
  if (record.growth_v1.empty())
    return {};
  flatbuffers::Verifier verifier(record.growth_v1.data(), record.growth_v1.size(), /*max_depth=*/64,
                                 /*max_tables=*/1u << 30);
  if (!schema::VerifyExecutableBuffer(verifier))
    return error("a growth in its history is damaged; take another copy of it");
  record.growth.reset(schema::GetExecutable(record.growth_v1.data())->UnPack());
  record.growth_v1.clear();
  TRITTER_RETURN_IF_ERROR(upgradeExecutable(*record.growth));
  pool.adopt(*record.growth);
  return {};
}

/// Version 1 kept one count of updates for all states, beside the tensors. Where even that is missing the states are
/// taken for old, which need no correction of their bias.
static void upgradeStates(schema::ManifestT &manifest) {
  uint64_t updates = 100000;
  if (manifest.state) {
    nlohmann::json extra = nlohmann::json::parse(manifest.state->extra, nullptr, false);
    updates = std::max(updates, manifest.state->step);
    if (extra.is_object() && extra.contains("optimizer_step") && extra["optimizer_step"].is_number_unsigned())
      updates = extra["optimizer_step"].get<uint64_t>();
    if (extra.is_object() && extra.erase("optimizer_step"))
      manifest.state->extra = extra.dump();
  }
  for (std::unique_ptr<schema::TensorT> &tensor : manifest.tensors) {
    if (tensor->kind == "value")
      continue;
    tensor->growth = growthInVersion1(tensor->kind);
    tensor->updates = updates;
  }
}

static Status upgradeFrom1(schema::ManifestT &manifest) {
  manifest.ir_version = 1;
  manifest.model_ir.insert(0, irVersion1Line);
  upgradeStates(manifest);
  DerivationPool pool;
  manifest.config = modelConfigOfVersion1(manifest.config_v1);
  manifest.config_v1.clear();
  for (std::unique_ptr<schema::RecordT> &record : manifest.history) {
    record->source_config = modelConfigOfVersion1(record->source_config_v1);
    record->target_config = modelConfigOfVersion1(record->target_config_v1);
    record->source_config_v1.clear();
    record->target_config_v1.clear();
    TRITTER_RETURN_IF_ERROR(upgradeGrowth(*record, pool));
  }
  manifest.derivations = pool.take();
  return {};
}

Status tritter::upgradeManifest(schema::ManifestT &manifest) {
  if (manifest.version == 1) {
    TRITTER_RETURN_IF_ERROR(upgradeFrom1(manifest));
    manifest.version = 2;
  }
  if (manifest.version != formatVersion)
    return error("its manifest says that it has format {}, which there never was", manifest.version);
  return {};
}
