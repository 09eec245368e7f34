#ifndef TRITTER_RUNTIME_BASE_STATUS_H
#define TRITTER_RUNTIME_BASE_STATUS_H

#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tritter {

/// Success, or one sentence that a user can act on: what was found, what was expected, what to do. Costs a pointer.
class [[nodiscard]] Status {
public:
  Status() = default;
  static Status error(std::string message) {
    Status status;
    status.message_ = std::make_unique<std::string>(std::move(message));
    return status;
  }

  bool ok() const { return !message_; }
  /// Empty where ok().
  std::string_view message() const { return message_ ? std::string_view(*message_) : std::string_view(); }
  /// The same error with `context: ` before it; ok() stays ok().
  Status within(std::string_view context) && {
    if (message_)
      message_->insert(0, fmt::format("{}: ", context));
    return std::move(*this);
  }

private:
  std::unique_ptr<std::string> message_;
};

/// An error whose message is formatted by fmt.
template <typename... Arguments>
Status error(fmt::format_string<Arguments...> format, Arguments &&...arguments) {
  return Status::error(fmt::format(format, std::forward<Arguments>(arguments)...));
}

/// A value, or the Status that says why there is none.
template <typename T>
class [[nodiscard]] Result {
public:
  Result(T value) : value_(std::move(value)) {}
  Result(Status status) : status_(std::move(status)) {}

  bool ok() const { return value_.has_value(); }
  const Status &status() const & { return status_; }
  Status status() && { return std::move(status_); }

  T &operator*() & { return *value_; }
  const T &operator*() const & { return *value_; }
  T &&operator*() && { return std::move(*value_); }
  T *operator->() { return &*value_; }
  const T *operator->() const { return &*value_; }

private:
  std::optional<T> value_;
  Status status_;
};

} // namespace tritter

/// Returns the error of `expression` (a Status) from the function around it.
#define TRITTER_RETURN_IF_ERROR(expression)                                                                            \
  do {                                                                                                                 \
    if (::tritter::Status status_ = (expression); !status_.ok())                                                       \
      return status_;                                                                                                  \
  } while (false)

#define TRITTER_CONCAT_(a, b) a##b
#define TRITTER_CONCAT(a, b) TRITTER_CONCAT_(a, b)

/// TRITTER_ASSIGN(auto x, f()): the value of a Result, or return its error.
#define TRITTER_ASSIGN(declaration, expression) TRITTER_ASSIGN_(TRITTER_CONCAT(result_, __LINE__), declaration, expression)
#define TRITTER_ASSIGN_(result, declaration, expression)                                                               \
  auto result = (expression);                                                                                          \
  if (!result.ok())                                                                                                    \
    return std::move(result).status();                                                                                 \
  declaration = *std::move(result)

#endif // TRITTER_RUNTIME_BASE_STATUS_H
