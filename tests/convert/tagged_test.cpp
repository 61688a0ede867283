#include "support/js.hpp"

#include <string>
#include <variant>
#include <vector>

namespace {

using namespace quip;

struct Circle {
  double radius;
};
struct Square {
  double side = 1;
  std::string unit = "m";
};
struct Nothing {};
struct Strict {
  int a;
};

using External = std::variant<Circle, Square, Nothing>;
struct Internal : std::variant<Circle, Square, Nothing, Strict> {
  using std::variant<Circle, Square, Nothing, Strict>::variant;
};
struct Adjacent : std::variant<int, std::vector<Circle>, std::string, Nothing> {};
struct Group {
  std::string name;
  std::vector<External> shapes;
  Internal main;
};

}  // namespace

template <>
inline constexpr auto quip::description<External> = quip::externally_tagged();
template <>
inline constexpr auto quip::description<Internal> =
    quip::tagged("type", quip::rename_all(quip::Case::lower), quip::alternative<Square>("box"));
template <>
inline constexpr auto quip::description<Adjacent> = quip::tagged(
    "t", "c", quip::alternative<int>("number"), quip::alternative<std::vector<Circle>>("circles"),
    quip::alternative<std::string>("text"));
template <>
inline constexpr auto quip::description<Strict> = quip::record(quip::deny_unknown);

