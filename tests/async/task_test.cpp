// Task: coroutines of C++ that scripts see as promises, on each loop.
#include "loops.hpp"
#include "support/counted.hpp"
#include "support/js.hpp"
#include "support/lifetime.hpp"

#include <chrono>
#include <functional>
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
Task<> forever(Counted, Promise<> never) {
  const Counted local;
  co_await never;
}

class TaskTest : public AsyncTest {
 protected:
  TaskTest() { runtime.set_unhandled_rejection_handler(ignore_unhandled_rejections); }
  template <class T>
  Promise<T> spawn(Task<T> task, std::stop_token token = {}) {
    return context.with([&](Ctx ctx) { return ctx.spawn(std::move(task), std::move(token)); });
  }
  Promise<> never() { return eval<Promise<>>("new Promise(() => {})"); }
  /// The loop, with a runtime that may end meanwhile.
  void run_loop_of_doomed() {
    try {
      loop->run();
    } catch (const RuntimeGone&) {  // out of the runtime's own
    }
  }
};
INSTANTIATE_TEST_SUITE_P(, TaskTest, ::testing::ValuesIn(loop_kinds()), loop_name);

TEST_P(TaskTest, ABoundCoroutineIsAPromise) {
  define("add_later", &add_later);
  define("at_once", &at_once);
  EXPECT_EQ(run("return await add_later(2, 3)").value().as<int>(), 5);
  EXPECT_EQ(run("return await at_once('hi')").value().as<std::string>(), "hi!");
  EXPECT_EQ(run("const both = await Promise.all([add_later(1, 1), at_once('x')]);"
                "return both.join()")
                .value()
                .as<std::string>(),
            "2,x!");
  expect_eval("add_later(1, 2) instanceof Promise", "boolean", "true");
  expect_eval("try { add_later('x', 2) } catch (e) { e.name }", "string", "TypeError");
}

TEST_P(TaskTest, ExceptionsRejectAndComeBackTheSame) {
  define("fails", &fails_later);
  EXPECT_EQ(run("try { await fails() } catch (e) { return e.name + e.message }")
                .value()
                .as<std::string>(),
            "RangeErrortoo far");
  const Promise<> promise = eval<Promise<>>("fails()");
  EXPECT_THROW((void)finish(promise).value(), std::out_of_range);
  // through a script and back, and through C++ that awaits C++
  auto outer = [](Promise<> fails) -> Task<std::string> {
    try {
      co_await fails;
    } catch (const std::out_of_range& error) {
      co_return error.what();
    }
    co_return "nothing was thrown";
  };
  EXPECT_EQ(finish(spawn(outer(start("return await fails()")))).value(), "too far");
  auto child = []() -> Task<std::string> {
    try {
      co_await fails_later();
    } catch (const std::out_of_range& error) {
      co_return error.what();
    }
    co_return "nothing was thrown";
  };
  EXPECT_EQ(finish(spawn(child())).value(), "too far");
}

TEST_P(TaskTest, AwaitsPromises) {
  define("awaits", &awaits_script);
  EXPECT_EQ(run("return await awaits(Promise.resolve(21))").value().as<int>(), 42);
  EXPECT_EQ(run("return await awaits((async () => { await null; return 4 })())").value().as<int>(),
            8);
  EXPECT_EQ(run("const reason = {}; try { await awaits(Promise.reject(reason)) } catch (e) {"
                "return e === reason }")
                .value()
                .as<bool>(),
            true);
  EXPECT_EQ(run("const reason = {}; const p = (async () => { await null; throw reason })();"
                "try { await awaits(p) } catch (e) { return e === reason }")
                .value()
                .as<bool>(),
            true);
  EXPECT_EQ(run("try { await awaits(Promise.resolve('x')) } catch (e) { return e.name }")
                .value()
                .as<std::string>(),
            "TypeError");
}

