// sleep, sleep_until, yield and idle: who goes on when, on each loop.
#include "loops.hpp"
#include "support/js.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

using namespace std::chrono_literals;

class WaitTest : public AsyncTest {
 protected:
  WaitTest() { runtime.set_unhandled_rejection_handler(ignore_unhandled_rejections); }
  template <class T>
  Promise<T> spawn(Task<T> task, std::stop_token token = {}) {
    return context.with([&](Ctx ctx) { return ctx.spawn(std::move(task), std::move(token)); });
  }
  std::string order;
};
INSTANTIATE_TEST_SUITE_P(, WaitTest, ::testing::ValuesIn(loop_kinds()), loop_name);

Task<> sleeps(Clock::duration duration, std::string& order, char name) {
  co_await sleep(duration);
  order += name;
}
Task<> sleeps_until(Clock::time_point time, std::string& order, char name) {
  co_await sleep_until(time);
  order += name;
}
Task<> yields(int times, std::string& order, char name) {
  for (int i = 0; i < times; ++i) {
    co_await yield();
    order += name;
  }
}
Task<> idles(std::string& order, char name) {
  co_await idle();
  order += name;
}

TEST_P(WaitTest, SleepersWakeByTheirTime) {
  const Clock::time_point now = Clock::now();
  spawn(sleeps_until(now + 9ms, order, 'c'));
  spawn(sleeps_until(now + 3ms, order, 'a'));
  spawn(sleeps_until(now + 6ms, order, 'b'));
  loop->run();
  EXPECT_EQ(order, "abc");
  EXPECT_GE(Clock::now(), now + 9ms);
}

TEST_P(WaitTest, ThoseOfOneTimeInTheirOrder) {
  const Clock::time_point then = Clock::now() + 2ms;
  for (const char name : std::string("abcdefgh")) spawn(sleeps_until(then, order, name));
  loop->run();
  EXPECT_EQ(order, "abcdefgh");
}

TEST_P(WaitTest, TimesThatAreOver) {
  // never at once, and not for ever
  spawn(sleeps_until(Clock::now() - 1h, order, 'a'));
  spawn(sleeps_until(Clock::time_point::min(), order, 'b'));
  spawn(sleeps(-1h, order, 'c'));
  spawn(sleeps(Clock::duration::min(), order, 'd'));
  spawn(sleeps(0s, order, 'e'));
  EXPECT_EQ(order, "");
  loop->run();
  EXPECT_EQ(order.size(), 5U);
  EXPECT_EQ(order.back(), 'e');
}

TEST_P(WaitTest, TheLongestSleep) {
  std::stop_source source;
  const Promise<void> promise =
      spawn(sleeps(Clock::duration::max(), order, 'a'), source.get_token());
  const Promise<void> until =
      spawn(sleeps_until(Clock::time_point::max(), order, 'b'), source.get_token());
  const Promise<void> other = spawn(sleeps(2ms, order, 'c'));
  EXPECT_TRUE(finish(other));
  EXPECT_EQ(order, "c");
  source.request_stop();
  EXPECT_EQ(finish(promise).error().name(), "AbortError");
  EXPECT_EQ(finish(until).error().name(), "AbortError");
}

TEST_P(WaitTest, ZeroSleepsGiveOthersTheirTurn) {
  auto spins = [](std::string& log, char name) -> Task<> {
    for (int i = 0; i < 3; ++i) {
      co_await sleep(0s);
      log += name;
    }
  };
  spawn(spins(order, 'a'));
  spawn(spins(order, 'b'));
  loop->run();
  EXPECT_EQ(order, "ababab");
}

TEST_P(WaitTest, ManyTimesThatAreOver) {
  // each wake-up makes a timer that is due before all others: none may be passed over, or slow
  auto spins = [](int& count) -> Task<> {
    for (int i = 0; i < 5; ++i) {
      co_await sleep_until(Clock::time_point());
      ++count;
    }
  };
  int count = 0;
  constexpr int tasks = 2000;
  for (int i = 0; i < tasks; ++i) spawn(spins(count));
  loop->run();
  EXPECT_EQ(count, 5 * tasks);
}

TEST_P(WaitTest, YieldersTakeTurns) {
  spawn(yields(3, order, 'a'));
  spawn(yields(3, order, 'b'));
  loop->run();
  EXPECT_EQ(order, "ababab");
}

TEST_P(WaitTest, YieldComesAfterJobs) {
  define("log", [this](const std::string& text) { order += text; });
  spawn(yields(1, order, 'y'));
  eval("(async () => { log('1'); await null; log('2'); await null; log('3') })()");
  loop->run();
  EXPECT_EQ(order, "123y");
}

TEST_P(WaitTest, IdleComesAfterAllThatCanRun) {
  define("log", [this](const std::string& text) { order += text; });
  spawn(idles(order, 'i'));
  spawn(yields(5, order, 'y'));
  spawn(sleeps(-1ms, order, 's'));
  eval("(async () => { for (let i = 0; i < 5; ++i) { await null; log('j') } })()");
  loop->run();
  EXPECT_EQ(order.back(), 'i');
  EXPECT_EQ(order.size(), 12U);
}

TEST_P(WaitTest, IdleDoesNotWaitForTimers) {
  spawn(sleeps(20ms, order, 's'));
  spawn(idles(order, 'i'));
  loop->run();
  EXPECT_EQ(order, "is");
}

TEST_P(WaitTest, IdleAsTheLastOfATask) {
  // something ran in the same round, and nothing else is left
  auto works = [](std::string& log) -> Task<> {
    co_await yield();
    log += 'a';
    co_await idle();
    log += 'b';
    co_await idle();
    log += 'c';
  };
  spawn(works(order));
  eval("Promise.resolve().then(() => {})");
  loop->run();
  EXPECT_EQ(order, "abc");
  eval("Promise.resolve().then(() => {})");
  spawn(idles(order, 'd'));
  loop->run();
  EXPECT_EQ(order, "abcd");
}

TEST_P(WaitTest, SleepAndScriptsTogether) {
  define("wait", [](int ms) -> Task<> { co_await sleep(std::chrono::milliseconds(ms)); });
  EXPECT_EQ(run("const log = [];"
                "await Promise.all([6, 2, 4].map(async ms => { await wait(ms); log.push(ms) }));"
                "return log.join()")
                .value()
                .as<std::string>(),
            "2,4,6");
}

}  // namespace
}  // namespace quip::test
