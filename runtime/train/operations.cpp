#include "runtime/train/operations.h"

using namespace tritter;

static uint64_t elementsOf(const schema::Parameter &parameter) {
  uint64_t count = 1;
  for (uint64_t size : *parameter.shape())
    count *= size;
  return count;
}

double tritter::operationsPerToken(const Executable &executable) {
  const schema::Entry *step = executable.entry("step");
  uint64_t tokens = executable->batch() * executable->sequence_length();
  return step && tokens ? step->operations() / static_cast<double>(tokens) : 0;
}

uint64_t tritter::countParameters(const Executable &executable) {
  uint64_t count = 0;
  for (const schema::Parameter *parameter : *executable->parameters())
    count += elementsOf(*parameter);
  return count;
}

uint64_t tritter::countTrained(const Executable &executable) {
  uint64_t count = 0;
  for (const schema::Parameter *parameter : *executable->parameters())
    if (parameter->trainable())
      count += elementsOf(*parameter);
  return count;
}
