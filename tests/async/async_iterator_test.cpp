// AsyncIterator: JavaScript's async iterables for coroutines.
#include "support/counted.hpp"
#include "support/js.hpp"

#include <optional>
#include <string>
#include <vector>

namespace quip::test {
namespace {

Task<std::string> joined(AsyncIterator<Value> items) {
  std::string text;
  while (std::optional<Value> item = co_await items.next()) {
    text += item->to_display_string() + ";";
  }
  const std::optional<Value> behind = co_await items.next();
  co_return text + (behind ? "more" : "");
}
Task<int> first_number(AsyncIterator<int> numbers) {
  const std::optional<int> first = co_await numbers.next();
  co_return first.value_or(-1);
}
Task<int> sum(AsyncIterator<int> numbers) {
  int total = 0;
  while (std::optional<int> number = co_await numbers.next()) total += *number;
  co_return total;
}
Task<int> first_and_close(AsyncIterator<int> numbers) {
  const std::optional<int> first = co_await numbers.next();
  co_await numbers.close();
  co_await numbers.close();
  const std::optional<int> behind = co_await numbers.next();
  co_return first.value_or(-1) + behind.value_or(0);
}

class AsyncIteratorTest : public JsTest {
 protected:
  void SetUp() override {
    define("joined", &joined);
    define("firstNumber", &first_number);
    define("sum", &sum);
    define("firstAndClose", &first_and_close);
    eval(R"(globalThis.log = [];
            globalThis.gen = async function* (...items) {
              try { for (const item of items) yield item } finally { log.push('ended') } };
            globalThis.raw = steps => ({ [Symbol.asyncIterator]() { return {
              next() { return steps.shift()() },
              return() { log.push('return'); return {} } } } });)");
  }
  /// What an async function with that body comes to, as text.
  std::string run(const std::string& body) {
    const Result<Promise<>> promise =
        with([&](Ctx ctx) { return ctx.try_eval<Promise<>>("(async () => {" + body + "})()"); });
    if (!promise) return promise.error().name() + ": " + promise.error().message();
    const Result<Value> result = promise->try_finish();
    if (!result) return result.error().name() + ": " + result.error().message();
    return result->to_display_string();
  }
};

TEST_F(AsyncIteratorTest, TakesAsyncIterables) {
  EXPECT_EQ(run("return await joined(gen(1, 'two', null))"), "1;two;null;");
  EXPECT_EQ(run("return await joined(gen())"), "");
  EXPECT_EQ(run("return await joined(gen(Promise.resolve('settled')))"), "settled;");
  EXPECT_EQ(run("const all = gen(1, 2); await all.next(); return await joined(all)"), "2;");
}

TEST_F(AsyncIteratorTest, TakesIterables) {
  EXPECT_EQ(run("return await joined([1, Promise.resolve(2), 3])"), "1;2;3;");
  EXPECT_EQ(run("return await joined('añ')"), "a;ñ;");
  EXPECT_EQ(run("return await joined(new Set([1, 2]))"), "1;2;");
  EXPECT_EQ(run("return await joined({ [Symbol.asyncIterator]: null, *[Symbol.iterator]() {"
                " yield 1 } })"),
            "1;");
}

TEST_F(AsyncIteratorTest, RefusesWhatIsNeither) {
  for (const char* value : {"undefined", "null", "1", "{}", "{ [Symbol.asyncIterator]: 1 }"}) {
    EXPECT_THAT(run(std::string("try { joined(") + value + ") } catch (e) { return e.message }"),
                ::testing::HasSubstr("expected an async iterable"))
        << value;
  }
  EXPECT_EQ(run("try { joined({ get [Symbol.asyncIterator]() { throw new RangeError('get') } }) }"
                "catch (e) { return e.message }"),
            "get");
  EXPECT_EQ(run("try { joined({ [Symbol.asyncIterator]() { return 1 } }) }"
                "catch (e) { return e.name + e.message }"),
            "TypeError[Symbol.asyncIterator]() gave no object");
  EXPECT_EQ(
      run("try { joined({ [Symbol.asyncIterator]() { return { get next() { throw 'n' } } } }) }"
          "catch (e) { return e }"),
      "n");
}

TEST_F(AsyncIteratorTest, WhatTheIteratorDoesWrong) {
  const char* const end = " } catch (e) { return [e.name ?? e, e.message, ...log].join() }";
  const auto fails = [&](const std::string& step) {
    return run("try { log.length = 0; return await sum(raw([() => ({ value: 1 }), " + step + "]))" +
               end);
  };
  EXPECT_EQ(fails("() => ({ done: true })"), "1");
  EXPECT_EQ(fails("() => { throw new RangeError('thrown') }"), "RangeError,thrown");
  EXPECT_EQ(fails("() => Promise.reject(new RangeError('rejected'))"), "RangeError,rejected");
  EXPECT_EQ(fails("() => 1"), "TypeError,the async iterator's next() gave no object");
  EXPECT_EQ(fails("async () => 1"), "TypeError,the async iterator's next() gave no object");
  EXPECT_EQ(fails("() => ({ get done() { throw new RangeError('done') } })"), "RangeError,done");
  EXPECT_EQ(fails("() => ({ get value() { throw new RangeError('value') } })"), "RangeError,value");
  EXPECT_EQ(fails("() => ({ then(f) { f({ value: 2 }) } }), () => ({ done: true })"), "3");
  EXPECT_EQ(fails("() => ({ get then() { throw new RangeError('then') } })"), "RangeError,then");
  EXPECT_EQ(
      run(std::string("try { return await sum({ [Symbol.asyncIterator]() { return {} } })") + end)
          .substr(0, 9),
      "TypeError");
}

TEST_F(AsyncIteratorTest, ElementsConvertOrEndTheIteration) {
  EXPECT_EQ(run("try { return await sum(gen(1, 'two', 3)) } catch (e) {"
                " return e.message + log.join() }"),
            "[1]: expected an integer from -2147483648 to 2147483647, got \"two\" (string)ended");
  EXPECT_EQ(run("log.length = 0; function* sync() { try { yield 1; yield {} } finally {"
                " log.push('sync') } }"
                "try { return await sum(sync()) } catch (e) { return e.name + log.join() }"),
            "TypeErrorsync");
  EXPECT_EQ(
      run("log.length = 0; function* sync() { try { yield Promise.reject(new RangeError('p')) }"
          " finally { log.push('sync') } }"
          "try { return await sum(sync()) } catch (e) { return e.name + log.join() }"),
      "RangeErrorsync");
}

TEST_F(AsyncIteratorTest, CloseAwaitsReturn) {
  EXPECT_EQ(run("const n = await firstAndClose(gen(4, 5)); return n + log.join()"), "4ended");
  EXPECT_EQ(run("log.length = 0; const n = await firstAndClose([4, 5]); return n + log.join()"),
            "4");
  EXPECT_EQ(run("return await firstAndClose({ [Symbol.asyncIterator]: () => ({"
                " next: () => ({ value: 1 }) }) })"),
            "1");
  EXPECT_EQ(run("try { return await firstAndClose({ [Symbol.asyncIterator]: () => ({"
                " next: () => ({ value: 1 }), return: async () => 1 }) }) } catch (e) {"
                " return e.message }"),
            "the async iterator's return() gave no object");
  EXPECT_EQ(run("try { return await firstAndClose({ [Symbol.asyncIterator]: () => ({"
                " next: () => ({ value: 1 }), return() { throw new RangeError('r') } }) }) }"
                " catch (e) { return e.message }"),
            "r");
}

TEST_F(AsyncIteratorTest, AnEarlyEndCallsReturn) {
  EXPECT_EQ(run("log.length = 0; const n = await firstNumber(gen(4, 5)); await null;"
                "return n + log.join()"),
            "4ended");
  EXPECT_EQ(run("log.length = 0; const n = await firstNumber({ [Symbol.asyncIterator]: () => ({"
                " next: () => ({ value: 1 }), return() { log.push('r'); return Promise.reject(1) }"
                "}) }); return n + log.join()"),
            "1r");
  EXPECT_EQ(run("log.length = 0; const n = await firstNumber({ [Symbol.asyncIterator]: () => ({"
                " next: () => ({ value: 1 }), get return() { log.push('g'); throw 1 }"
                "}) }); return n + log.join()"),
            "1g");
  EXPECT_EQ(run("log.length = 0; const n = await firstNumber([1, 2]); return n + log.join()"), "1");
}

TEST_F(AsyncIteratorTest, ByHand) {
  auto take_two = [](AsyncIterator<int> from) -> Task<int> {
    auto both = co_await when_all(from.next(), from.next());
    const std::optional<int> a = std::get<0>(both);
    const std::optional<int> b = std::get<1>(both);
    co_return a.value_or(0) * 10 + b.value_or(0);
  };
  AsyncIterator<int> from =
      with([](Ctx ctx) { return iterate_async<int>(ctx.eval("gen(1, 2, 3)")); });
  EXPECT_EQ(runtime.run_until(take_two(std::move(from))), 12);
  EXPECT_EQ(with([](Ctx ctx) { return try_iterate_async(ctx.eval("1")).error().message(); }),
            "expected an async iterable, got 1 (number)");
  auto empty = []() -> Task<> {
    const AsyncIterator<int> none;
    (void)co_await none.next();
  };
  EXPECT_THROW(runtime.run_until(empty()), RuntimeGone);
}

TEST_F(AsyncIteratorTest, OwnAsyncGenerators) {
  define("native", [](int to) -> AsyncGenerator<int> {
    const Counted local;
    for (int n = 0; n < to; ++n) {
      co_await yield();
      co_yield n;
    }
  });
  EXPECT_EQ(run("return await sum(native(5))"), "10");
  EXPECT_EQ(run("return await firstAndClose(native(5))"), "0");
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(AsyncIteratorTest, AnotherRuntimeIsRefused) {
  Runtime other;
  const Context there(other);
  AsyncIterator<int> from =
      with([](Ctx ctx) { return iterate_async<int>(ctx.eval("gen(1, 2, 3)")); });
  EXPECT_THROW((void)other.run_until(sum(std::move(from))), Error);
}

TEST_F(AsyncIteratorTest, MayOutliveItsRuntime) {
  AsyncIterator<int> from;
  {
    Runtime doomed;
    const Context in(doomed);
    from = in.with([](Ctx ctx) { return iterate_async<int>(ctx.eval("[1]")); });
  }
  EXPECT_THROW((void)runtime.run_until(sum(std::move(from))), RuntimeGone);
}

TEST_F(AsyncIteratorTest, HasADescription) {
  EXPECT_EQ(to_string(type_info<AsyncIterator<int>>()), "AsyncIterable<number>");
}

}  // namespace
}  // namespace quip::test
