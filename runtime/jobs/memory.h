#ifndef TRITTER_RUNTIME_JOBS_MEMORY_H
#define TRITTER_RUNTIME_JOBS_MEMORY_H

#include "runtime/jobs/train.h"

#include <cstdint>
#include <string>
#include <vector>

namespace tritter {

/// Bytes of this process's memory that one thing takes.
struct MemoryPart {
  std::string name;
  uint64_t bytes = 0;
};

/// What a run holds at most, part by part: the arenas of its executable, what the device's products pack into, the
/// program (with its libraries, the executable and the mapped source of the weights), and the mapped token files.
struct MemoryPlan {
  std::vector<MemoryPart> parts;

  uint64_t total() const;
};

/// Of a run that is prepared and not begun: what the program holds by now is measured, the rest is known.
MemoryPlan planMemory(const PreparedRun &run);

/// The most that this process has held in memory so far; 0 where the system does not say.
uint64_t peakMemory();

} // namespace tritter

#endif // TRITTER_RUNTIME_JOBS_MEMORY_H
