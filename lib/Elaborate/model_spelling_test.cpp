// The spellings of a model: what they elaborate to, and what is said of wrong ones.

#include "tritter/Elaborate/ModelSpelling.h"

#include "tritter/Elaborate/Summary.h"

#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

#include <filesystem>
#include <fstream>

using namespace mlir;
using namespace mlir::tritter;

namespace {

class ModelSpelling : public testing::Test {
protected:
  ModelSpelling() : folder(std::filesystem::path(testing::TempDir()) / "model_spelling") {
    std::filesystem::create_directories(folder);
    context.getDiagEngine().registerHandler([this](Diagnostic &diagnostic) { message = diagnostic.str(); });
  }
  ~ModelSpelling() override { std::filesystem::remove_all(folder); }

  std::string write(const std::string &name, const std::string &text) {
    std::ofstream(folder / name) << text;
    return (folder / name).string();
  }

  /// The model's shape, or nothing where it was refused, with the reason in `message`.
  std::optional<schema::ModelConfigT> load(const std::string &spelling, int64_t vocab = 0) {
    message.clear();
    OwningOpRef<ModuleOp> module = loadModel(&context, spelling, vocab);
    if (!module)
      return std::nullopt;
    FailureOr<ModelOp> model = soleModel(*module);
    if (failed(model))
      return std::nullopt;
    name = model->getSymName().str();
    return summarise(*model);
  }

