// The tests of asio.hpp and boost_asio.hpp, which are the same: a file of tests includes one of
// those, says what `net` is and names the fixture (QUIP_ASIO_TEST), then includes this.
#include "support/counted.hpp"
#include "support/js.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace quip::test {
namespace {

using namespace std::chrono_literals;

net::awaitable<int> add_later(int a, int b) {
  net::steady_timer timer(co_await net::this_coro::executor, 1ms);
  co_await timer.async_wait(net::use_awaitable);
  co_return a + b;
}
net::awaitable<std::string> at_once(std::string text) { co_return text + "!"; }
net::awaitable<void> fails_later() {
  net::steady_timer timer(co_await net::this_coro::executor, 1ms);
  co_await timer.async_wait(net::use_awaitable);
  throw std::out_of_range("too far");
}
net::awaitable<void> waits_for_ever(std::shared_ptr<Counted> counted) {
  const Counted local(*counted);
  net::steady_timer timer(co_await net::this_coro::executor, 1h);
  co_await timer.async_wait(net::use_awaitable);
}

/// What a coroutine or an operation came to.
struct Ended {
  std::exception_ptr failure;
  int count = 0;
  /// A completion handler.
  auto note() {
    return [this](std::exception_ptr exception) {
      failure = std::move(exception);
      ++count;
    };
  }
  template <class T>
  auto note(std::optional<T>& value) {
    return [this, &value](std::exception_ptr exception, T given) {
      failure = std::move(exception);
      value = std::move(given);
      ++count;
    };
  }
  template <class E>
  [[nodiscard]] bool is() const {
    try {
      if (failure != nullptr) std::rethrow_exception(failure);
    } catch (const E&) {
      return true;
    } catch (...) {
      return false;
    }
    return false;
  }
};

/// A loop, and in it a runtime.
class QUIP_ASIO_TEST : public ::testing::Test {
 protected:
  QUIP_ASIO_TEST() : io(std::in_place), runtime(std::in_place), context(std::in_place, *runtime) {
    runtime->set_executor(asio_executor(*io));
    define("addLater", &add_later);
    define("atOnce", &at_once);
    define("fails", &fails_later);
  }
  template <class T>
  void define(std::string_view name, T&& value) {
    context->with([&](Ctx ctx) { ctx.globals().set(name, std::forward<T>(value)); });
  }
  template <class T = Value>
  T eval(std::string_view script) {
    return context->with([&](Ctx ctx) { return ctx.eval<T>(script); });
  }
  /// Runs an async script, and the loop to its end.
  Result<Value> run(const std::string& body) {
    const auto promise = eval<Promise<>>("(async () => {" + body + "})()");
    promise.mark_handled();
    run();
    return promise.try_result();
  }
  void run() {
    io->restart();
    io->run();
  }
  /// The runtime goes; with it what is `held`, and what scripts own.
  void end_runtime() {
    context.reset();
    runtime.reset();
  }

