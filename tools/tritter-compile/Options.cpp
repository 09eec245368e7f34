// The command line of tritter-compile.

#include "Options.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::tritter;
namespace cl = llvm::cl;

static cl::OptionCategory category("Options");

using Text = cl::opt<std::string>;
using Flag = cl::opt<bool>;

static Text input(cl::Positional, cl::desc("MODEL (llama:125M, a Hugging Face folder, FILE.toml, FILE.mlir)"),
                  cl::cat(category));
static Text output("o", cl::value_desc("FILE.texe"), cl::desc("where the executable goes"), cl::cat(category));
static Text vocab("vocab", cl::value_desc("N"), cl::desc("the vocabulary, where the model leaves it out"),
                  cl::cat(category));
static Text batch("batch", cl::value_desc("N"), cl::desc("sequences in a batch (1)"), cl::cat(category));
static Text sequence("seq", cl::value_desc("N"), cl::desc("tokens in a sequence (512)"), cl::cat(category));
static Text precision("precision", cl::value_desc("f32|bf16|f64"),
                      cl::desc("the type of activations and of products' inputs (f32)"), cl::cat(category));
static Text entries("entries", cl::value_desc("LIST"),
                    cl::desc("of step,accumulate,update,evaluate,logits (step,update,evaluate), or none: parameters "
                             "and configuration only"),
                    cl::cat(category));
static Text trainOnly("train-only", cl::value_desc("new|GLOB,..."), cl::desc("what is trained; the rest is frozen"),
                      cl::cat(category));
static Text headRows("head-rows", cl::value_desc("N"), cl::desc("rows of logits at once, at most (512)"),
                     cl::cat(category));
static Text recompute("recompute", cl::value_desc("none|pointwise"),
                      cl::desc("pointwise: the backward computes normed and gated activations again instead of keeping "
                               "them (none)"),
                      cl::cat(category));
static Text seed("seed", cl::value_desc("N"), cl::desc("of the initialisers (1)"), cl::cat(category));
static Text method("method", cl::value_desc("solar|llama-pro|stack|interpolate"),
                   cl::desc("grow the model: the executable says how, and has no programs"), cl::cat(category));
static Text layers("layers", cl::value_desc("N"), cl::desc("layers of the grown model"), cl::cat(category));
static Text removalLayers("removal-layers", cl::value_desc("N"), cl::desc("layers that solar leaves out of each copy"),
                          cl::cat(category));
static Flag noNative("no-native", cl::desc("no native kernels: the runtime interprets"), cl::cat(category));
static Flag printMemoryPlan("print-memory-plan", cl::desc("print where memory goes"), cl::cat(category));

/// The option most like `name`; empty where none is.
static StringRef nearest(StringRef name) {
  StringRef best;
  unsigned distance = std::max<size_t>(2, name.size() / 2);
  for (auto &[key, option] : cl::getRegisteredOptions()) {
    if (!llvm::is_contained(option->Categories, &category))
      continue;
    unsigned found = name.edit_distance(key, true, distance);
    if (found < distance) {
      distance = found;
      best = key;
    }
  }
  return best;
}

/// LLVM's libraries bring hundreds of options along; only ours are known here.
static bool checkNames(int argc, char **argv, std::string &problem) {
  for (int i = 1; i < argc; ++i) {
    StringRef argument = argv[i];
    if (!argument.starts_with("-") || argument.size() == 1)
      continue;
    StringRef name = argument.ltrim('-').split('=').first;
    auto &known = cl::getRegisteredOptions();
    auto found = known.find(name);
    bool ours = found != known.end() && llvm::is_contained(found->second->Categories, &category);
    if (ours || name == "help" || name == "version")
      continue;
    bool afterValue = i > 1 && StringRef(argv[i - 1]).starts_with("-") && !argument.starts_with("--");
    if (afterValue && !name.empty() && llvm::isDigit(name.front()))
      continue; // a negative number: said of its option
    StringRef like = nearest(name);
    problem = llvm::formatv("unknown option {0}{1}", argument.split('=').first,
                            like.empty() ? "" : (": did you mean --" + like + "?").str());
    return false;
  }
  return true;
}

