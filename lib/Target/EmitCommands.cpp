// Commands as tables of the schema, as models of EmittableOpInterface.

#include "tritter/Target/CommandEmission.h"

#include "dialects/Exec/ExecDialect.h"
#include "tritter/Target/KernelEmission.h"

using namespace mlir;
using namespace mlir::exec;
using row::dtypeOf;
namespace schema = ::tritter::schema;

#include "lib/Target/EmittableInterface.cpp.inc"

template <typename Op> static schema::Operand operand(Op op, unsigned index) {
  return schema::Operand(cast<BlockArgument>(op->getOperand(index)).getArgNumber(), op.getOffsets()[index]);
}
template <typename Op> static std::unique_ptr<schema::Operand> place(Op op, unsigned index) {
  return std::make_unique<schema::Operand>(operand(op, index));
}

static LogicalResult emit(LaunchOp op, schema::StepT &step, EmissionContext &context) {
  FailureOr<unsigned> kernel = context.kernel(op, op.getKernelAttr());
  if (failed(kernel))
    return failure();
  schema::LaunchT table;
  table.kernel = *kernel;
  table.rows = op.getRows();
  table.blocks = op.getBlocks().value_or(0);
  for (unsigned i = 0; i < op->getNumOperands(); ++i)
    table.operands.push_back(operand(op, i));
  step.command.Set(std::move(table));
  return success();
}

static std::unique_ptr<schema::Matrix> matrix(GemmOp op, unsigned index, Type type, bool transposed) {
  return std::make_unique<schema::Matrix>(operand(op, index), op.getStrides()[index], dtypeOf(type), transposed);
}

static LogicalResult emit(GemmOp op, schema::StepT &step, EmissionContext &) {
  schema::GemmT table;
  table.m = op.getM();
  table.n = op.getN();
  table.k = op.getK();
  table.a = matrix(op, 0, op.getInputType(), op.getTransposeA());
  table.b = matrix(op, 1, op.getInputType(), op.getTransposeB());
  table.c = matrix(op, 2, op.getResultType(), false);
  if (op.getBias()) {
    table.bias = place(op, 3);
    table.bias_dtype = dtypeOf(*op.getBiasType());
  }
  table.accumulate = op.getAccumulate();
  step.command.Set(std::move(table));
  return success();
}

template <typename Op>
static std::unique_ptr<schema::HeadRows> headRows(Op op, unsigned index, unsigned strideIndex) {
  return std::make_unique<schema::HeadRows>(operand(op, index), op.getStrides()[strideIndex]);
}

template <typename Op> static schema::AttentionT attention(Op op) {
  schema::AttentionT table;
  table.batch = op.getBatch();
  table.sequence = op.getSequence();
  table.heads = op.getHeads();
  table.kv_heads = op.getKvHeads();
  table.head_dim = op.getHeadDim();
  table.scale = op.getScale().convertToDouble();
  table.dtype = dtypeOf(op.getType());
  table.query = headRows(op, 0, 0);
  table.key = headRows(op, 1, 1);
  table.value = headRows(op, 2, 2);
  table.out = headRows(op, 3, 3);
  table.log_sum_exp = place(op, 4);
  return table;
}

static LogicalResult emit(AttentionOp op, schema::StepT &step, EmissionContext &) {
  step.command.Set(attention(op));
  return success();
}

static LogicalResult emit(AttentionBackwardOp op, schema::StepT &step, EmissionContext &) {
  schema::AttentionBackwardT table;
  table.forward = std::make_unique<schema::AttentionT>(attention(op));
  table.out_gradient = headRows(op, 5, 4);
  table.query_gradient = headRows(op, 6, 5);
  table.key_gradient = headRows(op, 7, 6);
  table.value_gradient = headRows(op, 8, 7);
  step.command.Set(std::move(table));
  return success();
}

static LogicalResult emit(ScatterAddOp op, schema::StepT &step, EmissionContext &) {
  schema::ScatterAddT table;
  table.rows = op.getRows();
  table.columns = op.getColumns();
  table.table_rows = op.getTableRows();
  table.dtype = dtypeOf(op.getType());
  table.table_dtype = dtypeOf(op.getTableType());
  table.indices = place(op, 0);
  table.source = place(op, 1);
  table.table = place(op, 2);
  step.command.Set(std::move(table));
  return success();
}

static LogicalResult emit(CopyOp op, schema::StepT &step, EmissionContext &) {
  schema::CopyT table;
  table.bytes = op.getBytes();
  table.source = place(op, 0);
  table.destination = place(op, 1);
  step.command.Set(std::move(table));
  return success();
}

static LogicalResult emit(FillOp op, schema::StepT &step, EmissionContext &) {
  schema::FillT table;
  table.bytes = op.getBytes();
  table.destination = place(op, 0);
  step.command.Set(std::move(table));
  return success();
}

static LogicalResult emit(CallOp op, schema::StepT &step, EmissionContext &context) {
  schema::CallT table;
  table.sequence = context.sequence(op.getSequenceAttr());
  for (unsigned i = 0; i < op->getNumOperands(); ++i)
    table.slots.push_back(operand(op, i));
  step.command.Set(std::move(table));
  return success();
}

template <typename Op> struct Model : EmittableOpInterface::ExternalModel<Model<Op>, Op> {
  LogicalResult emit(Operation *op, schema::StepT &step, EmissionContext &context) const {
    return ::emit(cast<Op>(op), step, context);
  }
};

template <typename... Ops> static void attach(MLIRContext &context) {
  (Ops::template attachInterface<Model<Ops>>(context), ...);
}

void exec::registerCommandEmission(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, ExecDialect *) {
    attach<LaunchOp, GemmOp, AttentionOp, AttentionBackwardOp, ScatterAddOp, CopyOp, FillOp, CallOp>(*context);
  });
}
