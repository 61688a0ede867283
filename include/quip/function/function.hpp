// Functions: C++ callables given to scripts, script functions called from C++.
#pragma once

#include <quip/function/native.hpp>
#include <quip/value/object.hpp>

#include <array>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

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

/// A JavaScript function.
///
/// Anything callable in C++ becomes one by itself where a value is asked for (`globals.set("f",
/// lambda)`): functions, lambdas (captures may be move-only), function objects, members by
/// `quip::method`. Its parameters convert strictly, from left to right; std::optional may be left
/// out, Rest takes what is left, This and Ctx take no argument. Too few arguments are a TypeError,
/// more are ignored, as in JavaScript. A thrown C++ exception becomes a JavaScript one and,
/// should it come back to C++ uncaught, the same C++ exception again.
class Function : public Object {
 public:
  /// An empty handle.
  Function() noexcept = default;
  /// A function that calls `callable`. Its `length` counts the required parameters.
  /// Throws Error when memory is short.
  template <class F>
    requires detail::NativeCallable<std::decay_t<F>>
  Function(const Ctx& ctx, std::string_view name, F&& callable)
      : Function(try_make(ctx, name, std::forward<F>(callable)).value()) {}
  template <class F>
    requires detail::NativeCallable<std::decay_t<F>>
  static Result<Function> try_make(const Ctx& ctx, std::string_view name, F&& callable) {
    detail::Entry entry(ctx.realm());
    if (!entry) [[unlikely]]
      return detail::refusal(ctx.realm());
    return detail::from_owned<Function>(
        ctx.realm(), Convert<std::decay_t<F>>::into_js_named(ctx.realm()->context, name,
                                                             std::forward<F>(callable)));
  }

  /// Calls the function and converts what it returns; `call<void>` ignores it. A first argument
  /// `This(object)` is its `this`, else `this` is undefined. Throws what the function throws, and
  /// conversion errors.
  template <class R = Value, class... A>
  R call(A&&... arguments) const;
  /// As `call`, with the error as a value.
  template <class R = Value, class... A>
  Result<R> try_call(A&&... arguments) const;
  /// As `call`.
  template <class... A>
  Value operator()(A&&... arguments) const {
    return call<Value>(std::forward<A>(arguments)...);
  }

  /// JavaScript's `new f(arguments…)`.
  template <class R = Object, class... A>
  R construct(A&&... arguments) const {
    return try_construct<R>(std::forward<A>(arguments)...).value();
  }
  template <class R = Object, class... A>
  Result<R> try_construct(A&&... arguments) const;

  /// The function's `name`.
  [[nodiscard]] std::string name() const { return get<std::string>(key<"name">); }

  /// @internal
  static constexpr std::string_view type_name = "function";
  static bool accepts(ValueRef value) noexcept {
    return engine::is_function(value.context(), value.raw());
  }
  explicit Function(detail::Handle handle) noexcept : Object(std::move(handle)) {}

 private:
  template <class R, class... A>
  R call_from_outside(detail::Passed<A>... arguments) const;
  template <class R, class... A>
  Result<R> try_call_from_outside(detail::Passed<A>... arguments) const;
};

template <>
struct Convert<Function> : detail::ConvertHandle<Function> {};

