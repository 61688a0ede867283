// Instances of native classes as arguments of overload sets: the class itself fits exactly, a class
// that extends it by widening.
#pragma once

#include <quip/class/instance.hpp>
#include <quip/function/overload.hpp>

#include <memory>
#include <type_traits>

namespace quip {

namespace detail {
/// How well an instance fits a parameter of class `to`. Whether its object is there and may be
/// changed is seen when the chosen function converts it.
FitRank fit_instance(const ClassType& to, ValueRef value) noexcept;

template <class T>
inline constexpr bool is_native = NativeClass<std::remove_const_t<T>>;
}  // namespace detail

template <class T>
  requires detail::is_native<T>
struct Fit<T> {
  static FitRank of(ValueRef value) noexcept {
    return detail::fit_instance(detail::class_type<std::remove_const_t<T>>, value);
  }
};
template <NativeClass T>
struct Fit<Instance<T>> : Fit<T> {};
template <class T>
  requires detail::is_native<T>
struct Fit<T*> : detail::NullableFit<T> {};
template <class T, class D>
  requires(detail::is_native<T> && !std::is_same_v<D, std::default_delete<T>>)
struct Fit<std::unique_ptr<T, D>> : detail::NullableFit<T> {};
template <class P>
  requires is_holder<P>
struct Fit<P> : detail::NullableFit<std::remove_cvref_t<decltype(*std::declval<const P&>())>> {};

namespace detail {

/// An instance of this very class fits; of others more has to be known.
template <class T>
  requires is_native<T>
struct QuickFit<T> {
  static Quick of(JSContext*, JSValueConst value) noexcept {
    if (!engine::is_object(value)) {
      return Quick::no;
    }
    return ready_cell<std::remove_const_t<T>>(value) != nullptr ? Quick::yes : Quick::unknown;
  }
};
template <NativeClass T>
struct QuickFit<Instance<T>> : QuickFit<T> {};

}  // namespace detail
}  // namespace quip
