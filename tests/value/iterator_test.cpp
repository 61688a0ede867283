// Iterators of scripts, gone through from C++.
#include "support/js.hpp"
#include "support/lifetime.hpp"
#include <quip/value/iterator.hpp>

#include <algorithm>
#include <cstdint>
#include <ranges>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace quip::test {
namespace {

static_assert(std::ranges::input_range<Iterator<int>>);
static_assert(!std::ranges::forward_range<Iterator<int>>);
static_assert(std::movable<Iterator<int>> && !std::copyable<Iterator<int>>);

using Ints = std::vector<int>;
using Texts = std::vector<std::string>;

template <class T>
std::vector<T> all(const Value& iterable) {
  std::vector<T> elements;
  for (T& element : iterate<T>(iterable)) {
    elements.push_back(std::move(element));
  }
  return elements;
}

/// A generator that writes down what happens to it in `log`.
constexpr std::string_view logging = R"(
  var log = [];
  function* numbers() {
    try { for (let n = 1; ; ++n) { log.push(n); yield n; } }
    finally { log.push('closed'); }
  }
  /* an iterator whose parts are given */
  function custom(parts) {
    const all = { n: 0, [Symbol.iterator]() { return this; },
                  next() { log.push('next'); return { value: ++this.n, done: this.n > 3 }; },
                  return() { log.push('return'); return {}; } };
    return Object.defineProperties(all, Object.getOwnPropertyDescriptors(parts ?? {}));
  }
)";

class Iterators : public JsTest {
 protected:
  Iterators() { eval(logging); }
  std::string log() { return eval<std::string>("log.splice(0).join()"); }
};

TEST_F(Iterators, EverythingIterable) {
  EXPECT_EQ(all<int>(eval("[1, 2, 3]")), (Ints{1, 2, 3}));
  EXPECT_EQ(all<int>(eval("[]")), Ints());
  EXPECT_EQ(all<std::string>(eval("'a\\u20ac\\u{1f600}'")), (Texts{"a", "\u20ac", "\U0001f600"}));
  EXPECT_EQ(all<int>(eval("new Set([3, 1, 3])")), (Ints{3, 1}));
  EXPECT_EQ(all<int>(eval("new Map([[5, 6]]).keys()")), Ints{5});
  EXPECT_EQ(all<int>(eval("Uint8Array.of(7, 8)")), (Ints{7, 8}));
  EXPECT_EQ(all<int>(eval("(function* () { yield 1; yield* [2, 3]; return 4 })()")),
            (Ints{1, 2, 3}));
  EXPECT_EQ(all<int>(eval("(function () { return arguments })(4, 5)")), (Ints{4, 5}));
  EXPECT_EQ(all<int>(eval("new Proxy([1, 2], {})")), (Ints{1, 2}));
  EXPECT_EQ(all<int>(eval("({ *[Symbol.iterator]() { yield 9 } })")), Ints{9});
  EXPECT_EQ(all<int>(eval("new (class extends Array {})(1, 2)")), (Ints{1, 2}));
}

TEST_F(Iterators, ElementsAreHandlesToo) {
  with([](Ctx ctx) {
    std::string keys;
    for (const Array& entry : iterate<Array>(ctx.eval("new Map([['a', 1], ['b', 2]])"))) {
      keys += entry.get<std::string>(0);
    }
    EXPECT_EQ(keys, "ab");
    int undefined = 0;
    for (const Value& value : iterate(ctx.eval("[undefined, null, , 1]"))) {
      undefined += value.is_undefined() ? 1 : 0;
    }
    EXPECT_EQ(undefined, 2);
    ctx.globals().set("list", Ints{1, 2});
    EXPECT_EQ(all<int>(ctx.globals()["list"]), (Ints{1, 2}));
  });
}