  std::optional<net::io_context> io;
  std::optional<Runtime> runtime;
  std::optional<Context> context;
};

// ---- the executor ------------------------------------------------------------------------------

TEST_F(QUIP_ASIO_TEST, TheLoopEndsWhenTheRuntimeWaitsForNothing) {
  int steps = 0;
  auto task = [](int& count) -> Task<> {
    co_await sleep(1ms);
    ++count;
    co_await sleep(1ms);
    ++count;
  };
  context->with([&](Ctx ctx) { (void)ctx.spawn(task(steps)); });
  (void)eval<Promise<void>>("new Promise(() => {})");  // nothing that settles it
  run();
  EXPECT_EQ(steps, 2);
  EXPECT_TRUE(io->stopped());
}

TEST_F(QUIP_ASIO_TEST, TheRuntimesOwnLoopIsRefused) { EXPECT_FALSE(runtime->try_run()); }

TEST_F(QUIP_ASIO_TEST, AnotherThreadsResultIsWaitedFor) {
  std::thread thread;
  define("fromThread", [&thread](Ctx ctx) {
    const Deferred<int> deferred(ctx);
    thread = std::thread([deferred] {
      std::this_thread::sleep_for(5ms);
      deferred.resolve(7);
    });
    return deferred.promise();
  });
  EXPECT_EQ(run("return await fromThread()").value().as<int>(), 7);
  thread.join();
}

TEST_F(QUIP_ASIO_TEST, ATimerReplacesTheOneBefore) {
  net::io_context other;
  const std::shared_ptr<Executor> executor = asio_executor(other);
  std::string order;
  executor->post_after(1ms, [&] { order += "replaced "; });
  executor->post_after(2ms, [&] { order += "last "; });
  executor->post([&] { order += executor->owns_thread() ? "inside " : "outside "; });
  EXPECT_FALSE(executor->owns_thread());
  other.run();
  EXPECT_EQ(order, "inside last ");
  executor->post_after(1h, [&] { order += "never "; });
  executor->post_after({}, nullptr);
  other.restart();
  other.run();
  EXPECT_EQ(order, "inside last ");
}

TEST_F(QUIP_ASIO_TEST, ATimerThatIsDueIsReplacedToo) {
  net::io_context other;
  const std::shared_ptr<Executor> executor = asio_executor(other);
  std::string order;
  executor->post_after({}, [&] { order += "replaced "; });
  executor->post([&] {
    std::this_thread::sleep_for(2ms);
    executor->post_after({}, [&] { order += "last "; });
  });
  other.run();
  EXPECT_TRUE(order == "last " || order == "replaced last ") << order;
}

TEST_F(QUIP_ASIO_TEST, HoldKeepsTheLoopRunning) {
  net::io_context other;
  const std::shared_ptr<Executor> executor = asio_executor(other);
  executor->hold();
  EXPECT_EQ(other.run_for(5ms), 0U);
  EXPECT_FALSE(other.stopped());
  executor->release();
  other.run();
  EXPECT_TRUE(other.stopped());
}

TEST_F(QUIP_ASIO_TEST, AnExecutorOutlivesItsLoop) {
  const NoneLeft none_left;
  std::shared_ptr<Executor> executor;
  {
    net::io_context other;
    executor = asio_executor(other);
    executor->hold();
    executor->post([counted = Counted()] { ADD_FAILURE(); });
    executor->post_after(1h, [counted = Counted()] { ADD_FAILURE(); });
  }
  EXPECT_FALSE(executor->owns_thread());
  executor->post([counted = Counted()] { ADD_FAILURE(); });
  executor->post_after(1ms, [counted = Counted()] { ADD_FAILURE(); });
  executor->hold();
  executor->release();
  executor->release();
}

TEST_F(QUIP_ASIO_TEST, AStrandIsUsedAsItIs) {
  auto strand = net::make_strand(*io);
  const std::shared_ptr<Executor> executor = asio_executor(strand);
  bool is_inside = false;
  executor->post([&] { is_inside = strand.running_in_this_thread() && executor->owns_thread(); });
  run();
  EXPECT_TRUE(is_inside);
  const net::any_io_executor any = io->get_executor();
  bool is_called = false;
  asio_executor(any)->post([&] { is_called = true; });
  run();
  EXPECT_TRUE(is_called);
}

TEST_F(QUIP_ASIO_TEST, RuntimesShareALoop) {
  Runtime second;
  const Context in(second);
  second.set_executor(asio_executor(*io));
  const auto promise = in.with([&](Ctx ctx) {
    ctx.globals().set("addLater", &add_later);
    return ctx.eval<Promise<int>>("addLater(1, 2)");
  });
  EXPECT_EQ(run("return await addLater(3, 4)").value().as<int>(), 7);
  EXPECT_EQ(promise.result(), 3);
}

// ---- awaitables for scripts --------------------------------------------------------------------

TEST_F(QUIP_ASIO_TEST, ABoundAwaitableIsAPromise) {
  EXPECT_EQ(run("return await addLater(2, 3)").value().as<int>(), 5);
  EXPECT_EQ(run("return (await Promise.all([addLater(1, 1), atOnce('x')])).join()")
                .value()
                .as<std::string>(),
            "2,x!");
  EXPECT_TRUE(eval<bool>("addLater(1, 1) instanceof Promise"));
  run();
}

TEST_F(QUIP_ASIO_TEST, AnAwaitableIsDescribedAsAPromise) {
  EXPECT_EQ(type_info<net::awaitable<int>>().kind, TypeKind::promise);
}

TEST_F(QUIP_ASIO_TEST, AwaitablesAreValues) {
  define("made", add_later(4, 5));
  EXPECT_EQ(run("return await made").value().as<int>(), 9);
}

TEST_F(QUIP_ASIO_TEST, ExceptionsRejectAndComeBackTheSame) {
  EXPECT_EQ(run("try { await fails() } catch (e) { return e.name + ': ' + e.message }")
                .value()
                .as<std::string>(),
            "RangeError: too far");
  EXPECT_THROW((void)run("await fails()").value(), std::out_of_range);
}

TEST_F(QUIP_ASIO_TEST, WithoutALoopOfAsioAnAwaitableRejects) {
  Runtime other;
  const Context in(other);
  const auto promise = in.with([&](Ctx ctx) {
    ctx.globals().set("addLater", &add_later);
    return ctx.eval<Promise<int>>("addLater(1, 2)");
  });
  const Result<int> result = promise.try_finish();
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message().find("set_executor"), std::string::npos);
}

