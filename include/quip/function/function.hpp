// Functions: C++ callables given to scripts, script functions called from C++.
#pragma once

#include <quip/function/arguments.hpp>
#include <quip/function/fn.hpp>
#include <quip/function/native.hpp>
#include <quip/value/object.hpp>

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace quip {

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
  /// A function that calls `callable`. Extras are those of quip::fn: `arg("times") = 1`,
  /// `doc("…")`. Its `length` counts the parameters before the first that may be left out. Throws
  /// Error when memory is short.
  template <class F, class... Extras>
    requires(detail::NativeCallable<std::decay_t<F>> && (detail::FunctionExtra<Extras> && ...))
  Function(const Ctx& ctx, std::string_view name, F&& callable, const Extras&... extras)
      : Function(try_make(ctx, name, std::forward<F>(callable), extras...).value()) {}
  /// As the constructor, with the error as a value.
  template <class F, class... Extras>
    requires(detail::NativeCallable<std::decay_t<F>> && (detail::FunctionExtra<Extras> && ...))
  static Result<Function> try_make(const Ctx& ctx, std::string_view name, F&& callable,
                                   const Extras&... extras) {
    if constexpr (sizeof...(Extras) > 0) {
      return try_make(ctx, name, fn(name, std::forward<F>(callable), extras...));
    } else {
      detail::Entry entry(ctx.realm());
      if (!entry) [[unlikely]]
        return detail::refusal(ctx.realm());
      // the name that is given here is before that of a Fn
      using Conversion =
          std::conditional_t<detail::is_fn<std::decay_t<F>>,
                             detail::ConvertCallable<std::decay_t<F>>, Convert<std::decay_t<F>>>;
      return detail::from_owned<Function>(
          ctx.realm(),
          Conversion::into_js_named(ctx.realm()->context, name, std::forward<F>(callable)));
    }
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

  /// As `call`, with a `this` and arguments that are known at run time alone: the engine's `apply`.
  template <class R = Value>
  R call_with(const Value& this_value, std::span<const Value> arguments) const {
    return try_call_with<R>(this_value, arguments).value();
  }
  template <class R = Value>
  Result<R> try_call_with(const Value& this_value, std::span<const Value> arguments) const;
  template <class R = Value>
  Result<R> try_call_with(const Value& this_value, std::initializer_list<Value> arguments) const {
    return try_call_with<R>(this_value, std::span(arguments.begin(), arguments.size()));
  }

  /// Calls the function later, as a job: when Runtime::run comes to it, behind the jobs that wait
  /// already. The arguments are as of `call`, converted now. What it throws then comes out of
  /// Runtime::run, as from other jobs. Throws what the conversions throw.
  template <class... A>
  void defer(A&&... arguments) const {
    try_defer(std::forward<A>(arguments)...).value();
  }
  template <class... A>
  Result<void> try_defer(A&&... arguments) const;

  /// The function with `this` and its first arguments fixed: Function.prototype.bind.
  template <class T, class... A>
  [[nodiscard]] Function bind(T&& this_value, A&&... arguments) const {
    return try_bind(std::forward<T>(this_value), std::forward<A>(arguments)...).value();
  }
  template <class T, class... A>
  [[nodiscard]] Result<Function> try_bind(T&& this_value, A&&... arguments) const;

  /// JavaScript's `new f(arguments…)`.
  template <class R = Object, class... A>
  R construct(A&&... arguments) const {
    return try_construct<R>(std::forward<A>(arguments)...).value();
  }
  template <class R = Object, class... A>
  Result<R> try_construct(A&&... arguments) const;

  /// The function's `name`.
  [[nodiscard]] std::string name() const { return get<std::string>(key<"name">); }
  /// Gives it another `name`, whatever it is assigned to. (The errors of a bound function keep the
  /// name that it was made with.) Throws Error for one whose `name` cannot be changed.
  void set_name(std::string_view name) const { try_set_name(name).value(); }
  Result<void> try_set_name(std::string_view name) const;
  /// The function's `length`: how many arguments it says to expect.
  [[nodiscard]] int length() const { return get<int>(key<"length">); }
  void set_length(int length) const { try_set_length(length).value(); }
  Result<void> try_set_length(int length) const;
  /// Whether `new` may be applied to it. Runs no script.
  [[nodiscard]] bool is_constructor() const noexcept;
  /// The object that those made by `new` inherit from: the property `prototype` (not that which the
  /// function itself inherits from: Object::prototype). Undefined where there is none.
  [[nodiscard]] Value instance_prototype() const { return try_instance_prototype().value(); }
  [[nodiscard]] Result<Value> try_instance_prototype() const { return try_get(key<"prototype">); }
  /// Sets it, as an assignment does. Throws Error where it cannot be changed: of classes.
  void set_instance_prototype(const Object& prototype) const {
    try_set_instance_prototype(prototype).value();
  }
  Result<void> try_set_instance_prototype(const Object& prototype) const;

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
  [[nodiscard]] JSValue apply(const Value& this_value, std::span<const Value> arguments) const;
  [[nodiscard]] Result<void> enqueue(JSValueConst this_value, int argc, JSValueConst* argv) const;
  [[nodiscard]] JSValue bound(int argc, JSValueConst* argv) const;
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

template <class R>
Result<R> Function::try_call_with(const Value& this_value, std::span<const Value> arguments) const {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) [[unlikely]] {
    return detail::refusal(realm);
  }
  return detail::finish<R>(realm, apply(this_value, arguments));
}

namespace detail {
/// Separates a first argument that is `this` from the others: fn(this, rest...).
template <class Work, class T, class... A>
auto with_this(JSContext* ctx, const Work& work, This<T> self, A&&... arguments) {
  return work(into_js(ctx, std::move(self.value)), std::forward<A>(arguments)...);
}
template <class Work, class... A>
auto with_this(JSContext*, const Work& work, A&&... arguments) {
  return work(engine::undefined(), std::forward<A>(arguments)...);
}
}  // namespace detail

template <class... A>
Result<void> Function::try_defer(A&&... arguments) const {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) [[unlikely]] {
    return detail::refusal(realm);
  }
  const auto enqueue_with = [&]<class... B>(JSValue this_value, B&&... others) -> Result<void> {
    if (engine::is_exception(this_value)) [[unlikely]] {
      return detail::caught(realm);
    }
    const detail::Handle keep(realm, this_value);
    detail::Arguments<B...> converted(realm->context, std::forward<B>(others)...);
    if (!converted) [[unlikely]] {
      return detail::caught(realm);
    }
    return enqueue(this_value, converted.size(), converted.data());
  };
  return detail::with_this(realm->context, enqueue_with, std::forward<A>(arguments)...);
}

template <class T, class... A>
Result<Function> Function::try_bind(T&& this_value, A&&... arguments) const {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) [[unlikely]] {
    return detail::refusal(realm);
  }
  detail::Arguments<T, A...> converted(realm->context, std::forward<T>(this_value),
                                       std::forward<A>(arguments)...);
  if (!converted) [[unlikely]] {
    return detail::caught(realm);
  }
  return detail::from_owned<Function>(realm, bound(converted.size(), converted.data()));
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
