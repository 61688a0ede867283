// The values that stand for none: undefined and null, as types and constants of C++.
#pragma once

#include <quip/convert/number.hpp>

#include <cstddef>
#include <variant>

namespace quip {

/// The type of JavaScript's `undefined` (ECMA-262 6.1.1), for parameters and variants that accept
/// it alone; quip::undefined is its value.
struct Undefined {
  friend constexpr bool operator==(Undefined, Undefined) noexcept { return true; }
};
/// The type of JavaScript's `null` (ECMA-262 6.1.2); quip::null is its value.
struct Null {
  friend constexpr bool operator==(Null, Null) noexcept { return true; }
};
/// The type of the engine's mark for "no value", which no script ever sees: given to JavaScript it
/// becomes `undefined`.
struct Uninitialized {
  friend constexpr bool operator==(Uninitialized, Uninitialized) noexcept { return true; }
};

inline constexpr Undefined undefined{};
inline constexpr Null null{};
inline constexpr Uninitialized uninitialized{};

namespace detail {

/// Convert of a type with one value, which has one JS value.
template <class T, int Tag>
struct ConvertOnly {
  static bool quick(const JSValueConst& value, T& out) noexcept {
    if (engine::tag(value) != Tag) return false;
    out = T{};
    return true;
  }
  static Result<T> from_js(ValueRef value) {
    if (engine::tag(value.raw()) == Tag) [[likely]] {
      return T{};
    }
    return not_a(Tag == JS_TAG_NULL        ? "null"
                 : Tag == JS_TAG_UNDEFINED ? "undefined"
                                           : "uninitialized",
                 value);
  }
  static JSValue into_js(JSContext*, const T&) noexcept {
    return Tag == JS_TAG_NULL ? engine::null() : engine::undefined();
  }
};

}  // namespace detail

/// `undefined` alone.
template <>
struct Convert<Undefined> : detail::ConvertOnly<Undefined, JS_TAG_UNDEFINED> {};
/// `null` alone.
template <>
struct Convert<Null> : detail::ConvertOnly<Null, JS_TAG_NULL> {};
/// Into JavaScript `undefined`; from JavaScript nothing that a script can make.
template <>
struct Convert<Uninitialized> : detail::ConvertOnly<Uninitialized, JS_TAG_UNINITIALIZED> {};
/// `undefined` alone, as the empty alternative of a variant.
template <>
struct Convert<std::monostate> : detail::ConvertOnly<std::monostate, JS_TAG_UNDEFINED> {};
/// `null` alone.
template <>
struct Convert<std::nullptr_t> : detail::ConvertOnly<std::nullptr_t, JS_TAG_NULL> {};

}  // namespace quip
