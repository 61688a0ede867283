// Arrays.
#include "support/js.hpp"
#include <quip/value/array.hpp>

#include <algorithm>
#include <cstdint>
#include <list>
#include <ranges>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace quip::test {
namespace {

class Arrays : public JsTest {};

TEST_F(Arrays, NewOnesAreEmpty) {
  with([](Ctx ctx) {
    const Array array(ctx);
    EXPECT_EQ(array.size(), 0U);
    EXPECT_TRUE(array.empty());
    EXPECT_TRUE(array.is_array());
    EXPECT_EQ(array.prototype(), ctx.eval("Array.prototype"));
  });
}

TEST_F(Arrays, ElementsAreAppendedReadAndWritten) {
  with([](Ctx ctx) {
    const Array array(ctx);
    array.push(1);
    array.push("two");
    array.push(std::vector<int>{3});
    array.push([] { return 4; });
    EXPECT_EQ(array.size(), 4U);
    EXPECT_EQ(array.get<std::string>(1), "two");
    EXPECT_EQ(array[2][0].get<int>(), 3);
    EXPECT_EQ(array.get<Function>(3).call<int>(), 4);
    array.set(0, 10);
    array[5] = "gap";
    EXPECT_EQ(array.size(), 6U);
    EXPECT_TRUE(array.get(4).is_undefined());
    EXPECT_FALSE(array.has(4));
    ctx.globals().set("a", array);
    EXPECT_EQ(ctx.eval<std::string>("[a.length, a[0], a[1], a[2], a[5]].join()"), "6,10,two,3,gap");
  });
}

TEST_F(Arrays, TheLengthIsJavaScripts) {
  EXPECT_EQ(eval<Array>("[1, , 3]").size(), 3U);
  EXPECT_EQ(eval<Array>("new Array(4294967295)").size(), 4294967295U);
  EXPECT_EQ(eval<Array>("new Array(2147483648)").size(), 2147483648U);
  const Array array = eval<Array>("[1, 2, 3]");
  array.set("length", 1);
  EXPECT_EQ(array.size(), 1U);
  EXPECT_EQ(array.try_set("length", -1).error().name(), "RangeError");
}

TEST_F(Arrays, OnlyArraysAreArrays) {
  for (const char* script :
       {"({ length: 0 })", "'ab'", "new Proxy([], {})", "new Uint8Array(2)", "null",
        "(function () { return arguments })()", "Object.create(Array.prototype)"}) {
    EXPECT_FALSE(eval(script).is<Array>()) << script;
    EXPECT_EQ(try_eval<Array>(script).error().name(), "TypeError") << script;
  }
  EXPECT_TRUE(eval("new Proxy([], {})").is<Object>());
}

TEST_F(Arrays, ElementsInOrder) {
  const Array array = eval<Array>("[1, , 'x']");
  std::vector<std::string> seen;
  for (const Value& element : array) {
    seen.push_back(element.to_display_string());
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"1", "undefined", "x"}));
  EXPECT_EQ(std::distance(array.begin(), array.end()), 3);
  EXPECT_TRUE(eval<Array>("[]").begin() == eval<Array>("[]").end());
  EXPECT_TRUE(array.begin() == array.begin());
  EXPECT_FALSE(array.begin() == ++array.begin());
}

TEST_F(Arrays, ErrorsNameTheIndex) {
  const Array array = eval<Array>("['a']");
  EXPECT_EQ(array.try_get<int>(0).error().message(),
            "[0]: expected an integer from -2147483648 to 2147483647, got \"a\" (string)");
  EXPECT_EQ(array.try_get<std::string>(5).error().message(), "[5]: expected string, got undefined");
}

TEST_F(Arrays, FrozenOnesRefuse) {
  const Array array = eval<Array>("Object.freeze([1])");
  EXPECT_EQ(array.try_push(2).error().name(), "TypeError");
  EXPECT_EQ(array.try_set(0, 2).error().name(), "TypeError");
  EXPECT_EQ(array.size(), 1U);
}

TEST_F(Arrays, AFullOneRefuses) {
  const Array array = eval<Array>("new Array(4294967295)");
  EXPECT_FALSE(array.try_push(1));
  EXPECT_EQ(array.size(), 4294967295U);
}

TEST_F(Arrays, PushPassesSettersOfThePrototypeBy) {
  eval(
      "var seen = 0; Object.defineProperty(Array.prototype, 0, { set() { ++seen }, configurable: "
      "true })");
  with([](Ctx ctx) {
    const Array array(ctx);
    array.push(5);
    EXPECT_EQ(array.size(), 1U);
    EXPECT_EQ(ctx.eval<int>("seen"), 0);
  });
}

static_assert(std::ranges::input_range<ElementRange<int>>);
static_assert(std::ranges::input_range<Array>);

