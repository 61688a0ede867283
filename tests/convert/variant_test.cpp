// variant: whichever alternative fits.
#include "support/js.hpp"
#include <quip/convert/variant.hpp>

#include <map>
#include <string>
#include <variant>
#include <vector>

namespace quip::test {
namespace {

using Mixed = std::variant<double, std::string, std::vector<int>, std::map<std::string, int>, bool>;

class Variants : public JsTest {
 protected:
  template <class V>
  std::string message(std::string_view script) {
    const Result<V> result = try_eval<V>(script);
    return result ? "no error" : result.error().message();
  }
};

TEST_F(Variants, TheTypeOfTheValueChooses) {
  EXPECT_EQ(eval<Mixed>("1.5"), Mixed(1.5));
  EXPECT_EQ(eval<Mixed>("7"), Mixed(7.0));
  EXPECT_EQ(eval<Mixed>("'a'"), Mixed("a"));
  EXPECT_EQ(eval<Mixed>("true"), Mixed(true));
  EXPECT_EQ(eval<Mixed>("[1, 2]"), Mixed(std::vector<int>{1, 2}));
  EXPECT_EQ(eval<Mixed>("({ a: 1 })"), Mixed(std::map<std::string, int>{{"a", 1}}));
}

TEST_F(Variants, OfSeveralTheFirstThatConverts) {
  using Narrow = std::variant<std::int8_t, int, double>;
  EXPECT_EQ(eval<Narrow>("5").index(), 0U);
  EXPECT_EQ(eval<Narrow>("500").index(), 1U);
  EXPECT_EQ(eval<Narrow>("5.5").index(), 2U);
  using Lists = std::variant<std::vector<int>, std::vector<std::string>>;
  EXPECT_EQ(eval<Lists>("[1]").index(), 0U);
  EXPECT_EQ(eval<Lists>("['a']").index(), 1U);
  EXPECT_EQ(eval<Lists>("[]").index(), 0U);
}

TEST_F(Variants, NothingIsAnAlternativeToo) {
  using Maybe = std::variant<std::monostate, int>;
  EXPECT_EQ(eval<Maybe>("undefined"), Maybe());
  EXPECT_EQ(eval<Maybe>("3"), Maybe(3));
  using Nullable = std::variant<std::nullptr_t, std::string>;
  EXPECT_EQ(eval<Nullable>("null").index(), 0U);
  using OptionalInt = std::variant<std::optional<int>, std::string>;
  EXPECT_EQ(eval<OptionalInt>("null"), OptionalInt(std::optional<int>()));
  EXPECT_EQ(eval<OptionalInt>("'x'"), OptionalInt("x"));
}

TEST_F(Variants, HandlesAreAlternatives) {
  using Handles = std::variant<Function, Array, Object, String>;
  EXPECT_EQ(eval<Handles>("() => 1").index(), 0U);
  EXPECT_EQ(eval<Handles>("[]").index(), 1U);
  EXPECT_EQ(eval<Handles>("({})").index(), 2U);
  EXPECT_EQ(eval<Handles>("''").index(), 3U);
}

TEST_F(Variants, AnErrorSaysWhatWasExpected) {
  EXPECT_EQ((message<std::variant<double, std::string>>("true")),
            "expected number or string, got true (boolean)");
  EXPECT_EQ((message<std::variant<bool, double, std::string>>("Symbol()")),
            "expected boolean, number or string, got symbol");
  // a single alternative of the value's type: its own error
  EXPECT_EQ((message<std::variant<std::string, std::vector<int>>>("[1, 'x']")),
            "[1]: expected an integer from -2147483648 to 2147483647, got \"x\" (string)");
  // several, and one that went into the value
  EXPECT_EQ((message<std::variant<std::vector<int>, std::map<std::string, int>>>("({ a: 'x' })")),
            "a: expected an integer from -2147483648 to 2147483647, got \"x\" (string)");
  EXPECT_EQ((message<std::variant<std::vector<int>, Function>>("({})")),
            "expected array or function, got object");
  EXPECT_EQ((message<std::variant<std::int8_t, std::uint8_t>>("300")),
            "expected an integer from -128 to 127 or an integer from 0 to 255, got 300 (number)");
}

TEST_F(Variants, WhatAGetterThrowsEndsTheSearch) {
  using Lists = std::variant<std::vector<int>, std::vector<std::string>>;
  EXPECT_EQ(
      show(try_eval<Lists>(
          "const a = [1]; Object.defineProperty(a, 0, { get() { throw new Error('no') } }); a")),
      (Shown{"throws", "Error: no"}));
}

TEST_F(Variants, GoOutAsWhatTheyHold) {
  define("n", Mixed(1.5));
  define("s", Mixed("text"));
  define("l", Mixed(std::vector<int>{1, 2}));
  define("nothing", std::variant<std::monostate, int>());
  expect_eval("n", "number", "1.5");
  expect_eval("s", "string", "text");
  expect_eval("l", "array", "1,2");
  expect_eval("nothing", "undefined", "undefined");
}

TEST_F(Variants, AreParametersAndResults) {
  define("twice", [](std::variant<double, std::string> x) -> std::variant<double, std::string> {
    if (const auto* number = std::get_if<double>(&x)) {
      return *number * 2;
    }
    return std::get<std::string>(x) + std::get<std::string>(x);
  });
  expect_eval("twice(4)", "number", "8");
  expect_eval("twice('ab')", "string", "abab");
  expect_eval(
      "twice({})", "throws",
      "TypeError: Failed to execute 'twice': parameter 1: expected number or string, got object");
}

struct Throws {
  Throws() = default;
  Throws(const Throws&) { throw 1; }
  Throws& operator=(const Throws&) { throw 1; }
};

}  // namespace
}  // namespace quip::test

template <>
struct quip::Convert<quip::test::Throws> {
  static JSValue into_js(JSContext*, const quip::test::Throws&) { return engine::undefined(); }
};

namespace quip::test {
namespace {

TEST_F(Variants, WithoutAValueTheyAreAnError) {
  std::variant<int, Throws> broken = 1;
  const Throws source;
  EXPECT_THROW(broken = source, int);
  if (!broken.valueless_by_exception()) {
    EXPECT_THROW(broken.emplace<Throws>(source), int);
  }
  ASSERT_TRUE(broken.valueless_by_exception());
  with([&](Ctx ctx) {
    const Result<Value> made = Value::try_make(ctx, broken);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().name(), "TypeError");
  });
}

}  // namespace
}  // namespace quip::test