TEST_F(Iterators, WhatIsNotIterable) {
  const std::pair<const char*, const char*> cases[] = {
      {"undefined", "TypeError: expected an iterable, got undefined"},
      {"null", "TypeError: expected an iterable, got null"},
      {"5", "TypeError: expected an iterable, got 5 (number)"},
      {"({})", "TypeError: expected an iterable, got object"},
      {"({ [Symbol.iterator]: 1 })", "TypeError: expected an iterable, got object"},
      {"({ next() { return { done: true } } })", "TypeError: expected an iterable, got object"},
  };
  for (const auto& [script, message] : cases) {
    const Result<Iterator<int>> iterator = try_iterate<int>(eval(script));
    ASSERT_FALSE(iterator) << script;
    EXPECT_EQ(show(iterator.error()).text, message) << script;
    EXPECT_EQ(iterator.error().kind(), ErrorKind::conversion) << script;
    EXPECT_THROW((void)iterate(eval(script)), Error) << script;
  }
  EXPECT_EQ(show(try_iterate(eval("({ [Symbol.iterator]() { return 1 } })")).error()).text,
            "TypeError: [Symbol.iterator]() gave no object");
  EXPECT_EQ(
      show(try_iterate(eval("({ [Symbol.iterator]() { throw new RangeError('no') } })")).error())
          .text,
      "RangeError: no");
  EXPECT_EQ(show(try_iterate(eval("({ get [Symbol.iterator]() { throw new RangeError('get') } })"))
                     .error())
                .text,
            "RangeError: get");
  EXPECT_EQ(
      show(try_iterate(eval("custom({ get next() { throw new EvalError('next') } })")).error())
          .text,
      "EvalError: next");
  expect_eval("log.join()", "string", "");
}

TEST_F(Iterators, WhatFailsOnTheWay) {
  const std::pair<const char*, const char*> cases[] = {
      {"custom({ next() { throw new RangeError('next') } })", "RangeError: next"},
      {"custom({ next() { return 5 } })", "TypeError: the iterator's next() gave no object"},
      {"custom({ next() { return { get done() { throw new RangeError('done') } } } })",
       "RangeError: done"},
      {"custom({ next() { return { get value() { throw new RangeError('value') } } } })",
       "RangeError: value"},
  };
  for (const auto& [script, message] : cases) {
    Iterator<int> iterator = iterate<int>(eval(script));
    const Result<std::optional<int>> next = iterator.try_next();
    ASSERT_FALSE(next) << script;
    EXPECT_EQ(show(next.error()).text, message);
    // it has ended: nothing more is asked of it, nor is it closed
    EXPECT_EQ(iterator.next(), std::nullopt);
    iterator.close();
  }
  EXPECT_EQ(log(), "");
  Iterator<int> uncallable = iterate<int>(eval("custom({ next: 5 })"));
  EXPECT_EQ(uncallable.try_next().error().name(), "TypeError");
  EXPECT_EQ(uncallable.next(), std::nullopt);
  EXPECT_EQ(log(), "");
}

TEST_F(Iterators, DoneIsAnyTruthValue) {
  EXPECT_EQ(all<int>(eval("custom({ next() { return { done: 'yes' } } })")), Ints());
  EXPECT_EQ(
      all<int>(eval("custom({ next() { return this.n++ < 2 ? { value: 1 } : { done: {} } } })")),
      (Ints{1, 1}));
}

TEST_F(Iterators, NextIsReadOnce) {
  EXPECT_EQ(all<int>(eval("custom({ get next() { log.push('get'); let n = 0;"
                          "return () => ({ value: n, done: n++ > 1 }) } })")),
            (Ints{0, 1}));
  EXPECT_EQ(log(), "get");
}

TEST_F(Iterators, ALoopThatIsLeftClosesTheIterator) {
  for (const int n : iterate<int>(eval("numbers()"))) {
    if (n == 3) break;
  }
  EXPECT_EQ(log(), "1,2,3,closed");
  EXPECT_THROW(
      {
        for (const int n : iterate<int>(eval("numbers()"))) {
          if (n == 2) throw std::runtime_error("enough");
        }
      },
      std::runtime_error);
  EXPECT_EQ(log(), "1,2,closed");
  {
    const Iterator<int> unused = iterate<int>(eval("custom()"));
  }
  EXPECT_EQ(log(), "return");
  for (const int n : iterate<int>(eval("custom()"))) {
    EXPECT_LE(n, 3);
  }
  EXPECT_EQ(log(), "next,next,next,next");  // it ended by itself
}