static bool readNumber(const Text &option, int64_t least, int64_t &result, std::string &problem) {
  if (option.getNumOccurrences() == 0)
    return true;
  if (!StringRef(option).getAsInteger(10, result) && result >= least)
    return true;
  problem =
      llvm::formatv("--{0} needs a whole number of at least {1}, found '{2}'", option.ArgStr, least, option.getValue());
  return false;
}

static bool readEntries(CompileRequest &request, std::string &problem) {
  request.entries = {Entry::Step, Entry::Update, Entry::Evaluate};
  if (entries.getNumOccurrences() == 0)
    return true;
  request.entries.clear();
  if (entries == "none")
    return true;
  for (StringRef name : llvm::split(StringRef(entries), ',')) {
    std::optional<Entry> entry = symbolizeEntry(name);
    if (!entry) {
      problem = llvm::formatv(
          "--entries has '{0}'; it is a list of step, accumulate, update, evaluate and logits, or none", name);
      return false;
    }
    request.entries.push_back(*entry);
  }
  return true;
}

static bool readPrecision(CompileRequest &request, std::string &problem) {
  if (precision.getNumOccurrences() == 0)
    return true;
  std::optional<Precision> type = llvm::StringSwitch<std::optional<Precision>>(precision)
                                      .Case("f32", Precision::F32)
                                      .Case("bf16", Precision::BF16)
                                      .Case("f64", Precision::F64)
                                      .Default(std::nullopt);
  if (type)
    request.precision = *type;
  else
    problem = llvm::formatv("--precision is f32, bf16 or f64, found '{0}'", precision.getValue());
  return type.has_value();
}

static bool readRecompute(CompileRequest &request, std::string &problem) {
  if (recompute.getNumOccurrences() == 0)
    return true;
  if (recompute == "pointwise")
    request.recompute = Recompute::Pointwise;
  else if (recompute != "none")
    problem = llvm::formatv("--recompute is none or pointwise, found '{0}'", recompute.getValue());
  return problem.empty();
}

static bool readGrowth(Options &options, std::string &problem) {
  if (method.getNumOccurrences() == 0) {
    if (layers.getNumOccurrences() || removalLayers.getNumOccurrences())
      problem = "--layers and --removal-layers belong to a growth: say --method too";
    return problem.empty();
  }
  std::optional<DepthStrategy> strategy = symbolizeDepthStrategy(StringRef(method));
  if (!strategy) {
    problem = llvm::formatv("--method is solar, llama-pro, stack or interpolate, found '{0}'", method.getValue());
    return false;
  }
  GrowthRequest &request = options.growth.emplace();
  request.method = *strategy;
  request.seed = options.request.seed;
  request.sequence = options.request.sequence;
  return readNumber(layers, 1, request.layers, problem) && readNumber(removalLayers, 1, request.removalLayers, problem);
}

bool parseOptions(int argc, char **argv, Options &options, std::string &problem) {
  cl::HideUnrelatedOptions(category);
  if (!checkNames(argc, argv, problem))
    return false;
  llvm::raw_string_ostream errors(problem);
  if (!cl::ParseCommandLineOptions(argc, argv, "writes the executable of a model\n", &errors)) {
    problem = StringRef(problem).split('\n').first.str();
    return false;
  }
  CompileRequest &request = options.request;
  if (!readNumber(vocab, 1, options.vocab, problem) || !readNumber(batch, 1, request.batch, problem) ||
      !readNumber(sequence, 1, request.sequence, problem) || !readNumber(headRows, 1, request.headRows, problem) ||
      !readNumber(seed, 0, request.seed, problem) || !readEntries(request, problem) ||
      !readPrecision(request, problem) || !readRecompute(request, problem))
    return false;
  if (trainOnly.getNumOccurrences())
    for (StringRef pattern : llvm::split(StringRef(trainOnly), ','))
      request.trainOnly.push_back(pattern.str());
  if (!readGrowth(options, problem))
    return false;
  request.native = !noNative;
  options.printMemoryPlan = printMemoryPlan;
  options.input = input;
  options.output = output;
  if (options.input.empty())
    problem = "no model given: tritter-compile MODEL -o FILE.texe";
  else if (options.output.empty())
    problem = "no output given: tritter-compile MODEL -o FILE.texe";
  return problem.empty();
}
