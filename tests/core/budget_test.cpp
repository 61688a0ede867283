// Budgets: scripts that are stopped by what they do rather than by the time that it takes.
#include "support/js.hpp"

#include <array>
#include <cstdint>
#include <stop_token>
#include <thread>

namespace quip::test {
namespace {

using namespace std::chrono_literals;

class BudgetTest : public JsTest {
 protected:
  static void expect_stopped(const Result<Value>& result, std::string_view message,
                             std::source_location where = std::source_location::current()) {
    const ::testing::ScopedTrace trace(where.file_name(), static_cast<int>(where.line()), "budget");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::interrupted) << result.error().what();
    EXPECT_EQ(result.error().message(), message);
  }
};

TEST_F(BudgetTest, StopsWhatTakesTooMuch) {
  for (const char* script :
       {"for (;;) {}", "while (true) { try { for (;;) {} } catch {} finally { for (;;) {} } }",
        "(function f() { try { f(); } catch {} f(); })(); for (;;) {}",
        "[3, 2, 1].sort(() => { for (;;) {} })", "/(x+x+)+y/.test('x'.repeat(40))",
        "for (const x of (function* () { for (;;) yield 1; })()) {}", "for (;;) Math.max(1, 2)"}) {
    const Budget budget(runtime, 4);
    expect_stopped(try_eval(script), "stopped by a budget of 4 interrupts");
    EXPECT_EQ(budget.used(), 4U) << script;
    EXPECT_EQ(budget.remaining(), 0U);
    // and so is each later one
    expect_stopped(try_eval("for (;;) {}"), "stopped by a budget of 4 interrupts");
    EXPECT_EQ(budget.used(), 4U);
  }
  expect_eval("let n = 0; for (let i = 0; i < 300000; ++i) ++n; n", "number", "300000");
}

TEST_F(BudgetTest, WhatDoesLessIsNotTouched) {
  const Budget budget(context, 1000);
  EXPECT_EQ(budget.used(), 0U);
  EXPECT_EQ(budget.remaining(), 1000U);
  // a new context asks at once, and then no more for a while
  expect_eval("1 + 1", "number", "2");
  expect_eval("1 + 1", "number", "2");
  EXPECT_LE(budget.used(), 1U);
  expect_eval("let n = 0; for (let i = 0; i < 100000; ++i) ++n; n", "number", "100000");
  // an iteration is a jump or two
  EXPECT_GE(budget.used(), 9U);
  EXPECT_LE(budget.used(), 30U);
  EXPECT_EQ(budget.remaining(), 1000U - budget.used());
}

/// What a script counts until a budget stops it in a runtime of its own.
double counted(std::string_view script, std::uint64_t interrupts) {
  Runtime runtime;
  const Context context(runtime);
  return context.with([&](Ctx ctx) {
    ctx.eval("globalThis.n = 0");
    const Budget budget(ctx, interrupts);
    const Result<Value> result = ctx.try_eval(script);
    EXPECT_FALSE(result);
    EXPECT_EQ(budget.used(), interrupts);
    return ctx.globals().get<double>("n");
  });
}

TEST_F(BudgetTest, TheSameScriptStopsAtTheSamePlace) {
  for (const char* script :
       {"for (;;) ++n", "function f() { ++n; } for (;;) f()",
        "for (;;) { n += [1, 2, 3].map(x => x * 2).filter(x => x > 2).length; }",
        "for (;;) { ++n; JSON.parse(JSON.stringify({a: [n]})); 'abc'.replace(/b+/g, String); }",
        "for (const x of (function* () { for (;;) yield 1; })()) n += x",
        "for (;;) { try { ++n; null.x; } catch { ++n; } }"}) {
    const double first = counted(script, 6);
    EXPECT_GT(first, 1000) << script;
    EXPECT_EQ(counted(script, 6), first) << script;
    const double more = counted(script, 12);
    EXPECT_GT(more, first * 1.5) << script;
    EXPECT_LT(more, first * 3) << script;
  }
}

TEST_F(BudgetTest, OfNothing) {
  expect_eval("1", "number", "1");
  const Budget budget(runtime, 0);
  expect_eval("1 + 1", "number", "2");
  expect_stopped(try_eval("for (;;) {}"), "stopped by a budget of 0 interrupts");
  EXPECT_EQ(budget.used(), 0U);
}

TEST_F(BudgetTest, InEachOther) {
  const Budget outer(runtime, 50);
  {
    const Budget inner(runtime, 10);
    expect_stopped(try_eval("for (;;) {}"), "stopped by a budget of 10 interrupts");
    EXPECT_EQ(inner.used(), 10U);
    EXPECT_EQ(outer.used(), 10U);
  }
  {
    const Budget inner(runtime, 1000);
    expect_stopped(try_eval("for (;;) {}"), "stopped by a budget of 50 interrupts");
    EXPECT_EQ(inner.used(), 40U);
    EXPECT_EQ(outer.used(), 50U);
  }
  {
    const Budget inner(runtime, 1000);
    expect_stopped(try_eval("for (;;) {}"), "stopped by a budget of 50 interrupts");
    EXPECT_EQ(inner.used(), 0U);
  }
}

TEST_F(BudgetTest, WithOtherLimits) {
  {
    const Budget budget(runtime, UINT64_MAX);
    const Deadline deadline(runtime, 5ms);
    expect_stopped(try_eval("for (;;) {}"), "stopped by a deadline of 5 ms");
    EXPECT_GT(budget.used(), 0U);
  }
  {
    const Deadline deadline(runtime, 1h);
    const Budget budget(runtime, 5);
    expect_stopped(try_eval("for (;;) {}"), "stopped by a budget of 5 interrupts");
    EXPECT_FALSE(deadline.expired());
  }
  std::stop_source source;
  source.request_stop();
  const StopScope scope(runtime, source.get_token());
  const Budget budget(runtime, 0);
  expect_stopped(try_eval("for (;;) {}"), "stopped by its stop_token");
  int asked = 0;
  Runtime other;
  other.set_interrupt_handler([&asked] {
    ++asked;
    return false;
  });
  const Budget others(other, 7);
  EXPECT_FALSE(Context(other).with([](Ctx ctx) { return ctx.try_eval("for (;;) {}"); }));
  EXPECT_EQ(asked, 7);
}

TEST_F(BudgetTest, IsOfItsThreadAndRuntime) {
  Runtime other;
  const Context other_context(other);
  const Budget budget(runtime, 5);
  constexpr std::string_view script = "{ let n = 0; for (let i = 0; i < 200000; ++i) ++n; n }";
  EXPECT_EQ(other_context.with([&](Ctx ctx) { return ctx.eval<int>(script); }), 200000);
  std::thread([&] { expect_eval(script, "number", "200000"); }).join();
  EXPECT_EQ(budget.used(), 0U);
  expect_stopped(try_eval(script), "stopped by a budget of 5 interrupts");
}

TEST_F(BudgetTest, StopsJobsAndBeginsNone) {
  eval("globalThis.ran = 0; function next() { ++ran; Promise.resolve().then(next); } next()");
  {
    const Budget budget(runtime, 3);
    const Result<void> result = runtime.try_run();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message(), "stopped by a budget of 3 interrupts");
    const auto ran = eval<double>("ran");
    EXPECT_GT(ran, 1000);
    EXPECT_FALSE(runtime.try_run());
    EXPECT_FALSE(runtime.try_execute_pending_job());
    EXPECT_EQ(eval<double>("ran"), ran);
  }
  eval("next = () => ++ran");
  runtime.run();
}