TEST_F(Iterators, AnElementThatDoesNotConvertClosesTheIterator) {
  Iterator<int> iterator =
      iterate<int>(eval("custom({ next() { return { value: this.n++ < 2 ? 1 : 'x' } } })"));
  EXPECT_EQ(iterator.next(), 1);
  EXPECT_EQ(iterator.next(), 1);
  const Result<std::optional<int>> bad = iterator.try_next();
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message(),
            "[2]: expected an integer from -2147483648 to 2147483647, got \"x\" (string)");
  EXPECT_EQ(log(), "return");
  EXPECT_EQ(iterator.next(), std::nullopt);
  iterator.close();
  EXPECT_EQ(log(), "");
  EXPECT_THROW((void)all<int>(eval("custom({ next() { return { value: {} } } })")), Error);
  EXPECT_EQ(log(), "return");
}

TEST_F(Iterators, WhatReturnThrowsIsHeardByCloseAlone) {
  constexpr std::string_view throwing =
      "custom({ return() { log.push('return'); throw new RangeError('return') } })";
  {
    Iterator<int> iterator = iterate<int>(eval(throwing));
    EXPECT_EQ(iterator.next(), 1);
    EXPECT_EQ(show(iterator.try_close().error()).text, "RangeError: return");
    EXPECT_TRUE(iterator.try_close());
    EXPECT_EQ(iterator.next(), std::nullopt);
  }
  EXPECT_EQ(log(), "next,return");  // once
  {
    Iterator<std::string> iterator = iterate<std::string>(eval(throwing));
    EXPECT_EQ(iterator.try_next().error().kind(), ErrorKind::conversion);
  }
  EXPECT_EQ(log(), "next,return");
  {
    const Iterator<int> iterator = iterate<int>(eval(throwing));
  }
  EXPECT_EQ(log(), "return");
  expect_eval("1 + 1", "number", "2");  // nothing is left pending
  EXPECT_EQ(show(iterate<int>(eval("custom({ return: () => 5 })")).try_close().error()).text,
            "TypeError: the iterator's return() gave no object");
  EXPECT_EQ(iterate<int>(eval("custom({ return: 5 })")).try_close().error().name(), "TypeError");
  EXPECT_EQ(show(iterate<int>(eval("custom({ get return() { throw new RangeError('get') } })"))
                     .try_close())
                .text,
            "RangeError: get");
  for (const char* none : {"custom({ return: undefined })", "custom({ return: null })"}) {
    EXPECT_TRUE(iterate<int>(eval(none)).try_close()) << none;
  }
}

TEST_F(Iterators, ObjectsThatAreIterators) {
  Iterator<int> iterator(
      eval<Object>("({ n: 0, next() { return { value: this.n++, done: this.n > 2 } } })"));
  EXPECT_EQ(iterator.next(), 0);
  EXPECT_EQ(iterator.next(), 1);
  EXPECT_EQ(iterator.next(), std::nullopt);
  EXPECT_EQ(iterator.next(), std::nullopt);
  EXPECT_EQ(Iterator<int>::try_make(eval<Object>("({})")).value().try_next().error().name(),
            "TypeError");
  EXPECT_EQ(
      show(Iterator<int>::try_make(eval<Object>("({ get next() { throw new EvalError('n') } })"))
               .error())
          .text,
      "EvalError: n");
}

TEST_F(Iterators, RangesAndAlgorithms) {
  EXPECT_TRUE(std::ranges::equal(iterate<int>(eval("[1, 2]")), Ints{1, 2}));
  Ints doubled;
  for (const int n : iterate<int>(eval("numbers()")) | std::views::filter([](int x) {
                       return x % 2 == 0;
                     }) | std::views::transform([](int x) { return 10 * x; })) {
    doubled.push_back(n);
    if (n >= 40) break;
  }
  EXPECT_EQ(doubled, (Ints{20, 40}));
  EXPECT_EQ(log(), "1,2,3,4,closed");
  // a second loop goes on where the first one ended
  Iterator<int> iterator = iterate<int>(eval("[1, 2, 3, 4]"));
  for (const int n : iterator) {
    if (n == 2) break;
  }
  EXPECT_EQ(iterator.next(), 3);
  Ints left;
  for (const int n : iterator) left.push_back(n);
  EXPECT_EQ(left, Ints{4});
}

