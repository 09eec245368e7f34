#ifndef TRITTER_TOOLS_TRITTER_RUN_OUTPUT_H
#define TRITTER_TOOLS_TRITTER_RUN_OUTPUT_H

#include "runtime/base/status.h"
#include "runtime/base/text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace tritter {

/// Where a command's words go. People read lines on standard output; with --json those go to standard error, and
/// standard output gets one object at the end.
class Output {
public:
  bool json = false;
  /// What --json prints.
  nlohmann::ordered_json object = nlohmann::ordered_json::object();

  /// "label    text", the labels in one column.
  template <typename... Arguments>
  void line(std::string_view label, fmt::format_string<Arguments...> format, Arguments &&...arguments) {
    print(fmt::format("{:<8} {}\n", label, fmt::format(format, std::forward<Arguments>(arguments)...)));
  }
  void print(std::string_view text);
  /// Whether what was printed has reached standard output so far.
  bool arrives() const;
  void warn(std::string_view text);
  /// Writes the object where one was asked for.
  void finish();
};

/// Whether all that was printed has reached standard output; the error has no message where a pipe was closed by its
/// reader, who knows.
Status finishStandardOutput();

/// A number for JSON: null where it is not finite.
nlohmann::json jsonNumber(double number);

} // namespace tritter

#endif // TRITTER_TOOLS_TRITTER_RUN_OUTPUT_H
