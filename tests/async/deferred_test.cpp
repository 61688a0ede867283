// Deferred: promises that C++ settles, from any thread, on each loop; std::future as a promise.
#include "loops.hpp"
#include "support/counted.hpp"
#include "support/js.hpp"

#include <atomic>
#include <chrono>
#include <future>
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

class DeferredTest : public AsyncTest {
 protected:
  DeferredTest() { runtime.set_unhandled_rejection_handler(ignore_unhandled_rejections); }
  template <class T = Value>
  Deferred<T> defer() {
    return context.with([](Ctx ctx) { return Deferred<T>(ctx); });
  }
};
INSTANTIATE_TEST_SUITE_P(, DeferredTest, ::testing::ValuesIn(loop_kinds()), loop_name);

TEST_P(DeferredTest, SettledOnTheThreadOfTheRuntime) {
  with([](Ctx ctx) {
    const Deferred<int> answer(ctx);
    EXPECT_EQ(answer.promise().state(), PromiseState::pending);
    EXPECT_TRUE(answer.resolve(42));
    EXPECT_EQ(answer.promise().result(), 42);  // at once
    EXPECT_FALSE(answer.resolve(43));
    EXPECT_FALSE(answer.reject(Error::type("no")));
    EXPECT_EQ(answer.promise().result(), 42);
    const Deferred<void> none(ctx);
    EXPECT_TRUE(none.resolve());
    EXPECT_FALSE(none.resolve());
    none.promise().result();
    const Deferred<int> bad(ctx);
    EXPECT_TRUE(bad.reject(Error::range("no")));
    EXPECT_EQ(show(bad.promise().try_result()).text, "RangeError: no");
    bad.promise().mark_handled();
  });
  // this thread, but outside of the runtime: when the loop comes to it
  const Deferred<int> later = defer<int>();
  EXPECT_TRUE(later.resolve(1));
  EXPECT_EQ(later.promise().state(), PromiseState::pending);
  EXPECT_EQ(finish(later.promise()).value(), 1);
}

TEST_P(DeferredTest, SettledByAnotherThread) {
  const Deferred<std::string> text = defer<std::string>();
  const Deferred<void> none = defer<void>();
  const Deferred<int> error = defer<int>();
  const Deferred<int> exception = defer<int>();
  std::thread thread([=] {
    std::this_thread::sleep_for(3ms);
    text.resolve("from a thread");
    none.resolve();
    error.reject(Error::range("no"));
    exception.reject(std::make_exception_ptr(std::out_of_range("far")));
  });
  EXPECT_EQ(finish(text.promise()).value(), "from a thread");
  EXPECT_TRUE(finish(none.promise()));
  EXPECT_EQ(show(finish(error.promise())).text, "RangeError: no");
  EXPECT_THROW((void)finish(exception.promise()).value(), std::out_of_range);
  thread.join();
}

TEST_P(DeferredTest, ScriptsAwaitThem) {
  std::vector<std::thread> threads;
  define("work", [&threads](Ctx ctx, int n) {
    const Deferred<int> result(ctx);
    threads.emplace_back([result, n] {
      std::this_thread::sleep_for(std::chrono::milliseconds(n % 4));
      if (n % 5 == 0) {
        result.reject(Error::range("five"));
      } else {
        result.resolve(n * n);
      }
    });
    return result;
  });
  EXPECT_EQ(run("const all = await Promise.allSettled([1, 2, 3, 4, 5, 6, 7, 8].map(work));"
                "return all.map(one => one.value ?? one.reason.message).join()")
                .value()
                .as<std::string>(),
            "1,4,9,16,five,36,49,64");
  for (std::thread& thread : threads) thread.join();
}

TEST_P(DeferredTest, DroppedItIsRejected) {
  Promise<int> here;
  with([&](Ctx ctx) {
    const Deferred<int> dropped(ctx);
    const Deferred<int> copy = dropped;
    here = copy.promise();
  });
  EXPECT_THAT(finish(here).error().message(), HasSubstr("given up"));
  std::optional<Deferred<int>> elsewhere = defer<int>();
  const Promise<int> promise = elsewhere->promise();
  std::thread thread([held = std::move(*elsewhere)] { std::this_thread::sleep_for(2ms); });
  elsewhere.reset();
  EXPECT_THAT(finish(promise).error().message(), HasSubstr("given up"));
  thread.join();
}

