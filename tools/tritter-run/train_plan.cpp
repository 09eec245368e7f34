#include "train_plan.h"

#include "runtime/base/text.h"
#include "runtime/train/model_program.h"
#include "runtime/train/operations.h"
#include "sources.h"

#include <chrono>
#include <thread>

using namespace tritter;

std::vector<std::string> tritter::compileOptions(const TrainOptions &options, const Tokenizer *tokenizer) {
  std::vector<std::string> words = {"--batch",     std::to_string(options.batch),
                                    "--seq",       std::to_string(options.sequence),
                                    "--precision", options.precision,
                                    "--seed",      std::to_string(options.seed),
                                    "--head-rows", std::to_string(options.headRows)};
  words.push_back("--entries");
  words.push_back(options.accumulate > 1 ? "step,accumulate,update,evaluate" : "step,update,evaluate");
  if (tokenizer) {
    words.push_back("--vocab");
    words.push_back(std::to_string(tokenizer->vocabulary()));
  }
  if (!options.trainOnly.empty()) {
    words.push_back("--train-only");
    words.push_back(options.trainOnly);
  }
  // The reference device interprets; native code would be compiled for nothing.
  if (options.noNative || options.device == "reference")
    words.push_back("--no-native");
  return words;
}

uint64_t tritter::configNumber(const Executable &executable, const char *key, uint64_t otherwise) {
  if (!executable->config())
    return otherwise;
  nlohmann::json config = nlohmann::json::parse(executable->config()->str(), nullptr, false);
  if (!config.is_object() || !config.contains(key) || !config[key].is_number())
    return otherwise;
  return config[key].get<uint64_t>();
}

int tritter::threadsOf(const TrainOptions &options) {
  return options.threads ? options.threads : static_cast<int>(std::thread::hardware_concurrency());
}

std::string tritter::memoryLine(const Executable &executable) {
  std::string parts;
  for (const schema::Arena *arena : *executable->arenas())
    if (arena->bytes() >= 1000000)
      parts += fmt::format("{}{} {}", parts.empty() ? ": " : ", ", arena->name()->string_view(),
                           shortBytes(static_cast<double>(arena->bytes())));
  return shortBytes(static_cast<double>(memoryOf(executable))) + parts;
}

Result<ExitCode> tritter::dryRun(Device &device, std::shared_ptr<const Executable> executable,
                                 const TrainOptions &options, Output &out) {
  TRITTER_ASSIGN(std::unique_ptr<Session> session, device.load(executable));
  ModelProgram program(std::move(session));
  // All parameters being zero, nothing is learnt; the work is the same.
  double seconds = 0;
  for (int step = 0; step < 2; ++step) {
    auto begin = std::chrono::steady_clock::now();
    TRITTER_RETURN_IF_ERROR(program.run("step"));
    if (program.hasEntry("update"))
      TRITTER_RETURN_IF_ERROR(program.run("update"));
    TRITTER_ASSIGN(double loss, program.readScalar("loss"));
    (void)loss;
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  double total = seconds * static_cast<double>(options.steps * options.accumulate);
  // The parameters, and the optimizer's two moments of what is trained, in f32.
  double checkpoint = 4.0 * static_cast<double>(countParameters(*executable) + 2 * countTrained(*executable));
  uint64_t kept = options.keep ? options.keep + 1 : options.steps / options.saveEvery + 1;
  out.line("time", "{} a step, about {} in all", shortTime(seconds * static_cast<double>(options.accumulate)),
           shortTime(total));
  out.line("disk", "{} a checkpoint, {} of them", shortBytes(checkpoint), kept);
  out.line("dry run", "nothing was written");
  out.object["seconds"] = total;
  out.object["seconds_per_step"] = seconds * static_cast<double>(options.accumulate);
  out.object["disk_bytes"] = checkpoint * static_cast<double>(kept);
  return 0;
}
