// RegistryKey: plain data that stands for a value.
#include "support/js.hpp"

#include <thread>
#include <unordered_set>

namespace quip::test {
namespace {

class RegistryTest : public JsTest {};

static_assert(std::is_trivially_copyable_v<RegistryKey>);

TEST_F(RegistryTest, KeepsAValue) {
  const RegistryKey key = with([](Ctx ctx) { return ctx.register_value(ctx.eval("({ n: 5 })")); });
  EXPECT_TRUE(key);
  runtime.run_gc();
  with([&](Ctx ctx) {
    EXPECT_EQ(ctx.registered<Object>(key).get<int>("n"), 5);
    EXPECT_EQ(ctx.registered(key), ctx.registered(key));
    EXPECT_EQ(ctx.try_registered<int>(key).error().kind(), ErrorKind::conversion);
  });
}

TEST_F(RegistryTest, RemovesIt) {
  with([&](Ctx ctx) {
    const RegistryKey key = ctx.register_value(Value(ctx, 1));
    EXPECT_TRUE(ctx.unregister_value(key));
    EXPECT_FALSE(ctx.unregister_value(key));
    EXPECT_EQ(ctx.try_registered(key).error().message(),
              "there is no value of this registry key any more: it was removed");
    EXPECT_THROW((void)ctx.registered(key), Error);
    // no number is used again
    EXPECT_NE(ctx.register_value(Value(ctx, 2)), key);
  });
}

TEST_F(RegistryTest, TheSameValueTwiceHasTwoKeys) {
  with([&](Ctx ctx) {
    const Value value = ctx.eval("({})");
    const RegistryKey a = ctx.register_value(value);
    const RegistryKey b = ctx.register_value(value);
    EXPECT_NE(a, b);
    ctx.unregister_value(a);
    EXPECT_EQ(ctx.registered(b), value);
    const std::unordered_set<RegistryKey> keys{a, b, a};
    EXPECT_EQ(keys.size(), 2U);
  });
}

TEST_F(RegistryTest, AnyContextOfTheRuntimeReadsIt) {
  const RegistryKey key = with([](Ctx ctx) { return ctx.register_value(ctx.eval("[1, 2]")); });
  const Context second(runtime);
  second.with([&](Ctx ctx) {
    EXPECT_EQ(ctx.registered<std::vector<int>>(key), (std::vector<int>{1, 2}));
    EXPECT_TRUE(ctx.unregister_value(key));
  });
}

TEST_F(RegistryTest, KeepsItsContext) {
  RegistryKey key;
  {
    const Context second(runtime);
    key = second.with([](Ctx ctx) { return ctx.register_value(ctx.eval("() => 5")); });
  }
  runtime.run_gc();
  with([&](Ctx ctx) { EXPECT_EQ(ctx.registered<Function>(key).call<int>(), 5); });
}

TEST_F(RegistryTest, AnotherRuntimeRefusesIt) {
  const RegistryKey key = with([](Ctx ctx) { return ctx.register_value(Value(ctx, 1)); });
  Runtime other;
  const Context elsewhere(other);
  elsewhere.with([&](Ctx ctx) {
    EXPECT_EQ(ctx.try_registered(key).error().message(), "the registry key is of another runtime");
    EXPECT_FALSE(ctx.try_unregister_value(key));
    EXPECT_THROW((void)ctx.unregister_value(key), Error);
    EXPECT_EQ(ctx.try_registered(RegistryKey()).error().message(), "the registry key is empty");
  });
  with([&](Ctx ctx) { EXPECT_EQ(ctx.registered<int>(key), 1); });
}

TEST_F(RegistryTest, ForeignAndEmptyValuesAreErrors) {
  Runtime other;
  const Context elsewhere(other);
  const Value theirs = elsewhere.with([](Ctx ctx) { return ctx.eval("({})"); });
  with([&](Ctx ctx) {
    EXPECT_FALSE(ctx.try_register_value(theirs));
    EXPECT_FALSE(ctx.try_register_value(Value()));
  });
}

TEST_F(RegistryTest, ATokenForOtherThreads) {
  RegistryKey key = with([](Ctx ctx) { return ctx.register_value(ctx.eval("({ n: 1 })")); });
  std::uint64_t runtime_number = 0;
  std::uint64_t number = 0;
  std::thread([&, key] {
    runtime_number = key.runtime();
    number = key.number();
  }).join();
  key = RegistryKey();
  with([&](Ctx ctx) {
    EXPECT_EQ(ctx.registered<Object>(RegistryKey(runtime_number, number)).get<int>("n"), 1);
  });
}

TEST_F(RegistryTest, ValuesEndWithTheRuntime) {
  RegistryKey key;
  auto watched = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = watched;
  {
    Runtime other;
    const Context elsewhere(other);
    key = elsewhere.with([&](Ctx ctx) {
      ctx.globals().set("f", [held = std::move(watched)] { return *held; });
      return ctx.register_value(ctx.globals().get("f"));
    });
    EXPECT_FALSE(watch.expired());
  }
  EXPECT_TRUE(watch.expired());
  with([&](Ctx ctx) { EXPECT_FALSE(ctx.try_registered(key)); });
}

}  // namespace
}  // namespace quip::test
