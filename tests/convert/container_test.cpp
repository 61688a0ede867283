// optional, vector and the maps.
#include "support/js.hpp"
#include <quip/convert/container.hpp>

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace quip::test {
namespace {

using Ints = std::vector<int>;
using IntMap = std::map<std::string, int>;

class Containers : public JsTest {};

TEST_F(Containers, OptionalsAreEmptyForUndefinedAndNull) {
  EXPECT_EQ(eval<std::optional<int>>("undefined"), std::nullopt);
  EXPECT_EQ(eval<std::optional<int>>("null"), std::nullopt);
  EXPECT_EQ(eval<std::optional<int>>("7"), 7);
  EXPECT_EQ(eval<std::optional<std::string>>("''"), "");
  EXPECT_EQ(eval<std::optional<bool>>("false"), false);
  EXPECT_FALSE(try_eval<std::optional<int>>("'7'"));
  EXPECT_FALSE(try_eval<std::optional<int>>("NaN"));
}

TEST_F(Containers, OptionalsGoOutAsUndefinedOrTheirValue) {
  define("none", std::optional<int>());
  define("some", std::optional<int>(3));
  define("nothing", std::nullopt);
  define("text", std::optional<std::string>("t"));
  expect_eval("none", "undefined", "undefined");
  expect_eval("some", "number", "3");
  expect_eval("nothing", "undefined", "undefined");
  expect_eval("text", "string", "t");
}

TEST_F(Containers, VectorsGoBothWays) {
  EXPECT_EQ(eval<Ints>("[]"), Ints());
  EXPECT_EQ(eval<Ints>("[1, 2, 3]"), (Ints{1, 2, 3}));
  EXPECT_EQ(eval<std::vector<bool>>("[true, false, true]"), (std::vector<bool>{true, false, true}));
  EXPECT_EQ(eval<std::vector<std::vector<std::string>>>("[['a'], [], ['b', 'c']]"),
            (std::vector<std::vector<std::string>>{{"a"}, {}, {"b", "c"}}));
  define("v", Ints{1, 2, 3});
  expect_eval("Array.isArray(v) && v.length === 3 && v.join('+')", "string", "1+2+3");
  define("b", std::vector<bool>{true, false});
  expect_eval("b", "array", "true,false");
  define("nested", std::vector<Ints>{{1}, {}, {2, 3}});
  expect_eval("JSON.stringify(nested)", "string", "[[1],[],[2,3]]");
  define("optionals", std::vector<std::optional<int>>{1, std::nullopt});
  expect_eval("optionals.length === 2 && optionals[1] === undefined && 1 in optionals", "boolean",
              "true");
  EXPECT_EQ(eval<std::vector<Value>>("[1, 'a', null]").at(1).as<std::string>(), "a");
}

TEST_F(Containers, OnlyArraysAreVectors) {
  for (const char* script :
       {"'abc'", "5", "null", "undefined", "({})", "({ length: 1, 0: 1 })", "new Set([1])",
        "new Map()", "new Int32Array([1])", "(function () { return arguments })(1)", "[1].values()",
        "new Proxy([1], {})",
        "(() => { const { proxy, revoke } = Proxy.revocable([1], {}); revoke(); return proxy "
        "})()"}) {
    const Result<Ints> result = try_eval<Ints>(script);
    ASSERT_FALSE(result) << script;
    EXPECT_EQ(result.error().name(), "TypeError") << script;
    EXPECT_TRUE(result.error().message().starts_with("expected array, got ")) << script;
  }
  // nothing is left pending
  expect_eval("1", "number", "1");
}

TEST_F(Containers, SubclassesOfArrayAreArrays) {
  EXPECT_EQ(eval<Ints>("class Stack extends Array {} Stack.of(1, 2)"), (Ints{1, 2}));
}

TEST_F(Containers, AnErrorNamesTheElement) {
  const auto message = [this]<class T>(std::string_view script, std::type_identity<T>) {
    const Result<T> result = try_eval<T>(script);
    return result ? "no error" : result.error().message();
  };
  EXPECT_EQ(message("[1, 'a']", std::type_identity<Ints>()),
            "[1]: expected an integer from -2147483648 to 2147483647, got \"a\" (string)");
  EXPECT_EQ(message("[[1], [2, false]]", std::type_identity<std::vector<Ints>>()),
            "[1][1]: expected an integer from -2147483648 to 2147483647, got false (boolean)");
  EXPECT_EQ(message("({ a: { b: [1, 2, null] } })",
                    std::type_identity<
                        std::map<std::string, std::map<std::string, std::vector<std::string>>>>()),
            "a.b[0]: expected string, got 1 (number)");
  EXPECT_EQ(message("[{ a: 1 }, { a: [] }]", std::type_identity<std::vector<IntMap>>()),
            "[1].a: expected an integer from -2147483648 to 2147483647, got array");
  EXPECT_EQ(message("[,5]", std::type_identity<std::vector<std::string>>()),
            "[0]: expected string, got undefined");
}

TEST_F(Containers, HolesAreUndefined) {
  EXPECT_EQ(eval<std::vector<std::optional<int>>>("[1, , 3]"),
            (std::vector<std::optional<int>>{1, std::nullopt, 3}));
  EXPECT_FALSE(try_eval<Ints>("[1, , 3]"));
  EXPECT_EQ(
      eval<Ints>(
          "const a = [1, , 3]; Object.setPrototypeOf(a, { 1: 2, __proto__: Array.prototype }); a"),
      (Ints{1, 2, 3}));
}

TEST_F(Containers, AHugeLengthAllocatesNothing) {
  const Result<Ints> result = try_eval<Ints>("new Array(4294967295)");
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().message().starts_with("[0]: ")) << result.error().message();
  EXPECT_EQ(eval<Array>("new Array(3000000000)").size(), 3000000000U);
}

TEST_F(Containers, AHugeLengthWithoutElementsIsAnError) {
  // holes are legal elements here, so that nothing but their number can end it
  const auto result = try_eval<std::vector<std::optional<int>>>("new Array(4294967295)");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().name(), "RangeError");
  EXPECT_EQ(try_eval<std::vector<std::optional<int>>>("new Array(1000)").value().size(), 1000U);
}

