#include "runtime/tokenize/encoding.h"

using namespace tritter;
using namespace std::string_view_literals;

std::string_view tritter::markedEncoding(std::string_view start) {
  // UTF-32's mark begins with that of UTF-16.
  if (start.starts_with("\xff\xfe\0\0"sv))
    return "UTF-32LE";
  if (start.starts_with("\0\0\xfe\xff"sv))
    return "UTF-32BE";
  if (start.starts_with("\xff\xfe"sv))
    return "UTF-16LE";
  if (start.starts_with("\xfe\xff"sv))
    return "UTF-16BE";
  if (start.starts_with("\xef\xbb\xbf"sv))
    return "UTF-8";
  return {};
}

static void append(uint32_t code, std::string &text) {
  if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
    code = 0xfffd;
  if (code < 0x80) {
    text += static_cast<char>(code);
    return;
  }
  int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static constexpr unsigned lead[] = {0, 0xc0, 0xe0, 0xf0};
  text += static_cast<char>(lead[more] | code >> (6 * more));
  while (more-- > 0)
    text += static_cast<char>(0x80 | (code >> (6 * more) & 0x3f));
}

std::string tritter::toUtf8(std::string_view text, std::string_view encoding) {
  if (encoding.empty())
    return std::string(text);
  if (encoding == "UTF-8")
    return std::string(text.substr(3));
  size_t width = encoding.starts_with("UTF-32") ? 4 : 2;
  bool little = encoding.ends_with("LE");
  auto unit = [&](size_t at) {
    uint32_t value = 0;
    for (size_t i = 0; i < width; ++i)
      value = value << 8 | static_cast<unsigned char>(text[at + (little ? width - 1 - i : i)]);
    return value;
  };
  std::string result;
  result.reserve(text.size());
  for (size_t at = width; at < text.size(); at += width) {
    // What the end cuts is no character.
    uint32_t code = at + width <= text.size() ? unit(at) : 0xfffd;
    bool high = width == 2 && code >= 0xd800 && code < 0xdc00;
    if (high && at + 4 <= text.size()) {
      if (uint32_t low = unit(at + 2); low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        at += 2;
      }
    }
    append(code, result);
  }
  return result;
}

size_t tritter::characterBytes(std::string_view text) {
  auto byte = [&](size_t at) -> unsigned { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0; };
  auto follows = [&](size_t at) { return (byte(at) & 0xc0) == 0x80; };
  unsigned first = byte(0);
  if (text.empty())
    return 0;
  if (first < 0x80)
    return 1;
  if (first >= 0xc2 && first < 0xe0)
    return follows(1) ? 2 : 0;
  // Not longer than needed, no surrogates, nothing beyond U+10FFFF.
  if (first >= 0xe0 && first < 0xf0) {
    bool allowed = first == 0xe0 ? byte(1) >= 0xa0 : first == 0xed ? byte(1) < 0xa0 : true;
    return allowed && follows(1) && follows(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first < 0xf5) {
    bool allowed = first == 0xf0 ? byte(1) >= 0x90 : first == 0xf4 ? byte(1) < 0x90 : true;
    return allowed && follows(1) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

uint32_t tritter::codePoint(std::string_view character) {
  size_t bytes = characterBytes(character);
  auto code = static_cast<uint32_t>(static_cast<unsigned char>(character[0]));
  if (bytes < 2)
    return code;
  code &= 0x7f >> bytes;
  for (size_t i = 1; i < bytes; ++i)
    code = code << 6 | (static_cast<unsigned char>(character[i]) & 0x3f);
  return code;
}

uint64_t tritter::readRestAsLatin1(std::string &text) {
  uint64_t count = 0;
  std::string result;
  size_t kept = 0;
  for (size_t at = 0; at < text.size();) {
    if (size_t bytes = characterBytes(std::string_view(text).substr(at))) {
      at += bytes;
      continue;
    }
    result.append(text, kept, at - kept);
    append(static_cast<unsigned char>(text[at]), result);
    kept = ++at;
    ++count;
  }
  if (count == 0)
    return 0;
  result.append(text, kept);
  text = std::move(result);
  return count;
}
