// Conversions of bool, the integer and the floating types: exact or an error.
#pragma once

#include <quip/core/convert.hpp>

#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>

namespace quip {

namespace detail {

// The character types are text, not numbers, and have no conversion here.
template <class T>
concept Integer = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> &&
                  !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
                  !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

/// Integers past this are not all Numbers: 2^53.
inline constexpr std::int64_t max_safe_integer = std::int64_t{1} << 53;

/// The value as an integer within [low, high] (high as unsigned for the uint64 range); the error
/// says what was expected.
Result<std::int64_t> slow_integer(ValueRef value, std::int64_t low, std::int64_t high);
Result<std::uint64_t> slow_unsigned64(ValueRef value);
Error not_a(std::string_view expected, ValueRef value);
JSValue throw_unsafe_integer(JSContext* ctx, bool negative, std::uint64_t magnitude) noexcept;

}  // namespace detail

/// Only `true` and `false`.
template <>
struct Convert<bool> {
  static bool quick(const JSValueConst& value, bool& out) noexcept {
    if (engine::tag(value) != JS_TAG_BOOL) return false;
    out = engine::get_bool(value);
    return true;
  }
  static Result<bool> from_js(ValueRef value) {
    if (bool out = false; quick(value.raw(), out)) [[likely]]
      return out;
    return detail::not_a("boolean", value);
  }
  static JSValue into_js(JSContext*, bool value) noexcept { return engine::boolean(value); }
};

/// Numbers that are whole and in range; -0 is 0. The 64-bit types read BigInts too. Going to
/// JavaScript, a 64-bit integer past 2^53 is an error: it would not be the same number there.
template <detail::Integer T>
struct Convert<T> {
  static bool quick(const JSValueConst& value, T& out) noexcept {
    if (!engine::is_int32(value)) [[unlikely]]
      return false;
    const std::int32_t number = engine::get_int32(value);
    if (!std::in_range<T>(number)) [[unlikely]]
      return false;
    out = static_cast<T>(number);
    return true;
  }
  static Result<T> from_js(ValueRef value) {
    if (T out = 0; quick(value.raw(), out)) [[likely]]
      return out;
    if constexpr (std::same_as<T, std::uint64_t> || (sizeof(T) == 8 && std::is_unsigned_v<T>)) {
      Result<std::uint64_t> number = detail::slow_unsigned64(value);
      if (!number) return std::move(number).error();
      return static_cast<T>(*number);
    } else {
      Result<std::int64_t> number =
          detail::slow_integer(value, std::numeric_limits<T>::min(),
                               static_cast<std::int64_t>(std::numeric_limits<T>::max()));
      if (!number) return std::move(number).error();
      return static_cast<T>(*number);
    }
  }
  static JSValue into_js(JSContext* ctx, T value) noexcept {
    if (std::in_range<std::int32_t>(value)) [[likely]] {
      return engine::int32(static_cast<std::int32_t>(value));
    }
    if constexpr (sizeof(T) == 8) {
      const bool negative = std::cmp_less(value, 0);
      const auto magnitude = negative ? std::uint64_t{0} - static_cast<std::uint64_t>(value)
                                      : static_cast<std::uint64_t>(value);
      if (magnitude > static_cast<std::uint64_t>(detail::max_safe_integer)) [[unlikely]] {
        return detail::throw_unsafe_integer(ctx, negative, magnitude);
      }
    }
    return engine::float64(ctx, static_cast<double>(value));
  }
};

/// Any Number, NaN and the infinities included; a float takes the nearest one.
template <std::floating_point T>
struct Convert<T> {
  static bool quick(const JSValueConst& value, T& out) noexcept {
    if (engine::is_float64(value)) [[likely]] {
      out = static_cast<T>(engine::get_float64(value));
      return true;
    }
    if (!engine::is_int32(value)) [[unlikely]]
      return false;
    out = static_cast<T>(engine::get_int32(value));
    return true;
  }
  static Result<T> from_js(ValueRef value) {
    if (T out = 0; quick(value.raw(), out)) [[likely]]
      return out;
    return detail::not_a("number", value);
  }
  static JSValue into_js(JSContext* ctx, T value) noexcept {
    return engine::float64(ctx, static_cast<double>(value));
  }
};

}  // namespace quip
