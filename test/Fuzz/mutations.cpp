#include "test/Fuzz/mutations.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>

namespace tritter::fuzz {
namespace {

struct Span {
  size_t begin, size;
};
enum class Kind { Size, Number, Value, Word };

bool isWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }
bool isDigit(char c) { return std::isdigit(static_cast<unsigned char>(c)); }

/// The places in `text` that hold something of the kind.
std::vector<Span> find(const std::string &text, Kind kind) {
  std::vector<Span> found;
  for (size_t at = 0; at < text.size();) {
    size_t begin = at;
    if (text[at] == '%' || text[at] == '@') {
      for (++at; at < text.size() && (isWord(text[at]) || text[at] == '.'); ++at) {
      }
      if (kind == Kind::Value && text[begin] == '%')
        found.push_back({begin, at - begin});
    } else if (isDigit(text[at])) {
      for (++at; at < text.size() && isDigit(text[at]); ++at) {
      }
      bool real = at + 1 < text.size() && text[at] == '.' && isDigit(text[at + 1]);
      if (real)
        for (++at; at < text.size() && (isWord(text[at]) || text[at] == '-' || text[at] == '+'); ++at) {
        }
      if (kind == (real ? Kind::Number : Kind::Size))
        found.push_back({begin, at - begin});
      if (!real && at < text.size() && text[at] == 'x') // a shape: 8x16xf32
        ++at;
    } else if (isWord(text[at])) {
      for (++at; at < text.size() && (isWord(text[at]) || text[at] == '.'); ++at) {
      }
      if (kind == Kind::Word)
        found.push_back({begin, at - begin});
    } else {
      ++at;
    }
  }
  return found;
}

std::string at(const std::string &text, Span span) { return text.substr(span.begin, span.size); }

/// Puts `fresh` in one place, or wherever the same stands.
void replace(std::string &text, const std::vector<Span> &spans, Span chosen, const std::string &fresh, bool everywhere) {
  std::string old = at(text, chosen);
  for (auto span = spans.rbegin(); span != spans.rend(); ++span)
    if (span->begin == chosen.begin || (everywhere && at(text, *span) == old))
      text.replace(span->begin, span->size, fresh);
}

std::vector<std::string> lines(const std::string &text) {
  std::vector<std::string> list;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = std::min(text.find('\n', begin), text.size());
    list.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return list;
}

void mutateLines(std::string &text, std::mt19937_64 &random) {
  std::vector<std::string> list = lines(text);
  if (list.empty())
    return;
  size_t a = pick(random, list.size()), b = pick(random, list.size());
  switch (pick(random, 3)) {
  case 0:
    list.erase(list.begin() + std::ptrdiff_t(a));
    break;
  case 1:
    list.insert(list.begin() + std::ptrdiff_t(b), list[a]);
    break;
  default:
    std::swap(list[a], list[b]);
    break;
  }
  text.clear();
  for (const std::string &line : list)
    text += line + "\n";
}

void mutateElementType(std::string &text, std::mt19937_64 &random) {
  static const char *const types[] = {"f32", "bf16", "f64", "i32", "f16", "i1"};
  std::string from = types[pick(random, 4)], to = types[pick(random, 6)];
  bool everywhere = pick(random, 2);
  for (size_t place = text.find(from, pick(random, text.size() + 1)); place != std::string::npos;
       place = text.find(from, place + to.size())) {
    text.replace(place, from.size(), to);
    if (!everywhere)
      return;
  }
}

void mutateBytes(std::string &text, std::mt19937_64 &random) {
  static const char bytes[] = "<>(){}[]\"%@#:,=-x0 ";
  size_t place = pick(random, text.size() + 1);
  char fresh = bytes[pick(random, sizeof(bytes) - 1)];
  if (pick(random, 2) && place < text.size())
    text.erase(place, 1 + pick(random, 8));
  else
    text.insert(place, 1 + pick(random, 3), fresh);
}

} // namespace

Mutator::Mutator(const std::vector<std::string> &seeds) {
  std::set<std::string> all;
  for (const std::string &seed : seeds)
    for (Span span : find(seed, Kind::Word))
      all.insert(at(seed, span));
  words.assign(all.begin(), all.end());
}

std::string Mutator::interestingSize(const std::string &size, std::mt19937_64 &random) {
  static const char *const sizes[] = {
      "0",          "1",          "2",          "3",           "7",           "64",         "255",
      "65536",      "65537",      "16777216",   "16777217",    "2147483647",  "2147483648", "4294967296",
      "4294967297", "4611686018427387904",      "274877906944", "274877906945", "1125899906842624",
      "9223372036854775807", "9223372036854775808", "18446744073709551615", "99999999999999999999", "-1", "-9223372036854775808"};
  uint64_t value = std::strtoull(size.c_str(), nullptr, 10);
  size_t choice = pick(random, std::size(sizes) + 12);
  if (choice < std::size(sizes))
    return sizes[choice];
  switch (choice - std::size(sizes)) {
  case 0:
  case 1:
  case 2:
    return std::to_string(value + 1);
  case 3:
  case 4:
  case 5:
    return std::to_string(value - (value > 0));
  case 6:
  case 7:
  case 8:
    return std::to_string(value * 2);
  case 9:
    return std::to_string(value / 2);
  default:
    return std::to_string(pick(random, 1 << 20));
  }
}

void Mutator::mutateOnce(std::string &text, std::mt19937_64 &random) const {
  static const char *const numbers[] = {"0x7FF0000000000000", "0xFFF0000000000000", "0x7FF8000000000000", "0.0", "-0.0",
                                        "1.0e300",            "1.0e-320",           "-1.0",               "1.0",  "inf"};
  size_t choice = pick(random, 16);
  Kind kind = choice < 7 ? Kind::Size : choice < 9 ? Kind::Number : choice < 11 ? Kind::Value : Kind::Word;
  if (choice == 12 || choice == 13)
    return mutateLines(text, random);
  if (choice == 14)
    return mutateElementType(text, random);
  if (choice == 15)
    return mutateBytes(text, random);
  std::vector<Span> spans = find(text, kind);
  if (spans.empty())
    return;
  Span chosen = spans[pick(random, spans.size())];
  std::string fresh;
  switch (kind) {
  case Kind::Size:
    fresh = interestingSize(at(text, chosen), random);
    break;
  case Kind::Number:
    fresh = numbers[pick(random, std::size(numbers))];
    break;
  case Kind::Value:
    fresh = at(text, spans[pick(random, spans.size())]);
    break;
  case Kind::Word:
    fresh = words[pick(random, words.size())];
    break;
  }
  replace(text, spans, chosen, fresh, kind == Kind::Size && pick(random, 3) > 0);
}

std::string Mutator::mutate(std::string text, std::mt19937_64 &random) const {
  for (size_t changes = 1 + pick(random, 1 + pick(random, 5)); changes > 0; --changes)
    mutateOnce(text, random);
  return text;
}

} // namespace tritter::fuzz
