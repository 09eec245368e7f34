#include "runtime/huggingface/huggingface.h"

#include "runtime/huggingface/folder.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace tritter {
namespace {

namespace fs = std::filesystem;

/// A folder as Hugging Face's library writes it, and the model that it would be compiled to.
class HuggingFaceTest : public testing::Test {
protected:
  void SetUp() override {
    root = fs::temp_directory_path() / fmt::format("tritter-huggingface-{}", getpid());
    folder = root / "model";
    fs::create_directories(folder);
    checkpoint = root / "model.tckpt";
    model.model_ir = "tritter.model @m";
    model.model_name = "m";
    describeModel();
    config = {{"model_type", "llama"}, {"architectures", {"LlamaForCausalLM"}}, {"tie_word_embeddings", false}};
    add("embed.weight", "model.embed_tokens.weight", {16, 8});
    for (std::string n : {"0", "1"}) {
      std::string ours = "layers." + n + ".", theirs = "model.layers." + n + ".";
      add(ours + "attn_norm.weight", theirs + "input_layernorm.weight", {8});
      add(ours + "attn.q.weight", theirs + "self_attn.q_proj.weight", {8, 8});
      add(ours + "attn.k.weight", theirs + "self_attn.k_proj.weight", {4, 8});
      add(ours + "attn.v.weight", theirs + "self_attn.v_proj.weight", {4, 8});
      add(ours + "attn.o.weight", theirs + "self_attn.o_proj.weight", {8, 8});
      add(ours + "mlp_norm.weight", theirs + "post_attention_layernorm.weight", {8});
      add(ours + "mlp.gate.weight", theirs + "mlp.gate_proj.weight", {12, 8});
      add(ours + "mlp.up.weight", theirs + "mlp.up_proj.weight", {12, 8});
      add(ours + "mlp.down.weight", theirs + "mlp.down_proj.weight", {8, 12});
    }
    add("final_norm.weight", "model.norm.weight", {8});
    add("head.weight", "lm_head.weight", {16, 8});
  }
  void TearDown() override { fs::remove_all(root); }

  /// Fills in the configuration of two layers alike.
  void describeModel() {
    model.config = std::make_unique<schema::ModelConfigT>();
    model.config->layers = 2;
    model.config->hidden = 8;
    model.config->vocab = 16;
    model.config->positions = "rope";
    model.config->max_positions = 64;
    schema::NormConfigT norm;
    norm.kind = "rms";
    norm.eps = 1e-6;
    model.config->norms.push_back(std::make_unique<schema::NormConfigT>(norm));
    model.config->blocks.push_back(describeBlock(norm));
  }

  static std::unique_ptr<schema::BlockConfigT> describeBlock(const schema::NormConfigT &norm) {
    auto block = std::make_unique<schema::BlockConfigT>();
    block->layers = 2;
    block->norms.push_back(std::make_unique<schema::NormConfigT>(norm));
    auto attention = std::make_unique<schema::AttentionConfigT>();
    attention->heads = 2;
    attention->kv_heads = 1;
    attention->head_dim = 4;
    attention->rope_theta = 500000;
    block->attention.push_back(std::move(attention));
    auto mlp = std::make_unique<schema::MlpConfigT>();
    mlp->intermediate = 12;
    mlp->activation = "silu";
    mlp->gated = true;
    block->mlp.push_back(std::move(mlp));
    return block;
  }

