// C++ callables as JavaScript functions: the small part that is made for each callable.
#pragma once

#include <quip/convert/trace.hpp>
#include <quip/function/native_call.hpp>
#include <quip/function/params.hpp>
#include <quip/function/signature.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace quip {
template <class F, class... Extras>
class Fn;
}  // namespace quip

namespace quip::detail {

// ---- the call ----------------------------------------------------------------------------------

/// Runs the body; nothing leaves it but a JS value or a pending exception.
template <class Body>
[[gnu::always_inline]] inline JSValue contained(JSContext* ctx, Body&& body) noexcept {
  try {
    return body();
  } catch (const std::exception& exception) {
    return throw_current(ctx, exception);
  } catch (...) {
    return throw_current(ctx);
  }
}

/// How what a function returns, of the declared type R, becomes the call's value. References to
/// objects of native classes have their own (see class/).
template <class R>
struct ResultOf {
  template <class U>
  static JSValue into_js(const NativeCall& call, U&& result) {
    return detail::into_js(call.ctx, std::forward<U>(result));
  }
};

/// Calls with converted arguments and converts the result.
template <class Returned, class F, class... A>
[[gnu::always_inline]] inline JSValue call_converted(const NativeCall& call, F& function,
                                                     A&&... arguments) {
  if constexpr (std::is_void_v<Returned>) {
    std::invoke(function, std::forward<A>(arguments)...);
    return engine::undefined();
  } else {
    return ResultOf<Returned>::into_js(call, std::invoke(function, std::forward<A>(arguments)...));
  }
}

/// Whether the count of the arguments is right; throws when it is not.
template <class Counts>
[[gnu::always_inline]] inline bool check_count(const NativeCall& call,
                                               int required = Counts::required) noexcept {
  if (call.argc < required) [[unlikely]] {
    throw_missing_arguments(call, required);
    return false;
  }
  if constexpr (Counts::exhaustive) {
    if (call.argc > Counts::arguments) [[unlikely]] {
      throw_excess_arguments(call, Counts::arguments);
      return false;
    }
  }
  return true;
}

/// Whether a result of that type goes on after the call has returned (see Task).
template <class R>
inline constexpr bool outlives_its_call = false;
template <class R>
inline constexpr bool outlives_its_call<Result<R>> = outlives_its_call<R>;
template <class R>
  requires outlives_its_call<R>
struct ResultOf<Result<R>> {
  static JSValue into_js(const NativeCall& call, Result<R>&& result) {
    if (!result) [[unlikely]] {
      return throw_error(call.ctx, result.error());
    }
    return ResultOf<R>::into_js(call, *std::move(result));
  }
};

/// Whether a T is, or has, a view of something that is gone when the call has returned.
template <class T>
inline constexpr bool views_call = false;
template <>
inline constexpr bool views_call<CallArgs> = true;
template <class T>
inline constexpr bool views_call<const T> = views_call<T>;
template <class T>
inline constexpr bool views_call<T*> = !std::is_function_v<T>;
template <class C, class Traits>
inline constexpr bool views_call<std::basic_string_view<C, Traits>> = true;
template <class T, std::size_t N>
inline constexpr bool views_call<std::span<T, N>> = true;
template <class T, std::size_t N>
inline constexpr bool views_call<std::array<T, N>> = views_call<T>;
template <template <class...> class Template, class... T>
  requires(!NativeClass<Template<T...>>)
inline constexpr bool views_call<Template<T...>> = (false || ... || views_call<T>);

/// Whether a parameter of type P is as good when the call has returned: a value, or an object of a
/// native class, which is kept.
template <class P>
inline constexpr bool is_good_after_call = !std::is_reference_v<P> && !views_call<P>;
template <class T>
  requires NativeClass<std::remove_const_t<T>>
inline constexpr bool is_good_after_call<T&> = true;
template <class T>
  requires NativeClass<std::remove_const_t<T>>
inline constexpr bool is_good_after_call<T*> = true;

/// Says so where a coroutine's are not.
template <class Returned, class Declared>
struct CheckedParameters;
template <class Returned, class... P>
struct CheckedParameters<Returned, TypeList<P...>> {
  static_assert(!outlives_its_call<Returned> || (is_good_after_call<P> && ...),
                "a coroutine's parameters must be values: the call has returned when it goes on; "
                "take std::string instead of std::string_view, std::vector instead of std::span, T "
                "instead of const T& (references and pointers to objects of native classes are "
                "fine: those are kept)");
  static constexpr bool value = true;
};

/// How a callable of type F answers a call. The wrappers (fn, overload, once, …) bring their own.
///
///     static constexpr int length;                     // the JS function's `length`
///     static bool quickly(F&, const NativeCall&, JSValue& result) noexcept;
///     static JSValue slowly(F&, const NativeCall&) noexcept;
///
/// `quickly` does the usual call when all parameters are read from the values' own bits: a test of
/// each tag, the call, the result. It is false, without an effect, when the call is not that usual.
/// `slowly` does any call.
template <class F>
struct Invocation;

/// How an F is called that has the parameters and the result of that signature.
template <class F, class S>
struct SignedInvocation {
  using Returned = typename S::Returned;
  using Declared = typename S::Declared;
  using Counts = ParameterCounts<Declared>;
  static constexpr int length = Counts::length;
  static_assert(CheckedParameters<Returned, Declared>::value);

