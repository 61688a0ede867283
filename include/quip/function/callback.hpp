// JavaScript functions as std::function, and as the callbacks of C libraries.
#pragma once

#include <quip/function/function.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
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

/// The collector sees the JavaScript function in a std::function; what other callables hold is
/// theirs to know.
template <class R, class... A>
struct Trace<std::function<R(A...)>> {
  using parts = detail::Parts<Function>;
  static void visit(const std::function<R(A...)>& function, Tracer& tracer) {
    if (const auto* script = function.template target<detail::ScriptFunction<R, A...>>()) {
      tracer(script->function);
    }
  }
};

/// Where a C library gives a callback the pointer that it was registered with.
enum class UserData {
  last,   ///< behind the other arguments
  first,  ///< before them
};

namespace detail {

/// What the user data of a CCallback points to.
class CallbackState {
 public:
  explicit CallbackState(Function function) noexcept : function_(std::move(function)) {}
  /// Calls it, unless a call failed before. The result is R() then, and when this call fails.
  template <class R, class... A>
  R call(A&&... arguments) noexcept {
    static_assert(std::is_void_v<R> || std::is_default_constructible_v<R>,
                  "the result of a CCallback has a default: it is returned after an error");
    try {
      if (!error_) {
        Result<R> result = function_.try_call<R>(std::forward<A>(arguments)...);
        if (result) {
          if constexpr (std::is_void_v<R>) {
            return;
          } else {
            return *std::move(result);
          }
        }
        error_ = std::move(result).error();
      }
    } catch (...) {
      keep_current();
    }
    if constexpr (!std::is_void_v<R>) {
      return R();
    }
  }
  [[nodiscard]] const Error* error() const noexcept { return error_ ? &*error_ : nullptr; }
  void rethrow();

 private:
  void keep_current() noexcept;
  Function function_;
  std::optional<Error> error_;
};

template <class Signature, UserData place>
struct CSignature;
template <class R, class... A>
struct CSignature<R(A...), UserData::last> {
  using Pointer = R (*)(A..., void*);
  static R call(A... arguments, void* data) noexcept {
    return static_cast<CallbackState*>(data)->call<R>(std::forward<A>(arguments)...);
  }
};
template <class R, class... A>
struct CSignature<R(A...), UserData::first> {
  using Pointer = R (*)(void*, A...);
  static R call(void* data, A... arguments) noexcept {
    return static_cast<CallbackState*>(data)->call<R>(std::forward<A>(arguments)...);
  }
};

}  // namespace detail

/// A JavaScript function for a C library that takes a function pointer and a pointer of the user's:
/// a parameter of a bound function, or made of a Function.
///
///     globals.set("walk", [](Tree& tree, quip::CCallback<int(const char*)> visit) {
///       tree_walk(&tree, visit.function(), visit.data());  // int (*)(const char*, void*)
///       visit.rethrow();                                   // what the script threw
///     });
///
/// A C library cannot pass an exception on: the first error is kept, the script is not called again
/// after it, and calls return R(). The library must have let go of `data()` when this is destroyed:
/// then the JS function is given up. Calls may come from any thread; they wait for the runtime.
///
/// @tparam Signature of the function without the pointer, e.g. `int(const char*)`; its parameters
/// convert into JavaScript, its result from it.
template <class Signature, UserData place = UserData::last>
class CCallback {
  using Form = detail::CSignature<Signature, place>;

 public:
  explicit CCallback(Function function)
      : state_(std::make_unique<detail::CallbackState>(std::move(function))) {}

  /// What the library is to call.
  [[nodiscard]] typename Form::Pointer function() const noexcept { return &Form::call; }
  /// What it is to be called with. The same as long as this lives, also when it is moved.
  [[nodiscard]] void* data() const noexcept { return state_.get(); }
  /// The first error of a call; null when there was none. Lives until `rethrow`.
  [[nodiscard]] const Error* error() const noexcept { return state_->error(); }
  /// Throws the first error, if there is one, as the throwing forms do. From then on the script is
  /// called again.
  void rethrow() const { state_->rethrow(); }

 private:
  std::unique_ptr<detail::CallbackState> state_;
};

template <class Signature, UserData place>
struct Convert<CCallback<Signature, place>> {
  static Result<CCallback<Signature, place>> from_js(ValueRef value) {
    Result<Function> function = detail::from_js<Function>(value);
    if (!function) [[unlikely]] {
      return std::move(function).error();
    }
    return CCallback<Signature, place>(*std::move(function));
  }
};

}  // namespace quip
