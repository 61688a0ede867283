// What is said about a function besides its type: the names of its parameters, what they are when
// they are left out, what it is for.
#pragma once

#include <string_view>
#include <type_traits>
#include <utility>

namespace quip {

/// A parameter's name with the value that it has when the argument is absent or undefined: see arg.
template <class V>
struct ArgDefault {
  std::string_view name;
  V value;
};

/// A parameter's name: see arg.
struct Arg {
  std::string_view name;
  /// The value for a call that leaves the argument out, or gives undefined.
  template <class V>
  constexpr ArgDefault<std::decay_t<V>> operator=(V&& value) const {
    return {name, std::forward<V>(value)};
  }
};

/// Names a parameter of a function that is bound, for its errors and descriptions, and gives it a
/// default: one for each parameter that takes an argument, in their order. The text must live until
/// the function is bound, as literals do.
///
///     quip::fn("greet", &greet, quip::arg("name"), quip::arg("times") = 1)
constexpr Arg arg(std::string_view name) noexcept { return {name}; }

/// A text for descriptions: see doc.
struct Doc {
  std::string_view text;
};
/// Says what a function is for, in the descriptions that programs may ask for. The text must live
/// as long as what it is given to, as literals do.
constexpr Doc doc(std::string_view text) noexcept { return {text}; }

namespace detail {

template <class E>
inline constexpr bool is_arg = false;
template <>
inline constexpr bool is_arg<Arg> = true;
template <class V>
inline constexpr bool is_arg<ArgDefault<V>> = true;

template <class E>
inline constexpr bool has_default = false;
template <class V>
inline constexpr bool has_default<ArgDefault<V>> = true;

/// What may stand behind a callable where a function is bound.
template <class E>
concept FunctionExtra =
    is_arg<std::remove_cvref_t<E>> || std::is_same_v<std::remove_cvref_t<E>, Doc>;

}  // namespace detail
}  // namespace quip
