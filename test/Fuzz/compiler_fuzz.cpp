// Feeds tritter-opt's passes and tritter-compile's entry points models that nobody would write: the project's own test
// inputs, changed along their structure. Whatever they are, the answer is a result or a diagnostic. Each case runs in a
// process of its own, with bounds on memory and time, so that one that crashes is counted and the next one runs.
//
//   compiler_fuzz [--seconds N] [--cases N] [--seed N] [--first N] [--keep FOLDER] FOLDER...
//
// A case depends on its number and the seed alone: `--first 1234 --cases 1` runs one again. Those that fail are written
// to the folder of --keep with the pipeline that they failed in.

#include "test/Fuzz/mutations.h"

#include "tritter/Elaborate/ModelSpelling.h"
#include "tritter/Pipelines/Compile.h"
#include "tritter/Support/IrVersion.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
static constexpr bool boundsMemory = false; // the sanitizer reserves terabytes of addresses
#else
static constexpr bool boundsMemory = true;
#endif

using namespace mlir;
using namespace mlir::tritter;
using ::tritter::fuzz::Mutator;
using ::tritter::fuzz::pick;
namespace fs = std::filesystem;

namespace {

struct Seed {
  std::string text;
  /// Of the RUN lines of its file, as pass managers take them.
  std::vector<std::string> pipelines;
};

struct Case {
  std::string text;
  /// ".mlir", ".toml" or ".json".
  std::string extension;
  /// Passes, "compile OPTIONS" or "grow METHOD".
  std::string action;
};

struct Settings {
  uint64_t seed = 1, first = 0, cases = UINT64_MAX;
  double seconds = 10;
  std::string keep;
  std::vector<std::string> folders;
};

} // namespace

static constexpr const char *models[] = {
    "[model]\nlayers = 2\nhidden = 32\nheads = 2\nkv_heads = 1\nintermediate = 64\nvocab = 256\nnorm_eps = 1.0e-5\n"
    "rope_theta = 10000.0\ntied = true\nactivation = \"silu\"\nnorm = \"rms\"\npositions = \"rope\"\ndtype = \"f32\"\n",
    "{\"architectures\": [\"LlamaForCausalLM\"], \"hidden_act\": \"silu\", \"hidden_size\": 32, \"num_hidden_layers\": 2,\n"
    "\"num_attention_heads\": 2, \"num_key_value_heads\": 1, \"intermediate_size\": 64, \"vocab_size\": 256,\n"
    "\"rms_norm_eps\": 1.0e-5, \"rope_theta\": 10000.0, \"max_position_embeddings\": 64,\n"
    "\"tie_word_embeddings\": true, \"torch_dtype\": \"float32\"}\n"};

//===----------------------------------------------------------------------===//
// Seeds
//===----------------------------------------------------------------------===//

/// `tritter-opt %s --a=x=1 --b | ...` is a(x=1), b.
static std::vector<std::string> pipelinesOf(StringRef file) {
  std::vector<std::string> found;
  SmallVector<StringRef> lines;
  file.split(lines, '\n');
  for (StringRef line : lines) {
    if (!line.contains("RUN:") || !line.contains("tritter-opt"))
      continue;
    SmallVector<StringRef> words;
    line.split('|').first.split(words, ' ', -1, false);
    std::string text;
    for (StringRef word : words) {
      if (!word.consume_front("--"))
        continue;
      auto [name, options] = word.split('=');
      if (!PassInfo::lookup(name) && !PassPipelineInfo::lookup(name))
        continue;
      text += (text.empty() ? "" : ",") + name.str() + (options.empty() ? "" : "{" + options.trim("\"'").str() + "}");
    }
    if (!text.empty())
      found.push_back(text);
  }
  return found;
}

static std::vector<Seed> readSeeds(const std::vector<std::string> &folders) {
  std::vector<fs::path> paths;
  for (const std::string &folder : folders)
    for (const fs::directory_entry &entry : fs::recursive_directory_iterator(folder))
      if (entry.path().extension() == ".mlir")
        paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<Seed> seeds;
  for (const fs::path &path : paths) {
    std::ifstream stream(path);
    std::string file(std::istreambuf_iterator<char>(stream), {});
    std::vector<std::string> pipelines = pipelinesOf(file);
    SmallVector<StringRef> parts;
    StringRef(file).split(parts, "// -----");
    for (StringRef part : parts)
      seeds.push_back({part.str(), pipelines});
  }
  return seeds;
}

