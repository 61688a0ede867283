// The arguments of a call from C++, as values of the engine.
#pragma once

#include <quip/core/convert.hpp>
#include <quip/function/params.hpp>

#include <array>
#include <cstddef>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

namespace quip {

namespace detail {
/// What always has a JS value, and one without a reference: nothing to check and to release.
template <class T>
inline constexpr bool is_plain =
    std::is_arithmetic_v<T> && (sizeof(T) < 8 || std::is_floating_point_v<T>);

/// How an argument goes on to the out-of-line path: what fits a register by value, so that the
/// usual path need not put it into memory.
template <class A>
using Passed = std::conditional_t<is_plain<std::remove_cvref_t<A>>, std::remove_cvref_t<A>, A&&>;
}  // namespace detail

/// The elements of a range as so many arguments: see spread.
template <class R>
struct Spread {
  R range;
};
/// JavaScript's `...range` in a call: `f.call(1, quip::spread(values), 2)`. It refers to a range
/// that is given by name. A Rest as an argument is spread by itself.
template <std::ranges::input_range R>
Spread<R> spread(R&& range) {
  return {std::forward<R>(range)};
}

namespace detail {

/// Converted arguments for the time of a call.
template <class... A>
class Arguments {
 public:
  /// Converts from left to right; stops at the first that has no JS value.
  explicit Arguments(JSContext* ctx, A&&... arguments) : ctx_(ctx) {
    ((ok_ = ok_ && add(into_js(ctx, std::forward<A>(arguments)))), ...);
  }
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;
  ~Arguments() {
    for (std::size_t i = 0; i < count_; ++i) engine::release(ctx_, values_[i]);
  }
  explicit operator bool() const noexcept { return ok_; }
  [[nodiscard]] int size() const noexcept { return static_cast<int>(sizeof...(A)); }
  // the engine's parameter is a pointer to borrowed values; ours are the same values, owned
  [[nodiscard]] JSValueConst* data() noexcept {
    return const_cast<JSValueConst*>(reinterpret_cast<const JSValueConst*>(values_.data()));
  }

 private:
  bool add(JSValue value) noexcept {
    if (engine::is_exception(value)) [[unlikely]]
      return false;
    values_[count_++] = value;
    return true;
  }
  JSContext* ctx_;
  std::size_t count_ = 0;
  bool ok_ = true;
  std::array<JSValue, sizeof...(A) == 0 ? 1 : sizeof...(A)> values_;
};

template <class... A>
  requires(is_plain<std::remove_cvref_t<A>> && ...)
class Arguments<A...> {
 public:
  explicit Arguments([[maybe_unused]] JSContext* ctx, A&&... arguments) noexcept
      : values_{into_js(ctx, std::forward<A>(arguments))...} {}
  explicit operator bool() const noexcept { return true; }
  [[nodiscard]] int size() const noexcept { return static_cast<int>(sizeof...(A)); }
  [[nodiscard]] JSValueConst* data() noexcept {
    return const_cast<JSValueConst*>(reinterpret_cast<const JSValueConst*>(values_.data()));
  }

 private:
  std::array<JSValue, sizeof...(A) == 0 ? 1 : sizeof...(A)> values_;
};

template <class A>
inline constexpr bool is_spread = false;
template <class R>
inline constexpr bool is_spread<Spread<R>> = true;
template <class T>
inline constexpr bool is_spread<Rest<T>> = true;

/// With a range among them, of whose size nothing is known.
template <class... A>
  requires(is_spread<std::remove_cvref_t<A>> || ...)
class Arguments<A...> {
 public:
  explicit Arguments(JSContext* ctx, A&&... arguments) : ctx_(ctx) {
    try {
      ((ok_ = ok_ && add(std::forward<A>(arguments))), ...);
    } catch (...) {
      release();
      throw;
    }
  }
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;
  ~Arguments() { release(); }
  explicit operator bool() const noexcept { return ok_; }
  [[nodiscard]] int size() const noexcept { return static_cast<int>(values_.size()); }
  [[nodiscard]] JSValueConst* data() noexcept {
    return const_cast<JSValueConst*>(reinterpret_cast<const JSValueConst*>(values_.data()));
  }

 private:
  void release() noexcept {
    for (const JSValue& value : values_) engine::release(ctx_, value);
  }
  bool take(JSValue value) {
    if (engine::is_exception(value)) [[unlikely]]
      return false;
    try {
      values_.push_back(value);
    } catch (...) {
      engine::release(ctx_, value);
      throw;
    }
    return true;
  }
  template <class B>
  bool add(B&& argument) {
    if constexpr (is_spread<std::remove_cvref_t<B>>) {
      constexpr std::size_t most = 65534;  // an engine's own limit for `apply`
      auto& range = range_of(argument);
      for (auto&& element : range) {
        if (values_.size() >= most) {
          throw_error(ctx_, Error::range("too many arguments"));
          return false;
        }
        if (!take(into_js(ctx_, std::forward<decltype(element)>(element)))) return false;
      }
      return true;
    } else {
      return take(into_js(ctx_, std::forward<B>(argument)));
    }
  }
  template <class B>
  static auto& range_of(B& argument) noexcept {
    if constexpr (requires { argument.range; }) {
      return argument.range;
    } else {
      return argument.values;
    }
  }
  JSContext* ctx_;
  bool ok_ = true;
  std::vector<JSValue> values_;
};

}  // namespace detail
}  // namespace quip