/// An object of a native class whose member is a coroutine.
class Gauge {
 public:
  explicit Gauge(int level) : level_(level) {}
  net::awaitable<int> read_later() {
    net::steady_timer timer(co_await net::this_coro::executor, 2ms);
    co_await timer.async_wait(net::use_awaitable);
    co_return level_;
  }
  net::awaitable<void> outlives() {
    net::steady_timer timer(co_await net::this_coro::executor, 1h);
    try {
      co_await timer.async_wait(net::use_awaitable);
    } catch (...) {
      last_seen = level_;
      throw;
    }
  }
  inline static int last_seen = 0;

 private:
  Counted counted_;
  int level_;
};
void define(ClassDef<Gauge>& def) {
  def.constructor<int>()
      .method<&Gauge::read_later>("readLater")
      .method<&Gauge::outlives>("outlives");
}

TEST_F(QUIP_ASIO_TEST, TheObjectsOfTheCallAreKept) {
  const NoneLeft none_left;
  context->with([](Ctx ctx) { ctx.globals().set("Gauge", Instance<Gauge>::constructor(ctx)); });
  EXPECT_EQ(run("let gauge = new Gauge(5); const level = gauge.readLater(); gauge = null;"
                "return await level")
                .value()
                .as<int>(),
            5);
  const auto both = eval<Promise<int>>("new Gauge(6).readLater()");
  runtime->run_gc();
  run();
  EXPECT_EQ(both.result(), 6);
  end_runtime();
}

// ---- promises for coroutines of Asio -----------------------------------------------------------

net::awaitable<std::string> awaits_promises(Context& context) {
  const auto number =
      context.with([](Ctx ctx) { return ctx.eval<Promise<int>>("addLater(20, 22)"); });
  const int value = co_await async_await(number);
  const auto nothing = context.with(
      [](Ctx ctx) { return ctx.eval<Promise<void>>("(async () => { await null })()"); });
  co_await async_await(nothing);
  std::string text = std::to_string(value);
  for (const char* script :
       {"Promise.reject(new TypeError('no'))", "fails()", "Promise.resolve({})"}) {
    const auto promise = context.with([&](Ctx ctx) { return ctx.eval<Promise<int>>(script); });
    try {
      (void)co_await async_await(promise);
    } catch (const std::out_of_range& error) {
      text += std::string(" same:") + error.what();
    } catch (const Error& error) {
      text += " " + error.name();
    }
  }
  co_return text;
}

TEST_F(QUIP_ASIO_TEST, AwaitingPromises) {
  Ended ended;
  std::optional<std::string> text;
  net::co_spawn(*io, awaits_promises(*context), ended.note(text));
  run();
  EXPECT_EQ(ended.failure, nullptr);
  EXPECT_EQ(text, "42 TypeError same:too far TypeError");
}

net::awaitable<int> awaits_many(Context& context) {
  int sum = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto two = context.with([](Ctx ctx) { return Promise<int>::resolved(ctx, 2); });
    sum += co_await async_await(two);
  }
  co_return sum;
}

TEST_F(QUIP_ASIO_TEST, AwaitingManyPromises) {
  Ended ended;
  std::optional<int> sum;
  net::co_spawn(*io, awaits_many(*context), ended.note(sum));
  run();
  EXPECT_EQ(sum, 2000);
}

TEST_F(QUIP_ASIO_TEST, CallbacksAreNeverCalledInside) {
  Ended ended;
  std::optional<int> value;
  async_await(eval<Promise<int>>("Promise.resolve(3)"), ended.note(value));
  EXPECT_EQ(ended.count, 0);
  run();
  EXPECT_EQ(ended.count, 1);
  EXPECT_EQ(value, 3);
}

