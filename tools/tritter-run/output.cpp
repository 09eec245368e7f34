#include "output.h"

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <unistd.h>

using namespace tritter;

/// Why standard output does not take more; 0 while it does.
static int outputFailure = 0;

static void writeTo(std::FILE *stream, std::string_view text) {
  errno = 0;
  size_t wrote = std::fwrite(text.data(), 1, text.size(), stream);
  bool failed = std::fflush(stream) != 0 || wrote < text.size();
  if (failed && stream == stdout && outputFailure == 0)
    outputFailure = errno ? errno : EIO;
}

void Output::print(std::string_view text) { writeTo(json ? stderr : stdout, text); }

bool Output::arrives() const { return outputFailure == 0; }

void Output::warn(std::string_view text) { fmt::print(stderr, "warning: {}\n", text); }

void Output::finish() {
  // JSON is UTF-8, and a path may be anything: what is none is replaced.
  if (json)
    writeTo(stdout, object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

Status tritter::finishStandardOutput() {
  writeTo(stdout, "");
  if (outputFailure == 0 && std::ferror(stdout))
    outputFailure = EIO;
  // Some file systems say only now that there was no space.
  if (outputFailure == 0 && ::close(STDOUT_FILENO) != 0 && errno != EBADF)
    outputFailure = errno;
  if (outputFailure == 0)
    return {};
  if (outputFailure == EPIPE)
    return Status::error("");
  return error("standard output could not be written in full ({})", std::strerror(outputFailure));
}

nlohmann::json tritter::jsonNumber(double number) {
  return std::isfinite(number) ? nlohmann::json(number) : nlohmann::json();
}
