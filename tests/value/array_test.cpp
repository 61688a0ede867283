// Arrays.
#include "support/js.hpp"
#include <quip/value/array.hpp>

#include <algorithm>
#include <cstdint>
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

}  // namespace
}  // namespace quip::test
