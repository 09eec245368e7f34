#include "checkpoint_text.h"

using namespace tritter;

std::string tritter::describeProof(const std::string &verdict, bool bitwise, double relativeError,
                                   const std::string &firstBroken, const std::string &reason) {
  if (verdict.empty())
    return "none";
  std::string line = verdict;
  if (bitwise)
    line += ", bitwise";
  if (relativeError > 0)
    line += fmt::format(", within {:.1e} relative", relativeError);
  if (!firstBroken.empty())
    line += ": first broken at " + firstBroken;
  if (!reason.empty())
    line += ": " + reason;
  return line;
}

std::string tritter::shortIdentity(const std::string &identity) {
  return identity.size() < 8 ? identity : identity.substr(0, 4) + ".." + identity.substr(identity.size() - 2);
}
