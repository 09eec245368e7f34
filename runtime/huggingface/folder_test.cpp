// Folders whose files and configuration disagree, and what is no model folder.
#include "runtime/huggingface/huggingface_fixture.h"

namespace tritter {
namespace {

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
  EXPECT_NE(
      report.status().message().find("lacks tensor model.embed_tokens.weight, which its config.json calls for; it "
                                     "has net.model.embed_tokens.weight, with `net.` before it"),
      std::string::npos)
      << report.status().message();
  report = rename([](std::string name) { return name == "model.norm.weight" ? "model.norms.weight" : name; });
  EXPECT_NE(report.status().message().find("the nearest that it has is model.norms.weight"), std::string::npos)
      << report.status().message();
}

TEST_F(HuggingFaceTest, AModelWithoutItsHeadIsSaidToBeThat) {
  tensors.pop_back();
  expectImportFailure("is a model without a head for language (LlamaForCausalLM): it lacks tensor lm_head.weight");
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
  EXPECT_NE(import(root / "cache", checkpoint).status().message().find("import snapshots/abc in it"),
            std::string::npos);
  std::ofstream(root / "m.gguf") << "GGUF1234";
  EXPECT_NE(import(root / "m.gguf", checkpoint).status().message().find("is a GGUF file"), std::string::npos);
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
  EXPECT_NE(import(folder, checkpoint).status().message().find("neither model.safetensors nor"), std::string::npos);
  EXPECT_NE(import(root, checkpoint).status().message().find("has no config.json"), std::string::npos);
}

} // namespace
} // namespace tritter
