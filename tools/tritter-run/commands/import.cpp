// import: a Hugging Face folder as a checkpoint.
#include "../command.h"
#include "../compile.h"
#include "../output.h"
#include "runtime/base/text.h"
#include "runtime/huggingface/huggingface.h"

#include <filesystem>

using namespace tritter;

static Result<ExitCode> runImport(const std::string &folder, const std::string &output, const std::string &executable,
                                  Output &out) {
  if (output.empty())
    return error("-o FILE is missing: the checkpoint to write");
  if (!std::filesystem::exists(folder))
    return error("{}: there is no such folder", folder);
  if (!looksLikeHuggingFaceFolder(folder))
    return error("{}: is no Hugging Face folder: it has no config.json", folder);
  TRITTER_ASSIGN(Compiled model, compile({executable.empty() ? folder : executable, "", {"--entries", "none"}}));
  TRITTER_ASSIGN(ImportReport report, importFolder(folder, **model.executable, output));
  out.line("import", "{} of family {}: {} parameters in {} tensors{}", folder, report.family,
           grouped(report.parameters), report.tensors,
           report.converted ? fmt::format(" ({} converted to f32)", report.converted) : "");
  out.line("tokens", "{}",
           report.tokenizer.empty() ? "no tokenizer in the folder: --tokenizer names one later" : report.tokenizer);
  out.line("wrote", "{}  {}, {}", output, shortBytes(static_cast<double>(report.bytes)), shortTime(report.seconds));
  out.object = {{"output", output},           {"family", report.family}, {"parameters", report.parameters},
                {"tensors", report.tensors},  {"bytes", report.bytes},   {"seconds", report.seconds},
                {"identity", report.identity}};
  return 0;
}

void tritter::addImport(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("import", "Make a checkpoint of a Hugging Face folder");
  auto folder = std::make_shared<std::string>(), output = std::make_shared<std::string>(),
       executable = std::make_shared<std::string>();
  command->add_option("folder", *folder, "config.json, and model.safetensors or its shards")->required();
  command->add_option("--executable", *executable, "a .texe of the folder's model, compiled elsewhere");
  command->add_option("-o,--output", *output, "the checkpoint to write");
  command->callback([=, &invocation] {
    invocation.run = [=, &invocation] { return runImport(*folder, *output, *executable, invocation.output); };
  });
}
