#include "runtime/base/paths.h"
#include "runtime/jobs/compiler.h"

#include "runtime/base/hash.h"
#include "runtime/checkpoint/atomic_file.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace tritter;
namespace fs = std::filesystem;

extern char **environ;

static std::string readFile(const fs::path &path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

static Result<fs::path> findCompiler(const fs::path &named) {
  std::error_code code;
  if (!named.empty())
    return fs::exists(named, code) ? Result<fs::path>(named) : error("{}: there is no such compiler", named.string());
  fs::path self = fs::read_symlink("/proc/self/exe", code);
  fs::path compiler = self.parent_path() / "tritter-compile";
  if (code || !pathExists(compiler))
    return error(
        "this needs tritter-compile, which is not beside {}: build it, or give an executable that was compiled "
        "elsewhere (a .texe)",
        self.string());
  return compiler;
}

static Result<fs::path> cacheFolder(fs::path folder) {
  const char *base = std::getenv("XDG_CACHE_HOME");
  const char *home = std::getenv("HOME");
  if (folder.empty())
    folder = (base && *base   ? fs::path(base)
              : home && *home ? fs::path(home) / ".cache"
                              : fs::path(fmt::format("/tmp/cache-{}", ::getuid()))) /
             "tritter";
  std::error_code code;
  fs::create_directories(folder.parent_path(), code);
  // What lies here is run: nobody else may put anything into it.
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return error("{}: the cache of executables cannot be made ({}); XDG_CACHE_HOME names another place",
                 folder.string(), std::strerror(errno));
  struct stat status {};
  if (::stat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
    return error("{}: a folder for executables was expected; XDG_CACHE_HOME names another place", folder.string());
  if (status.st_uid != ::geteuid())
    return error("{}: belongs to another user, who could put code there that would run as you; XDG_CACHE_HOME names "
                 "another place",
                 folder.string());
  if ((status.st_mode & 0077) != 0 && ::chmod(folder.c_str(), 0700) != 0)
    return error("{}: is open to others, who could put code there that would run as you: chmod 700 {}", folder.string(),
                 folder.string());
  return folder;
}

static std::string digestOf(const std::string &text) {
  return hexadecimal(sha256(std::as_bytes(std::span(text.data(), text.size()))));
}

/// What a file that the compiler reads contains; the input's own words where it is no file.
static std::string contentsOf(const std::string &input) {
  fs::path path = input;
  if (isFolder(path))
    path /= "config.json";
  return isFile(path) ? readFile(path) : input;
}

/// Tells one build of the compiler from another without reading all of it.
static std::string identityOf(const fs::path &compiler) {
  struct stat information {};
  ::stat(compiler.c_str(), &information);
  return fmt::format("{} {} {}.{}", compiler.string(), information.st_size, information.st_mtim.tv_sec,
                     information.st_mtim.tv_nsec);
}

/// In the child: becomes the program, which ends when its parent does, however that ends.
[[noreturn]] static void become(char *const *arguments, int output, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  // It may have ended before that was said.
  if (::getppid() != parent)
    ::_exit(127);
  std::signal(SIGPIPE, SIG_DFL);
  ::dup2(output, 1);
  ::dup2(output, 2);
  ::execve(arguments[0], arguments, environ);
  constexpr std::string_view words = "cannot be run: ";
  const char *reason = std::strerror(errno);
  (void)!::write(2, words.data(), words.size());
  (void)!::write(2, reason, std::strlen(reason));
  ::_exit(127);
}

/// Runs a program to its end, collecting what it writes.
static Result<int> runProgram(const std::vector<std::string> &words, std::string &errors) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return error("no pipe to {} ({})", words[0], std::strerror(errno));
  std::vector<char *> arguments;
  for (const std::string &word : words)
    arguments.push_back(const_cast<char *>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t parent = ::getpid(), child = ::fork();
  if (child == 0)
    become(arguments.data(), ends[1], parent);
  int failure = errno;
  ::close(ends[1]);
  if (child < 0) {
    ::close(ends[0]);
    return error("{} cannot be run ({})", words[0], std::strerror(failure));
  }
  char buffer[4096];
  for (ssize_t got; (got = ::read(ends[0], buffer, sizeof(buffer))) != 0;) {
    if (got < 0 && errno != EINTR)
      break;
    if (got > 0)
      errors.append(buffer, got);
  }
  ::close(ends[0]);
  int state = 0;
  while (::waitpid(child, &state, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

static std::string trimmed(std::string text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
    text.pop_back();
  for (std::string_view prefix : {"tritter-compile: ", "error: "})
    if (text.starts_with(prefix))
      text.erase(0, prefix.size());
  return text;
}

namespace {

class ProgramCompiler : public Compiler {
public:
  explicit ProgramCompiler(ProgramCompilerOptions settings) : settings(std::move(settings)) {}
  Result<std::vector<CompilerOption>> options() override;

  Result<std::string> describeGrowths() override;
  Result<std::string> version() override;

private:
  Result<CompiledExecutable> compileModel(const ExecutableRequest &request) override;
  ProgramCompilerOptions settings;
};

} // namespace

Result<std::vector<CompilerOption>> ProgramCompiler::options() {
  TRITTER_ASSIGN(fs::path compiler, findCompiler(settings.program));
  std::string text;
  TRITTER_ASSIGN(int code, runProgram({compiler.string(), "--list-options"}, text));
  nlohmann::json list = nlohmann::json::parse(text, nullptr, false);
  if (code != 0 || !list.is_array())
    return error("{} does not say what options it has", compiler.string());
  std::vector<CompilerOption> options;
  for (const nlohmann::json &option : list)
    options.push_back({option.value("name", ""), option.value("help", ""), option.value("flag", false)});
  return options;
}

Result<std::string> ProgramCompiler::version() {
  TRITTER_ASSIGN(fs::path compiler, findCompiler(settings.program));
  std::string words;
  TRITTER_ASSIGN(int code, runProgram({compiler.string(), "--version"}, words));
  // "LLVM version 22.1.0", among what LLVM says of every program of its.
  size_t at = words.find("LLVM version ");
  if (code != 0 || at == std::string::npos)
    return error("{} does not say its version", compiler.string());
  at += std::string_view("LLVM version ").size();
  return "compiler     LLVM " + words.substr(at, words.find_first_of(" \n", at) - at);
}

Result<std::string> ProgramCompiler::describeGrowths() {
  TRITTER_ASSIGN(fs::path compiler, findCompiler(settings.program));
  std::string words;
  TRITTER_ASSIGN(int code, runProgram({compiler.string(), "--list-methods"}, words));
  if (code != 0)
    return error("tritter-compile ended with status {}", code);
  return words;
}

Result<CompiledExecutable> ProgramCompiler::compileModel(const ExecutableRequest &request) {
  CompiledExecutable compiled;
  auto begin = std::chrono::steady_clock::now();
  TRITTER_ASSIGN(fs::path compiler, findCompiler(settings.program));
  TRITTER_ASSIGN(fs::path folder, cacheFolder(settings.cache));
  std::vector<std::string> words;
  for (auto &[name, value] : request.options)
    words.push_back(fmt::format("--{}={}", name, value));
  std::string key = identityOf(compiler);
  for (auto &[name, value] : request.options)
    key += fmt::format("\n--{}={}", name, contentsOf(value));
  const std::string &text = request.ir.empty() ? request.configuration : request.ir;
  key += "\n" + (text.empty() ? contentsOf(request.input) : text);
  fs::path output = folder / (digestOf(key) + ".texe");

  if (pathExists(output)) {
    // A file that a crash or an older version left is made again.
    if (auto loaded = Executable::load(output); loaded.ok()) {
      compiled.executable = *loaded;
      compiled.cached = true;
      return compiled;
    }
  }
  std::string input = request.input;
  if (!text.empty()) {
    input = folder / (digestOf(text) + (request.ir.empty() ? ".json" : ".mlir"));
    if (!pathExists(input))
      TRITTER_RETURN_IF_ERROR(writeFileAtomically(input, std::string_view(text)));
  }
  fs::path temporary = fmt::format("{}.{}", output.string(), ::getpid());
  words.insert(words.begin(), {compiler.string(), input, "-o", temporary.string()});
  std::string messages;
  TRITTER_ASSIGN(int code, runProgram(words, messages));
  std::error_code ignored;
  if (code != 0) {
    fs::remove(temporary, ignored);
    std::string message = trimmed(messages);
    // What lies in the cache has a name that means nothing to anybody.
    if (!text.empty())
      for (size_t at; (at = message.find(input)) != std::string::npos;)
        message.replace(at, input.size(), request.ir.empty() ? request.input : "the model's IR");
    if (message.empty())
      return error("tritter-compile ended with status {} and no message", code);
    return Status::error(message);
  }
  if (settings.onMessage && !messages.empty())
    settings.onMessage(messages);
  fs::rename(temporary, output, ignored);
  TRITTER_ASSIGN(compiled.executable, Executable::load(output));
  compiled.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return compiled;
}

std::unique_ptr<Compiler> tritter::createProgramCompiler(ProgramCompilerOptions options) {
  return std::make_unique<ProgramCompiler>(std::move(options));
}