Task<std::string> as_results(Promise<int> good, Promise<int> bad, Promise<int> wrong) {
  const Result<int> first = co_await good.as_result();
  const Result<int> second = co_await bad.as_result();
  const Result<int> third = co_await std::move(wrong).as_result();
  co_return std::to_string(first.value()) + second.error().name() +
      (third ? "converted" : third.error().name());
}

TEST_P(TaskTest, AwaitsResults) {
  EXPECT_EQ(finish(spawn(as_results(eval<Promise<int>>("(async () => { await null; return 1 })()"),
                                    eval<Promise<int>>("Promise.reject(new RangeError('x'))"),
                                    eval<Promise<int>>("Promise.resolve('text')"))))
                .value(),
            "1RangeErrorTypeError");
}

Task<std::string> outer(Ctx ctx) {
  ctx.globals().set("x", 1);
  const int sum = co_await add_later(1, 2);
  const Promise<int> script = ctx.eval<Promise<int>>("Promise.resolve(39)");
  const int more = co_await script;
  co_return std::to_string(sum + more);
}

TEST_P(TaskTest, TasksAwaitTasks) {
  EXPECT_EQ(finish(with([](Ctx ctx) { return ctx.spawn(outer(ctx)); })).value(), "42");
}

TEST_P(TaskTest, WhatCannotBeAwaited) {
  const auto message = [&](const Promise<int>& promise) {
    auto awaits = [](Promise<int> it) -> Task<std::string> {
      const Result<int> result = co_await it.as_result();
      co_return result ? "awaited" : result.error().message();
    };
    return finish(spawn(awaits(promise))).value();
  };
  Runtime elsewhere;
  const Context there(elsewhere);
  EXPECT_THAT(message(there.with([](Ctx ctx) { return Promise<int>::resolved(ctx, 1); })),
              HasSubstr("of another runtime"));
  EXPECT_NE(message(Promise<int>()), "awaited");
  Promise<int> left_over;
  {
    Runtime gone;
    const Context in(gone);
    left_over = in.with([](Ctx ctx) { return Promise<int>::resolved(ctx, 1); });
  }
  EXPECT_EQ(message(left_over), RuntimeGone().message());
}

TEST_P(TaskTest, EmptyTasks) {
  EXPECT_FALSE(Task<int>());
  with([](Ctx ctx) {
    const Result<Promise<int>> spawned = ctx.try_spawn(Task<int>());
    ASSERT_FALSE(spawned);
    EXPECT_THAT(spawned.error().message(), HasSubstr("without a coroutine"));
  });
  auto awaits = []() -> Task<std::string> {
    try {
      co_await Task<int>();
    } catch (const Error& error) {
      co_return error.message();
    }
    co_return "awaited";
  };
  EXPECT_THAT(finish(spawn(awaits())).value(), HasSubstr("without a coroutine"));
  EXPECT_THROW((void)runtime.run_until(Task<int>()), Error);
}

TEST_P(TaskTest, ATaskThatNeverRanOnlyIsDestroyed) {
  const NoneLeft none_left;
  auto counts = [](Counted) -> Task<int> { co_return 1; };
  {
    Task<int> task = counts(Counted());
    Task<int> moved = std::move(task);
    EXPECT_TRUE(moved);
    moved = counts(Counted());
  }
  // after the runtime's end there is nothing to run it
  std::optional<Runtime> gone(std::in_place);
  const Context in(*gone);
  const Ctx left_over = in.with([](Ctx ctx) { return ctx; });
  gone.reset();
  EXPECT_FALSE(left_over.try_spawn(counts(Counted())));
}

