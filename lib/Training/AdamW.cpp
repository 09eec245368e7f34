// --tritter-adamw: the program that updates what is trained.

#include "dialects/Tritter/TritterDialect.h"
#include "tritter/Support/ParameterLayout.h"
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
  SmallVector<ParameterGroup> groups() const;
  Value state(StringRef kind, ParameterGroup group);
  void set(StringRef kind, ParameterGroup group, Value value);
  Value scalar(StringRef name);
  void updateGroup(ParameterGroup group, Value gradient, ClipOp clip);

  const ParameterLayout &layout;
  ProgramOp program;
  Location loc;
  OpBuilder builder;
  llvm::StringMap<Value> scalars;
};

} // namespace

SmallVector<ParameterGroup> Update::groups() const {
  return llvm::filter_to_vector(ArrayRef{ParameterGroup::Decayed, ParameterGroup::Undecayed},
                                [&](ParameterGroup group) { return layout.groupRows(group) > 0; });
}

static UnitAttr decayed(OpBuilder &builder, ParameterGroup group) {
  return group == ParameterGroup::Decayed ? builder.getUnitAttr() : UnitAttr();
}

Value Update::state(StringRef kind, ParameterGroup group) {
  return StateOp::create(builder, loc, layout.stateType(kind, group == ParameterGroup::Decayed),
                         builder.getStringAttr(kind), decayed(builder, group));
}

void Update::set(StringRef kind, ParameterGroup group, Value value) {
  SetStateOp::create(builder, loc, builder.getStringAttr(kind), decayed(builder, group), value);
}

Value Update::scalar(StringRef name) {
  Value &value = scalars[name];
  if (!value)
    value = ScalarOp::create(builder, loc, RankedTensorType::get({}, layout.masterType(groups().front())), name);
  return value;
}

void Update::updateGroup(ParameterGroup group, Value gradient, ClipOp clip) {
  Value master = state("master", group), m = state("adam.m", group), v = state("adam.v", group);
  Value learningRate = scalar("learning_rate"), beta1 = scalar("beta1"), beta2 = scalar("beta2");
  Value epsilon = scalar("epsilon"), correction1 = scalar("bias_correction1");
  Value correction2 = scalar("bias_correction2");
  Value decay = group == ParameterGroup::Decayed ? scalar("weight_decay") : Value();
  auto update = AdamWOp::create(builder, loc, master, gradient, m, v, clip.getFactor(), clip.getFinite(), learningRate,
                                beta1, beta2, epsilon, correction1, correction2, decay);
  set("master", group, update.getNewMaster());
  set("adam.m", group, update.getNewM());
  set("adam.v", group, update.getNewV());
  if (!layout.masterIsValue(group))
    set("value", group,
        CastOp::create(builder, loc, layout.stateType("value", group == ParameterGroup::Decayed),
                       update.getNewMaster()));
}

void Update::build() {
  Value squaredNorm;
  SmallVector<Value> gradients;
  for (ParameterGroup group : groups()) {
    gradients.push_back(state("gradient", group));
    Value square = SumOfSquaresOp::create(builder, loc, gradients.back());
    squaredNorm = squaredNorm ? AddOp::create(builder, loc, squaredNorm, square).getResult() : square;
  }
  auto clip = ClipOp::create(builder, loc, squaredNorm, scalar("clip"));
  for (auto [group, gradient] : llvm::zip_equal(groups(), gradients))
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
    auto models = llvm::to_vector(module.getOps<ModelOp>());
    if (models.size() != 1)
      return module.emitError() << "expected one tritter.model to train, found " << models.size();
    ModelOp model = models.front();
    FailureOr<ParameterLayout> layout = ParameterLayout::get(model);
    if (failed(layout))
      return failure();
    if (llvm::none_of(layout->parameters(), [](const LayoutParameter &parameter) { return parameter.trainable; }))
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
