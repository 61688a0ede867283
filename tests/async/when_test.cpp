// when_all, when_any, with_timeout: several coroutines at once.
#include "async/loops.hpp"
#include "support/counted.hpp"

#include <chrono>
#include <stdexcept>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

namespace quip::test {
namespace {

using namespace std::chrono_literals;

Task<int> after(Clock::duration time, int value) {
  const Counted local;
  co_await sleep(time);
  co_return value;
}
Task<int> fails_after(Clock::duration time) {
  const Counted local;
  co_await sleep(time);
  throw std::out_of_range("too far");
}
Task<> note(std::vector<std::string>& to, std::string text) {
  to.push_back(text + " begins");
  co_await yield();
  to.push_back(text + " ends");
}
Task<int> at_once(int value) { co_return value; }

class WhenTest : public AsyncTest {
 protected:
  template <class T>
  Result<T> await(Task<T> task, std::stop_token token = {}) {
    Promise<T> promise =
        with([&](Ctx ctx) { return ctx.spawn(std::move(task), std::move(token)); });
    return finish(promise);
  }
  const NoneLeft none_left;
};
INSTANTIATE_TEST_SUITE_P(, WhenTest, ::testing::ValuesIn(loop_kinds()), loop_name);

TEST_P(WhenTest, AllOfManyKinds) {
  auto all = [](Promise<int> promise) -> Task<std::string> {
    auto [number, nothing, script, text] = co_await when_all(
        after(2ms, 1), sleep(1ms), promise,
        [](std::string given) -> Task<std::string> { co_return given + "!"; }("text"));
    static_assert(std::is_same_v<decltype(nothing), std::monostate>);
    co_return std::to_string(number) + std::to_string(script) + text;
  };
  EXPECT_EQ(*await(all(eval<Promise<int>>("Promise.resolve(2)"))), "12text!");
}

TEST_P(WhenTest, AllOfNothing) {
  auto none = []() -> Task<bool> {
    const std::tuple<> results = co_await when_all();
    std::vector<Task<int>> tasks;
    const std::vector<int> list = co_await when_all(std::move(tasks));
    co_return list.empty() && results == std::tuple<>();
  };
  EXPECT_TRUE(*await(none()));
}

TEST_P(WhenTest, TheyTakeTurns) {
  std::vector<std::string> seen;
  auto both = [](std::vector<std::string>& to) -> Task<> {
    co_await when_all(note(to, "a"), note(to, "b"));
    to.emplace_back("all");
  };
  EXPECT_TRUE(await(both(seen)));
  EXPECT_EQ(seen, (std::vector<std::string>{"a begins", "b begins", "a ends", "b ends", "all"}));
}

TEST_P(WhenTest, AllOfAList) {
  auto sum = [](int count) -> Task<int> {
    std::vector<Task<int>> tasks;
    for (int i = 0; i < count; ++i) {
      tasks.push_back(i % 2 == 0 ? at_once(i) : after(1us, i));
    }
    const std::vector<int> values = co_await when_all(std::move(tasks));
    int total = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] == static_cast<int>(i)) total += 1;
    }
    co_return total;
  };
  EXPECT_EQ(*await(sum(5)), 5);
  EXPECT_EQ(*await(sum(is_gc_stress() ? 1000 : 100000)), is_gc_stress() ? 1000 : 100000);
  auto nothing = []() -> Task<bool> {
    std::vector<SleepUntil> pauses;
    pauses.push_back(sleep(1ms));
    pauses.push_back(sleep(2ms));
    static_assert(std::is_void_v<detail::AwaitedBy<decltype(when_all(pauses))>>);
    co_await when_all(pauses);
    co_return true;
  };
  EXPECT_TRUE(*await(nothing()));
}

TEST_P(WhenTest, ManyEndAtOnceWithoutDeepRecursion) {
  auto nested = [](auto& self, int depth) -> Task<int> {
    if (depth == 0) co_return 1;
    auto results = co_await when_all(self(self, depth - 1), at_once(0));
    co_return std::get<0>(results) + 1;
  };
  // what ends is not ended by what it ended
  EXPECT_EQ(*await(nested(nested, 500)), 501);
}

