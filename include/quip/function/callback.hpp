// JavaScript functions as std::function.
#pragma once

#include <quip/function/function.hpp>

#include <functional>
#include <string_view>
#include <utility>

namespace quip {

namespace detail {
/// What a std::function made of a JavaScript function holds.
template <class R, class... A>
struct ScriptFunction {
  Function function;
  R operator()(A... arguments) const { return function.call<R>(std::forward<A>(arguments)...); }
};
}  // namespace detail

/// A JavaScript function as a std::function that calls it: with `this` undefined, the arguments
/// converted, its result converted to R. It may be kept anywhere and outlive the runtime, and
/// throws what Function::call throws. Given back to JavaScript it is the very function that it came
/// from; any other std::function becomes a function, an empty one is an error.
template <class R, class... A>
struct Convert<std::function<R(A...)>> : detail::ConvertCallable<std::function<R(A...)>> {
  using Callable = std::function<R(A...)>;
  using FromScript = detail::ScriptFunction<R, A...>;

  static Result<Callable> from_js(ValueRef value) {
    Result<Function> function = detail::from_js<Function>(value);
    if (!function) [[unlikely]] {
      return std::move(function).error();
    }
    return Callable(FromScript{*std::move(function)});
  }
  template <class U>
  static JSValue into_js(JSContext* ctx, U&& callable) {
    return into_js_named(ctx, {}, std::forward<U>(callable));
  }
  template <class U>
  static JSValue into_js_named(JSContext* ctx, std::string_view name, U&& callable) {
    if (const auto* script = callable.template target<FromScript>()) {
      return detail::give_handle(ctx, script->function.handle());
    }
    return detail::ConvertCallable<Callable>::into_js_named(ctx, name, std::forward<U>(callable));
  }
};

}  // namespace quip
