// Which model of a module is trained.

#include "tritter/Support/Training.h"

using namespace mlir;
using namespace mlir::tritter;

FailureOr<Training> tritter::trainingOf(ModuleOp module) {
  Training training;
  for (ObjectiveOp objective : module.getOps<ObjectiveOp>()) {
    if (training.objective) {
      InFlightDiagnostic diagnostic = objective.emitOpError() << "is the second objective; a program has one";
      diagnostic.attachNote(training.objective.getLoc()) << "the first is here";
      return diagnostic;
    }
    training.objective = objective;
  }
  SmallVector<ModelOp> models(module.getOps<ModelOp>());
  if (!training.objective) {
    if (models.size() == 1) {
      training.model = models.front();
      return training;
    }
    return module.emitError() << "expected one tritter.model, or a tritter.objective that says which is trained; found "
                              << models.size() << " models";
  }
  for (ModelOp model : models) {
    auto isThis = [&](ApplyOp apply) { return apply.getModel() == model.getSymName(); };
    if (training.objective.getTrains() == model.getSymName())
      training.model = model;
    else if (llvm::any_of(training.objective.getBody().getOps<ApplyOp>(), isThis))
      training.frozen.push_back(model);
  }
  return training;
}
