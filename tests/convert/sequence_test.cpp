// Sequences and sets.
#include "support/js.hpp"
#include <quip/convert/map.hpp>
#include <quip/convert/optional.hpp>
#include <quip/convert/sequence.hpp>
#include <quip/convert/tuple.hpp>

#include <array>
#include <deque>
#include <forward_list>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
#include <set>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

namespace quip::test {
namespace {

using Ints = std::vector<int>;
using IntMap = std::map<std::string, int>;

class Sequences : public JsTest {};

TEST_F(Sequences, VectorsGoBothWays) {
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

TEST_F(Sequences, OnlyIterableObjectsAreSequences) {
  for (const char* script : {"'abc'", "5", "null", "undefined", "({})", "({ length: 1, 0: 1 })",
                             "() => 1", "Symbol()", "new Date()", "({ [Symbol.iterator]: 1 })"}) {
    const Result<Ints> result = try_eval<Ints>(script);
    ASSERT_FALSE(result) << script;
    EXPECT_EQ(result.error().name(), "TypeError") << script;
    EXPECT_TRUE(result.error().message().starts_with("expected array, got ")) << script;
  }
  EXPECT_EQ(try_eval<Ints>("(() => { const { proxy, revoke } = Proxy.revocable([1], {}); revoke(); "
                           "return proxy })()")
                .error()
                .name(),
            "TypeError");
  // nothing is left pending
  expect_eval("1", "number", "1");
}

TEST_F(Sequences, WhateverIsIterableCanBeRead) {
  EXPECT_EQ(eval<Ints>("new Set([3, 1, 3])"), (Ints{3, 1}));
  EXPECT_EQ(eval<Ints>("[1, 2].values()"), (Ints{1, 2}));
  EXPECT_EQ(eval<Ints>("(function () { return arguments })(4, 5)"), (Ints{4, 5}));
  EXPECT_EQ(eval<Ints>("new Proxy([1, 2], {})"), (Ints{1, 2}));
  EXPECT_EQ(eval<Ints>("(function* () { yield 1; yield 2 })()"), (Ints{1, 2}));
  EXPECT_EQ((eval<std::vector<std::pair<std::string, int>>>("new Map([['a', 1]])")),
            (std::vector<std::pair<std::string, int>>{{"a", 1}}));
  EXPECT_EQ(show(try_eval<Ints>("(function* () { yield 1; throw new RangeError('end') })()")),
            (Shown{"throws", "RangeError: end"}));
  EXPECT_EQ(try_eval<Ints>("new Set([1, 'x'])").error().message(),
            "[1]: expected an integer from -2147483648 to 2147483647, got \"x\" (string)");
}

TEST_F(Sequences, AnElementThatDoesNotConvertClosesTheIterator) {
  EXPECT_FALSE(
      try_eval<Ints>("var closed = 0; (function* () { try { yield 1; yield 'x'; yield 3 } finally "
                     "{ closed++ } })()"));
  expect_eval("closed", "number", "1");
}

TEST_F(Sequences, AnEndlessIterableIsAnError) {
  const Result<std::vector<bool>> result = try_eval<std::vector<bool>>(
      "({ [Symbol.iterator]() { return { r: { value: true }, next() { return this.r } } } })");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().name(), "RangeError");
}

TEST_F(Sequences, TypedArraysCanBeRead) {
  EXPECT_EQ(eval<Ints>("new Int32Array([1, -2, 3])"), (Ints{1, -2, 3}));
  EXPECT_EQ(eval<std::vector<double>>("new Float64Array([0.5, NaN])").at(0), 0.5);
  EXPECT_EQ(eval<std::vector<double>>("new Uint8Array([1, 255])"), (std::vector<double>{1, 255}));
  EXPECT_EQ(eval<std::vector<std::uint8_t>>("new Float32Array([1, 2])"),
            (std::vector<std::uint8_t>{1, 2}));
  EXPECT_EQ(eval<std::vector<std::uint64_t>>("new BigUint64Array([2n ** 64n - 1n])"),
            (std::vector<std::uint64_t>{UINT64_MAX}));
  EXPECT_EQ(eval<std::vector<std::uint64_t>>("new BigInt64Array([5n])"),
            (std::vector<std::uint64_t>{5}));
  EXPECT_EQ(eval<Ints>("new Int32Array(0)"), Ints());
  EXPECT_EQ(try_eval<std::vector<std::uint8_t>>("new Int16Array([1, 256])").error().message(),
            "[1]: expected an integer from 0 to 255, got 256 (number)");
}

TEST_F(Sequences, LongArraysAreReadWhole) {
  for (const char* size : {"5", "6", "7", "65000", "65001", "70000"}) {
    const auto elements = eval<Ints>("var all = new Array(" + std::string(size) +
                                     ").fill(7); all[all.length - 1] = 8; all");
    ASSERT_EQ(elements.size(), std::stoul(size));
    EXPECT_EQ(elements.front() + elements.back(), 15);
  }
  const std::vector<double> many(70000, 0.5);
  define("many", many);
  expect_eval("many.length + many[69999]", "number", "70000.5");
  EXPECT_EQ(eval<std::vector<double>>("many"), many);
}

template <class C>
class EverySequence : public JsTest {};
using SequenceTypes =
    ::testing::Types<std::vector<int>, std::deque<int>, std::list<int>, std::forward_list<int>,
                     std::array<int, 3>, std::set<int>, std::multiset<int>, std::unordered_set<int>,
                     std::unordered_multiset<int>>;
TYPED_TEST_SUITE(EverySequence, SequenceTypes);

TYPED_TEST(EverySequence, GoesBothWays) {
  const auto made = this->template eval<TypeParam>("[7, 8, 9]");
  EXPECT_EQ(std::distance(made.begin(), made.end()), 3);
  int sum = 0;
  for (const int element : made) {
    sum += element;
  }
  EXPECT_EQ(sum, 24);
  this->define("c", made);
  this->expect_eval("Array.isArray(c) && c.length === 3 && c.slice().sort().join()", "string",
                    "7,8,9");
  EXPECT_EQ(this->template eval<TypeParam>("c"), made);
  EXPECT_EQ(this->template try_eval<TypeParam>("[7, 8, '9']").error().message(),
            "[2]: expected an integer from -2147483648 to 2147483647, got \"9\" (string)");
}

TEST_F(Sequences, ASetKeepsOneOfEqualElements) {
  EXPECT_EQ(eval<std::set<std::string>>("['b', 'a', 'b']"), (std::set<std::string>{"a", "b"}));
  EXPECT_EQ(eval<std::multiset<int>>("[1, 1]").size(), 2U);
}

TEST_F(Sequences, AnArrayOfAnotherSizeIsAnError) {
  EXPECT_EQ((try_eval<std::array<int, 2>>("[1, 2, 3]").error().message()),
            "expected an array of 2 elements, got one of 3");
  EXPECT_EQ((try_eval<std::array<int, 2>>("[]").error().message()),
            "expected an array of 2 elements, got one of 0");
  EXPECT_EQ((eval<std::array<int, 0>>("[]")).size(), 0U);
}

TEST_F(Sequences, SpansViewsAndListsGoOut) {
  const std::vector<int> numbers = {1, 2, 3, 4};
  define("span", std::span<const int>(numbers).subspan(1, 2));
  define("view", numbers | std::views::filter([](int n) { return n % 2 == 0; }) |
                     std::views::transform([](int n) { return std::to_string(n); }));
  const std::initializer_list<int> list = {1, 2};
  define("list", list);
  const int plain[] = {5, 6};
  define("plain", plain);
  define("iota", std::views::iota(0, 3));
  expect_eval("JSON.stringify([span, view, list, plain, iota])", "string",
              R"([[2,3],["2","4"],[1,2],[5,6],[0,1,2]])");
}

TEST_F(Sequences, ElementsAreMovedOutOfWhatIsMovedIn) {
  with([](Ctx ctx) {
    std::vector<std::unique_ptr<int>> owners;
    owners.push_back(std::make_unique<int>(5));
    owners.push_back(nullptr);
    ctx.globals().set("owners", std::move(owners));
  });
  expect_eval("JSON.stringify(owners)", "string", "[5,null]");
  EXPECT_EQ(*eval<std::vector<std::unique_ptr<int>>>("owners").at(0), 5);
}

TEST_F(Sequences, AllProblemsCanBeAskedFor) {
  const auto all = [this]<class T>(std::string_view script, std::type_identity<T>) {
    return eval(script).try_as<T>(Problems::all);
  };
  const auto ints = all("[1, 'a', 3, null]", std::type_identity<Ints>());
  ASSERT_FALSE(ints);
  ASSERT_EQ(ints.error().problems().size(), 2U);
  EXPECT_EQ(ints.error().problems()[0].message(),
            "[1]: expected an integer from -2147483648 to 2147483647, got \"a\" (string)");
  EXPECT_EQ(ints.error().problems()[1].message(),
            "[3]: expected an integer from -2147483648 to 2147483647, got null");
  EXPECT_EQ(ints.error().message(),
            ints.error().problems()[0].message() + "\n" + ints.error().problems()[1].message());
  const auto nested = all("({ a: ['x'], b: [1], c: 5, d: [2, 'y', 'z'] })",
                          std::type_identity<std::map<std::string, Ints>>());
  ASSERT_FALSE(nested);
  std::vector<std::string> paths;
  for (const Error& problem : nested.error().problems()) {
    paths.push_back(problem.message().substr(0, problem.message().find(':')));
  }
  EXPECT_EQ(paths, (std::vector<std::string>{"a[0]", "c", "d[1]", "d[2]"}));
  const auto arrays =
      all("[[1, 'x'], [2, 3]]", std::type_identity<std::vector<std::array<int, 2>>>());
  ASSERT_FALSE(arrays);
  ASSERT_EQ(arrays.error().problems().size(), 1U);
  EXPECT_EQ(all("[1, 2]", std::type_identity<Ints>()).value(), (Ints{1, 2}));
  // what a script throws ends it
  EXPECT_EQ(show(all("[1, 'a', { get x() {} }, ].concat([0])", std::type_identity<Ints>()))
                .text.substr(0, 10),
            "TypeError:");
  EXPECT_EQ(show(all("const t = ['a', 0]; Object.defineProperty(t, 1, { get() { throw 5 } }); t",
                     std::type_identity<Ints>())),
            (Shown{"throws", "5"}));
}

TEST_F(Sequences, SubclassesOfArrayAreArrays) {
  EXPECT_EQ(eval<Ints>("class Stack extends Array {} Stack.of(1, 2)"), (Ints{1, 2}));
}

TEST_F(Sequences, AnErrorNamesTheElement) {
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

// Six elements and more are read all at once.
template <class C>
class ManyTexts : public Sequences {};
using TextContainers =
    ::testing::Types<std::vector<std::string>, std::deque<std::string>, std::list<std::string>>;
TYPED_TEST_SUITE(ManyTexts, TextContainers);

TYPED_TEST(ManyTexts, AreReadWhateverTheirForm) {
  const auto read = this->template eval<TypeParam>(
      "const rope = 'ab'.repeat(300) + String(Math.PI);"
      "['', 'a', 'sixteen letters.', 'gr\\u00fcn\\0\\u00df', rope, '\\u{1f600}', 'a\\ud800b', "
      "'\\udfff', 'last']");
  std::string repeated;
  for (int i = 0; i < 300; ++i) repeated += "ab";
  EXPECT_EQ(read, (TypeParam{"", "a", "sixteen letters.", std::string("gr\u00fcn\0\u00df", 8),
                             repeated + "3.141592653589793", "\U0001f600", "a\ufffdb", "\ufffd",
                             "last"}));
}

TYPED_TEST(ManyTexts, NoneIsMadeOfWhatIsNoString) {
  const auto read = this->template try_eval<TypeParam>("['a', 'b', 'c', 3, 'e', 'f', Symbol()]");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message(), "[3]: expected string, got 3 (number)");
  EXPECT_EQ(this->template eval<TypeParam>("Array(7).fill('a')"), TypeParam(7, "a"));
}

TYPED_TEST(ManyTexts, ShortMemoryIsAnError) {
  Runtime small;
  const Context fresh(small);
  fresh.with([&](Ctx ctx) {
    // what is added up is put together when it is read
    const Value texts =
        ctx.eval("Array.from({ length: 8 }, (_, i) => 'a'.repeat(5000 + i) + 'b'.repeat(5000))");
    int failed = 0;
    for (std::size_t left = 0; left < 40000; left += 2000) {
      const auto used = static_cast<std::size_t>(small.memory_usage().malloc_size);
      small.set_memory_limit(used + left);
      const Result<TypeParam> read = texts.try_as<TypeParam>();
      small.set_memory_limit(0);
      failed += read ? 0 : 1;
      if (read) {
        EXPECT_EQ(read->size(), 8U);
        EXPECT_EQ(read->back().size(), 10007U);
      }
    }
    EXPECT_GT(failed, 0);
    EXPECT_EQ(texts.as<TypeParam>().size(), 8U);
  });
}

TEST_F(Sequences, HolesAreUndefined) {
  EXPECT_EQ(eval<std::vector<std::optional<int>>>("[1, , 3]"),
            (std::vector<std::optional<int>>{1, std::nullopt, 3}));
  EXPECT_FALSE(try_eval<Ints>("[1, , 3]"));
  EXPECT_EQ(
      eval<Ints>(
          "const a = [1, , 3]; Object.setPrototypeOf(a, { 1: 2, __proto__: Array.prototype }); a"),
      (Ints{1, 2, 3}));
}

TEST_F(Sequences, AHugeLengthAllocatesNothing) {
  const Result<Ints> result = try_eval<Ints>("new Array(4294967295)");
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().message().starts_with("[0]: ")) << result.error().message();
  EXPECT_EQ(eval<Array>("new Array(3000000000)").size(), 3000000000U);
}

TEST_F(Sequences, AHugeLengthWithoutElementsIsAnError) {
  // holes are legal elements here, so that nothing but their number can end it
  const auto result = try_eval<std::vector<std::optional<int>>>("new Array(4294967295)");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().name(), "RangeError");
  EXPECT_EQ(try_eval<std::vector<std::optional<int>>>("new Array(1000)").value().size(), 1000U);
}

