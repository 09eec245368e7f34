// Executables of older versions. Each step knows two versions, the one that it reads and the next.

#include "runtime/executable/upgrade.h"
#include "runtime/executable/derivation_pool.h"
#include "runtime/executable/executable.h"
#include "runtime/executable/version_1.h"

#include <cstdlib>

using namespace tritter;

// ---------------------------------------------------------------- from version 1

/// 2 has code for several targets, each with its own list of the kernels that it has.
static void moveNativeCode(schema::ExecutableT &executable) {
  if (!executable.native_v1)
    return;
  auto target = std::make_unique<schema::TargetT>();
  target->name = "cpu";
  target->triple = std::move(executable.native_v1->triple);
  target->processor = std::move(executable.native_v1->cpu);
  target->features = std::move(executable.native_v1->features);
  target->code = std::move(executable.native_v1->object);
  for (size_t i = 0; i < executable.kernels.size(); ++i) {
    std::string symbol = std::move(executable.kernels[i]->symbol_v1);
    executable.kernels[i]->symbol_v1.clear();
    if (symbol.empty())
      continue;
    auto code = std::make_unique<schema::KernelCodeT>();
    code->kernel = uint32_t(i);
    code->symbol = std::move(symbol);
    target->kernels.push_back(std::move(code));
  }
  executable.native_v1.reset();
  executable.targets.push_back(std::move(target));
}

static double attentionOperations(const schema::AttentionT &attention) {
  return 2.0 * double(attention.batch * attention.heads) * double(attention.sequence) * double(attention.sequence) *
         double(attention.head_dim);
}

/// Of one run of a sequence, and what it calls. Checked later is whether calls go in circles: `depth` ends those.
static double operationsOf(const schema::ExecutableT &executable, uint32_t sequence, unsigned depth) {
  double operations = 0;
  if (sequence >= executable.sequences.size() || depth == 0)
    return operations;
  for (const std::unique_ptr<schema::StepT> &step : executable.sequences[sequence]->steps) {
    if (const schema::GemmT *gemm = step->command.AsGemm())
      operations += 2.0 * double(gemm->m) * double(gemm->n) * double(gemm->k);
    else if (const schema::AttentionT *attention = step->command.AsAttention())
      operations += attentionOperations(*attention);
    else if (const schema::AttentionBackwardT *backward = step->command.AsAttentionBackward();
             backward && backward->forward)
      operations += 2 * attentionOperations(*backward->forward);
    else if (const schema::CallT *call = step->command.AsCall())
      operations += operationsOf(executable, call->sequence, depth - 1);
  }
  return operations;
}

/// Version 1 knew growths of depth, whose layers stand behind the base's residual stream as it is.
static void addStreams(schema::GrowthT &growth, std::unique_ptr<schema::DerivationsT> &derivations) {
  constexpr std::string_view prefix = "layers.";
  growth.axes.push_back(std::make_unique<schema::GrowthAxisT>());
  growth.axes.back()->name = "residual";
  DerivationPool pool = DerivationPool::from(derivations.get());
  growth.axes.back()->map = pool.addMap({});
  derivations = pool.take();
  for (const std::unique_ptr<schema::LayerOriginT> &layer : growth.layers)
    if (layer->origin.starts_with(prefix)) {
      layer->stream = 1 + static_cast<int32_t>(std::strtol(layer->origin.c_str() + prefix.size(), nullptr, 10));
      layer->stream_axis = 0;
    }
}

static void upgradeFrom1(schema::ExecutableT &executable) {
  for (std::unique_ptr<schema::ParameterT> &parameter : executable.parameters)
    for (std::unique_ptr<schema::ParameterStateT> &state : parameter->states)
      state->growth = growthInVersion1(state->kind);
  internDerivations(executable);
  if (executable.growth)
    addStreams(*executable.growth, executable.derivations);
  executable.ir_version = 1;
  executable.model_ir.insert(0, irVersion1Line);
  executable.config = modelConfigOfVersion1(executable.config_v1);
  executable.config_v1.clear();
  if (schema::GrowthT *growth = executable.growth.get()) {
    growth->source_config = modelConfigOfVersion1(growth->source_config_v1);
    growth->target_config = modelConfigOfVersion1(growth->target_config_v1);
    growth->source_config_v1.clear();
    growth->target_config_v1.clear();
  }
  moveNativeCode(executable);
  // Version 1's sequences call one level deep.
  for (std::unique_ptr<schema::EntryT> &entry : executable.entries)
    entry->operations = operationsOf(executable, entry->sequence, /*depth=*/4);
}

// ---------------------------------------------------------------- 2 to 3

/// Version 2 left it to the host to add up the losses of micro-batches: what it has for that is of no use any more.
static void upgradeFrom2(schema::ExecutableT &executable) {
  std::erase_if(executable.entries, [](const auto &entry) { return entry->name == "accumulate"; });
}

// ---------------------------------------------------------------- all

Status tritter::upgradeExecutable(schema::ExecutableT &executable) {
  if (executable.version == 1) {
    upgradeFrom1(executable);
    executable.version = 2;
  }
  if (executable.version == 2) {
    upgradeFrom2(executable);
    executable.version = 3;
  }
  if (executable.version != executableVersion)
    return error("the executable says that it has format {}, which there never was", executable.version);
  return {};
}
