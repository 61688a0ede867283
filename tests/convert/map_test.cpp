// Maps: objects and Maps.
#include "support/js.hpp"
#include <quip/convert/map.hpp>

#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

using Ints = std::vector<int>;
using IntMap = std::map<std::string, int>;

class MapConversions : public JsTest {};

TEST_F(MapConversions, MapsGoBothWays) {
  EXPECT_EQ(eval<IntMap>("({})"), IntMap());
  EXPECT_EQ(eval<IntMap>("({ b: 2, a: 1, 7: 3 })"), (IntMap{{"a", 1}, {"b", 2}, {"7", 3}}));
  EXPECT_EQ((eval<std::unordered_map<std::string, int>>("({ x: 1 })")),
            (std::unordered_map<std::string, int>{{"x", 1}}));
  EXPECT_EQ(eval<IntMap>("Object.assign(Object.create(null), { n: 1 })"), (IntMap{{"n", 1}}));
  EXPECT_EQ(eval<IntMap>("new Proxy({ p: 1 }, {})"), (IntMap{{"p", 1}}));
  EXPECT_EQ(eval<IntMap>("class Point { x = 1; y = 2; sum() {} } new Point()"),
            (IntMap{{"x", 1}, {"y", 2}}));
  define("m", IntMap{{"b", 2}, {"a", 1}});
  expect_eval("JSON.stringify(m)", "string", R"({"a":1,"b":2})");
  define("u", std::unordered_map<std::string, std::string>{{"k", "v"}});
  expect_eval("JSON.stringify(u)", "string", R"({"k":"v"})");
  define("odd", IntMap{{"", 1}, {"\u20ac", 2}, {std::string("n\0x", 3), 3}, {"0", 4}});
  expect_eval("odd[''] + odd['\u20ac'] * 10 + odd['n\\0x'] * 100 + odd[0] * 1000", "number",
              "4321");
  EXPECT_EQ(eval<IntMap>("odd"),
            (IntMap{{"", 1}, {"\u20ac", 2}, {std::string("n\0x", 3), 3}, {"0", 4}}));
}

TEST_F(MapConversions, MapsHaveOwnEnumerableStringKeys) {
  EXPECT_EQ(
      eval<IntMap>("const o = Object.create({ inherited: 1 }); o.own = 2; o[Symbol()] = 'skipped';"
                   "Object.defineProperty(o, 'hidden', { value: 'x' }); o"),
      (IntMap{{"own", 2}}));
  EXPECT_EQ(eval<IntMap>("({ get computed() { return 4 } })"), (IntMap{{"computed", 4}}));
}

TEST_F(MapConversions, TheKeyProtoIsAKeyLikeOthers) {
  define("m", IntMap{{"__proto__", 1}, {"constructor", 2}});
  expect_eval("Object.getPrototypeOf(m) === Object.prototype", "boolean", "true");
  expect_eval("Object.getOwnPropertyNames(m).join()", "string", "__proto__,constructor");
  EXPECT_EQ(eval<IntMap>("JSON.parse('{\"__proto__\": 5}')"), (IntMap{{"__proto__", 5}}));
}

TEST_F(MapConversions, OnlyObjectsAreMaps) {
  for (const char* script :
       {"'abc'", "5", "null", "undefined", "true", "[]", "() => 1", "class A {}", "Symbol()"}) {
    const Result<IntMap> result = try_eval<IntMap>(script);
    ASSERT_FALSE(result) << script;
    EXPECT_TRUE(result.error().message().starts_with("expected object, got "))
        << result.error().message();
  }
}

TEST_F(MapConversions, ObjectsThatKeepTheirContentElsewhereAreNotSilentlyEmpty) {
  for (const char* script : {"new Set([1])", "new WeakMap()", "new Date()", "Promise.resolve(1)",
                             "new Int8Array(1)", "new ArrayBuffer(1)", "Object(1)"}) {
    const Result<IntMap> result = try_eval<IntMap>(script);
    ASSERT_FALSE(result) << script;
    EXPECT_EQ(result.error().name(), "TypeError") << script;
  }
}

TEST_F(MapConversions, WhatScriptsThrowComesThrough) {
  EXPECT_EQ(show(try_eval<IntMap>("({ get a() { throw new RangeError('g') } })")),
            (Shown{"throws", "RangeError: g"}));
  EXPECT_EQ(show(try_eval<IntMap>("new Proxy({}, { ownKeys() { throw new RangeError('k') } })")),
            (Shown{"throws", "RangeError: k"}));
  EXPECT_EQ(show(try_eval<IntMap>("new Proxy({ a: 1 }, { get() { throw 'text' } })")),
            (Shown{"throws", "text"}));
  const Result<IntMap> revoked = try_eval<IntMap>(
      "(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy })()");
  ASSERT_FALSE(revoked);
  EXPECT_EQ(revoked.error().name(), "TypeError");
  expect_eval("1", "number", "1");
}

