#include "BlockGradients.h"

#include "ReverseMode.h"
#include "SavedValues.h"

using namespace mlir;
using namespace mlir::tritter;

const BlockGradients *BlockDifferentiator::get(BlockOp block, const BlockUse &use) {
  auto [known, inserted] = variants.insert({{block, use}, {}});
  if (inserted && failed(build(block, use, known->second)))
    return nullptr;
  return &known->second;
}

/// The type of a graph as its body has it.
static FunctionType typeOf(Block &body) {
  return FunctionType::get(body.front().getContext(), body.getArgumentTypes(), body.getTerminator()->getOperandTypes());
}

LogicalResult BlockDifferentiator::build(BlockOp block, const BlockUse &use, BlockGradients &gradients) {
  OpBuilder builder(block->getContext());
  builder.setInsertionPointAfter(block);
  std::string name = block.getSymName().str();
  BlockOp forward = block.clone();
  forward.setSymName(name + ".forward");
  auto backward = BlockOp::create(builder, block.getLoc(), name + ".backward", builder.getFunctionType({}, {}));
  symbols.insert(forward, backward->getIterator());
  symbols.insert(backward);
  backward->moveAfter(forward);
  gradients.forward = forward;
  gradients.backward = backward;

  Block &from = forward.getBody().front(), &to = backward.getBody().front();
  ReverseMode reverse(use.train);
  for (auto [argument, wanted] : llvm::zip_equal(from.getArguments(), use.inputs))
    if (wanted)
      reverse.want(argument);
  for (Operation &op : llvm::make_early_inc_range(from.without_terminator())) {
    if (auto param = dyn_cast<ParamOp>(op))
      param.removeInitAttr();
    reverse.follow(&op);
  }

  auto yield = cast<YieldOp>(from.getTerminator());
  builder.setInsertionPointToEnd(&to);
  for (auto [value, given] : llvm::zip_equal(yield.getValues(), use.results)) {
    if (!given)
      continue;
    Value gradient = to.addArgument(value.getType(), value.getLoc());
    if (reverse.isWanted(value))
      reverse.add(builder, value, gradient);
  }
  for (Operation &op : llvm::reverse(from.without_terminator()))
    if (failed(reverse.backward(builder, &op)))
      return failure();
  SmallVector<Value> inputGradients;
  for (auto [index, argument] : llvm::enumerate(from.getArguments()))
    if (Value gradient = use.inputs[index] ? reverse.gradient(builder, argument) : Value()) {
      gradients.inputs.push_back(index);
      inputGradients.push_back(gradient);
    }
  YieldOp::create(builder, block.getLoc(), inputGradients);
  eraseDeadOps(to);

  for (Value value : saveOrRecompute(from, to, recompute)) {
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      gradients.operands.push_back({true, argument.getArgNumber()});
      continue;
    }
    auto known = llvm::find(yield.getValues(), value);
    unsigned index = std::distance(yield.getValues().begin(), known);
    if (known == yield.getValues().end()) {
      yield.getValuesMutable().append(value);
      ++saved;
    }
    gradients.operands.push_back({false, index});
  }
  forward.setFunctionType(typeOf(from));
  backward.setFunctionType(typeOf(to));
  return success();
}
