// What the parameters of a bound function may be besides plain values.
#pragma once

#include <quip/convert/map.hpp>
#include <quip/convert/optional.hpp>
#include <quip/core/context.hpp>
#include <quip/function/native_call.hpp>
#include <quip/function/signature.hpp>
#include <quip/value/value.hpp>

#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace quip {

/// A parameter that receives the call's `this`; as the first argument of Function::call, the
/// `this` to call with.
template <class T = Value>
struct This {
  T value;
};
template <class T>
This(T) -> This<T>;

/// A last parameter that receives all arguments that are left.
template <class T = Value>
struct Rest {
  std::vector<T> values;
  [[nodiscard]] auto begin() const noexcept { return values.begin(); }
  [[nodiscard]] auto end() const noexcept { return values.end(); }
  [[nodiscard]] std::size_t size() const noexcept { return values.size(); }
};

/// A parameter that may be left out: empty when the argument is absent or undefined. Everything
/// else must be a T, null too. (A std::optional parameter is empty for null as well.)
template <class T>
struct Opt : std::optional<T> {
  using std::optional<T>::optional;
};

/// A parameter that is an object of options, read into the struct S: absent or undefined, it is as
/// an object without properties, so that members without a default are missed. Properties that S
/// does not know are ignored, unless its description says deny_unknown.
///
///     struct Listen { std::string host = "localhost"; int port = 80; };
///     globals.set("listen", [](quip::Flat<Listen> options) { open(options->host, options->port);
///     });
template <class S>
struct Flat {
  S value;
  [[nodiscard]] S& operator*() noexcept { return value; }
  [[nodiscard]] const S& operator*() const noexcept { return value; }
  [[nodiscard]] S* operator->() noexcept { return &value; }
  [[nodiscard]] const S* operator->() const noexcept { return &value; }
};

/// A parameter that takes no argument, and makes more arguments than the other parameters take a
/// TypeError. (By default they are ignored, as in JavaScript.)
struct Exhaustive {};

/// A parameter that takes no argument, and shows the call as it is: all its arguments, unconverted.
/// It may be used until the function returns, and not be kept.
class CallArgs {
 public:
  /// How many arguments the script gave.
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(call_.argc); }
  [[nodiscard]] bool empty() const noexcept { return call_.argc == 0; }
  /// An argument; undefined behind the last one, as in JavaScript.
  [[nodiscard]] Value operator[](std::size_t index) const noexcept {
    return own(index < size() ? call_.argv[index] : JSValueConst(engine::undefined()));
  }
  /// An argument as a T: a conversion error names the parameter. Throws Error.
  template <class T>
  [[nodiscard]] T get(std::size_t index) const {
    return try_get<T>(index).value();
  }
  /// As `get`, with the error as a value.
  template <class T>
  [[nodiscard]] Result<T> try_get(std::size_t index) const {
    Result<T> converted = (*this)[index].try_as<T>();
    if (!converted) [[unlikely]] {
      converted.error().at("parameter " + std::to_string(index + 1));
    }
    return converted;
  }
  /// What the function was called on; of a constructor the new object, if it fills one (see
  /// quip::constructor), else undefined.
  [[nodiscard]] Value this_value() const noexcept {
    return own(call_.constructs && call_.new_target == nullptr ? JSValueConst(engine::undefined())
                                                               : call_.this_value);
  }
  /// JavaScript's `new.target`: what `new` was applied to, undefined in a call without it.
  [[nodiscard]] Value new_target() const noexcept {
    return own(call_.new_target != nullptr ? *call_.new_target
               : call_.constructs          ? call_.this_value
                                           : JSValueConst(engine::undefined()));
  }
  [[nodiscard]] Ctx ctx() const noexcept { return Ctx(detail::realm_of(call_.ctx)); }

  /// @internal
  explicit CallArgs(const detail::NativeCall& call) noexcept : call_(call) {}

 private:
  [[nodiscard]] Value own(JSValueConst value) const noexcept {
    return Value(detail::Handle(detail::realm_of(call_.ctx), engine::duplicate(call_.ctx, value)));
  }
  detail::NativeCall call_;
};