TEST_F(MapConversions, AMapIsReadByAnyKindOfMap) {
  EXPECT_EQ(eval<IntMap>("new Map([['a', 1], ['b', 2]])"), (IntMap{{"a", 1}, {"b", 2}}));
  EXPECT_EQ(eval<IntMap>("new Map()"), IntMap());
  EXPECT_EQ((eval<std::map<int, std::string>>("new Map([[1, 'x']])")),
            (std::map<int, std::string>{{1, "x"}}));
  EXPECT_FALSE(try_eval<IntMap>("new Map([[1, 1]])"));
  EXPECT_EQ((try_eval<std::map<int, int>>("({ 1: 1 })").error().message()),
            "expected map, got object");
  EXPECT_EQ((try_eval<std::map<int, int>>("new Map([[1, 2], [3, 'x']])").error().message()),
            "[1][1]: expected an integer from -2147483648 to 2147483647, got \"x\" (string)");
}

TEST_F(MapConversions, KeysThatAreNoTextMakeAMap) {
  define("m", std::map<int, std::string>{{1, "one"}, {-2, "two"}});
  expect_eval("m instanceof Map && m.size === 2 && m.get(1) + m.get(-2)", "string", "onetwo");
  EXPECT_EQ((eval<std::unordered_map<int, std::string>>("m").at(-2)), "two");
  define("pairs", std::map<std::pair<int, int>, bool>{{{1, 2}, true}});
  expect_eval("JSON.stringify([...pairs])", "string", "[[[1,2],true]]");
  // whatever a script made of Map.prototype.set
  eval("Map.prototype.set = function () { throw new Error('patched') }");
  define("again", std::map<int, int>{{1, 1}});
  expect_eval("again.get(1)", "number", "1");
}

TEST_F(MapConversions, KeysOfAnyTextMakeAnObject) {
  define("m", std::map<std::u16string, int>{{u"\u20ac", 1}});
  expect_eval("m['\u20ac']", "number", "1");
  EXPECT_EQ((eval<std::map<std::u16string, int>>("({ '\u20ac': 4 })").at(u"\u20ac")), 4);
}

TEST_F(MapConversions, AnOrderedMapKeepsTheOrder) {
  using Order = OrderedMap<std::string, int>;
  const auto order = eval<Order>("({ z: 1, a: 2, m: 3 })");
  EXPECT_EQ(order, (Order{{"z", 1}, {"a", 2}, {"m", 3}}));
  EXPECT_EQ(order.find("a")->second, 2);
  define("m", order);
  expect_eval("Object.keys(m).join()", "string", "z,a,m");
  Order changed = order;
  changed.insert_or_assign("a", 9);
  EXPECT_EQ(changed.size(), 3U);
  EXPECT_EQ(changed.find("a")->second, 9);
}

TEST_F(MapConversions, MultimapsAreListsOfPairs) {
  define("m", std::multimap<std::string, int>{{"a", 1}, {"a", 2}});
  expect_eval("JSON.stringify(m)", "string", R"([["a",1],["a",2]])");
  EXPECT_EQ((eval<std::multimap<std::string, int>>("[['x', 1], ['x', 2]]").count("x")), 2U);
}

TEST_F(MapConversions, AProxyThatLiesAboutItsKeysDoesNoHarm) {
  EXPECT_EQ(show(try_eval<IntMap>("new Proxy({}, { ownKeys: () => [1] })")).type, "throws");
  EXPECT_EQ(show(try_eval<IntMap>("new Proxy({}, { ownKeys: () => ['a', 'a'] })")).type, "throws");
  EXPECT_EQ(eval<IntMap>("new Proxy({}, { ownKeys: () => ['ghost'] })"), IntMap());
  EXPECT_EQ(
      try_eval<IntMap>("new Proxy({}, { ownKeys: () => ['ghost'], getOwnPropertyDescriptor: () "
                       "=> ({ value: 1, enumerable: true, configurable: true }) })")
          .error()
          .message(),
      "ghost: expected an integer from -2147483648 to 2147483647, got undefined");
  EXPECT_EQ(
      try_eval<IntMap>("const o = { get a() { delete o.b; return 1 }, b: 2 }; o").error().message(),
      "b: expected an integer from -2147483648 to 2147483647, got undefined");
}

/// A type that has itself as its values.
struct Nest : std::map<std::string, Nest> {};

TEST_F(MapConversions, WhatContainsItselfIsAnError) {
  const Result<Nest> ring = try_eval<Nest>("const r = {}; r.r = r; r");
  ASSERT_FALSE(ring);
  EXPECT_EQ(ring.error().name(), "RangeError");
  EXPECT_EQ(eval<Nest>("({ a: { b: {} } })").at("a").size(), 1U);
}

}  // namespace
}  // namespace quip::test
