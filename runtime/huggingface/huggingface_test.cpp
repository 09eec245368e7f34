#include "runtime/huggingface/huggingface.h"

#include "runtime/huggingface/folder.h"
#include "runtime/huggingface/json_file.h"

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

TEST_F(HuggingFaceTest, ImportsEveryTensorVerbatim) {
  tensors[1].dtype = "BF16";
  size_t parameters = tensors.size();
  // Buffers that nobody computes with.
  for (const char *buffer : {"model.layers.1.self_attn.rotary_emb.inv_freq", "model.rotary_emb.inv_freq",
                             "model.layers.0.self_attn.rotary_emb.cos_cached"})
    tensors.push_back(tensor(buffer, {2}));
  writeFolder();
  tensors.resize(parameters);
  auto report = import(folder, checkpoint);
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
  ASSERT_TRUE(import(folder, checkpoint).ok());
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
  ASSERT_TRUE(import(root / "exported", second).ok());
  auto again = CheckpointReader::open(second);
  ASSERT_TRUE(again.ok());
  expectSameTensors(**again);
}

TEST_F(HuggingFaceTest, ExportRoundsToTheTypeAskedFor) {
  writeFolder();
  ASSERT_TRUE(import(folder, checkpoint).ok());
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
  ASSERT_TRUE(import(folder, checkpoint).ok());
  expectSameTensors(**CheckpointReader::open(checkpoint));
  // An index that is older than its shards, and wider.
  map["lm_head.weight"] = "model-00001-of-00002.safetensors";
  map["model.layers.7.mlp.up_proj.weight"] = "model-00001-of-00002.safetensors";
  map.erase("model.norm.weight");
  writeIndex();
  auto report = import(folder, checkpoint);
  ASSERT_TRUE(report.ok()) << report.status().message();
  expectSameTensors(**CheckpointReader::open(checkpoint));
  ASSERT_EQ(report->notes.size(), 1u);
  EXPECT_NE(report->notes[0].find("names 1 tensors that its files do not hold, such as model.layers.7"),
            std::string::npos);
  map["lm_head.weight"] = "model-00003-of-00003.safetensors";
  writeIndex();
  report = import(folder, checkpoint);
  EXPECT_NE(report.status().message().find("model-00003-of-00003.safetensors is not there"), std::string::npos);
  map["lm_head.weight"] = "../elsewhere.safetensors";
  writeIndex();
  report = import(folder, checkpoint);
  EXPECT_NE(report.status().message().find("lm_head.weight is not in a file beside it"), std::string::npos);
}

TEST_F(HuggingFaceTest, HalvesBecomeFloats) {
  std::vector<uint16_t> halves = {0x3C00, 0xC000, 0x3555, 0x0001, 0x83FF, 0x7BFF, 0xFBFF, 0x0000};
  tensors[19] = {"model.norm.weight", "F16", {8}, [&](uint64_t offset, std::span<std::byte> out) {
                   std::memcpy(out.data(), reinterpret_cast<std::byte *>(halves.data()) + offset, out.size());
                   return Status();
                 }};
  writeFolder();
  auto report = import(folder, checkpoint);
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_EQ(report->converted, 1u);
  auto reader = CheckpointReader::open(checkpoint);
  std::vector<float> values(8);
  std::memcpy(values.data(), (*reader)->bytes(*(*reader)->find("final_norm.weight")).data(), 32);
  EXPECT_EQ(values, (std::vector<float>{1, -2, 0x1.554p-2f, 0x1p-24f, -0x1.FF8p-15f, 65504, -65504, 0}));
}

TEST_F(HuggingFaceTest, WhatIsNotFiniteIsNamed) {
  auto hold = [&](const char *dtype, auto bits, size_t index) {
    std::vector<decltype(bits)> values(8);
    values[index] = bits;
    tensors[19] = {"model.norm.weight", dtype, {8}, [values](uint64_t offset, std::span<std::byte> out) {
                     std::memcpy(out.data(), reinterpret_cast<const std::byte *>(values.data()) + offset, out.size());
                     return Status();
                   }};
  };
  hold("F32", uint32_t(0x7F800000), 3);
  expectImportFailure("tensor model.norm.weight is not finite: its element 3 is inf");
  hold("BF16", uint16_t(0xFF80), 7);
  expectImportFailure("tensor model.norm.weight is not finite: its element 7 is -inf");
  hold("F16", uint16_t(0x7E00), 0);
  expectImportFailure("tensor model.norm.weight is not finite: its element 0 is nan");
  // Finite as it is stored, beyond f32.
  hold("F64", uint64_t(0x7FE0000000000000), 1);
  expectImportFailure("tensor model.norm.weight is not finite: its element 1 is inf");
}

