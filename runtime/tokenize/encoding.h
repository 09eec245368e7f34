#ifndef TRITTER_RUNTIME_TOKENIZE_ENCODING_H
#define TRITTER_RUNTIME_TOKENIZE_ENCODING_H

#include <cstdint>
#include <string>
#include <string_view>

namespace tritter {

/// The encoding that a byte order mark at the front says: "UTF-8", "UTF-16LE", "UTF-16BE", "UTF-32LE" or "UTF-32BE";
/// empty where there is none.
std::string_view markedEncoding(std::string_view start);

/// Text in UTF-8, without its byte order mark; halves of surrogate pairs become U+FFFD. `encoding` is what
/// markedEncoding() says of it.
std::string toUtf8(std::string_view text, std::string_view encoding);

/// Puts the character of Latin-1 in the place of each byte that is not part of UTF-8, and returns how many there were.
uint64_t readRestAsLatin1(std::string &text);

/// Bytes of the UTF-8 character at the front of `text`; 0 where none is there.
size_t characterBytes(std::string_view text);
/// That character's number, of a text that begins with one.
uint32_t codePoint(std::string_view character);

} // namespace tritter

#endif // TRITTER_RUNTIME_TOKENIZE_ENCODING_H