/// A member function of an object as a callable to bind: the object by pointer (it must outlive
/// the JS function), or by a smart pointer that the function then shares or owns.
///
///     ctx.globals().set("tick", quip::method(&game, &Game::tick));
template <class P, class C, class R, class... A>
auto method(P object, R (C::*member)(A...)) {
  return [object = std::move(object), member](A... arguments) -> R {
    return ((*object).*member)(std::forward<A>(arguments)...);
  };
}
template <class P, class C, class R, class... A>
auto method(P object, R (C::*member)(A...) const) {
  return [object = std::move(object), member](A... arguments) -> R {
    return ((*object).*member)(std::forward<A>(arguments)...);
  };
}
template <class P, class C, class R, class... A>
auto method(P object, R (C::*member)(A...) noexcept) {
  return method(std::move(object), static_cast<R (C::*)(A...)>(member));
}
template <class P, class C, class R, class... A>
auto method(P object, R (C::*member)(A...) const noexcept) {
  return method(std::move(object), static_cast<R (C::*)(A...) const>(member));
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

/// The call as the engine does it: a value or an exception.
template <class... A>
[[gnu::always_inline]] inline JSValue call_function(Realm* realm, JSValueConst function,
                                                    JSValueConst this_value, A&&... arguments) {
  Arguments<A...> converted(realm->context, std::forward<A>(arguments)...);
  if (!converted) [[unlikely]] {
    return engine::exception();
  }
  return keeping_alive(function, [&] {
    return engine::call(realm->context, function, this_value, converted.size(), converted.data());
  });
}
template <class... A>
[[gnu::always_inline]] inline JSValue call_function(Realm* realm, JSValueConst function,
                                                    A&&... arguments) {
  return call_function(realm, function, engine::undefined(), std::forward<A>(arguments)...);
}
template <class T, class... A>
JSValue call_function(Realm* realm, JSValueConst function, This<T> self, A&&... arguments) {
  JSValue this_value = into_js(realm->context, std::move(self.value));
  if (engine::is_exception(this_value)) [[unlikely]] {
    return this_value;
  }
  const Handle keep(realm, this_value);
  return call_function(realm, function, this_value, std::forward<A>(arguments)...);
}

}  // namespace detail

template <class R, class... A>
[[gnu::noinline]] R Function::call_from_outside(detail::Passed<A>... arguments) const {
  return detail::from_outside<R>(handle().realm(),
                                 [&] { return call<R>(std::forward<A>(arguments)...); });
}
template <class R, class... A>
[[gnu::noinline]] Result<R> Function::try_call_from_outside(detail::Passed<A>... arguments) const {
  return detail::from_outside<Result<R>>(
      handle().realm(), [&] { return try_call<R>(std::forward<A>(arguments)...); });
}

template <class R, class... A>
[[gnu::always_inline]] inline R Function::call(A&&... arguments) const {
  detail::Realm* realm = handle().realm();
  if (!detail::inside(realm)) [[unlikely]] {
    return call_from_outside<R, A...>(std::forward<A>(arguments)...);
  }
  return detail::finish_or_throw<R>(
      realm, detail::call_function(realm, raw(), std::forward<A>(arguments)...));
}

template <class R, class... A>
[[gnu::always_inline]] inline Result<R> Function::try_call(A&&... arguments) const {
  detail::Realm* realm = handle().realm();
  if (!detail::inside(realm)) [[unlikely]] {
    return try_call_from_outside<R, A...>(std::forward<A>(arguments)...);
  }
  return detail::finish<R>(realm,
                           detail::call_function(realm, raw(), std::forward<A>(arguments)...));
}

template <class R, class... A>
Result<R> Function::try_construct(A&&... arguments) const {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) [[unlikely]] {
    return detail::refusal(realm);
  }
  detail::Arguments<A...> converted(realm->context, std::forward<A>(arguments)...);
  if (!converted) [[unlikely]] {
    return detail::caught(realm);
  }
  const detail::Handle keep(handle());
  return detail::from_owned<R>(
      realm, ::JS_CallConstructor(realm->context, keep.get(), converted.size(), converted.data()));
}

template <PropertyKey K, class Parent>
template <class R, class... A>
Result<R> PropertyRef<K, Parent>::try_call(A&&... arguments) const {
  Result<Object> owner = try_owner();
  if (!owner) {
    return std::move(owner).error();
  }
  Result<Function> function = owner->template try_get<Function>(key_);
  if (!function) {
    locate_parent(function.error());
    return std::move(function).error();
  }
  return function->template try_call<R>(This(*owner), std::forward<A>(arguments)...);
}

}  // namespace quip
