#include "runtime/data/numpy_array.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>

using namespace tritter;
using namespace std::string_view_literals;

bool tritter::isNumPyArray(std::span<const char> start) {
  return std::string_view(start.data(), start.size()).starts_with("\x93NUMPY"sv);
}

/// What stands behind `'key':` in the header, a Python dictionary as NumPy prints it; empty where there is no such key.
static std::string_view valueOf(std::string_view header, std::string_view key) {
  size_t at = header.find(fmt::format("'{}'", key));
  if (at == std::string_view::npos || (at = header.find(':', at)) == std::string_view::npos)
    return {};
  header.remove_prefix(at + 1);
  header.remove_prefix(std::min(header.find_first_not_of(' '), header.size()));
  size_t end = header.starts_with('(')   ? header.find(')')
               : header.starts_with('\'') ? header.find('\'', 1)
               : header.starts_with('[') ? header.find(']')
                                         : header.find_first_of(",} ") - 1;
  return end == std::string_view::npos ? std::string_view() : header.substr(0, end + 1);
}

/// The sizes of "(4000,)" or "(2, 3)": their product and the last; nothing where it is no tuple of sizes or too large.
static std::optional<std::pair<uint64_t, uint64_t>> sizesOf(std::string_view shape) {
  if (shape.size() < 3 || shape.front() != '(' || shape.back() != ')')
    return std::nullopt;
  uint64_t product = 1, last = 0;
  for (size_t at = 1; at + 1 < shape.size();) {
    size_t end = std::min(shape.find(',', at), shape.size() - 1);
    std::string_view size = shape.substr(at, end - at);
    size.remove_prefix(std::min(size.find_first_not_of(' '), size.size()));
    if (size.empty() && end == shape.size() - 1)
      break;
    if (size.empty() || size.size() > 18 || size.find_first_not_of("0123456789") != std::string_view::npos)
      return std::nullopt;
    last = std::strtoull(std::string(size).c_str(), nullptr, 10);
    if (__builtin_mul_overflow(product, last, &product))
      return std::nullopt;
    at = end + 1;
  }
  return std::pair(product, last);
}

static Status readType(std::string_view type, NumPyArray &array) {
  std::string_view inner = type.size() > 2 ? type.substr(1, type.size() - 2) : type;
  bool integer = type.starts_with('\'') && inner.size() == 3 && (inner[1] == 'i' || inner[1] == 'u');
  int bytes = integer ? inner[2] - '0' : 0;
  if (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8)
    return error("a NumPy array of `{}`; token ids are integers: save it with array.astype(numpy.uint16), or uint32",
                 inner);
  if (inner[0] == '>' && bytes > 1)
    return error("a NumPy array of `{}`, big-endian; little-endian was expected: save it with array.astype('<{}')", inner,
                 inner.substr(1));
  array.elementBytes = bytes;
  array.type = fmt::format("{}int{}", inner[1] == 'u' ? "u" : "", 8 * bytes);
  return {};
}

Result<NumPyArray> tritter::readNumPyHeader(std::span<const char> file) {
  auto byte = [&](size_t at) { return static_cast<size_t>(static_cast<unsigned char>(file[at])); };
  if (file.size() < 12)
    return error("a NumPy array that was cut short in its header");
  size_t version = byte(6), begin = version == 1 ? 10 : 12;
  if (version < 1 || version > 3)
    return error("a NumPy array of format {}; 1 to 3 were expected", version);
  size_t length = byte(8) | byte(9) << 8;
  if (version > 1)
    length |= byte(10) << 16 | byte(11) << 24;
  if (length > file.size() - begin)
    return error("a NumPy array that was cut short in its header");
  std::string_view header(file.data() + begin, length);
  NumPyArray array;
  array.offset = begin + length;
  TRITTER_RETURN_IF_ERROR(readType(valueOf(header, "descr"), array));
  std::string_view shape = valueOf(header, "shape");
  auto sizes = sizesOf(shape);
  if (!sizes)
    return error("a NumPy array of shape `{}`; a list of token ids was expected", shape);
  array.elements = sizes->first;
  if (sizes->first != sizes->second) {
    array.rows = sizes->second ? sizes->first / sizes->second : 0;
    if (valueOf(header, "fortran_order") != "False")
      return error("a NumPy array of shape {} in Fortran's order, in which rows are torn apart: save it with "
                   "numpy.ascontiguousarray",
                   shape);
  }
  return array;
}
