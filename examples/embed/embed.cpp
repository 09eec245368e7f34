// The runtime in a program of one's own: opens a checkpoint, evaluates it, trains it some steps, and evaluates what was
// saved.
//
//   embed CHECKPOINT DATA RUN [STEP.texe ...]     with executables given, no tritter-compile is needed beside it
#include "runtime/tritter.h"

#include <cstdio>

using namespace tritter;

static Result<std::unique_ptr<Compiler>> chooseCompiler(int count, char **words) {
  if (count == 0)
    return createProgramCompiler();
  std::vector<std::shared_ptr<const Executable>> executables(count);
  for (int i = 0; i < count; ++i) {
    TRITTER_ASSIGN(executables[i], Executable::load(words[i]));
  }
  return createGivenExecutables(std::move(executables));
}

static Status run(const std::string &checkpoint, const std::string &data, const std::string &folder,
                  Compiler &compiler) {
  EvaluateRequest evaluation;
  evaluation.checkpoint = checkpoint;
  evaluation.data = {data};
  evaluation.program.batch = 2;
  evaluation.program.sequence = 16;
  TRITTER_ASSIGN(EvaluateResult before, evaluate(evaluation, compiler));

  TrainRequest training;
  training.output = folder;
  training.options.model = checkpoint;
  training.options.data = {data};
  training.options.batch = 2;
  training.options.sequence = 16;
  training.options.steps = 20;
  TRITTER_ASSIGN(PreparedRun prepared, prepareRun(training, compiler));
  TRITTER_ASSIGN(TrainOutcome outcome, train(std::move(prepared), compiler));

  evaluation.checkpoint = outcome.checkpoint;
  TRITTER_ASSIGN(EvaluateResult after, evaluate(evaluation, compiler));
  std::printf("%s: loss %.4f\n%s: loss %.4f after %d steps\n", before.checkpoint.c_str(), before.loss,
              after.checkpoint.c_str(), after.loss, static_cast<int>(outcome.step));
  return {};
}

int main(int count, char **words) {
  if (count < 4) {
    std::fprintf(stderr, "embed CHECKPOINT DATA RUN [STEP.texe ...]\n");
    return 1;
  }
  Result<std::unique_ptr<Compiler>> compiler = chooseCompiler(count - 4, words + 4);
  Status status = compiler.ok() ? run(words[1], words[2], words[3], **compiler) : std::move(compiler).status();
  if (!status.ok())
    std::fprintf(stderr, "error: %s\n", std::string(status.message()).c_str());
  return status.ok() ? 0 : 1;
}
