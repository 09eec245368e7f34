#include "runtime/jobs/text_files.h"

#include "runtime/base/paths.h"
#include "runtime/base/text.h"

#include <algorithm>
#include <fnmatch.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

using namespace tritter;
namespace fs = std::filesystem;

static bool matchesAny(const std::string &name, const std::vector<std::string> &patterns) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string &pattern) { return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0; });
}

/// No zero byte in what comes first: binary files have one nearly always.
static bool looksLikeText(const fs::path &path) {
  char start[4096];
  std::ifstream file(path, std::ios::binary);
  file.read(start, sizeof(start));
  return std::find(start, start + file.gcount(), '\0') == start + file.gcount();
}

Result<std::vector<TextFile>> tritter::findTextFiles(const std::vector<std::string> &inputs,
                                                     const std::vector<std::string> &include,
                                                     const std::vector<std::string> &exclude) {
  std::vector<TextFile> files;
  std::set<fs::path> seen;
  auto add = [&](const fs::path &path) {
    std::error_code code;
    uint64_t bytes = fs::file_size(path, code);
    if (!code && bytes && seen.insert(fs::weakly_canonical(path, code)).second)
      files.push_back({path, bytes});
  };
  for (const std::string &input : inputs) {
    if (!pathExists(input))
      return error("{}: there is no such file or folder", input);
    if (!isFolder(input)) {
      add(input);
      continue;
    }
    std::error_code code;
    for (fs::recursive_directory_iterator at(input, fs::directory_options::skip_permission_denied, code), end;
         at != end; at.increment(code)) {
      std::string name = at->path().filename().string();
      if (!at->is_regular_file(code) || matchesAny(name, exclude))
        continue;
      if (include.empty() ? looksLikeText(at->path()) : matchesAny(name, include))
        add(at->path());
    }
  }
  if (files.empty())
    return error("no text was found{}", include.empty() ? "" : ": no file's name matches --include");
  std::sort(files.begin(), files.end(), [](const TextFile &a, const TextFile &b) { return a.path < b.path; });
  return files;
}

Status tritter::forEachDocument(const TextFile &file, const std::function<Status(std::string_view)> &use) {
  std::ifstream in(file.path, std::ios::binary);
  if (!in)
    return error("{}: cannot be read", file.path.string());
  if (file.path.extension() != ".jsonl") {
    std::ostringstream text;
    text << in.rdbuf();
    return use(text.str());
  }
  uint64_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos)
      continue;
    nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
    if (!object.is_object() || !object.contains("text") || !object["text"].is_string())
      return error("{}: line {} is no JSON object with a `text`", file.path.string(), grouped(number));
    TRITTER_RETURN_IF_ERROR(use(object["text"].get_ref<const std::string &>()));
  }
  return {};
}
