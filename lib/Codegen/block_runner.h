#ifndef TRITTER_LIB_CODEGEN_BLOCKRUNNER_H
#define TRITTER_LIB_CODEGEN_BLOCKRUNNER_H

#include "tritter/Target/KernelEmission.h"
#include "tritter/Codegen/Passes.h"
#include "tritter/Codegen/RowLowering.h"

#include "dialects/Tritter/TritterDialect.h"
#include "runtime/device/executable_builder.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

#include <functional>

namespace tritter::testing {

using Values = std::vector<double>;

/// Compiles the one block of a module that has nothing but what becomes row kernels, and runs it on a device.
class BlockRunner {
public:
  /// `addPasses` makes row.launch operations of the block.
  BlockRunner(const std::string &text, const std::function<void(mlir::OpPassManager &)> &addPasses) {
    context.loadDialect<mlir::tritter::TritterDialect, mlir::row::RowDialect, mlir::arith::ArithDialect,
                         mlir::math::MathDialect>();
    mlir::DialectRegistry registry;
    mlir::tritter::registerRowLowerings(registry);
    context.appendDialectRegistry(registry);
    context.disableMultithreading();
    parsed = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    EXPECT_TRUE(parsed) << "the test's module does not parse";
    mlir::PassManager manager(&context);
    addPasses(manager);
    EXPECT_TRUE(mlir::succeeded(manager.run(*parsed)));
  }

  mlir::ModuleOp module() { return *parsed; }

  /// What is done to the executable before it is loaded: native code is added here.
  std::function<void(schema::ExecutableT &)> finish = [](schema::ExecutableT &) {};

  /// `inputs` has the elements of each argument; returns those of each yielded value.
  std::vector<Values> run(Device &device, const std::vector<Values> &inputs) {
    ExecutableBuilder builder;
    llvm::StringMap<uint32_t> kernels;
    for (auto kernel : parsed->getOps<mlir::row::KernelOp>()) {
      auto emitted = std::make_unique<schema::KernelT>(mlir::row::emitKernel(kernel));
      kernels[kernel.getSymName()] = uint32_t(builder.executable().kernels.size());
      builder.executable().kernels.push_back(std::move(emitted));
    }
    auto block = *parsed->getOps<mlir::tritter::BlockOp>().begin();
    mlir::Block &body = block.getBody().front();
    llvm::DenseMap<mlir::Value, Buffer> buffers;
    for (auto [argument, values] : llvm::zip_equal(body.getArguments(), inputs))
      buffers[argument] = fill(builder, argument.getType(), values);
    std::vector<Values> results;
    for (mlir::Operation &op : body) {
      if (auto launch = mlir::dyn_cast<mlir::row::LaunchOp>(op))
        addLaunch(builder, launch, kernels.at(launch.getKernel()), buffers);
      else if (op.hasTrait<mlir::OpTrait::Reshape>())
        buffers[op.getResult(0)] = buffers.at(op.getOperand(0));
    }
    finish(builder.executable());
    builder.loadAndRun(device);
    for (mlir::Value value : body.getTerminator()->getOperands())
      results.push_back(read(builder, buffers.at(value)));
    return results;
  }

private:
  static Buffer fill(ExecutableBuilder &builder, mlir::Type type, const Values &values) {
    switch (mlir::row::dtypeOf(mlir::cast<mlir::RankedTensorType>(type).getElementType())) {
    case schema::DType::F32:
      return builder.buffer(std::vector<float>(values.begin(), values.end()));
    case schema::DType::F64:
      return builder.buffer(values);
    case schema::DType::I32:
      return builder.buffer(std::vector<int32_t>(values.begin(), values.end()));
    default: {
      std::vector<BFloat16> rounded;
      for (double value : values)
        rounded.push_back(BFloat16(float(value)));
      return builder.buffer(rounded);
    }
    }
  }

  template <typename T> static Values readAs(ExecutableBuilder &builder, const Buffer &buffer) {
    Values result;
    for (T value : builder.read<T>(buffer))
      result.push_back(double(value));
    return result;
  }
  static Values read(ExecutableBuilder &builder, const Buffer &buffer) {
    if (buffer.type == schema::DType::F64)
      return readAs<double>(builder, buffer);
    if (buffer.type == schema::DType::F32)
      return readAs<float>(builder, buffer);
    Values result;
    for (BFloat16 value : builder.read<BFloat16>(buffer))
      result.push_back(float(value));
    return result;
  }

  void addLaunch(ExecutableBuilder &builder, mlir::row::LaunchOp launch, uint32_t index,
                 llvm::DenseMap<mlir::Value, Buffer> &buffers) {
    auto kernel = parsed->lookupSymbol<mlir::row::KernelOp>(launch.getKernel());
    for (mlir::Value result : launch.getResults()) {
      auto type = mlir::cast<mlir::RankedTensorType>(result.getType());
      buffers[result] = builder.buffer(mlir::row::dtypeOf(type.getElementType()), uint64_t(type.getNumElements()));
    }
    std::vector<schema::Operand> operands;
    for (auto [number, input] : llvm::enumerate(launch.getInputs()))
      operands.push_back(buffers.at(input).operand(uint64_t(kernel.getInputView(number).getOffset())));
    for (auto [number, result] : llvm::enumerate(kernel.getOutputs()))
      operands.push_back(
          buffers.at(launch.getResult(result)).operand(uint64_t(kernel.getOutputView(number).getOffset())));
    builder.launch(index, launch.getRows(), operands, uint32_t(launch.getBlocks()));
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> parsed;
};

} // namespace tritter::testing

#endif // TRITTER_LIB_CODEGEN_BLOCKRUNNER_H
