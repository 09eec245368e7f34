#include "runtime/base/text.h"
#include "runtime/checkpoint/finite.h"
#include "runtime/checkpoint/format.h"
#include "runtime/executable/executable.h"
#include "runtime/growth/element.h"
#include "runtime/huggingface/folder.h"
#include "runtime/huggingface/folder_files.h"
#include "runtime/huggingface/huggingface.h"
#include "runtime/huggingface/json_file.h"
#include "runtime/tokenize/sentencepiece.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <set>

namespace tritter {

namespace {

/// A parameter of the model, and the tensor that it comes from.
struct Pairing {
  TensorDeclaration declaration;
  std::string theirName;
  HuggingFaceFolder::Place place;
  bool converts = false;
};

} // namespace

static float halfToFloat(uint16_t half) {
  uint32_t sign = uint32_t(half & 0x8000) << 16, exponent = half >> 10 & 31, mantissa = half & 0x3FF;
  if (exponent == 0) // subnormal: mantissa 2^-24, exactly
    return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(float(mantissa) * 0x1p-24f));
  if (exponent == 31)
    return std::bit_cast<float>(sign | 0x7F800000 | mantissa << 13);
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
}

static std::optional<schema::DType> storedType(const std::string &dtype) {
  if (dtype == "F32")
    return schema::DType::F32;
  if (dtype == "BF16")
    return schema::DType::BF16;
  return std::nullopt;
}

/// The error for a tensor that is not there: names what is there instead.
static Status lacks(const HuggingFaceFolder &folder, const std::string &name) {
  std::vector<std::string> names;
  std::string instead;
  for (const auto &[other, place] : folder.tensors) {
    names.push_back(other);
    if (instead.empty() && other.ends_with("." + name))
      instead = fmt::format("; it has {}, with `{}` before it", other, other.substr(0, other.size() - name.size()));
  }
  if (std::string nearest = instead.empty() ? nearestName(name, names) : ""; !nearest.empty())
    instead = fmt::format("; the nearest that it has is {}", nearest);
  return error("{} lacks tensor {}, which its config.json calls for{}", folder.path, name, instead);
}

static Result<std::vector<Pairing>> pairTensors(const HuggingFaceFolder &folder, const schema::Executable &model) {
  std::vector<Pairing> pairings;
  std::set<std::string> used;
  if (model.parameters())
    for (const schema::Parameter *parameter : *model.parameters()) {
      Pairing pairing;
      pairing.declaration.name = parameter->name() ? parameter->name()->str() : "";
      if (parameter->shape())
        pairing.declaration.shape.assign(parameter->shape()->begin(), parameter->shape()->end());
      std::optional<std::string> name = theirName(*folder.family, pairing.declaration.name);
      if (!name)
        return error("the model's parameter {} has no counterpart in the family {}", pairing.declaration.name,
                     folder.family->modelType);
      auto found = folder.tensors.find(*name);
      if (found == folder.tensors.end())
        return lacks(folder, *name);
      pairing.place = found->second;
      const SafetensorsEntry &entry = *pairing.place.entry;
      if (entry.shape != pairing.declaration.shape)
        return error("{}: tensor {} has shape [{}], its config.json calls for [{}]", folder.path, *name,
                     fmt::join(entry.shape, ", "), fmt::join(pairing.declaration.shape, ", "));
      if (std::optional<schema::DType> type = storedType(entry.dtype))
        pairing.declaration.dtype = *type;
      else if (entry.dtype == "F16" || entry.dtype == "F64")
        pairing.converts = true;
      else
        return error("{}: tensor {} has dtype {}; F32, BF16, F16 and F64 are read", folder.path, *name, entry.dtype);
      pairing.theirName = *name;
      used.insert(*name);
      pairings.push_back(std::move(pairing));
    }
  for (const auto &[name, place] : folder.tensors)
    if (!used.count(name) && !isIgnored(*folder.family, name))
      return error("{}: tensor {} is unknown: the model of its config.json has no such parameter", folder.path, name);
  return pairings;
}

static Status convert(const Pairing &pairing, uint64_t offset, std::span<std::byte> out) {
  const SafetensorsEntry &entry = *pairing.place.entry;
  if (!pairing.converts)
    return pairing.place.file->read(entry, offset, out);
  uint64_t elementSize = *safetensorsElementBytes(entry.dtype), count = out.size() / sizeof(float);
  std::vector<std::byte> raw(count * elementSize);
  TRITTER_RETURN_IF_ERROR(pairing.place.file->read(entry, offset / sizeof(float) * elementSize, raw));
  for (uint64_t i = 0; i < count; ++i) {
    float value;
    if (elementSize == sizeof(uint16_t)) {
      uint16_t half;
      std::memcpy(&half, raw.data() + i * sizeof(half), sizeof(half));
      value = halfToFloat(half);
    } else {
      value = float(loadElement(schema::DType::F64, raw.data(), i));
    }
    std::memcpy(out.data() + i * sizeof(value), &value, sizeof(value));
  }
  return {};
}

/// Reads a piece of a tensor, in the type that the checkpoint has it in.
static Status produce(const Pairing &pairing, uint64_t offset, std::span<std::byte> out) {
  TRITTER_RETURN_IF_ERROR(convert(pairing, offset, out));
  schema::DType type = pairing.declaration.dtype;
  std::optional<uint64_t> index = firstNotFinite(type, out);
  if (!index)
    return {};
  return error("{}: tensor {} is not finite: its element {} is {}; such a model cannot be trained or grown, bring one "
               "whose weights are all finite",
               pairing.place.file->path(), pairing.theirName, offset / elementBytes(type) + *index,
               loadElement(type, out.data(), *index));
}

