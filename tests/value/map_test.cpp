// Maps: keys of any kind, the walk through them, and scripts that meddle.
#include "support/lifetime.hpp"
#include <quip/value/map.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

class Maps : public JsTest {};

TEST_F(Maps, HoldAnyKeyAndValue) {
  with([](Ctx ctx) {
    const Map map(ctx);
    EXPECT_EQ(map.type(), Type::map);
    EXPECT_TRUE(map.empty());
    const Object object(ctx);
    const Symbol symbol(ctx, "s");
    map.set("text", 1);
    map.set(5, "five");
    map.set(object, std::vector<int>{1, 2});
    map.set(symbol, true);
    map.set(std::nullopt, 2.5);
    map.set(std::numeric_limits<double>::quiet_NaN(), "nan");
    EXPECT_EQ(map.size(), 6U);
    EXPECT_EQ(map.get<int>("text"), 1);
    EXPECT_EQ(map.get<std::string>(5), "five");
    EXPECT_EQ(map.get<std::vector<int>>(object), (std::vector<int>{1, 2}));
    EXPECT_TRUE(map.get<bool>(symbol));
    EXPECT_EQ(map.get<double>(std::nullopt), 2.5);
    EXPECT_EQ(map.get<std::string>(std::numeric_limits<double>::quiet_NaN()), "nan");
    EXPECT_FALSE(map.has("5"));
    EXPECT_FALSE(map.has(Object(ctx)));
    EXPECT_TRUE(map.get("missing").is_undefined());
    EXPECT_EQ(map.get<std::optional<int>>("missing"), std::nullopt);
    EXPECT_TRUE(map.remove(5));
    EXPECT_FALSE(map.remove(5));
    EXPECT_FALSE(map.has(5));
    ctx.globals().set("m", map);
    EXPECT_EQ(ctx.eval<std::string>("m instanceof Map && [...m.keys()].map(String).join()"),
              "text,[object Object],Symbol(s),undefined,NaN");
    map.clear();
    EXPECT_EQ(map.size(), 0U);
  });
}

TEST_F(Maps, AreWalkedInOrder) {
  const auto map = eval<Map>("new Map([['a', 1], ['b', 2], ['c', 3]])");
  std::string seen;
  for (const auto& [key, value] : map) {
    seen += key.as<std::string>() + std::to_string(value.as<int>());
  }
  EXPECT_EQ(seen, "a1b2c3");
  EXPECT_EQ((map.entries<std::string, int>()),
            (std::vector<std::pair<std::string, int>>{{"a", 1}, {"b", 2}, {"c", 3}}));
  EXPECT_EQ(map.entries().size(), 3U);
  for ([[maybe_unused]] const auto& entry : eval<Map>("new Map")) ADD_FAILURE();
}

TEST_F(Maps, MayChangeWhileTheyAreWalked) {
  const auto map = eval<Map>("new Map([[1, 0], [2, 0], [3, 0], [4, 0]])");
  std::vector<int> seen;
  for (const auto& [key, value] : map) {
    const int number = key.as<int>();
    seen.push_back(number);
    map.remove(number);
    if (number == 1) map.remove(3);
    if (number == 2) map.set(9, 0);
    if (number == 9) map.clear();
  }
  EXPECT_EQ(seen, (std::vector<int>{1, 2, 4, 9}));
  EXPECT_TRUE(map.empty());
}

TEST_F(Maps, TheHandleMayGoWhileItIsWalked) {
  with([](Ctx ctx) {
    auto map = ctx.eval<Map>("new Map([[1, 0], [2, 0]])");
    auto at = map.begin();
    const auto end = map.end();
    map = Map();
    int seen = 0;
    for (; at != end; ++at) seen += (*at).first.as<int>();
    EXPECT_EQ(seen, 3);
  });
}

TEST_F(Maps, ConversionErrorsNameThePlace) {
  const auto map = eval<Map>("new Map([['a', 1], ['b', 'two'], [3, 3]])");
  EXPECT_EQ((map.try_entries<std::string, int>().error().message()),
            "[1][1]: expected an integer from -2147483648 to 2147483647, got \"two\" (string)");
  EXPECT_EQ((map.try_entries<std::string, Value>().error().message()),
            "[2][0]: expected string, got 3 (number)");
  EXPECT_EQ(map.try_get<int>("b").error().kind(), ErrorKind::conversion);
  EXPECT_THROW((void)(map.entries<int, int>()), Error);
}

TEST_F(Maps, AreMapsAlone) {
  EXPECT_EQ(show(try_eval<Map>("({})")), (Shown{"throws", "TypeError: expected map, got object"}));
  EXPECT_EQ(show(try_eval<Map>("new Set")).text, "TypeError: expected map, got set");
  EXPECT_EQ(show(try_eval<Map>("new WeakMap")).text, "TypeError: expected map, got object");
  EXPECT_EQ(show(try_eval<Map>("Object.create(Map.prototype)")).text,
            "TypeError: expected map, got object");
  EXPECT_EQ(show(try_eval<Map>("new Proxy(new Map, {})")).text,
            "TypeError: expected map, got proxy");
  EXPECT_EQ(eval<Map>("new (class extends Map {})([[1, 2]])").get<int>(1), 2);
}

