#ifndef TRITTER_TOOLS_TRITTER_RUN_OUTPUT_H
#define TRITTER_TOOLS_TRITTER_RUN_OUTPUT_H

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
  void warn(std::string_view text);
  /// Writes the object where one was asked for.
  void finish();
};

/// 1234567 as "1.2 M"; decimal prefixes.
std::string shortNumber(double number, std::string_view unit = "");
/// Bytes as "31.4 GB".
std::string shortBytes(double bytes);
/// Seconds as "2:45", "1:02:45" or "0.31 s".
std::string shortTime(double seconds);
/// The first four digits of a hash, as people read them.
std::string shortHash(std::string_view hash);
/// A number for JSON: null where it is not finite.
nlohmann::json jsonNumber(double number);

} // namespace tritter

#endif // TRITTER_TOOLS_TRITTER_RUN_OUTPUT_H