TEST_F(BudgetTest, StopsModules) {
  with([](Ctx ctx) {
    const Budget budget(ctx, 3);
    const Result<Promise<>> result = ctx.try_eval_module("for (;;) {}", "main");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::interrupted);
    EXPECT_EQ(result.error().message(), "stopped by a budget of 3 interrupts");
  });
  runtime.run();
  expect_eval("1 + 1", "number", "2");
}

TEST_F(BudgetTest, NoScriptCatchesIt) {
  int seen = 0;
  define("seen", [&seen] { ++seen; });
  define("call", [](const Function& function) { return function.call(); });
  const Budget budget(runtime, 3);
  expect_stopped(try_eval("try { call(() => { try { for (;;) {} } catch { seen() } }) } "
                          "catch { seen() } finally { seen() }"),
                 "stopped by a budget of 3 interrupts");
  EXPECT_EQ(seen, 0);
}

TEST_F(BudgetTest, OutlivesItsRuntime) {
  std::optional<Runtime> ended(std::in_place);
  const Budget budget(*ended, 5);
  auto other = std::make_unique<Budget>(*ended, 6);
  ended.reset();
  std::thread([&] { other.reset(); }).join();
  EXPECT_EQ(budget.remaining(), 5U);
  const Runtime moved(std::move(runtime));
  EXPECT_THROW((void)Budget(runtime, 1), RuntimeGone);  // NOLINT: moved from
}

}  // namespace
}  // namespace quip::test
