// quip::with: several contexts at once.
#include "support/js.hpp"

namespace quip::test {
namespace {

class WithTest : public ::testing::Test {
 protected:
  Runtime runtime;
  Context first{runtime};
  Context second{runtime};
};

TEST_F(WithTest, GivesACtxForEach) {
  const int sum = quip::with(first, second, [](Ctx a, Ctx b) {
    a.eval("globalThis.x = 1");
    b.eval("globalThis.x = 2");
    return a.eval<int>("x") + 10 * b.eval<int>("x");
  });
  EXPECT_EQ(sum, 21);
}

TEST_F(WithTest, ValuesTravel) {
  const Context third = Context::custom<intrinsic::Eval>(runtime);
  quip::with(first, second, third, [](Ctx a, Ctx b, Ctx c) {
    const Object shared =
        a.eval<Object>("globalThis.shared = { n: 1, bump() { return ++this.n } }");
    b.globals().set("theirs", shared);
    c.globals().set("theirs", shared);
    EXPECT_EQ(b.eval<int>("theirs.bump()"), 2);
    EXPECT_EQ(c.eval<int>("theirs.bump()"), 3);
    EXPECT_EQ(a.eval<int>("shared.n"), 3);
    EXPECT_FALSE(b.eval<bool>("theirs instanceof Object"));
  });
}

TEST_F(WithTest, OneContextAndTheSameTwice) {
  EXPECT_EQ(quip::with(first, [](Ctx ctx) { return ctx.eval<int>("1"); }), 1);
  EXPECT_TRUE(quip::with(first, first, [](Ctx a, Ctx b) { return a.raw() == b.raw(); }));
}

TEST_F(WithTest, PassesReferencesAndMoveOnlyResults) {
  int n = 0;
  int& same = quip::with(first, second, [&](Ctx, Ctx) -> int& { return n; });
  EXPECT_EQ(&same, &n);
  const auto made = quip::with(first, second, [](Ctx, Ctx) { return std::make_unique<int>(5); });
  EXPECT_EQ(*made, 5);
}

TEST_F(WithTest, Nests) {
  const int n = first.with(
      [&](Ctx) { return quip::with(second, first, [](Ctx, Ctx b) { return b.eval<int>("7"); }); });
  EXPECT_EQ(n, 7);
}

TEST_F(WithTest, DifferentRuntimesAreAnError) {
  Runtime other;
  const Context elsewhere(other);
  bool is_called = false;
  try {
    quip::with(first, elsewhere, [&](Ctx, Ctx) { is_called = true; });
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(),
              "the contexts are of different runtimes: one thread uses one at a time");
  }
  EXPECT_FALSE(is_called);
  EXPECT_EQ(first.with([](Ctx ctx) { return ctx.eval<int>("1"); }), 1);
}

TEST_F(WithTest, EmptyAndDeadContextsAreErrors) {
  Context dead(runtime);
  {
    Runtime other;
    dead = Context(other);
  }
  EXPECT_THROW(quip::with(first, dead, [](Ctx, Ctx) {}), RuntimeGone);
  EXPECT_THROW(quip::with(dead, first, [](Ctx, Ctx) {}), RuntimeGone);
  const Context moved = std::move(second);
  EXPECT_THROW(quip::with(first, second, [](Ctx, Ctx) {}), RuntimeGone);  // NOLINT
}

TEST_F(WithTest, WhatTheFunctionThrowsComesOut) {
  EXPECT_THROW(quip::with(first, second, [](Ctx, Ctx) { throw std::logic_error("x"); }),
               std::logic_error);
  EXPECT_THROW(quip::with(first, second, [](Ctx, Ctx b) { b.eval("throw new Error('x')"); }),
               Error);
}

}  // namespace
}  // namespace quip::test
