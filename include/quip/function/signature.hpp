// What a callable takes and returns, as types.
#pragma once

#include <array>
#include <cstddef>
#include <tuple>
#include <type_traits>

namespace quip::detail {

template <class P>
class Parameter;
template <class P>
struct QuickParameter;

/// Types, without a value of any.
template <class... T>
struct TypeList {
  static constexpr std::size_t size = sizeof...(T);
};

template <class R, class... Args>
struct Signature {
  using Returned = R;
  using Declared = TypeList<Args...>;
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
struct SignatureOf<R (C::*)(A...) & noexcept> : Signature<R, A...> {};
template <class C, class R, class... A>
struct SignatureOf<R (C::*)(A...) const&> : Signature<R, A...> {};
template <class C, class R, class... A>
struct SignatureOf<R (C::*)(A...) const & noexcept> : Signature<R, A...> {};
template <class F>
  requires requires { &F::operator(); }
struct SignatureOf<F> : SignatureOf<decltype(&F::operator())> {};

/// Functions, and objects with one call operator. (Members have a signature too, but need an
/// object.)
template <class F>
concept HasSignature =
    requires { typename SignatureOf<F>::Returned; } && !std::is_member_function_pointer_v<F>;

/// What the parameters together ask of a call. Parameters that need no argument (This, Ctx) do not
/// count among the arguments.
template <class Declared>
struct ParameterCounts;
template <class... P>
struct ParameterCounts<TypeList<P...>> {
  static constexpr std::size_t size = sizeof...(P);
  /// How many arguments a script must give: up to the last required one.
  static constexpr int required = [] {
    [[maybe_unused]] int position = 0;
    int last = 0;
    ((position += Parameter<P>::takes_argument ? 1 : 0,
      last = Parameter<P>::required ? position : last),
     ...);
    return last;
  }();
  /// How many of the parameters take an argument.
  static constexpr int arguments = (0 + ... + (Parameter<P>::takes_argument ? 1 : 0));
  /// Whether one of them takes all arguments that are left.
  static constexpr bool takes_rest = (false || ... || requires { Parameter<P>::takes_rest; });
  /// Whether more arguments than that are an error.
  static constexpr bool exhaustive = (false || ... || requires { Parameter<P>::is_exhaustive; });
  static_assert(!(takes_rest && exhaustive),
                "a function that takes the Rest of the arguments has none left that Exhaustive "
                "could refuse: take one of the two parameters away");
  /// Which argument each parameter reads.
  static constexpr std::array<int, sizeof...(P) + 1> index = [] {
    std::array<int, sizeof...(P) + 1> indices{};
    [[maybe_unused]] std::size_t i = 0;
    [[maybe_unused]] int position = 0;
    ((indices[i++] = position, position += Parameter<P>::takes_argument ? 1 : 0), ...);
    return indices;
  }();
  /// The JS function's `length`: how many stand before the first that may be left out.
  static constexpr int length = [] {
    int count = 0;
    [[maybe_unused]] bool open = true;
    ((open = open && (!Parameter<P>::takes_argument || Parameter<P>::required),
      count += open && Parameter<P>::takes_argument ? 1 : 0),
     ...);
    return count;
  }();

  /// Whether the usual call can be read from the values' own bits.
  static constexpr bool all_quick = (QuickParameter<P>::available && ...);
};

}  // namespace quip::detail
