#ifndef TRITTER_TOOLS_TRITTER_RUN_SUGGEST_H
#define TRITTER_TOOLS_TRITTER_RUN_SUGGEST_H

#include <string>
#include <vector>

namespace tritter {

/// The option (without dashes) that somebody who wrote `unknown` may have meant: what other tools' name for it is here,
/// or the nearest spelling; empty where nothing is near.
std::string suggest(const std::string &unknown, const std::vector<std::string> &known);

} // namespace tritter

#endif // TRITTER_TOOLS_TRITTER_RUN_SUGGEST_H
