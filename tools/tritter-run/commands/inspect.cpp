// inspect: what a checkpoint holds, or what a model would be.
#include "../checkpoint_text.h"
#include "../command.h"
#include "../model_text.h"
#include "runtime/base/text.h"
#include "runtime/checkpoint/not_finite.h"
#include "runtime/growth/lineage.h"
#include "runtime/jobs/facts.h"
#include "runtime/jobs/sources.h"
#include "runtime/train/operations.h"

#include <cmath>
#include <ctime>
#include <fmt/ranges.h>

using namespace tritter;

namespace {

struct InspectArguments {
  std::string model, checkpoint;
  std::vector<std::string> compile;
  bool ir = false, tensors = false, history = false, verify = false;
};

} // namespace

static const char *nameOf(schema::RecordKind kind) {
  static constexpr const char *names[] = {"init", "train", "grow", "import"};
  return names[static_cast<int>(kind)];
}

static void printTensors(const CheckpointReader &checkpoint, Output &out) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const schema::Tensor *tensor : *checkpoint.manifest().tensors()) {
    std::vector<uint64_t> shape(tensor->shape()->begin(), tensor->shape()->end());
    std::string hash;
    for (uint8_t byte : *tensor->hash())
      hash += fmt::format("{:02x}", byte);
    std::string name = tensor->name()->str(), kind = tensor->kind()->str();
    std::string type(tritter::nameOf(tensor->dtype()));
    out.print(fmt::format("{:<36} {:<7} {:<5} {:<16} {:>10}  {}\n", name, kind, type,
                          fmt::format("[{}]", fmt::join(shape, ", ")), shortBytes(static_cast<double>(tensor->bytes())),
                          shortHash(hash)));
    list.push_back({{"name", name},
                    {"kind", kind},
                    {"dtype", type},
                    {"shape", shape},
                    {"bytes", tensor->bytes()},
                    {"sha256", hash}});
  }
  out.object["tensors"] = list;
}

static std::vector<std::string> namesOf(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>> *names) {
  std::vector<std::string> result;
  if (names)
    for (const flatbuffers::String *name : *names)
      result.push_back(name->str());
  return result;
}

static void printHistory(const CheckpointReader &checkpoint, Output &out) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  if (checkpoint.manifest().history())
    for (const schema::Record *record : *checkpoint.manifest().history()) {
      std::string line =
          fmt::format("{:<5} {:<6} {}", shortHash(text(record->parent()).empty() ? "-" : text(record->parent())),
                      nameOf(record->kind()), text(record->method()));
      if (record->kind() == schema::RecordKind::Train)
        line += fmt::format(", {} steps, {} tokens, {}", grouped(record->steps()),
                            shortNumber(static_cast<double>(record->tokens())), shortNumber(record->flops(), "FLOP"));
      if (record->kind() == schema::RecordKind::Grow)
        line += ", " + describeProof(text(record->verdict()), record->bitwise(), record->relative_error(),
                                     text(record->first_broken()));
      line += fmt::format(", {} parameters", shortNumber(static_cast<double>(record->parameters())));
      std::vector<std::string> axes, newTensors;
      if (record->growth() && record->growth()->growth()) {
        std::unique_ptr<schema::GrowthT> growth(record->growth()->growth()->UnPack());
        axes = grownAxes(*growth);
        newTensors = growth->new_tensors;
      }
      for (const std::string &axis : axes)
        line += ", " + axis;
      if (!newTensors.empty())
        line += fmt::format(", {} new tensors in old layers", newTensors.size());
      bool measured = record->kind() == schema::RecordKind::Train && std::isfinite(record->val_loss());
      if (measured)
        line += fmt::format(", val {:.4f}", record->val_loss());
      out.print(line + "\n");
      nlohmann::ordered_json object = {{"kind", nameOf(record->kind())},
                                       {"parent", text(record->parent())},
                                       {"time", record->time()},
                                       {"method", text(record->method())},
                                       {"pipeline", text(record->pipeline())},
                                       {"verdict", text(record->verdict())},
                                       {"bitwise", record->bitwise()},
                                       {"relative_error", record->relative_error()},
                                       {"first_broken", text(record->first_broken())},
                                       {"added_layers", namesOf(record->added_layers())},
                                       {"axes", axes},
                                       {"new_tensors", newTensors},
                                       {"steps", record->steps()},
                                       {"tokens", record->tokens()},
                                       {"flops", record->flops()},
                                       {"parameters", record->parameters()},
                                       {"val_loss", measured ? jsonNumber(record->val_loss()) : nlohmann::json()}};
      list.push_back(object);
    }
  out.object["history"] = list;
}

/// Bytes of tensors that are read without being asked for, to say whether they are numbers: some seconds' worth.
static constexpr uint64_t quicklyRead = uint64_t(4) << 30;

/// Whether all tensors are finite, where that is asked for or quickly said.
static void inspectNumbers(const CheckpointReader &checkpoint, bool asked, Output &out) {
  uint64_t bytes = 0;
  for (const schema::Tensor *tensor : *checkpoint.manifest().tensors())
    bytes += tensor->bytes();
  if (!asked && bytes > quicklyRead)
    return;
  std::vector<NotFinite> tensors = findNotFinite(checkpoint, /*states=*/true);
  out.object["not_finite"] = namesOf(tensors);
  for (const NotFinite &tensor : tensors)
    out.warn(describe({tensor}));
}

