// What the compiler would generate for a kernel that doubles rows of 8 floats, but for what is added: by it the test
// tells native code from the interpreter, and one object from another.
#include <cstdint>

extern "C" void double_and_one(void *const *operands, int64_t rowBegin, int64_t rowEnd, int64_t block) {
  auto *in = static_cast<const float *>(operands[0]);
  auto *out = static_cast<float *>(operands[1]);
  for (int64_t i = rowBegin * 8; i < rowEnd * 8; ++i)
    out[i] = 2 * in[i] + TRITTER_FIXTURE_ADDS;
}
