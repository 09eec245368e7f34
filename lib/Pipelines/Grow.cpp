// From a model and a growth to the executable that does it.

#include "GrowthRecord.h"
#include "WrittenGrowth.h"

#include "tritter/Derivation/Passes.h"
#include "tritter/Elaborate/ModelSpelling.h"
#include "tritter/Elaborate/Summary.h"
#include "tritter/Growth/Passes.h"
#include "tritter/Pipelines/Compile.h"
#include "tritter/Proof/Adjoint.h"
#include "tritter/Proof/Passes.h"
#include "tritter/Support/IrVersion.h"

#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::tritter;

static std::unique_ptr<schema::ModelConfigT> configOf(ModelOp model) {
  return std::make_unique<schema::ModelConfigT>(summarise(model));
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

/// An error in what the user asked for, which has no place in a file.
static LogicalResult refuse(ModuleOp module, const Twine &text) {
  return mlir::emitError(UnknownLoc::get(module.getContext()), text);
}

namespace {

/// The passes of a growth, in the order in which they run.
struct GrowthPasses {
  explicit GrowthPasses(MLIRContext *context)
      : grow(context, ModuleOp::getOperationName()), finish(context, ModuleOp::getOperationName()) {}

  /// Those that grow, then the folding to one growth and the proof.
  PassManager grow;
  /// What leaves the IR that a checkpoint keeps.
  PassManager finish;

  /// As `--pass-pipeline` takes them.
  std::string str();
};

} // namespace

std::string GrowthPasses::str() {
  std::string text = "builtin.module(";
  llvm::raw_string_ostream stream(text);
  for (OpPassManager *passes : {static_cast<OpPassManager *>(&grow), static_cast<OpPassManager *>(&finish)})
    for (Pass &pass : passes->getPasses()) {
      if (text.back() != '(')
        stream << ',';
      pass.printAsTextualPipeline(stream);
    }
  stream << ')';
  return text;
}

/// The elements of a pipeline: cut at the commas that no bracket holds.
static SmallVector<StringRef> splitPipeline(StringRef text) {
  SmallVector<StringRef> parts;
  size_t begin = 0;
  int depth = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    depth += StringRef("({<").contains(text[at]) - StringRef(")}>").contains(text[at]);
    if (text[at] == ',' && depth == 0) {
      parts.push_back(text.slice(begin, at).trim());
      begin = at + 1;
    }
  }
  parts.push_back(text.substr(begin).trim());
  return parts;
}

/// Adds the passes that `text` names, but for those that fold, prove and finish: they always run, in that order, so
/// that what a history says can be given again as it stands.
static LogicalResult addPasses(ModuleOp module, StringRef text, OpPassManager &passes) {
  text = text.trim();
  if (text.consume_front("builtin.module("))
    text.consume_back(")");
  SmallVector<StringRef> growing;
  for (StringRef part : splitPipeline(text)) {
    StringRef name = part.split('{').first;
    if (name != "growth-normalise" && name != "tritter-verify-growth" && name != "tritter-finish-growth")
      growing.push_back(part);
  }
  std::string problem;
  llvm::raw_string_ostream errors(problem);
  if (succeeded(parsePassPipeline(llvm::join(growing, ","), passes, errors)))
    return success();
  // The parser's first line only, without the position before it: that counts in a string that the user never wrote.
  StringRef line = StringRef(problem).split('\n').first;
  if (size_t at = line.find("error: "); at != StringRef::npos)
    line = line.substr(at + StringRef("error: ").size());
  if (line.empty()) // a pass that refuses an option reports it elsewhere
    line = "a pass does not take the options that it is given";
  return refuse(module, "--pipeline: " + line);
}

/// Says what the passes are to do: a method's plan, passes by name, or the folding of what a file holds.
static LogicalResult prepare(ModuleOp module, ModelOp base, const GrowthRequest &request, OpPassManager &passes,
                             schema::GrowthT &record) {
  if (!request.file.empty()) {
    record.method = "file";
    return takeWrittenGrowth(module, base, request.file);
  }
  if (!request.pipeline.empty()) {
    record.method = "pipeline";
    return addPasses(module, request.pipeline, passes);
  }
  std::string problem;
  std::optional<MethodPlan> plan = planMethod(request.method, base, request.options, problem);
  if (!plan)
    return refuse(module, problem);
  record.method = plan->method;
  for (auto &[label, text] : plan->notes) {
    auto note = std::make_unique<schema::GrowthNoteT>();
    note->label = label;
    note->text = text;
    record.notes.push_back(std::move(note));
  }
  return addPasses(module, plan->pipeline, passes);
}

/// Runs passes without what they have to remark, which the executable says.
static LogicalResult runQuietly(PassManager &passes, ModuleOp module) {
  ScopedDiagnosticHandler quiet(module.getContext(), [](Diagnostic &diagnostic) {
    return success(diagnostic.getSeverity() == DiagnosticSeverity::Remark);
  });
  return passes.run(module);
}

LogicalResult mlir::tritter::compileGrowth(ModuleOp module, const GrowthRequest &request,
                                           schema::ExecutableT &executable) {
  FailureOr<ModelOp> found = soleModel(module);
  if (failed(found))
    return failure();
  std::string name = found->getSymName().str();
  auto record = std::make_unique<schema::GrowthT>();
  record->source_config = configOf(*found);

  GrowthPasses passes(module.getContext());
  if (failed(prepare(module, *found, request, passes.grow, *record)))
    return failure();
  std::optional<growth::ProofResult> proof;
  passes.grow.addPass(growth::createGrowthNormalisePass());
  passes.grow.addPass(growth::createVerifyGrowthPass([&](const growth::ProofResult &result) { proof = result; }));
  passes.finish.addPass(createFinishGrowthPass());
  record->pipeline = passes.str();
  if (failed(runQuietly(passes.grow, module)))
    return failure();

  SmallVector<ModelOp> models(module.getOps<ModelOp>());
  ModelOp base = models.front(), grown = models.back();
  if (base == grown || !proof)
    return refuse(module, "--pipeline leaves no model that was grown from @" + name + ": it needs a pass that grows");
  record->proof = emitProof(*proof);
  growth::DerivationTables derivations;
  if (failed(writeGrowthRecord(base, grown, *proof, derivations, *record)))
    return failure();
  record->target_config = configOf(grown);
  executable.version = executableVersion;
  executable.model_name = name;
  executable.config = configOf(grown);
  executable.growth = std::move(record);
  ParameterOptions parameters;
  parameters.seed = request.seed;
  growth::Adjoints adjoints(base, grown);
  parameters.adjoint = [&](ParamOp param, LayerOp layer) { return adjoints.find(param, layer); };
  if (failed(emitParameters(grown, parameters, derivations, executable)))
    return failure();
  executable.derivations = derivations.take();
  for (const std::unique_ptr<schema::ParameterT> &parameter : executable.parameters)
    if (!parameter->derivation)
      return refuse(module, "`" + parameter->name +
                                "` of the grown model has no value: it needs `derives { ... }` of " +
                                "the base's parameters, or an initialiser such as `= #tritter.normal<0.02>`");
  std::string text;
  llvm::raw_string_ostream(text) << module;
  if (failed(passes.finish.run(module)))
    return failure();
  executable.ir_version = irVersion();
  executable.model_ir = canonicalModelText(module);
  executable.fingerprint = fingerprint({compilerVersion, executable.model_ir, text, std::to_string(request.seed)});
  return success();
}
