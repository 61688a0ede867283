// The runtime's own loop: run, run_one, run_for, run_until, poll, next_timer.
#include "support/counted.hpp"
#include "support/js.hpp"
#include "support/system.hpp"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace quip::test {
namespace {

using namespace std::chrono_literals;

class LoopTest : public JsTest {
 protected:
  LoopTest() {
    runtime.set_unhandled_rejection_handler(ignore_unhandled_rejections);
    define("log", [this](const std::string& text) { order += text; });
    define("wait", [](int ms) -> Task<> { co_await sleep(std::chrono::milliseconds(ms)); });
  }
  template <class T>
  Promise<T> spawn(Task<T> task) {
    return context.with([&](Ctx ctx) { return ctx.spawn(std::move(task)); });
  }
  void post(char name) {
    runtime.poster().post([this, name] { order += name; });
  }
  std::string order;
};

Task<> logs_after(Clock::duration time, std::string& order, char name) {
  co_await sleep(time);
  order += name;
}

TEST_F(LoopTest, RunEndsWhenNothingIsLeft) {
  runtime.run();
  const Clock::time_point before = Clock::now();
  eval(
      "(async () => { await wait(4); log('a'); await wait(2); log('b') })();"
      "new Promise(() => {})");
  runtime.run();
  EXPECT_EQ(order, "ab");
  EXPECT_GE(Clock::now() - before, 6ms);
}

TEST_F(LoopTest, RunDoesNotSpin) {
  eval("wait(120)");
  const Deferred<int> deferred = with([](Ctx ctx) { return Deferred<int>(ctx); });
  std::thread thread([deferred] {
    std::this_thread::sleep_for(150ms);
    deferred.resolve(1);
  });
  const Usage before = usage_of_thread();
  const Clock::time_point start = Clock::now();
  runtime.run();
  EXPECT_GE(Clock::now() - start, 120ms);
  const Usage after = usage_of_thread();
  EXPECT_LT(after.cpu_ms - before.cpu_ms, 60);
  EXPECT_LE(after.waits - before.waits, 20);
  thread.join();
}

TEST_F(LoopTest, RunOneDoesOneThing) {
  post('a');
  post('b');
  spawn(logs_after(-1ms, order, 't'));
  eval("Promise.resolve().then(() => { log('j'); Promise.resolve().then(() => log('k')) })");
  EXPECT_TRUE(runtime.run_one());
  EXPECT_EQ(order, "jk");  // with what follows from it
  EXPECT_TRUE(runtime.run_one());
  EXPECT_EQ(order, "jka");
  EXPECT_TRUE(runtime.run_one());
  EXPECT_EQ(order, "jkab");
  EXPECT_TRUE(runtime.run_one());
  EXPECT_EQ(order, "jkabt");
  EXPECT_FALSE(runtime.run_one());
}

TEST_F(LoopTest, RunOneWaits) {
  spawn(logs_after(5ms, order, 'a'));
  spawn(logs_after(10ms, order, 'b'));
  EXPECT_TRUE(runtime.run_one());
  EXPECT_EQ(order, "a");
  EXPECT_TRUE(runtime.run_one());
  EXPECT_EQ(order, "ab");
  EXPECT_FALSE(runtime.run_one());
}

TEST_F(LoopTest, RunForAndRunUntil) {
  spawn(logs_after(3ms, order, 'a'));
  spawn(logs_after(300s, order, 'b'));
  const Clock::time_point before = Clock::now();
  EXPECT_TRUE(runtime.run_for(20ms));
  EXPECT_GE(Clock::now() - before, 20ms);
  EXPECT_EQ(order, "a");
  EXPECT_FALSE(runtime.run_for(1ms));
  EXPECT_FALSE(runtime.run_until(Clock::now() - 1s));
  EXPECT_FALSE(runtime.run_for(-1s));
  // a chain of jobs without an end is left at that time
  eval("globalThis.stop = false; (async () => { while (!stop) await null; log('s') })()");
  EXPECT_TRUE(runtime.run_for(5ms));
  eval("stop = true");
  EXPECT_TRUE(runtime.run_for(5ms));
  EXPECT_EQ(order, "as");
}

TEST_F(LoopTest, RunForTheLongestTime) {
  spawn(logs_after(2ms, order, 'a'));
  EXPECT_TRUE(runtime.run_for(Clock::duration::max()));
  spawn(logs_after(2ms, order, 'b'));
  EXPECT_TRUE(runtime.run_until(Clock::time_point::max()));
  EXPECT_EQ(order, "ab");
}

TEST_F(LoopTest, PollNeverWaits) {
  EXPECT_FALSE(runtime.poll());
  spawn(logs_after(50ms, order, 'a'));
  eval("Promise.resolve().then(() => log('j'))");
  post('p');
  const Clock::time_point before = Clock::now();
  EXPECT_TRUE(runtime.poll());
  EXPECT_EQ(order, "jp");
  EXPECT_FALSE(runtime.poll());
  EXPECT_LT(Clock::now() - before, 50ms);
}

TEST_F(LoopTest, PollDoesEachThingOnce) {
  const Poster poster = runtime.poster();
  poster.post([this, poster] {
    order += 'a';
    poster.post([this] { order += 'b'; });
  });
  auto sleeps_again = [](std::string& log) -> Task<> {
    for (int i = 0; i < 3; ++i) {
      co_await sleep(-1ms);
      log += 't';
    }
  };
  spawn(sleeps_again(order));
  EXPECT_TRUE(runtime.poll());
  EXPECT_EQ(order, "at");
  EXPECT_TRUE(runtime.poll());
  EXPECT_EQ(order, "atbt");
  EXPECT_TRUE(runtime.poll());
  EXPECT_EQ(order, "atbtt");
  EXPECT_FALSE(runtime.poll());
}

TEST_F(LoopTest, NextTimer) {
  EXPECT_FALSE(runtime.next_timer());
  const Clock::time_point now = Clock::now();
  spawn(logs_after(20s, order, 'a'));
  const auto first = runtime.next_timer();
  ASSERT_TRUE(first);
  EXPECT_GE(*first, now + 20s);
  spawn(logs_after(1ms, order, 'b'));
  EXPECT_LT(*runtime.next_timer(), *first);
  std::this_thread::sleep_until(*runtime.next_timer());
  EXPECT_TRUE(runtime.poll());
  EXPECT_EQ(order, "b");
  EXPECT_EQ(runtime.next_timer(), first);
}

TEST_F(LoopTest, WhatACallbackThrowsLeavesTheRest) {
  post('a');
  runtime.poster().post([] { throw std::runtime_error("posted"); });
  post('b');
  spawn(logs_after(-1ms, order, 't'));
  EXPECT_THROW(runtime.run(), std::runtime_error);
  EXPECT_EQ(order, "a");
  runtime.poster().post([] { Error::range("again").raise(); });
  EXPECT_EQ(runtime.try_run().error().name(), "RangeError");
  EXPECT_EQ(order, "ab");
  runtime.run();
  EXPECT_EQ(order, "abt");
  // with those that wait for their turn
  auto yields = [](std::string& log, char name) -> Task<> {
    co_await yield();
    log += name;
  };
  order.clear();
  for (const char name : std::string("xyz")) spawn(yields(order, name));
  runtime.poster().post([] { throw std::runtime_error("posted"); });
  EXPECT_FALSE(runtime.try_poll());
  runtime.run();
  EXPECT_EQ(order, "xyz");
}

TEST_F(LoopTest, NestedRuns) {
  define("run", [this] { runtime.run(); });
  define("poll", [this] { return runtime.poll(); });
  spawn(logs_after(1ms, order, 't'));
  eval("Promise.resolve().then(() => { log('a'); run(); log('b') }).then(() => log('c'))");
  runtime.run();
  EXPECT_EQ(order, "atbc");
  order.clear();
  // inside of a callback and of a coroutine
  runtime.poster().post([this] {
    eval("Promise.resolve().then(() => log('1'))");
    runtime.run();
    order += '2';
  });
  auto polls = [](Runtime& in, std::string& log) -> Task<> {
    co_await yield();
    co_await idle();
    while (in.poll()) {
    }
    log += '3';
  };
  spawn(polls(runtime, order));
  runtime.run();
  EXPECT_EQ(order, "132");
  // in a script that waits for its own end it only does what is there
  expect_eval("(async () => { await null; log('x') })(); run(); 1", "number", "1");
  EXPECT_EQ(order, "132x");
}

TEST_F(LoopTest, ANestedRunReachesTheIdle) {
  auto idles = [](std::string& log) -> Task<> {
    co_await idle();
    log += 'i';
  };
  runtime.poster().post([&] {
    spawn(idles(order));
    spawn(logs_after(10s, order, 't'));
    runtime.run_for(20ms);
    order += 'r';
  });
  runtime.run_for(5ms);
  EXPECT_EQ(order, "ir");
}

TEST_F(LoopTest, AnotherThreadGivesItWork) {
  // what it does while the loop sleeps is found at once
  const Deferred<void> holds = with([](Ctx ctx) { return Deferred<void>(ctx); });
  std::thread thread([this, &holds] {
    std::this_thread::sleep_for(5ms);
    context.with([&](Ctx ctx) {
      ctx.eval("Promise.resolve().then(() => log('j'))");
      (void)ctx.spawn(logs_after(2ms, order, 't'));
    });
    std::this_thread::sleep_for(20ms);
    context.with([&](Ctx ctx) {
      ctx.globals().set("seen", ctx.globals().get<int>("n"));
      holds.resolve();
    });
  });
  eval("globalThis.n = 0; (async () => { for (;;) { await wait(3); if (++n > 3) break } })()");
  runtime.run();
  thread.join();
  EXPECT_THAT(order, ::testing::UnorderedElementsAre('j', 't'));
}

TEST_F(LoopTest, AnotherThreadDestroysTheRuntimeWhileItSleeps) {
  const NoneLeft none_left;
  std::optional<Runtime> doomed(std::in_place);
  std::optional<Context> in(*doomed);
  in->with([&](Ctx ctx) {
    ctx.globals().set("destroy", [&doomed, counted = Counted()] { doomed.reset(); });
    (void)ctx.spawn(logs_after(1h, order, 'a'));
  });
  std::thread thread([&in] {
    std::this_thread::sleep_for(5ms);
    in->with([](Ctx ctx) { (void)ctx.try_eval("destroy()"); });
  });
  Runtime* raw = &*doomed;
  EXPECT_FALSE(raw->try_run());
  thread.join();
}

TEST_F(LoopTest, RuntimesThatWereMovedFrom) {
  Runtime moved = std::move(runtime);
  EXPECT_EQ(runtime.try_run().error().message(), RuntimeGone().message());
  EXPECT_FALSE(runtime.try_run_one());
  EXPECT_FALSE(runtime.try_poll());
  EXPECT_FALSE(runtime.try_run_until(Clock::now()));
  EXPECT_THROW((void)runtime.next_timer(), RuntimeGone);
  EXPECT_THROW(runtime.set_executor(nullptr), RuntimeGone);
  EXPECT_THROW(runtime.run_until(logs_after(1ms, order, 'a')), RuntimeGone);
  spawn(logs_after(1ms, order, 'b'));
  moved.run();
  EXPECT_EQ(order, "b");
  // moved while it runs
  moved.poster().post([&] { runtime = std::move(moved); });
  spawn(logs_after(1ms, order, 'c'));
  moved.run();
  EXPECT_EQ(order, "bc");
}

}  // namespace
}  // namespace quip::test
