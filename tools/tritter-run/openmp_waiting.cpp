#include "openmp_waiting.h"

#include <cstdlib>
#include <unistd.h>

// Some ten microseconds: longer than the threads of a step wait for each other, and nothing beside the milliseconds for
// which a thread of another program has the processor. docs/performance.md has the measurements.
static constexpr const char *spins = "500";

void tritter::waitBriefly(char **words) {
  if (std::getenv("OMP_WAIT_POLICY") || std::getenv("GOMP_SPINCOUNT"))
    return;
  ::setenv("GOMP_SPINCOUNT", spins, /*replace=*/1);
  // Where that fails, all works as before, only slower beside others.
  ::execv("/proc/self/exe", words);
}
