#include "tritter/Codegen/Ptx.h"
#include "lib/Codegen/Native/BodyEmitter.h"
#include "lib/Codegen/Native/GpuKernel.h"
#include "lib/Codegen/Native/Optimize.h"

#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace mlir::row;

/// The names are in the shared library's list of targets; their headers are not.
extern "C" {
void LLVMInitializeNVPTXTargetInfo();
void LLVMInitializeNVPTXTarget();
void LLVMInitializeNVPTXTargetMC();
void LLVMInitializeNVPTXAsmPrinter();
}

static std::unique_ptr<llvm::TargetMachine> createMachine(StringRef chip, std::string &error) {
  LLVMInitializeNVPTXTargetInfo();
  LLVMInitializeNVPTXTarget();
  LLVMInitializeNVPTXTargetMC();
  LLVMInitializeNVPTXAsmPrinter();
  llvm::Triple triple("nvptx64-nvidia-cuda");
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return nullptr;
  // PTX 8.0 is the first that knows sm_90.
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      triple, chip, "+ptx80", llvm::TargetOptions(), std::nullopt, std::nullopt, llvm::CodeGenOptLevel::Default));
}

static std::string entryName(StringRef kernel) {
  std::string name = kernel.str();
  for (char &c : name)
    if (!llvm::isAlnum(c))
      c = '_';
  return name;
}

static bool makesConstants(KernelOp kernel) { return kernel.getInputCount() == 0; }

FailureOr<Ptx> row::emitPtx(ModuleOp module, StringRef chip) {
  std::string error;
  std::unique_ptr<llvm::TargetMachine> machine = createMachine(chip, error);
  if (!machine)
    return module.emitError("no PTX for ") << chip << ": " << error;
  llvm::LLVMContext context;
  llvm::Module code("kernels", context);
  code.setTargetTriple(machine->getTargetTriple());
  code.setDataLayout(machine->createDataLayout());
  Ptx ptx;
  for (auto kernel : module.getOps<KernelOp>())
    if (hasNativeCode(kernel) && !makesConstants(kernel)) {
      std::string symbol = entryName(kernel.getSymName());
      GpuLaunchShape shape = writeGpuKernel(kernel, symbol, code);
      ptx.kernels[kernel.getSymName()] = {std::move(symbol), shape};
    }
  llvm::raw_string_ostream problems(error);
  if (llvm::verifyModule(code, &problems))
    return module.emitError("kernels are no valid LLVM IR: ") << error;
  optimizeKernels(code, *machine);

  SmallString<0> text;
  llvm::raw_svector_ostream stream(text);
  llvm::legacy::PassManager passes;
  if (machine->addPassesToEmitFile(passes, stream, nullptr, llvm::CodeGenFileType::AssemblyFile))
    return module.emitError("LLVM writes no PTX");
  passes.run(code);
  ptx.text = text.str().str();
  return ptx;
}
