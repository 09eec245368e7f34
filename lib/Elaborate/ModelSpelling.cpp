// From any spelling of a model to its IR.

#include "tritter/Elaborate/ModelSpelling.h"

#include "Description.h"

#include "dialects/Growth/GrowthDialect.h"
#include "tritter/Elaborate/Passes.h"
#include "tritter/Support/IrVersion.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace mlir::tritter;

LogicalResult tritter::spellingError(MLIRContext *context, const Twine &message) {
  return emitError(UnknownLoc::get(context), message);
}

static LogicalResult elaborateAll(ModuleOp module, int64_t vocab) {
  for (DecoderOp decoder : llvm::make_early_inc_range(module.getOps<DecoderOp>()))
    if (failed(elaborate(decoder, vocab)))
      return failure();
  if (module.getOps<ModelOp>().empty())
    return module.emitError("holds no tritter.model or tritter.decoder");
  return verify(module);
}

static OwningOpRef<ModuleOp> build(MLIRContext *context, const Description &description, StringRef spelling,
                                   int64_t vocab) {
  auto loc = FileLineColLoc::get(context, spelling, 0, 0);
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  OperationState state(loc, DecoderOp::getOperationName());
  state.addAttribute("sym_name", StringAttr::get(context, description.name));
  // The operation's verifier reads required attributes unchecked, so it is asked here whether they are there.
  for (StringRef key : {"layers", "hidden", "heads", "intermediate"})
    if (!description.attributes.get(key)) {
      (void)spellingError(context, spelling + ": the model names no " + key);
      return {};
    }
  state.addAttributes(description.attributes.getAttrs());
  OpBuilder builder = OpBuilder::atBlockEnd(module->getBody());
  Operation *decoder = builder.create(state);
  if (failed(verify(decoder)) || failed(elaborateAll(*module, vocab)))
    return {};
  return module;
}

OwningOpRef<ModuleOp> tritter::parseModel(MLIRContext *context, StringRef text, StringRef name, int64_t vocab) {
  context->loadDialect<TritterDialect, growth::GrowthDialect>();
  llvm::SourceMgr sources;
  FailureOr<std::string> newest = upgradeIr(text, [&] { return emitError(UnknownLoc::get(context)) << name << ": "; });
  if (failed(newest))
    return {};
  sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBufferCopy(*newest, name), llvm::SMLoc());
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(sources, context);
  if (!module || failed(elaborateAll(*module, vocab)))
    return {};
  return module;
}

/// The contents of a file, or an error that says why there are none.
static FailureOr<std::string> readFile(MLIRContext *context, StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return spellingError(context, path + ": " + buffer.getError().message());
  return (*buffer)->getBuffer().str();
}

OwningOpRef<ModuleOp> tritter::loadModel(MLIRContext *context, StringRef spelling, int64_t vocab) {
  context->loadDialect<TritterDialect, growth::GrowthDialect>();
  using Describe = FailureOr<Description> (*)(MLIRContext *, StringRef text, StringRef path);
  auto described = [&](Describe describe, StringRef path) -> OwningOpRef<ModuleOp> {
    FailureOr<std::string> text = readFile(context, path);
    if (failed(text))
      return {};
    FailureOr<Description> description = describe(context, *text, path);
    if (failed(description))
      return {};
    if (description->name.empty())
      description->name = llvm::sys::path::stem(path).str();
    return build(context, *description, path, vocab);
  };

  if (llvm::sys::fs::is_directory(spelling)) {
    SmallString<128> path(spelling);
    llvm::sys::path::append(path, "config.json");
    return described(describeHuggingFace, path);
  }
  if (llvm::sys::fs::exists(spelling) || !spelling.contains(':')) {
    StringRef extension = llvm::sys::path::extension(spelling);
    if (extension == ".json")
      return described(describeHuggingFace, spelling);
    if (extension == ".toml")
      return described(describeToml, spelling);
    if (extension == ".mlir") {
      FailureOr<std::string> text = readFile(context, spelling);
      return succeeded(text) ? parseModel(context, *text, spelling, vocab) : OwningOpRef<ModuleOp>();
    }
    (void)spellingError(context, spelling + ": not a model; a model is a preset (llama:125M), a Hugging Face folder or "
                                            "its config.json, a .toml file with a table [model], or a .mlir file");
    return {};
  }
  FailureOr<Description> preset = describePreset(context, spelling);
  return succeeded(preset) ? build(context, *preset, spelling, vocab) : OwningOpRef<ModuleOp>();
}

FailureOr<ModelOp> tritter::soleModel(ModuleOp module) {
  SmallVector<ModelOp> models(module.getOps<ModelOp>());
  if (models.size() == 1)
    return models.front();
  if (models.empty())
    return module.emitError("expected one tritter.model, found none");
  return module.emitError("expected one tritter.model, found ")
         << llvm::join(llvm::map_range(models, [](ModelOp model) { return ("@" + model.getSymName()).str(); }), ", ");
}