TEST_F(QUIP_ASIO_TEST, FuturesOfPromises) {
  auto future = async_await(eval<Promise<int>>("addLater(1, 5)"), net::use_future);
  run();
  EXPECT_EQ(future.get(), 6);
}

TEST_F(QUIP_ASIO_TEST, APromiseOfARuntimeThatIsGone) {
  const auto promise = eval<Promise<void>>("new Promise(() => {})");
  end_runtime();
  Ended ended;
  async_await(promise, net::bind_executor(*io, ended.note()));
  run();
  EXPECT_TRUE(ended.is<RuntimeGone>());
}

Task<std::string> greet(std::string name) {
  co_await sleep(1ms);
  if (name.empty()) throw std::invalid_argument("nobody");
  co_return "hello " + name;
}
net::awaitable<std::string> awaits_tasks(Context& context) {
  auto task = context.with([](Ctx ctx) { return async_spawn(ctx, greet("you")); });
  std::string text = co_await std::move(task);
  auto failing = context.with([](Ctx ctx) { return async_spawn(ctx, greet("")); });
  try {
    (void)co_await std::move(failing);
  } catch (const std::invalid_argument& error) {
    text += std::string(", ") + error.what();
  }
  co_return text;
}

TEST_F(QUIP_ASIO_TEST, AwaitingTasks) {
  Ended ended;
  std::optional<std::string> text;
  net::co_spawn(*io, awaits_tasks(*context), ended.note(text));
  run();
  EXPECT_EQ(text, "hello you, nobody");
}

TEST_F(QUIP_ASIO_TEST, IdleWaitsForJobsButNotForTimers) {
  Ended ended;
  auto sleeps = [](Counted) -> Task<> { co_await sleep(1h); };
  context->with([&](Ctx ctx) {
    (void)ctx.spawn(sleeps(Counted()));
    ctx.eval("globalThis.steps = 0; (async () => { for (; steps < 100; ++steps) await null })()");
  });
  int steps = -1;
  async_idle(*runtime, [&](const std::exception_ptr& failure) {
    ended.note()(failure);
    steps = eval<int>("steps");
    io->stop();
  });
  run();
  EXPECT_EQ(ended.count, 1);
  EXPECT_EQ(ended.failure, nullptr);
  EXPECT_EQ(steps, 100);
}

// ---- awaitables for tasks ----------------------------------------------------------------------

Task<std::string> task_over_awaitables(std::shared_ptr<Executor> executor) {
  const int sum = co_await add_later(1, 2);
  std::string text = co_await at_once("sum " + std::to_string(sum));
  try {
    co_await fails_later();
  } catch (const std::out_of_range& error) {
    text += std::string(" ") + error.what();
  }
  co_return text + (executor->owns_thread() ? " inside" : " outside");
}

TEST_F(QUIP_ASIO_TEST, TasksAwaitAwaitables) {
  const std::shared_ptr<Executor> executor = asio_executor(*io);
  runtime->set_executor(executor);
  const auto promise =
      context->with([&](Ctx ctx) { return ctx.spawn(task_over_awaitables(executor)); });
  run();
  EXPECT_EQ(promise.result(), "sum 3! too far inside");
}

Task<std::string> stopped_inside(std::shared_ptr<Counted> counted) {
  std::string outcome;
  try {
    co_await waits_for_ever(counted);
  } catch (const Error& error) {
    outcome = error.name();
  }
  co_return outcome;
}

TEST_F(QUIP_ASIO_TEST, AStoppedTaskCancelsWhatItAwaits) {
  if constexpr (can_cancel) {
    std::stop_source source;
    const auto counted = std::make_shared<Counted>();
    const NoneLeft none_left;
    const auto promise = context->with(
        [&](Ctx ctx) { return ctx.spawn(stopped_inside(counted), source.get_token()); });
    net::post(*io, [&] { source.request_stop(); });
    run();
    EXPECT_EQ(promise.result(), "AbortError");
    EXPECT_EQ(counted.use_count(), 1);
  } else {
    // the task goes on at once, and the awaitable later
    std::stop_source source;
    const auto promise = context->with([&](Ctx ctx) {
      return ctx.spawn(stopped_inside(std::make_shared<Counted>()), source.get_token());
    });
    net::post(*io, [&] { source.request_stop(); });
    io->run_for(20ms);
    EXPECT_EQ(promise.result(), "AbortError");
  }
}

