#include "runtime/checkpoint/not_finite.h"

#include "runtime/base/text.h"

#include <algorithm>
#include <cstring>
#include <optional>

using namespace tritter;
using schema::DType;

namespace {

/// The bits of a floating-point type: a number is none where all bits of the exponent are set, and a NaN where the
/// mantissa has some as well.
template <typename Word> struct Format {
  Word exponent, mantissa;
};

} // namespace

/// Whether all numbers are finite; a loop that the compiler makes vectors of, at the speed of memory.
template <typename Word> static bool allFinite(std::span<const std::byte> bytes, Word exponent) {
  constexpr int64_t block = 1 << 16;
  auto size = static_cast<int64_t>(bytes.size() / sizeof(Word));
  int found = 0;
#pragma omp parallel for reduction(| : found)
  for (int64_t begin = 0; begin < size; begin += block) {
    const auto *words = reinterpret_cast<const Word *>(bytes.data()) + begin;
    int64_t count = std::min(block, size - begin);
    Word any = 0;
    for (int64_t i = 0; i < count; ++i)
      any |= static_cast<Word>((words[i] & exponent) == exponent);
    found |= any != 0;
  }
  return found == 0;
}

/// The same, letting go of what was read piece by piece, so that a large tensor takes no more memory than a piece.
template <typename Word>
static bool allFinite(const CheckpointReader &checkpoint, std::span<const std::byte> bytes, Word exponent) {
  constexpr size_t piece = 16 << 20;
  bool finite = true;
  for (size_t begin = 0; finite && begin < bytes.size(); begin += piece) {
    finite = allFinite(bytes.subspan(begin, std::min(piece, bytes.size() - begin)), exponent);
    checkpoint.release();
  }
  return finite;
}

template <typename Word>
static void count(const CheckpointReader &checkpoint, std::span<const std::byte> bytes, Format<Word> format,
                  NotFinite &found) {
  if (allFinite(checkpoint, bytes, format.exponent))
    return;
  auto size = static_cast<int64_t>(bytes.size() / sizeof(Word));
  uint64_t nans = 0, infinities = 0, first = UINT64_MAX;
#pragma omp parallel for reduction(+ : nans, infinities) reduction(min : first) if (size > 1 << 16)
  for (int64_t i = 0; i < size; ++i) {
    Word word;
    std::memcpy(&word, bytes.data() + i * sizeof(Word), sizeof(Word));
    if ((word & format.exponent) != format.exponent)
      continue;
    ++(word & format.mantissa ? nans : infinities);
    first = std::min<uint64_t>(first, i);
  }
  found.nans = nans;
  found.infinities = infinities;
  found.elements = size;
  found.first = first;
}

std::vector<NotFinite> tritter::findNotFinite(const CheckpointReader &checkpoint, bool states) {
  std::vector<NotFinite> tensors;
  for (const schema::Tensor *tensor : *checkpoint.manifest().tensors()) {
    NotFinite found;
    found.name = tensor->name()->str();
    found.kind = tensor->kind()->str();
    if (!states && found.kind != "value")
      continue;
    std::span<const std::byte> bytes = checkpoint.bytes(*tensor);
    switch (tensor->dtype()) {
    case DType::F32:
      count<uint32_t>(checkpoint, bytes, {0x7f800000, 0x007fffff}, found);
      break;
    case DType::F64:
      count<uint64_t>(checkpoint, bytes, {0x7ff0000000000000, 0x000fffffffffffff}, found);
      break;
    case DType::BF16:
      count<uint16_t>(checkpoint, bytes, {0x7f80, 0x007f}, found);
      break;
    default:
      break;
    }
    checkpoint.release();
    if (found.nans + found.infinities)
      tensors.push_back(std::move(found));
  }
  return tensors;
}

std::string tritter::describe(const std::vector<NotFinite> &tensors) {
  if (tensors.empty())
    return {};
  const NotFinite &worst = tensors.front();
  std::string what;
  if (worst.nans)
    what = fmt::format("{} NaN", grouped(worst.nans));
  if (worst.infinities)
    what += fmt::format("{}{} infinite", what.empty() ? "" : " and ", grouped(worst.infinities));
  std::string text = fmt::format("{}{} is not finite: {} among {} numbers, the first at {}", worst.name,
                                 worst.kind == "value" ? "" : " (" + worst.kind + ")", what, grouped(worst.elements),
                                 grouped(worst.first));
  if (tensors.size() > 1)
    text += fmt::format("; {} more, such as {}", tensors.size() - 1, tensors[1].name);
  return text;
}

std::vector<std::string> tritter::namesOf(const std::vector<NotFinite> &tensors) {
  std::vector<std::string> names;
  for (const NotFinite &tensor : tensors)
    names.push_back(tensor.name);
  return names;
}
