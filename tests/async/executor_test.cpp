// Executor: what a runtime asks of its loop, and that it asks for no more. The loop of these tests
// notes every call.
#include "support/counted.hpp"
#include "support/js.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace quip::test {
namespace {

using namespace std::chrono_literals;

class NotingLoop final : public Executor {
 public:
  void post(std::function<void()> work) override {
    const std::scoped_lock guard(lock_);
    if (fails) throw std::bad_alloc();
    ++posts;
    works_.push_back(std::move(work));
  }
  void post_after(Clock::duration delay, std::function<void()> work) override {
    EXPECT_EQ(std::this_thread::get_id(), thread_) << "timers are set on the loop's thread";
    EXPECT_GE(delay, Clock::duration::zero());
    const std::scoped_lock guard(lock_);
    if (fails) throw std::bad_alloc();
    ++timer_calls;
    timer_ = std::move(work);
    due_ = delay > 1h ? Clock::time_point::max() : Clock::now() + delay;
  }
  [[nodiscard]] bool owns_thread() const noexcept override {
    return std::this_thread::get_id() == thread_;
  }
  void hold() noexcept override {
    const std::scoped_lock guard(lock_);
    EXPECT_EQ(holds++, 0) << "not nested";
  }
  void release() noexcept override {
    const std::scoped_lock guard(lock_);
    EXPECT_EQ(--holds, 0) << "only after a hold";
  }

  /// Calls what was posted first, or the timer when its time has come; false when there is neither.
  bool turn() {
    std::function<void()> work;
    {
      const std::scoped_lock guard(lock_);
      if (!works_.empty()) {
        work = std::move(works_.front());
        works_.pop_front();
      } else if (timer_ && Clock::now() >= due_) {
        work = std::exchange(timer_, nullptr);
      }
    }
    if (!work) return false;
    ++turns;
    work();
    return true;
  }
  /// As a real loop: until nothing is posted, no timer is set and nobody holds it.
  void run() {
    for (;;) {
      while (turn()) {
      }
      if (!has_timer() && !is_held()) return;
      std::this_thread::sleep_for(100us);
    }
  }
  bool has_timer() const {
    const std::scoped_lock guard(lock_);
    return static_cast<bool>(timer_);
  }
  bool is_held() const {
    const std::scoped_lock guard(lock_);
    return holds > 0;
  }
  std::size_t waiting() const {
    const std::scoped_lock guard(lock_);
    return works_.size();
  }
  /// Another thread is the loop's from here on.
  void take_thread() { thread_ = std::this_thread::get_id(); }

  int posts = 0;
  int timer_calls = 0;
  int turns = 0;
  int holds = 0;
  bool fails = false;