  static SafetensorsTensor tensor(const std::string &name, std::vector<uint64_t> shape, const char *dtype = "F32") {
    return {name, dtype, std::move(shape), [name](uint64_t offset, std::span<std::byte> out) {
              for (size_t i = 0; i < out.size(); ++i)
                out[i] = std::byte((offset + i) * 37 + std::hash<std::string>()(name)) & std::byte(0x7D);
              return Status();
            }};
  }
  void add(const std::string &ours, const std::string &theirs, std::vector<uint64_t> shape) {
    auto parameter = std::make_unique<schema::ParameterT>();
    parameter->name = ours;
    parameter->shape = shape;
    model.parameters.push_back(std::move(parameter));
    tensors.push_back(tensor(theirs, shape));
    names[theirs] = ours;
  }
  const schema::Executable &packed() {
    buffer.Clear();
    schema::FinishExecutableBuffer(buffer, schema::Executable::Pack(buffer, &model));
    return *schema::GetExecutable(buffer.GetBufferPointer());
  }
  void writeFolder() {
    std::ofstream(folder / "config.json") << config.dump();
    ASSERT_TRUE(writeSafetensors(folder / "model.safetensors", tensors, {{"format", "pt"}}).ok());
  }
  std::string importFailure() {
    writeFolder();
    auto report = importFolder(folder, packed(), checkpoint);
    EXPECT_FALSE(fs::exists(checkpoint));
    return report.ok() ? "" : std::string(report.status().message());
  }
  void expectImportFailure(const char *expected) {
    std::string message = importFailure();
    EXPECT_NE(message.find(expected), std::string::npos) << message;
  }
  std::vector<std::byte> bytesOf(const SafetensorsTensor &tensor) {
    uint64_t size = *safetensorsElementBytes(tensor.dtype);
    for (uint64_t length : tensor.shape)
      size *= length;
    std::vector<std::byte> bytes(size);
    EXPECT_TRUE(tensor.producer(0, bytes).ok());
    return bytes;
  }
  void expectSameTensors(const CheckpointReader &reader) {
    for (const SafetensorsTensor &tensor : tensors) {
      const schema::Tensor *found = reader.find(names[tensor.name]);
      ASSERT_TRUE(found) << tensor.name;
      std::vector<std::byte> expected = bytesOf(tensor);
      EXPECT_TRUE(std::ranges::equal(reader.bytes(*found), expected)) << tensor.name;
    }
  }
  static std::string contents(const fs::path &path) { return *readTextFile(path); }

