#include "support/js.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace {

using namespace quip;

enum class Color { red, green, blue = 7 };
enum Old { first = 1, second };
enum class Char : char { a = 'a', b };
enum class Flag : bool { no, yes };
enum class Negative : signed char { below = -3, zero = 0 };
enum class Far : std::int64_t { near = 1, far = 1000, farthest = std::int64_t{1} << 40U };
enum class LogLevel { veryQuiet, log_all };
enum class Status : std::uint16_t { ok = 200, missing = 404 };
enum class Access : unsigned { none = 0, read = 1, write = 2, run = 4, all = 7 };

}  // namespace

template <>
inline constexpr auto quip::description<Far> =
    quip::enumeration(quip::enumerator<Far::far>(), quip::enumerator<Far::farthest>("end"));
template <>
inline constexpr auto quip::description<LogLevel> =
    quip::enumeration(quip::rename_all(quip::Case::kebab));
template <>
inline constexpr auto quip::description<Status> = quip::enumeration(
    quip::by_value, quip::enumerator<Status::ok>(), quip::enumerator<Status::missing>());
template <>
inline constexpr auto quip::description<Access> = quip::enumeration(quip::as_flags);

namespace {

using test::JsTest;

class EnumTest : public JsTest {
 protected:
  template <class T>
  std::string problem(std::string_view script) {
    Result<T> result = try_eval<T>(script);
    return result ? "converted" : result.error().name() + ": " + result.error().message();
  }
  template <class T>
  void expect_both_ways(T value, std::string_view script) {
    EXPECT_EQ(eval<T>(script), value) << script;
    define("value", value);
    expect_eval("JSON.stringify(value) === JSON.stringify(" + std::string(script) + ")", "boolean",
                "true");
  }
};

TEST_F(EnumTest, AreTheirNames) {
  expect_both_ways(Color::red, "'red'");
  expect_both_ways(Color::blue, "'blue'");
  expect_both_ways(first, "'first'");
  expect_both_ways(second, "'second'");
  expect_both_ways(Char::b, "'b'");
  expect_both_ways(Flag::yes, "'yes'");
  expect_both_ways(Negative::below, "'below'");
  EXPECT_EQ(eval<Color>("let r = 'gr'; r + 'een'"), Color::green);
}

TEST_F(EnumTest, OtherValuesAreErrors) {
  EXPECT_EQ(problem<Color>("'purple'"),
            R"(TypeError: expected one of "red", "green", "blue", got "purple" (string))");
  EXPECT_EQ(problem<Color>("'Red'"),
            R"(TypeError: expected one of "red", "green", "blue", got "Red" (string))");
  EXPECT_EQ(problem<Color>("0"),
            R"(TypeError: expected one of "red", "green", "blue", got 0 (number))");
  EXPECT_EQ(problem<Color>("({toString() { return 'red' }})"),
            R"(TypeError: expected one of "red", "green", "blue", got object)");
  EXPECT_EQ(problem<Old>("undefined"),
            R"(TypeError: expected one of "first", "second", got undefined)");
  EXPECT_EQ(problem<std::vector<Color>>("['red', 'x']"),
            R"(TypeError: [1]: expected one of "red", "green", "blue", got "x" (string))");
  with([](Ctx ctx) {
    Result<Value> made = Value::try_make(ctx, static_cast<Color>(3));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().message(), "3 is no enumerator of Color");
    EXPECT_EQ(made.error().name(), "RangeError");
  });
}

TEST_F(EnumTest, NamesByDescription) {
  expect_both_ways(Far::near, "'near'");
  expect_both_ways(Far::far, "'far'");
  expect_both_ways(Far::farthest, "'end'");
  expect_both_ways(LogLevel::veryQuiet, "'very-quiet'");
  expect_both_ways(LogLevel::log_all, "'log-all'");
  EXPECT_EQ(problem<LogLevel>("'log_all'"),
            R"(TypeError: expected one of "very-quiet", "log-all", got "log_all" (string))");
}

TEST_F(EnumTest, Numbers) {
  expect_both_ways(Status::ok, "200");
  expect_both_ways(Status::missing, "404");
  EXPECT_EQ(eval<Status>("200n"), Status::ok);
  EXPECT_EQ(problem<Status>("500"), "TypeError: expected one of 200, 404, got 500 (number)");
  EXPECT_EQ(problem<Status>("200.5"), "TypeError: expected one of 200, 404, got 200.5 (number)");
  EXPECT_EQ(problem<Status>("'ok'"), "TypeError: expected one of 200, 404, got \"ok\" (string)");
  with([](Ctx ctx) {
    EXPECT_EQ(Value::try_make(ctx, static_cast<Status>(1)).error().message(),
              "1 is no enumerator of Status");
  });
}

TEST_F(EnumTest, Flags) {
  expect_both_ways(Access::none, "[]");
  expect_both_ways(static_cast<Access>(5), "['read', 'run']");
  EXPECT_EQ(eval<Access>("['all']"), Access::all);
  define("value", Access::all);
  expect_eval("value.join()", "string", "read,write,run");
  EXPECT_EQ(
      problem<Access>("['read', 'fly']"),
      R"(TypeError: [1]: expected one of "none", "read", "write", "run", "all", got "fly" (string))");
  EXPECT_EQ(problem<Access>("'read'"), "TypeError: expected array, got \"read\" (string)");
  with([](Ctx ctx) {
    EXPECT_EQ(Value::try_make(ctx, static_cast<Access>(9)).error().message(),
              "8 is no enumerator of Access");
  });
}

TEST_F(EnumTest, AsParametersAndInEveryRuntime) {
  define("next", [](Color color) { return color == Color::red ? Color::green : Color::blue; });
  expect_eval("next('red') + next('green')", "string", "greenblue");
  const Runtime other;
  const Context fresh(other);
  fresh.with([](Ctx ctx) {
    EXPECT_EQ(ctx.eval<Color>("'green'"), Color::green);
    EXPECT_EQ(Value(ctx, Color::blue).as<std::string>(), "blue");
  });
}

TEST_F(EnumTest, ReflectionFindsWhatIsThere) {
  EXPECT_EQ(detail::EnumTraits<Color>::size, 3U);
  EXPECT_EQ(detail::EnumTraits<Old>::size, 2U);
  EXPECT_EQ(detail::EnumTraits<Flag>::size, 2U);
  EXPECT_EQ(detail::EnumTraits<Far>::size, 3U);
  EXPECT_EQ(detail::EnumTraits<Access>::size, 5U);
}

}  // namespace
