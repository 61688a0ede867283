// AsyncGenerator: coroutines that wait and yield, for C++ and as async iterators for scripts.
#include "async/loops.hpp"
#include "support/counted.hpp"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace quip::test {
namespace {

using namespace std::chrono_literals;

AsyncGenerator<int> counts(int to) {
  const Counted local;
  for (int n = 1; n <= to; ++n) {
    if (n % 2 == 0) co_await sleep(1ms);
    co_yield n;
  }
}
Task<int> doubled(int n) {
  co_await yield();
  co_return n * 2;
}
AsyncGenerator<std::string> fails_after(std::string first) {
  const Counted local;
  co_yield first;
  co_await yield();
  throw std::out_of_range("no more");
}
AsyncGenerator<int> awaits_tasks(int to) {
  for (int n = 1; n <= to; ++n) {
    const int twice = co_await doubled(n);
    co_yield twice;
  }
}
/// One that takes its time before the first value.
AsyncGenerator<int> slow() {
  const Counted local;
  co_await sleep(1h);
  co_yield 1;
}

class AsyncGeneratorTest : public AsyncTest {
 protected:
  void SetUp() override {
    define("counts", &counts);
    define("fails", &fails_after);
    define("slow", &slow);
  }
  template <class T>
  Result<T> await(Task<T> task) {
    Promise<T> promise = with([&](Ctx ctx) { return ctx.spawn(std::move(task)); });
    return finish(promise);
  }
  void expect_run(const std::string& body, std::string_view text,
                  std::source_location where = std::source_location::current()) {
    const ::testing::ScopedTrace trace(where.file_name(), static_cast<int>(where.line()), body);
    const Result<Value> result = run(body);
    ASSERT_TRUE(result) << result.error().what();
    EXPECT_EQ(result->to_display_string(), text);
  }
  const NoneLeft none_left;
};
INSTANTIATE_TEST_SUITE_P(, AsyncGeneratorTest, ::testing::ValuesIn(loop_kinds()), loop_name);

// ---- in C++ ------------------------------------------------------------------------------------

TEST_P(AsyncGeneratorTest, GivesOneValueAfterTheOther) {
  auto all = [](AsyncGenerator<int> from) -> Task<std::vector<int>> {
    std::vector<int> seen;
    while (std::optional<int> item = co_await from.next()) seen.push_back(*item);
    const std::optional<int> behind = co_await from.next();
    if (behind) seen.push_back(-1);
    co_return seen;
  };
  EXPECT_EQ(*await(all(counts(4))), (std::vector{1, 2, 3, 4}));
  EXPECT_EQ(*await(all(awaits_tasks(3))), (std::vector{2, 4, 6}));
  EXPECT_EQ(*await(all(AsyncGenerator<int>())), std::vector<int>());
}

TEST_P(AsyncGeneratorTest, ManyValuesWithoutDeepRecursion) {
  auto many = [](int to) -> AsyncGenerator<int> {
    for (int n = 0; n < to; ++n) co_yield 1;
  };
  auto sum = [&many](int to) -> Task<int> {
    AsyncGenerator<int> ones = many(to);
    int total = 0;
    while (std::optional<int> one = co_await ones.next()) total += *one;
    co_return total;
  };
  EXPECT_EQ(*await(sum(100000)), 100000);
  define("many", many);
  const std::string count = is_gc_stress() ? "100" : "3000";
  expect_run("let sum = 0; for await (const x of many(" + count + ")) sum += x; return sum", count);
}

TEST_P(AsyncGeneratorTest, ThrowsWhatItsBodyThrows) {
  auto all = []() -> Task<std::string> {
    AsyncGenerator<std::string> from = fails_after("one");
    std::optional<std::string> first = co_await from.next();
    std::string text = *first;
    try {
      (void)co_await from.next();
    } catch (const std::out_of_range& error) {
      text += error.what();
    }
    const std::optional<std::string> behind = co_await from.next();
    co_return text + (behind ? "more" : "!");
  };
  EXPECT_EQ(*await(all()), "oneno more!");
}

TEST_P(AsyncGeneratorTest, WhoWaitsForAValueIsAlone) {
  auto both = []() -> Task<std::string> {
    AsyncGenerator<int> from = slow();
    auto ask = [](AsyncGenerator<int>& of) -> Task<> { (void)co_await of.next(); };
    std::string text;
    try {
      co_await when_all(ask(from), ask(from));
    } catch (const Error& error) {
      text = error.message();
    }
    // the first one was ended while it waited, and the generator with it
    const std::optional<int> behind = co_await from.next();
    co_return text + (behind || from ? " more" : "");
  };
  EXPECT_EQ(*await(both()), "somebody waits for the async generator's next value already");
  EXPECT_EQ(Counted::live(), 0);
}

TEST_P(AsyncGeneratorTest, MayGoWhileSomebodyWaits) {
  auto drops = []() -> Task<int> {
    std::optional<AsyncGenerator<int>> from(counts(4));
    (void)co_await from->next();
    auto ask = [](AsyncGenerator<int>& of) -> Task<int> {
      std::optional<int> item = co_await of.next();
      co_return item.value_or(0);
    };
    auto drop = [](std::optional<AsyncGenerator<int>>& of) -> Task<> {
      of.reset();
      co_return;
    };
    auto results = co_await when_all(ask(*from), drop(from));
    co_return std::get<0>(results);
  };
  EXPECT_EQ(*await(drops()), 2);
  EXPECT_EQ(Counted::live(), 0);
}

TEST_P(AsyncGeneratorTest, AStopReachesTheGenerator) {
  std::stop_source source;
  auto ask = []() -> Task<> {
    AsyncGenerator<int> from = slow();
    (void)co_await from.next();
  };
  const Promise<void> promise = with([&](Ctx ctx) { return ctx.spawn(ask(), source.get_token()); });
  source.request_stop();
  EXPECT_EQ(finish(promise).error().name(), "AbortError");
}

// ---- in scripts --------------------------------------------------------------------------------

TEST_P(AsyncGeneratorTest, IsAnAsyncIterator) {
  expect_run("const all = []; for await (const x of counts(5)) all.push(x); return all.join()",
             "1,2,3,4,5");
  expect_run("const it = counts(1); return it[Symbol.asyncIterator]() === it", "true");
  expect_run(R"(const proto = Object.getPrototypeOf(Object.getPrototypeOf(counts(1)));
                return proto === Object.getPrototypeOf(Object.getPrototypeOf(
                                     (async function* () {}).prototype)))",
             "true");
  expect_run(
      "const it = counts(1); return [it.next.length, it.return.length, it.throw.name,"
      "String(it)].join()",
      "1,1,throw,[object Native Async Iterator]");
}

