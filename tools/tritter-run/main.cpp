// tritter-run: the commands, their options, and what the exit status means (0 done, 1 the user's error, 2 a gate not
// met). The work is in commands/.
#include "command.h"
#include "openmp_waiting.h"
#include "runtime/checkpoint/format.h"
#include "runtime/executable/upgrade.h"
#include "suggest.h"

#include <csignal>
#include <exception>
#include <fcntl.h>
#include <iostream>
#include <new>
#include <sstream>
#include <unistd.h>

using namespace tritter;

static int fail(std::string_view message) {
  // The compiler's diagnostics say where, and that they are errors, themselves.
  bool saysSo = message.find("error:") != std::string_view::npos;
  fmt::print(stderr, "{}{}\n", saysSo ? "" : "error: ", message);
  return 1;
}

/// The long names of an application's options, without dashes.
static std::vector<std::string> optionNames(const CLI::App &app) {
  std::vector<std::string> names;
  for (const CLI::Option *option : app.get_options())
    for (const std::string &name : option->get_lnames())
      names.push_back(name);
  return names;
}

/// CLI11's words for a value that an option does not take, in ours; empty where they are of another kind.
static std::string explainValue(std::string_view words) {
  size_t colon = words.find(": ");
  if (!words.starts_with("--") || colon == std::string_view::npos || words.find(' ') < colon)
    return {};
  std::string_view name = words.substr(0, colon), rest = words.substr(colon + 2);
  // "--precision: f16 not in {f32,bf16,f64}".
  if (size_t at = rest.find(" not in {"); at != std::string_view::npos && rest.ends_with('}'))
    return fmt::format("{} {}: one of {} was expected", name, rest.substr(0, at),
                       rest.substr(at + 9, rest.size() - at - 10));
  // What our own checks say begins with the value.
  return fmt::format("{} {}", name, rest);
}

/// What is wrong with a command line that CLI11 has refused.
static std::string explain(const CLI::App &app, const CLI::ParseError &failure) {
  std::vector<CLI::App *> chosen = app.get_subcommands();
  const CLI::App &command = chosen.empty() ? app : *chosen.front();
  if (dynamic_cast<const CLI::ExtrasError *>(&failure)) {
    std::vector<std::string> extras = app.remaining(true);
    for (const std::string &extra : extras) {
      if (!extra.starts_with("-"))
        continue;
      std::string name =
          extra.substr(extra.find_first_not_of('-') == std::string::npos ? 1 : extra.find_first_not_of('-'));
      name = name.substr(0, name.find('='));
      std::string nearest = suggest(name, optionNames(command));
      if (nearest.empty())
        return fmt::format("unknown option {}: tritter-run {} --help lists them", extra, command.get_name());
      return fmt::format("unknown option {}: did you mean --{}?", extra.substr(0, extra.find('=')), nearest);
    }
    if (chosen.empty()) {
      std::vector<std::string> names;
      for (const CLI::App *subcommand : app.get_subcommands([](const CLI::App *) { return true; }))
        names.push_back(subcommand->get_name());
      std::string nearest = suggest(extras.front(), names);
      return fmt::format("unknown command {}: {}", extras.front(),
                         nearest.empty() ? "tritter-run --help lists them" : fmt::format("did you mean {}?", nearest));
    }
    return fmt::format("{} does not take `{}`: tritter-run {} --help shows what it takes", command.get_name(),
                       extras.front(), command.get_name());
  }
  if (dynamic_cast<const CLI::RequiredError *>(&failure) && !chosen.empty())
    return fmt::format("{} (tritter-run {} --help shows how it is used)", failure.what(), command.get_name());
  if (dynamic_cast<const CLI::ValidationError *>(&failure))
    if (std::string value = explainValue(failure.what()); !value.empty())
      return value;
  return failure.what();
}

void tritter::addCompilerOptions(CLI::App &command, const Invocation &invocation, std::vector<std::string> &list) {
  if (!command.get_option_no_throw("--compile"))
    command.add_option("--compile", list,
                       "NAME=VALUE, an option of tritter-compile; each is taken as --NAME VALUE, too");
  for (const CompilerOption &option : invocation.compilerOptions) {
    std::string name = "--" + option.name;
    if (command.get_option_no_throw(name))
      continue;
    if (option.flag)
      command.add_flag_function(
          name, [&list, option](int64_t) { list.push_back(option.name); }, option.help);
    else
      command.add_option_function<std::string>(
          name, [&list, option](const std::string &value) { list.push_back(option.name + "=" + value); }, option.help);
  }
}

/// What was built, with which LLVM, and the formats that it writes.
static std::string versionText(Compiler &compiler) {
  constexpr std::string_view commit = TRITTER_COMMIT;
  std::string text =
      fmt::format("tritter-run {}{}\n", TRITTER_VERSION, commit.empty() ? "" : fmt::format(", commit {}", commit));
  Result<std::string> version = compiler.version();
  text += version.ok() ? *version : fmt::format("compiler     none: {}", version.status().message());
  return text + fmt::format("\nformats      checkpoint {}, executable {}", formatVersion, executableVersion);
}

