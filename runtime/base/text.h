#ifndef TRITTER_RUNTIME_BASE_TEXT_H
#define TRITTER_RUNTIME_BASE_TEXT_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Numbers as people read them, and names as they misspell them.
namespace tritter {

/// 1234567 as "1,234,567".
std::string grouped(uint64_t number);
/// 1234567 as "1.2 M"; decimal prefixes.
std::string shortNumber(double number, std::string_view unit = "");
/// Bytes as "31.4 GB".
std::string shortBytes(double bytes);
/// Seconds as "2:45", "1:02:45" or "0.31 s".
std::string shortTime(double seconds);
/// The first four digits of a hash.
std::string shortHash(std::string_view hash);
/// The candidate that differs from `name` by the fewest letters; empty where none is near enough to be meant.
std::string nearestName(std::string_view name, const std::vector<std::string> &candidates);

} // namespace tritter

#endif // TRITTER_RUNTIME_BASE_TEXT_H
