// Sets: elements of any kind, the walk through them, and scripts that meddle.
#include "support/lifetime.hpp"
#include <quip/value/set.hpp>

#include <limits>
#include <string>
#include <vector>

namespace quip::test {
namespace {

class Sets : public JsTest {};

TEST_F(Sets, HoldEachValueOnce) {
  with([](Ctx ctx) {
    const Set set(ctx);
    EXPECT_EQ(set.type(), Type::set);
    EXPECT_TRUE(set.empty());
    const Object object(ctx);
    set.add(1);
    set.add(1.0);
    set.add("1");
    set.add(object);
    set.add(object);
    set.add(Object(ctx));
    set.add(std::numeric_limits<double>::quiet_NaN());
    set.add(std::numeric_limits<double>::quiet_NaN());
    set.add(std::nullopt);
    EXPECT_EQ(set.size(), 6U);
    EXPECT_TRUE(set.has(1));
    EXPECT_TRUE(set.has(object));
    EXPECT_TRUE(set.has(std::nullopt));
    EXPECT_FALSE(set.has(2));
    EXPECT_TRUE(set.remove("1"));
    EXPECT_FALSE(set.remove("1"));
    ctx.globals().set("s", set);
    EXPECT_TRUE(ctx.eval<bool>("s instanceof Set && s.size === 5 && s.has(NaN)"));
    set.clear();
    EXPECT_TRUE(set.empty());
  });
}

TEST_F(Sets, AreWalkedInOrder) {
  const auto set = eval<Set>("new Set('hello')");
  std::string seen;
  for (const Value& value : set) seen += value.as<std::string>();
  EXPECT_EQ(seen, "helo");
  EXPECT_EQ(set.values<std::string>(), (std::vector<std::string>{"h", "e", "l", "o"}));
  for ([[maybe_unused]] const Value& value : eval<Set>("new Set")) ADD_FAILURE();
}

TEST_F(Sets, MayChangeWhileTheyAreWalked) {
  const auto set = eval<Set>("new Set([1, 2, 3, 4])");
  std::vector<int> seen;
  for (const Value& value : set) {
    const int number = value.as<int>();
    seen.push_back(number);
    set.remove(number);
    if (number == 1) set.remove(3);
    if (number == 2) set.add(9);
    if (number == 9) set.clear();
  }
  EXPECT_EQ(seen, (std::vector<int>{1, 2, 4, 9}));
}

TEST_F(Sets, ConversionErrorsNameTheElement) {
  EXPECT_EQ(eval<Set>("new Set([1, 2, 'x'])").try_values<int>().error().message(),
            "[2]: expected an integer from -2147483648 to 2147483647, got \"x\" (string)");
}

TEST_F(Sets, AreSetsAlone) {
  EXPECT_EQ(show(try_eval<Set>("new Map")), (Shown{"throws", "TypeError: expected set, got map"}));
  EXPECT_EQ(show(try_eval<Set>("[1]")).text, "TypeError: expected set, got array");
  EXPECT_EQ(show(try_eval<Set>("Object.create(Set.prototype)")).text,
            "TypeError: expected set, got object");
  EXPECT_EQ(eval<Set>("new (class extends Set {})([1])").size(), 1U);
}

TEST_F(Sets, ScriptsCannotChangeTheMethods) {
  const auto before = eval<Set>("new Set([1])");
  EXPECT_TRUE(before.has(1));
  EXPECT_EQ(before.size(), 1U);
  EXPECT_EQ(before.values().size(), 1U);
  before.add(2);
  EXPECT_TRUE(before.remove(2));
  before.clear();
  const auto set = eval<Set>(R"(
    const set = new Set([1]);
    const bad = () => { throw new Error('patched') };
    Object.getPrototypeOf(set.values()).next = bad;
    for (const name of ['add', 'has', 'delete', 'clear', 'values', Symbol.iterator]) {
      Set.prototype[name] = bad;
    }
    Object.defineProperty(Set.prototype, 'size', { get: bad });
    set)");
  set.add(2);
  EXPECT_EQ(set.values<int>(), (std::vector<int>{1, 2}));
  EXPECT_TRUE(set.has(1));
  EXPECT_TRUE(set.remove(1));
  EXPECT_EQ(set.size(), 1U);
  set.clear();
  EXPECT_TRUE(set.empty());
}

TEST_F(Sets, NeedAContextThatHasThem) {
  const auto set = eval<Set>("new Set([1])");
  Context::base(runtime).with([&](Ctx ctx) {
    EXPECT_EQ(show(Set::try_make(ctx)).text,
              "TypeError: this context has no 'Set': it was made without intrinsic::MapSet");
    ctx.globals().set("s", set);
    EXPECT_EQ(ctx.eval<Set>("s").try_size().error().name(), "TypeError");
  });
}

TEST_F(Sets, RefuseOtherRuntimesAndOutliveTheirs) {
  Set left;
  {
    Runtime other;
    const Context elsewhere(other);
    left = elsewhere.with([](Ctx ctx) { return ctx.eval<Set>("new Set([1])"); });
    with([&](Ctx ctx) {
      EXPECT_EQ(Set(ctx).try_add(left).error().name(), "TypeError");
      EXPECT_EQ(Set(ctx).try_has(left).error().name(), "TypeError");
    });
  }
  expect_gone(left.try_add(1));
  expect_gone(left.try_has(1));
  expect_gone(left.try_remove(1));
  expect_gone(left.try_clear());
  expect_gone(left.try_size());
  expect_gone(left.try_values());
  EXPECT_THROW((void)left.begin(), RuntimeGone);
}

}  // namespace
}  // namespace quip::test
