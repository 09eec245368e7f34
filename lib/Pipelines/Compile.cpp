// From a model to an executable.

#include "tritter/Pipelines/Compile.h"

#include "dialects/Exec/ExecDialect.h"
#include "dialects/Growth/GrowthDialect.h"
#include "dialects/Row/RowDialect.h"
#include "tritter/Codegen/RowLowering.h"
#include "tritter/Codegen/Targets.h"
#include "tritter/Elaborate/ModelSpelling.h"
#include "tritter/Elaborate/Summary.h"
#include "tritter/Growth/Passes.h"
#include "tritter/Proof/Proof.h"
#include "tritter/Support/IrVersion.h"
#include "tritter/Support/Training.h"
#include "tritter/Target/CommandEmission.h"
#include "tritter/Target/CommandLowering.h"
#include "tritter/Training/Gradients.h"
#include "tritter/Training/Narrowing.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::tritter;

void mlir::tritter::registerCompiler(DialectRegistry &registry) {
  registry.insert<TritterDialect, growth::GrowthDialect, row::RowDialect, exec::ExecDialect, arith::ArithDialect,
                  math::MathDialect>();
  registerGradients(registry);
  registerNarrowing(registry);
  registerRowLowerings(registry);
  registerCommandLowerings(registry);
  exec::registerCommandEmission(registry);
  growth::registerGrowthRules(registry);
}

std::string mlir::tritter::canonicalModelText(ModuleOp module) {
  OwningOpRef<ModuleOp> copy = module.clone();
  std::string text;
  if (failed(finishGrowth(*copy)))
    return text;
  llvm::raw_string_ostream stream(text);
  stream << irVersionLine();
  copy->print(stream);
  stream << '\n';
  return text;
}

static std::string textOf(ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  module.print(stream);
  return text;
}

static schema::DType dtypeOf(Precision precision) {
  switch (precision) {
  case Precision::F32:
    return schema::DType::F32;
  case Precision::BF16:
    return schema::DType::BF16;
  case Precision::F64:
    return schema::DType::F64;
  }
  llvm_unreachable("unknown precision");
}

static LogicalResult runPasses(ModuleOp module, const CompileOptions &options) {
  PassManager passes(module.getContext());
  buildCompilePipeline(passes, options);
  return passes.run(module);
}

/// What decides the contents beside the IR.
static std::string describe(const CompileOptions &options) {
  CompileOptions deciding;
  deciding.copyOptionValuesFrom(options);
  deciding.printMemoryPlan = false;
  deciding.seed.setValue(WholeNumber(0));
  std::string text;
  llvm::raw_string_ostream stream(text);
  deciding.print(stream);
  return text;
}

/// Adds code for each target that the options name.
static LogicalResult addTargets(ModuleOp module, const CompileOptions &options, schema::ExecutableT &executable) {
  for (const row::CodeTarget *target : options.targets) {
    if (!target) // none
      continue;
    FailureOr<std::unique_ptr<schema::TargetT>> code = target->emit(module, executable);
    if (failed(code))
      return failure();
    (*code)->name = target->name.str();
    executable.targets.push_back(std::move(*code));
  }
  return success();
}

/// What the code was compiled for, which is more than the options say.
static std::string processorsOf(const schema::ExecutableT &executable) {
  std::string text;
  for (const std::unique_ptr<schema::TargetT> &target : executable.targets)
    text += target->name + " " + target->processor + " " + target->features + "\n";
  return text;
}

/// A copy of the module that has neither an objective nor other models: what a checkpoint of the trained one keeps.
static OwningOpRef<ModuleOp> trainedAlone(ModuleOp module, const Training &training) {
  OwningOpRef<ModuleOp> alone = module.clone();
  if (training.objective)
    for (Operation &op : llvm::make_early_inc_range(*alone->getBody()))
      if (isa<ObjectiveOp>(op) ||
          (isa<ModelOp>(op) && cast<ModelOp>(op).getSymName() != ModelOp(training.model).getSymName()))
        op.erase();
  return alone;
}

LogicalResult mlir::tritter::compile(ModuleOp module, const CompileOptions &options, schema::ExecutableT &executable) {
  FailureOr<Training> training = trainingOf(module);
  if (failed(training))
    return failure();
  bool programs = options.hasPrograms();
  executable.version = executableVersion;
  executable.ir_version = irVersion();
  executable.model_ir = canonicalModelText(*trainedAlone(module, *training));
  executable.model_name = ModelOp(training->model).getSymName().str();
  executable.config = std::make_unique<schema::ModelConfigT>(summarise(training->model));
  executable.precision = dtypeOf(options.precision);
  executable.batch = programs ? options.batch : 0;
  executable.sequence_length = programs ? options.sequence : 0;

  ParameterOptions parameters;
  parameters.seed = options.seed;
  parameters.storedTypes = parameterTypes(training->model, training->frozen);
  if (programs && (failed(runPasses(module, options)) || failed(emitProgram(module, executable))))
    return failure();
  if (programs && failed(addTargets(module, options, executable)))
    return failure();
  training = trainingOf(module);
  if (failed(training))
    return failure();
  parameters.frozen = training->frozen;
  if (failed(emitParameters(training->model, parameters, executable)))
    return failure();
  // What parameters begin with is no part of a program: a run that is resumed has it from its checkpoint.
  module.walk([](ParamOp param) { param.removeInitAttr(); });
  executable.fingerprint = fingerprint({compilerVersion, textOf(module), describe(options), processorsOf(executable)});
  return success();
}
