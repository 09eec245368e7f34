#include "runtime/base/text.h"

#include <cmath>
#include <fmt/format.h>

using namespace tritter;

std::string tritter::grouped(uint64_t number) {
  std::string digits = std::to_string(number), text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i && (digits.size() - i) % 3 == 0)
      text += ',';
    text += digits[i];
  }
  return text;
}

std::string tritter::shortNumber(double number, std::string_view unit) {
  static constexpr const char *prefixes[] = {"", "k", "M", "G", "T", "P", "E"};
  int prefix = 0;
  for (; std::abs(number) >= 999.5 && prefix < 6; ++prefix)
    number /= 1000;
  std::string space = prefix || !unit.empty() ? " " : "";
  return fmt::format("{:.{}f}{}{}{}", number, prefix && number < 99.5 ? 1 : 0, space, prefixes[prefix], unit);
}

std::string tritter::shortBytes(double bytes) { return shortNumber(bytes, "B"); }

std::string tritter::shortTime(double seconds) {
  if (!std::isfinite(seconds))
    return "?";
  if (seconds < 10)
    return fmt::format("{:.2f} s", seconds);
  auto whole = static_cast<unsigned long long>(seconds + 0.5);
  if (whole < 3600)
    return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::string tritter::shortHash(std::string_view hash) { return std::string(hash.substr(0, 4)); }
