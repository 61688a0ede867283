// C++'s operators as methods: what ClassDef::operators binds.
#pragma once

#include <quip/convert/number.hpp>
#include <quip/convert/string.hpp>

#include <cmath>
#include <compare>
#include <concepts>
#include <cstdint>
#include <limits>
#include <ostream>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>

namespace quip {

/// An operator of a C++ class, and the method that stands for it. JavaScript has no operators for
/// objects but by conversion: `valueOf` is what `+x`, `x * 2` and `x < y` use, `toString` what
/// `${x}` and `"" + x` do.
enum class Op : std::uint8_t {
  add,        ///< `a + b`: add
  subtract,   ///< `a - b`: subtract
  multiply,   ///< `a * b`: multiply; of a Number as well, if C++ can
  divide,     ///< `a / b`: divide; the same
  remainder,  ///< `a % b`: remainder; the same
  negate,     ///< `-a`: negate
  equals,     ///< `a == b`: equals
  compare,    ///< `a <=> b`, or by `<`: compare, which is -1, 0 or 1; NaN for what has no order
  to_string,  ///< `to_string(a)`, or `stream << a`: toString
  value_of,   ///< `static_cast<double>(a)`: valueOf
};

namespace detail {

template <class T>
double compare_objects(const T& a, const T& b) {
  if constexpr (requires { a <=> b; }) {
    const auto order = a <=> b;
    if (order < 0) return -1;
    if (order > 0) return 1;
    return order == 0 ? 0 : std::numeric_limits<double>::quiet_NaN();
  } else {
    static_assert(
        requires {
          { a < b } -> std::convertible_to<bool>;
        }, "quip::Op::compare: the class has no operator<=> and no operator<");
    if (a < b) return -1;
    return b < a ? 1 : 0;
  }
}
/// By a `to_string` of the class's namespace, which is found by its argument.
template <class T>
concept HasToString = requires(const T& object) {
  { to_string(object) } -> std::convertible_to<std::string>;
};
template <class T>
std::string object_text(const T& object) {
  if constexpr (HasToString<T>) {
    return to_string(object);
  } else {
    static_assert(
        requires(std::ostream& out) { out << object; },
        "quip::Op::to_string: the class has no to_string(T) in its namespace, and no "
        "operator<< for streams");
    std::ostringstream out;
    out << object;
    return std::move(out).str();
  }
}

/// The functions for `a op b`, of another object and of a number, as far as C++ has them.
template <Op op>
struct Binary;
template <>
struct Binary<Op::add> {
  static constexpr const char* name = "add";
  auto operator()(const auto& a, const auto& b) const -> decltype(a + b) { return a + b; }
};
template <>
struct Binary<Op::subtract> {
  static constexpr const char* name = "subtract";
  auto operator()(const auto& a, const auto& b) const -> decltype(a - b) { return a - b; }
};
template <>
struct Binary<Op::multiply> {
  static constexpr const char* name = "multiply";
  auto operator()(const auto& a, const auto& b) const -> decltype(a * b) { return a * b; }
};
template <>
struct Binary<Op::divide> {
  static constexpr const char* name = "divide";
  auto operator()(const auto& a, const auto& b) const -> decltype(a / b) { return a / b; }
};
template <>
struct Binary<Op::remainder> {
  static constexpr const char* name = "remainder";
  auto operator()(const auto& a, const auto& b) const -> decltype(a % b) { return a % b; }
};
template <>
struct Binary<Op::equals> {
  static constexpr const char* name = "equals";
  auto operator()(const auto& a, const auto& b) const -> decltype(static_cast<bool>(a == b)) {
    return static_cast<bool>(a == b);
  }
};

/// The operator for one kind of second operand; its result by value.
template <class B, class T, class Other>
struct BinaryCall {
  auto operator()(const T& a, Other b) const {
    return std::decay_t<std::invoke_result_t<B, const T&, const Other&>>(B()(a, b));
  }
};

/// What binds one operator of T; as a class, so that a class with many members instantiates just
/// what it names.
template <class T, Op op>
struct OperatorOf {
  template <class Def>
  static void bind(Def& def) {
    using B = Binary<op>;
    constexpr bool with_own = std::is_invocable_v<B, const T&, const T&>;
    constexpr bool with_number = op != Op::equals && !std::is_convertible_v<double, T> &&
                                 std::is_invocable_v<B, const T&, const double&>;
    static_assert(
        with_own || with_number,
        "quip::Op: C++ has no such operator for two objects of the class, nor for one and "
        "a double");
    if constexpr (with_own && with_number) {
      def.method(B::name, overload(BinaryCall<B, T, const T&>(), BinaryCall<B, T, double>()));
    } else if constexpr (with_own) {
      def.method(B::name, BinaryCall<B, T, const T&>());
    } else {
      def.method(B::name, BinaryCall<B, T, double>());
    }
  }
};
template <class T>
struct OperatorOf<T, Op::negate> {
  static void bind(auto& def) {
    static_assert(
        requires(const T& a) { -a; }, "quip::Op::negate: the class has no unary operator-");
    def.method("negate", [](const T& a) { return -a; });
  }
};
template <class T>
struct OperatorOf<T, Op::compare> {
  static void bind(auto& def) {
    def.method("compare", [](const T& a, const T& b) { return compare_objects(a, b); });
  }
};
template <class T>
struct OperatorOf<T, Op::to_string> {
  static void bind(auto& def) {
    def.method("toString", [](const T& a) { return object_text(a); });
  }
};
template <class T>
struct OperatorOf<T, Op::value_of> {
  static void bind(auto& def) {
    static_assert(
        requires(const T& a) { static_cast<double>(a); },
        "quip::Op::value_of: the class has no conversion to double");
    def.method("valueOf", [](const T& a) { return static_cast<double>(a); });
  }
};

}  // namespace detail
}  // namespace quip
