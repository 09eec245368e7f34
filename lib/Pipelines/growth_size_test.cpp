// The size of what a growth leaves: a width growth of a 70B model, every neuron of which is mapped by itself.

#include "GrowthRecord.h"
#include "tritter/Pipelines/Compile.h"

#include "runtime/executable/derivation_pool.h"
#include "runtime/growth/lineage.h"
#include "tritter/Derivation/Passes.h"
#include "tritter/Elaborate/Passes.h"
#include "tritter/Growth/Passes.h"
#include "tritter/Proof/Adjoint.h"
#include "tritter/Proof/Proof.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <filesystem>
#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::tritter;

static constexpr int64_t neurons = 28672, grownNeurons = 2 * neurons;

static std::string replaced(std::string text, const std::string &from, const std::string &to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

/// Every neuron twice, in an order in which no two neighbours follow each other; shares of a third and two thirds.
static std::string mapOfNeurons(bool shares) {
  std::string map;
  for (int64_t j = 0; j < grownNeurons; ++j)
    map += llvm::formatv("{0}1 from {1}{2}", j ? ", " : "", j * 7919 % neurons,
                         !shares       ? ""
                         : j < neurons ? " times 1/3"
                                       : " times 2/3");
  return map;
}

/// The text of a graph of the base as one of the grown model: parameters derive from the base's, and those of neurons
/// by the maps.
static std::string grownGraph(StringRef text) {
  std::string rows = mapOfNeurons(false), columns = mapOfNeurons(true), result;
  SmallVector<StringRef> lines;
  text.split(lines, '\n');
  std::string size = std::to_string(neurons), grownSize = std::to_string(grownNeurons);
  for (StringRef line : lines) {
    std::string grown = replaced(line.str(), size, grownSize);
    auto [declaration, initialiser] = StringRef(grown).split(" = #");
    if (!line.contains("tritter.param \"")) {
      result += grown + "\n";
      continue;
    }
    StringRef name = line.split('"').second.split('"').first, type = line.split(" : ").second.split(" = #").first;
    StringRef grownType = declaration.split(" : ").second;
    result += (declaration + " derives {\n%s = growth.source @base \"" + name + "\" : " + type + "\n").str();
    bool down = name == "mlp.down.weight", mapped = type != grownType;
    if (mapped)
      result +=
          llvm::formatv("%g = growth.gather %s along {0} by <{1}> : {2}\n", down ? 1 : 0, down ? columns : rows, type);
    result += llvm::formatv("growth.yield {0} : {1}\n}\n", mapped ? "%g" : "%s", grownType);
  }
  return result;
}

static OwningOpRef<ModuleOp> elaborated(MLIRContext &context, const std::string &text) {
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  PassManager passes(&context);
  passes.addPass(createElaboratePass());
  passes.addPass(mlir::growth::createGrowthNormalisePass());
  EXPECT_TRUE(module && succeeded(passes.run(*module)));
  return module;
}

TEST(GrowthSize, OfEightyLayersWithAMapForEveryNeuron) {
  DialectRegistry registry;
  registerCompiler(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  OwningOpRef<ModuleOp> base = elaborated(
      context, "tritter.decoder @base {layers = 80, hidden = 8192, heads = 64, kv_heads = 8, intermediate = 28672, "
               "vocab = 128256}");
  std::string model, block;
  for (Operation &op : *base->getBody())
    llvm::raw_string_ostream(isa<ModelOp>(op) ? model : block) << op << "\n";
  std::string text = block + model;
  std::string blockName = (*base->getOps<BlockOp>().begin()).getSymName().str();
  model = replaced(grownGraph(model), "@base(", "@grown(");
  model = replaced(model, "@" + blockName + "(", "@wide(");
  for (int layer = 0; layer < 80; ++layer) {
    std::string path = llvm::formatv("\"layers.{0}\" @wide(", layer).str();
    size_t at = model.find(path);
    ASSERT_NE(at, std::string::npos) << model;
    model.insert(model.find(')', at) + 1, llvm::formatv(" from \"layers.{0}\"", layer).str());
  }
  block = replaced(grownGraph(block), "@" + blockName + "(", "@wide(");
  OwningOpRef<ModuleOp> module = elaborated(context, text + block + model);

  ModelOp baseModel, grown;
  for (ModelOp one : module->getOps<ModelOp>())
    (one.getSymName() == "base" ? baseModel : grown) = one;
  mlir::growth::ProofResult proof = mlir::growth::proveGrowth(baseModel, grown);
  EXPECT_EQ(proof.verdict, mlir::growth::Verdict::Rounding) << proof.str();
  mlir::growth::Adjoints adjoints(baseModel, grown);
  ParameterOptions options;
  options.adjoint = [&](ParamOp param, LayerOp layer) { return adjoints.find(param, layer); };
  schema::ExecutableT executable;
  executable.version = executableVersion;
  executable.growth = std::make_unique<schema::GrowthT>();
  executable.model_ir = canonicalModelText(*module);
  mlir::growth::DerivationTables tables;
  ASSERT_TRUE(succeeded(writeGrowthRecord(baseModel, grown, proof, tables, *executable.growth)));
  ASSERT_TRUE(succeeded(emitParameters(grown, options, tables, executable)));
  executable.derivations = tables.take();
  for (const auto &parameter : executable.parameters)
    EXPECT_TRUE(parameter->derivation->adjoint) << parameter->name;
  std::vector<uint8_t> bytes = serialise(executable);
  EXPECT_LT(bytes.size(), 8u << 20);
  // It is there: two maps of every neuron, each once.
  EXPECT_GT(bytes.size(), 2 * grownNeurons * sizeof(schema::Run));

  // The manifest of what is grown by that, moments and all; the tensors' bytes are not its concern.
  std::string path = std::filesystem::path(::testing::TempDir()) / llvm::formatv("base_{0}.tckpt", ::getpid()).str();
  auto writer = ::tritter::CheckpointWriter::create(path, {{"w", "value", {1}}});
  ASSERT_TRUE(writer.ok() && (*writer)->zero(0).ok() && (*writer)->commit({}).ok());
  auto reader = ::tritter::CheckpointReader::open(path);
  ASSERT_TRUE(reader.ok()) << reader.status().message();
  std::vector<::tritter::TensorDeclaration> tensors;
  for (const auto &parameter : executable.parameters)
    for (const char *kind : {"value", "adam.m", "adam.v"})
      tensors.push_back({parameter->name, kind, parameter->shape});
  schema::ManifestT manifest = ::tritter::grownManifest(**reader, *schema::GetExecutable(bytes.data()), 1);
  auto fits = ::tritter::checkManifestSize(manifest, tensors, 8 << 20);
  EXPECT_TRUE(fits.ok()) << fits.message();
  // A second growth by the same maps has none of its own.
  size_t maps = manifest.derivations->maps.size(), derivations = manifest.derivations->derivations.size();
  auto pool = ::tritter::DerivationPool::from(manifest.derivations.get());
  schema::ExecutableT second;
  schema::GetExecutable(bytes.data())->UnPackTo(&second);
  pool.adopt(second);
  auto both = pool.take();
  EXPECT_EQ(both->maps.size(), maps);
  EXPECT_EQ(both->derivations.size(), derivations);
  std::filesystem::remove(path);
}
