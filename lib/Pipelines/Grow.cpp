// From a model and a method to the executable of a growth.

#include "tritter/Pipelines/Compile.h"

#include "tritter/Derivation/Derivation.h"
#include "tritter/Derivation/Passes.h"
#include "tritter/Elaborate/ModelSpelling.h"
#include "tritter/Elaborate/Summary.h"
#include "tritter/Growth/Passes.h"
#include "tritter/Proof/Adjoint.h"
#include "tritter/Proof/Proof.h"
#include "tritter/Support/IrVersion.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::tritter;

static std::unique_ptr<schema::ModelConfigT> configOf(ModelOp model) {
  return std::make_unique<schema::ModelConfigT>(summarise(model));
}

/// The number of the last growth that added layers to the model; 0 where there was none.
static int64_t lastGrowth(ModelOp model) {
  int64_t last = 0;
  model.walk([&](LayerOp layer) { last = std::max<int64_t>(last, layer.getAdded().value_or(0)); });
  return last;
}

static FailureOr<SmallVector<std::string>> zeroParameters(BlockOp block) {
  SmallVector<std::string> zero;
  for (ParamOp param : block.getBody().getOps<ParamOp>()) {
    if (param.getDerivation().empty())
      continue;
    FailureOr<growth::Derivation> derivation = growth::normalise(param, [&] { return param.emitOpError(); });
    if (failed(derivation))
      return failure();
    if (derivation->isZero())
      zero.push_back(param.getPath().str());
  }
  return zero;
}

static LogicalResult emitLayers(ModelOp base, ModelOp grown, schema::GrowthT &table) {
  int64_t before = lastGrowth(base);
  SymbolTableCollection symbols;
  llvm::DenseMap<Operation *, SmallVector<std::string>> zeroes;
  for (LayerOp layer : grown.getBody().getOps<LayerOp>()) {
    auto block = symbols.lookupNearestSymbolFrom<BlockOp>(layer, layer.getBlockAttr());
    if (!zeroes.contains(block)) {
      FailureOr<SmallVector<std::string>> zero = zeroParameters(block);
      if (failed(zero))
        return failure();
      zeroes[block] = *zero;
    }
    auto origin = std::make_unique<schema::LayerOriginT>();
    origin->name = layer.getPath().str();
    origin->origin = layer.getOrigin().value_or("").str();
    origin->added = int64_t(layer.getAdded().value_or(0)) > before;
    origin->zeroed.assign(zeroes[block].begin(), zeroes[block].end());
    table.layers.push_back(std::move(origin));
  }
  return success();
}

static std::unique_ptr<schema::ProofT> emitProof(const growth::ProofResult &result) {
  auto proof = std::make_unique<schema::ProofT>();
  switch (result.verdict) {
  case growth::Verdict::Exact:
    proof->verdict = schema::Verdict::Exact;
    break;
  case growth::Verdict::Rounding:
    proof->verdict = schema::Verdict::Rounding;
    break;
  case growth::Verdict::NotPreserved:
    proof->verdict = schema::Verdict::NotPreserved;
    break;
  }
  proof->bitwise = result.bitwise;
  proof->first_broken = result.firstBroken;
  proof->reason = result.reason;
  proof->seconds = result.seconds;
  proof->relative_error = result.relativeError;
  return proof;
}

/// What tritter-opt is given to do the same.
static std::string pipelineText(const GrowthRequest &request) {
  std::string options = llvm::formatv("strategy={0}", stringifyDepthStrategy(request.method));
  if (request.layers)
    options += llvm::formatv(" layers={0}", request.layers);
  if (request.removalLayers)
    options += llvm::formatv(" removal-layers={0}", request.removalLayers);
  return llvm::formatv("--tritter-depth-upscale=\"{0}\" --growth-normalise --tritter-verify-growth "
                       "--tritter-finish-growth",
                       options);
}

LogicalResult mlir::tritter::compileGrowth(ModuleOp module, const GrowthRequest &request,
                                           schema::ExecutableT &executable) {
  FailureOr<ModelOp> base = soleModel(module);
  if (failed(base))
    return failure();
  std::string name = base->getSymName().str();
  executable.version = executableVersion;
  executable.model_name = name;
  auto table = std::make_unique<schema::GrowthT>();
  table->method = stringifyDepthStrategy(request.method).str();
  table->pipeline = pipelineText(request);
  table->source_config = configOf(*base);

  // What the user asked for is at fault, not a place in a file: said here, before the pass would point at the model.
  std::string refusal;
  if (!planDepth(request.method, int64_t(summarise(*base).layers), request.layers,
                 request.removalLayers ? std::optional<int64_t>(request.removalLayers) : std::nullopt, refusal))
    return mlir::emitError(UnknownLoc::get(module.getContext()), refusal);

  PassManager passes(module.getContext());
  DepthUpscalePassOptions depth;
  depth.strategy = request.method;
  depth.layers = request.layers;
  depth.removalLayers = request.removalLayers;
  passes.addPass(createDepthUpscalePass(depth));
  passes.addPass(growth::createGrowthNormalisePass());
  if (failed(passes.run(module)))
    return failure();
  ModelOp grown;
  for (ModelOp model : module.getOps<ModelOp>())
    grown = model;

  growth::ProofResult proof = growth::proveGrowth(*base, grown);
  bool promised = request.method == DepthStrategy::LlamaPro;
  if (promised && !proof.preserved())
    return mlir::emitError(proof.location)
           << table->method << " promises the same function, but the proof finds it " << proof.str();
  table->proof = emitProof(proof);
  if (failed(emitLayers(*base, grown, *table)))
    return failure();
  table->target_config = configOf(grown);
  executable.config = configOf(grown);
  executable.growth = std::move(table);
  ParameterOptions parameters;
  parameters.seed = request.seed;
  growth::Adjoints adjoints(*base, grown);
  parameters.adjoint = [&](ParamOp param, LayerOp layer) { return adjoints.find(param, layer); };
  if (failed(emitParameters(grown, parameters, executable)))
    return failure();
  std::string text;
  llvm::raw_string_ostream(text) << module;
  executable.ir_version = irVersion();
  executable.model_ir = canonicalModelText(module);
  executable.fingerprint = fingerprint({compilerVersion, executable.model_ir, text, std::to_string(request.seed)});
  return success();
}