TEST_P(TaskTest, ResultsThatAreNoValues) {
  // a value of another runtime is none here
  Runtime elsewhere;
  const Context there(elsewhere);
  auto gives = [](Value value) -> Task<Value> {
    co_await yield();
    co_return value;
  };
  const Value foreign = there.with([](Ctx ctx) { return ctx.eval("({})"); });
  const Promise<Value> promise = spawn(gives(foreign));
  EXPECT_THAT(finish(promise).error().message(), HasSubstr("runtime"));
  EXPECT_FALSE(finish(spawn(gives(Value()))));
  // a promise as the result is followed, as an async function does
  auto follows = [](Promise<int> other) -> Task<Promise<int>> { co_return other; };
  const Promise<Promise<int>> followed =
      spawn(follows(eval<Promise<int>>("(async () => { await null; return 7 })()")));
  EXPECT_EQ(finish(followed.as<Promise<int>>()).value(), 7);
}

// ---- many
// ----------------------------------------------------------------------------------------

Task<int> depth(int n) {
  if (n == 0) {
    co_await yield();
    co_return 0;
  }
  const int below = co_await depth(n - 1);
  co_return below + 1;
}
Task<int> depth_at_once(int n) {
  if (n == 0) co_return 0;
  const int below = co_await depth_at_once(n - 1);
  co_return below + 1;
}
Task<int> one_at_once() { co_return 1; }
Task<int> many_at_once(int n) {
  int sum = 0;
  for (int i = 0; i < n; ++i) {
    const int one = co_await one_at_once();
    sum += one;
  }
  co_return sum;
}

TEST_P(TaskTest, NeitherDepthNorNumberUsesTheStack) {
  EXPECT_EQ(finish(spawn(depth(very_deep()))).value(), very_deep());
  EXPECT_EQ(finish(spawn(depth_at_once(very_deep()))).value(), very_deep());
  EXPECT_EQ(finish(spawn(many_at_once(very_deep()))).value(), very_deep());
}

TEST_P(TaskTest, ADeepChainEndsWithItsRuntime) {
  std::optional<Runtime> doomed(std::in_place);
  std::optional<Context> in(*doomed);
  in->with([](Ctx ctx) { (void)ctx.spawn(depth(very_deep())); });
  in.reset();
  doomed.reset();
  // a chain that was never begun as a whole, and one that an exception leaves
  EXPECT_TRUE(depth(very_deep()));
}

// ---- the runtime's end --------------------------------------------------------------------------

TEST_P(TaskTest, SuspendedTasksEndWithTheRuntime) {
  const NoneLeft none_left;
  std::optional<Runtime> doomed(std::in_place);
  std::optional<Context> in(*doomed);
  loop->attach(*doomed);
  const Completion<int> never_set;
  auto completes = [](Counted, Completion<int> of) -> Task<int> {
    const Counted local;
    const int got = co_await of;
    co_return got;
  };
  auto parent = [](Counted, Promise<> promise) -> Task<> {
    const Counted local;
    co_await forever(Counted(), promise);
  };
  auto sleeps = [](Counted) -> Task<> { co_await sleep(1h); };
  auto yields = [](Counted) -> Task<> { co_await yield(); };
  auto idles = [](Counted) -> Task<> { co_await idle(); };
  in->with([&](Ctx ctx) {
    const Promise<> pending = ctx.eval<Promise<>>("new Promise(() => {})");
    (void)ctx.spawn(forever(Counted(), pending));
    (void)ctx.spawn(parent(Counted(), pending));
    (void)ctx.spawn(completes(Counted(), never_set));
    (void)ctx.spawn(sleeps(Counted()));
    (void)ctx.spawn(yields(Counted()));
    (void)ctx.spawn(idles(Counted()));
    (void)ctx.spawn(add_later(1, 1));
  });
  in.reset();
  doomed.reset();
  EXPECT_TRUE(never_set.set(1));  // nobody waits any more
  loop->attach(runtime);
}