namespace {

using test::JsTest;

class TaggedTest : public JsTest {
 protected:
  template <class T>
  std::string problem(std::string_view script) {
    Result<T> result = try_eval<T>("(" + std::string(script) + ")");
    return result ? "converted" : result.error().name() + ": " + result.error().message();
  }
  template <class T>
  void expect_json(const T& value, std::string_view json) {
    define("value", value);
    EXPECT_EQ(eval<std::string>("JSON.stringify(value)"), json);
    EXPECT_EQ(eval<T>("value").index(), value.index());
  }
};

TEST_F(TaggedTest, External) {
  EXPECT_EQ(std::get<Circle>(eval<External>("({Circle: {radius: 2}})")).radius, 2);
  EXPECT_EQ(std::get<Square>(eval<External>("({Square: {side: 3}})")).side, 3);
  EXPECT_EQ(eval<External>("'Nothing'").index(), 2U);
  EXPECT_EQ(eval<External>("({Nothing: null})").index(), 2U);
  expect_json(External(Circle{1}), R"({"Circle":{"radius":1}})");
  expect_json(External(Nothing()), R"("Nothing")");
  EXPECT_EQ(problem<External>("{Circle: {radius: 'x'}}"),
            "TypeError: Circle.radius: expected number, got \"x\" (string)");
  EXPECT_EQ(problem<External>("{Oval: {}}"),
            R"(TypeError: expected one of "Circle", "Square", "Nothing", got "Oval" (string))");
  EXPECT_EQ(problem<External>("'Oval'"),
            R"(TypeError: expected one of "Circle", "Square", "Nothing", got "Oval" (string))");
  EXPECT_EQ(problem<External>("'Circle'"),
            R"(TypeError: expected an object {"Circle": …}, got "Circle" (string))");
  EXPECT_EQ(problem<External>("{}"),
            "TypeError: expected an object with one property, got one with 0");
  EXPECT_EQ(problem<External>("{Circle: {radius: 1}, Square: {}}"),
            "TypeError: expected an object with one property, got one with 2");
  EXPECT_EQ(problem<External>("[1]"),
            "TypeError: expected an object with one property, or a string, got array");
  EXPECT_EQ(problem<External>("{get Circle() { throw new RangeError('mine') }}"),
            "RangeError: mine");
}

TEST_F(TaggedTest, Internal) {
  EXPECT_EQ(std::get<Circle>(eval<Internal>("({type: 'circle', radius: 2})")).radius, 2);
  EXPECT_EQ(std::get<Square>(eval<Internal>("({type: 'box', side: 3})")).unit, "m");
  EXPECT_EQ(eval<Internal>("({type: 'nothing'})").index(), 2U);
  expect_json(Internal(Circle{1}), R"({"type":"circle","radius":1})");
  expect_json(Internal(Square{}), R"({"type":"box","side":1,"unit":"m"})");
  expect_json(Internal(Nothing()), R"({"type":"nothing"})");
  EXPECT_EQ(problem<Internal>("{type: 'circle'}"), "TypeError: radius: missing, expected number");
  EXPECT_EQ(
      problem<Internal>("{type: 'Circle'}"),
      R"(TypeError: type: expected one of "circle", "box", "nothing", "strict", got "Circle" (string))");
  EXPECT_EQ(problem<Internal>("{radius: 1}"),
            R"(TypeError: type: missing, expected one of "circle", "box", "nothing", "strict")");
  EXPECT_EQ(problem<Internal>("'circle'"), "TypeError: expected object, got \"circle\" (string)");
  EXPECT_EQ(problem<Internal>("{get type() { throw new RangeError('mine') }}"), "RangeError: mine");
}

TEST_F(TaggedTest, AnAlternativeThatDeniesUnknownPropertiesKnowsTheTag) {
  EXPECT_EQ(std::get<Strict>(eval<Internal>("({type: 'strict', a: 1})")).a, 1);
  EXPECT_EQ(problem<Internal>("{type: 'strict', a: 1, b: 2}"),
            "TypeError: unknown property 'b' (did you mean 'a'?)");
}

TEST_F(TaggedTest, Adjacent) {
  EXPECT_EQ(std::get<int>(eval<Adjacent>("({t: 'number', c: 5})")), 5);
  EXPECT_EQ(std::get<std::string>(eval<Adjacent>("({t: 'text', c: 'x'})")), "x");
  expect_json(Adjacent{7}, R"({"t":"number","c":7})");
  expect_json(Adjacent{std::vector<Circle>{{1}}}, R"({"t":"circles","c":[{"radius":1}]})");
  expect_json(Adjacent{Nothing()}, R"({"t":"Nothing"})");
  EXPECT_EQ(problem<Adjacent>("{t: 'circles', c: [{radius: 1}, {radius: 'x'}]}"),
            "TypeError: c[1].radius: expected number, got \"x\" (string)");
  EXPECT_EQ(problem<Adjacent>("{t: 'text'}"), "TypeError: c: expected string, got undefined");
}

TEST_F(TaggedTest, InsideOfOthers) {
  const auto group =
      eval<Group>("({name: 'g', shapes: [{Circle: {radius: 1}}, 'Nothing'], main: {type: 'box'}})");
  EXPECT_EQ(group.shapes.size(), 2U);
  EXPECT_EQ(group.main.index(), 1U);
  EXPECT_EQ(problem<Group>("{name: 'g', shapes: [{Circle: {radius: null}}], main: {type: 'box'}}"),
            "TypeError: shapes[0].Circle.radius: expected number, got null");
  define("value", group);
  expect_eval("JSON.stringify(value)", "string",
              R"({"name":"g","shapes":[{"Circle":{"radius":1}},"Nothing"],)"
              R"("main":{"type":"box","side":1,"unit":"m"}})");
}

TEST_F(TaggedTest, AllProblemsAtOnce) {
  with([](Ctx ctx) {
    const Result<Group> result =
        ctx.eval<Value>("({name: 1, shapes: [{Square: {side: 'x', unit: 2}}], main: {type: 'q'}})")
            .try_as<Group>(Problems::all);
    ASSERT_FALSE(result);
    std::vector<std::string> found;
    for (const Error& problem : result.error().problems()) {
      found.push_back(problem.message());
    }
    EXPECT_EQ(
        found,
        (std::vector<std::string>{
            "name: expected string, got 1 (number)",
            "shapes[0].Square.side: expected number, got \"x\" (string)",
            "shapes[0].Square.unit: expected string, got 2 (number)",
            R"(main.type: expected one of "circle", "box", "nothing", "strict", got "q" (string))",
        }));
  });
}

}  // namespace