// ---- cancellation of what waits for the runtime
// --------------------------------------------------

TEST_F(QUIP_ASIO_TEST, TheSlotCancels) {
  if constexpr (can_cancel) {
    over::Canceller canceller;
    Ended ended;
    async_await(eval<Promise<void>>("new Promise(() => {})"), canceller.bind(ended.note()));
    net::post(*io, [&] { canceller.cancel(); });
    run();
    EXPECT_EQ(ended.count, 1);
    ASSERT_TRUE(ended.is<over::SystemError>());
    try {
      std::rethrow_exception(ended.failure);
    } catch (const over::SystemError& error) {
      EXPECT_EQ(error.code(), net::error::operation_aborted);
    }
    canceller.cancel();  // after the end there is nothing to cancel
    run();
    EXPECT_EQ(ended.count, 1);
  } else {
    EXPECT_FALSE(over::is_cancellable([] {}));
  }
}

TEST_F(QUIP_ASIO_TEST, CancelledWhenSettledAlready) {
  over::Canceller canceller;
  Ended ended;
  std::optional<int> value;
  async_await(eval<Promise<int>>("Promise.resolve(3)"), canceller.bind(ended.note(value)));
  canceller.cancel();
  run();
  EXPECT_EQ(ended.count, 1);
  EXPECT_TRUE(ended.failure == nullptr ? value == 3 : ended.is<over::SystemError>());
}

// ---- the end of the runtime, and of the loop
// -------------------------------------------------------

net::awaitable<void> waits_for_script(Context& context, std::shared_ptr<Counted> counted) {
  const Counted local(*counted);
  const auto never =
      context.with([](Ctx ctx) { return ctx.eval<Promise<void>>("new Promise(() => {})"); });
  const auto object = context.with([](Ctx ctx) { return ctx.eval<Object>("({some: 'object'})"); });
  co_await async_await(never);
}

TEST_F(QUIP_ASIO_TEST, TheRuntimeEndsFirst) {
  const NoneLeft none_left;
  Ended ended;
  Ended idle;
  auto counted = std::make_shared<Counted>();
  define("waits", [counted] { return waits_for_ever(counted); });
  net::co_spawn(*io, waits_for_script(*context, counted), ended.note());
  (void)eval<Promise<void>>("waits()");
  (void)eval<Promise<void>>("addLater(1, 2).then(() => { throw 1 })");
  async_idle(*runtime, idle.note());
  io->poll_one();
  io->poll_one();
  io->poll_one();
  io->poll_one();
  end_runtime();
  if constexpr (can_cancel) {
    run();  // what was waited for has been cancelled
  } else {
    io->run_for(20ms);
  }
  EXPECT_EQ(ended.count, 1);
  EXPECT_TRUE(ended.is<RuntimeGone>());
  EXPECT_EQ(idle.count, 1);
  if constexpr (can_cancel) {
    EXPECT_EQ(counted.use_count(), 1);
  }
  io.reset();
  counted.reset();
}

TEST_F(QUIP_ASIO_TEST, TheLoopEndsFirst) {
  const NoneLeft none_left;
  Ended ended;
  Ended idle;
  auto counted = std::make_shared<Counted>();
  define("waits", [counted] { return waits_for_ever(counted); });
  net::co_spawn(*io, waits_for_script(*context, counted), ended.note());
  const auto promise = eval<Promise<void>>("waits()");
  promise.mark_handled();
  io->poll();
  (void)eval<Promise<void>>("addLater(1, 2).then(() => { throw 1 })");
  async_idle(*runtime, idle.note());
  context->with([&](Ctx ctx) { (void)ctx.spawn(stopped_inside(counted)); });
  io.reset();
  EXPECT_EQ(ended.count, 0);
  EXPECT_EQ(idle.count, 0);
  // the runtime is as it was, and its own loop can go on
  EXPECT_EQ(eval<int>("1 + 1"), 2);
  runtime->set_executor(nullptr);
  EXPECT_FALSE(promise.try_finish());
  end_runtime();
  counted.reset();
}