TEST_P(AsyncGeneratorTest, CallsAreAnsweredInTheirOrder) {
  expect_run(R"(const it = counts(3);
                const order = [];
                const all = [it.next(), it.next(), it.next(), it.next(), it.return(9), it.next()];
                all.forEach((p, i) => p.then(r => order.push(i)));
                const results = await Promise.all(all);
                return JSON.stringify(results.map(r => r.done ? [r.value] : r.value)) + order)",
             "[1,2,3,[null],[9],[null]]0,1,2,3,4,5");
  expect_run(R"(const it = counts(3);
                const all = [it.next(), it.return(Promise.resolve('r')), it.next()];
                const results = await Promise.all(all);
                return JSON.stringify(results))",
             R"([{"value":1,"done":false},{"value":"r","done":true},{"done":true}])");
}

TEST_P(AsyncGeneratorTest, AsEcmaScriptsOwn) {
  define("native", [](Promise<void> gate) -> AsyncGenerator<int> {
    co_yield 1;
    co_await gate;
    co_yield 2;
  });
  // what a generator of ECMAScript that does the same answers; those of the engines leave some of
  // these calls without an answer
  expect_run(
      R"(
    let open;
    const it = native(new Promise(f => open = f));
    const seen = [];
    const show = name => [r => seen.push(name + JSON.stringify(r)), e => seen.push(name + '!' + e)];
    const calls = [it.next('x').then(...show('a')), it.next().then(...show('b')),
                   it.throw('t').then(...show('c')), it.return('r').then(...show('d')),
                   it.return(Promise.reject('no')).then(...show('e')),
                   it.throw('x').then(...show('f')), it.next().then(...show('g'))];
    open();
    await Promise.all(calls);
    const early = native(Promise.resolve());
    await Promise.all([early.throw('early').then(...show('h')), early.next().then(...show('i'))]);
    await native(Promise.resolve()).return('first').then(...show('j'));
    await it.next.call({}).catch(e => seen.push('k!' + e.name));
    return seen.join(' '))",
      R"(a{"value":1,"done":false} b{"value":2,"done":false} c!t d{"value":"r","done":true} )"
      R"(e!no f!x g{"done":true} h!early i{"done":true} j{"value":"first","done":true} )"
      "k!TypeError");
}

TEST_P(AsyncGeneratorTest, BreakEndsTheFrame) {
  expect_run("for await (const x of counts(5)) { if (x === 2) break } return 1", "1");
  EXPECT_EQ(Counted::live(), 0);
  expect_run("try { for await (const x of counts(5)) throw x } catch (e) { return e }", "1");
  EXPECT_EQ(Counted::live(), 0);
}

TEST_P(AsyncGeneratorTest, ExceptionsReject) {
  expect_run(R"(const seen = [];
                try { for await (const x of fails('one')) seen.push(x) }
                catch (e) { seen.push(e.name, e.message) }
                return seen.join())",
             "one,RangeError,no more");
  const Result<Value> result = run("for await (const x of fails('one'));");
  EXPECT_THROW((void)result.value(), std::out_of_range);
  expect_run(R"(const it = fails('one'); await it.next();
                return JSON.stringify([await it.next().catch(e => e.message), await it.next()]))",
             R"(["no more",{"done":true}])");
  EXPECT_EQ(Counted::live(), 0);
}