TEST_F(HuggingFaceTest, ATiedHeadIsTakenAsItIsStored) {
  config["tie_word_embeddings"] = true;
  auto head = std::move(model.parameters.back());
  model.parameters.pop_back();
  // Twice the same.
  tensors.back().producer = tensors.front().producer;
  writeFolder();
  auto report = import(folder, checkpoint);
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_TRUE(report->notes.empty());
  // Under the head's name alone.
  SafetensorsTensor table = tensors.front();
  tensors.erase(tensors.begin());
  writeFolder();
  report = import(folder, checkpoint);
  ASSERT_TRUE(report.ok()) << report.status().message();
  ASSERT_EQ(report->notes.size(), 1u);
  EXPECT_NE(report->notes[0].find("the table of tokens is stored as lm_head.weight"), std::string::npos);
  auto reader = CheckpointReader::open(checkpoint);
  EXPECT_TRUE(std::ranges::equal((*reader)->bytes(*(*reader)->find("embed.weight")), bytesOf(table)));
  // Two that differ: then it is not tied, and that is said.
  tensors.insert(tensors.begin(), table);
  tensors.back() = tensor("lm_head.weight", {16, 8});
  model.parameters.push_back(std::move(head));
  writeFolder();
  report = import(folder, checkpoint);
  ASSERT_TRUE(report.ok()) << report.status().message();
  ASSERT_EQ(report->notes.size(), 1u);
  EXPECT_NE(report->notes[0].find("lm_head.weight differs from model.embed_tokens.weight"), std::string::npos);
  expectSameTensors(**CheckpointReader::open(checkpoint));
}

TEST_F(HuggingFaceTest, WrappersAndInnerModelsAreNamedByTheirFamily) {
  std::vector<SafetensorsTensor> plain = tensors;
  auto rename = [&](const std::function<std::string(std::string)> &change) {
    for (size_t i = 0; i < plain.size(); ++i)
      tensors[i].name = change(plain[i].name);
    writeFolder();
    tensors = plain;
    return import(folder, checkpoint);
  };
  for (std::string prefix : {"_orig_mod.", "module.", "_orig_mod.module.", "module._orig_mod."}) {
    auto report = rename([&](std::string name) { return prefix + name; });
    ASSERT_TRUE(report.ok()) << report.status().message();
    EXPECT_NE(report->notes[0].find(prefix + "lm_head.weight"), std::string::npos) << report->notes[0];
    expectSameTensors(**CheckpointReader::open(checkpoint));
  }
  // One in the middle, as activation checkpointing has it.
  auto report = rename([](std::string name) {
    size_t at = name.find(".mlp.");
    return at == name.npos ? name : name.insert(at, "._checkpoint_wrapped_module");
  });
  ASSERT_TRUE(report.ok()) << report.status().message();
  expectSameTensors(**CheckpointReader::open(checkpoint));
  // Without `model.`, as the class without a head writes it.
  report = rename([](std::string name) { return name.starts_with("model.") ? name.substr(6) : name; });
  ASSERT_TRUE(report.ok()) << report.status().message();
  expectSameTensors(**CheckpointReader::open(checkpoint));
  // One that nobody knows is named.
  report = rename([](std::string name) { return "net." + name; });
  EXPECT_NE(report.status().message().find("lacks tensor model.embed_tokens.weight, which its config.json calls for; it "
                                           "has net.model.embed_tokens.weight, with `net.` before it"),
            std::string::npos)
      << report.status().message();
  report = rename([](std::string name) { return name == "model.norm.weight" ? "model.norms.weight" : name; });
  EXPECT_NE(report.status().message().find("the nearest that it has is model.norms.weight"), std::string::npos)
      << report.status().message();
}

TEST_F(HuggingFaceTest, AModelWithoutItsHeadIsSaidToBeThat) {
  tensors.pop_back();
  expectImportFailure("is a model without its head: it lacks tensor lm_head.weight");
}