TEST_F(Iterators, MovedOnesGoOn) {
  Iterator<int> first = iterate<int>(eval("custom()"));
  EXPECT_EQ(first.next(), 1);
  Iterator<int> second = std::move(first);
  EXPECT_EQ(second.next(), 2);
  expect_gone(first.try_next());  // NOLINT(bugprone-use-after-move): what it is then
  expect_gone(first.try_close());
  EXPECT_EQ(log(), "next,next");
  second = iterate<int>(eval("[]"));
  EXPECT_EQ(log(), "return");
  expect_gone(Iterator<int>().try_next());
  expect_gone(try_iterate<int>(Value()));
}

TEST_F(Iterators, ParametersOfBoundFunctions) {
  define("sum", [](Iterator<int> numbers, std::optional<int> start) {
    int sum = start.value_or(0);
    for (const int n : numbers) sum += n;
    return sum;
  });
  expect_eval("sum([1, 2, 3])", "number", "6");
  expect_eval("sum(new Set([1, 2]), 10)", "number", "13");
  expect_eval("try { sum(5) } catch (e) { e.message }", "string",
              "Failed to execute 'sum': parameter 1: expected an iterable, got 5 (number)");
  // the error of an argument is not lost in the closing of another
  expect_eval(
      "try { sum(custom({ return() { log.push('return'); throw 1 } }), 'x') } catch (e) { "
      "e.message }",
      "string",
      "Failed to execute 'sum': parameter 2: expected an integer from -2147483648 to 2147483647, "
      "got \"x\" (string)");
  EXPECT_EQ(log(), "return");
  expect_eval("try { sum(custom(), 'x') } catch (e) { e.name }", "string", "TypeError");
  EXPECT_EQ(log(), "return");
  expect_eval("try { sum([1, {}]) } catch (e) { e.message }", "string",
              "[1]: expected an integer from -2147483648 to 2147483647, got object");
}

TEST_F(Iterators, WhatTheScriptCallsMayEndTheIteration) {
  Iterator<int> iterator =
      iterate<int>(eval("custom({ next() { log.push('next'); drop(); return { value: 1 } } })"));
  define("drop", [&iterator] { iterator = Iterator<int>(); });
  EXPECT_EQ(iterator.next(), 1);
  EXPECT_EQ(log(), "next,return");
  expect_gone(iterator.try_next());

  iterator =
      iterate<int>(eval("custom({ next() { log.push('next'); close(); return { value: 2 } } })"));
  define("close", [&iterator] { iterator.close(); });
  EXPECT_EQ(iterator.next(), 2);
  EXPECT_EQ(iterator.next(), std::nullopt);
  EXPECT_EQ(log(), "next,return");
}

TEST_F(Iterators, ScriptsCannotLeadItAstray) {
  eval(
      "globalThis.Symbol = { iterator: 'x' }; Array.prototype[Object.getOwnPropertySymbols("
      "Array.prototype)[0]]; String.prototype.x = () => 5");
  EXPECT_EQ(all<int>(eval("[1, 2]")), (Ints{1, 2}));
}

TEST_F(Iterators, OtherContexts) {
  const Context base = Context::base(runtime);
  const Value list = base.with([](Ctx ctx) { return ctx.eval("[1, 2]"); });
  EXPECT_EQ(all<int>(list), (Ints{1, 2}));
}

// ---- what conversions of containers stand on ---------------------------------------------------

using detail::for_each_iterated;

TEST_F(Iterators, EachElementInOrder) {
  with([](Ctx ctx) {
    const Value set = ctx.eval("new Set(['a', 'b'])");
    std::string seen;
    const Result<void> done = for_each_iterated(
        ValueRef(ctx.raw(), set.raw()), [&seen](ValueRef element) -> Result<void> {
          seen += detail::from_js<std::string>(element).value();
          return {};
        });
    EXPECT_TRUE(done);
    EXPECT_EQ(seen, "ab");
  });
}

TEST_F(Iterators, AVisitThatFailsClosesTheIterator) {
  with([](Ctx ctx) {
    const Value iterable = ctx.eval("custom()");
    const ValueRef ref(ctx.raw(), iterable.raw());
    int visits = 0;
    Result<void> done = for_each_iterated(ref, [&visits](ValueRef) -> Result<void> {
      return ++visits < 2 ? Result<void>() : Error::conversion("better", "worse");
    });
    EXPECT_EQ(show(done).text, "TypeError: expected better, got worse");
    EXPECT_EQ(ctx.eval<std::string>("log.splice(0).join()"), "next,next,return");
    EXPECT_THROW((void)for_each_iterated(
                     ref, [](ValueRef) -> Result<void> { throw std::runtime_error("visit"); }),
                 std::runtime_error);
    EXPECT_EQ(ctx.eval<std::string>("log.splice(0).join()"), "next,return");
  });
}