TEST_F(Arrays, ElementsAsAType) {
  const Array array = eval<Array>("[1, 2, 3]");
  std::vector<int> seen;
  for (const int n : array.elements<int>()) {
    seen.push_back(n);
  }
  EXPECT_EQ(seen, (std::vector<int>{1, 2, 3}));
  const auto elements = array.elements<double>();
  EXPECT_EQ(std::vector<double>(elements.begin(), elements.end()), (std::vector<double>{1, 2, 3}));
  int sum = 0;
  for (const int twice :
       array.elements<int>() | std::views::transform([](int n) { return 2 * n; })) {
    sum += twice;
  }
  EXPECT_EQ(sum, 12);
  EXPECT_EQ(array.to_vector<int>(), seen);
  EXPECT_EQ(array.to_vector().size(), 3U);
  EXPECT_FALSE(eval<Array>("[1, 'x']").try_to_vector<int>());
}

TEST_F(Arrays, IterationsOwnTheArray) {
  const auto make = [this] { return eval<Array>("[1, 2, 3]"); };
  int sum = 0;
  for (const int n : make().elements<int>()) {
    runtime.run_gc();
    sum += n;
  }
  auto it = make().begin();
  const auto range = make().elements<int>();
  runtime.run_gc();
  EXPECT_EQ((*++it).as<int>(), 2);
  EXPECT_EQ((*it++).as<int>(), 2);
  EXPECT_EQ((*it).as<int>(), 3);
  EXPECT_EQ(*range.begin(), 1);
  EXPECT_EQ(sum, 6);
}

TEST_F(Arrays, AnErrorEndsTheIterationAndNamesTheIndex) {
  int seen = 0;
  try {
    for (const int n : eval<Array>("[1, 2, 'x', 4]").elements<int>()) {
      seen += n;
    }
    ADD_FAILURE() << "went on";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(),
              "[2]: expected an integer from -2147483648 to 2147483647, got \"x\" (string)");
  }
  EXPECT_EQ(seen, 3);
  const Array throwing =
      eval<Array>("Object.defineProperty([1, 2], 1, { get() { throw new RangeError('g') } })");
  EXPECT_THROW(
      {
        for (const int n : throwing.elements<int>()) seen += n;
      },
      Error);
  EXPECT_EQ(seen, 4);
}

TEST_F(Arrays, TheLengthIsLookedAtForEachStep) {
  const Array array = eval<Array>("[1, 2, 3, 4]");
  std::vector<int> seen;
  for (const int n : array.elements<int>()) {
    seen.push_back(n);
    array.pop();
  }
  EXPECT_EQ(seen, (std::vector<int>{1, 2}));
  seen.clear();
  for (const int n : array.elements<int>()) {
    seen.push_back(n);
    if (n < 3) array.push(n + 1);
  }
  EXPECT_EQ(seen, (std::vector<int>{1, 2, 2, 3, 3}));
}

TEST_F(Arrays, IterationsEndWithTheRuntime) {
  ElementIterator<Value> it;
  {
    const Runtime other;
    it = Context(other).with([](Ctx ctx) { return ctx.eval<Array>("[1]").begin(); });
  }
  EXPECT_THROW((void)*it, RuntimeGone);
  EXPECT_THROW((void)(it == ElementIterator<Value>()), RuntimeGone);
}

TEST_F(Arrays, PopTakesTheLast) {
  const Array array = eval<Array>("[1, , 'x', 4]");
  EXPECT_EQ(array.pop<int>(), 4);
  EXPECT_EQ(array.try_pop<int>().error().message(),
            "[2]: expected an integer from -2147483648 to 2147483647, got \"x\" (string)");
  EXPECT_EQ(array.size(), 3U);
  EXPECT_EQ(array.pop<std::string>(), "x");
  EXPECT_TRUE(array.pop().is_undefined());  // the hole
  EXPECT_EQ(array.size(), 1U);
  EXPECT_EQ(array.pop<int>(), 1);
  EXPECT_TRUE(array.pop().is_undefined());
  EXPECT_FALSE(array.try_pop<int>());
  EXPECT_TRUE(array.empty());
  EXPECT_EQ(eval<Array>("Object.freeze([1])").try_pop().error().name(), "TypeError");
  EXPECT_EQ(eval<Array>("Object.seal([1])").try_pop().error().name(), "TypeError");
  const Array getter =
      eval<Array>("Object.defineProperty([1, 2], 1, { get() { throw new RangeError('g') } })");
  EXPECT_EQ(show(getter.try_pop()).text, "RangeError: g");
  const Array longest = eval<Array>("const l = []; l.length = 4294967295; l[4294967294] = 'z'; l");
  EXPECT_EQ(longest.pop<std::string>(), "z");
  EXPECT_EQ(longest.size(), 4294967294U);
}

TEST_F(Arrays, AGetterMayDropTheHandleThatIsPopped) {
  with([](Ctx ctx) {
    Array array = ctx.eval<Array>(
        "Object.defineProperty([1], 0, { get() { drop(); return 5 }, configurable: true })");
    ctx.globals().set("drop", [&array] { array = Array(); });
    EXPECT_EQ(array.pop<int>(), 5);
  });
}

