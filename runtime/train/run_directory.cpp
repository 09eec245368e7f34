#include "runtime/train/run_directory.h"
#include "runtime/base/paths.h"

#include <algorithm>
#include <vector>

using namespace tritter;
namespace fs = std::filesystem;

/// The number in step-000200.tckpt.
static std::optional<uint64_t> stepOf(const fs::path &path) {
  std::string name = path.filename().string();
  if (!name.starts_with("step-") || path.extension() != ".tckpt")
    return std::nullopt;
  std::string digits = name.substr(5, name.size() - 11);
  if (digits.empty() || digits.size() > 18 || digits.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  return std::stoull(digits);
}

fs::path RunDirectory::checkpoint(uint64_t step) const { return path_ / fmt::format("step-{:06}.tckpt", step); }

std::optional<uint64_t> RunDirectory::lastStep() const {
  std::error_code code;
  fs::path target = fs::read_symlink(last(), code);
  return code ? std::nullopt : stepOf(target);
}

Status RunDirectory::create() const {
  if (std::optional<uint64_t> step = lastStep())
    return error("{} already holds a run at step {}: --resume {} continues it, another -o starts a new one",
                 path_.string(), *step, path_.string());
  std::error_code code;
  fs::create_directories(path_, code);
  if (code)
    return error("{}: cannot be made ({})", path_.string(), code.message());
  return {};
}

Status RunDirectory::point(const fs::path &link, uint64_t step) const {
  fs::path fresh = link.string() + ".new";
  std::error_code code;
  fs::remove(fresh, code);
  fs::create_symlink(checkpoint(step).filename(), fresh, code);
  if (!code)
    fs::rename(fresh, link, code);
  if (code)
    return error("{}: cannot be linked ({})", link.string(), code.message());
  return {};
}

void RunDirectory::prune(uint64_t keep) const {
  if (keep == 0)
    return;
  std::error_code code;
  fs::path best = fs::read_symlink(this->best(), code), last = fs::read_symlink(this->last(), code);
  std::vector<std::pair<uint64_t, fs::path>> found;
  for (const fs::directory_entry &entry : fs::directory_iterator(path_, code))
    if (std::optional<uint64_t> step = stepOf(entry.path()); step && !entry.is_symlink())
      found.emplace_back(*step, entry.path());
  std::sort(found.rbegin(), found.rend());
  for (size_t i = keep; i < found.size(); ++i)
    if (found[i].second.filename() != best && found[i].second.filename() != last)
      fs::remove(found[i].second, code);
}

Result<std::string> tritter::findCheckpoint(const std::string &path) {
  if (!pathExists(path))
    return error("{}: there is no such checkpoint or run", path);
  if (!isFolder(path))
    return path;
  RunDirectory run(path);
  if (pathExists(run.last()))
    return run.last().string();
  if (pathExists(fs::path(path) / "config.json"))
    return error("{} is a Hugging Face checkpoint: first tritter-run import {} -o {}.tckpt", path, path,
                 fs::path(path).lexically_normal().filename().string());
  return error("{}: is no run: it has no last.tckpt", path);
}
