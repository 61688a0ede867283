// A value or an Error: what every `try_` form returns.
#pragma once

#include <quip/core/error.hpp>

#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace quip {

template <class T>
class [[nodiscard]] Result;

namespace detail {
template <class T>
inline constexpr bool is_result = false;
template <class T>
inline constexpr bool is_result<Result<T>> = true;
}  // namespace detail

/// The outcome of something that can fail, without unwinding: a T or an Error (the shape of
/// C++23's std::expected<T, Error>). A bound function may return it; an Error in it is thrown in
/// the script.
///
/// @tparam T an object type, or void (the specialisation below).
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  // NOLINTNEXTLINE(performance-unnecessary-value-param): it is moved from where that pays
  Result(T value) noexcept(std::is_nothrow_move_constructible_v<T>) : ok_(true) {
    ::new (static_cast<void*>(&value_)) T(std::move(value));
  }
  /// Anything that converts to T by itself.
  template <class U>
    requires(std::is_convertible_v<U &&, T> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
             !std::is_base_of_v<Error, std::remove_cvref_t<U>> &&
             !detail::is_result<std::remove_cvref_t<U>>)
  Result(U&& value) : ok_(true) {
    ::new (static_cast<void*>(&value_)) T(std::forward<U>(value));
  }
  Result(Error error) noexcept : ok_(false) {
    ::new (static_cast<void*>(&error_)) Error(std::move(error));
  }
  Result(const Result& other) : ok_(other.ok_) {
    if (ok_) {
      ::new (static_cast<void*>(&value_)) T(other.value_);
    } else {
      ::new (static_cast<void*>(&error_)) Error(other.error_);
    }
  }
  Result(Result&& other) noexcept(std::is_nothrow_move_constructible_v<T>) : ok_(other.ok_) {
    if (ok_) {
      ::new (static_cast<void*>(&value_)) T(std::move(other.value_));
    } else {
      ::new (static_cast<void*>(&error_)) Error(std::move(other.error_));
    }
  }
  Result& operator=(Result other) noexcept(std::is_nothrow_move_constructible_v<T>) {
    std::destroy_at(this);
    std::construct_at(this, std::move(other));
    return *this;
  }
  ~Result() {
    if (ok_) {
      value_.~T();
    } else {
      error_.~Error();
    }
  }

  [[nodiscard]] bool has_value() const noexcept { return ok_; }
  explicit operator bool() const noexcept { return ok_; }

  /// The value; throws the error (as Error::raise does) when there is none.
  [[nodiscard]] T& value() & {
    if (!ok_) [[unlikely]]
      error_.raise();
    return value_;
  }
  [[nodiscard]] const T& value() const& {
    if (!ok_) [[unlikely]]
      error_.raise();
    return value_;
  }
  [[nodiscard]] T value() && {
    if (!ok_) [[unlikely]]
      error_.raise();
    return std::move(value_);
  }
  /// The value; only when has_value().
  [[nodiscard]] T& operator*() & noexcept { return value_; }
  [[nodiscard]] const T& operator*() const& noexcept { return value_; }
  [[nodiscard]] T&& operator*() && noexcept { return std::move(value_); }
  [[nodiscard]] T* operator->() noexcept { return &value_; }
  [[nodiscard]] const T* operator->() const noexcept { return &value_; }

  /// The error; only when not has_value().
  [[nodiscard]] Error& error() & noexcept { return error_; }
  [[nodiscard]] const Error& error() const& noexcept { return error_; }
  [[nodiscard]] Error&& error() && noexcept { return std::move(error_); }

  template <class U>
  [[nodiscard]] T value_or(U&& fallback) const& {
    return ok_ ? value_ : static_cast<T>(std::forward<U>(fallback));
  }
  template <class U>
  [[nodiscard]] T value_or(U&& fallback) && {
    return ok_ ? std::move(value_) : static_cast<T>(std::forward<U>(fallback));
  }

  /// Calls f(value) when there is one; f returns a Result. Else passes the error on.
  template <class F>
  auto and_then(F&& f) && -> std::invoke_result_t<F, T&&> {
    if (ok_) return std::forward<F>(f)(std::move(value_));
    return std::move(error_);
  }
  /// The Result of f(value); else passes the error on.
  template <class F>
  auto transform(F&& f) && -> Result<std::remove_cvref_t<std::invoke_result_t<F, T&&>>> {
    if constexpr (std::is_void_v<std::invoke_result_t<F, T&&>>) {
      if (!ok_) return std::move(error_);
      std::forward<F>(f)(std::move(value_));
      return {};
    } else {
      if (ok_) return std::forward<F>(f)(std::move(value_));
      return std::move(error_);
    }
  }

 private:
  union {
    T value_;
    Error error_;
  };
  bool ok_;
};

/// Success without a value, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() noexcept : ok_(true) {}
  Result(Error error) noexcept : ok_(false) {
    ::new (static_cast<void*>(&error_)) Error(std::move(error));
  }
  Result(const Result& other) noexcept : ok_(other.ok_) {
    if (!ok_) ::new (static_cast<void*>(&error_)) Error(other.error_);
  }
  Result& operator=(const Result& other) noexcept {
    if (this != &other) {
      std::destroy_at(this);
      std::construct_at(this, other);
    }
    return *this;
  }
  ~Result() {
    if (!ok_) error_.~Error();
  }

  [[nodiscard]] bool has_value() const noexcept { return ok_; }
  explicit operator bool() const noexcept { return ok_; }
  /// Throws the error (as Error::raise does) when there is one.
  void value() const {
    if (!ok_) [[unlikely]]
      error_.raise();
  }
  [[nodiscard]] Error& error() & noexcept { return error_; }
  [[nodiscard]] const Error& error() const& noexcept { return error_; }
  [[nodiscard]] Error&& error() && noexcept { return std::move(error_); }

 private:
  union {
    Error error_;
  };
  bool ok_;
};

}  // namespace quip