TEST_F(QUIP_ASIO_TEST, BothEndWhileNothingWasEverRun) {
  const NoneLeft none_left;
  Ended ended;
  auto counted = std::make_shared<Counted>();
  define("waits", [counted] { return waits_for_ever(counted); });
  net::co_spawn(*io, waits_for_script(*context, counted), ended.note());
  (void)eval<Promise<void>>("waits()");
  async_await(eval<Promise<void>>("new Promise(() => {})"), ended.note());
  end_runtime();
  io.reset();
  counted.reset();
  EXPECT_EQ(ended.count, 0);
}

TEST_F(QUIP_ASIO_TEST, TheRuntimeEndsInsideACoroutine) {
  Ended ended;
  const std::function<void()> end = [this] { end_runtime(); };
  auto ends = [](std::function<void()> end_all, Promise<void> promise) -> net::awaitable<void> {
    co_await async_await(promise);
    end_all();
    net::steady_timer timer(co_await net::this_coro::executor, 1ms);
    co_await timer.async_wait(net::use_awaitable);
  };
  net::co_spawn(*io, ends(end, eval<Promise<void>>("addLater(1, 2)")), ended.note());
  run();
  EXPECT_EQ(ended.count, 1);
  EXPECT_EQ(ended.failure, nullptr);
}

TEST_F(QUIP_ASIO_TEST, AnObjectOfTheCallOutlivesTheRuntime) {
  const NoneLeft none_left;
  context->with([](Ctx ctx) { ctx.globals().set("Gauge", Instance<Gauge>::constructor(ctx)); });
  (void)eval<Promise<void>>("new Gauge(8).outlives()");
  io->poll();
  end_runtime();
  if constexpr (can_cancel) {
    run();
    EXPECT_EQ(Gauge::last_seen, 8);
  }
  io.reset();
}

// ---- threads
// -------------------------------------------------------------------------------------

TEST_F(QUIP_ASIO_TEST, OneThreadOfAPoolAtATime) {
  net::thread_pool pool(3);
  Runtime pooled;
  const std::shared_ptr<Executor> executor = asio_executor(pool);
  pooled.set_executor(executor);
  const Context in(pooled);
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  const Promise<int> promise = in.with([&](Ctx ctx) {
    ctx.globals().set("addLater", &add_later);
    ctx.globals().set("check", [&] {
      most = std::max(most.load(), ++inside);
      std::this_thread::sleep_for(20us);
      --inside;
    });
    return ctx.eval<Promise<int>>(
        "(async () => { let sum = 0; for (let i = 0; i < 20; ++i) {"
        "  const all = Array.from({length: 10}, async (_, i) => {"
        "    check(); const n = await addLater(i, 1); check(); return n });"
        "  for (const n of await Promise.all(all)) sum += n } return sum })()");
  });
  auto future = async_await(promise, net::use_future);
  EXPECT_EQ(future.get(), 20 * 55);
  EXPECT_EQ(most, 1);
  pool.join();
}

TEST_F(QUIP_ASIO_TEST, AwaitedFromTheLoopOfAnotherThread) {
  const auto promise = eval<Promise<int>>("addLater(30, 3)");
  net::io_context other;
  Ended ended;
  std::optional<int> value;
  auto awaits = [](Promise<int> of) -> net::awaitable<int> { co_return co_await async_await(of); };
  net::co_spawn(other, awaits(promise), ended.note(value));
  std::thread thread([&] { other.run(); });
  // whether the operation has begun when the loop runs is open
  io->restart();
  while (promise.state() == PromiseState::pending) io->run_one_for(1ms);
  while (!other.stopped()) {
    io->run_one_for(1ms);
    io->restart();
  }
  thread.join();
  EXPECT_EQ(value, 33);
}

TEST_F(QUIP_ASIO_TEST, OtherThreadsPostWhileTheLoopEnds) {
  for (int i = 0; i < 20; ++i) {
    net::io_context other;
    std::optional<net::io_context> doomed(std::in_place);
    const std::shared_ptr<Executor> executor = asio_executor(*doomed);
    std::atomic<bool> is_over = false;
    std::thread thread([&] {
      while (!is_over) {
        executor->post([] {});
        executor->hold();
        executor->release();
      }
    });
    doomed->poll();
    doomed.reset();
    is_over = true;
    thread.join();
  }
}

}  // namespace
}  // namespace quip::test
