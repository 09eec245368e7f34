// What is imported and what is exported, of folders that are as they should be.
#include "runtime/huggingface/huggingface_fixture.h"

namespace tritter {
namespace {

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
  for (const char *name :
       {"../evil.json", "/tmp/evil.json", "a/b.json", ".hidden", "", "additional_chat_templates/../../x", "run.py"}) {
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
  for (auto [ours, theirs] :
       {std::pair("gelu", "gelu"), {"relu", "relu"}, {"squared_relu", "relu2"}, {"gelu", "gelu_python"}}) {
    model.config->blocks[0]->mlp[0]->activation = ours;
    config["hidden_act"] = theirs;
    writeFolder();
    ASSERT_TRUE(import(folder, checkpoint).ok());
    auto report = exportFolder(**CheckpointReader::open(checkpoint), root / "exported");
    ASSERT_TRUE(report.ok()) << report.status().message();
    EXPECT_EQ((*readJsonFile(root / "exported" / "config.json"))["hidden_act"], theirs);
  }
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
