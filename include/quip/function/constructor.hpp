// Functions that `new` may call, from both sides.
#pragma once

#include <quip/function/function.hpp>

#include <string_view>
#include <type_traits>
#include <utility>

namespace quip {

/// A JavaScript function that `new` may be applied to: a class, or a function that makes objects.
class Constructor : public Function {
 public:
  /// An empty handle.
  Constructor() noexcept = default;

  /// `new` with another new.target, as the constructor of a subclass calls this one: what is made
  /// inherits from `new_target.prototype` (Reflect.construct). Throws what the constructor throws.
  template <class R = Object, class... A>
  R construct_as(const Constructor& new_target, A&&... arguments) const {
    return try_construct_as<R>(new_target, std::forward<A>(arguments)...).value();
  }
  /// As `construct_as`, with the error as a value.
  template <class R = Object, class... A>
  Result<R> try_construct_as(const Constructor& new_target, A&&... arguments) const;

  /// @internal
  static constexpr std::string_view type_name = "constructor";
  static bool accepts(ValueRef value) noexcept {
    return ::JS_IsConstructor(value.context(), value.raw()) != 0;
  }
  explicit Constructor(detail::Handle handle) noexcept : Function(std::move(handle)) {}
};

template <>
struct Convert<Constructor> : detail::ConvertHandle<Constructor> {};

template <class R, class... A>
Result<R> Constructor::try_construct_as(const Constructor& new_target, A&&... arguments) const {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) [[unlikely]] {
    return detail::refusal(realm);
  }
  detail::Arguments<const Constructor&, A...> converted(realm->context, new_target,
                                                        std::forward<A>(arguments)...);
  if (!converted) [[unlikely]] {
    return detail::caught(realm);
  }
  const detail::Handle keep(handle());
  return detail::from_owned<R>(
      realm, ::JS_CallConstructor2(realm->context, keep.get(), converted.data()[0],
                                   converted.size() - 1, converted.data() + 1));
}

/// Said to quip::constructor: the function may be called without `new` as well.
struct CalledToo {};
inline constexpr CalledToo called_too{};

/// A callable for `new`: see constructor.
template <class F, bool is_called_too>
class Constructing {
 public:
  template <class U>
    requires std::is_constructible_v<F, U>
  explicit Constructing(std::in_place_t, U&& callable) : function_(std::forward<U>(callable)) {}
  Constructing() noexcept
    requires detail::is_stateless<F>
  = default;
  /// @internal
  [[nodiscard]] F& function() noexcept { return function_; }
  [[nodiscard]] const F& function() const noexcept { return function_; }

 private:
  [[no_unique_address]] F function_;
};

/// A callable that makes objects for `new`, and is called by it alone.
///
///     globals.set("Point", quip::constructor([](quip::This<quip::Object> self, double x) {
///       self.value.set("x", x);
///     }));
///
/// With a This parameter it fills the object that `new` made, as a function of JavaScript does; an
/// object that it returns is the result instead. Without, it returns the object, or what becomes
/// one: that gets the constructor's `prototype`. Either way a script's class may extend it;
/// CallArgs has new.target.
template <class F>
  requires detail::NativeCallable<std::decay_t<F>>
Constructing<std::decay_t<F>, false> constructor(F&& callable) {
  return Constructing<std::decay_t<F>, false>(std::in_place, std::forward<F>(callable));
}
/// The same, called without `new` as well: then as any function.
template <class F>
  requires detail::NativeCallable<std::decay_t<F>>
Constructing<std::decay_t<F>, true> constructor(F&& callable, CalledToo) {
  return Constructing<std::decay_t<F>, true>(std::in_place, std::forward<F>(callable));
}

namespace detail {

template <class Declared>
inline constexpr bool takes_this = false;
template <class... P>
inline constexpr bool takes_this<TypeList<P...>> =
    (false || ... || requires { Parameter<P>::is_this; });

/// What `new` does around a native function: `fills` tells whether that fills the new object.
JSValue construct_by(const NativeCall& call, bool fills, void* function,
                     JSValue (*invoke)(void* function, const NativeCall& call) noexcept) noexcept;
/// A function that `new` may call, with the object that its objects inherit from; owned, or an
/// exception.
JSValue make_constructor(JSContext* ctx, NativeFunction&& function) noexcept;

template <class F, bool is_called_too>
inline constexpr bool is_stateless<Constructing<F, is_called_too>> =
    is_stateless<F> && !is_called_too;  // the engine would not tell it its `this`

template <class F, bool is_called_too>
struct Invocation<Constructing<F, is_called_too>> {
  using Bound = Constructing<F, is_called_too>;
  static constexpr int length = Invocation<F>::length;
  static constexpr bool is_constructor = true;
  using Signed = F;
  static const F& inner(const Bound& bound) noexcept { return bound.function(); }
  static constexpr bool quickly(Bound&, const NativeCall&, JSValue&) noexcept { return false; }
  static JSValue slowly(Bound& bound, const NativeCall& call) noexcept {
    if (call.constructs) {
      constexpr bool fills = [] {
        if constexpr (HasSignature<F>) {
          return takes_this<typename SignatureOf<F>::Declared>;
        } else {
          return false;
        }
      }();
      return construct_by(call, fills, &bound.function(),
                          [](void* function, const NativeCall& inner) noexcept {
                            return Invocation<F>::slowly(*static_cast<F*>(function), inner);
                          });
    }
    return is_called_too ? Invocation<F>::slowly(bound.function(), call) : throw_needs_new(call);
  }
};

}  // namespace detail

template <class F, bool is_called_too>
struct Convert<Constructing<F, is_called_too>> {
  template <class U>
  static JSValue into_js(JSContext* ctx, U&& bound) {
    return into_js_named(ctx, {}, std::forward<U>(bound));
  }
  template <class U>
  static JSValue into_js_named(JSContext* ctx, std::string_view name, U&& bound) {
    detail::NativeFunction made = detail::native_function(std::forward<U>(bound));
    if (!name.empty()) {
      made.name = name;
    }
    return detail::make_constructor(ctx, std::move(made));
  }
};

template <class F, bool is_called_too>
struct Trace<Constructing<F, is_called_too>> {
  using parts = detail::Parts<F>;
  static void visit(const Constructing<F, is_called_too>& bound, Tracer& tracer) {
    tracer(bound.function());
  }
};

}  // namespace quip
