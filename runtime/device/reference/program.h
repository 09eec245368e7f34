#ifndef TRITTER_RUNTIME_DEVICE_REFERENCE_PROGRAM_H
#define TRITTER_RUNTIME_DEVICE_REFERENCE_PROGRAM_H

#include "runtime/executable/executable.h"

#include <vector>

namespace tritter {

/// An instruction whose operands are scalars (one for a row) or buffers (one value for each column of a chunk).
struct Operation {
  schema::Opcode opcode;
  uint32_t result;
  uint32_t a;
  uint32_t b;
  uint32_t c;
  uint32_t view;
  double immediate;
};

struct Broadcast {
  uint32_t scalar;
  uint32_t buffer;
};

/// A sweep in the order in which it runs for a row.
struct SweepProgram {
  /// What `columns` computes from no column: on scalars, once.
  std::vector<Operation> uniform;
  /// Scalars that column operations read.
  std::vector<Broadcast> broadcasts;
  /// On buffers, for each chunk. The result of a reduction is its number in `reductions`.
  std::vector<Operation> columns;
  /// The scalars that reductions' results go to, and how.
  struct Reduction {
    schema::Opcode opcode;
    uint32_t scalar;
  };
  std::vector<Reduction> reductions;
  /// On scalars, once.
  std::vector<Operation> row;
};

/// A kernel with its registers renamed: every value has a scalar of its own, and a buffer while it is alive.
struct Program {
  std::vector<SweepProgram> sweeps;
  uint32_t scalars = 0;
  uint32_t buffers = 0;
};

Program decodeKernel(const schema::Kernel &kernel);

/// How many of a, b and c an instruction reads.
int operandCount(schema::Opcode opcode);

} // namespace tritter

#endif // TRITTER_RUNTIME_DEVICE_REFERENCE_PROGRAM_H
