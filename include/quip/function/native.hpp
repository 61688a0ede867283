// C++ callables as JavaScript functions: the small part that is made for each callable.
#pragma once

#include <quip/function/params.hpp>

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace quip::detail {

// ---- the signature of a callable -------------------------------------------------------------
template <class R, class... Args>
struct Signature {
  using Returned = R;
  using Parameters = std::tuple<Parameter<Args>...>;
  using Plain = std::tuple<std::remove_cvref_t<Args>...>;
  static constexpr bool all_quick = (quick_parameter<Args> && ...);
};

template <class F>
struct SignatureOf;
template <class R, class... A>
struct SignatureOf<R (*)(A...)> : Signature<R, A...> {};
template <class R, class... A>
struct SignatureOf<R (*)(A...) noexcept> : Signature<R, A...> {};
template <class C, class R, class... A>
struct SignatureOf<R (C::*)(A...)> : Signature<R, A...> {};
template <class C, class R, class... A>
struct SignatureOf<R (C::*)(A...) noexcept> : Signature<R, A...> {};
template <class C, class R, class... A>
struct SignatureOf<R (C::*)(A...) const> : Signature<R, A...> {};
template <class C, class R, class... A>
struct SignatureOf<R (C::*)(A...) const noexcept> : Signature<R, A...> {};
template <class C, class R, class... A>
struct SignatureOf<R (C::*)(A...)&> : Signature<R, A...> {};
template <class C, class R, class... A>
struct SignatureOf<R (C::*)(A...) const&> : Signature<R, A...> {};
template <class F>
  requires requires { &F::operator(); }
struct SignatureOf<F> : SignatureOf<decltype(&F::operator())> {};

/// What may become a JS function by itself: functions, and objects with one call operator.
template <class F>
concept NativeCallable =
    requires { typename SignatureOf<F>::Returned; } && !std::is_member_function_pointer_v<F>;

// ---- the call
// ------------------------------------------------------------------------------------
template <class Tuple>
struct ParameterCounts;
template <class... P>
struct ParameterCounts<std::tuple<P...>> {
  /// How many arguments a script must give: up to the last required one.
  static constexpr int required = [] {
    [[maybe_unused]] int position = 0;
    int last = 0;
    ((position += P::takes_argument ? 1 : 0, last = P::required ? position : last), ...);
    return last;
  }();
  /// Which argument each parameter reads.
  static constexpr std::array<int, sizeof...(P) + 1> index = [] {
    std::array<int, sizeof...(P) + 1> indices{};
    std::size_t i = 0;
    [[maybe_unused]] int position = 0;
    ((indices[i++] = position, position += P::takes_argument ? 1 : 0), ...);
    return indices;
  }();
};

template <class F>
inline constexpr int required_arguments =
    ParameterCounts<typename SignatureOf<F>::Parameters>::required;

/// Runs the body; nothing leaves it but a JS value or a pending exception.
template <class Body>
[[gnu::always_inline]] inline JSValue guarded(JSContext* ctx, Body&& body) noexcept {
  try {
    return body();
  } catch (const std::exception& exception) {
    return throw_current(ctx, exception);
  } catch (...) {
    return throw_current(ctx);
  }
}

/// Calls with converted arguments and converts the result.
template <class Returned, class F, class... A>
[[gnu::always_inline]] inline JSValue call_converted(JSContext* ctx, F& function,
                                                     A&&... arguments) {
  if constexpr (std::is_void_v<Returned>) {
    std::invoke(function, std::forward<A>(arguments)...);
    return engine::undefined();
  } else {
    return into_js(ctx, std::invoke(function, std::forward<A>(arguments)...));
  }
}

/// Any call: converts the arguments from left to right, until one does not.
template <class F>
[[gnu::always_inline]] inline JSValue invoke_slowly(F& function, const NativeCall& call) noexcept {
  using Parameters = typename SignatureOf<F>::Parameters;
  using Returned = typename SignatureOf<F>::Returned;
  using Counts = ParameterCounts<Parameters>;
  if (call.argc < Counts::required) [[unlikely]] {
    return throw_missing_arguments(call.ctx, Counts::required, call.argc);
  }
  return guarded(call.ctx, [&] {
    return [&]<std::size_t... I>(std::index_sequence<I...>) -> JSValue {
      Parameters parameters;
      if (!(std::get<I>(parameters).load(call, Counts::index[I]) && ...)) [[unlikely]] {
        return engine::exception();
      }
      return call_converted<Returned>(call.ctx, function, std::get<I>(parameters).get()...);
    }(std::make_index_sequence<std::tuple_size_v<Parameters>>());
  });
}

/// The usual call of a function whose parameters are all read from the values' own bits: a test of
/// each tag, the call, the result. False, without an effect, when the call is not that usual.
template <class F>
[[gnu::always_inline]] inline bool invoke_quickly(F& function, const NativeCall& call,
                                                  JSValue& result) noexcept {
  using Signature = SignatureOf<F>;
  using Plain = typename Signature::Plain;
  if constexpr (Signature::all_quick) {
    constexpr std::size_t count = std::tuple_size_v<Plain>;
    if (call.argc < static_cast<int>(count)) [[unlikely]] {
      return false;
    }
    Plain arguments;
    const bool converted = [&]<std::size_t... I>(std::index_sequence<I...>) {
      return (
          Convert<std::tuple_element_t<I, Plain>>::quick(call.argv[I], std::get<I>(arguments)) &&
          ...);
    }(std::make_index_sequence<count>());
    if (!converted) [[unlikely]] {
      return false;
    }
    result = guarded(call.ctx, [&] {
      return std::apply(
          [&](auto&... each) {
            return call_converted<typename Signature::Returned>(call.ctx, function,
                                                                std::move(each)...);
          },
          arguments);
    });
    return true;
  } else {
    return false;
  }
}

// ---- functions without state: a plain native function ------------------------------------------
template <class F>
[[gnu::noinline]] JSValue call_stateless_slowly(JSContext* ctx, JSValueConst this_value, int argc,
                                                JSValueConst* argv) noexcept {
  F function{};
  return invoke_slowly(function, NativeCall{ctx, this_value, argc, argv});
}
template <class F>
JSValue call_stateless(JSContext* ctx, JSValueConst this_value, int argc,
                       JSValueConst* argv) noexcept {
  // a lambda without captures is the same whenever it is made
  F function{};
  JSValue result;
  if (invoke_quickly(function, NativeCall{ctx, this_value, argc, argv}, result)) [[likely]] {
    return result;
  }
  return call_stateless_slowly<F>(ctx, this_value, argc, argv);
}

// ---- functions with state: a callable that the JS function owns ---------------------------------
template <class F>
struct CallableOf final : Callable {
  template <class U>
    requires(!std::is_base_of_v<Callable, std::remove_cvref_t<U>>)
  explicit CallableOf(U&& callable) : Callable(&call), function(std::forward<U>(callable)) {}
  static JSValue call(Callable* self, JSValueConst this_value, int argc,
                      JSValueConst* argv) noexcept {
    JSValue result;
    if (invoke_quickly(static_cast<CallableOf*>(self)->function,
                       NativeCall{self->realm->context, this_value, argc, argv}, result))
        [[likely]] {
      return result;
    }
    return call_slowly(self, this_value, argc, argv);
  }
  [[gnu::noinline]] static JSValue call_slowly(Callable* self, JSValueConst this_value, int argc,
                                               JSValueConst* argv) noexcept {
    return invoke_slowly(static_cast<CallableOf*>(self)->function,
                         NativeCall{self->realm->context, this_value, argc, argv});
  }
  F function;
};

/// How a JS function looks from outside.
struct FunctionShape {
  std::string_view name;
  int length;
};

JSValue new_stateless_function(JSContext* ctx, JSCFunction* function,
                               const FunctionShape& shape) noexcept;
/// Takes the callable over; it is null when memory was short.
JSValue new_function(JSContext* ctx, Callable* callable, const FunctionShape& shape) noexcept;

template <class F>
JSValue make_function(JSContext* ctx, std::string_view name, F&& callable) {
  using Function = std::decay_t<F>;
  const FunctionShape shape{name, required_arguments<Function>};
  if constexpr (std::is_empty_v<Function> && std::is_trivially_default_constructible_v<Function>) {
    return new_stateless_function(ctx, &call_stateless<Function>, shape);
  } else {
    return new_function(ctx, new (std::nothrow) CallableOf<Function>(std::forward<F>(callable)),
                        shape);
  }
}

}  // namespace quip::detail

