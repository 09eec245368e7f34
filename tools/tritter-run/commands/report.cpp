// report: one page over several runs.
#include "runtime/report/report.h"
#include "../command.h"
#include "runtime/checkpoint/atomic_file.h"
#include "runtime/checkpoint/output_file.h"

using namespace tritter;

namespace {

struct ReportArguments : ReportOptions {
  std::string path = "report.html";
  bool force = false;
};

} // namespace

static Result<ExitCode> runReport(const ReportArguments &arguments, Output &out) {
  TRITTER_RETURN_IF_ERROR(checkReplaceable(arguments.path, OutputKind::Page, arguments.force));
  TRITTER_ASSIGN(std::string page, makeReport(arguments));
  TRITTER_RETURN_IF_ERROR(writeFileAtomically(arguments.path, page));
  out.line("wrote", "{}  {} runs, {}", arguments.path, arguments.runs.size(), shortBytes(page.size()));
  out.object["path"] = arguments.path;
  out.object["runs"] = arguments.runs.size();
  return 0;
}

void tritter::addReport(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("report", "One page on several runs: losses, savings, checks, lineage");
  auto arguments = std::make_shared<ReportArguments>();
  command->add_option("runs", arguments->runs, "folders of runs")->required();
  command->add_option("--check", arguments->checks, "what `verify --json` printed, as a file; again for more")
      ->allow_extra_args(false);
  command->add_option("-o,--output", arguments->path, "the page");
  command->add_flag("--force", arguments->force, "replace what is there under the name of the page");
  command->callback(
      [=, &invocation] { invocation.run = [=, &invocation] { return runReport(*arguments, invocation.output); }; });
}