TEST_P(TaskTest, TheLastSpawnedEndsFirst) {
  std::vector<int> ended;
  struct Notes {
    Notes(std::vector<int>& all, int mine) : list(all), number(mine) {}
    Notes(const Notes&) = delete;
    Notes& operator=(const Notes&) = delete;
    ~Notes() { list.push_back(number); }
    std::vector<int>& list;
    int number;
  };
  auto waits = [](std::vector<int>& list, int number, Promise<> pending) -> Task<> {
    const Notes first(list, number);
    const Notes second(list, number + 1);
    co_await pending;
  };
  std::optional<Runtime> doomed(std::in_place);
  std::optional<Context> in(*doomed);
  in->with([&](Ctx ctx) {
    const Promise<> pending = ctx.eval<Promise<>>("new Promise(() => {})");
    for (int i = 10; i < 40; i += 10) (void)ctx.spawn(waits(ended, i, pending));
  });
  in.reset();
  doomed.reset();
  EXPECT_EQ(ended, (std::vector{31, 30, 21, 20, 11, 10}));
}

TEST_P(TaskTest, FramesThatUseTheRuntimeAsTheyEnd) {
  // its end refuses all that they try
  std::optional<Runtime> doomed(std::in_place);
  std::optional<Context> in(*doomed);
  int refused = 0;
  struct Uses {
    Uses(Ctx in_it, int& count) : ctx(std::move(in_it)), refusals(count) {}
    Uses(const Uses&) = delete;
    Uses& operator=(const Uses&) = delete;
    ~Uses() {
      refusals += !ctx.try_eval("1");
      refusals += !ctx.try_spawn(one_at_once());
      try {
        const Deferred<int> deferred(ctx);
      } catch (const RuntimeGone&) {
        ++refusals;
      }
    }
    Ctx ctx;
    int& refusals;
  };
  auto waits = [](Ctx ctx, int& count, Promise<> pending) -> Task<> {
    const Uses uses(ctx, count);
    co_await pending;
  };
  in->with([&](Ctx ctx) {
    (void)ctx.spawn(waits(ctx, refused, ctx.eval<Promise<>>("new Promise(() => {})")));
  });
  doomed.reset();
  EXPECT_EQ(refused, 3);
}

Task<int> destroys(std::optional<Runtime>& doomed, bool at_once, Counted) {
  if (!at_once) co_await sleep(1ms);
  doomed.reset();
  // it goes on until it waits
  const Counted still;
  try {
    co_await sleep(1ms);
  } catch (const Error&) {
    co_return 2;
  }
  co_return 1;
}

TEST_P(TaskTest, TheRuntimeIsDestroyedInsideOfATask) {
  const NoneLeft none_left;
  for (const bool at_once : {true, false}) {
    std::optional<Runtime> doomed(std::in_place);
    std::optional<Context> in(*doomed);
    loop->attach(*doomed);
    in->with([&](Ctx ctx) {
      (void)ctx.spawn(destroys(doomed, at_once, Counted()));
      (void)ctx.try_spawn(forever(Counted(), Promise<>()));
    });
    if (!at_once) run_loop_of_doomed();
    EXPECT_FALSE(doomed);
    loop->attach(runtime);
  }
}

TEST_P(TaskTest, TheRuntimeIsDestroyedInsideOfAJob) {
  const NoneLeft none_left;
  std::optional<Runtime> doomed(std::in_place);
  std::optional<Context> in(*doomed);
  loop->attach(*doomed);
  in->with([&](Ctx ctx) {
    ctx.globals().set("destroy", [&doomed] { doomed.reset(); });
    (void)ctx.spawn(forever(Counted(), ctx.eval<Promise<>>("new Promise(() => {})")));
    ctx.eval("Promise.resolve().then(destroy).then(() => { throw 1 })");
  });
  run_loop_of_doomed();
  EXPECT_FALSE(doomed);
  loop->attach(runtime);
}