  std::filesystem::path folder;
  MLIRContext context{MLIRContext::Threading::DISABLED};
  std::string message, name;
};

// The numbers of parameters that the models are published with.
TEST_F(ModelSpelling, PresetsHaveThePublishedCounts) {
  const std::pair<const char *, uint64_t> published[] = {{"llama:1B", 1'235'814'400},     {"llama:3B", 3'212'749'824},
                                                         {"llama:7B", 6'738'415'616},     {"llama:8B", 8'030'261'248},
                                                         {"llama:10.7B", 10'731'524'096}, {"llama:13B", 13'015'864'320},
                                                         {"llama:70B", 70'553'706'496}};
  for (auto [name, parameters] : published) {
    std::optional<schema::ModelConfigT> config = load(name);
    ASSERT_TRUE(config) << name << ": " << message;
    EXPECT_EQ(config->parameters, parameters) << name;
  }
}

// Every preset is within 3 % of the size that it is named for (Llama's own names are looser).
TEST_F(ModelSpelling, SmallPresetsAreTheSizeOfTheirName) {
  const std::pair<const char *, double> named[] = {
      {"llama:15M", 15e6}, {"llama:25M", 25e6}, {"llama:125M", 125e6}, {"llama:350M", 350e6}};
  for (auto [name, size] : named) {
    std::optional<schema::ModelConfigT> config = load(name, 32000);
    ASSERT_TRUE(config) << name << ": " << message;
    EXPECT_NEAR(double(config->parameters), size, 0.03 * size) << name;
  }
}

TEST_F(ModelSpelling, ASmallPresetNeedsAVocabulary) {
  EXPECT_FALSE(load("llama:125M"));
  EXPECT_NE(message.find("names no vocabulary"), std::string::npos) << message;
  EXPECT_EQ(load("llama:125M", 512)->vocab, 512);
  // One that has a vocabulary keeps it.
  EXPECT_EQ(load("llama:7B", 512)->vocab, 32000);
}

TEST_F(ModelSpelling, AnUnknownPresetNamesTheNearest) {
  EXPECT_TRUE(load("llama:125m", 512));
  EXPECT_FALSE(load("llama:126M", 512));
  EXPECT_EQ(message, "there is no preset llama:126M: did you mean llama:125M?");
  EXPECT_FALSE(load("gpt2:huge-model", 512));
  EXPECT_NE(message.find("there are llama:15M, llama:25M"), std::string::npos) << message;
}

TEST_F(ModelSpelling, ReadsALlamaConfiguration) {
  std::string path = write("config.json", R"({"architectures": ["LlamaForCausalLM"], "model_type": "llama",
    "hidden_size": 64, "intermediate_size": 160, "num_attention_heads": 4, "num_hidden_layers": 3,
    "num_key_value_heads": 2, "head_dim": 32, "vocab_size": 100, "rms_norm_eps": 1e-5, "rope_theta": 500000.0,
    "rope_scaling": null, "tie_word_embeddings": true, "torch_dtype": "bfloat16", "max_position_embeddings": 128})");
  for (const std::string &spelling : {path, folder.string()}) {
    std::optional<schema::ModelConfigT> config = load(spelling);
    ASSERT_TRUE(config) << message;
    EXPECT_EQ(name, "llama");
    EXPECT_EQ(config->layers, 3u);
    EXPECT_EQ(config->hidden, 64u);
    EXPECT_EQ(config->blocks[0]->attention[0]->heads, 4u);
    EXPECT_EQ(config->blocks[0]->attention[0]->kv_heads, 2u);
    EXPECT_EQ(config->blocks[0]->attention[0]->head_dim, 32u);
    EXPECT_EQ(config->blocks[0]->mlp[0]->intermediate, 160u);
    EXPECT_EQ(config->vocab, 100u);
    EXPECT_TRUE(config->tied);
    EXPECT_EQ(config->norms[0]->eps, 1e-5);
    EXPECT_EQ(config->blocks[0]->attention[0]->rope_theta, 500000.0);
    EXPECT_FALSE(config->blocks[0]->attention[0]->qkv_bias);
  }
}

TEST_F(ModelSpelling, AQwenHasBiasesOnQueryKeyAndValue) {
  std::optional<schema::ModelConfigT> config =
      load(write("config.json", R"({"architectures": ["Qwen2ForCausalLM"], "hidden_size": 64,
    "intermediate_size": 160, "num_attention_heads": 4, "num_hidden_layers": 1, "num_key_value_heads": 2,
    "vocab_size": 100, "use_sliding_window": false, "sliding_window": 16, "max_position_embeddings": 128})"));
  ASSERT_TRUE(config) << message;
  EXPECT_TRUE(config->blocks[0]->attention[0]->qkv_bias);
  EXPECT_FALSE(config->blocks[0]->mlp[0]->bias);
}

// As LlamaConfig, MistralConfig and Qwen2Config have it.
TEST_F(ModelSpelling, WhatAConfigurationLeavesOutIsItsClasss) {
  struct Expected {
    const char *type, *window;
    uint64_t vocab, intermediate, kvHeads, positions;
  };
  for (const Expected &expected : {Expected{"llama", "", 32000, 11008, 32, 2048},
                                   Expected{"mistral", R"(, "sliding_window": null)", 32000, 14336, 8, 131072},
                                   Expected{"qwen2", "", 151936, 22016, 32, 32768}}) {
    std::string begin = std::string(R"({"model_type": ")") + expected.type + "\"" + expected.window;
    std::optional<schema::ModelConfigT> config = load(write("config.json", begin + R"(, "num_hidden_layers": 1})"));
    ASSERT_TRUE(config) << message;
    EXPECT_EQ(name, expected.type);
    EXPECT_EQ(config->vocab, expected.vocab);
    EXPECT_EQ(config->hidden, 4096u);
    EXPECT_EQ(config->blocks[0]->mlp[0]->intermediate, expected.intermediate);
    EXPECT_EQ(config->blocks[0]->attention[0]->heads, 32u);
    EXPECT_EQ(config->blocks[0]->attention[0]->kv_heads, expected.kvHeads);
    EXPECT_EQ(config->blocks[0]->attention[0]->rope_theta, 10000.0);
    EXPECT_EQ(config->norms[0]->eps, 1e-6);
    EXPECT_EQ(config->max_positions, expected.positions);
    EXPECT_FALSE(config->tied);
    config = load(write("config.json", begin + R"(, "num_hidden_layers": 1, "num_attention_heads": 16,
      "num_key_value_heads": null})"));
    ASSERT_TRUE(config) << message;
    EXPECT_EQ(config->blocks[0]->attention[0]->kv_heads, 16u);
  }
  ASSERT_TRUE(load(write("config.json", R"({"model_type": "llama"})"))) << message;
}

TEST_F(ModelSpelling, AWindowIsDealtWithAsTheClassDoes) {
  auto loads = [&](const std::string &keys) {
    return load(write("config.json", "{" + keys + R"(, "num_hidden_layers": 2, "hidden_size": 64})")).has_value();
  };
  EXPECT_FALSE(loads(R"("model_type": "mistral")"));
  EXPECT_NE(message.find("\"sliding_window\" is left out, which in the family mistral means 4096"), std::string::npos)
      << message;
  EXPECT_TRUE(loads(R"("model_type": "mistral", "max_position_embeddings": 4096)")) << message;
  EXPECT_TRUE(loads(R"("model_type": "mistral", "sliding_window": null)")) << message;
  EXPECT_TRUE(loads(R"("model_type": "llama", "sliding_window": 16)")) << message;
  EXPECT_TRUE(loads(R"("model_type": "qwen2", "sliding_window": 16)")) << message;
  // Only layers from max_window_layers on have the window.
  EXPECT_TRUE(loads(R"("model_type": "qwen2", "sliding_window": 16, "use_sliding_window": true)")) << message;
  EXPECT_FALSE(loads(R"("model_type": "qwen2", "use_sliding_window": true, "max_window_layers": 1)"));
  EXPECT_FALSE(loads(
      R"("model_type": "qwen2", "use_sliding_window": true, "layer_types": ["full_attention", "sliding_attention"])"));
}

TEST_F(ModelSpelling, BiasesOfAttentionAndMlpAreApart) {
  auto biases = [&](const std::string &keys) {
    auto config = load(write("config.json", "{" + keys + R"(, "num_hidden_layers": 1, "hidden_size": 64})"));
    EXPECT_TRUE(config) << message;
    const schema::BlockConfigT &block = *config->blocks[0];
    return std::tuple(block.attention[0]->qkv_bias, block.attention[0]->output_bias, block.mlp[0]->bias);
  };
  EXPECT_EQ(biases(R"("model_type": "llama", "attention_bias": true)"), std::tuple(true, true, false));
  EXPECT_EQ(biases(R"("model_type": "llama", "mlp_bias": true)"), std::tuple(false, false, true));
  EXPECT_EQ(biases(R"("model_type": "llama", "attention_bias": true, "mlp_bias": true)"), std::tuple(true, true, true));
  // Their classes do not read it.
  EXPECT_EQ(biases(R"("model_type": "mistral", "sliding_window": null, "attention_bias": true)"),
            std::tuple(false, false, false));
  EXPECT_EQ(biases(R"("model_type": "qwen2", "attention_bias": true)"), std::tuple(true, false, false));
}

TEST_F(ModelSpelling, TheFamilyIsTheModelTypes) {
  const std::string sizes = R"(, "num_hidden_layers": 1, "hidden_size": 64, "sliding_window": null})";
  EXPECT_TRUE(load(write("config.json", R"({"model_type": "llama", "architectures": ["LLaMAForCausalLM"])" + sizes)))
      << message;
  EXPECT_TRUE(load(write("config.json", R"({"model_type": "llama", "architectures": ["LlamaModel"])" + sizes)))
      << message;
  EXPECT_FALSE(load(
      write("config.json", R"({"model_type": "llama", "architectures": ["LlamaForSequenceClassification"])" + sizes)));
  EXPECT_NE(message.find("LlamaForSequenceClassification, which is no language model"), std::string::npos) << message;
}

TEST_F(ModelSpelling, NestingWithoutEndIsRefused) {
  for (const std::string &open : {std::string("["), std::string("{\"a\":")}) {
    std::string text = R"({"model_type": "llama", "a": )";
    for (int i = 0; i < 200'000; ++i)
      text += open;
    EXPECT_FALSE(load(write("config.json", text)));
    EXPECT_NE(message.find("nest without end"), std::string::npos) << message;
  }
  EXPECT_TRUE(load(write("config.json", R"({"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 1, "a": ")" +
                                            std::string(100, '[') + "\"}")))
      << message;
}

TEST_F(ModelSpelling, SaysWhatIsWrongWithAConfiguration) {
  const std::string sizes = R"("hidden_size": 64, "intermediate_size": 160, "num_attention_heads": 4,
    "num_hidden_layers": 1, "vocab_size": 100)";
  auto refusal = [&](const std::string &text) {
    EXPECT_FALSE(load(write("config.json", text)));
    return message;
  };
  EXPECT_NE(refusal("{").find("not JSON"), std::string::npos) << message;
  EXPECT_NE(refusal("{}").find("known are LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM"), std::string::npos)
      << message;
  EXPECT_NE(refusal(R"({"architectures": ["BertModel"]})").find("the family BertModel is not known; known are Llama"),
            std::string::npos)
      << message;
  EXPECT_NE(refusal(R"({"architectures": ["LlamaForCausalLM"], "hidden_size": "wide"})").find("must be an integer"),
            std::string::npos)
      << message;
  EXPECT_NE(
      refusal(R"({"architectures": ["LlamaForCausalLM"], "rope_scaling": {"rope_type": "llama3"}, )" + sizes + "}")
          .find("\"rope_scaling\" of type llama3 is not implemented"),
      std::string::npos)
      << message;
  EXPECT_NE(refusal(R"({"architectures": ["MistralForCausalLM"], "sliding_window": 16,
    "max_position_embeddings": 128, )" +
                    sizes + "}")
                .find("\"sliding_window\" 16 is not implemented"),
            std::string::npos)
      << message;
}

TEST_F(ModelSpelling, ReadsATableOfAToml) {
  std::optional<schema::ModelConfigT> config = load(write("m.toml", R"([model]
name = "little"
layers = 2
hidden = 32
heads = 4
intermediate = 64
norm = "layer"
positions = "learned"
max_positions = 48
activation = "gelu"
gated = false
bias = true
)"),
                                                    77);
  ASSERT_TRUE(config) << message;
  EXPECT_EQ(name, "little");
  EXPECT_EQ(config->vocab, 77u);
  EXPECT_EQ(config->norms[0]->kind, "layer");
  EXPECT_EQ(config->positions, "learned");
  EXPECT_EQ(config->max_positions, 48u);
  EXPECT_EQ(config->blocks[0]->mlp[0]->activation, "gelu");
  EXPECT_FALSE(config->blocks[0]->mlp[0]->gated);
  EXPECT_TRUE(config->blocks[0]->mlp[0]->bias);

  config = load(write("p.toml", "[model]\npreset = \"llama:15M\"\nlayers = 3\nvocab = 64\n"));
  ASSERT_TRUE(config) << message;
  EXPECT_EQ(config->layers, 3u);
  EXPECT_EQ(config->hidden, 288u);
}

TEST_F(ModelSpelling, SaysWhereATomlIsWrong) {
  std::string path = write("m.toml", "[model]\nlayer = 2\n");
  EXPECT_FALSE(load(path));
  EXPECT_EQ(message, path + ":2: [model] has no key layer: did you mean layers?");
  EXPECT_FALSE(load(write("m.toml", "[model]\nlayers = \"two\"\n")));
  EXPECT_EQ(message, path + ":2: layers must be an integer");
  EXPECT_FALSE(load(write("m.toml", "[model]\nlayers = 2\nhidden = 8\nheads = 2\n")));
  EXPECT_EQ(message, path + ": the model names no intermediate");
  EXPECT_FALSE(load(write("m.toml", "[train]\nlr = 1\n")));
  EXPECT_NE(message.find("has no table [model]"), std::string::npos) << message;
  EXPECT_FALSE(load(write("m.toml", "[model\n")));
  EXPECT_NE(message.find(path + ":1: "), std::string::npos) << message;
}

TEST_F(ModelSpelling, AModuleOfIrMeansItself) {
  const char *text = "tritter.decoder @d {layers = 2, hidden = 8, heads = 2, intermediate = 16}";
  std::optional<schema::ModelConfigT> config = load(write("m.mlir", text), 20);
  ASSERT_TRUE(config) << message;
  EXPECT_EQ(name, "d");
  EXPECT_EQ(config->vocab, 20u);
  EXPECT_FALSE(load(write("m.mlir", "module {}"), 20));
  EXPECT_NE(message.find("holds no tritter.model"), std::string::npos) << message;
}

// One model, spelled in three ways; a preset cannot be this small.
TEST_F(ModelSpelling, TheSpellingsMeanOneThing) {
  auto text = [&](const std::string &spelling) {
    std::string printed;
    OwningOpRef<ModuleOp> module = loadModel(&context, spelling, 100);
    EXPECT_TRUE(module) << message;
    if (module) {
      llvm::raw_string_ostream stream(printed);
      ModelOp model = *soleModel(*module);
      model.setSymName("model");
      // A configuration's class has a bound always.
      model->removeAttr("max_positions");
      module->print(stream);
    }
    return printed;
  };
  std::string ir = text(TRITTER_EXAMPLES "/tiny.mlir");
  EXPECT_NE(ir.find("tritter.layer \"layers.3\" @llama"), std::string::npos) << ir;
  EXPECT_EQ(ir, text(TRITTER_EXAMPLES "/tiny.toml"));
  EXPECT_EQ(ir, text(write("config.json", R"({"architectures": ["LlamaForCausalLM"], "num_hidden_layers": 4,
    "hidden_size": 256, "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 704,
    "vocab_size": 100, "tie_word_embeddings": true, "rms_norm_eps": 1e-5})")));
}

// Layers of another block are described on their own.
TEST_F(ModelSpelling, LayersThatDifferAreDescribedApart) {
  auto block = [](std::string name, std::string width) {
    std::string x = "tensor<?x?x8xf32>", inner = "tensor<?x?x" + width + "xf32>";
    return "tritter.block @" + name + "(%x: " + x + ") -> " + x + " {\n" + "  %w = tritter.param \"up\" : tensor<" +
           width + "x8xf32>\n" + "  %u = tritter.linear %x, %w : " + x + ", tensor<" + width + "x8xf32>\n" +
           "  %a = tritter.activation relu %u : " + inner + "\n" + "  %v = tritter.param \"down\" : tensor<8x" + width +
           "xf32>\n" + "  %d = tritter.linear %a, %v : " + inner + ", tensor<8x" + width + "xf32>\n" +
           "  tritter.yield %d : " + x + "\n}\n";
  };
  std::optional<schema::ModelConfigT> config = load(write("m.mlir", block("narrow", "12") + block("wide", "20") + R"(
    tritter.model @m(%tokens: tensor<?x?xi32>) -> tensor<?x?x16xf32> {
      %t = tritter.param "embed" : tensor<16x8xf32>
      %0 = tritter.embedding %tokens, %t : tensor<?x?xi32>, tensor<16x8xf32>
      %1 = tritter.layer "a" @narrow(%0) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
      %2 = tritter.layer "b" @wide(%1) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
      %3 = tritter.layer "c" @narrow(%2) : (tensor<?x?x8xf32>) -> tensor<?x?x8xf32>
      %4 = tritter.linear %3, %t : tensor<?x?x8xf32>, tensor<16x8xf32>
      tritter.yield %4 : tensor<?x?x16xf32>
    })"));
  ASSERT_TRUE(config) << message;
  EXPECT_EQ(config->layers, 3u);
  EXPECT_EQ(config->parameters, 16u * 8 + 2 * (2 * 12 * 8) + 2 * 20 * 8);
  EXPECT_TRUE(config->tied);
  EXPECT_TRUE(config->norms.empty());
  ASSERT_EQ(config->blocks.size(), 2u);
  EXPECT_EQ(config->blocks[0]->name, "narrow");
  EXPECT_EQ(config->blocks[0]->layers, 2u);
  EXPECT_EQ(config->blocks[0]->mlp[0]->intermediate, 12u);
  EXPECT_EQ(config->blocks[1]->layers, 1u);
  EXPECT_EQ(config->blocks[1]->mlp[0]->intermediate, 20u);
  EXPECT_FALSE(config->blocks[1]->mlp[0]->gated);
  EXPECT_TRUE(config->blocks[1]->attention.empty());
}

TEST_F(ModelSpelling, WhatIsNoModelIsRefused) {
  EXPECT_FALSE(load((folder / "absent.mlir").string()));
  EXPECT_NE(message.find("No such file"), std::string::npos) << message;
  EXPECT_FALSE(load("weights.bin"));
  EXPECT_NE(message.find("a model is a preset (llama:125M)"), std::string::npos) << message;
}

} // namespace
