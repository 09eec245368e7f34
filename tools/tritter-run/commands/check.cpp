// check: reads a file to its last byte, and says what it is and whether it is whole.
#include "runtime/jobs/check.h"
#include "../command.h"
#include "runtime/base/text.h"

#include <chrono>
#include <cstdio>
#include <fmt/ranges.h>
#include <unistd.h>

using namespace tritter;

namespace {

struct CheckArguments {
  std::string file;
  bool verbose = false;
};

/// One line on a terminal that overwrites itself: share, rate, time left. Nothing elsewhere.
class ReadingLine {
public:
  ~ReadingLine() { clear(); }
  void show(uint64_t done, uint64_t total) {
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    if (!::isatty(STDERR_FILENO) || seconds < last_ + 0.2 || done == 0)
      return;
    last_ = seconds;
    double rate = static_cast<double>(done) / seconds;
    fmt::print(stderr, "\r\33[Kcheck    {:.0f}% | {}/s | eta {}",
               100.0 * static_cast<double>(done) / static_cast<double>(total), shortBytes(rate),
               shortTime(static_cast<double>(total - done) / rate));
    std::fflush(stderr);
  }
  void clear() {
    if (last_ > 0)
      fmt::print(stderr, "\r\33[K");
    last_ = 0;
  }

private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  double last_ = 0;
};

} // namespace

static Result<ExitCode> runCheck(const CheckArguments &arguments, Invocation &invocation) {
  Output &out = invocation.output;
  ReadingLine line;
  CheckRequest request{arguments.file, [&](uint64_t done, uint64_t total) { line.show(done, total); }};
  TRITTER_ASSIGN(CheckResult result, check(request));
  line.clear();
  nlohmann::ordered_json tensors = nlohmann::ordered_json::array();
  for (const CheckedTensor &tensor : result.tensors) {
    if (arguments.verbose)
      out.print(fmt::format("whole    {:<36} {:<7} {:<5} {:<16} {:>10}  {}\n", tensor.name, tensor.kind, tensor.dtype,
                            fmt::format("[{}]", fmt::join(tensor.shape, ", ")),
                            shortBytes(static_cast<double>(tensor.bytes)), shortHash(tensor.hash)));
    tensors.push_back({{"name", tensor.name}, {"kind", tensor.kind}, {"bytes", tensor.bytes}, {"sha256", tensor.hash}});
  }
  out.line("file", "{}  {}", result.path, shortBytes(static_cast<double>(result.bytes)));
  out.line("is", "a whole {}: {}", result.kind, result.contents);
  out.line("identity", "{}", result.identity);
  out.line("read", "in {}", shortTime(result.seconds));
  out.object = {{"path", result.path},         {"kind", result.kind},         {"bytes", result.bytes},
                {"contents", result.contents}, {"identity", result.identity}, {"seconds", result.seconds}};
  if (!result.tensors.empty())
    out.object["tensors"] = tensors;
  return 0;
}

void tritter::addCheck(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("check", "Read a file to its last byte, and say whether it is whole");
  auto arguments = std::make_shared<CheckArguments>();
  command->add_option("file", arguments->file, "a checkpoint or a run, an executable (.texe), or a token file")
      ->required();
  command->add_flag("--verbose", arguments->verbose, "every tensor of a checkpoint");
  command->callback(
      [=, &invocation] { invocation.run = [=, &invocation] { return runCheck(*arguments, invocation); }; });
}