/// One more than the largest id that tokenizer.json of the tokenizers library has; 0 where there is none.
static uint64_t piecesOfTokenizerJson(const HuggingFaceFolder &folder) {
  Result<nlohmann::json> tokenizer = readJsonFile(std::filesystem::path(folder.path) / "tokenizer.json");
  if (!tokenizer.ok())
    return 0;
  uint64_t pieces = 0;
  auto take = [&](const nlohmann::json &id) {
    if (id.is_number_unsigned())
      pieces = std::max(pieces, id.get<uint64_t>() + 1);
  };
  static const nlohmann::json none = nlohmann::json::object();
  const nlohmann::json &model = tokenizer->contains("model") ? (*tokenizer)["model"] : none;
  const nlohmann::json &vocabulary = model.is_object() && model.contains("vocab") ? model["vocab"] : none;
  if (vocabulary.is_array())
    pieces = vocabulary.size();
  else if (vocabulary.is_object())
    for (const nlohmann::json &id : vocabulary)
      take(id);
  if (auto added = tokenizer->find("added_tokens"); added != tokenizer->end() && added->is_array())
    for (const nlohmann::json &token : *added)
      if (token.is_object() && token.contains("id"))
        take(token["id"]);
  return pieces;
}

static Status addTokenizer(const HuggingFaceFolder &folder, uint64_t rows, schema::ManifestT &manifest,
                           ImportReport &report) {
  if (uint64_t pieces = piecesOfTokenizerJson(folder); pieces > rows)
    report.notes.push_back(fmt::format("tokenizer.json has ids up to {}, the model {} rows: text with the last ones "
                                       "cannot be read by it",
                                       grouped(pieces - 1), grouped(rows)));
  std::string path = (std::filesystem::path(folder.path) / "tokenizer.model").string();
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored))
    return {};
  TRITTER_ASSIGN(std::string bytes, readTextFile(path));
  Result<std::shared_ptr<const Tokenizer>> tokenizer = createSentencePieceTokenizer(std::move(bytes));
  if (!tokenizer.ok())
    return std::move(tokenizer).status().within(path);
  if ((*tokenizer)->vocabulary() > rows)
    return error("{} has {} pieces, the model's table of tokens {} rows: it is the tokenizer of another model; bring "
                 "the model's own, or take the file out of the folder",
                 path, grouped((*tokenizer)->vocabulary()), grouped(rows));
  manifest.tokenizer = std::make_unique<schema::TokenizerRecordT>((*tokenizer)->record());
  report.tokenizer = manifest.tokenizer->kind;
  return {};
}

static std::string text(const flatbuffers::String *string) { return string ? string->str() : std::string(); }

Result<ImportReport> importFolder(const HuggingFaceFolder &folder, const schema::Executable &model,
                                  const std::string &output,
                                  const std::function<void(uint64_t done, uint64_t total)> &progress) {
  auto start = std::chrono::steady_clock::now();
  ImportReport report;
  report.notes = folder.notes;
  TRITTER_ASSIGN(std::vector<Pairing> pairings, pairTensors(folder, model));
  schema::ManifestT manifest;
  TRITTER_RETURN_IF_ERROR(addTokenizer(folder, model.config() ? model.config()->vocab() : 0, manifest, report));
  TRITTER_ASSIGN(manifest.folder_files, readFolderFiles(folder.path, report.notes));
  report.carriedFiles = manifest.folder_files.size();
  std::vector<TensorDeclaration> declarations;
  for (const Pairing &pairing : pairings)
    declarations.push_back(pairing.declaration);
  TRITTER_ASSIGN(std::unique_ptr<CheckpointWriter> writer, CheckpointWriter::create(output, std::move(declarations)));
  uint64_t done = 0;
  for (size_t i = 0; i < pairings.size(); ++i) {
    const Pairing &pairing = pairings[i];
    TRITTER_RETURN_IF_ERROR(
        writer->write(i, [&](uint64_t offset, std::span<std::byte> out) { return produce(pairing, offset, out); }));
    uint64_t bytes = *tensorBytes(pairing.declaration.shape, pairing.declaration.dtype);
    report.parameters += bytes / elementBytes(pairing.declaration.dtype);
    report.converted += pairing.converts;
    done += bytes;
    if (progress)
      progress(done, writer->segmentBytes());
  }

  report.family = folder.family->modelType;
  report.tensors = pairings.size();
  manifest.model_ir = text(model.model_ir());
  manifest.ir_version = model.ir_version();
  manifest.model_name = text(model.model_name());
  manifest.config = unpacked(model.config());
  manifest.state = std::make_unique<schema::TrainingStateT>();
  auto record = std::make_unique<schema::RecordT>();
  record->kind = schema::RecordKind::Import;
  record->time = uint64_t(std::time(nullptr));
  record->method = report.family;
  record->target_config = unpacked(model.config());
  record->parameters = report.parameters;
  manifest.history.push_back(std::move(record));
  TRITTER_ASSIGN(report.identity, writer->commit(std::move(manifest)));
  std::error_code ignored;
  report.bytes = std::filesystem::file_size(output, ignored);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return report;
}

} // namespace tritter
