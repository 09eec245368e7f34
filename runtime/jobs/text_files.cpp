#include "runtime/jobs/text_files.h"

#include "runtime/base/file_kind.h"
#include "runtime/base/paths.h"
#include "runtime/base/text.h"
#include "runtime/tokenize/compressed_file.h"
#include "runtime/tokenize/encoding.h"

#include <algorithm>
#include <cctype>
#include <fnmatch.h>
#include <istream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

using namespace tritter;
namespace fs = std::filesystem;

static bool matchesAny(const std::string &name, const std::vector<std::string> &patterns) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string &pattern) { return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0; });
}

void TextNotes::add(const std::string &what, const fs::path &path, uint64_t count) {
  Note &note = notes_[what];
  if (note.count == 0)
    note.first = path.string();
  note.count += count;
}

std::vector<std::string> TextNotes::lines() const {
  std::vector<std::string> lines;
  for (auto &[what, note] : notes_)
    lines.push_back(fmt::format("{}: {} ({}{})", what, grouped(note.count), note.count > 1 ? "such as " : "", note.first));
  return lines;
}

/// Why a file is no text, by what it begins with; empty where it is.
static std::string whyNoText(const fs::path &path) {
  Result<std::unique_ptr<CompressedFile>> file = CompressedFile::open(path.string());
  if (!file.ok())
    return "unreadable";
  std::string start(fileKindBytes, 0);
  start.resize((*file)->sgetn(start.data(), static_cast<std::streamsize>(start.size())));
  std::string_view packed = (*file)->compression();
  if (!(*file)->status().ok() && !packed.empty())
    return fmt::format("damaged {} data", packed);
  if (!markedEncoding(start).empty())
    return {};
  if (std::string_view kind = knownFileKind(start); !kind.empty())
    return fmt::format("{}{}", kind, packed.empty() ? "" : fmt::format(", inside {}", packed));
  if (start.find('\0') != std::string::npos)
    return "of zero bytes too: binary, or UTF-16 without its byte order mark";
  return {};
}

Result<std::vector<TextFile>> tritter::findTextFiles(const std::vector<std::string> &inputs,
                                                     const std::vector<std::string> &include,
                                                     const std::vector<std::string> &exclude, TextNotes &notes) {
  std::vector<TextFile> files;
  std::set<fs::path> seen;
  auto add = [&](const fs::path &path) -> std::string {
    std::error_code code;
    uint64_t bytes = fs::file_size(path, code);
    if (code || bytes == 0 || !seen.insert(fs::weakly_canonical(path, code)).second)
      return {};
    std::string why = whyNoText(path);
    if (why.empty())
      files.push_back({path, bytes});
    return why;
  };
  for (const std::string &input : inputs) {
    if (!pathExists(input))
      return error("{}: there is no such file or folder", input);
    if (!isFolder(input)) {
      if (!isFile(input))
        return error("{}: is neither a file nor a folder", input);
      if (std::string why = add(input); !why.empty())
        return error("{}: is {}; text was expected, as it is or compressed by gzip or zstd", input, why);
      continue;
    }
    std::error_code code;
    for (fs::recursive_directory_iterator at(input, fs::directory_options::skip_permission_denied, code), end;
         at != end; at.increment(code)) {
      std::string name = at->path().filename().string();
      if (!at->is_regular_file(code) || matchesAny(name, exclude) || (!include.empty() && !matchesAny(name, include)))
        continue;
      if (std::string why = add(at->path()); !why.empty())
        notes.add(fmt::format("files left out, each {}", why), at->path());
    }
  }
  if (files.empty()) {
    std::string found;
    for (const std::string &line : notes.lines())
      found += "; " + line;
    return error("no text was found{}{}", include.empty() ? "" : ": no file with text has a name that matches --include",
                 found);
  }
  std::sort(files.begin(), files.end(), [](const TextFile &a, const TextFile &b) { return a.path < b.path; });
  return files;
}

// ---------------------------------------------------------------- documents

using UseText = std::function<Status(std::string_view)>;

