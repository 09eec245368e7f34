#include "output.h"

#include <cmath>
#include <cstdio>

using namespace tritter;

void Output::print(std::string_view text) {
  std::FILE *stream = json ? stderr : stdout;
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

void Output::warn(std::string_view text) { fmt::print(stderr, "warning: {}\n", text); }

void Output::finish() {
  if (json)
    fmt::print("{}\n", object.dump());
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

nlohmann::json tritter::jsonNumber(double number) {
  return std::isfinite(number) ? nlohmann::json(number) : nlohmann::json();
}