TEST_F(Containers, GettersAmongTheElementsRun) {
  EXPECT_EQ(eval<Ints>("const g = [1, 2]; Object.defineProperty(g, 1, { get: () => 20 }); g"),
            (Ints{1, 20}));
  const Result<Ints> thrown = try_eval<Ints>(
      "const t = [1, 2]; Object.defineProperty(t, 1, { get() { throw new Error('no') } }); t");
  EXPECT_EQ(show(thrown), (Shown{"throws", "Error: no"}));
}

TEST_F(Containers, AnArrayMayChangeWhileItIsRead) {
  EXPECT_EQ(eval<Ints>("const s = [1, 2, 3]; Object.defineProperty(s, 0, { get() { s.length = 1; "
                       "return 1 } }); s"),
            (Ints{1}));
  EXPECT_EQ(eval<Ints>("const p = [0, 2]; Object.defineProperty(p, 0, { get() { if (p.length < 4) "
                       "p.push(9); return 1 } }); p")
                .front(),
            1);
  EXPECT_EQ(eval<Ints>("const d = [0, 2]; let h = { d }; Object.defineProperty(d, 0, { get() { h.d "
                       "= null; return 1 } }); d"),
            (Ints{1, 2}));
}

TEST_F(Containers, MapsGoBothWays) {
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

TEST_F(Containers, MapsHaveOwnEnumerableStringKeys) {
  EXPECT_EQ(
      eval<IntMap>("const o = Object.create({ inherited: 1 }); o.own = 2; o[Symbol()] = 'skipped';"
                   "Object.defineProperty(o, 'hidden', { value: 'x' }); o"),
      (IntMap{{"own", 2}}));
  EXPECT_EQ(eval<IntMap>("({ get computed() { return 4 } })"), (IntMap{{"computed", 4}}));
}

TEST_F(Containers, TheKeyProtoIsAKeyLikeOthers) {
  define("m", IntMap{{"__proto__", 1}, {"constructor", 2}});
  expect_eval("Object.getPrototypeOf(m) === Object.prototype", "boolean", "true");
  expect_eval("Object.getOwnPropertyNames(m).join()", "string", "__proto__,constructor");
  EXPECT_EQ(eval<IntMap>("JSON.parse('{\"__proto__\": 5}')"), (IntMap{{"__proto__", 5}}));
}

TEST_F(Containers, OnlyObjectsAreMaps) {
  for (const char* script :
       {"'abc'", "5", "null", "undefined", "true", "[]", "() => 1", "class A {}", "Symbol()"}) {
    const Result<IntMap> result = try_eval<IntMap>(script);
    ASSERT_FALSE(result) << script;
    EXPECT_TRUE(result.error().message().starts_with("expected object, got "))
        << result.error().message();
  }
}

TEST_F(Containers, ObjectsThatKeepTheirContentElsewhereAreNotSilentlyEmpty) {
  for (const char* script : {"new Map([['a', 1]])", "new Set([1])", "new WeakMap()", "new Date()",
                             "Promise.resolve(1)", "new Map()"}) {
    const Result<IntMap> result = try_eval<IntMap>(script);
    ASSERT_FALSE(result) << script;
    EXPECT_EQ(result.error().name(), "TypeError") << script;
  }
}

TEST_F(Containers, WhatScriptsThrowComesThrough) {
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

TEST_F(Containers, PollutedPrototypesSeeNothing) {
  eval(R"(var seen = 0;
    for (const key of [0, 1, 'a', 'length2'])
      for (const prototype of [Array.prototype, Object.prototype])
        Object.defineProperty(prototype, key, { set(v) { ++seen }, get() { return 99 }, configurable: true });
  )");
  define("v", Ints{1, 2});
  define("m", IntMap{{"a", 1}});
  expect_eval("seen", "number", "0");
  expect_eval("Object.hasOwn(v, 0) && v[0] === 1 && v[1] === 2 && v.length === 2", "boolean",
              "true");
  expect_eval("Object.hasOwn(m, 'a') && m.a === 1", "boolean", "true");
  define("give", [] { return std::vector<IntMap>{{{"a", 7}}}; });
  expect_eval("give()[0].a", "number", "7");
  expect_eval("seen", "number", "0");
}

TEST_F(Containers, ElementsThatHaveNoValueAreErrors) {
  with([](Ctx ctx) {
    const Result<Value> vector = Value::try_make(ctx, std::vector<std::int64_t>{1, INT64_MAX});
    ASSERT_FALSE(vector);
    EXPECT_EQ(vector.error().name(), "RangeError");
    const Result<Value> map =
        Value::try_make(ctx, std::map<std::string, std::uint64_t>{{"a", UINT64_MAX}});
    EXPECT_FALSE(map);
    EXPECT_FALSE(Value::try_make(ctx, std::vector<Value>(1)));  // an empty handle
  });
}

TEST_F(Containers, NestingDeeperThanTheStackIsAnError) {
  // a list within a list, and so on
  const Result<std::vector<std::vector<Ints>>> result =
      try_eval<std::vector<std::vector<Ints>>>("const ring = []; ring.push(ring); ring");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(),
            "[0][0][0]: expected an integer from -2147483648 to 2147483647, got array");
}

}  // namespace
}  // namespace quip::test