TEST_P(WhenTest, TheFirstFailureEndsTheOthers) {
  auto all = []() -> Task<> { co_await when_all(after(1h, 1), fails_after(1ms), after(0ms, 2)); };
  const Result<void> result = await(all());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().name(), "RangeError");
  EXPECT_THROW(std::rethrow_exception(result.error().origin()), std::out_of_range);
  EXPECT_EQ(Counted::live(), 0);
  EXPECT_FALSE(runtime.next_timer());  // nobody waits for the hour
  auto list = []() -> Task<> {
    std::vector<Task<int>> tasks;
    tasks.push_back(after(1h, 1));
    tasks.push_back(fails_after(1ms));
    (void)co_await when_all(std::move(tasks));
  };
  EXPECT_EQ(await(list()).error().message(), "too far");
}

TEST_P(WhenTest, WhatFailsBeforeOthersBegin) {
  std::vector<std::string> seen;
  auto all = [](std::vector<std::string>& to) -> Task<> {
    auto fails = []() -> Task<> {
      throw std::out_of_range("at once");
      co_return;
    };
    co_await when_all(fails(), note(to, "never"));
  };
  EXPECT_EQ(await(all(seen)).error().message(), "at once");
  EXPECT_TRUE(seen.empty());
}

TEST_P(WhenTest, AnyIsTheFirstThatEnds) {
  auto any = [](Promise<void> never) -> Task<std::string> {
    auto [index, value] = co_await when_any(after(1h, 1), never, after(1ms, 3));
    static_assert(std::is_same_v<decltype(value), std::variant<int, std::monostate, int>>);
    co_return std::to_string(index) + ":" + std::to_string(std::get<2>(value));
  };
  EXPECT_EQ(*await(any(eval<Promise<void>>("new Promise(() => {})"))), "2:3");
  EXPECT_EQ(Counted::live(), 0);
  auto of_list = []() -> Task<int> {
    std::vector<Task<int>> tasks;
    tasks.push_back(after(1h, 1));
    tasks.push_back(after(1ms, 5));
    auto [index, value] = co_await when_any(std::move(tasks));
    co_return static_cast<int>(index) * 10 + value;
  };
  EXPECT_EQ(*await(of_list()), 15);
  auto of_pauses = []() -> Task<std::size_t> {
    std::vector<SleepUntil> pauses;
    pauses.push_back(sleep(1h));
    pauses.push_back(sleep(1ms));
    const First<std::monostate> first = co_await when_any(pauses);
    co_return first.index;
  };
  EXPECT_EQ(*await(of_pauses()), 1U);
}

TEST_P(WhenTest, AFailureThatEndsFirstIsTheOutcome) {
  auto any = []() -> Task<> { (void)co_await when_any(after(1h, 1), fails_after(1ms)); };
  EXPECT_EQ(await(any()).error().message(), "too far");
  auto later = []() -> Task<std::size_t> {
    auto first = co_await when_any(after(1ms, 1), fails_after(1h));
    co_return first.index;
  };
  EXPECT_EQ(*await(later()), 0U);
}

TEST_P(WhenTest, AnyOfNothingIsAnError) {
  auto none = []() -> Task<> {
    std::vector<Task<int>> tasks;
    (void)co_await when_any(std::move(tasks));
  };
  EXPECT_EQ(await(none()).error().message(), "when_any of nothing would never end");
  auto empty = []() -> Task<> {
    Task<int> task;
    (void)co_await when_all(std::move(task), at_once(1));
  };
  EXPECT_EQ(await(empty()).error().message(), "a Task without a coroutine cannot run");
}

TEST_P(WhenTest, AStopReachesAllBranches) {
  std::stop_source source;
  std::vector<std::string> seen;
  auto branch = [](std::vector<std::string>& to, std::string name) -> Task<> {
    try {
      co_await sleep(1h);
    } catch (const Error& error) {
      to.push_back(name + error.name());
      throw;
    }
  };
  auto all = [branch](std::vector<std::string>& to) -> Task<> {
    std::string last;
    try {
      co_await when_all(branch(to, "a "), branch(to, "b "), branch(to, "c "));
    } catch (const Error& error) {
      last = error.name();
    }
    to.push_back("parent " + last);
    co_await sleep(1ms);
  };
  auto stops = [](std::stop_source& to) -> Task<> {
    co_await sleep(2ms);
    to.request_stop();
  };
  with([&](Ctx ctx) { (void)ctx.spawn(stops(source)); });
  EXPECT_EQ(await(all(seen), source.get_token()).error().name(), "AbortError");
  EXPECT_EQ(seen, (std::vector<std::string>{"a AbortError", "b AbortError", "c AbortError",
                                            "parent AbortError"}));
}