TEST_F(Sequences, GettersAmongTheElementsRun) {
  EXPECT_EQ(eval<Ints>("const g = [1, 2]; Object.defineProperty(g, 1, { get: () => 20 }); g"),
            (Ints{1, 20}));
  const Result<Ints> thrown = try_eval<Ints>(
      "const t = [1, 2]; Object.defineProperty(t, 1, { get() { throw new Error('no') } }); t");
  EXPECT_EQ(show(thrown), (Shown{"throws", "Error: no"}));
}

TEST_F(Sequences, AnArrayMayChangeWhileItIsRead) {
  // elements that vanish read as undefined
  EXPECT_EQ(
      try_eval<Ints>("const s = [1, 2, 3]; Object.defineProperty(s, 0, { get() { s.length = 1; "
                     "return 1 } }); s")
          .error()
          .message(),
      "[1]: expected an integer from -2147483648 to 2147483647, got undefined");
  EXPECT_FALSE(
      try_eval<Ints>("const l = Array(1000).fill(1); Object.defineProperty(l, 5, { get() { "
                     "l.length = 0; return 1 } }); l"));
  EXPECT_EQ(eval<Ints>("const p = [0, 2]; Object.defineProperty(p, 0, { get() { if (p.length < 4) "
                       "p.push(9); return 1 } }); p")
                .front(),
            1);
  EXPECT_EQ(eval<Ints>("const d = [0, 2]; let h = { d }; Object.defineProperty(d, 0, { get() { h.d "
                       "= null; return 1 } }); d"),
            (Ints{1, 2}));
}

