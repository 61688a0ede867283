// What the parameters of a bound function may be besides plain values.
#pragma once

#include <quip/convert/map.hpp>
#include <quip/convert/optional.hpp>
#include <quip/core/context.hpp>
#include <quip/value/value.hpp>

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

namespace detail {

/// One call from a script: what the engine hands to a native function.
struct NativeCall {
  JSContext* ctx;
  JSValueConst this_value;
  int argc;
  JSValueConst* argv;
};

/// Whether a parameter can be read from the value's own bits (see Convert).
template <class P>
inline constexpr bool quick_parameter =
    ConvertsQuickly<std::remove_cvref_t<P>> &&
    (!std::is_lvalue_reference_v<P> || std::is_const_v<std::remove_reference_t<P>>);

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
                "reference would refer to a copy");

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
      throw_argument(call.ctx, static_cast<std::size_t>(index), std::move(loaded).error());
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
      throw_argument(call.ctx, static_cast<std::size_t>(index), std::move(converted).error());
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

template <class T>
class Parameter<Rest<T>> {
 public:
  static constexpr bool takes_argument = true;
  static constexpr bool required = false;
  bool load(const NativeCall& call, int index) {
    for (int i = index; i < call.argc; ++i) {
      auto converted = from_js<T>(ValueRef(call.ctx, call.argv[i]));
      if (!converted) [[unlikely]] {
        throw_argument(call.ctx, static_cast<std::size_t>(i), std::move(converted).error());
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
  static constexpr bool takes_argument = false;
  static constexpr bool required = false;
  bool load(const NativeCall& call, int) {
    auto converted = from_js<T>(ValueRef(call.ctx, call.this_value));
    if (!converted) [[unlikely]] {
      throw_error(call.ctx, std::move(converted).error().at("this"));
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

}  // namespace detail
}  // namespace quip