TEST_P(TaskTest, TheRuntimeIsDestroyedInsideOfPostedWork) {
  const NoneLeft none_left;
  std::optional<Runtime> doomed(std::in_place);
  loop->attach(*doomed);
  const Poster poster = doomed->poster();
  EXPECT_TRUE(poster.post([&doomed, counted = Counted()] { doomed.reset(); }));
  EXPECT_TRUE(poster.post([counted = Counted()] { ADD_FAILURE() << "after the runtime's end"; }));
  run_loop_of_doomed();
  EXPECT_FALSE(doomed);
  EXPECT_FALSE(poster.post([counted = Counted()] { ADD_FAILURE(); }));
  loop->attach(runtime);
}

TEST_P(TaskTest, AContextEndsUnderItsTasks) {
  std::optional<Context> other(runtime);
  auto evaluates = [](Ctx ctx) -> Task<int> {
    co_await sleep(1ms);
    const int sum = ctx.eval<int>("1 + 1");
    co_return sum;
  };
  const Promise<int> promise = other->with([&](Ctx ctx) { return ctx.spawn(evaluates(ctx)); });
  other.reset();
  EXPECT_EQ(finish(promise).value(), 2);
}

// ---- stop tokens
// ---------------------------------------------------------------------------------

Task<int> sleeps_long(bool& began) {
  began = true;
  co_await sleep(1h);
  co_return 1;
}

TEST_P(TaskTest, StoppedBeforeItsStart) {
  std::stop_source source;
  source.request_stop();
  bool began = false;
  const Promise<int> promise = spawn(sleeps_long(began), source.get_token());
  EXPECT_EQ(finish(promise).error().name(), "AbortError");
  EXPECT_TRUE(began);  // up to its first wait
  auto waits_for_nothing = []() -> Task<int> { co_return 3; };
  EXPECT_EQ(finish(spawn(waits_for_nothing(), source.get_token())).value(), 3);
}

TEST_P(TaskTest, StoppedWhileItWaits) {
  auto awaits = [](Promise<> promise) -> Task<int> {
    co_await promise;
    co_return 1;
  };
  auto completes = [](Completion<int> of) -> Task<int> {
    const int got = co_await of;
    co_return got;
  };
  auto parent = [](bool& began) -> Task<int> {
    const int below = co_await sleeps_long(began);
    co_return below;
  };
  auto awaits_result = [](Promise<> promise) -> Task<int> {
    const Result<Value> result = co_await promise.as_result();
    if (!result) result.error().raise();
    co_return 1;
  };
  bool began = false;
  const Completion<int> completion;
  std::stop_source source;
  const std::vector<Promise<int>> promises{
      spawn(sleeps_long(began), source.get_token()),
      spawn(awaits(never()), source.get_token()),
      spawn(awaits_result(never()), source.get_token()),
      spawn(completes(completion), source.get_token()),
      spawn(parent(began), source.get_token()),
  };
  runtime.poll();
  for (const Promise<int>& promise : promises) {
    EXPECT_EQ(promise.state(), PromiseState::pending);
  }
  source.request_stop();
  for (const Promise<int>& promise : promises) {
    EXPECT_EQ(finish(promise).error().name(), "AbortError");
  }
  EXPECT_TRUE(completion.set(1));  // what comes too late is not missed
}

TEST_P(TaskTest, StoppedByAnotherThread) {
  bool began = false;
  std::stop_source source;
  const Promise<int> promise = spawn(sleeps_long(began), source.get_token());
  std::thread thread([&source] {
    std::this_thread::sleep_for(3ms);
    source.request_stop();
  });
  EXPECT_EQ(finish(promise).error().name(), "AbortError");
  thread.join();
}

TEST_P(TaskTest, WhatIsStoppedStaysStopped) {
  auto stubborn = [](Promise<> promise, std::string& log) -> Task<int> {
    for (int i = 0; i < 5; ++i) {
      try {
        if (i == 0) co_await sleep(1h);
        if (i == 1) co_await yield();
        if (i == 2) co_await idle();
        if (i == 3) co_await promise;
        if (i == 4) (void)co_await add_later(1, 2);
        log += "-";
      } catch (const Error& error) {
        log += error.name() == "AbortError" ? std::to_string(i) : error.message();
      }
    }
    co_return 5;
  };
  std::stop_source source;
  std::string log;
  const Promise<int> promise = spawn(stubborn(never(), log), source.get_token());
  source.request_stop();
  EXPECT_EQ(finish(promise).value(), 5);
  EXPECT_EQ(log, "01234");
}