  [[gnu::always_inline]] static bool quickly(F& function, const NativeCall& call,
                                             JSValue& result) noexcept {
    if constexpr (Counts::all_quick) {
      if constexpr (Counts::required > 0) {
        if (call.argc < Counts::required) [[unlikely]] {
          return false;
        }
      }
      if constexpr (Counts::exhaustive) {
        if (call.argc > Counts::arguments) [[unlikely]] {
          return false;
        }
      }
      return quickly(function, call, result, Declared());
    } else {
      return false;
    }
  }

  /// Converts the arguments from left to right, until one does not.
  static JSValue slowly(F& function, const NativeCall& call) noexcept {
    if (!check_count<Counts>(call)) [[unlikely]] {
      return engine::exception();
    }
    return contained(call.ctx, [&] { return convert_and_call(function, call, Declared()); });
  }

 private:
  template <class... P>
  [[gnu::always_inline]] static bool quickly(F& function, const NativeCall& call, JSValue& result,
                                             TypeList<P...>) noexcept {
    std::tuple<typename QuickParameter<P>::Slot...> slots;
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      if (!(QuickParameter<P>::read(call, Counts::index[I], std::get<I>(slots)) && ...))
          [[unlikely]] {
        return false;
      }
      result = contained(call.ctx, [&] {
        return call_converted<Returned>(call, function,
                                        QuickParameter<P>::get(std::get<I>(slots))...);
      });
      return true;
    }(std::index_sequence_for<P...>());
  }
  template <class... P>
  [[gnu::always_inline]] static JSValue convert_and_call(F& function, const NativeCall& call,
                                                         TypeList<P...>) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) -> JSValue {
      std::tuple<Parameter<P>...> parameters;
      if (!(std::get<I>(parameters).load(call, Counts::index[I]) && ...)) [[unlikely]] {
        return engine::exception();
      }
      return call_converted<Returned>(call, function, std::get<I>(parameters).get()...);
    }(std::index_sequence_for<P...>());
  }
};

template <HasSignature F>
struct Invocation<F> : SignedInvocation<F, SignatureOf<F>> {};

/// What may become a JS function by itself: functions, objects with one call operator, and the
/// wrappers of function/. (An object of a native class is that object, also when it can be called.)
template <class F>
concept NativeCallable = requires { Invocation<F>::length; } && !NativeClass<F>;