static Status inspectCheckpoint(const std::string &argument, const InspectArguments &arguments, Output &out) {
  TRITTER_ASSIGN(std::shared_ptr<const CheckpointReader> checkpoint, openCheckpoint(argument));
  if (arguments.verify)
    TRITTER_RETURN_IF_ERROR(checkpoint->verifyAll());
  inspectNumbers(*checkpoint, arguments.verify || arguments.tensors, out);
  const schema::Manifest &manifest = checkpoint->manifest();
  if (arguments.ir) {
    out.print(text(manifest.model_ir()) + "\n");
    out.object["ir"] = text(manifest.model_ir());
  }
  if (arguments.tensors)
    printTensors(*checkpoint, out);
  if (arguments.history)
    printHistory(*checkpoint, out);
  out.object["path"] = checkpoint->path();
  out.object["identity"] = checkpoint->identity();
  out.object["ir_version"] = manifest.ir_version();
  out.object["parameters"] = countParameters(*checkpoint);
  out.object["config"] = modelJson(modelConfig(*checkpoint));
  if (const schema::TokenizerRecord *tokenizer = manifest.tokenizer())
    out.object["tokenizer"] = {
        {"kind", text(tokenizer->kind())}, {"vocabulary", tokenizer->vocabulary()}, {"hash", text(tokenizer->hash())}};
  const schema::TrainingState *state = manifest.state();
  if (state)
    out.object["state"] = {{"step", state->step()},
                           {"tokens", state->tokens()},
                           {"flops", state->flops()},
                           {"flops_before", state->flops_before()},
                           {"epoch", state->epoch()},
                           {"window", state->window()},
                           {"last_loss", jsonNumber(state->last_loss())}};
  if (arguments.ir || arguments.tensors || arguments.history)
    return {};

  out.line("file", "{}  sha256 {}{}", checkpoint->path(), checkpoint->identity(),
           arguments.verify ? "  every tensor's hash is right" : "");
  out.line("model", "{}: {}", text(manifest.model_name()), describeModel(modelConfig(*checkpoint)));
  out.line("params", "{} in {} tensors", grouped(countParameters(*checkpoint)), manifest.tensors()->size());
  if (const schema::TokenizerRecord *tokenizer = manifest.tokenizer())
    out.line("tokens", "{}, {} pieces, {}", text(tokenizer->kind()), grouped(tokenizer->vocabulary()),
             shortHash(text(tokenizer->hash())));
  if (state)
    out.line("state", "step {}, {} tokens, loss {:.4f}, {} of operations, epoch {} window {}", grouped(state->step()),
             shortNumber(static_cast<double>(state->tokens())), state->last_loss(),
             shortNumber(state->flops() + state->flops_before(), "FLOP"), state->epoch(), grouped(state->window()));
  out.line("history", "{} records: --history shows them", manifest.history() ? manifest.history()->size() : 0);
  return {};
}

static Status inspectModel(const std::string &model, const InspectArguments &arguments, Compiler &compiler,
                           Output &out) {
  ExecutableRequest request{model, "", {{"entries", "none"}}};
  TRITTER_RETURN_IF_ERROR(request.options.set(arguments.compile));
  TRITTER_ASSIGN(CompiledExecutable compiled, compiler.compile(request));
  const Executable &executable = *compiled.executable;
  std::string ir = text(executable->model_ir());
  if (arguments.ir) {
    out.print(ir + "\n");
    out.object["ir"] = ir;
  }
  if (arguments.tensors)
    for (const schema::Parameter *parameter : *executable->parameters()) {
      std::vector<uint64_t> shape(parameter->shape()->begin(), parameter->shape()->end());
      out.print(fmt::format("{:<36} [{}]\n", parameter->name()->str(), fmt::join(shape, ", ")));
    }
  if (arguments.history)
    return error("{}: is a model, which has no history yet", model);
  uint64_t parameters = countParameters(executable);
  out.object["parameters"] = parameters;
  out.object["config"] = modelJson(executable.config());
  if (!arguments.ir && !arguments.tensors) {
    out.line("model", "{}: {}", text(executable->model_name()), describeModel(executable.config()));
    out.line("params", "{}", grouped(parameters));
  }
  return {};
}

void tritter::addInspect(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("inspect", "Show what a checkpoint or a model is");
  auto arguments = std::make_shared<InspectArguments>();
  command->add_option("model", arguments->model, "a checkpoint, a run, or a model");
  command->add_option("--checkpoint", arguments->checkpoint, "the same for a checkpoint");
  addCompilerOptions(*command, invocation, arguments->compile);
  command->add_flag("--ir", arguments->ir, "the model's IR");
  command->add_flag("--tensors", arguments->tensors, "every tensor with its type, shape and hash");
  command->add_flag("--history", arguments->history, "where it comes from");
  command->add_flag("--verify", arguments->verify, "compare every tensor with its hash first, and say which are not finite");
  command->callback([=, &invocation] {
    invocation.run = [=, &invocation]() -> Result<ExitCode> {
      std::string model = arguments->checkpoint.empty() ? arguments->model : arguments->checkpoint;
      if (model.empty())
        return error("nothing to inspect: name a checkpoint, a run or a model");
      bool checkpoint = !arguments->checkpoint.empty() || isCheckpoint(model);
      TRITTER_RETURN_IF_ERROR(checkpoint ? inspectCheckpoint(model, *arguments, invocation.output)
                                         : inspectModel(model, *arguments, *invocation.compiler, invocation.output));
      return 0;
    };
  });
}