/// What a command is used for, and what comes after it. That of `expand` is the compiler's to say.
static constexpr std::pair<const char *, const char *> examples[] = {
    {"tokenize", "Example: tritter-run tokenize texts --train-spm 8192 --val 1% -o data\nNext:    tritter-run train"},
    {"train", "Example: tritter-run train llama:15M --data data --steps 2000 -o runs/base\n"
              "         tritter-run train --resume runs/base\nNext:    tritter-run expand, eval, generate or report"},
    {"verify", "Example: tritter-run verify runs/base grown.tckpt --data data\nNext:    tritter-run train grown.tckpt"},
    {"diff", "Example: tritter-run diff runs/base grown.tckpt"},
    {"inspect", "Example: tritter-run inspect runs/base --history"},
    {"check", "Example: tritter-run check grown.tckpt --verbose"},
    {"eval", "Example: tritter-run eval runs/base --data data/val.bin"},
    {"generate", "Example: tritter-run generate runs/base --prompt \"Once upon a time\" --tokens 100"},
    {"import", "Example: tritter-run import SmolLM2-135M -o base.tckpt\nNext:    tritter-run expand"},
    {"export", "Example: tritter-run export runs/grown -o grown-folder"},
    {"bench", "Example: tritter-run bench llama:15M --batch 4 --seq 256 --profile"},
    {"report", "Example: tritter-run report runs/base runs/grown -o report.html"},
};

static std::unique_ptr<CLI::App> makeApp(Invocation &invocation) {
  auto app =
      std::make_unique<CLI::App>("Trains language models, grows them, and shows that nothing was lost.", "tritter-run");
  app->set_version_flag("--version", [&invocation] { return versionText(*invocation.compiler); });
  app->require_subcommand(0, 1);
  // Help shows what is taken where nothing is said.
  app->option_defaults()->always_capture_default();
  app->get_formatter()->column_width(34);
  for (auto add : {addTokenize, addTrain, addExpand, addVerify, addDiff, addInspect, addCheck, addEval, addGenerate,
                   addImport, addExport, addBench, addReport, addDescribe})
    add(*app, invocation);
  for (auto [name, footer] : examples)
    app->get_subcommand(name)->footer(footer);
  for (CLI::App *command : app->get_subcommands([](const CLI::App *) { return true; })) {
    // An empty list, and a number that stands for another default, are nothing to show.
    auto isNothing = [](const CLI::Option *option) {
      return option->get_default_str() == "[]" || option->get_default_str().starts_with('-');
    };
    for (CLI::Option *option : command->get_options(isNothing))
      option->default_str("");
    command->add_flag("--json", invocation.output.json,
                      "one JSON object on standard output, everything else elsewhere");
  }
  return app;
}

/// Whether the chosen command takes the compiler's options, which are asked for only where a command line does not do
/// without them: it is not understood, or help is wanted.
static bool askCompiler(const CLI::App &app, Invocation &invocation) {
  std::vector<CLI::App *> chosen = app.get_subcommands();
  if (!invocation.compilerOptions.empty() || chosen.empty() || !chosen.front()->get_option_no_throw("--compile"))
    return false;
  if (Result<std::vector<CompilerOption>> options = invocation.compiler->options(); options.ok())
    invocation.compilerOptions = *options;
  return !invocation.compilerOptions.empty();
}

/// Runs the command. What a library throws ends it with a sentence, too.
static Result<ExitCode> run(Invocation &invocation) {
  try {
    return invocation.run();
  } catch (const std::bad_alloc &) {
    return error("there is not enough memory for this");
  } catch (const std::exception &failure) {
    return error("{}", failure.what());
  }
}

/// The exit status, given that what was printed has arrived. A pipe whose reader has read enough hears no more of it.
static ExitCode endOutput(ExitCode code) {
  Status status = finishStandardOutput();
  if (status.ok())
    return code;
  return status.message().empty() ? 1 : fail(status.message());
}

/// A file opened later must not take the place of a standard stream that was closed: what is printed would go into it.
static void keepStandardStreams() {
  for (int stream = 0; stream < 3; ++stream)
    if (::fcntl(stream, F_GETFD) < 0)
      // What is printed to a standard output that is not there fails, as it should.
      (void)::open("/dev/null", stream == STDERR_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int count, char **words) {
  keepStandardStreams();
  waitBriefly(words);
  // A reader that goes away is an error of writing, and no reason to drop what is being done.
  std::signal(SIGPIPE, SIG_IGN);
  Invocation invocation;
  invocation.compiler = createProgramCompiler({{}, {}, [](std::string_view text) { fmt::print(stderr, "{}", text); }});
  std::unique_ptr<CLI::App> app = makeApp(invocation);
  for (bool understood = false; !understood;) {
    try {
      app->parse(count, words);
      understood = true;
    } catch (const CLI::ParseError &failure) {
      if (askCompiler(*app, invocation)) {
        app = makeApp(invocation);
        continue;
      }
      if (failure.get_exit_code() == 0) {
        // Help, or the version, was asked for.
        std::ostringstream text;
        int code = app->exit(failure, text, std::cerr);
        Output().print(text.str());
        return endOutput(code);
      }
      return fail(explain(*app, failure));
    }
  }
  if (!invocation.run) {
    Output().print(app->help());
    return endOutput(0);
  }
  Result<ExitCode> result = run(invocation);
  if (!result.ok())
    return fail(result.status().message());
  invocation.output.finish();
  return endOutput(*result);
}
