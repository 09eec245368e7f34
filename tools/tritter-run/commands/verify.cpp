// verify: measures, on real weights, how far a grown model is from its base, and where it parted from it.
#include "runtime/jobs/verify.h"
#include "../checkpoint_text.h"
#include "../command.h"
#include "../number_option.h"
#include "../program_options.h"
#include "runtime/base/text.h"

using namespace tritter;

/// "0-3: 0 | 4: 0.38": equal neighbours in one.
static std::string describeLayers(const std::vector<uint64_t> &layers, const std::vector<double> &errors) {
  std::string line;
  for (size_t i = 0; i < errors.size();) {
    std::string value = fmt::format("{:.2g}", errors[i]);
    size_t end = i + 1;
    while (end < errors.size() && fmt::format("{:.2g}", errors[end]) == value)
      ++end;
    line += fmt::format("{}{}{}: {}", i ? " | " : "", layers[i], end - i > 1 ? fmt::format("-{}", layers[end - 1]) : "",
                        value);
    i = end;
  }
  return line;
}

/// What was proved, of what, and what happened since.
static std::string describeProof(const std::optional<GrowthProof> &proof) {
  if (!proof)
    return describeProof("", false, 0, "");
  std::string line = describeProof(proof->verdict, proof->bitwise, proof->relativeError, proof->firstBroken);
  if (!proof->ofThisBase)
    line += " (of the last growth, which did not start from this base)";
  if (proof->trainedSteps)
    line += fmt::format(" when it was grown; trained for {} steps since, which the proof says nothing of",
                        grouped(proof->trainedSteps));
  return line;
}

static std::string describeGate(const VerifyResult &result) {
  if (result.passed)
    return "pass";
  if (result.comparison.notFiniteBase + result.comparison.notFiniteGrown)
    return "NOT MET; logits that are no numbers are the same as nothing";
  if (result.proof && result.proof->trainedSteps)
    return "NOT MET; the model was trained since it was grown";
  if (result.proof && result.proof->verdict == "not-preserved")
    return fmt::format("NOT MET; {} does not promise it", result.proof->method);
  return "NOT MET";
}

/// What was measured of the logits; where some are no numbers, there is nothing to measure.
static std::string describeLogits(const VerifyResult &result) {
  const Comparison &comparison = result.comparison;
  std::string of = fmt::format("({}, {} positions of {})", result.precision, grouped(comparison.positions),
                               result.tokens.empty() ? "random tokens" : result.tokens);
  if (comparison.notFiniteBase + comparison.notFiniteGrown)
    return fmt::format("not comparable: NaN or infinite at {} positions of the base, at {} of the grown model   {}",
                       grouped(comparison.notFiniteBase), grouped(comparison.notFiniteGrown), of);
  return fmt::format("mse {:.3g}  max {:.3g}  kl {:.3g}  top-1 agree {:.4g}%   {}", comparison.meanSquaredError,
                     comparison.largestDifference, comparison.divergence, 100 * comparison.agreement, of);
}

static Result<ExitCode> runVerify(const VerifyRequest &request, Invocation &invocation) {
  TRITTER_ASSIGN(VerifyResult result, verify(request, *invocation.compiler));
  const Comparison &comparison = result.comparison;
  Output &out = invocation.output;
  for (const std::string &layout : result.layouts)
    out.line("data", "{}", layout);
  out.line("proof", "{}", describeProof(result.proof));
  for (const std::string &warning : result.warnings)
    out.warn(warning);
  if (!result.notFiniteBase.empty())
    out.warn(fmt::format("{}: {}", result.base, describe(result.notFiniteBase)));
  if (!result.notFiniteGrown.empty())
    out.warn(fmt::format("{}: {}", result.grown, describe(result.notFiniteGrown)));
  bool measured = comparison.notFiniteBase + comparison.notFiniteGrown == 0;
  out.line("logits", "{}", describeLogits(result));
  if (measured)
    out.line("loss", "{:.4f} -> {:.4f}", comparison.lossBase, comparison.lossGrown);
  if (!result.layers.empty() && !(comparison.largestDifference == 0))
    out.line("layer", "{}   (relative error of the residual stream)",
             describeLayers(result.layers, comparison.residualErrors));
  out.line("gate", "mse < {:g}   {}", request.gate, describeGate(result));

  // What was proved of the growth; nothing was proved of weights that were trained since.
  GrowthProof growth = result.proof.value_or(GrowthProof()), proof = growth.trainedSteps ? GrowthProof() : growth;
  out.object["base"] = result.base;
  out.object["grown"] = result.grown;
  out.object["method"] = growth.method;
  out.object["verdict"] = proof.verdict;
  out.object["bitwise"] = proof.bitwise;
  out.object["relative_error"] = proof.relativeError;
  out.object["first_broken"] = proof.firstBroken;
  if (result.proof)
    out.object["growth"] = {{"verdict", growth.verdict},
                            {"bitwise", growth.bitwise},
                            {"first_broken", growth.firstBroken},
                            {"of_this_base", growth.ofThisBase},
                            {"trained_steps", growth.trainedSteps}};
  out.object["mse"] = jsonNumber(comparison.meanSquaredError);
  out.object["max_abs"] = jsonNumber(comparison.largestDifference);
  out.object["kl"] = jsonNumber(comparison.divergence);
  out.object["top1_agreement"] = jsonNumber(comparison.agreement);
  out.object["not_finite_positions"] = {{"base", comparison.notFiniteBase}, {"grown", comparison.notFiniteGrown}};
  out.object["not_finite"] = {{"base", namesOf(result.notFiniteBase)}, {"grown", namesOf(result.notFiniteGrown)}};
  out.object["loss_base"] = jsonNumber(comparison.lossBase);
  out.object["loss_grown"] = jsonNumber(comparison.lossGrown);
  out.object["positions"] = comparison.positions;
  out.object["gate"] = request.gate;
  out.object["passed"] = result.passed;
  out.object["parameters"] = result.parameters;
  nlohmann::ordered_json layers = nlohmann::ordered_json::array();
  for (size_t i = 0; i < comparison.residualErrors.size(); ++i)
    layers.push_back({{"layer", result.layers[i]}, {"relative_error", jsonNumber(comparison.residualErrors[i])}});
  out.object["layers"] = layers;
  out.object["bytes"] = result.bytes;
  out.object["seconds"] = result.seconds;
  return result.passed ? 0 : 2;
}

void tritter::addVerify(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("verify", "Measure what a growth preserved");
  auto arguments = std::make_shared<VerifyRequest>();
  command->add_option("base", arguments->base, "the checkpoint or run that was grown")->required();
  command->add_option("grown", arguments->grown, "what it was grown into")->required();
  command->add_option("--data", arguments->data, "token file, or a folder (its val.bin); random tokens without");
  addNumber(*command, "--token-bytes", arguments->tokenBytes, "bytes a token in files without a header: 1, 2, 4 or 8")
      ->check(CLI::IsMember({1, 2, 4, 8}));
  addNumber(*command, "--windows", arguments->windows, "windows that are compared; 0: all of the file's");
  addNumber(*command, "--seed", arguments->seed, "of the random tokens");
  addNumber(*command, "--gate", arguments->gate, "largest mean squared error of the logits that passes", 0);
  command->add_option("--base-executable", arguments->baseExecutable, "a .texe with the entry logits, for the base");
  command->add_option("--grown-executable", arguments->grownExecutable, "the same for the grown model");
  addProgramOptions(*command, arguments->program, invocation);
  command->callback(
      [=, &invocation] { invocation.run = [=, &invocation] { return runVerify(*arguments, invocation); }; });
}