//===----------------------------------------------------------------------===//
// Cases
//===----------------------------------------------------------------------===//

static std::string chooseAction(const Seed &seed, std::mt19937_64 &random) {
  static const char *const pipelines[] = {"tritter-compile-pipeline{batch=2 seq=8}",
                                          "tritter-elaborate,tritter-verify-growth",
                                          "growth-normalise,tritter-verify-growth",
                                          "tritter-elaborate,tritter-depth-upscale{layers=3},growth-normalise,"
                                          "tritter-verify-growth,tritter-finish-growth",
                                          "tritter-to-row,row-fuse,row-outline,row-to-ptx",
                                          "row-to-ptx",
                                          "canonicalize",
                                          "tritter-elaborate,tritter-count-parameters",
                                          "tritter-step-pipeline{vocab=64 batch=2 seq=8 precision=bf16}"};
  static const char *const options[] = {"vocab=64 batch=2 seq=8 entries=step,update,evaluate target=none",
                                        "vocab=64 batch=1 seq=4 entries=logits target=cpu",
                                        "vocab=64 batch=3 seq=8 entries=accumulate precision=bf16 target=none",
                                        "entries=none", "vocab=64 batch=2 seq=8 head-rows=4 recompute=pointwise target=cuda"};
  static const char *const methods[] = {"stack", "solar", "llama-pro", "interpolate", "dus"};
  size_t choice = pick(random, 10);
  std::string action;
  if (choice < 4 && !seed.pipelines.empty())
    action = seed.pipelines[pick(random, seed.pipelines.size())];
  else if (choice < 7)
    action = pipelines[pick(random, std::size(pipelines))];
  else if (choice < 9)
    action = std::string("compile ") + options[pick(random, std::size(options))];
  else
    action = std::string("grow ") + methods[pick(random, std::size(methods))];
  // Options have sizes too.
  if (size_t digit = action.find_first_of("123456789"); digit != std::string::npos && pick(random, 4) == 0) {
    size_t end = action.find_first_not_of("0123456789", digit);
    std::string old = action.substr(digit, end - digit);
    action.replace(digit, old.size(), Mutator::interestingSize(old, random));
  }
  return action;
}

static Case makeCase(const std::vector<Seed> &seeds, const Mutator &mutator, uint64_t seed, uint64_t number) {
  std::mt19937_64 random(seed * 0x9E3779B97F4A7C15 + number);
  if (pick(random, 16) == 0) {
    bool toml = pick(random, 2);
    return {mutator.mutate(models[toml ? 0 : 1], random), toml ? ".toml" : ".json",
            pick(random, 2) ? "compile vocab=64 batch=2 seq=8 target=none" : "compile entries=none"};
  }
  const Seed &chosen = seeds[pick(random, seeds.size())];
  std::string text = mutator.mutate(chosen.text, random);
  return {std::move(text), ".mlir", chooseAction(chosen, random)};
}

//===----------------------------------------------------------------------===//
// In the child
//===----------------------------------------------------------------------===//

static bool compileCase(MLIRContext &context, StringRef path, StringRef text) {
  CompileOptions options;
  if (failed(options.parseFromString(text)))
    return false;
  OwningOpRef<ModuleOp> module = loadModel(&context, path, options.vocab);
  schema::ExecutableT executable;
  if (!module || failed(compile(*module, options, executable)))
    return false;
  return !serialise(executable).empty();
}

static bool growCase(MLIRContext &context, StringRef path, StringRef method) {
  GrowthRequest request;
  request.method = method.str();
  OwningOpRef<ModuleOp> module = loadModel(&context, path, 64);
  schema::ExecutableT executable;
  return module && succeeded(compileGrowth(*module, request, executable)) && !serialise(executable).empty();
}

static bool passCase(MLIRContext &context, const Case &one) {
  FailureOr<std::string> text = upgradeIr(one.text, [&] { return emitError(UnknownLoc::get(&context)); });
  if (failed(text))
    return false;
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(*text, &context);
  if (!module)
    return false;
  PassManager passes(&context);
  std::string problem;
  llvm::raw_string_ostream errors(problem);
  if (failed(parsePassPipeline(one.action, passes, errors)) || failed(passes.run(*module)))
    return false;
  module->print(llvm::nulls());
  return true;
}

