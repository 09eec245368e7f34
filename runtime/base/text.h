#ifndef TRITTER_RUNTIME_BASE_TEXT_H
#define TRITTER_RUNTIME_BASE_TEXT_H

#include <cstdint>
#include <string>

namespace tritter {

/// 1234567 as "1,234,567".
inline std::string grouped(uint64_t number) {
  std::string digits = std::to_string(number), text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i && (digits.size() - i) % 3 == 0)
      text += ',';
    text += digits[i];
  }
  return text;
}

} // namespace tritter

#endif // TRITTER_RUNTIME_BASE_TEXT_H
