#ifndef TRITTER_RUNTIME_BASE_JSON_DEPTH_H
#define TRITTER_RUNTIME_BASE_JSON_DEPTH_H

#include <string_view>

namespace tritter {

/// More than any configuration, index or header has.
inline constexpr int maximumJsonDepth = 64;

/// Whether the brackets of a JSON text nest deeper than `maximumJsonDepth`. Asked before it is parsed, since parsers
/// and printers of JSON recurse.
constexpr bool nestsTooDeep(std::string_view json) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < json.size(); ++i) {
    char c = json[i];
    if (quoted && c == '\\')
      ++i;
    else if (c == '"')
      quoted = !quoted;
    else if (!quoted && (c == '[' || c == '{') && ++depth > maximumJsonDepth)
      return true;
    else if (!quoted && (c == ']' || c == '}'))
      --depth;
  }
  return false;
}

} // namespace tritter

#endif // TRITTER_RUNTIME_BASE_JSON_DEPTH_H
