// The command line of tritter-compile: the options of compilation, as CompileOptions lists them, those of growth, and
// the tool's own.

#include "Options.h"
#include "GrowthOptions.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
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
static Flag force("force", cl::desc("replace what is there under the name of the output"), cl::cat(category));
static Flag listOptions("list-options", cl::desc("print the options of compilation as JSON, and do nothing"),
                        cl::cat(category));
namespace {

/// The options of compilation on the command line: one that takes text for each, which is then read as a pipeline
/// would read it.
class CompileFlags {
public:
  explicit CompileFlags(CompileOptions &options);
  /// Reads what stands on the command line into the options.
  bool apply();

private:
  llvm::StringMap<cl::Option *> options;
  std::vector<std::unique_ptr<Text>> flags;
};

} // namespace

static bool takesNoValue(const cl::Option &option) { return option.getValueExpectedFlag() == cl::ValueOptional; }

CompileFlags::CompileFlags(CompileOptions &compile) : options(compile.byName()) {
  for (auto &[name, option] : options)
    flags.push_back(std::make_unique<Text>(option->ArgStr, cl::desc(option->HelpStr), cl::cat(category),
                                           takesNoValue(*option) ? cl::ValueOptional : cl::ValueRequired));
}

bool CompileFlags::apply() {
  return llvm::all_of(flags, [&](const std::unique_ptr<Text> &flag) {
    return flag->getNumOccurrences() == 0 ||
           !options[flag->ArgStr]->addOccurrence(flag->getPosition(), flag->ArgStr, flag->getValue());
  });
}

void printOptions(llvm::raw_ostream &stream) {
  CompileOptions options;
  llvm::json::Array list;
  for (auto &[name, option] : options.byName())
    list.push_back(
        llvm::json::Object{{"name", option->ArgStr}, {"help", option->HelpStr}, {"flag", takesNoValue(*option)}});
  stream << llvm::json::Value(std::move(list)) << "\n";
}

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

static bool readGrowth(Options &options, std::string &problem) {
  options.growth = readGrowthOptions(problem);
  if (options.growth)
    options.growth->seed = options.compile.seed;
  return problem.empty();
}

static bool parse(int argc, char **argv, Options &options, std::string &problem) {
  // As long as the process: the linker, which is a library here, goes through all of LLVM's options once more.
  static CompileFlags flags(options.compile);
  registerGrowthOptions(category);
  cl::HideUnrelatedOptions(category);
  if (!checkNames(argc, argv, problem))
    return false;
  llvm::raw_string_ostream errors(problem);
  if (!cl::ParseCommandLineOptions(argc, argv, "writes the executable of a model\n", &errors)) {
    problem = StringRef(problem).split('\n').first.str();
    return false;
  }
  if (!flags.apply() || !readGrowth(options, problem))
    return false;
  options.listOptions = listOptions;
  options.listMethods = wantsMethodList();
  options.input = input;
  options.output = output;
  options.force = force;
  if (options.listOptions || options.listMethods)
    return true;
  if (options.input.empty())
    problem = "no model given: tritter-compile MODEL -o FILE.texe";
  else if (options.output.empty())
    problem = "no output given: tritter-compile MODEL -o FILE.texe";
  return problem.empty();
}

bool parseOptions(int argc, char **argv, Options &options) {
  std::string problem;
  if (parse(argc, argv, options, problem))
    return true;
  // Options that refuse their value have said why.
  if (!problem.empty())
    llvm::errs() << "error: " << problem << "\n";
  return false;
}
