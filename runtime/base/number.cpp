#include "runtime/base/number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <string>

using namespace tritter;

namespace {

/// A number as it is written: sign, digits of `base`, times 10^power or 1024^kibi.
struct Written {
  bool negative = false;
  /// Without separators, point and leading zeros; empty: 0.
  std::string digits;
  int base = 10;
  int64_t power = 0;
  int kibi = 0;
};

} // namespace

static bool isDigit(char c) { return c >= '0' && c <= '9'; }

static std::string_view trim(std::string_view text) {
  size_t begin = text.find_first_not_of(" \t\n\r");
  return begin == std::string_view::npos ? std::string_view()
                                         : text.substr(begin, text.find_last_not_of(" \t\n\r") + 1 - begin);
}

/// Takes digits from the front of `text`, an underscore between two of them. False where there is none.
template <typename IsDigit> static bool takeDigits(std::string_view &text, std::string &digits, IsDigit isDigit) {
  size_t before = digits.size();
  while (!text.empty()) {
    bool separator = text[0] == '_' && digits.size() > before && text.size() > 1 && isDigit(text[1]);
    if (!separator && !isDigit(text[0]))
      break;
    if (!separator)
      digits += text[0];
    text.remove_prefix(1);
  }
  return digits.size() > before;
}

static bool takeExponent(std::string_view &text, int64_t &power) {
  if (text.empty() || (text[0] != 'e' && text[0] != 'E'))
    return true;
  text.remove_prefix(1);
  bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+'))
    text.remove_prefix(1);
  std::string digits;
  if (!takeDigits(text, digits, isDigit))
    return false;
  // Beyond any number that can be held, and far from overflowing.
  int64_t exponent = digits.size() > 6 ? 1000000 : std::strtoll(digits.c_str(), nullptr, 10);
  power += negative ? -exponent : exponent;
  return true;
}

static bool takeUnit(std::string_view text, Written &number) {
  static constexpr std::array<std::pair<std::string_view, int>, 7> decimal = {
      {{"", 0}, {"k", 3}, {"K", 3}, {"M", 6}, {"G", 9}, {"B", 9}, {"T", 12}}};
  static constexpr std::array<std::pair<std::string_view, int>, 4> binary = {
      {{"Ki", 1}, {"Mi", 2}, {"Gi", 3}, {"Ti", 4}}};
  for (auto [unit, power] : decimal)
    if (text == unit) {
      number.power += power;
      return true;
    }
  for (auto [unit, power] : binary)
    if (text == unit) {
      number.kibi = power;
      return true;
    }
  return false;
}

/// Why a text is no number.
static Status refuse(std::string_view text, std::string_view expected) {
  if (text.find(',') != std::string_view::npos)
    return error("{} was expected, without a comma: thousands are set apart as in 1_000, and fractions as in 0.5",
                 expected);
  if (text.starts_with("0o") || text.starts_with("0b"))
    return error("{} was expected, in decimal or, after 0x, in hexadecimal digits", expected);
  if (text.ends_with('m'))
    return error("{} was expected; M is a million, k a thousand", expected);
  return error("{} was expected", expected);
}

static bool read(std::string_view text, Written &number) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    number.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    number.base = 16;
    auto isHexadecimal = [](char c) { return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); };
    return takeDigits(text, number.digits, isHexadecimal) && text.empty();
  }
  bool any = takeDigits(text, number.digits, isDigit);
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    size_t whole = number.digits.size();
    any |= takeDigits(text, number.digits, isDigit);
    number.power -= static_cast<int64_t>(number.digits.size() - whole);
  }
  if (!any || !takeExponent(text, number.power) || !takeUnit(text, number))
    return false;
  number.digits.erase(0, std::min(number.digits.find_first_not_of('0'), number.digits.size()));
  return true;
}

/// The magnitude where it is a whole number of 64 bits. `whole` and `small` say which of the two it is not.
static uint64_t magnitude(Written number, bool &whole, bool &small) {
  uint64_t result = 0;
  whole = small = true;
  while (number.power < 0 && !number.digits.empty() && number.digits.back() == '0') {
    number.digits.pop_back();
    ++number.power;
  }
  if (number.digits.empty())
    return 0;
  for (char c : number.digits) {
    int digit = isDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
    small &= !__builtin_mul_overflow(result, static_cast<uint64_t>(number.base), &result) &&
             !__builtin_add_overflow(result, static_cast<uint64_t>(digit), &result);
  }
  for (int i = 0; i < number.kibi; ++i)
    small &= !__builtin_mul_overflow(result, uint64_t(1024), &result);
  // 0.5Ki is 512: what a unit of two takes away of a fraction.
  for (; small && number.power < 0 && result % 10 == 0; ++number.power)
    result /= 10;
  whole = number.power >= 0;
  for (; small && number.power > 0; --number.power)
    small = !__builtin_mul_overflow(result, uint64_t(10), &result);
  return result;
}

static std::string numberOf(int64_t number) { return std::to_string(number); }
static std::string numberOf(double number) { return fmt::format("{:g}", number); }

/// What a number outside of its range should have been.
template <typename Number> static Status outside(bool above, Number least, Number most) {
  bool open = most == std::numeric_limits<Number>::max();
  bool openBelow = least == std::numeric_limits<Number>::lowest();
  if (above && (open || openBelow || most == Number(std::numeric_limits<int>::max())))
    return error("at most {} was expected", numberOf(most));
  if (!above && (open || most == Number(std::numeric_limits<int>::max())))
    return error("{} or more was expected", numberOf(least));
  return error("from {} to {} was expected", numberOf(least), numberOf(most));
}

Result<int64_t> tritter::parseWhole(std::string_view text, int64_t least, int64_t most) {
  text = trim(text);
  Written number;
  if (!read(text, number))
    return refuse(text, "a whole number");
  bool whole = false, small = false;
  uint64_t size = magnitude(number, whole, small);
  if (!whole)
    return refuse(text, "a whole number");
  constexpr uint64_t limit = std::numeric_limits<int64_t>::max();
  if (!small || size > limit)
    return outside(!number.negative, least, most);
  int64_t result = number.negative ? -static_cast<int64_t>(size) : static_cast<int64_t>(size);
  if (result < least || result > most)
    return outside(result > most, least, most);
  return result;
}

Result<double> tritter::parseReal(std::string_view text, double least, double most) {
  text = trim(text);
  Written number;
  if (!read(text, number))
    return refuse(text, "a finite number");
  double result = 0;
  if (number.base == 16) {
    bool whole = false, small = false;
    uint64_t size = magnitude(number, whole, small);
    if (!small)
      return outside(!number.negative, least, most);
    result = static_cast<double>(size);
  } else if (!number.digits.empty()) {
    std::string plain = fmt::format("{}e{}", number.digits, number.power);
    auto [end, code] = std::from_chars(plain.data(), plain.data() + plain.size(), result);
    if (code == std::errc::result_out_of_range && number.power < 0)
      return error("a number that can be told from 0 was expected");
    if (code != std::errc())
      return outside(!number.negative, least, most);
    for (int i = 0; i < number.kibi; ++i)
      result *= 1024;
  }
  if (number.negative)
    result = -result;
  if (result < least || result > most)
    return outside(result > most, least, most);
  return result;
}
