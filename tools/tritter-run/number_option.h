#ifndef TRITTER_TOOLS_TRITTER_RUN_NUMBER_OPTION_H
#define TRITTER_TOOLS_TRITTER_RUN_NUMBER_OPTION_H

#include "runtime/base/number.h"

#include <CLI/CLI.hpp>

namespace tritter {

/// Puts what runtime/base/number.h understands of a text into the decimal digits that CLI11 reads. CLI11 alone takes
/// `010` for eight, and wraps around what is too large.
template <typename Number> CLI::Validator asDecimal(Number least, Number most) {
  return CLI::Validator(
      [=](std::string &text) {
        auto number = [&] {
          if constexpr (std::is_floating_point_v<Number>)
            return parseReal(text, least, most);
          else
            return parseWhole(text, static_cast<int64_t>(least), static_cast<int64_t>(most));
        }();
        if (!number.ok())
          return fmt::format("{}: {}", text, number.status().message());
        text = fmt::format("{}", *number);
        return std::string();
      },
      "");
}

/// Adds an option that is a number from `least` to `most`. Every number on the command line is added by this.
template <typename Number>
CLI::Option *addNumber(CLI::App &command, const std::string &name, Number &value, const std::string &help,
                       std::type_identity_t<Number> least, std::type_identity_t<Number> most) {
  return command.add_option(name, value, help)->transform(asDecimal<Number>(least, most));
}

/// A number of any size that its type and a configuration hold.
template <typename Number>
CLI::Option *addNumber(CLI::App &command, const std::string &name, Number &value, const std::string &help) {
  if constexpr (std::is_floating_point_v<Number>)
    return addNumber(command, name, value, help, std::numeric_limits<Number>::lowest(),
                     std::numeric_limits<Number>::max());
  else
    return addNumber(command, name, value, help, static_cast<Number>(leastWhole<Number>),
                     static_cast<Number>(largestWhole<Number>));
}

/// The same, from `least`.
template <typename Number>
CLI::Option *addNumber(CLI::App &command, const std::string &name, Number &value, const std::string &help,
                       std::type_identity_t<Number> least) {
  if constexpr (std::is_floating_point_v<Number>)
    return addNumber(command, name, value, help, least, std::numeric_limits<Number>::max());
  else
    return addNumber(command, name, value, help, least, static_cast<Number>(largestWhole<Number>));
}

} // namespace tritter

#endif // TRITTER_TOOLS_TRITTER_RUN_NUMBER_OPTION_H
