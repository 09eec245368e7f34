// growth_bench MEGABYTES LAYERS FOLDER llama-pro|stack: makes a checkpoint of about that size there, grows it by half
// its layers (LLaMA-Pro's new layers have zeros, which cost no writing; stack's are copies), and prints one JSON
// object: bytes, seconds and peak memory of the growth alone. bench/ compares it with a copy of the output.
#include "runtime/growth/derivation_builder.h"
#include "runtime/growth/grow.h"

#include <cstdio>
#include <cstdlib>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace tritter;
using testing_support::DerivationBuilder;

static int fail(const Status &status) {
  fmt::print(stderr, "{}\n", status.message());
  return 1;
}

static const char *const tensorNames[] = {"attn.q.weight", "attn.o.weight", "mlp.up.weight", "mlp.down.weight"};

static Status writeBase(const std::string &path, uint64_t layers, uint64_t size) {
  std::vector<TensorDeclaration> declarations;
  for (uint64_t layer = 0; layer < layers; ++layer)
    for (const char *name : tensorNames)
      declarations.push_back({fmt::format("layers.{}.{}", layer, name), "value", {size, size}});
  TRITTER_ASSIGN(auto writer, CheckpointWriter::create(path, declarations));
  for (size_t i = 0; i < declarations.size(); ++i)
    TRITTER_RETURN_IF_ERROR(writer->write(i, [&](uint64_t offset, std::span<std::byte> out) {
      uint64_t state = i * 0x9E3779B97F4A7C15 + offset;
      for (size_t at = 0; at + 8 <= out.size(); at += 8) {
        state = state * 6364136223846793005 + 1442695040888963407;
        std::memcpy(out.data() + at, &state, 8);
      }
      return Status();
    }));
  auto identity = writer->commit({});
  return identity.ok() ? Status() : std::move(identity).status();
}

static schema::ExecutableT growthOf(uint64_t layers, uint64_t size, bool zeros) {
  schema::ExecutableT growth;
  growth.version = 1;
  growth.growth = std::make_unique<schema::GrowthT>();
  growth.growth->method = zeros ? "llama-pro" : "stack";
  uint64_t place = 0;
  DerivationPool pool;
  auto add = [&](uint64_t origin, bool added) {
    for (int i = 0; i < 4; ++i) {
      auto parameter = std::make_unique<schema::ParameterT>();
      parameter->name = fmt::format("layers.{}.{}", place, tensorNames[i]);
      parameter->shape = {size, size};
      DerivationBuilder builder;
      if (zeros && added && i % 2)
        builder.constant(0);
      else
        builder.source(fmt::format("layers.{}.{}", origin, tensorNames[i]), {size, size});
      parameter->derivation = builder.addTo(pool);
      parameter->derivation->adjoint = parameter->derivation->derivation;
      growth.parameters.push_back(std::move(parameter));
    }
    auto layer = std::make_unique<schema::LayerOriginT>();
    layer->name = fmt::format("layers.{}", place++);
    layer->origin = fmt::format("layers.{}", origin);
    layer->added = added;
    growth.growth->layers.push_back(std::move(layer));
  };
  for (uint64_t layer = 0; layer < layers; ++layer) {
    add(layer, false);
    if (layer % 2)
      add(layer, true);
  }
  growth.derivations = pool.take();
  return growth;
}

int main(int count, char **arguments) {
  std::string method = count == 5 ? arguments[4] : "";
  if (method != "llama-pro" && method != "stack") {
    fmt::print(stderr, "growth_bench MEGABYTES LAYERS FOLDER llama-pro|stack\n");
    return 1;
  }
  uint64_t layers = std::strtoull(arguments[2], nullptr, 10), size = 64;
  while (4 * layers * (size + 64) * (size + 64) * 4 <= std::strtoull(arguments[1], nullptr, 10) << 20)
    size += 64;
  std::string base = std::string(arguments[3]) + "/base.tckpt", grown = std::string(arguments[3]) + "/grown.tckpt";
  if (access(base.c_str(), R_OK) != 0) {
    if (Status status = writeBase(base, layers, size); !status.ok())
      return fail(status);
  }
  schema::ExecutableT growth = growthOf(layers, size, method == "llama-pro");
  flatbuffers::FlatBufferBuilder buffer;
  schema::FinishExecutableBuffer(buffer, schema::Executable::Pack(buffer, &growth));
  auto reader = CheckpointReader::open(base);
  if (!reader.ok())
    return fail(reader.status());
  auto report = growCheckpoint(**reader, *schema::GetExecutable(buffer.GetBufferPointer()), grown);
  if (!report.ok())
    return fail(report.status());
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  fmt::print("{{\"bytes\": {}, \"seconds\": {:.3f}, \"resident\": {}, \"copied\": {}, \"zeroed\": {}}}\n",
             report->bytes, report->seconds, usage.ru_maxrss * 1024, report->copied, report->zeroed);
  return 0;
}
