#ifndef TRITTER_RUNTIME_HUGGINGFACE_HUGGINGFACE_FIXTURE_H
#define TRITTER_RUNTIME_HUGGINGFACE_HUGGINGFACE_FIXTURE_H

#include "runtime/huggingface/folder.h"
#include "runtime/huggingface/huggingface.h"
#include "runtime/huggingface/json_file.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace tritter {

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
  /// As the job does it, but that the model is this one.
  Result<ImportReport> import(const std::string &from, const std::string &to) {
    TRITTER_ASSIGN(HuggingFaceFolder opened, HuggingFaceFolder::open(from));
    model.config->tied = opened.config.value("tie_word_embeddings", false);
    return importFolder(opened, packed(), to);
  }
  std::string importFailure() {
    writeFolder();
    auto report = import(folder, checkpoint);
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

} // namespace tritter

#endif // TRITTER_RUNTIME_HUGGINGFACE_HUGGINGFACE_FIXTURE_H