namespace detail {

/// How a parameter is read where the values' own bits tell all. `P` is its type as the function
/// declares it. The tests of all parameters come first; then the function is called with what `get`
/// returns. Nothing of it may run a script or throw; what `read` refuses, Parameter<P> deals with.
template <class P>
struct QuickParameter {
  using Plain = std::remove_cvref_t<P>;
  static constexpr bool available =
      ConvertsQuickly<Plain> &&
      (!std::is_lvalue_reference_v<P> || std::is_const_v<std::remove_reference_t<P>>);
  static constexpr bool takes_argument = true;
  using Slot = Plain;
  [[gnu::always_inline]] static bool read(const NativeCall& call, int index, Slot& slot) noexcept {
    return Convert<Plain>::quick(call.argv[index], slot);
  }
  [[gnu::always_inline]] static Plain&& get(Slot& slot) noexcept { return std::move(slot); }
};
template <>
struct QuickParameter<Ctx> {
  static constexpr bool available = true;
  static constexpr bool takes_argument = false;
  using Slot = Realm*;
  [[gnu::always_inline]] static bool read(const NativeCall& call, int, Slot& slot) noexcept {
    slot = realm_of(call.ctx);
    return true;
  }
  [[gnu::always_inline]] static Ctx get(Slot& slot) noexcept { return Ctx(slot); }
};
template <>
struct QuickParameter<const Ctx&> : QuickParameter<Ctx> {};
template <>
struct QuickParameter<Exhaustive> {
  static constexpr bool available = true;  // the count is looked at by who calls
  static constexpr bool takes_argument = false;
  using Slot = Exhaustive;
  static bool read(const NativeCall&, int, Slot&) noexcept { return true; }
  static Exhaustive get(Slot&) noexcept { return {}; }
};

/// Where a converted argument waits for the call: `quick` for the usual value, `load` for any, with
/// the error. A Convert may bring its own as `Convert<T>::Slot`.
template <class T>
class AnySlot {
  using Stored = typename decltype(from_js<T>(std::declval<ValueRef>()))::value_type;

 public:
  bool quick(JSContext*, const JSValueConst& value) noexcept {
    if constexpr (ConvertsQuickly<T>) {
      T out;
      if (Convert<T>::quick(value, out)) [[likely]] {
        stored_.set(out);
        return true;
      }
    }
    return false;
  }
  Result<void> load(ValueRef value) {
    auto converted = from_js<T>(value);
    if (!converted) [[unlikely]] {
      return std::move(converted).error();
    }
    stored_.set(*std::move(converted));
    return {};
  }
  [[nodiscard]] Stored& get() noexcept { return stored_.get(); }

 private:
  Late<Stored> stored_;
};
template <class T>
struct SlotOf {
  using type = AnySlot<T>;
};
template <class T>
  requires requires { typename Convert<T>::Slot; }
struct SlotOf<T> {
  using type = typename Convert<T>::Slot;
};

/// A required argument. `P` is the parameter's type as the function declares it.
template <class P>
class Parameter {
  using Plain = std::remove_cvref_t<P>;
  static_assert(!std::is_lvalue_reference_v<P> || std::is_const_v<std::remove_reference_t<P>>,
                "a bound function takes its arguments by value or by const reference: a non-const "
                "reference would refer to a copy (of a bound class it is the object itself)");

 public:
  static constexpr bool takes_argument = true;
  static constexpr bool required = true;
  bool load(const NativeCall& call, int index) {
    return slot_.quick(call.ctx, call.argv[index]) || load_slowly(call, index);
  }
  decltype(auto) get() noexcept {
    using Stored = decltype(slot_.get());
    if constexpr (!std::is_lvalue_reference_v<Stored>) {
      return slot_.get();  // a view by value
    } else if constexpr (std::is_lvalue_reference_v<P>) {
      return std::as_const(slot_.get());
    } else {
      return std::move(slot_.get());
    }
  }

 private:
  [[gnu::noinline]] bool load_slowly(const NativeCall& call, int index) {
    Result<void> loaded = slot_.load(ValueRef(call.ctx, call.argv[index]));
    if (!loaded) [[unlikely]] {
      throw_argument(call, index, std::move(loaded).error());
      return false;
    }
    return true;
  }
  typename SlotOf<Plain>::type slot_;
};

/// An optional argument: empty when it is absent, undefined or null.
template <class T>
class Parameter<std::optional<T>> {
 public:
  static constexpr bool takes_argument = true;
  static constexpr bool required = false;
  bool load(const NativeCall& call, int index) {
    if (index >= call.argc) return true;
    auto converted = from_js<std::optional<T>>(ValueRef(call.ctx, call.argv[index]));
    if (!converted) [[unlikely]] {
      throw_argument(call, index, std::move(converted).error());
      return false;
    }
    value_ = std::move(*converted);
    return true;
  }
  std::optional<T>&& get() noexcept { return std::move(value_); }

