#include "runtime/checkpoint/output_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

using namespace tritter;
namespace fs = std::filesystem;

static const char *nameOf(fs::file_type type) {
  switch (type) {
  case fs::file_type::directory:
    return "a folder";
  case fs::file_type::block:
  case fs::file_type::character:
    return "a device";
  case fs::file_type::fifo:
    return "a pipe";
  case fs::file_type::socket:
    return "a socket";
  default:
    return "no file";
  }
}

Result<std::string> tritter::outputPath(const std::string &path) {
  fs::path place = path;
  std::error_code code;
  // One link after the other: where the last names nothing yet, that is what is made.
  for (int links = 0; fs::is_symlink(fs::symlink_status(place, code)); ++links) {
    fs::path target = fs::read_symlink(place, code);
    if (code || links == 40)
      return error("cannot write {}: {}", path, std::strerror(links == 40 ? ELOOP : code.value()));
    place = target.is_absolute() ? target : place.parent_path() / target;
  }
  fs::file_type type = fs::status(place, code).type();
  if (type == fs::file_type::not_found || type == fs::file_type::regular)
    return place.string();
  if (code)
    return error("cannot write {}: {}", path, code.message());
  return error("{} is {}{}; name a file to write", path, place == path ? "" : "a link to ", nameOf(type));
}

/// What a file is, by its first bytes: "a checkpoint"; empty where they say nothing.
static std::string recognise(const std::array<char, 512> &bytes, size_t size) {
  std::string_view text(bytes.data(), size);
  auto number = [&](size_t at) {
    uint32_t word = 0;
    if (at + 4 <= size)
      std::memcpy(&word, bytes.data() + at, 4);
    return word;
  };
  if (text.starts_with("TRITTER"))
    return "a checkpoint";
  if (text.starts_with("<!doctype html"))
    return "a page";
  if (size >= 8 && text.substr(4, 4) == "TTEX")
    return "an executable";
  if (number(0) == 20240520 || number(0) == 20240801)
    return "a token file";
  if (size >= 9 && number(4) == 0 && text[8] == '{')
    return "a safetensors file";
  if (std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= 32 || (c >= 9 && c <= 13); }))
    return "a text";
  return {};
}

Status tritter::checkReplaceable(const std::string &path, OutputKind kind, bool force) {
  TRITTER_ASSIGN(std::string place, outputPath(path));
  if (force)
    return {};
  std::array<char, 512> bytes;
  std::ifstream file(place, std::ios::binary);
  file.read(bytes.data(), bytes.size());
  auto size = static_cast<size_t>(file.gcount());
  if (size == 0)
    return {};
  std::string found = recognise(bytes, size);
  bool same = kind == OutputKind::Page ? found == "a page" : kind == OutputKind::RawNumbers && found.empty();
  if (same)
    return {};
  return error("{} is there already{}: --force replaces it, another -o leaves it", path,
               found.empty() ? "" : ", " + found);
}
