// Checkpoints of older versions. Each step knows two versions, the one that it reads and the next.

#include "runtime/checkpoint/upgrade.h"
#include "runtime/checkpoint/format.h"
#include "runtime/executable/upgrade.h"

using namespace tritter;

/// The growths of a history are executables, and upgraded as those.
static Status upgradeGrowth(schema::RecordT &record) {
  if (record.growth.empty())
    return {};
  flatbuffers::Verifier verifier(record.growth.data(), record.growth.size(), /*max_depth=*/64, /*max_tables=*/1u << 30);
  if (!schema::VerifyExecutableBuffer(verifier))
    return error("a growth in its history is damaged; take another copy of it");
  schema::ExecutableT growth;
  schema::GetExecutable(record.growth.data())->UnPackTo(&growth);
  TRITTER_RETURN_IF_ERROR(upgradeExecutable(growth));
  flatbuffers::FlatBufferBuilder builder;
  schema::FinishExecutableBuffer(builder, schema::Executable::Pack(builder, &growth));
  record.growth.assign(builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize());
  return {};
}

/// 2 says which version of the language the model's IR is written in.
static Status upgradeFrom1(schema::ManifestT &manifest) {
  manifest.ir_version = 1;
  manifest.model_ir.insert(0, irVersion1Line);
  for (std::unique_ptr<schema::RecordT> &record : manifest.history)
    TRITTER_RETURN_IF_ERROR(upgradeGrowth(*record));
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
