// Pools: jobs of C++ and calls of scripts, awaited ones, errors, limits, and the end.
#include "support/js.hpp"
#include <quip/quip.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace quip::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* script = R"(
  let calls = 0;
  export function add(a, b) { ++calls; return a + b; }
  export async function later(x) { await null; return x * 2; }
  export function fail(what) { throw new RangeError('no ' + what, { cause: new TypeError('why') }); }
  export function forever() { for (;;); }
  export const never = () => new Promise(() => {});
  export const spin = async () => { await null; for (;;); };
  export const echo = x => x;
  export const number = 5;
)";

/// The error that a future ends with.
template <class T>
Error error_of(std::future<T> future) {
  try {
    (void)future.get();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return Error::plain("none");
}

TEST(RuntimePools, JobsOfCxx) {
  RuntimePool pool({.threads = 2});
  EXPECT_EQ(pool.size(), 2U);
  auto number = pool.submit([](Ctx ctx) { return ctx.eval<int>("20 + 22"); });
  auto text = pool.submit([owned = std::make_unique<int>(7)](Ctx ctx) {
    return ctx.eval<std::string>("'x'.repeat(" + std::to_string(*owned) + ")");
  });
  auto nothing = pool.submit([](Ctx ctx) { ctx.eval("1"); });
  auto result = pool.submit([](Ctx ctx) { return ctx.try_eval<int>("6 * 7"); });
  auto message = pool.submit([](Ctx ctx) { return Message::from(ctx.eval("({ x: [1, 2] })")); });
  EXPECT_EQ(number.get(), 42);
  EXPECT_EQ(text.get(), "xxxxxxx");
  nothing.get();
  EXPECT_EQ(result.get(), 42);
  Runtime runtime;
  const Context context(runtime);
  Message got = message.get();
  context.with([&](Ctx ctx) {
    EXPECT_EQ(got.to<Object>(ctx).get<std::vector<int>>("x"), (std::vector<int>{1, 2}));
  });
}

TEST(RuntimePools, CallsOfAScript) {
  RuntimePool pool({.threads = 2, .script = script});
  std::vector<std::future<int>> sums;
  for (int i = 0; i < 100; ++i) sums.push_back(pool.call<int>("add", i, 1));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(sums[static_cast<std::size_t>(i)].get(), i + 1);
  EXPECT_EQ(pool.call<std::string>("add", "a", std::string_view("b")).get(), "ab");
  EXPECT_EQ(pool.call<int>("later", 21).get(), 42);
  pool.call("add", 1, 2).get();
  EXPECT_EQ(pool.call<std::string>("String", 5).get(), "5");  // a global
  EXPECT_EQ(error_of(pool.call<int>("absent")).message(),
            "'absent' is no function that the pool's script exports, and no global");
  EXPECT_EQ(error_of(pool.call<int>("number")).name(), "ReferenceError");
  EXPECT_EQ(error_of(pool.call<int>("echo", "text")).kind(), ErrorKind::conversion);
}

TEST(RuntimePools, MessagesGoInAndOut) {
  RuntimePool pool({.threads = 1, .script = script});
  Runtime runtime;
  const Context context(runtime);
  const auto sent = [&] {
    return context.with([](Ctx ctx) {
      const auto value = ctx.eval<Object>("({ list: [1, 'x'], m: new Uint8Array([1, 2]) })");
      return Message::from(value, {.transfer = {value.get<Object>("m").get("buffer")}});
    });
  };
  Message back = pool.call<Message>("echo", sent()).get();
  context.with([&](Ctx ctx) {
    ctx.globals().set("b", back.to(ctx));
    EXPECT_TRUE(ctx.eval<bool>("b.list[1] === 'x' && b.m.join() === '1,2'"));
  });
  EXPECT_EQ(error_of(pool.call<Message>("echo2", sent())).name(), "ReferenceError");
  EXPECT_EQ(error_of(pool.call<Message>("Symbol")).message(), "a symbol cannot be cloned");
}

TEST(RuntimePools, EveryRuntimeHasTheScriptAndTheSetup) {
  std::atomic<int> setups = 0;
  RuntimePool pool({.threads = 3,
                    .script = "globalThis.late = base + 1; export const get = () => late;",
                    .setup = [&](Ctx ctx) {
                      ctx.globals().set("base", 10);
                      ++setups;
                    }});
  EXPECT_EQ(setups, 3);
  std::vector<std::future<int>> results;
  for (int i = 0; i < 30; ++i) results.push_back(pool.call<int>("get"));
  for (auto& result : results) EXPECT_EQ(result.get(), 11);
}

TEST(RuntimePools, ABundleIsLoaded) {
  const auto bytes = compile_module("export const twice = x => 2 * x;", "twice.js");
  RuntimePool pool({.threads = 2, .bundle = Bundle::read(bytes)});
  EXPECT_EQ(pool.call<int>("twice", 4).get(), 8);
}

TEST(RuntimePools, WhatCannotStartThrows) {
  const auto failing = [](RuntimePoolOptions options) {
    const Result<RuntimePool> made = RuntimePool::try_make(std::move(options));
    return made ? std::string("none") : made.error().name() + ": " + made.error().message();
  };
  EXPECT_EQ(
      failing({.threads = 2, .setup = [](Ctx ctx) { ctx.eval("throw new RangeError('bad')"); }}),
      "RangeError: bad");
  EXPECT_EQ(failing({.threads = 2, .script = "throw new TypeError('top')"}), "TypeError: top");
  EXPECT_TRUE(failing({.threads = 2, .script = "export ("}).starts_with("SyntaxError"));
  EXPECT_TRUE(failing({.threads = 1, .script = "import 'nowhere'"}).find("nowhere") !=
              std::string::npos);
  EXPECT_TRUE(failing({.threads = 1, .runtime = {.stack_size = 0}}).starts_with("RangeError"));
  EXPECT_TRUE(failing({.threads = 1, .script = "await new Promise(() => {})"}).find("pending") !=
              std::string::npos);
  EXPECT_THROW(RuntimePool({.threads = 1, .setup = [](Ctx) { throw std::out_of_range("mine"); }}),
               std::out_of_range);
}

TEST(RuntimePools, TasksAndPromisesAreAwaited) {
  RuntimePool pool({.threads = 2, .script = script});
  auto task = pool.submit([](Ctx ctx) -> Task<std::string> {
    const Context context = ctx.context();
    co_await quip::sleep(1ms);
    const int twice = co_await context.with(
        [](Ctx inner) { return inner.eval<Promise<int>>("Promise.resolve(21).then(x => 2 * x)"); });
    co_return std::to_string(twice);
  });
  auto promise = pool.submit([](Ctx ctx) { return ctx.eval<Promise<int>>("(async () => 5)()"); });
  auto rejected = pool.submit(
      [](Ctx ctx) { return ctx.eval<Promise<int>>("Promise.reject(new RangeError('later'))"); });
  auto thrown = pool.submit([](Ctx) -> Task<> {
    co_await quip::sleep(1ms);
    throw std::length_error("cxx");
  });
  EXPECT_EQ(task.get(), "42");
  EXPECT_EQ(promise.get(), 5);
  EXPECT_EQ(error_of(std::move(rejected)).message(), "later");
  EXPECT_THROW(thrown.get(), std::length_error);
}

TEST(RuntimePools, SeveralJobsMayWaitInOneRuntime) {
  RuntimePool pool({.threads = 1, .jobs_per_runtime = 2});
  const auto wait = [](Ctx) -> Task<int> {
    co_await quip::sleep(1ms);
    co_return 1;
  };
  // the first waits for what the second does
  auto first = pool.submit([](Ctx ctx) {
    return ctx.eval<Promise<int>>("new Promise(done => { globalThis.done = done })");
  });
  auto second = pool.submit([](Ctx ctx) { ctx.eval("done(8)"); });
  EXPECT_EQ(first.get(), 8);
  second.get();
  std::vector<std::future<int>> many;
  for (int i = 0; i < 20; ++i) many.push_back(pool.submit(wait));
  for (auto& one : many) EXPECT_EQ(one.get(), 1);
}

TEST(RuntimePools, ErrorsLeaveWithoutTheirRuntime) {
  std::optional<Error> kept;
  {
    RuntimePool pool({.threads = 1, .script = script});
    kept = error_of(pool.call<int>("fail", "luck"));
    EXPECT_THROW(pool.submit([](Ctx) -> int { throw std::domain_error("mine"); }).get(),
                 std::domain_error);
    EXPECT_EQ(error_of(pool.submit([](Ctx ctx) { ctx.eval("throw { x: 1 }"); })).message(),
              "[object Object]");
  }
  EXPECT_EQ(kept->name(), "RangeError");
  EXPECT_EQ(kept->message(), "no luck");
  EXPECT_NE(kept->stack().find("fail"), std::string::npos);
  EXPECT_EQ(kept->file(), "pool.js");
  ASSERT_NE(kept->cause(), nullptr);
  EXPECT_EQ(kept->cause()->message(), "why");
  EXPECT_TRUE(kept->value().handle().empty());
  EXPECT_TRUE(kept->cause()->value().handle().empty());
}

TEST(RuntimePools, LimitsStopWhatRunsAndWhatWaits) {
  RuntimePool pool({.threads = 1, .script = script, .job_limit = 50ms});
  EXPECT_EQ(error_of(pool.call<int>("forever")).kind(), ErrorKind::interrupted);
  EXPECT_EQ(error_of(pool.call<int>("never")).message(),
            "the job took longer than its limit of 50 ms");
  EXPECT_EQ(error_of(pool.submit([](Ctx ctx) { ctx.eval("for (;;);"); }, {.limit = 5ms})).kind(),
            ErrorKind::interrupted);
  const Error spun = error_of(pool.call<int>("spin"));
  // Bellard's engine makes a rejection of what stops an async function
  EXPECT_TRUE(spun.is("InternalError") || spun.is("TimeoutError")) << spun.what();
  EXPECT_EQ(pool.call<int>("add", 1, 1).get(), 2);  // it goes on
}

TEST(RuntimePools, PostedJobs) {
  std::atomic<int> done = 0;
  RuntimePool pool({.threads = 1});
  EXPECT_TRUE(pool.post([&](Ctx) { ++done; }));
  EXPECT_TRUE(pool.post([&](Ctx) -> Task<> {
    co_await quip::sleep(1ms);
    ++done;
  }));
  pool.close();
  EXPECT_EQ(done, 2);
  EXPECT_FALSE(pool.post([&](Ctx) { ++done; }));
  EXPECT_EQ(done, 2);
}

TEST(RuntimePools, CloseWaitsForAll) {
  RuntimePool pool({.threads = 2, .script = script});
  std::vector<std::future<int>> results;
  for (int i = 0; i < 50; ++i)
    results.push_back(pool.call<int>(i % 2 == 0 ? "add" : "later", i, 0));
  pool.close();
  EXPECT_EQ(pool.pending(), 0U);
  EXPECT_EQ(pool.size(), 0U);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(results[static_cast<std::size_t>(i)].get(), i % 2 == 0 ? i : 2 * i);
  }
  EXPECT_EQ(error_of(pool.call<int>("add", 1, 2)).name(), "AbortError");
  pool.close();
}

