#ifndef TRITTER_RUNTIME_EXECUTABLE_DERIVATION_POOL_H
#define TRITTER_RUNTIME_EXECUTABLE_DERIVATION_POOL_H

#include "runtime/schema/executable_generated.h"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace tritter {

/// Collects derivations and their axis maps, each of them once: what is added again gets the number that it has.
class DerivationPool {
public:
  uint32_t addMap(const std::vector<schema::Run> &runs);
  /// The numbers of the derivation's maps are those of this pool.
  uint32_t add(const schema::DerivationT &derivation);

  /// Adds what the executable's parameters derive by and its growth's axes, and has them refer to this pool.
  void adopt(schema::ExecutableT &executable);

  std::unique_ptr<schema::DerivationsT> take();

  /// Goes on with what an earlier pool collected, whose numbers stay.
  static DerivationPool from(const schema::DerivationsT *derivations);

private:
  schema::DerivationsT derivations_;
  /// Numbers by content.
  std::unordered_map<std::string, uint32_t> maps_, known_;
};

/// Brings the derivations that version 1 wrote out with each parameter into `Executable.derivations`. It grew moments
/// by the parameter's own maps; that is right of copies, which keep them.
void internDerivations(schema::ExecutableT &executable);

} // namespace tritter

#endif // TRITTER_RUNTIME_EXECUTABLE_DERIVATION_POOL_H
