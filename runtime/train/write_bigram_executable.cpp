// write_bigram_executable OUT.texe: a model that tritter-run can train where there is no compiler, for tests.
#include "runtime/executable/seal.h"
#include "runtime/train/bigram_executable.h"

#include <cstdlib>
#include <fstream>

int main(int count, char **words) {
  if (count < 2)
    return 1;
  tritter::testing::BigramShape shape;
  if (count > 2)
    shape.batch = std::strtoull(words[2], nullptr, 10);
  std::vector<std::byte> bytes = tritter::testing::makeBigramExecutable(shape);
  tritter::seal(bytes);
  std::ofstream out(words[1], std::ios::binary);
  out.write(reinterpret_cast<const char *>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return out ? 0 : 1;
}