TEST_P(TaskTest, StoppedAfterItsEnd) {
  std::stop_source source;
  const Promise<int> promise = spawn(add_later(1, 2), source.get_token());
  EXPECT_EQ(finish(promise).value(), 3);
  source.request_stop();
  loop->run_while([turns = 0]() mutable { return ++turns < 3; });
  EXPECT_EQ(promise.result(), 3);
  // and after that of the runtime
  std::stop_source second;
  {
    Runtime doomed;
    const Context in(doomed);
    bool began = false;
    in.with([&](Ctx ctx) { (void)ctx.spawn(sleeps_long(began), second.get_token()); });
    EXPECT_TRUE(began);
  }
  second.request_stop();
}

TEST_P(TaskTest, TasksSeeTheirToken) {
  auto inner = []() -> Task<bool> {
    const std::stop_token token = co_await this_task::stop_token();
    co_return token.stop_requested();
  };
  auto asks = [](decltype(inner) ask, std::stop_source source) -> Task<std::string> {
    const bool before = co_await ask();
    source.request_stop();
    const bool after = co_await ask();
    co_return std::string(before ? "stopped" : "not yet") + (after ? ", stopped" : ", not yet");
  };
  std::stop_source source;
  EXPECT_EQ(finish(spawn(asks(inner, source), source.get_token())).value(), "not yet, stopped");
  auto without = []() -> Task<bool> {
    const std::stop_token token = co_await this_task::stop_token();
    co_return token.stop_possible();
  };
  EXPECT_FALSE(finish(spawn(without())).value());
}

TEST_P(TaskTest, StoppedByAScriptThatIsAskedByTheWait) {
  // where the engine asks for the promise's constructor, that script stops the task
  std::stop_source source;
  define("stop", [&source] { source.request_stop(); });
  const Promise<> promise = eval<Promise<>>(
      "Object.defineProperty(new Promise(() => {}), 'constructor',"
      "                      {get() { stop(); return Promise }})");
  auto awaits = [](Promise<> it) -> Task<int> {
    co_await it;
    co_return 1;
  };
  const Promise<int> task = spawn(awaits(promise), source.get_token());
  source.request_stop();
  EXPECT_EQ(finish(task).error().name(), "AbortError");
}

// ---- the runtime's own loop ---------------------------------------------------------------------

class OwnLoopTaskTest : public JsTest {};

TEST_F(OwnLoopTaskTest, RunUntil) {
  EXPECT_EQ(runtime.run_until(add_later(20, 22)), 42);
  EXPECT_EQ(runtime.run_until(at_once("x")), "x!");
  EXPECT_THROW(runtime.run_until(fails_later()), std::out_of_range);
}

TEST_F(OwnLoopTaskTest, RunUntilSaysWhatItWaitsFor) {
  const NoneLeft none_left;
  const Promise<> never = eval<Promise<>>("new Promise(() => {})");
  try {
    runtime.run_until(forever(Counted(), never));
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_THAT(error.message(), HasSubstr("the task is pending"));
  }
  // the frame is gone, and with it what it waited for
  EXPECT_EQ(runtime.run_until(add_later(1, 2)), 3);
}

TEST_F(OwnLoopTaskTest, RunUntilInsideOfATask) {
  auto nested = [](Runtime& in) -> Task<int> {
    co_await yield();
    const int inner = in.run_until(add_later(1, 2));
    co_return inner + 1;
  };
  EXPECT_EQ(runtime.run_until(nested(runtime)), 4);
}