TEST(RuntimePools, StopEndsWhatRunsWaitsAndIsQueued) {
  auto pool = std::make_unique<RuntimePool>(RuntimePoolOptions{.threads = 2, .script = script});
  auto runs = pool->call<int>("forever");
  auto waits = pool->call<int>("never");
  auto queued = pool->call<int>("add", 1, 2);
  EXPECT_EQ(pool->pending(), 3U);
  pool.reset();
  const Error stopped = error_of(std::move(runs));
  EXPECT_TRUE(stopped.kind() == ErrorKind::interrupted || stopped.is("AbortError"));
  EXPECT_EQ(error_of(std::move(waits)).name(), "AbortError");
  EXPECT_EQ(error_of(std::move(queued)).name(), "AbortError");
}

TEST(RuntimePools, JobsMaySubmitButNotClose) {
  RuntimePool pool({.threads = 2, .script = script});
  std::promise<int> inner;
  pool.submit([&](Ctx) { pool.post([&](Ctx ctx) { inner.set_value(ctx.eval<int>("3")); }); }).get();
  EXPECT_EQ(inner.get_future().get(), 3);
  EXPECT_EQ(error_of(pool.submit([&](Ctx) { pool.close(); })).message(),
            "a job cannot close the pool that it runs in");
}

TEST(RuntimePools, PoolsMove) {
  RuntimePool first({.threads = 1, .script = script});
  auto early = first.call<int>("add", 1, 2);
  RuntimePool second(std::move(first));
  EXPECT_EQ(second.call<int>("add", 2, 2).get(), 4);
  EXPECT_EQ(early.get(), 3);
  EXPECT_EQ(error_of(first.call<int>("add", 2, 2)).name(), "AbortError");  // NOLINT
  first = std::move(second);
  EXPECT_EQ(first.call<int>("add", 2, 3).get(), 5);
}

