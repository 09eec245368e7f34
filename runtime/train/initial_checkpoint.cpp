#include "runtime/train/initial_checkpoint.h"

#include "runtime/checkpoint/checkpoint.h"
#include "runtime/growth/grow.h"
#include "runtime/train/operations.h"

#include <ctime>
#include <limits>

using namespace tritter;

static std::string text(const flatbuffers::String *string) { return string ? string->str() : std::string(); }

Status tritter::writeInitialCheckpoint(const Executable &executable, const std::string &model,
                                       const std::optional<schema::TokenizerRecordT> &tokenizer,
                                       const std::string &path) {
  std::vector<TensorDeclaration> declarations;
  for (const schema::Parameter *parameter : *executable->parameters()) {
    if (parameter->model())
      return error("{} is trained beside {}, whose parameters another checkpoint holds, and a run begins from one; leave "
                   "tritter.objective and {} out",
                   model, parameter->model()->string_view(), parameter->model()->string_view());
    declarations.push_back({parameter->name()->str(),
                            "value",
                            {parameter->shape()->begin(), parameter->shape()->end()},
                            parameter->dtype()});
  }
  TRITTER_ASSIGN(std::unique_ptr<CheckpointWriter> writer, CheckpointWriter::create(path, declarations));
  std::vector<std::byte> bytes;
  for (size_t i = 0; i < declarations.size(); ++i) {
    size_t count = 1;
    for (uint64_t size : declarations[i].shape)
      count *= size;
    bytes.resize(count * sizeOf(declarations[i].dtype));
    TRITTER_RETURN_IF_ERROR(initialise(*executable, *executable->parameters()->Get(i), bytes));
    TRITTER_RETURN_IF_ERROR(writer->write(i, bytes));
  }

  schema::ManifestT manifest;
  manifest.model_ir = text(executable->model_ir());
  manifest.ir_version = executable->ir_version();
  manifest.model_name = text(executable->model_name());
  manifest.config = unpacked(executable->config());
  if (tokenizer)
    manifest.tokenizer = std::make_unique<schema::TokenizerRecordT>(*tokenizer);
  auto record = std::make_unique<schema::RecordT>();
  record->kind = schema::RecordKind::Init;
  record->time = std::time(nullptr);
  record->method = model;
  record->target_config = unpacked(executable->config());
  record->parameters = countParameters(executable);
  record->val_loss = std::numeric_limits<double>::quiet_NaN();
  manifest.history.push_back(std::move(record));
  TRITTER_ASSIGN(std::string identity, writer->commit(std::move(manifest)));
  return {};
}
