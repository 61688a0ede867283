// Conversions of what may be absent: optional, and the pointers that may be null.
#pragma once

#include <quip/core/convert.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace quip {

/// Nothing at all: `undefined`.
template <>
struct Convert<std::nullopt_t> {
  static JSValue into_js(JSContext*, std::nullopt_t) noexcept { return engine::undefined(); }
};

/// `undefined` and `null` are empty; anything else must be a T. An empty one is `undefined`.
template <class T>
struct Convert<std::optional<T>> {
  static Result<std::optional<T>> from_js(ValueRef value) {
    if (engine::is_undefined(value.raw()) || engine::is_null(value.raw())) {
      return std::optional<T>();
    }
    auto inner = detail::from_js<T>(value);
    if (!inner) [[unlikely]] {
      return std::move(inner).error();
    }
    return std::optional<T>(*std::move(inner));
  }
  template <class U>
    requires std::same_as<std::remove_cvref_t<U>, std::optional<T>>
  static JSValue into_js(JSContext* ctx, U&& value) {
    return value ? detail::into_js(ctx, *std::forward<U>(value)) : engine::undefined();
  }
};

namespace detail {
/// A pointer that owns a value: null is `null` (and `undefined` is read as null); else the value,
/// converted.
template <class P, class T, auto make>
struct ConvertOwner {
  static Result<P> from_js(ValueRef value) {
    if (engine::is_undefined(value.raw()) || engine::is_null(value.raw())) {
      return P();
    }
    if (is_too_deep(realm_of(value.context()))) [[unlikely]] {
      return too_deep();
    }
    auto inner = detail::from_js<T>(value);
    if (!inner) [[unlikely]] {
      return std::move(inner).error();
    }
    return make(*std::move(inner));
  }
  static JSValue into_js(JSContext* ctx, const P& pointer) {
    if (pointer == nullptr) {
      return engine::null();
    }
    if (is_too_deep(realm_of(ctx))) [[unlikely]] {
      return throw_too_deep(ctx);
    }
    return detail::into_js(ctx, std::as_const(*pointer));
  }
};
}  // namespace detail

/// The value that it owns; null is `null`.
template <class T>
  requires(!NativeClass<T>)
struct Convert<std::unique_ptr<T>> : detail::ConvertOwner<std::unique_ptr<T>, T, [](auto&& value) {
  return std::make_unique<T>(std::forward<decltype(value)>(value));
}> {};

/// The value that it shares; null is `null`. A value that is read is a new object.
template <class T>
  requires(!NativeClass<std::remove_const_t<T>>)
struct Convert<std::shared_ptr<T>> : detail::ConvertOwner<std::shared_ptr<T>, T, [](auto&& value) {
  return std::make_shared<T>(std::forward<decltype(value)>(value));
}> {};

/// Into JavaScript alone: a copy of what it refers to.
template <class T>
struct Convert<std::reference_wrapper<T>> {
  static JSValue into_js(JSContext* ctx, std::reference_wrapper<T> reference) {
    return detail::into_js(ctx, std::as_const(reference.get()));
  }
};

}  // namespace quip
