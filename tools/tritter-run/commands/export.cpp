// export: a checkpoint as a Hugging Face folder.
#include "../command.h"
#include "runtime/base/text.h"
#include "runtime/huggingface/huggingface.h"
#include "runtime/jobs/sources.h"

using namespace tritter;

static Result<ExitCode> runExport(const std::string &argument, const std::string &output, const std::string &type,
                                  Output &out) {
  if (argument.empty())
    return error("nothing to export: name a checkpoint or a run");
  if (output.empty())
    return error("-o DIR is missing: the folder to write");
  TRITTER_ASSIGN(std::shared_ptr<const CheckpointReader> checkpoint, openCheckpoint(argument));
  ExportOptions options;
  if (!type.empty())
    options.dtype = type == "bf16" ? schema::DType::BF16 : schema::DType::F32;
  TRITTER_ASSIGN(ExportReport report, exportFolder(*checkpoint, output, options));
  out.line("export", "{} as {}: {} parameters in {} tensors", checkpoint->path(), report.family,
           grouped(report.parameters), report.tensors);
  out.line("wrote", "{}  {}, {}", output, shortBytes(static_cast<double>(report.bytes)), shortTime(report.seconds));
  out.object = {{"output", output},          {"family", report.family}, {"parameters", report.parameters},
                {"tensors", report.tensors}, {"bytes", report.bytes},   {"seconds", report.seconds}};
  return 0;
}

void tritter::addExport(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("export", "Make a Hugging Face folder of a checkpoint");
  auto model = std::make_shared<std::string>(), checkpoint = std::make_shared<std::string>(),
       output = std::make_shared<std::string>(), type = std::make_shared<std::string>();
  command->add_option("model", *model, "a checkpoint, or a run, meaning its last one");
  command->add_option("--checkpoint", *checkpoint, "the same");
  command->add_option("--dtype", *type, "f32 or bf16 for all tensors; as they are without")
      ->check(CLI::IsMember({"f32", "bf16"}));
  command->add_option("-o,--output", *output, "the folder to write");
  command->callback([=, &invocation] {
    invocation.run = [=, &invocation] {
      return runExport(checkpoint->empty() ? *model : *checkpoint, *output, *type, invocation.output);
    };
  });
}