TEST(RuntimePools, PortsAreHeardWhileAWorkerIsIdle) {
  auto [here, there] = MessageChannel::make();
  RuntimePool pool({.threads = 1});
  pool.submit([port = there](Ctx ctx) {
        port.on_message(ctx,
                        [port](Ctx at, const Value& value) { port.post(at, value.as<int>() + 1); });
      })
      .get();
  there = MessagePort();
  Runtime runtime;
  const Context context(runtime);
  int heard = 0;
  context.with([&, port = here](Ctx ctx) {
    here.on_message(ctx, [&heard, port](Ctx, const Value& value) {
      heard = value.as<int>();
      port.close();
    });
    here.post(ctx, 1);
  });
  runtime.run();
  EXPECT_EQ(heard, 2);
}

TEST(RuntimePools, SharedMemoryAndAtomicsWait) {
  RuntimePool pool({.threads = 2,
                    .script =
                        "export const wait = s => Atomics.wait(new Int32Array(s), 0, 0, 30000);"
                        "export const wake = s => { const v = new Int32Array(s);"
                        "  Atomics.store(v, 0, 1); return Atomics.notify(v, 0) };",
                    .can_block = true});
  Runtime runtime;
  const Context context(runtime);
  const Value shared = context.with([](Ctx ctx) { return ctx.eval("new SharedArrayBuffer(4)"); });
  auto waits = pool.call<std::string>("wait", Message::from(shared));
  pool.call<int>("wake", Message::from(shared)).get();
  const std::string how = waits.get();  // it may not have begun to wait
  EXPECT_TRUE(how == "ok" || how == "not-equal") << how;
  RuntimePool without({.threads = 1});
  EXPECT_EQ(error_of(without.submit([](Ctx ctx) {
              ctx.eval("Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)");
            })).name(),
            "TypeError");
}

TEST(RuntimePools, ManySubmitters) {
  RuntimePool pool({.threads = 2, .script = script});
  std::atomic<int> sum = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 50; ++n) sum += pool.call<int>("add", n, 1).get();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sum, 4 * (49 * 50 / 2 + 50));
}

}  // namespace
}  // namespace quip::test
