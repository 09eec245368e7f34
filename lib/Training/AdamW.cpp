// --tritter-adamw: the program that updates what is trained.

#include "dialects/Tritter/TritterDialect.h"
#include "tritter/Support/ParameterLayout.h"
#include "tritter/Support/Training.h"
#include "tritter/Training/Passes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::tritter {
#define GEN_PASS_DEF_ADAMWPASS
#include "lib/Training/Passes.h.inc"
} // namespace mlir::tritter

using namespace mlir;
using namespace mlir::tritter;

namespace {

/// Writes the update of one model's parameters.
class Update {
public:
  Update(const ParameterLayout &layout, ProgramOp program)
      : layout(layout), program(program), loc(program.getLoc()),
        builder(OpBuilder::atBlockEnd(&program.getBody().front())) {}

  void build();

private:
  Value state(StringRef kind, const ParameterGroup &group);
  Value moment(StringRef kind, StateGrowth growth, const ParameterGroup &group);
  void set(StringRef kind, const ParameterGroup &group, Value value);
  /// A number of the host's, of all groups or of this one's base.
  Value scalar(const Twine &name);
  Value scalar(StringRef name, const ParameterGroup &group);
  Value rate(const ParameterGroup &group);
  void updateGroup(const ParameterGroup &group, Value gradient, ClipOp clip);

  const ParameterLayout &layout;
  ProgramOp program;
  Location loc;
  OpBuilder builder;
  llvm::StringMap<Value> scalars;
};

} // namespace

Value Update::state(StringRef kind, const ParameterGroup &group) {
  return StateOp::create(builder, loc, group.matrix(group.masterType), kind, group.name, StateGrowthAttr());
}

Value Update::moment(StringRef kind, StateGrowth growth, const ParameterGroup &group) {
  return StateOp::create(builder, loc, group.matrix(group.masterType), kind, group.name,
                         StateGrowthAttr::get(builder.getContext(), growth));
}

void Update::set(StringRef kind, const ParameterGroup &group, Value value) {
  SetStateOp::create(builder, loc, kind, group.name, value);
}

Value Update::scalar(const Twine &name) {
  std::string text = name.str();
  Value &value = scalars[text];
  if (!value)
    value = ScalarOp::create(builder, loc, RankedTensorType::get({}, layout.getGroups().front().masterType), text);
  return value;
}

Value Update::scalar(StringRef name, const ParameterGroup &group) {
  return scalar(group.base.empty() ? Twine(name) : name + "." + group.base);
}

Value Update::rate(const ParameterGroup &group) {
  Value rate = scalar("learning_rate", group);
  if (group.learningRateFactor == 1)
    return rate;
  return SpreadOp::create(builder, loc, rate.getType(), rate, builder.getF64FloatAttr(group.learningRateFactor));
}

void Update::updateGroup(const ParameterGroup &group, Value gradient, ClipOp clip) {
  Value master = state("master", group), m = moment("adam.m", StateGrowth::Adjoint, group);
  Value v = moment("adam.v", StateGrowth::AdjointSquared, group);
  Value learningRate = rate(group), beta1 = scalar("beta1"), beta2 = scalar("beta2");
  Value epsilon = scalar("epsilon"), correction1 = scalar("bias_correction1", group);
  Value correction2 = scalar("bias_correction2", group);
  Value decay = group.decayed ? scalar("weight_decay") : Value();
  auto update = AdamWOp::create(builder, loc, master, gradient, m, v, clip.getFactor(), clip.getFinite(), learningRate,
                                beta1, beta2, epsilon, correction1, correction2, decay);
  set("master", group, update.getNewMaster());
  set("adam.m", group, update.getNewM());
  set("adam.v", group, update.getNewV());
  if (!group.masterIsValue())
    set("value", group, CastOp::create(builder, loc, group.matrix(group.valueType), update.getNewMaster()));
}

void Update::build() {
  Value squaredNorm;
  SmallVector<Value> gradients;
  for (const ParameterGroup &group : layout.getGroups()) {
    gradients.push_back(state("gradient", group));
    Value square = SumOfSquaresOp::create(builder, loc, gradients.back());
    squaredNorm = squaredNorm ? AddOp::create(builder, loc, squaredNorm, square).getResult() : square;
  }
  Value limit = scalar("clip"), loss = scalar("loss"), wasFinite = scalar("finite");
  auto clip = ClipOp::create(builder, loc, squaredNorm, limit, loss, wasFinite);
  for (auto [group, gradient] : llvm::zip_equal(layout.getGroups(), gradients))
    updateGroup(group, gradient, clip);
  YieldOp::create(builder, loc, ValueRange{clip.getNorm(), clip.getFinite()});
  Type type = clip.getNorm().getType();
  program.setFunctionType(builder.getFunctionType({}, {type, type}));
}

namespace {

struct AdamWPass : tritter::impl::AdamWPassBase<AdamWPass> {
  using AdamWPassBase::AdamWPassBase;

  void runOnOperation() override {
    if (failed(run(getOperation())))
      signalPassFailure();
  }

  LogicalResult run(ModuleOp module) {
    FailureOr<Training> training = trainingOf(module);
    if (failed(training))
      return failure();
    ModelOp model = training->model;
    FailureOr<ParameterLayout> layout = ParameterLayout::get(model);
    if (failed(layout))
      return failure();
    if (layout->getGroups().empty())
      return model.emitOpError() << "has nothing to train: every parameter is frozen";
    OpBuilder builder(&getContext());
    builder.setInsertionPointToEnd(module.getBody());
    StringRef names[] = {"grad_norm", "finite"};
    auto type = RankedTensorType::get({}, builder.getF32Type());
    auto program =
        ProgramOp::create(builder, model.getLoc(), "update", builder.getFunctionType({}, {type, type}), names);
    Update(*layout, program).build();
    return success();
  }
};

} // namespace