TEST_P(WhenTest, ABranchThatDoesNotMindAStopIsWaitedFor) {
  std::stop_source source;
  source.request_stop();
  bool did_run = false;
  auto all = [](bool& ran) -> Task<> {
    ran = true;
    co_await when_all(at_once(1), after(1h, 2));
  };
  EXPECT_EQ(await(all(did_run), source.get_token()).error().name(), "AbortError");
  EXPECT_TRUE(did_run);
  std::stop_source later;
  auto stubborn = [&later](int) -> Task<int> {
    later.request_stop();
    try {
      co_await sleep(1h);
    } catch (const Error&) {
    }
    co_return 1;
  };
  auto any = [&stubborn]() -> Task<> {
    Task<int> first = stubborn(1);
    (void)co_await when_any(std::move(first), after(1h, 2));
  };
  EXPECT_EQ(await(any(), later.get_token()).error().name(), "AbortError");
}

TEST_P(WhenTest, BranchesKnowTheToken) {
  std::stop_source source;
  auto knows = []() -> Task<bool> {
    const std::stop_token token = co_await this_task::stop_token();
    co_return token.stop_possible();
  };
  auto any = [knows]() -> Task<bool> {
    auto results = co_await when_all(knows(), knows());
    co_return std::get<0>(results) && std::get<1>(results);
  };
  EXPECT_TRUE(*await(any(), source.get_token()));
}

TEST_P(WhenTest, WhatRunsTheLoopInsideOfABranchIsNotDestroyedUnderItself) {
  auto runs_loop = [](Runtime& in) -> Task<int> {
    const Counted local;
    co_await yield();
    for (int i = 0; i < 5; ++i) (void)in.try_poll();  // the other ends meanwhile
    EXPECT_GT(Counted::live(), 0);
    co_await sleep(1h);
    co_return 1;
  };
  auto any = [runs_loop](Runtime& in) -> Task<std::size_t> {
    auto ends = []() -> Task<int> {
      co_await yield();
      co_await yield();
      co_return 2;
    };
    auto first = co_await when_any(runs_loop(in), ends());
    co_return first.index;
  };
  auto outer = [any](Runtime& in) -> Task<std::size_t> {
    auto pauses = []() -> Task<> {
      for (int i = 0; i < 3; ++i) co_await yield();
    };
    auto first = co_await when_any(any(in), pauses());
    co_return first.index;
  };
  EXPECT_EQ(*await(any(runtime)), 1U);
  EXPECT_TRUE(await(outer(runtime)));
  EXPECT_EQ(Counted::live(), 0);
}

TEST_P(WhenTest, Timeouts) {
  auto in_time = []() -> Task<int> {
    const int value = co_await with_timeout(after(1ms, 4), 1h);
    co_return value;
  };
  EXPECT_EQ(*await(in_time()), 4);
  const Result<int> late = await(with_timeout(after(1h, 4), 1ms));
  EXPECT_EQ(late.error().name(), "TimeoutError");
  EXPECT_EQ(Counted::live(), 0);
  EXPECT_FALSE(runtime.next_timer());
  EXPECT_TRUE(await(with_timeout(sleep(1ms), 1h)));
  EXPECT_EQ(await(with_timeout(fails_after(1ms), 1h)).error().message(), "too far");
  define("slow", [](double ms) { return with_timeout(after(1h, static_cast<int>(ms)), 1ms); });
  EXPECT_EQ(run("try { await slow(1) } catch (e) { return e.name }")->as<std::string>(),
            "TimeoutError");
}

TEST_P(WhenTest, SuspendedBranchesEndWithTheRuntime) {
  Runtime doomed;
  std::optional<Context> in(doomed);
  auto all = []() -> Task<> {
    co_await when_all(after(1h, 1), with_timeout(after(1h, 2), 2h), after(1h, 3));
  };
  in->with([&](Ctx ctx) { (void)ctx.spawn(all()); });
  doomed.poll();
  EXPECT_EQ(Counted::live(), 3);
  in.reset();
}

}  // namespace
}  // namespace quip::test
