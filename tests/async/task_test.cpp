// Task: coroutines of C++ that scripts see as promises.
#include "support/counted.hpp"
#include "support/js.hpp"

#include <chrono>
#include <stdexcept>
#include <thread>

namespace quip::test {
namespace {

using namespace std::chrono_literals;

Task<int> add_later(int a, int b) {
  co_await sleep(1ms);
  co_return a + b;
}
Task<std::string> at_once(std::string text) { co_return text + "!"; }
Task<> fails_later() {
  co_await sleep(1ms);
  throw std::out_of_range("too far");
}
Task<int> awaits_script(Promise<int> promise) {
  const int value = co_await promise;
  co_return value * 2;
}

class TaskTest : public JsTest {
 protected:
  /// Runs an async script to its end.
  Result<Value> run(const std::string& body) {
    const Result<Promise<>> promise =
        with([&](Ctx ctx) { return ctx.try_eval<Promise<>>("(async () => {" + body + "})()"); });
    if (!promise) return promise.error();
    return promise->try_finish();
  }
};

TEST_F(TaskTest, ABoundCoroutineIsAPromise) {
  define("add_later", &add_later);
  define("at_once", &at_once);
  EXPECT_EQ(run("return await add_later(2, 3)").value().as<int>(), 5);
  EXPECT_EQ(run("return await at_once('hi')").value().as<std::string>(), "hi!");
  EXPECT_EQ(run("const both = await Promise.all([add_later(1, 1), at_once('x')]);"
                "return both.join()")
                .value()
                .as<std::string>(),
            "2,x!");
}

TEST_F(TaskTest, ExceptionsRejectAndComeBackTheSame) {
  define("fails", &fails_later);
  EXPECT_EQ(run("try { await fails() } catch (e) { return e.name + e.message }")
                .value()
                .as<std::string>(),
            "RangeErrortoo far");
  const Promise<> promise = eval<Promise<>>("fails()");
  EXPECT_THROW((void)promise.finish(), std::out_of_range);
}

TEST_F(TaskTest, AwaitsPromises) {
  define("awaits", &awaits_script);
  EXPECT_EQ(run("return await awaits(Promise.resolve(21))").value().as<int>(), 42);
  EXPECT_EQ(run("return await awaits((async () => { await null; return 4 })())").value().as<int>(),
            8);
  EXPECT_EQ(run("const reason = {}; try { await awaits(Promise.reject(reason)) } catch (e) {"
                "return e === reason }")
                .value()
                .as<bool>(),
            true);
}

Task<std::string> outer(Ctx ctx) {
  ctx.globals().set("x", 1);
  const int sum = co_await add_later(1, 2);
  const Promise<int> script = ctx.eval<Promise<int>>("Promise.resolve(39)");
  const int more = co_await script;
  co_return std::to_string(sum + more);
}

TEST_F(TaskTest, TasksAwaitTasks) {
  const Promise<std::string> promise = with([](Ctx ctx) { return ctx.spawn(outer(ctx)); });
  EXPECT_EQ(promise.finish(), "42");
}

TEST_F(TaskTest, RunUntil) {
  EXPECT_EQ(runtime.run_until(add_later(20, 22)), 42);
  EXPECT_THROW(runtime.run_until(fails_later()), std::out_of_range);
}

TEST_F(TaskTest, SuspendedTasksEndWithTheRuntime) {
  const NoneLeft none_left;
  std::optional<Runtime> doomed(std::in_place);
  std::optional<Context> in(*doomed);
  auto forever = [](Counted, Promise<> never) -> Task<> {
    const Counted local;
    co_await never;
  };
  in->with([&](Ctx ctx) {
    (void)ctx.spawn(forever(Counted(), ctx.eval<Promise<>>("new Promise(() => {})")));
    (void)ctx.spawn(add_later(1, 1));
  });
  in.reset();
  doomed.reset();
}

TEST_F(TaskTest, Completions) {
  const Completion<int> answer;
  auto wait = [](Completion<int> of) -> Task<int> {
    const int got = co_await of;
    co_return got;
  };
  const Promise<int> promise = with([&](Ctx ctx) { return ctx.spawn(wait(answer)); });
  std::thread thread([answer] {
    std::this_thread::sleep_for(5ms);
    answer.set(7);
  });
  EXPECT_EQ(promise.finish(), 7);
  thread.join();
}

TEST_F(TaskTest, DeferredFromAThread) {
  std::thread thread;
  const Promise<int> promise = with([&](Ctx ctx) {
    Deferred<int> deferred(ctx);
    thread = std::thread([deferred] {
      std::this_thread::sleep_for(5ms);
      deferred.resolve(9);
    });
    return deferred.promise();
  });
  EXPECT_EQ(promise.finish(), 9);
  thread.join();
}

TEST_F(TaskTest, StopTokens) {
  std::stop_source source;
  auto sleeper = []() -> Task<int> {
    co_await sleep(1h);
    co_return 1;
  };
  const Promise<int> promise =
      with([&](Ctx ctx) { return ctx.spawn(sleeper(), source.get_token()); });
  runtime.poll();
  EXPECT_EQ(promise.state(), PromiseState::pending);
  source.request_stop();
  EXPECT_EQ(promise.try_finish().error().name(), "AbortError");
}

}  // namespace
}  // namespace quip::test