TEST_P(DeferredTest, ManyThreadsOneWins) {
  for (int round = 0; round < 20; ++round) {
    const Deferred<int> contested = defer<int>();
    std::atomic<int> winners = 0;
    std::atomic<int> winner = -1;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, contested, i] {
        if (contested.resolve(i)) {
          ++winners;
          winner = i;
        }
      });
    }
    const int result = finish(contested.promise()).value();
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(result, winner);
  }
}

TEST_P(DeferredTest, EightThreadsAtOnce) {
  constexpr int each = 50;
  std::vector<std::vector<Deferred<int>>> batches(8);
  std::vector<Promise<int>> promises;
  with([&](Ctx ctx) {
    for (auto& batch : batches) {
      for (int i = 0; i < each; ++i) promises.push_back(batch.emplace_back(ctx).promise());
    }
  });
  std::vector<std::thread> threads;
  for (auto& batch : batches) {
    threads.emplace_back([mine = std::move(batch)] {
      for (std::size_t i = 0; i < mine.size(); ++i) {
        if (i % 10 != 9) mine[i].resolve(1);  // the others are dropped
      }
    });
  }
  int sum = 0;
  for (const Promise<int>& promise : promises) sum += finish(promise).value_or(0);
  EXPECT_EQ(sum, 8 * each * 9 / 10);
  for (std::thread& thread : threads) thread.join();
}

TEST_P(DeferredTest, ItFollowsPromises) {
  const Deferred<Value> deferred = defer();
  const Value script = eval("(async () => { await null; return 7 })()");
  EXPECT_TRUE(deferred.resolve(script));
  EXPECT_EQ(finish(deferred.promise().as<Promise<int>>()).value(), 7);
  const Deferred<Promise<int>> typed = defer<Promise<int>>();
  EXPECT_TRUE(typed.resolve(eval<Promise<int>>("Promise.reject(new RangeError('no'))")));
  EXPECT_EQ(show(finish(typed.promise())).text, "RangeError: no");
  const Deferred<Value> itself = defer();
  with([&](Ctx) { EXPECT_TRUE(itself.resolve(Value(itself.promise()))); });
  EXPECT_EQ(finish(itself.promise()).error().name(), "TypeError");
}

TEST_P(DeferredTest, ValuesThatAreNone) {
  // of another runtime, or empty: the promise is rejected
  Runtime elsewhere;
  const Context there(elsewhere);
  const Value foreign = there.with([](Ctx ctx) { return ctx.eval("({})"); });
  for (const Value& value : {foreign, Value()}) {
    const Deferred<Value> outside = defer();
    EXPECT_TRUE(outside.resolve(value));
    EXPECT_FALSE(finish(outside.promise()));
    const Deferred<Value> inside = defer();
    with([&](Ctx) { EXPECT_TRUE(inside.resolve(value)); });
    EXPECT_FALSE(finish(inside.promise()));
  }
  const Deferred<int> bad = defer<int>();
  EXPECT_TRUE(bad.reject(there.with([](Ctx ctx) { return ctx.try_eval("throw {}").error(); })));
  EXPECT_FALSE(finish(bad.promise()));
}

struct ThrowsAsItIsCopied {
  ThrowsAsItIsCopied() = default;
  ThrowsAsItIsCopied(const ThrowsAsItIsCopied&) { throw std::runtime_error("copied"); }
  ThrowsAsItIsCopied& operator=(const ThrowsAsItIsCopied&) = default;
  explicit operator std::string() const { throw std::runtime_error("converted"); }
};

TEST_P(DeferredTest, WhatThrowsAsItIsGiven) {
  // who gives it gets the exception, and the promise is rejected with the last Deferred
  std::optional<Deferred<std::string>> deferred = defer<std::string>();
  const Promise<std::string> promise = deferred->promise();
  const ThrowsAsItIsCopied value;
  EXPECT_THROW((void)deferred->resolve(value), std::runtime_error);
  deferred.reset();
  EXPECT_FALSE(finish(promise));
}