  fs::path root, folder;
  std::string checkpoint;
  schema::ExecutableT model;
  nlohmann::json config;
  std::vector<SafetensorsTensor> tensors;
  std::map<std::string, std::string> names;
  flatbuffers::FlatBufferBuilder buffer;
};

TEST_F(HuggingFaceTest, ImportsEveryTensorVerbatim) {
  tensors[1].dtype = "BF16";
  tensors.push_back(tensor("model.layers.1.self_attn.rotary_emb.inv_freq", {2}));
  writeFolder();
  tensors.pop_back();
  auto report = importFolder(folder, packed(), checkpoint);
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_EQ(report->family, "llama");
  EXPECT_EQ(report->tensors, 21u);
  EXPECT_EQ(report->parameters, 16u * 8 * 2 + 2 * (8 * 2 + 64 * 2 + 32 * 2 + 96 * 3) + 8);
  EXPECT_EQ(report->converted, 0u);
  EXPECT_EQ(report->bytes, fs::file_size(checkpoint));
  auto reader = CheckpointReader::open(checkpoint);
  ASSERT_TRUE(reader.ok()) << reader.status().message();
  EXPECT_TRUE((*reader)->verifyAll().ok());
  expectSameTensors(**reader);
  EXPECT_EQ((*reader)->find("layers.0.attn_norm.weight")->dtype(), schema::DType::BF16);
  EXPECT_EQ((*reader)->manifest().model_ir()->str(), "tritter.model @m");
  ASSERT_EQ((*reader)->manifest().history()->size(), 1u);
  EXPECT_EQ((*reader)->manifest().history()->Get(0)->kind(), schema::RecordKind::Import);
}

TEST_F(HuggingFaceTest, ExportAndImportAreInverse) {
  writeFolder();
  ASSERT_TRUE(importFolder(folder, packed(), checkpoint).ok());
  auto reader = CheckpointReader::open(checkpoint);
  ASSERT_TRUE(reader.ok());
  auto report = exportFolder(**reader, root / "exported");
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_EQ(report->family, "llama");
  EXPECT_EQ(report->tensors, tensors.size());
  EXPECT_EQ(contents(root / "exported" / "model.safetensors"), contents(folder / "model.safetensors"));
  auto theirs = readJsonFile(root / "exported" / "config.json");
  ASSERT_TRUE(theirs.ok());
  EXPECT_EQ((*theirs)["model_type"], "llama");
  EXPECT_EQ((*theirs)["num_hidden_layers"], 2);
  EXPECT_EQ((*theirs)["num_key_value_heads"], 1);
  EXPECT_EQ((*theirs)["rms_norm_eps"], 1e-6);
  EXPECT_EQ((*theirs)["rope_theta"], 500000.0);
  EXPECT_EQ((*theirs)["torch_dtype"], "float32");
  EXPECT_EQ((*theirs)["attention_bias"], false);
  std::string second = root / "second.tckpt";
  ASSERT_TRUE(importFolder(root / "exported", packed(), second).ok());
  auto again = CheckpointReader::open(second);
  ASSERT_TRUE(again.ok());
  expectSameTensors(**again);
}

TEST_F(HuggingFaceTest, ExportRoundsToTheTypeAskedFor) {
  writeFolder();
  ASSERT_TRUE(importFolder(folder, packed(), checkpoint).ok());
  auto reader = CheckpointReader::open(checkpoint);
  ASSERT_TRUE(reader.ok());
  auto report = exportFolder(**reader, root / "exported", {schema::DType::BF16});
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_EQ(report->converted, tensors.size());
  auto file = SafetensorsFile::open(root / "exported" / "model.safetensors");
  ASSERT_TRUE(file.ok());
  const SafetensorsEntry &entry = (*file)->entries().at("model.norm.weight");
  EXPECT_EQ(entry.dtype, "BF16");
  std::vector<uint16_t> rounded(8);
  ASSERT_TRUE((*file)->read(entry, 0, std::as_writable_bytes(std::span(rounded))).ok());
  std::span<const std::byte> source = (*reader)->bytes(*(*reader)->find("final_norm.weight"));
  for (size_t i = 0; i < 8; ++i) {
    uint32_t bits;
    std::memcpy(&bits, source.data() + 4 * i, 4);
    EXPECT_EQ(rounded[i], (bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
  }
  EXPECT_EQ((*readJsonFile(root / "exported" / "config.json"))["torch_dtype"], "bfloat16");
}

TEST_F(HuggingFaceTest, ReadsShards) {
  writeFolder();
  fs::remove(folder / "model.safetensors");
  std::vector<SafetensorsTensor> first(tensors.begin(), tensors.begin() + 9),
      second(tensors.begin() + 9, tensors.end());
  ASSERT_TRUE(writeSafetensors(folder / "model-00001-of-00002.safetensors", first, {}).ok());
  ASSERT_TRUE(writeSafetensors(folder / "model-00002-of-00002.safetensors", second, {}).ok());
  nlohmann::json map;
  for (size_t i = 0; i < tensors.size(); ++i)
    map[tensors[i].name] = i < 9 ? "model-00001-of-00002.safetensors" : "model-00002-of-00002.safetensors";
  auto writeIndex = [&] {
    std::ofstream(folder / "model.safetensors.index.json") << nlohmann::json({{"weight_map", map}}).dump();
  };
  writeIndex();
  ASSERT_TRUE(importFolder(folder, packed(), checkpoint).ok());
  expectSameTensors(**CheckpointReader::open(checkpoint));
  map["lm_head.weight"] = "model-00001-of-00002.safetensors";
  writeIndex();
  auto report = importFolder(folder, packed(), checkpoint);
  EXPECT_NE(report.status().message().find("tensor lm_head.weight is missing from model-00001"), std::string::npos);
  map["lm_head.weight"] = "../elsewhere.safetensors";
  writeIndex();
  report = importFolder(folder, packed(), checkpoint);
  EXPECT_NE(report.status().message().find("lm_head.weight is not in a file beside it"), std::string::npos);
}

TEST_F(HuggingFaceTest, HalvesBecomeFloats) {
  std::vector<uint16_t> halves = {0x3C00, 0xC000, 0x3555, 0x0001, 0x83FF, 0x7BFF, 0x7C00, 0x0000};
  tensors[19] = {"model.norm.weight", "F16", {8}, [&](uint64_t offset, std::span<std::byte> out) {
                   std::memcpy(out.data(), reinterpret_cast<std::byte *>(halves.data()) + offset, out.size());
                   return Status();
                 }};
  writeFolder();
  auto report = importFolder(folder, packed(), checkpoint);
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_EQ(report->converted, 1u);
  auto reader = CheckpointReader::open(checkpoint);
  std::vector<float> values(8);
  std::memcpy(values.data(), (*reader)->bytes(*(*reader)->find("final_norm.weight")).data(), 32);
  EXPECT_EQ(values, (std::vector<float>{1, -2, 0x1.554p-2f, 0x1p-24f, -0x1.FF8p-15f, 65504, INFINITY, 0}));
}

TEST_F(HuggingFaceTest, ATiedHeadMayBeStoredTwice) {
  config["tie_word_embeddings"] = true;
  model.parameters.pop_back();
  writeFolder();
  EXPECT_TRUE(importFolder(folder, packed(), checkpoint).ok());
  fs::remove(checkpoint);
  config["tie_word_embeddings"] = false;
  expectImportFailure("tensor lm_head.weight is unknown");
}

TEST_F(HuggingFaceTest, MissingUnknownAndMisshapenTensorsAreNamed) {
  SafetensorsTensor last = tensors.back();
  tensors.pop_back();
  expectImportFailure("lacks tensor lm_head.weight");
  tensors.push_back(tensor("lm_head.weight", {16, 9}));
  expectImportFailure("tensor lm_head.weight has shape [16, 9], its config.json calls for [16, 8]");
  tensors.back() = last;
  tensors.push_back(tensor("model.layers.0.self_attn.q_norm.weight", {4}));
  expectImportFailure("tensor model.layers.0.self_attn.q_norm.weight is unknown");
  tensors.back() = tensor("model.layers.2.mlp.up_proj.weight", {12, 8});
  expectImportFailure("tensor model.layers.2.mlp.up_proj.weight is unknown");
  tensors.pop_back();
  tensors.back().dtype = "I32";
  expectImportFailure("tensor lm_head.weight has dtype I32");
}

TEST_F(HuggingFaceTest, UnknownFamiliesAndFoldersAreSaid) {
  config["model_type"] = "mamba";
  expectImportFailure("is of family 'mamba', which is not known yet; these are: llama, mistral, qwen2");
  config["model_type"] = "llama";
  writeFolder();
  fs::remove(folder / "model.safetensors");
  EXPECT_NE(importFolder(folder, packed(), checkpoint).status().message().find("neither model.safetensors nor"),
            std::string::npos);
  EXPECT_NE(importFolder(root, packed(), checkpoint).status().message().find("has no config.json"), std::string::npos);
}

TEST_F(HuggingFaceTest, OtherShapesAreNotExported) {
  auto expectRefusal = [&](const std::string &reason) {
    writeFolder();
    ASSERT_TRUE(importFolder(folder, packed(), checkpoint).ok());
    auto report = exportFolder(**CheckpointReader::open(checkpoint), root / "exported");
    EXPECT_NE(report.status().message().find(reason), std::string::npos) << report.status().message();
    EXPECT_FALSE(fs::exists(root / "exported"));
  };
  model.config->norms[0]->kind = model.config->blocks[0]->norms[0]->kind = "layer";
  expectRefusal("has norm layer");
  describeModel();
  model.config->blocks[0]->attention[0]->output_bias = true;
  expectRefusal("has biases where none of the families");
  describeModel();
  model.config->norms[0]->eps = 1e-5;
  expectRefusal("layers differ in their norms (rms eps 1e-06; rms eps 1e-05)");
}

TEST_F(HuggingFaceTest, LayersThatDifferAreNotExported) {
  model.config->blocks[0]->layers = 1;
  auto wider = describeBlock(*model.config->norms[0]);
  wider->mlp[0]->intermediate = 16;
  model.config->blocks.push_back(std::move(wider));
  writeFolder();
  ASSERT_TRUE(importFolder(folder, packed(), checkpoint).ok());
  auto report = exportFolder(**CheckpointReader::open(checkpoint), root / "exported");
  EXPECT_NE(report.status().message().find("layers differ in their MLP (12 gated silu, bias false; 16 gated silu"),
            std::string::npos)
      << report.status().message();
}

} // namespace
} // namespace tritter