static bool runCase(MLIRContext &context, const Case &one, StringRef path) {
  StringRef action = one.action;
  if (action.consume_front("compile "))
    return compileCase(context, path, action);
  if (action.consume_front("grow "))
    return growCase(context, path, action);
  return passCase(context, one);
}

static void write(const std::string &path, const std::string &text) { std::ofstream(path) << text; }

[[noreturn]] static void child(MLIRContext &context, const Case &one, const std::string &path) {
  auto bound = [](auto resource, rlim_t most) {
    struct rlimit limit {most, 2 * most};
    ::setrlimit(resource, &limit);
  };
  if (boundsMemory)
    bound(RLIMIT_AS, rlim_t(6) << 30);
  bound(RLIMIT_CPU, boundsMemory ? 10 : 100);
  bound(RLIMIT_CORE, 0);
  write(path, one.text);
  if (boundsMemory) { // a sanitizer's report is worth reading
    int nowhere = ::open("/dev/null", O_WRONLY);
    ::dup2(nowhere, 1);
    ::dup2(nowhere, 2);
  }
  bool good = runCase(context, one, path);
  ::_exit(good ? 0 : 1);
}

//===----------------------------------------------------------------------===//

static bool readSettings(int argc, char **argv, Settings &settings) {
  for (int i = 1; i < argc; ++i) {
    StringRef word = argv[i], value = i + 1 < argc ? argv[i + 1] : "";
    if (!word.starts_with("--")) {
      settings.folders.push_back(word.str());
      continue;
    }
    ++i;
    bool bad = word == "--seconds" ? value.getAsDouble(settings.seconds)
               : word == "--cases" ? value.getAsInteger(10, settings.cases)
               : word == "--seed"  ? value.getAsInteger(10, settings.seed)
               : word == "--first" ? value.getAsInteger(10, settings.first)
               : word == "--keep"  ? (settings.keep = value.str()).empty()
                                   : true;
    if (bad)
      return false;
  }
  return !settings.folders.empty();
}

int main(int argc, char **argv) {
  Settings settings;
  if (!readSettings(argc, argv, settings)) {
    llvm::errs() << "compiler_fuzz [--seconds N] [--cases N] [--seed N] [--first N] [--keep FOLDER] FOLDER...\n";
    return 1;
  }
  DialectRegistry registry;
  registerCompiler(registry);
  registerCompilerPasses();
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.loadAllAvailableDialects();
  context.getDiagEngine().registerHandler([](Diagnostic &) {});
  std::vector<Seed> seeds = readSeeds(settings.folders);
  std::vector<std::string> texts;
  for (const Seed &seed : seeds)
    texts.push_back(seed.text);
  Mutator mutator(texts);

  std::string scratch = (fs::temp_directory_path() / ("tritter-fuzz-" + std::to_string(::getpid()))).string();
  auto begin = std::chrono::steady_clock::now();
  auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); };
  uint64_t count = 0, good = 0, slow = 0, crashes = 0;
  for (; count < settings.cases && seconds() < settings.seconds; ++count) {
    uint64_t number = settings.first + count;
    Case one = makeCase(seeds, mutator, settings.seed, number);
    std::string path = scratch + one.extension;
    pid_t pid = ::fork();
    if (pid == 0)
      child(context, one, path);
    int state = 0;
    ::waitpid(pid, &state, 0);
    fs::remove(path);
    int code = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
    good += code == 0;
    if (code <= 1)
      continue;
    // What is within bounds may still take long.
    bool isSlow = code == 128 + SIGXCPU;
    ++(isSlow ? slow : crashes);
    llvm::outs() << llvm::formatv("case {0} of seed {1} ended with {2}: {3}\n", number, settings.seed,
                                  WIFSIGNALED(state) ? ::strsignal(WTERMSIG(state)) : "a report", one.action);
    llvm::outs().flush();
    if (!settings.keep.empty()) {
      fs::create_directories(settings.keep);
      write(settings.keep + "/" + std::to_string(number) + one.extension, one.text);
    }
  }
  llvm::outs() << llvm::formatv("{0} cases, {1} of them good, {2} slow, {3} crashes\n", count, good, slow, crashes);
  return crashes > 0 || good == 0;
}
