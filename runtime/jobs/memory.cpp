#include "runtime/jobs/memory.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>

using namespace tritter;

uint64_t MemoryPlan::total() const {
  uint64_t bytes = 0;
  for (const MemoryPart &part : parts)
    bytes += part.bytes;
  return bytes;
}

/// A number of /proc/self/status, in bytes.
static uint64_t statusOf(std::string_view key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key))
      return 1024 * std::strtoull(line.c_str() + key.size(), nullptr, 10);
  return 0;
}

uint64_t tritter::peakMemory() { return statusOf("VmHWM:"); }

/// Bytes of the token files that a run maps, each once.
static uint64_t dataBytes(const PreparedRun &run) {
  uint64_t bytes = 0;
  std::set<std::string> known;
  auto add = [&](const TokenFile &file) {
    if (known.insert(file.path()).second)
      bytes += file.size() * static_cast<uint64_t>(file.tokenBytes());
  };
  if (run.sampler)
    for (const std::shared_ptr<const TokenFile> &file : run.sampler->files())
      add(*file);
  if (run.validation)
    add(run.validation->file());
  return bytes;
}

MemoryPlan tritter::planMemory(const PreparedRun &run) {
  MemoryPlan plan;
  const Executable &executable = *run.compiled.executable;
  for (const schema::Arena *arena : *executable->arenas())
    plan.parts.push_back({arena->name()->str(), arena->bytes()});
  plan.parts.push_back({"products", run.device->scratchBytes()});
  // The token files were read to check them, so their pages are among those that the process holds.
  uint64_t data = dataBytes(run), now = statusOf("VmRSS:");
  plan.parts.push_back({"program", now > data ? now - data : now});
  plan.parts.push_back({"data", data});
  return plan;
}