 private:
  std::optional<T> value_;
};
template <class T>
class Parameter<const std::optional<T>&> : public Parameter<std::optional<T>> {};

/// Empty when it is absent or undefined.
template <class T>
class Parameter<Opt<T>> {
 public:
  static constexpr bool takes_argument = true;
  static constexpr bool required = false;
  bool load(const NativeCall& call, int index) {
    if (index >= call.argc || engine::is_undefined(call.argv[index])) return true;
    auto converted = from_js<T>(ValueRef(call.ctx, call.argv[index]));
    if (!converted) [[unlikely]] {
      throw_argument(call, index, std::move(converted).error());
      return false;
    }
    value_.emplace(*std::move(converted));
    return true;
  }
  Opt<T>&& get() noexcept { return std::move(value_); }

 private:
  Opt<T> value_;
};
template <class T>
class Parameter<const Opt<T>&> : public Parameter<Opt<T>> {};

/// Absent or undefined it is an object without properties.
template <class S>
class Parameter<Flat<S>> {
 public:
  static constexpr bool takes_argument = true;
  static constexpr bool required = false;
  bool load(const NativeCall& call, int index) {
    const bool absent = index >= call.argc || engine::is_undefined(call.argv[index]);
    if (!absent) {
      return fill(call, index, call.argv[index]);
    }
    JSValue nothing = ::JS_NewObjectProto(call.ctx, engine::null());
    if (engine::is_exception(nothing)) [[unlikely]] {
      return false;
    }
    const Handle keep(realm_of(call.ctx), nothing);
    return fill(call, index, nothing);
  }
  Flat<S> get() noexcept { return Flat<S>{std::move(value_.get())}; }

 private:
  bool fill(const NativeCall& call, int index, JSValueConst value) {
    auto converted = from_js<S>(ValueRef(call.ctx, value));
    if (!converted) [[unlikely]] {
      throw_argument(call, index, std::move(converted).error());
      return false;
    }
    value_.set(*std::move(converted));
    return true;
  }
  Late<S> value_;
};
template <class S>
class Parameter<const Flat<S>&> : public Parameter<Flat<S>> {};

template <class T>
class Parameter<Rest<T>> {
 public:
  static constexpr bool takes_argument = true;
  static constexpr bool required = false;
  static constexpr bool takes_rest = true;
  bool load(const NativeCall& call, int index) {
    for (int i = index; i < call.argc; ++i) {
      auto converted = from_js<T>(ValueRef(call.ctx, call.argv[i]));
      if (!converted) [[unlikely]] {
        throw_argument(call, i, std::move(converted).error());
        return false;
      }
      rest_.values.push_back(std::move(*converted));
    }
    return true;
  }
  Rest<T>&& get() noexcept { return std::move(rest_); }

 private:
  Rest<T> rest_;
};
template <class T>
class Parameter<const Rest<T>&> : public Parameter<Rest<T>> {};

template <class T>
class Parameter<This<T>> {
 public:
  static constexpr bool is_this = true;
  static constexpr bool takes_argument = false;
  static constexpr bool required = false;
  bool load(const NativeCall& call, int) {
    auto converted = from_js<T>(ValueRef(call.ctx, call.this_value));
    if (!converted) [[unlikely]] {
      throw_this(call, std::move(converted).error());
      return false;
    }
    value_.set(std::move(*converted));
    return true;
  }
  This<T> get() noexcept { return This<T>{std::move(value_.get())}; }

 private:
  Late<T> value_;
};
template <class T>
class Parameter<const This<T>&> : public Parameter<This<T>> {};

template <>
class Parameter<Ctx> {
 public:
  static constexpr bool takes_argument = false;
  static constexpr bool required = false;
  bool load(const NativeCall& call, int) noexcept {
    realm_ = realm_of(call.ctx);
    return true;
  }
  [[nodiscard]] Ctx get() const noexcept { return Ctx(realm_); }

 private:
  Realm* realm_ = nullptr;
};
template <>
class Parameter<const Ctx&> : public Parameter<Ctx> {};

template <>
class Parameter<Exhaustive> {
 public:
  static constexpr bool takes_argument = false;
  static constexpr bool required = false;
  static constexpr bool is_exhaustive = true;
  static bool load(const NativeCall&, int) noexcept { return true; }
  static Exhaustive get() noexcept { return {}; }
};
template <>
class Parameter<const Exhaustive&> : public Parameter<Exhaustive> {};

template <>
class Parameter<CallArgs> {
 public:
  static constexpr bool takes_argument = false;
  static constexpr bool required = false;
  bool load(const NativeCall& call, int) noexcept {
    call_ = &call;
    return true;
  }
  [[nodiscard]] CallArgs get() const noexcept { return CallArgs(*call_); }

 private:
  const NativeCall* call_ = nullptr;
};
template <>
class Parameter<const CallArgs&> : public Parameter<CallArgs> {};

}  // namespace detail
}  // namespace quip
