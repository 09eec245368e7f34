// import: a Hugging Face folder as a checkpoint.
#include "runtime/jobs/import.h"
#include "../command.h"
#include "runtime/base/text.h"
#include "runtime/checkpoint/output_file.h"

using namespace tritter;

static Result<ExitCode> runImport(const ImportRequest &request, bool force, Invocation &invocation) {
  if (request.output.empty())
    return error("-o FILE is missing: the checkpoint to write");
  TRITTER_RETURN_IF_ERROR(checkReplaceable(request.output, OutputKind::Checkpoint, force));
  TRITTER_ASSIGN(ImportReport report, importModel(request, *invocation.compiler));
  Output &out = invocation.output;
  out.line("import", "{} of family {}: {} parameters in {} tensors{}", request.folder, report.family,
           grouped(report.parameters), report.tensors,
           report.converted ? fmt::format(" ({} converted to f32)", report.converted) : "");
  out.line("tokens", "{}",
           report.tokenizer.empty() ? "no tokenizer.model in the folder: --tokenizer names one later"
                                    : report.tokenizer);
  for (const std::string &note : report.notes)
    out.line("note", "{}", note);
  out.line("wrote", "{}  {}, {}", request.output, shortBytes(static_cast<double>(report.bytes)),
           shortTime(report.seconds));
  out.object = {{"output", request.output},
                {"family", report.family},
                {"parameters", report.parameters},
                {"tensors", report.tensors},
                {"bytes", report.bytes},
                {"seconds", report.seconds},
                {"identity", report.identity},
                {"carried_files", report.carriedFiles},
                {"notes", report.notes}};
  return 0;
}

void tritter::addImport(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("import", "Make a checkpoint of a Hugging Face folder");
  auto request = std::make_shared<ImportRequest>();
  command->add_option("folder", request->folder, "config.json, and model.safetensors or its shards")->required();
  command->add_option("--executable", request->executable, "a .texe of the folder's model, compiled elsewhere");
  command->add_option("-o,--output", request->output, "the checkpoint to write");
  auto force = std::make_shared<bool>(false);
  command->add_flag("--force", *force, "replace what is there under the name of the output");
  command->callback(
      [=, &invocation] { invocation.run = [=, &invocation] { return runImport(*request, *force, invocation); }; });
}