TEST_F(Arrays, TheSizeIsSet) {
  const Array array = eval<Array>("[1, 2, 3]");
  array.set_size(1);
  EXPECT_EQ(array.to_vector<int>(), std::vector<int>{1});
  array.set_size(4294967295U);
  EXPECT_EQ(array.size(), 4294967295U);
  EXPECT_FALSE(array.has(1));
  array.set_size(0);
  EXPECT_TRUE(array.empty());
  EXPECT_EQ(eval<Array>("Object.freeze([1])").try_set_size(0).error().name(), "TypeError");
  EXPECT_EQ(
      eval<Array>("Object.defineProperty([], 0, { value: 1 })").try_set_size(0).error().name(),
      "TypeError");
}

TEST_F(Arrays, IndicesReachToTheLast) {
  with([](Ctx ctx) {
    const Array array(ctx);
    for (const std::uint32_t index : {0x7fffffffU, 0x80000000U, 4294967294U}) {
      array.set(index, index);
      EXPECT_EQ(array.size(), index + 1);
      EXPECT_EQ(array.get<std::uint32_t>(index), index);
      EXPECT_EQ(array.get<std::uint32_t>(std::int64_t{index}), index);
      EXPECT_EQ(array.get<std::uint32_t>(std::to_string(index)), index);
      EXPECT_EQ(array[index].get<std::uint32_t>(), index);
    }
    array.set(4294967295U, "no index");
    EXPECT_EQ(array.size(), 4294967295U);
    EXPECT_EQ(array.keys().size(), 4U);
    EXPECT_EQ(array.try_get<int>(4294967293U).error().message().substr(0, 13), "[4294967293]:");
  });
}

TEST_F(Arrays, AreMadeOfRanges) {
  with([](Ctx ctx) {
    EXPECT_EQ(Array::from(ctx, std::vector<int>{1, 2, 3}).to_vector<int>(),
              (std::vector<int>{1, 2, 3}));
    EXPECT_EQ(Array::from(ctx, std::vector<bool>{true, false}).to_vector<bool>(),
              (std::vector<bool>{true, false}));
    EXPECT_EQ(Array::from(ctx, std::list<std::string>{"a", "b"}).to_vector<std::string>(),
              (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(Array::from(ctx, std::views::iota(0, 1000)).get<int>(999), 999);
    const char* const texts[] = {"x", "y"};
    EXPECT_EQ(Array::from(ctx, texts).to_vector<std::string>(),
              (std::vector<std::string>{"x", "y"}));
    EXPECT_TRUE(Array::from(ctx, std::set<double>{}).empty());
    const std::vector<Value> mixed{Value(ctx, 1), Value(ctx, "t"), Object(ctx)};
    EXPECT_EQ(Array::from(ctx, mixed).size(), 3U);
    EXPECT_EQ(Array::from(ctx, ctx.eval<Array>("[1, 'x']")).size(), 2U);
    const Array piped = std::views::iota(1, 4) |
                        std::views::transform([](int n) { return n * n; }) | to<Array>(ctx);
    EXPECT_EQ(piped.to_vector<int>(), (std::vector<int>{1, 4, 9}));
  });
}

TEST_F(Arrays, WhatIsInARangeMayBeNoValue) {
  const Runtime other;
  const Value foreign = Context(other).with([](Ctx ctx) -> Value { return Object(ctx); });
  with([&](Ctx ctx) {
    EXPECT_EQ(Array::try_from(ctx, std::vector<Value>{foreign}).error().name(), "TypeError");
    EXPECT_EQ(Array::try_from(ctx, std::list<Value>{Value(ctx, 1), foreign}).error().name(),
              "TypeError");
    EXPECT_EQ(Array::try_from(ctx, std::list<Value>{Value()}).error().name(), "TypeError");
    const auto throwing = std::views::iota(0, 3) | std::views::transform([](int n) {
                            if (n == 1) throw std::range_error("mine");
                            return n;
                          });
    EXPECT_THROW((void)Array::try_from(ctx, throwing), std::range_error);
  });
}

TEST_F(Arrays, RangesPassSettersOfThePrototypeBy) {
  eval("Object.defineProperty(Array.prototype, 0, { set() { throw 1 }, configurable: true })");
  with([](Ctx ctx) {
    EXPECT_EQ(Array::from(ctx, std::list<int>{5}).get<int>(0), 5);
    EXPECT_EQ(Array::from(ctx, std::vector<int>{5}).get<int>(0), 5);
  });
}

TEST_F(Arrays, OfAnEndedRuntimeAreErrors) {
  Array array;
  {
    const Runtime other;
    array = Context(other).with([](Ctx ctx) { return ctx.eval<Array>("[1]"); });
  }
  EXPECT_EQ(array.try_pop().error().kind(), ErrorKind::runtime_gone);
  EXPECT_EQ(array.try_size().error().kind(), ErrorKind::runtime_gone);
  EXPECT_EQ(array.try_set_size(1).error().kind(), ErrorKind::runtime_gone);
  EXPECT_EQ(array.try_to_vector<int>().error().kind(), ErrorKind::runtime_gone);
  EXPECT_THROW((void)array.to_vector(), RuntimeGone);
}

}  // namespace
}  // namespace quip::test
