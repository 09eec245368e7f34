#include "runtime/base/text.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numeric>
#include <utility>

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

static size_t distanceBetween(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t next = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = std::exchange(row[j], next);
    }
  }
  return row.back();
}

std::string tritter::nearestName(std::string_view name, const std::vector<std::string> &candidates) {
  std::string best;
  size_t nearest = std::max<size_t>(1, name.size() / 3) + 1;
  for (const std::string &candidate : candidates) {
    size_t longer = std::max(name.size(), candidate.size()), shorter = std::min(name.size(), candidate.size());
    if (longer - shorter >= nearest)
      continue;
    if (size_t distance = distanceBetween(name, candidate); distance < nearest) {
      nearest = distance;
      best = candidate;
    }
  }
  return best;
}