 private:
  mutable std::mutex lock_;
  std::deque<std::function<void()>> works_;
  std::function<void()> timer_;
  Clock::time_point due_;
  std::thread::id thread_ = std::this_thread::get_id();
};

class ExecutorTest : public JsTest {
 protected:
  ExecutorTest() {
    runtime.set_unhandled_rejection_handler(ignore_unhandled_rejections);
    runtime.set_executor(loop);
    loop->run();
    loop->posts = loop->timer_calls = loop->turns = 0;
  }
  std::shared_ptr<NotingLoop> loop = std::make_shared<NotingLoop>();
};

Task<int> sleeps(Clock::duration time, int result) {
  co_await sleep(time);
  co_return result;
}
template <class T>
Task<T> waits(Completion<T> completion) {
  co_return co_await completion;
}

TEST_F(ExecutorTest, NothingIsCalledWhenThereIsNothingToDo) {
  for (int i = 0; i < 5; ++i) {
    eval("1 + 1");
    const Promise<> pending = eval<Promise<>>("new Promise(() => {})");
    EXPECT_EQ(pending.state(), PromiseState::pending);
    runtime.run_gc();
  }
  EXPECT_EQ(loop->posts, 0);
  EXPECT_EQ(loop->timer_calls, 0);
}

TEST_F(ExecutorTest, OnePostForAnyNumberOfJobs) {
  eval("globalThis.n = 0; for (let i = 0; i < 100; ++i) Promise.resolve().then(() => ++n)");
  EXPECT_EQ(loop->posts, 1);
  expect_eval("n", "number", "0");  // never inside of post
  eval("Promise.resolve().then(() => ++n)");
  EXPECT_EQ(loop->posts, 1);
  loop->run();
  expect_eval("n", "number", "101");
  EXPECT_EQ(loop->turns, 1);
  eval("1 + 1");
  EXPECT_EQ(loop->posts, 1);
}

TEST_F(ExecutorTest, OneTimerThatIsReplaced) {
  const auto spawn = [&](Clock::duration time, int result) {
    return with([&](Ctx ctx) { return ctx.spawn(sleeps(time, result)); });
  };
  const Promise<int> late = spawn(12ms, 2);
  EXPECT_EQ(loop->posts, 1);  // to set the timer on its thread
  loop->turn();
  EXPECT_EQ(loop->timer_calls, 1);
  const Promise<int> later = spawn(50ms, 3);
  while (loop->turn()) {
  }
  EXPECT_EQ(loop->timer_calls, 1);  // the first is still the next
  const Promise<int> soon = spawn(3ms, 1);
  while (loop->turn()) {
  }
  EXPECT_EQ(loop->timer_calls, 2);
  loop->turns = 0;
  loop->run();
  EXPECT_EQ(soon.result() + late.result() * 10 + later.result() * 100, 321);
  EXPECT_LE(loop->turns, 6) << "it was woken for nothing";
  EXPECT_FALSE(loop->has_timer());
}

TEST_F(ExecutorTest, ACancelledTimerIsTakenBack) {
  std::stop_source source;
  const Promise<int> promise =
      with([&](Ctx ctx) { return ctx.spawn(sleeps(1h, 1), source.get_token()); });
  loop->turn();
  EXPECT_TRUE(loop->has_timer());
  source.request_stop();
  loop->run();
  EXPECT_EQ(promise.try_result().error().name(), "AbortError");
  EXPECT_FALSE(loop->has_timer());
}

TEST_F(ExecutorTest, HeldWhileOthersAreWaitedFor) {
  EXPECT_FALSE(loop->is_held());
  const Completion<int> first;
  const Completion<int> second;
  const Promise<int> one = with([&](Ctx ctx) { return ctx.spawn(waits(first)); });
  EXPECT_TRUE(loop->is_held());
  std::optional<Deferred<int>> deferred = with([](Ctx ctx) { return Deferred<int>(ctx); });
  const Promise<int> two = with([&](Ctx ctx) { return ctx.spawn(waits(second)); });
  first.set(1);
  while (loop->turn()) {
  }
  EXPECT_EQ(one.result(), 1);
  EXPECT_TRUE(loop->is_held());
  std::thread thread([second, held = std::move(*deferred)] {
    std::this_thread::sleep_for(2ms);
    second.set(2);
  });
  deferred.reset();
  loop->run();
  thread.join();
  loop->run();
  EXPECT_EQ(two.result(), 2);
  EXPECT_FALSE(loop->is_held());
}

TEST_F(ExecutorTest, EveryPostFromAnotherThreadIsHeard) {
  int done = 0;
  const Poster poster = runtime.poster();
  {
    const Deferred<void> holds = with([](Ctx ctx) { return Deferred<void>(ctx); });
    std::thread thread([poster, holds, &done] {
      for (int i = 0; i < 200; ++i) poster.post([&done] { ++done; });
      holds.resolve();
    });
    loop->run();
    thread.join();
  }
  loop->run();
  EXPECT_EQ(done, 200);
  EXPECT_LE(loop->posts, 202);
}

TEST_F(ExecutorTest, IdleIsReached) {
  std::string order;
  auto idles = [](std::string& log) -> Task<> {
    co_await idle();
    log += 'i';
  };
  with([&](Ctx ctx) { (void)ctx.spawn(idles(order)); });
  eval("Promise.resolve().then(() => {})");
  loop->run();
  EXPECT_EQ(order, "i");
  const int turns = loop->turns;
  eval("1");
  EXPECT_FALSE(loop->turn());
  EXPECT_LE(turns, 3);
}

TEST_F(ExecutorTest, ErrorsGoToTheHandlerAndTheRestGoesOn) {
  std::string errors;
  runtime.set_error_handler([&](const Error& error) { errors += error.message() + ";"; });
  int done = 0;
  const Poster poster = runtime.poster();
  poster.post([] { throw std::runtime_error("first"); });
  poster.post([&] { ++done; });
  poster.post([] { throw std::runtime_error("second"); });
  poster.post([&] { ++done; });
  loop->run();
  EXPECT_EQ(errors, "first;second;");
  EXPECT_EQ(done, 2);
}

TEST_F(ExecutorTest, ItsLoopIsTheOnlyOne) {
  eval("Promise.resolve().then(() => {})");
  EXPECT_EQ(runtime.try_run().error().kind(), ErrorKind::usage);
  EXPECT_EQ(runtime.try_run_one().error().kind(), ErrorKind::usage);
  EXPECT_EQ(runtime.try_run_until(Clock::now()).error().kind(), ErrorKind::usage);
  EXPECT_THROW((void)runtime.run_for(1ms), Error);
  EXPECT_THROW((void)runtime.run_until(sleeps(1ms, 1)), Error);
  EXPECT_THROW((void)eval<Promise<>>("new Promise(() => {})").finish(), Error);
  EXPECT_TRUE(runtime.poll());  // that is allowed
  EXPECT_FALSE(runtime.poll());
  loop->run();
  // and given back
  runtime.set_executor(nullptr);
  EXPECT_EQ(runtime.run_until(sleeps(1ms, 5)), 5);
}

TEST_F(ExecutorTest, OneLoopAfterAnother) {
  const Completion<int> completion;
  const Promise<int> slept = with([](Ctx ctx) { return ctx.spawn(sleeps(2ms, 1)); });
  const Promise<int> waited = with([&](Ctx ctx) { return ctx.spawn(waits(completion)); });
  loop->turn();
  eval("globalThis.n = 0; Promise.resolve().then(() => ++n)");
  EXPECT_TRUE(loop->has_timer());
  EXPECT_TRUE(loop->is_held());
  const auto second = std::make_shared<NotingLoop>();
  runtime.set_executor(second);
  EXPECT_FALSE(loop->has_timer());
  EXPECT_FALSE(loop->is_held());
  EXPECT_TRUE(second->is_held());
  runtime.set_executor(second);  // the same
  EXPECT_TRUE(second->is_held());
  while (loop->turn()) {  // what was posted there does nothing
  }
  expect_eval("n", "number", "0");
  completion.set(2);
  second->run();
  EXPECT_EQ(slept.result() + waited.result(), 3);
  expect_eval("n", "number", "1");
  EXPECT_FALSE(second->is_held());
  // the last that knows of it lets go
  runtime.set_executor(nullptr);
  EXPECT_EQ(second.use_count(), 1);
}

TEST_F(ExecutorTest, WhatWasThereBeforeIt) {
  Runtime before;
  const Context in(before);
  int done = 0;
  before.poster().post([&] { ++done; });
  const Promise<int> slept = in.with([](Ctx ctx) { return ctx.spawn(sleeps(1ms, 1)); });
  in.with([](Ctx ctx) { ctx.eval("Promise.resolve().then(() => {})"); });
  const auto driver = std::make_shared<NotingLoop>();
  before.set_executor(driver);
  driver->run();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(slept.result(), 1);
}

TEST_F(ExecutorTest, TheRuntimeEndsBeforeTheLoop) {
  const NoneLeft none_left;
  const auto driver = std::make_shared<NotingLoop>();
  {
    Runtime doomed;
    doomed.set_executor(driver);
    const Context in(doomed);
    in.with([](Ctx ctx) {
      (void)ctx.spawn(sleeps(1h, 1));
      const Deferred<int> deferred(ctx);
      (void)deferred.promise().then([counted = Counted(), deferred](int) {});
    });
    driver->turn();
    doomed.poster().post([counted = Counted()] { ADD_FAILURE(); });
    in.with([](Ctx ctx) { ctx.eval("Promise.resolve().then(() => { throw 1 })"); });
    EXPECT_TRUE(driver->has_timer());
    EXPECT_GT(driver->waiting(), 0U);
  }
  EXPECT_FALSE(driver->has_timer());
  EXPECT_FALSE(driver->is_held());
  while (driver->turn()) {
  }
  // it holds what was posted, and nobody else holds it
  EXPECT_EQ(driver.use_count(), 1);
}

TEST_F(ExecutorTest, TheLoopEndsBeforeTheRuntime) {
  const NoneLeft none_left;
  Runtime survivor;
  const Context in(survivor);
  auto driver = std::make_shared<NotingLoop>();
  survivor.set_executor(driver);
  in.with([](Ctx ctx) { (void)ctx.spawn(sleeps(1ms, 1)); });
  survivor.poster().post([counted = Counted()] {});
  driver.reset();  // the runtime keeps it
  in.with([](Ctx ctx) { ctx.eval("Promise.resolve().then(() => {})"); });
}

TEST_F(ExecutorTest, TheRuntimeIsDestroyedByWhatTheLoopCalls) {
  const NoneLeft none_left;
  for (const bool by_timer : {false, true}) {
    auto driver = std::make_shared<NotingLoop>();
    std::optional<Runtime> doomed(std::in_place);
    doomed->set_executor(driver);
    const Context in(*doomed);
    auto destroys = [](std::optional<Runtime>& runtime_of, Counted) -> Task<> {
      co_await sleep(1ms);
      runtime_of.reset();
    };
    in.with([&](Ctx ctx) {
      (void)ctx.spawn(sleeps(1h, 1));
      if (by_timer) (void)ctx.spawn(destroys(doomed, Counted()));
    });
    if (!by_timer) doomed->poster().post([&doomed, counted = Counted()] { doomed.reset(); });
    driver->run();
    EXPECT_FALSE(doomed);
    EXPECT_FALSE(driver->has_timer());
    EXPECT_EQ(driver.use_count(), 1);
  }
}

TEST_F(ExecutorTest, ALoopThatIsShortOfMemory) {
  runtime.set_error_handler([](const Error&) {});
  const Promise<int> slept = with([](Ctx ctx) { return ctx.spawn(sleeps(1ms, 1)); });
  loop->fails = true;
  eval("globalThis.n = 0; Promise.resolve().then(() => ++n)");
  loop->turn();  // cannot set its timer
  runtime.poster().post([] {});
  loop->fails = false;
  eval("1");  // the next one says it
  loop->run();
  EXPECT_EQ(slept.result(), 1);
  expect_eval("n", "number", "1");
}

TEST_F(ExecutorTest, LongTurnsLetOthersHaveTheirs) {
  // a chain of jobs without an end does not keep the loop
  define("enough", [turns = 0, this]() mutable { return ++turns > 100000 || loop->turns > 3; });
  eval("(async () => { while (!enough()) await null })()");
  loop->run();
  EXPECT_GT(loop->turns, 3);
}

TEST_F(ExecutorTest, OnAnotherThread) {
  std::thread thread([this] {
    loop->take_thread();
    EXPECT_TRUE(loop->owns_thread());
    const Promise<int> promise = with([](Ctx ctx) { return ctx.spawn(sleeps(1ms, 4)); });
    loop->run();
    EXPECT_EQ(promise.result(), 4);
  });
  thread.join();
  EXPECT_FALSE(loop->owns_thread());
  loop->take_thread();
}

}  // namespace
}  // namespace quip::test
