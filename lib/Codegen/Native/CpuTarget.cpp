// All kernels as one LLVM module for this processor, an object, a shared object.

#include "tritter/Codegen/Targets.h"
#include "lib/Codegen/Native/BodyEmitter.h"
#include "lib/Codegen/Native/CpuKernel.h"
#include "lib/Codegen/Native/Optimize.h"

#include "lld/Common/Driver.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace mlir::row;

LLD_HAS_DRIVER(elf)

namespace {
struct Host {
  std::string triple = llvm::sys::getDefaultTargetTriple();
  std::string cpu = llvm::sys::getHostCPUName().str();
  std::string features;
  VectorTarget vectors;

  Host() {
    llvm::StringMap<bool> known = llvm::sys::getHostCPUFeatures();
    SmallVector<StringRef> names;
    for (auto &feature : known)
      if (feature.second)
        names.push_back(feature.first());
    llvm::sort(names);
    for (StringRef name : names)
      features += (features.empty() ? "+" : ",+") + name.str();
    vectors.lanes = known.lookup("avx512f") && known.lookup("avx512bw") ? 16 : known.lookup("avx2") ? 8 : 4;
    vectors.roundsToBf16 = vectors.lanes == 16 && known.lookup("avx512bf16");
  }
};
} // namespace

static std::unique_ptr<llvm::TargetMachine> createMachine(const Host &host, std::string &error) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  llvm::Triple triple(host.triple);
  const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return nullptr;
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(triple, host.cpu, host.features, llvm::TargetOptions(), llvm::Reloc::PIC_,
                                  std::nullopt, llvm::CodeGenOptLevel::Default));
}

static void addAttributes(llvm::Function &function, const Host &host) {
  function.addFnAttr("target-cpu", host.cpu);
  function.addFnAttr("target-features", host.features);
  function.addFnAttr("prefer-vector-width", std::to_string(host.vectors.lanes * 32));
  function.addFnAttr("min-legal-vector-width", std::to_string(host.vectors.lanes * 32));
  // Loops must not become calls of memset: there is no library to call.
  function.addFnAttr("no-builtins");
  function.addFnAttr(llvm::Attribute::NoUnwind);
}

static LogicalResult emitObject(llvm::Module &module, llvm::TargetMachine &machine, llvm::raw_fd_ostream &out) {
  llvm::legacy::PassManager passes;
  if (machine.addPassesToEmitFile(passes, out, nullptr, llvm::CodeGenFileType::ObjectFile))
    return failure();
  passes.run(module);
  out.flush();
  return success();
}

/// Links the object file into a shared object that needs nothing else.
static LogicalResult link(StringRef object, StringRef shared, std::string &messages) {
  llvm::raw_string_ostream stream(messages);
  std::string input = object.str(), output = shared.str();
  SmallVector<const char *> arguments = {"ld.lld",      "-shared",     "-nostdlib",       "--no-undefined",
                                         "-z",          "noexecstack", "--build-id=none", "-s",
                                         input.c_str(), "-o",          output.c_str()};
  lld::Result result = lld::lldMain(arguments, stream, stream, {{lld::Gnu, &lld::elf::link}});
  return success(result.retCode == 0);
}

static FailureOr<std::vector<uint8_t>> compile(llvm::Module &module, llvm::TargetMachine &machine, Location loc) {
  SmallString<128> object, shared;
  int descriptor;
  if (llvm::sys::fs::createTemporaryFile("tritter-kernels", "o", descriptor, object) ||
      llvm::sys::fs::createTemporaryFile("tritter-kernels", "so", shared))
    return emitError(loc, "no temporary file for native kernels");
  llvm::scope_exit cleanup([&] {
    llvm::sys::fs::remove(object);
    llvm::sys::fs::remove(shared);
  });
  {
    llvm::raw_fd_ostream out(descriptor, /*shouldClose=*/true);
    if (failed(emitObject(module, machine, out)))
      return emitError(loc, "LLVM writes no object files for ") << machine.getTargetTriple().str();
  }
  std::string messages;
  if (failed(link(object, shared, messages)))
    return emitError(loc, "native kernels do not link: ") << messages;
  auto buffer = llvm::MemoryBuffer::getFile(shared, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return emitError(loc, "native kernels cannot be read back: ") << buffer.getError().message();
  StringRef bytes = (*buffer)->getBuffer();
  return std::vector<uint8_t>(bytes.bytes_begin(), bytes.bytes_end());
}

FailureOr<std::unique_ptr<schema::TargetT>> row::emitCpuTarget(ModuleOp module,
                                                               const schema::ExecutableT &executable) {
  Host host;
  std::string error;
  std::unique_ptr<llvm::TargetMachine> machine = createMachine(host, error);
  if (!machine)
    return module.emitError("no native kernels for ") << host.triple << ": " << error;

  auto target = std::make_unique<schema::TargetT>();
  target->triple = host.triple;
  target->processor = host.cpu;
  target->features = host.features;
  llvm::LLVMContext context;
  llvm::Module code("kernels", context);
  code.setTargetTriple(machine->getTargetTriple());
  code.setDataLayout(machine->createDataLayout());
  SymbolTable symbols(module);
  for (auto [number, kernel] : llvm::enumerate(executable.kernels)) {
    auto op = symbols.lookup<KernelOp>(kernel->name);
    if (!op || !hasNativeCode(op))
      continue;
    auto kernelCode = std::make_unique<schema::KernelCodeT>();
    kernelCode->kernel = uint32_t(number);
    kernelCode->symbol = "kernel_" + std::to_string(number);
    addAttributes(*writeCpuKernel(op, kernelCode->symbol, code, host.vectors), host);
    target->kernels.push_back(std::move(kernelCode));
  }
  if (target->kernels.empty())
    return target;
  llvm::raw_string_ostream problems(error);
  if (llvm::verifyModule(code, &problems))
    return module.emitError("native kernels are no valid LLVM IR: ") << error;
  optimizeKernels(code, *machine);
  FailureOr<std::vector<uint8_t>> object = compile(code, *machine, module.getLoc());
  if (failed(object))
    return failure();
  target->code = std::move(*object);
  return target;
}