// ---- functions without state: a plain native function ------------------------------------------
/// Of a function that `new` may call the engine says so by new.target; else it is undefined.
template <bool constructs>
[[gnu::always_inline]] inline bool is_new(JSValueConst this_value) noexcept {
  return constructs && !engine::is_undefined(this_value);
}
template <class F, bool constructs = false>
[[gnu::noinline]] JSValue call_stateless_slowly(JSContext* ctx, JSValueConst this_value, int argc,
                                                JSValueConst* argv, int number) noexcept {
  F function{};
  return Invocation<F>::slowly(
      function, NativeCall{ctx, this_value, argc, argv, number, is_new<constructs>(this_value)});
}
template <class F, bool constructs = false>
JSValue call_stateless(JSContext* ctx, JSValueConst this_value, int argc, JSValueConst* argv,
                       int number) noexcept {
  // a lambda without captures is the same whenever it is made
  F function{};
  JSValue result;
  if (Invocation<F>::quickly(
          function, NativeCall{ctx, this_value, argc, argv, number, is_new<constructs>(this_value)},
          result)) [[likely]] {
    return result;
  }
  return call_stateless_slowly<F, constructs>(ctx, this_value, argc, argv, number);
}

// ---- functions with state: a callable that the JS function owns ---------------------------------
/// Shows the collector what the function of a `CallableOf` holds.
template <class Owner>
struct TracingCallable : Callable {
  using Callable::Callable;
  void trace(Tracer& tracer) const noexcept override {
    tracer(static_cast<const Owner*>(this)->function);
  }
};
template <class F, class Owner>
using CallableBase = std::conditional_t<is_traceable<F>, TracingCallable<Owner>, Callable>;

template <class F>
struct CallableOf final : CallableBase<F, CallableOf<F>> {
  template <class U>
    requires(!std::is_base_of_v<Callable, std::remove_cvref_t<U>>)
  explicit CallableOf(U&& callable)
      : CallableBase<F, CallableOf>(&call), function(std::forward<U>(callable)) {}
  static JSValue call(Callable* self, JSValueConst this_value, int argc, JSValueConst* argv,
                      int flags) noexcept {
    JSValue result;
    if (Invocation<F>::quickly(static_cast<CallableOf*>(self)->function,
                               native_call(self, this_value, argc, argv, flags), result))
        [[likely]] {
      return result;
    }
    return call_slowly(self, this_value, argc, argv, flags);
  }
  [[gnu::noinline]] static JSValue call_slowly(Callable* self, JSValueConst this_value, int argc,
                                               JSValueConst* argv, int flags) noexcept {
    return Invocation<F>::slowly(static_cast<CallableOf*>(self)->function,
                                 native_call(self, this_value, argc, argv, flags));
  }
  F function;

 private:
  [[gnu::always_inline]] static NativeCall native_call(Callable* self, JSValueConst this_value,
                                                       int argc, JSValueConst* argv,
                                                       int flags) noexcept {
    return NativeCall{self->realm->context,
                      this_value,
                      argc,
                      argv,
                      self->number,
                      (flags & JS_CALL_FLAG_CONSTRUCTOR) != 0,
                      nullptr,
                      self};
  }
};

// ---- making one --------------------------------------------------------------------------------

struct CandidateType;

/// A callable on its way to become a JS function: exactly one of `stateless` and `callable` is
/// set; neither, when memory was short.
struct NativeFunction {
  std::string_view owner = {};  ///< the class that it belongs to; may be empty
  std::string_view name = {};   ///< may be empty
  int length = 0;
  FunctionKind kind = FunctionKind::function;
  bool is_constructor = false;  ///< whether `new` may call it
  JSCFunctionMagic* stateless = nullptr;
  std::unique_ptr<Callable> callable = {};
  std::vector<std::string_view> arguments = {};  ///< their names (quip::arg); may be empty
  std::string_view doc = {};                     ///< quip::doc
  const CandidateType* candidate = nullptr;      ///< of a function that is one of several
  bool is_empty = false;  ///< a null pointer or an empty std::function: an error
};

