// Attention on any processor.
#include "runtime/device/bfloat16.h"
#include "runtime/device/cpu/attention_kernels.h"

#define TRITTER_LANES 4
#include "runtime/device/cpu/attention_tiles.h"

const TileKernels *tritter::portableKernels(bool bf16) {
  return bf16 ? &kernelsOf<Single, BFloat16> : &kernelsOf<Single, float>;
}