TEST_F(Sequences, PollutedPrototypesSeeNothing) {
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

TEST_F(Sequences, ElementsThatHaveNoValueAreErrors) {
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

TEST_F(Sequences, NestingDeeperThanTheStackIsAnError) {
  // a list within a list, and so on
  const Result<std::vector<std::vector<Ints>>> result =
      try_eval<std::vector<std::vector<Ints>>>("const ring = []; ring.push(ring); ring");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(),
            "[0][0][0]: expected an integer from -2147483648 to 2147483647, got array");
}

/// A type that has itself as its elements.
struct Tree : std::vector<Tree> {};

TEST_F(Sequences, WhatContainsItselfIsAnError) {
  const Result<Tree> ring = try_eval<Tree>("const r = []; r.push(r); r");
  ASSERT_FALSE(ring);
  EXPECT_EQ(ring.error().name(), "RangeError");
  const Result<Tree> wide =
      try_eval<Tree>("const w = []; for (let i = 0; i < 9; i++) w.push(w); w");
  ASSERT_FALSE(wide);
  EXPECT_EQ(wide.error().name(), "RangeError");
  EXPECT_EQ(eval<Tree>("[[], [[]]]").size(), 2U);
  Tree deep;
  for (int i = 0; i < 100000; ++i) {
    Tree outer;
    outer.push_back(std::move(deep));
    deep = std::move(outer);
  }
  with([&](Ctx ctx) {
    const Result<Value> made = Value::try_make(ctx, deep);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().name(), "RangeError");
  });
  // not by the destructor, which would call itself as often
  while (!deep.empty()) {
    Tree inner = std::move(deep.front());
    deep = std::move(inner);
  }
}

}  // namespace
}  // namespace quip::test