namespace quip {

namespace detail {
/// Of a callable, into JavaScript.
template <class F>
struct ConvertCallable {
  template <class U>
  static JSValue into_js(JSContext* ctx, U&& callable) {
    return into_js_named(ctx, {}, std::forward<U>(callable));
  }
  template <class U>
  static JSValue into_js_named(JSContext* ctx, std::string_view name, U&& callable) {
    if constexpr (std::is_constructible_v<bool, const F&> && !std::is_empty_v<F> &&
                  !std::is_function_v<std::remove_reference_t<U>>) {
      if (!static_cast<bool>(callable)) [[unlikely]] {
        return detail::throw_error(ctx, Error::type("an empty function cannot be bound"));
      }
    }
    return detail::make_function(ctx, name, std::forward<U>(callable));
  }
};
}  // namespace detail

/// Callables become functions. Null function pointers and empty std::functions are errors.
template <detail::NativeCallable F>
struct Convert<F> : detail::ConvertCallable<F> {};
/// A function by its name decays to a pointer.
template <class R, class... A>
struct Convert<R(A...)> : Convert<R (*)(A...)> {};
template <class R, class... A>
struct Convert<R(A...) noexcept> : Convert<R (*)(A...) noexcept> {};

/// A bound function may return its error as a value.
template <class T>
struct Convert<Result<T>> {
  template <class U>
  static JSValue into_js(JSContext* ctx, U&& result) {
    if (!result) [[unlikely]]
      return detail::throw_error(ctx, result.error());
    if constexpr (std::is_void_v<T>) {
      return engine::undefined();
    } else {
      return detail::into_js(ctx, *std::forward<U>(result));
    }
  }
};

}  // namespace quip