/// The JS function; owned, or an exception. It copies the texts.
JSValue make_native(JSContext* ctx, NativeFunction&& function) noexcept;

/// Callables without state need no object of their own.
template <class F>
inline constexpr bool is_stateless =
    std::is_empty_v<F> && std::is_trivially_default_constructible_v<F>;

template <class F>
NativeFunction native_callable(F&& callable) {
  using Function = std::decay_t<F>;
  NativeFunction made;
  made.length = Invocation<Function>::length;
  constexpr bool constructs = requires { Invocation<Function>::is_constructor; };
  if constexpr (constructs) {
    made.is_constructor = true;
    made.kind = FunctionKind::constructor;
  }
  if constexpr (is_stateless<Function>) {
    made.stateless = &call_stateless<Function, constructs>;
  } else {
    made.callable.reset(new (std::nothrow) CallableOf<Function>(std::forward<F>(callable)));
  }
  return made;
}

template <class F>
inline constexpr bool is_fn = false;
template <class F, class... Extras>
inline constexpr bool is_fn<Fn<F, Extras...>> = true;

/// What was said of a callable besides its type (see fn), also inside of wrappers: those have
/// `Invocation<F>::inner`, which gives what they wrap.
template <class F>
void note_texts([[maybe_unused]] NativeFunction& to, [[maybe_unused]] const F& callable) {
  if constexpr (is_fn<F>) {
    to.name = callable.name();
    to.doc = callable.doc();
    to.arguments = callable.argument_names();
  } else if constexpr (requires { Invocation<F>::inner(callable); }) {
    note_texts(to, Invocation<F>::inner(callable));
  }
}

/// Whether there is nothing to call: a null pointer, an empty std::function.
template <class F>
bool is_empty_function([[maybe_unused]] const F& callable) {
  if constexpr (is_fn<F>) {
    return is_empty_function(callable.function());
  } else if constexpr (requires { Invocation<F>::inner(callable); }) {
    return is_empty_function(Invocation<F>::inner(callable));
  } else if constexpr (requires { Invocation<F>::is_empty(callable); }) {
    return Invocation<F>::is_empty(callable);
  } else if constexpr (std::is_constructible_v<bool, const F&> && !std::is_empty_v<F>) {
    return !static_cast<bool>(callable);
  } else {
    return false;
  }
}

/// The callable, with its own name if it has one. It is copied or moved; what that throws comes
/// out.
template <class F>
NativeFunction native_function(F&& callable) {
  using Function = std::decay_t<F>;
  static_assert(NativeCallable<Function>,
                "this is no callable that quip can bind: give a function, a lambda or an object "
                "with one call operator that is no template, or a member by quip::method");
  NativeFunction texts;
  if constexpr (!std::is_function_v<std::remove_reference_t<F>>) {
    note_texts(texts, callable);
    texts.is_empty = is_empty_function(callable);
  }
  NativeFunction made = [&] {
    if constexpr (is_fn<Function>) {
      if constexpr (Function::has_defaults) {
        return native_callable(std::forward<F>(callable));
      } else if constexpr (std::is_lvalue_reference_v<F>) {
        return native_function(callable.function());
      } else {
        return native_function(std::move(callable.function()));
      }
    } else {
      return native_callable(std::forward<F>(callable));
    }
  }();
  made.name = texts.name;
  made.doc = texts.doc;
  made.arguments = std::move(texts.arguments);
  made.is_empty = texts.is_empty;
  made.length = Invocation<Function>::length;
  return made;
}

template <class F>
JSValue make_function(JSContext* ctx, std::string_view name, F&& callable) {
  NativeFunction made = native_function(std::forward<F>(callable));
  if (!name.empty()) {
    made.name = name;
  }
  return make_native(ctx, std::move(made));
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