TEST_P(AsyncGeneratorTest, ThrowThrowsInTheCoroutine) {
  define("catches", [](int times) -> AsyncGenerator<std::string> {
    const Counted local;
    std::string text = "nothing";
    for (int i = 0; i < times; ++i) {
      try {
        co_yield text;
      } catch (const Error& error) {
        text = "caught " + error.message();
      }
    }
  });
  expect_run(R"(const it = catches(3); await it.next();
                const second = await it.throw(new Error('this'));
                return second.value + (await it.next()).value + (await it.next()).done)",
             "caught thiscaught thistrue");
  expect_run(R"(const it = counts(3); await it.next(); const reason = {};
                const same = await it.throw(reason).catch(e => e === reason);
                return same + JSON.stringify(await it.next()))",
             R"(true{"done":true})");
  EXPECT_EQ(Counted::live(), 0);
}

TEST_P(AsyncGeneratorTest, AValueThatDoesNotConvertEndsIt) {
  define("foreign", [](Ctx) -> AsyncGenerator<Value> {
    const Counted local;
    co_yield Value();
    co_yield Value();
  });
  expect_run(R"(const it = foreign(); const failed = await it.next().catch(e => e.name);
                return failed !== undefined && JSON.stringify(await it.next()))",
             R"({"done":true})");
  EXPECT_EQ(Counted::live(), 0);
}

TEST_P(AsyncGeneratorTest, HostileResultObjects) {
  expect_run(R"(const it = counts(3);
                let asked = 0;
                Object.defineProperty(Object.prototype, 'then', { configurable: true, get() {
                  if (asked++ < 5) it.next().catch(() => {}); return undefined } });
                try { await it.next(); await it.next() } finally { delete Object.prototype.then }
                return asked > 0)",
             "true");
  expect_run("return (await counts(2).return(3)).value", "3");
  eval("Promise.prototype.then = () => { throw 1 }; Promise.resolve = null");
  expect_run("const it = counts(2); return (await it.return(3)).value", "3");
}

TEST_P(AsyncGeneratorTest, KeepsWhatItWasCalledWith) {
  with([&](Ctx ctx) {
    ctx.globals().set("captured",
                      [text = std::string("a captured text of some length"),
                       counted = Counted()](int times) -> AsyncGenerator<std::string> {
                        for (int i = 0; i < times; ++i) {
                          co_await sleep(1ms);
                          co_yield text;
                        }
                      });
  });
  eval("globalThis.it = captured(2); delete globalThis.captured");
  runtime.run_gc();
  EXPECT_EQ(Counted::live(), 1);
  expect_run("const all = []; for await (const x of it) all.push(x.length); return all.join()",
             "30,30");
  runtime.run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_P(AsyncGeneratorTest, TheIteratorMayGoWhileAValueIsAwaited) {
  define("sees", [](Value) -> AsyncGenerator<int> {
    const Counted local;
    co_await sleep(2ms);
    co_yield 1;
    co_yield 2;
  });
  const Promise<> promise = start("let r = await sees({}).next(); return r.value");
  runtime.run_gc();
  EXPECT_EQ(Counted::live(), 1);
  EXPECT_EQ(finish(promise)->as<int>(), 1);
  eval("0");
  runtime.run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_P(AsyncGeneratorTest, GarbageIsDestroyed) {
  expect_run("const it = counts(3); it.self = it; return (await it.next()).value", "1");
  runtime.run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_P(AsyncGeneratorTest, WhatIsNoGeneratorIsRefused) {
  define("empty", [] { return AsyncGenerator<int>(); });
  expect_eval("empty()", "throws",
              "TypeError: an AsyncGenerator without a coroutine yields nothing");
  expect_run("return counts(1).next.call({}).catch(e => e.name)", "TypeError");
}

TEST_P(AsyncGeneratorTest, HasADescription) {
  EXPECT_EQ(to_string(type_info<AsyncGenerator<int>>()), "AsyncIterableIterator<number>");
}

TEST_P(AsyncGeneratorTest, EndsWithTheRuntime) {
  Runtime doomed;
  std::optional<Context> in(doomed);
  in->with([](Ctx ctx) {
    ctx.globals().set("counts", &counts);
    ctx.globals().set("slow", &slow);
    ctx.eval(
        "globalThis.a = counts(3); a.next(); a.next(); globalThis.b = slow(); b.next();"
        "globalThis.c = counts(3); c.return(new Promise(() => {})); c.next()");
  });
  doomed.poll();
  EXPECT_EQ(Counted::live(), 2);
  in.reset();
}

}  // namespace
}  // namespace quip::test
