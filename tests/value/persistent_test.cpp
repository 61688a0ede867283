// Persistent: values that are kept.
#include "support/js.hpp"

#include <thread>
#include <unordered_map>
#include <unordered_set>

namespace quip::test {
namespace {

class PersistentTest : public JsTest {};

TEST_F(PersistentTest, SavesAndRestores) {
  Persistent<Object> kept;
  with([&](Ctx ctx) { kept = Persistent<Object>::save(ctx, ctx.eval<Object>("({ n: 5 })")); });
  runtime.run_gc();
  with([&](Ctx ctx) {
    EXPECT_EQ(kept.restore(ctx).get<int>("n"), 5);
    EXPECT_EQ(kept.restore(ctx), kept.restore(ctx));
  });
}

TEST_F(PersistentTest, BelongsToTheContextThatItIsRestoredIn) {
  const Context second(runtime);
  const auto kept =
      with([](Ctx ctx) { return Persistent<>::save(ctx, ctx.eval("globalThis.o = {}")); });
  second.with([&](Ctx ctx) {
    const Value value = kept.restore(ctx);
    EXPECT_EQ(value.ctx().raw(), ctx.raw());
    EXPECT_TRUE(value.is_object());
  });
}

TEST_F(PersistentTest, EqualityAndHash) {
  with([](Ctx ctx) {
    const auto save = [&](const char* script) { return Persistent<>::save(ctx, ctx.eval(script)); };
    const auto object = save("globalThis.o = {}");
    EXPECT_EQ(object, save("o"));
    EXPECT_EQ(object.hash(), save("o").hash());
    EXPECT_NE(object, save("({})"));
    EXPECT_EQ(save("5"), save("5"));
    EXPECT_NE(save("5"), save("6"));
    EXPECT_EQ(save("1.5"), save("1.5"));
    EXPECT_EQ(save("NaN"), save("NaN"));
    EXPECT_NE(save("true"), save("false"));
    EXPECT_NE(save("null"), save("undefined"));
    EXPECT_EQ(save("5n"), save("5n"));
    EXPECT_NE(save("5n"), save("5"));
    EXPECT_EQ(save("Symbol.iterator"), save("Symbol.iterator"));
    EXPECT_EQ(Persistent<>(), Persistent<>());
    EXPECT_NE(Persistent<>(), save("undefined"));
    std::unordered_map<Persistent<>, int> numbers;
    numbers[object] = 1;
    numbers[save("o")] += 1;
    numbers[save("({})")] = 5;
    EXPECT_EQ(numbers.at(object), 2);
    EXPECT_EQ(numbers.size(), 2U);
  });
}

TEST_F(PersistentTest, AnotherRuntimeRefusesIt) {
  Runtime other;
  const Context elsewhere(other);
  const auto kept = with([](Ctx ctx) { return Persistent<>::save(ctx, ctx.eval("({})")); });
  elsewhere.with([&](Ctx ctx) {
    EXPECT_FALSE(kept.try_restore(ctx));
    EXPECT_THROW((void)kept.restore(ctx), Error);
    EXPECT_NE(Persistent<>::save(ctx, ctx.eval("({})")), kept);
  });
  const Value theirs = elsewhere.with([](Ctx ctx) { return ctx.eval("({})"); });
  with([&](Ctx ctx) {
    EXPECT_FALSE(Persistent<>::try_save(ctx, theirs));
    EXPECT_TRUE(kept.try_restore(ctx));
  });
}

TEST_F(PersistentTest, OutlivesItsRuntime) {
  Persistent<> kept;
  {
    Runtime other;
    const Context elsewhere(other);
    kept = elsewhere.with([](Ctx ctx) { return Persistent<>::save(ctx, ctx.eval("({})")); });
  }
  with([&](Ctx ctx) {
    EXPECT_EQ(kept.try_restore(ctx).error().kind(), ErrorKind::runtime_gone);
    EXPECT_EQ(Persistent<>().try_restore(ctx).error().kind(), ErrorKind::runtime_gone);
    EXPECT_FALSE(Persistent<>::try_save(ctx, Value()));
  });
  EXPECT_EQ(kept, kept);
}

TEST_F(PersistentTest, MovesToAnotherThreadAndEndsThere) {
  auto kept = with([](Ctx ctx) { return Persistent<>::save(ctx, ctx.eval("({})")); });
  std::thread([moved = std::move(kept)]() mutable {
    const Persistent<> here = std::move(moved);
    EXPECT_EQ(here, here);
  }).join();
  runtime.run_gc();
  expect_eval("1", "number", "1");
}

}  // namespace
}  // namespace quip::test