/// The ending of a file's name, in small letters and without that of its compression.
static std::string endingOf(const fs::path &path) {
  auto lower = [](std::string ending) {
    std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
    return ending;
  };
  std::string ending = lower(path.extension().string());
  bool packed = ending == ".gz" || ending == ".gzip" || ending == ".zst" || ending == ".zstd" || ending == ".bgz";
  return packed ? lower(path.stem().extension().string()) : ending;
}

static bool hasText(const nlohmann::json &object) {
  return object.is_object() && object.contains("text") && object["text"].is_string();
}

/// "its keys are `id`, `content`".
static std::string describeKeys(const nlohmann::json &value) {
  if (!value.is_object() || value.empty())
    return value.is_discarded() ? "it is no JSON" : value.is_object() ? "it has no keys" : "it is no object";
  std::string keys;
  for (auto &[key, _] : value.items())
    if (keys.size() < 100)
      keys += fmt::format("{}`{}`", keys.empty() ? "its keys are " : ", ", key);
  return keys;
}

/// `number` lines stand before those of `in`.
static Status useLines(const fs::path &path, std::istream &in, const UseText &use, uint64_t number = 0) {
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos)
      continue;
    nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
    if (!hasText(object))
      return error("{}: line {} is no JSON object with a `text` that is a string ({})", path.string(), grouped(number),
                   describeKeys(object));
    TRITTER_RETURN_IF_ERROR(use(object["text"].get_ref<const std::string &>()));
  }
  return {};
}

/// A .json: objects in lines, one object, or a list of them; what has no `text` is text itself.
static Status useJson(const fs::path &path, const std::string &content, const UseText &use, TextNotes &notes) {
  std::string_view first = std::string_view(content).substr(0, content.find('\n'));
  if (hasText(nlohmann::json::parse(first, nullptr, false))) {
    std::istringstream lines(content);
    return useLines(path, lines, use);
  }
  nlohmann::json all = nlohmann::json::parse(content, nullptr, false);
  if (hasText(all))
    return use(all["text"].get_ref<const std::string &>());
  if (!all.is_array() || all.empty() || !hasText(all[0])) {
    notes.add("files called .json without a `text` in them, read as text themselves", path);
    return use(content);
  }
  uint64_t number = 0;
  for (const nlohmann::json &object : all) {
    ++number;
    if (!hasText(object))
      return error("{}: element {} is no JSON object with a `text` that is a string ({})", path.string(), grouped(number),
                   describeKeys(object));
    TRITTER_RETURN_IF_ERROR(use(object["text"].get_ref<const std::string &>()));
  }
  return {};
}

static std::string readAll(std::istream &in) {
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

Status tritter::forEachDocument(const TextFile &file, const UseText &use, TextNotes &notes) {
  TRITTER_ASSIGN(std::unique_ptr<CompressedFile> source, CompressedFile::open(file.path.string()));
  if (!source->compression().empty())
    notes.add(fmt::format("files that are {}-compressed, read as what is in them", source->compression()), file.path);
  std::istream in(source.get());
  std::string mark(4, 0);
  in.read(mark.data(), 4);
  mark.resize(in.gcount());
  in.clear();
  std::string ending = endingOf(file.path);
  bool lines = ending == ".jsonl" || ending == ".ndjson" || ending == ".jsonlines";
  std::string_view encoding = markedEncoding(mark);
  Status status;
  if (lines && encoding.empty()) {
    // The whole may be larger than the memory.
    std::string first;
    std::getline(in, first);
    std::istringstream begin(mark + first);
    status = useLines(file.path, begin, use);
    if (status.ok())
      status = useLines(file.path, in, use, 1 + std::count(mark.begin(), mark.end(), '\n'));
  } else {
    std::string content = mark + readAll(in);
    // What was cut short is said before what is odd about the rest.
    TRITTER_RETURN_IF_ERROR(source->takeStatus());
    if (!encoding.empty()) {
      notes.add(fmt::format("files in {}, by their byte order mark", encoding), file.path);
      content = toUtf8(content, encoding);
    }
    if (lines) {
      std::istringstream all(std::move(content));
      return useLines(file.path, all, use);
    }
    return ending == ".json" ? useJson(file.path, content, use, notes) : use(content);
  }
  TRITTER_RETURN_IF_ERROR(source->takeStatus());
  return status;
}
