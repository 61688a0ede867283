// Types of our own that convert, with random values of them: for the property tests and the fuzz
// targets alike.
#pragma once

#include "support/arbitrary.hpp"

#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace quip::test::types {

enum class Color { red, green, blue = 7 };
enum class Permission : unsigned { none = 0, read = 1, write = 2, run = 4 };

struct Point {
  double x = 0;
  double y = 0;
  [[nodiscard]] auto members() const { return std::tie(x, y); }
};
struct Tree {
  int value = 0;
  std::vector<Tree> children = {};
  [[nodiscard]] auto members() const { return std::tie(value, children); }
};
struct Circle {
  double radius = 0;
  [[nodiscard]] auto members() const { return std::tie(radius); }
};
struct Empty {
  friend bool operator==(Empty, Empty) { return true; }
};
struct Adjacent : std::variant<int, std::vector<Circle>, std::string, Empty> {
  using std::variant<int, std::vector<Circle>, std::string, Empty>::variant;
};

}  // namespace quip::test::types

template <>
inline constexpr auto quip::description<quip::test::types::Permission> =
    quip::enumeration(quip::as_flags);
template <>
inline constexpr auto quip::description<quip::test::types::Adjacent> =
    quip::tagged("t", "c", quip::alternative<int>("number"),
                 quip::alternative<std::vector<quip::test::types::Circle>>("circles"),
                 quip::alternative<std::string>("text"));

namespace quip::test {

template <>
struct Arbitrary<types::Color> {
  static types::Color make(Random& random) {
    static constexpr types::Color colors[] = {types::Color::red, types::Color::green,
                                              types::Color::blue};
    return random.one_of(colors);
  }
};
template <>
struct Arbitrary<types::Permission> {
  static types::Permission make(Random& random) {
    return static_cast<types::Permission>(random.below(8));
  }
};
template <>
struct Arbitrary<types::Point> {
  static types::Point make(Random& random) {
    return {arbitrary<double>(random), arbitrary<double>(random)};
  }
};
template <>
struct Arbitrary<types::Tree> {
  static types::Tree make(Random& random) {
    return {arbitrary<int>(random), arbitrary<std::vector<types::Tree>>(random)};
  }
};
template <>
struct Arbitrary<types::Circle> {
  static types::Circle make(Random& random) { return {arbitrary<double>(random)}; }
};
template <>
struct Arbitrary<types::Empty> {
  static types::Empty make(Random&) { return {}; }
};
template <>
struct Arbitrary<types::Adjacent> {
  static types::Adjacent make(Random& random) {
    auto other =
        arbitrary<std::variant<int, std::vector<types::Circle>, std::string, types::Empty>>(random);
    return std::visit([](auto& alternative) { return types::Adjacent(std::move(alternative)); },
                      other);
  }
};

}  // namespace quip::test
