#ifndef TRITTER_TEST_FUZZ_MUTATIONS_H
#define TRITTER_TEST_FUZZ_MUTATIONS_H

#include <random>
#include <string>
#include <vector>

namespace tritter::fuzz {

/// Changes texts of models along their structure: sizes (everywhere at once, so that types still agree), numbers,
/// element types, values, words, lines. The same generator gives the same text on every machine.
class Mutator {
public:
  /// `seeds` lend words to one another.
  explicit Mutator(const std::vector<std::string> &seeds);

  /// One to five changes of `text`.
  std::string mutate(std::string text, std::mt19937_64 &random) const;

  /// A size worth trying in the place of `size`: a bound, one beyond it, a neighbour.
  static std::string interestingSize(const std::string &size, std::mt19937_64 &random);

private:
  void mutateOnce(std::string &text, std::mt19937_64 &random) const;

  std::vector<std::string> words;
};

/// A number below `count`, which is not 0; unlike the standard library's, the same everywhere.
inline size_t pick(std::mt19937_64 &random, size_t count) { return size_t(random() % count); }

} // namespace tritter::fuzz

#endif // TRITTER_TEST_FUZZ_MUTATIONS_H