TEST_F(Iterators, EndlessOnesAreNoContainers) {
  with([](Ctx ctx) {
    const Value iterable = ctx.eval("numbers()");
    std::size_t count = 0;
    const auto visit = [&count](ValueRef) -> Result<void> {
      ++count;
      return {};
    };
    const Result<void> done = for_each_iterated(ValueRef(ctx.raw(), iterable.raw()), visit, 1000);
    EXPECT_EQ(count, 1000U);
    EXPECT_EQ(show(done).text,
              "RangeError: expected an iterable of at most 1000 elements, got object");
    EXPECT_EQ(ctx.eval<std::string>("log.slice(-2).join()"), "1001,closed");
    const Value thousand = ctx.eval("Array.from({ length: 1000 })");
    EXPECT_TRUE(for_each_iterated(ValueRef(ctx.raw(), thousand.raw()), visit, 1000));
    EXPECT_EQ(detail::most_iterated, std::size_t{1} << 24);
  });
}

TEST_F(Iterators, WhatIsIterable) {
  const std::pair<const char*, bool> cases[] = {
      {"[]", true},        {"new Map", true},
      {"numbers()", true}, {"({})", false},
      {"5", false},        {"'text'", false},
      {"null", false},     {"({ [Symbol.iterator]: 1 })", false},
      {"() => 1", false},  {"new Proxy([], {})", true},
  };
  for (const auto& [script, expected] : cases) {
    with([&](Ctx ctx) {
      const Value value = ctx.eval("(" + std::string(script) + ")");
      EXPECT_EQ(detail::is_iterable(ValueRef(ctx.raw(), value.raw())).value(), expected) << script;
    });
  }
  with([](Ctx ctx) {
    const Value value = ctx.eval("({ get [Symbol.iterator]() { throw new EvalError('no') } })");
    EXPECT_EQ(show(detail::is_iterable(ValueRef(ctx.raw(), value.raw())).error()).text,
              "EvalError: no");
  });
}

// ---- the end of the runtime --------------------------------------------------------------------

using IteratorsLifetime = LifetimeTest;

TEST_F(IteratorsLifetime, TheyMayBeDestroyedOnAnyThread) {
  Iterator<int> iterator = with([](Ctx ctx) {
    ctx.eval(
        "var closed = 0; function* numbers() { try { yield 1; yield 2 } finally { ++closed } }");
    return iterate<int>(ctx.eval("numbers()"));
  });
  EXPECT_EQ(iterator.next(), 1);
  std::thread([moved = std::move(iterator)] {}).join();
  with([](Ctx ctx) { EXPECT_EQ(ctx.eval<int>("closed"), 1); });
}

TEST_F(IteratorsLifetime, TheyOutliveTheirRuntime) {
  Iterator<int> iterator = with([](Ctx ctx) { return iterate<int>(ctx.eval("[1, 2, 3]")); });
  EXPECT_EQ(iterator.next(), 1);
  context.reset();
  EXPECT_EQ(iterator.next(), 2);
  runtime.reset();
  expect_gone(iterator.try_next());
  expect_gone(iterator.try_close());
  EXPECT_THROW((void)iterator.next(), RuntimeGone);
}

TEST_F(IteratorsLifetime, OneThatAScriptOwnsIsNotClosedInTheCollector) {
  with([](Ctx ctx) {
    ctx.eval(
        "var closed = 0; function* numbers() { try { yield 1; yield 2 } finally { ++closed } }");
    auto iterator = std::make_shared<Iterator<int>>(iterate<int>(ctx.eval("numbers()")));
    EXPECT_EQ(iterator->next(), 1);
    ctx.globals().set("step", [iterator] { return iterator->next(); });
    iterator.reset();
    // its last owner goes where no script may run
    ctx.eval("delete globalThis.step");
  });
  runtime->run_gc();
  with([](Ctx ctx) { EXPECT_EQ(ctx.eval<int>("closed"), 0); });
}

}  // namespace
}  // namespace quip::test
