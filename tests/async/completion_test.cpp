// Completion: what is no promise but calls back, awaited by coroutines, on each loop.
#include "loops.hpp"
#include "support/counted.hpp"
#include "support/js.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

template <class T>
Task<T> wait_for(Completion<T> completion) {
  co_return co_await completion;
}

class CompletionTest : public AsyncTest {
 protected:
  CompletionTest() { runtime.set_unhandled_rejection_handler(ignore_unhandled_rejections); }
  template <class T>
  Promise<T> spawn(Task<T> task) {
    return context.with([&](Ctx ctx) { return ctx.spawn(std::move(task)); });
  }
};
INSTANTIATE_TEST_SUITE_P(, CompletionTest, ::testing::ValuesIn(loop_kinds()), loop_name);

TEST_P(CompletionTest, SetBeforeItIsAwaited) {
  const Completion<int> answer;
  EXPECT_FALSE(answer.is_complete());
  EXPECT_TRUE(answer.set(7));
  EXPECT_TRUE(answer.is_complete());
  EXPECT_FALSE(answer.set(8));
  EXPECT_FALSE(answer.fail(Error::type("no")));
  EXPECT_EQ(finish(spawn(wait_for(answer))).value(), 7);
  const Completion<> nothing;
  EXPECT_TRUE(nothing.set());
  EXPECT_TRUE(finish(spawn(wait_for(nothing))));
}

TEST_P(CompletionTest, SetWhileItIsAwaited) {
  const Completion<std::string> answer;
  const Promise<std::string> promise = spawn(wait_for(answer));
  EXPECT_TRUE(answer.set("text"));
  EXPECT_EQ(promise.state(), PromiseState::pending);  // never inside of `set`
  EXPECT_EQ(finish(promise).value(), "text");
}

TEST_P(CompletionTest, SetByAnotherThread) {
  const Completion<int> answer;
  const Completion<> nothing;
  const Completion<int> failed;
  const Completion<int> error;
  const Promise<int> first = spawn(wait_for(answer));
  const Promise<void> second = spawn(wait_for(nothing));
  const Promise<int> third = spawn(wait_for(failed));
  const Promise<int> fourth = spawn(wait_for(error));
  std::thread thread([=] {
    std::this_thread::sleep_for(3ms);
    answer.set(7);
    nothing.set();
    failed.fail(std::make_exception_ptr(std::out_of_range("far")));
    error.fail(Error::range("no"));
  });
  EXPECT_EQ(finish(first).value(), 7);
  EXPECT_TRUE(finish(second));
  EXPECT_THROW((void)finish(third).value(), std::out_of_range);
  EXPECT_EQ(show(finish(fourth)).text, "RangeError: no");
  thread.join();
}

TEST_P(CompletionTest, EightThreads) {
  constexpr int each = 50;
  std::vector<Completion<int>> all(std::size_t{8} * each);
  std::vector<Promise<int>> promises;
  promises.reserve(all.size());
  for (const Completion<int>& one : all) promises.push_back(spawn(wait_for(one)));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 8; ++i) {
    threads.emplace_back([&all, i] {
      // each is completed by two of them
      for (std::size_t k = 0; k < each; ++k) {
        all[i * each + k].set(1);
        all[(i * each + each + k) % all.size()].set(1);
      }
    });
  }
  int sum = 0;
  for (const Promise<int>& promise : promises) sum += finish(promise).value();
  EXPECT_EQ(sum, 8 * each);
  for (std::thread& thread : threads) thread.join();
}

TEST_P(CompletionTest, OneCoroutineAwaitsIt) {
  const Completion<int> answer;
  const Promise<int> first = spawn(wait_for(answer));
  const Promise<int> second = spawn(wait_for(answer));
  EXPECT_THAT(finish(second).error().message(), HasSubstr("awaits this Completion already"));
  answer.set(1);
  EXPECT_EQ(finish(first).value(), 1);
}

TEST_P(CompletionTest, ValuesThatOnlyMove) {
  const Completion<std::unique_ptr<int>> owner;
  auto takes = [](Completion<std::unique_ptr<int>> of) -> Task<int> {
    const std::unique_ptr<int> owned = co_await of;
    co_return *owned;
  };
  const Promise<int> promise = spawn(takes(owner));
  EXPECT_TRUE(owner.set(std::make_unique<int>(5)));
  EXPECT_EQ(finish(promise).value(), 5);
}

TEST_P(CompletionTest, WhatThrowsAsItIsSet) {
  struct Throws {
    Throws() = default;
    Throws(const Throws&) { throw std::runtime_error("copied"); }
    Throws(Throws&&) noexcept = default;
    Throws& operator=(const Throws&) = default;
  };
  const Completion<Throws> answer;
  const Throws value;
  EXPECT_THROW((void)answer.set(value), std::runtime_error);
  EXPECT_FALSE(answer.is_complete());
  EXPECT_TRUE(answer.set(Throws()));
}

TEST_P(CompletionTest, TheFrameGoesBeforeItIsSet) {
  const NoneLeft none_left;
  auto waits = [](Completion<int> of, Counted) -> Task<int> {
    const int got = co_await of;
    co_return got;
  };
  const Completion<int> answer;
  {
    Runtime doomed;
    const Context in(doomed);
    in.with([&](Ctx ctx) { (void)ctx.spawn(waits(answer, Counted())); });
  }
  EXPECT_TRUE(answer.set(1));
  // set, and destroyed before the loop has come to it
  const Completion<int> second;
  {
    Runtime doomed;
    const Context in(doomed);
    in.with([&](Ctx ctx) { (void)ctx.spawn(waits(second, Counted())); });
    second.set(1);
  }
  // set by one thread while another ends the runtime
  for (int round = 0; round < 50; ++round) {
    const Completion<int> third;
    std::optional<Runtime> doomed(std::in_place);
    const Context in(*doomed);
    in.with([&](Ctx ctx) { (void)ctx.spawn(waits(third, Counted())); });
    std::thread thread([third] { third.set(1); });
    doomed.reset();
    thread.join();
  }
}

TEST_P(CompletionTest, StoppedAndSetAtOnce) {
  std::stop_source source;
  const Completion<int> answer;
  const Promise<int> promise =
      with([&](Ctx ctx) { return ctx.spawn(wait_for(answer), source.get_token()); });
  answer.set(3);
  source.request_stop();
  EXPECT_EQ(finish(promise).value(), 3);  // it came first
}

TEST_P(CompletionTest, TheLoopWaitsForIt) {
  const Completion<int> answer;
  const Promise<int> promise = spawn(wait_for(answer));
  std::thread thread([answer] {
    std::this_thread::sleep_for(5ms);
    answer.set(1);
  });
  loop->run();  // ends by itself, when nothing is left
  EXPECT_EQ(promise.state(), PromiseState::fulfilled);
  thread.join();
}

}  // namespace
}  // namespace quip::test
