#include "runtime/train/run_directory.h"
#include "runtime/base/paths.h"
#include "runtime/checkpoint/checkpoint.h"

#include <algorithm>

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

/// What a link names, as a path; the path itself where it is none.
static fs::path followed(const fs::path &path) {
  std::error_code code;
  return isLink(path) ? path.parent_path() / fs::read_symlink(path, code) : path;
}

fs::path RunDirectory::checkpoint(uint64_t step) const { return path_ / fmt::format("step-{:06}.tckpt", step); }

std::optional<RunDirectory> RunDirectory::ofCheckpoint(const fs::path &checkpoint) {
  fs::path file = followed(checkpoint);
  if (!stepOf(file))
    return std::nullopt;
  fs::path folder = file.parent_path().empty() ? fs::path(".") : file.parent_path();
  // A checkpoint that was copied away keeps its name, but has no run around it.
  if (!isLink(folder / "last.tckpt") && !pathExists(folder / "log.jsonl"))
    return std::nullopt;
  return RunDirectory(folder);
}

std::vector<uint64_t> RunDirectory::steps() const {
  std::vector<uint64_t> steps;
  std::error_code code;
  for (fs::directory_iterator entry(path_, code), end; !code && entry != end; entry.increment(code))
    if (std::optional<uint64_t> step = stepOf(entry->path()); step && isFile(entry->path()) && !isLink(entry->path()))
      steps.push_back(*step);
  std::sort(steps.rbegin(), steps.rend());
  return steps;
}

std::optional<uint64_t> RunDirectory::lastStep() const {
  std::error_code code;
  fs::path target = fs::read_symlink(last(), code);
  if (!code)
    if (std::optional<uint64_t> step = stepOf(target))
      return step;
  std::vector<uint64_t> all = steps();
  return all.empty() ? std::nullopt : std::optional(all.front());
}

std::optional<fs::path> RunDirectory::newestGood(const fs::path &except) const {
  std::error_code code;
  for (uint64_t step : steps()) {
    fs::path path = checkpoint(step);
    if (!except.empty() && fs::equivalent(path, except, code))
      continue;
    Result<std::unique_ptr<CheckpointReader>> reader = CheckpointReader::open(path.string());
    if (reader.ok() && (*reader)->verifyAll().ok())
      return path;
  }
  return std::nullopt;
}

Status RunDirectory::refuseRun() const {
  if (std::optional<uint64_t> step = lastStep())
    return error("{} already holds a run at step {}: --resume {} continues it, another -o starts a new one",
                 path_.string(), *step, path_.string());
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
  std::vector<uint64_t> found = steps();
  for (size_t i = keep; i < found.size(); ++i) {
    fs::path path = checkpoint(found[i]);
    if (path.filename() != best && path.filename() != last)
      fs::remove(path, code);
  }
}

/// A folder that is not there yet: PATH, PATH-2 ...
static fs::path freshFolder(const fs::path &path) {
  fs::path fresh = path;
  for (int number = 2; pathExists(fresh) || isLink(fresh); ++number)
    fresh = fmt::format("{}-{}", path.string(), number);
  return fresh;
}

Result<fs::path> RunDirectory::goBack(uint64_t step) const {
  std::vector<uint64_t> later = steps();
  std::erase_if(later, [&](uint64_t other) { return other <= step; });
  fs::path folder;
  std::error_code code;
  if (!later.empty()) {
    folder = freshFolder(path_ / fmt::format("after-step-{:06}", step));
    fs::create_directory(folder, code);
    for (const char *log : {"log.jsonl", "val.jsonl"})
      if (!code && pathExists(path_ / log))
        fs::copy_file(path_ / log, folder / log, code);
    for (uint64_t other : later)
      if (!code)
        fs::rename(checkpoint(other), folder / checkpoint(other).filename(), code);
    if (code)
      return error("{}: what the run made after step {} cannot be set aside there ({})", folder.string(), step,
                   code.message());
  }
  if (isLink(best()) && !pathExists(best()))
    fs::remove(best(), code);
  TRITTER_RETURN_IF_ERROR(point(last(), step));
  return folder;
}

/// What to say of a good checkpoint beside one that is not.
static std::string advice(const std::optional<fs::path> &good) {
  if (!good)
    return {};
  return fmt::format("; the newest good one there is {0}: tritter-run train --resume {0} goes on from it",
                     good->string());
}

std::string tritter::goodCheckpointBeside(const fs::path &checkpoint) {
  fs::path file = followed(checkpoint);
  if (!stepOf(file))
    return {};
  RunDirectory run(file.parent_path().empty() ? fs::path(".") : file.parent_path());
  return advice(run.newestGood(file));
}

Result<std::string> tritter::findCheckpoint(const std::string &path) {
  TRITTER_RETURN_IF_ERROR(checkReachable(path));
  if (!pathExists(path))
    return error("{}: there is no such checkpoint or run{}", path, goodCheckpointBeside(path));
  if (!isFolder(path))
    return path;
  RunDirectory run(path);
  if (pathExists(run.last()))
    return run.last().string();
  TRITTER_RETURN_IF_ERROR(checkReachable(run.last()));
  if (isLink(run.last()))
    return error("{}: its last checkpoint, {}, is not there{}", path, followed(run.last()).filename().string(),
                 goodCheckpointBeside(run.last()));
  if (!run.steps().empty())
    return error("{}: has checkpoints, but no last.tckpt that says which is the last{}", path,
                 advice(run.newestGood()));
  if (pathExists(fs::path(path) / "config.json"))
    return error("{} is a Hugging Face checkpoint: first tritter-run import {} -o {}.tckpt", path, path,
                 fs::path(path).lexically_normal().filename().string());
  return error("{}: is no run: it has no last.tckpt", path);
}
