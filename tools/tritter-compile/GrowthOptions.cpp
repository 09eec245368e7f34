// The part of the command line that asks for a growth: the methods' own table says what there is.

#include "GrowthOptions.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir::tritter;
namespace cl = llvm::cl;

namespace {

struct GrowthOptions {
  explicit GrowthOptions(cl::OptionCategory &category);

  using Text = cl::opt<std::string>;
  Text method, pipeline, growth;
  cl::opt<bool> listMethods;
  /// In the order of `methodOptions`.
  std::vector<std::unique_ptr<Text>> ofMethods;
};

} // namespace

static std::unique_ptr<GrowthOptions> options;

GrowthOptions::GrowthOptions(cl::OptionCategory &category)
    : method("method", cl::value_desc("NAME"),
             cl::desc("grow the model (see --list-methods): the executable says how, "
                      "and has no programs"),
             cl::cat(category)),
      pipeline("pipeline", cl::value_desc("PASSES"),
               cl::desc("grow it by passes, such as tritter-depth-upscale{layers=8}"), cl::cat(category)),
      growth("growth", cl::value_desc("FILE.mlir"),
             cl::desc("grow it as a file says, which holds the model and one that derives from it"), cl::cat(category)),
      listMethods("list-methods", cl::desc("print the methods of growth and their options"), cl::cat(category)) {
  for (const MethodOption &option : methodOptions())
    ofMethods.push_back(std::make_unique<Text>(option.name, cl::value_desc(option.value), cl::desc(option.description),
                                               cl::cat(category)));
}

void registerGrowthOptions(cl::OptionCategory &category) { options = std::make_unique<GrowthOptions>(category); }

bool wantsMethodList() { return options->listMethods; }

void printMethods(llvm::raw_ostream &stream) {
  auto line = [&](llvm::StringRef name, llvm::StringRef description) {
    stream << "  " << llvm::left_justify(name, 26) << description << "\n";
  };
  stream << "Methods:\n";
  for (const GrowthMethod &method : growthMethods())
    line(method.name, method.description);
  stream << "Their options:\n";
  for (const MethodOption &option : methodOptions())
    line(("--" + option.name + " " + option.value).str(), option.description);
}

std::optional<GrowthRequest> readGrowthOptions(std::string &problem) {
  GrowthRequest request;
  request.method = options->method;
  request.pipeline = options->pipeline;
  request.file = options->growth;
  std::string given;
  for (const auto &option : options->ofMethods)
    if (option->getNumOccurrences()) {
      request.options[option->ArgStr] = *option;
      given += (given.empty() ? "--" : ", --") + option->ArgStr.str();
    }
  unsigned ways = !request.method.empty() + !request.pipeline.empty() + !request.file.empty();
  if (ways > 1)
    problem = "--method, --pipeline and --growth each say what to grow: give one of them";
  else if (request.method.empty() && !given.empty())
    problem = given + (llvm::StringRef(given).contains(',') ? " belong" : " belongs") +
              " to a method of growth: say --method too, which is " + methodNames();
  return ways == 1 ? std::optional(std::move(request)) : std::nullopt;
}