TEST_F(OwnLoopTaskTest, RunUntilOfATaskThatDestroysTheRuntime) {
  const NoneLeft none_left;
  for (const bool at_once : {true, false}) {
    auto on_heap = std::make_unique<std::optional<Runtime>>(std::in_place);
    std::optional<Runtime>& doomed = *on_heap;
    EXPECT_THROW((void)doomed->run_until(destroys(doomed, at_once, Counted())), RuntimeGone);
    EXPECT_FALSE(doomed);
  }
}

TEST_F(OwnLoopTaskTest, WhatAJobThrowsLeavesRunUntil) {
  const NoneLeft none_left;
  auto waits = [](Counted) -> Task<> { co_await sleep(5ms); };
  runtime.poster().post([] { throw std::runtime_error("posted"); });
  EXPECT_THROW(runtime.run_until(waits(Counted())), std::runtime_error);
  EXPECT_FALSE(runtime.next_timer());
}

TEST_F(OwnLoopTaskTest, TasksWithoutMemory) {
  // an error, or a result; a task that is not told of its end waits for that of the runtime
  const NoneLeft none_left;
  auto works = [](Ctx ctx, Counted) -> Task<int> {
    const Counted local;
    const int first = co_await add_later(1, 2);
    const Promise<int> script = ctx.eval<Promise<int>>("ready()");
    const int second = co_await script;
    const Deferred<std::string> deferred(ctx);
    deferred.resolve(std::string(200, 'x'));
    const std::string text = co_await deferred.promise();
    co_return first + second + static_cast<int>(text.size());
  };
  int succeeded = 0;
  int failed = 0;
  for (std::int64_t left = 20000; left >= 0; left -= left > 4000 ? 1500 : 40) {
    Runtime short_of;
    const Context in(short_of);
    short_of.set_unhandled_rejection_handler(ignore_unhandled_rejections);
    in.with([](Ctx ctx) {
      ctx.eval("globalThis.ready = async () => { await null; return 4 }; ready()");
    });
    short_of.run_gc();
    short_of.set_memory_limit(static_cast<std::size_t>(short_of.memory_usage().malloc_size + left));
    const Result<Promise<int>> promise =
        in.with([&](Ctx ctx) { return ctx.try_spawn(works(ctx, Counted())); });
    const Result<int> result = promise ? promise->try_finish() : Result<int>(promise.error());
    if (result) {
      EXPECT_EQ(*result, 207);
      ++succeeded;
    } else {
      ++failed;
    }
    short_of.set_memory_limit(0);
    in.with([](Ctx ctx) { EXPECT_EQ(ctx.eval<int>("1 + 1"), 2); });
  }
  EXPECT_GT(succeeded, 0);
  EXPECT_GT(failed, 0);
}

TEST(TaskFrames, DestroyTheirRuntimeWhenTheyEnd) {
  const NoneLeft none_left;
  auto ends = [](AtDestruction, Counted) -> Task<int> { co_return 7; };
  auto waits = [](AtDestruction, Counted, Promise<> never) -> Task<int> {
    const Counted local;
    co_await never;
    co_return 0;
  };
  auto doomed = std::make_unique<Runtime>();
  Task<int> ending = ends(AtDestruction([&] { doomed.reset(); }), Counted());
  EXPECT_EQ(doomed->run_until(std::move(ending)), 7);
  EXPECT_EQ(doomed, nullptr);

  doomed = std::make_unique<Runtime>();
  const Context in(*doomed);
  Promise<> never = in.with([](Ctx ctx) { return ctx.eval<Promise<>>("new Promise(() => {})"); });
  Task<int> stuck = waits(AtDestruction([&] { doomed.reset(); }), Counted(), std::move(never));
  EXPECT_THROW(doomed->run_until(std::move(stuck)), Error);
  EXPECT_EQ(doomed, nullptr);
}

}  // namespace
}  // namespace quip::test
