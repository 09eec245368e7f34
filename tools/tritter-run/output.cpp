#include "output.h"

#include <cmath>
#include <cstdio>

using namespace tritter;

void Output::print(std::string_view text) {
  std::FILE *stream = json ? stderr : stdout;
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

void Output::warn(std::string_view text) { fmt::print(stderr, "warning: {}\n", text); }

void Output::finish() {
  if (json)
    fmt::print("{}\n", object.dump());
}

nlohmann::json tritter::jsonNumber(double number) {
  return std::isfinite(number) ? nlohmann::json(number) : nlohmann::json();
}