TEST_P(DeferredTest, AThenableThatDropsTheLastOne) {
  std::optional<Deferred<Value>> last = defer();
  const Promise<Value> promise = last->promise();
  define("drop", [&last] { last.reset(); });
  const Value thenable = eval("({get then() { drop(); return resolve => resolve(5) }})");
  with([&](Ctx) { EXPECT_TRUE(last->resolve(thenable)); });
  EXPECT_FALSE(last);
  EXPECT_EQ(finish(promise).value().as<int>(), 5);
}

TEST_P(DeferredTest, AfterTheRuntime) {
  const NoneLeft none_left;
  std::optional<Deferred<int>> deferred;
  std::optional<Deferred<Value>> of_value;
  Value value;
  Promise<int> promise;
  {
    Runtime gone;
    const Context in(gone);
    in.with([&](Ctx ctx) {
      deferred.emplace(ctx);
      of_value.emplace(ctx);
      value = ctx.eval("({})");
      promise = deferred->promise();
    });
    std::thread thread([held = *deferred] { held.resolve(1); });
    thread.join();
  }
  EXPECT_FALSE(deferred->resolve(2));  // it was, by the thread
  EXPECT_TRUE(of_value->resolve(value));
  EXPECT_FALSE(promise.try_result());
  deferred.reset();
  of_value.reset();
  // inside of the callback that ended it
  std::optional<Runtime> doomed(std::in_place);
  const Context in(*doomed);
  in.with([&](Ctx ctx) {
    const Deferred<int> inside(ctx);
    doomed.reset();
    EXPECT_TRUE(inside.resolve(1));
    EXPECT_THROW((void)Deferred<int>(ctx), RuntimeGone);
  });
}

TEST_P(DeferredTest, TheRuntimeEndsWhileOthersSettle) {
  for (int round = 0; round < 20; ++round) {
    std::vector<std::thread> threads;
    {
      std::optional<Runtime> doomed(std::in_place);
      const Context in(*doomed);
      loop->attach(*doomed);
      in.with([&](Ctx ctx) {
        for (int i = 0; i < 4; ++i) {
          std::vector<Deferred<std::string>> mine;
          for (int k = 0; k < 20; ++k) mine.emplace_back(ctx);
          threads.emplace_back([kept = std::move(mine)] {
            for (const Deferred<std::string>& one : kept) one.resolve(std::string(50, 'x'));
          });
        }
      });
      if (round % 2 == 0) loop->run_while([turns = 0]() mutable { return ++turns < 3; });
      loop->attach(runtime);
    }
    for (std::thread& thread : threads) thread.join();
  }
}

// ---- std::future
// ---------------------------------------------------------------------------------

TEST_P(DeferredTest, FuturesArePromises) {
  define("later", [](int n) {
    return std::async(std::launch::async, [n] {
      std::this_thread::sleep_for(2ms);
      if (n < 0) throw std::out_of_range("negative");
      return n * 2;
    });
  });
  define("nothing", [] { return std::async(std::launch::async, [] {}); });
  define("when_asked", [] { return std::async(std::launch::deferred, [] { return 3; }); });
  define("empty", [] { return std::future<int>(); });
  EXPECT_EQ(run("return await later(4)").value().as<int>(), 8);
  EXPECT_EQ(run("try { await later(-1) } catch (e) { return e.name }").value().as<std::string>(),
            "RangeError");
  EXPECT_TRUE(run("return await nothing() === undefined").value().as<bool>());
  EXPECT_EQ(run("return await when_asked()").value().as<int>(), 3);
  expect_eval("try { empty() } catch (e) { e.name }", "string", "TypeError");
  std::promise<int> broken;
  define("broken", [&broken] { return broken.get_future(); });
  const Promise<> given_up = start("return await broken()");
  broken = std::promise<int>();
  EXPECT_FALSE(finish(given_up));
}

}  // namespace
}  // namespace quip::test
