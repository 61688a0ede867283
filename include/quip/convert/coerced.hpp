// Parameters that JavaScript's own rules convert: `Coerced<int>` takes "5", 5.7 and [5] for 5.
#pragma once

#include <quip/convert/number.hpp>
#include <quip/convert/string.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

namespace quip {

/// A T that any JavaScript value is converted to as scripts convert, where Convert<T> alone would
/// refuse (ECMA-262 7.1):
///
/// - bool: ToBoolean; never fails.
/// - integers: whole and modulo 2^n, as ToInt32, ToUint8 and so on: 5.7 is 5, "300" is 44 as a
///   std::uint8_t, NaN is 0. The 64-bit ones also take BigInts, modulo 2^64.
/// - float and double: ToNumber; "x" is NaN.
/// - std::string: ToString.
///
/// Objects are asked for their valueOf, toString or Symbol.toPrimitive, and what these throw is the
/// error. A symbol is a TypeError except for bool, and so is a BigInt for all numbers but the
/// 64-bit integers.
template <class T>
struct Coerced {
  T value;
  [[nodiscard]] const T& get() const& noexcept { return value; }
  [[nodiscard]] T& get() & noexcept { return value; }
  [[nodiscard]] T&& get() && noexcept { return std::move(value); }
  operator const T&() const& noexcept { return value; }
  operator T&() & noexcept { return value; }
  operator T&&() && noexcept { return std::move(value); }
};

namespace detail {
Result<std::int32_t> coerce_int32(ValueRef value);
Result<std::int64_t> coerce_int64(ValueRef value);
Result<double> coerce_double(ValueRef value);
Result<bool> coerce_bool(ValueRef value);
Result<std::string> coerce_string(ValueRef value);
}  // namespace detail

template <class T>
struct Convert<Coerced<T>> {
  static_assert(std::same_as<T, bool> || detail::Integer<T> || std::floating_point<T> ||
                    std::same_as<T, std::string>,
                "Coerced is for bool, the integer and the floating types, and std::string");

  static bool quick(const JSValueConst& value, Coerced<T>& out) noexcept
    requires std::is_arithmetic_v<T>
  {
    if constexpr (std::same_as<T, bool>) {
      return Convert<bool>::quick(value, out.value);
    } else {
      if (!engine::is_int32(value)) [[unlikely]] {
        return false;
      }
      out.value = static_cast<T>(engine::get_int32(value));
      return true;
    }
  }
  static Result<Coerced<T>> from_js(ValueRef value) {
    auto converted = coerce(value);
    if (!converted) [[unlikely]] {
      return std::move(converted).error();
    }
    if constexpr (std::same_as<T, std::string>) {
      return Coerced<T>{*std::move(converted)};
    } else {
      return Coerced<T>{static_cast<T>(*converted)};  // the low bits of an integer
    }
  }
  template <class U>
    requires std::same_as<std::remove_cvref_t<U>, Coerced<T>>
  static JSValue into_js(JSContext* ctx, U&& value) {
    return detail::into_js(ctx, std::forward<U>(value).value);
  }

 private:
  static auto coerce(ValueRef value) {
    if constexpr (std::same_as<T, std::string>) {
      return detail::coerce_string(value);
    } else if constexpr (std::same_as<T, bool>) {
      return detail::coerce_bool(value);
    } else if constexpr (std::floating_point<T>) {
      return detail::coerce_double(value);
    } else if constexpr (sizeof(T) == 8) {
      return detail::coerce_int64(value);
    } else {
      return detail::coerce_int32(value);
    }
  }
};

}  // namespace quip
