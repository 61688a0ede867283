#include "web_fixture.hpp"
#include <quip/web/timers.hpp>

#include <chrono>
#include <memory>

namespace quip::test {
namespace {

class TimersTest : public WebTest {};

TEST_F(TimersTest, TimersRunByTheirTime) {
  eval(R"(
    setTimeout(() => log.push('c'), 90);
    setTimeout(() => log.push('b'), 30);
    setTimeout((...list) => log.push('a', ...list), 1, 'x', 2);
    setTimeout(() => log.push('a2'), 1);
    setTimeout(() => log.push('none'));
    log.push('first');
  )");
  runtime.run();
  EXPECT_EQ(take_log(), "first a x 2 a2 none b c");
}

TEST_F(TimersTest, JobsRunBehindEachCallback) {
  eval(R"(
    setTimeout(() => { log.push('a'); Promise.resolve().then(() => log.push('job of a')) }, 1);
    setTimeout(() => log.push('b'), 1);
    Promise.resolve().then(() => log.push('job'));
    queueMicrotask(() => log.push('microtask'));
  )");
  runtime.run();
  EXPECT_EQ(take_log(), "job microtask a job of a b");
}

TEST_F(TimersTest, TimersAreCleared) {
  eval(R"(
    const id = setTimeout(() => log.push('never'), 1);
    clearTimeout(id); clearTimeout(id); clearTimeout(); clearTimeout(null); clearTimeout({});
    clearTimeout(Symbol()); clearTimeout(1n); clearTimeout(-1); clearTimeout('x');
    clearTimeout(NaN); clearTimeout(1e300);
    clearInterval(setTimeout(() => log.push('never'), 1));
    clearTimeout(String(setTimeout(() => log.push('never'), 1)));
    clearImmediate(setImmediate(() => log.push('never')));
    setTimeout(() => clearTimeout(other), 1);
    const other = setTimeout(() => log.push('never'), 1);
    log.push(typeof id);
  )");
  runtime.run();
  EXPECT_EQ(take_log(), "number");
}

TEST_F(TimersTest, AnIntervalRunsUntilItIsCleared) {
  eval(R"(
    let count = 0;
    const id = setInterval(word => { log.push(word, ++count); if (count === 3) clearInterval(id) },
                           1, 'tick');
    const once = setInterval(() => { clearInterval(once); log.push('once') }, 1);
    let throws = 0;
    const failing = setInterval(() => {
      if (++throws === 2) clearInterval(failing);
      throw new Error('tick ' + throws);
    }, 1);
  )");
  runtime.run();
  EXPECT_EQ(eval<int>("count"), 3);
  EXPECT_EQ(eval<int>("log.filter(word => word === 'once').length"), 1);
  EXPECT_EQ(errors, (std::vector<std::string>{"tick 1", "tick 2"}));
}

TEST_F(TimersTest, ImmediatesComeFirst) {
  eval(R"(
    setTimeout(() => log.push('timer'), 20);
    setImmediate(value => {
      log.push('immediate', value);
      setImmediate(() => log.push('next'));
      Promise.resolve().then(() => log.push('job'));
    }, 1);
    setImmediate(() => log.push('second'));
  )");
  runtime.run();
  EXPECT_EQ(take_log(), "immediate 1 job second next timer");
}

TEST_F(TimersTest, WhatACallbackThrowsIsReported) {
  eval("setTimeout(() => { throw new Error('lost') }, 1); setTimeout(() => log.push('still'), 2)");
  runtime.run();
  EXPECT_EQ(take_log(), "still");
  EXPECT_EQ(errors, std::vector<std::string>{"lost"});
}

TEST_F(TimersTest, ACallbackThatIsStoppedEndsTheRun) {
  eval("setInterval(() => { for (;;) {} }, 1)");
  runtime.set_interrupt_handler([] { return true; });
  const Result<void> ran = runtime.try_run();
  runtime.set_interrupt_handler({});
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().kind(), ErrorKind::interrupted);
  EXPECT_TRUE(errors.empty());
  runtime.run();  // it does not repeat
}

TEST_F(TimersTest, ThisIsTheGlobalObject) {
  eval("setTimeout(function () { 'use strict'; log.push(this === globalThis) })");
  runtime.run();
  EXPECT_EQ(take_log(), "true");
}

TEST_F(TimersTest, WhatIsNoTimer) {
  for (const char* script :
       {"setTimeout()", "setTimeout('code')", "setTimeout({}, 1)", "setInterval(null)",
        "setImmediate()", "setTimeout(() => {}, Symbol())", "queueMicrotask()",
        "queueMicrotask(5)"}) {
    EXPECT_EQ(show(try_eval(script)).text.substr(0, 9), "TypeError") << script;
  }
  expect_eval("setTimeout(() => {}, {valueOf() { throw new RangeError('delay') }})", "throws",
              "RangeError: delay");
  expect_eval(
      "[setTimeout.length, setTimeout.name, clearTimeout.length, queueMicrotask.length].join()",
      "string", "1,setTimeout,0,1");
}

TEST_F(TimersTest, OddDelaysAreShort) {
  eval(
      "for (const delay of [-5, NaN, Infinity, 2 ** 31, 'x', null, undefined, 0.5, '1'])"
      "  setTimeout(() => log.push(String(delay)), delay);");
  const auto begin = std::chrono::steady_clock::now();
  runtime.run();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
  EXPECT_EQ(eval<int>("log.length"), 9);
}

TEST_F(TimersTest, ATimerMayOutliveEverything) {
  {
    Runtime other;
    Context inner(other);
    inner.with([](Ctx ctx) {
      web::install(ctx, {.console = false});
      ctx.eval("setInterval(() => {}, 1000); setTimeout(() => globalThis, 1000)");
    });
  }
  auto ended = std::make_unique<Runtime>();
  const Context inner(*ended);
  inner.with([&](Ctx ctx) {
    web::install(ctx, {.console = false});
    ctx.globals().set("end", [&] { ended.reset(); });
    ctx.eval("setInterval(end, 1)");
  });
  (void)ended->try_run();
  EXPECT_EQ(ended, nullptr);
}

}  // namespace
}  // namespace quip::test