TEST_F(HuggingFaceTest, WhatIsNoModelIsNamed) {
  auto failure = [&] {
    auto report = import(folder, checkpoint);
    return report.ok() ? "" : std::string(report.status().message());
  };
  auto expectFailure = [&](const char *expected) {
    std::string message = failure();
    EXPECT_NE(message.find(expected), std::string::npos) << message;
  };
  writeFolder();
  std::ofstream(folder / "adapter_config.json") << R"({"peft_type": "LORA", "base_model_name_or_path": "a/b"})";
  expectFailure("is an adapter (LORA of a/b), not a model");
  fs::remove(folder / "adapter_config.json");
  tensors.push_back(tensor("model.layers.0.self_attn.q_proj.lora_A.weight", {4, 8}));
  writeFolder();
  expectFailure("holds an adapter's tensors (model.layers.0.self_attn.q_proj.lora_A.weight)");
  tensors.back() = tensor("model.layers.0.self_attn.q_proj.weight_scale", {1});
  writeFolder();
  expectFailure("is quantised (it has tensor model.layers.0.self_attn.q_proj.weight_scale)");
  tensors.pop_back();
  config["quantization_config"] = {{"quant_method", "bitsandbytes"}, {"load_in_4bit", true}};
  writeFolder();
  expectFailure("is quantised (by bitsandbytes in 4 bits, says quantization_config of config.json)");
  config["quantization_config"] = nullptr;
  writeFolder();
  std::ofstream(folder / "quantize_config.json") << "{}";
  expectFailure("is quantised (it has quantize_config.json)");
  fs::remove(folder / "quantize_config.json");
  EXPECT_EQ(failure(), "");
  std::ofstream(folder / "model.safetensors") << "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n";
  expectFailure("model.safetensors is a Git LFS pointer");
  fs::remove(folder / "model.safetensors");
  std::ofstream(folder / "pytorch_model.bin") << "PK";
  expectFailure("weights in pickled files (pytorch_model.bin) can run code");
  std::string nested(300'000, '[');
  std::ofstream(folder / "config.json") << R"({"model_type": "llama", "a": )" + nested;
  expectFailure("its brackets nest without end");
  fs::remove(folder / "config.json");
  EXPECT_NE(import(root, checkpoint).status().message().find("has no config.json"), std::string::npos);
  fs::create_directories(root / "cache" / "snapshots" / "abc");
  EXPECT_NE(import(root / "cache", checkpoint).status().message().find("import snapshots/abc in it"), std::string::npos);
  std::ofstream(root / "m.gguf") << "GGUF1234";
  EXPECT_NE(import(root / "m.gguf", checkpoint).status().message().find("is a GGUF file"), std::string::npos);
}

TEST_F(HuggingFaceTest, SmallFilesAndTheFamilyGoOutAsTheyCame) {
  std::vector<SafetensorsTensor> plain = tensors;
  config = {{"model_type", "mistral"},
            {"architectures", {"MistralForCausalLM"}},
            {"sliding_window", 64},
            {"hidden_act", "swish"},
            {"bos_token_id", 1},
            {"eos_token_id", {2, 7}},
            {"pad_token_id", 0},
            {"dtype", "float32"},
            {"rope_parameters", {{"rope_theta", 500000.0}, {"rope_type", "default"}}}};
  writeFolder();
  const std::map<std::string, std::string> small = {{"generation_config.json", R"({"eos_token_id": [2, 7]})"},
                                                    {"chat_template.jinja", "{{ messages }}"},
                                                    {"additional_chat_templates/tools.jinja", "{{ tools }}"},
                                                    {"LICENSE", "free"},
                                                    {"empty.json", ""}};
  fs::create_directories(folder / "additional_chat_templates");
  for (const auto &[name, text] : small)
    std::ofstream(folder / name) << text;
  // A checkpoint never carries code, nor weights twice, nor what is hidden.
  for (const char *name : {"modeling.py", "optimizer.pt", ".gitattributes"})
    std::ofstream(folder / name) << "x";
  auto report = import(folder, checkpoint);
  ASSERT_TRUE(report.ok()) << report.status().message();
  EXPECT_EQ(report->carriedFiles, small.size() + 1);
  auto reader = CheckpointReader::open(checkpoint);
  ASSERT_TRUE(reader.ok());
  fs::path out = root / "exported";
  auto exported = exportFolder(**reader, out);
  ASSERT_TRUE(exported.ok()) << exported.status().message();
  EXPECT_EQ(exported->family, "mistral");
  for (const auto &[name, text] : small)
    EXPECT_EQ(contents(out / name), text) << name;
  for (const char *name : {"modeling.py", "optimizer.pt", ".gitattributes"})
    EXPECT_FALSE(fs::exists(out / name)) << name;
  auto theirs = readJsonFile(out / "config.json");
  ASSERT_TRUE(theirs.ok());
  EXPECT_EQ((*theirs)["model_type"], "mistral");
  EXPECT_EQ((*theirs)["architectures"], nlohmann::json({"MistralForCausalLM"}));
  EXPECT_TRUE((*theirs)["sliding_window"].is_null());
  EXPECT_EQ((*theirs)["hidden_act"], "swish");
  EXPECT_EQ((*theirs)["eos_token_id"], nlohmann::json({2, 7}));
  EXPECT_EQ((*theirs)["pad_token_id"], 0);
  EXPECT_EQ((*theirs)["dtype"], "float32");
  EXPECT_FALSE(theirs->contains("torch_dtype"));
  EXPECT_EQ((*theirs)["rope_parameters"]["rope_theta"], 500000.0);
}

TEST_F(HuggingFaceTest, NamesThatLeaveTheFolderAreNotWritten) {
  writeFolder();
  ASSERT_TRUE(import(folder, checkpoint).ok());
  for (const char *name : {"../evil.json", "/tmp/evil.json", "a/b.json", ".hidden", "", "additional_chat_templates/../../x",
                           "run.py"}) {
    auto reader = CheckpointReader::open(checkpoint);
    schema::ManifestT manifest;
    (*reader)->manifest().UnPackTo(&manifest);
    manifest.folder_files.back()->name = name;
    std::vector<TensorDeclaration> declarations;
    for (const auto &tensor : manifest.tensors)
      declarations.push_back({tensor->name, tensor->kind, tensor->shape, tensor->dtype});
    std::string crafted = root / "crafted.tckpt";
    auto writer = CheckpointWriter::create(crafted, declarations);
    for (size_t i = 0; i < declarations.size(); ++i)
      ASSERT_TRUE((*writer)->zero(i).ok());
    ASSERT_TRUE((*writer)->commit(std::move(manifest)).ok());
    auto report = exportFolder(**CheckpointReader::open(crafted), root / "exported");
    EXPECT_NE(report.status().message().find("which no import makes"), std::string::npos) << name;
  }
}

TEST_F(HuggingFaceTest, AnActivationThatIsImportedIsExported) {
  for (auto [ours, theirs] : {std::pair("gelu", "gelu"), {"relu", "relu"}, {"squared_relu", "relu2"}, {"gelu", "gelu_python"}}) {
    model.config->blocks[0]->mlp[0]->activation = ours;
    config["hidden_act"] = theirs;
    writeFolder();
    ASSERT_TRUE(import(folder, checkpoint).ok());
    auto report = exportFolder(**CheckpointReader::open(checkpoint), root / "exported");
    ASSERT_TRUE(report.ok()) << report.status().message();
    EXPECT_EQ((*readJsonFile(root / "exported" / "config.json"))["hidden_act"], theirs);
  }
}

TEST_F(HuggingFaceTest, ATokenizerWithMorePiecesThanRowsIsSaid) {
  writeFolder();
  std::ofstream(folder / "tokenizer.json")
      << R"({"model": {"vocab": {"a": 0, "b": 15}}, "added_tokens": [{"id": 16, "content": "[PAD]"}]})";
  auto report = import(folder, checkpoint);
  ASSERT_TRUE(report.ok()) << report.status().message();
  ASSERT_EQ(report->notes.size(), 1u);
  EXPECT_NE(report->notes[0].find("tokenizer.json has ids up to 16, the model 16 rows"), std::string::npos);
}

TEST_F(HuggingFaceTest, MissingUnknownAndMisshapenTensorsAreNamed) {
  SafetensorsTensor last = tensors.back(), norm = tensors[19];
  tensors.erase(tensors.begin() + 19);
  expectImportFailure("lacks tensor model.norm.weight");
  tensors.insert(tensors.begin() + 19, norm);
  tensors.back() = tensor("lm_head.weight", {16, 9});
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
  EXPECT_NE(import(folder, checkpoint).status().message().find("neither model.safetensors nor"),
            std::string::npos);
  EXPECT_NE(import(root, checkpoint).status().message().find("has no config.json"), std::string::npos);
}

TEST_F(HuggingFaceTest, OtherShapesAreNotExported) {
  auto expectRefusal = [&](const std::string &reason) {
    writeFolder();
    ASSERT_TRUE(import(folder, checkpoint).ok());
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
  ASSERT_TRUE(import(folder, checkpoint).ok());
  auto report = exportFolder(**CheckpointReader::open(checkpoint), root / "exported");
  EXPECT_NE(report.status().message().find("layers differ in their MLP (12 gated silu, bias false; 16 gated silu"),
            std::string::npos)
      << report.status().message();
}

} // namespace
} // namespace tritter