TEST_F(Maps, ScriptsCannotChangeTheMethods) {
  const auto before = eval<Map>("new Map([[1, 2]])");
  EXPECT_EQ(before.get<int>(1), 2);
  EXPECT_TRUE(before.has(1));
  EXPECT_EQ(before.size(), 1U);
  EXPECT_EQ(before.entries().size(), 1U);
  before.set(3, 4);
  EXPECT_TRUE(before.remove(3));
  before.clear();
  with([](Ctx ctx) { EXPECT_TRUE(Map(ctx).empty()); });
  const auto map = eval<Map>(R"(
    const map = new Map([[1, 2]]);
    const bad = () => { throw new Error('patched') };
    Object.getPrototypeOf(map.entries()).next = bad;
    for (const name of ['get', 'set', 'has', 'delete', 'clear', 'entries', Symbol.iterator]) {
      Map.prototype[name] = bad;
      map[name] = bad;
    }
    Object.defineProperty(Map.prototype, 'size', { get: bad });
    globalThis.Map = bad;
    map)");
  EXPECT_EQ(map.get<int>(1), 2);
  map.set(2, 3);
  EXPECT_EQ((map.entries<int, int>()), (std::vector<std::pair<int, int>>{{1, 2}, {2, 3}}));
  EXPECT_TRUE(map.remove(1));
  EXPECT_EQ(map.size(), 1U);
  map.clear();
  EXPECT_TRUE(map.empty());
  with([](Ctx ctx) { EXPECT_TRUE(Map(ctx).empty()); });
}

TEST_F(Maps, WhatAScriptPutsInTheirPlaceBeforeIsAnError) {
  eval("globalThis.Map = class { }");
  with([](Ctx ctx) {
    EXPECT_EQ(show(Map::try_make(ctx)).text, "TypeError: expected map, got object");
  });
  Context nonsense(runtime);
  nonsense.with([](Ctx ctx) {
    const auto map = ctx.eval<Map>(R"(
      const map = new Map([[1, 2]]);
      Map.prototype.entries = () => ({ });
      Object.getPrototypeOf(map.keys()).next = () => 5;
      Object.defineProperty(Map.prototype, 'size', { get: () => -1 });
      map)");
    EXPECT_FALSE(map.try_entries());
    EXPECT_FALSE(map.try_size());
    EXPECT_THROW((void)map.begin(), Error);
  });
  Context again(runtime);
  again.with([](Ctx ctx) {
    // a getter that asks for the same before it answers
    const auto map = ctx.eval<Map>("globalThis.real = Map; new Map([[1, 2]])");
    ctx.globals().set("peek", [map] { return map.size(); });
    ctx.eval(
        "let calls = 0; Object.defineProperty(globalThis, 'Map', {"
        "get() { if (calls++ === 0) peek(); return real } })");
    EXPECT_EQ(map.size(), 1U);
    EXPECT_EQ(map.size(), 1U);
  });
}

TEST_F(Maps, NeedAContextThatHasThem) {
  const auto map = eval<Map>("new Map([[1, 2]])");
  Context::base(runtime).with([&](Ctx ctx) {
    EXPECT_EQ(show(Map::try_make(ctx)).text,
              "TypeError: this context has no 'Map': it was made without intrinsic::MapSet");
    ctx.globals().set("m", map);
    const auto here = ctx.eval<Map>("m");
    EXPECT_EQ(here.try_size().error().name(), "TypeError");
    EXPECT_EQ(here.try_get(1).error().name(), "TypeError");
    EXPECT_EQ(here.try_entries().error().name(), "TypeError");
  });
  EXPECT_EQ(map.get<int>(1), 2);
}

TEST_F(Maps, RefuseValuesOfOtherRuntimes) {
  Runtime other;
  const Context elsewhere(other);
  const Value foreign = elsewhere.with([](Ctx ctx) { return ctx.eval("({})"); });
  with([&](Ctx ctx) {
    const Map map(ctx);
    EXPECT_EQ(map.try_set(foreign, 1).error().name(), "TypeError");
    EXPECT_EQ(map.try_set(1, foreign).error().name(), "TypeError");
    EXPECT_EQ(map.try_get(foreign).error().name(), "TypeError");
    EXPECT_FALSE(map.try_has(foreign));
    EXPECT_FALSE(map.try_remove(Value()));
    EXPECT_TRUE(map.empty());
    EXPECT_EQ(ctx.eval<int>("1"), 1);
  });
}

TEST_F(Maps, OutliveTheirRuntime) {
  Map left;
  std::optional<Map::Iterator> at;
  {
    Runtime other;
    const Context elsewhere(other);
    left = elsewhere.with([](Ctx ctx) { return ctx.eval<Map>("new Map([[1, 2], [3, 4]])"); });
    at = left.begin();
  }
  expect_gone(left.try_get(1));
  expect_gone(left.try_set(1, 2));
  expect_gone(left.try_has(1));
  expect_gone(left.try_remove(1));
  expect_gone(left.try_clear());
  expect_gone(left.try_size());
  expect_gone(left.try_entries());
  EXPECT_THROW((void)left.begin(), RuntimeGone);
  EXPECT_THROW(++*at, RuntimeGone);
  EXPECT_THROW((void)Map().size(), RuntimeGone);
}

}  // namespace
}  // namespace quip::test
