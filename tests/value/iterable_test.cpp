// C++ ranges that scripts iterate over.
#include "support/counted.hpp"
#include "support/js.hpp"
#include "support/lifetime.hpp"
#include <quip/value/iterable.hpp>

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <ranges>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace quip::test {
namespace {

using Ints = std::vector<int>;

/// An iterator of JS over 1, 2, …, which counts itself and what it is asked.
auto counter(int last = 1000000) {
  return iterator_from([n = 0, last, counted = Counted()]() mutable {
    return n < last ? std::optional<int>(++n) : std::nullopt;
  });
}

TEST_F(JsTest, ContainersAreIterable) {
  define("it", iterable(Ints{1, 2, 3}));
  expect_eval("[...it].join()", "string", "1,2,3");
  expect_eval("[...it].join()", "string", "1,2,3");  // anew each time
  expect_eval("const a = []; for (const x of it) for (const y of it) a.push(x * y); a.join()",
              "string", "1,2,3,2,4,6,3,6,9");
  expect_eval("const [first, , third] = it; first + third", "number", "4");
  expect_eval("Math.max(...it)", "number", "3");
  expect_eval("Array.from(it, x => x + 1).join()", "string", "2,3,4");
  define("none", iterable(Ints{}));
  expect_eval("[...none].length", "number", "0");
  define("words", Iterable(std::list<std::string>{"a", "b"}));
  expect_eval("[...words].join()", "string", "a,b");
  define("bits", iterable(std::vector<bool>{true, false}));
  expect_eval("[...bits].join()", "string", "true,false");
}

TEST_F(JsTest, MapsGiveEntries) {
  define("it", iterable(std::map<std::string, int>{{"a", 1}, {"b", 2}}));
  expect_eval("JSON.stringify([...it])", "string", R"([["a",1],["b",2]])");
  expect_eval("new Map(it).get('b')", "number", "2");
  expect_eval("JSON.stringify(Object.fromEntries(it))", "string", R"({"a":1,"b":2})");
}

TEST_F(JsTest, ViewsAreLazy) {
  int computed = 0;
  const Ints numbers{1, 2, 3, 4, 5, 6};
  define("even", iterable(numbers | std::views::filter([](int n) { return n % 2 == 0; }) |
                          std::views::transform([&computed](int n) {
                            ++computed;
                            return n * 10;
                          })));
  EXPECT_EQ(computed, 0);
  expect_eval("const [x] = even; x", "number", "20");
  EXPECT_EQ(computed, 1);
  expect_eval("[...even].join()", "string", "20,40,60");
  define("endless", iterable(std::views::iota(0)));
  expect_eval("let n = 0; for (const x of endless) { n += x; if (x == 100) break } n", "number",
              "5050");
}

TEST_F(JsTest, LvaluesAreCopiedAndRefsBorrowed) {
  Ints numbers{1, 2};
  auto copy = iterable(numbers);
  define("copied", copy);
  define("copied_too", std::move(copy));
  define("borrowed", iterable(std::ref(numbers)));
  define("constant", iterable(std::cref(numbers)));
  define("once", iterator(std::ref(numbers)));
  numbers[0] = 7;
  expect_eval("[...copied, ...copied_too].join()", "string", "1,2,1,2");
  expect_eval("[...borrowed, ...constant, ...once].join()", "string", "7,2,7,2,7,2");
}

TEST_F(JsTest, SinglePassRangesGiveTheIterator) {
  std::istringstream stream("3 1 4 1 5");
  define("it", iterable(std::ranges::istream_view<int>(stream)));
  expect_eval("it[Symbol.iterator]() === it", "boolean", "true");
  expect_eval("it.next().value", "number", "3");
  expect_eval("[...it].join()", "string", "1,4,1,5");
  expect_eval("[...it].length", "number", "0");
}

TEST_F(JsTest, IteratorsAreAsTheStandardOnesAre) {
  define("it", iterator(Ints{1, 2, 3}));
  expect_eval("it[Symbol.iterator]() === it", "boolean", "true");
  expect_eval(
      "const prototypeOf = Object.getPrototypeOf;"
      "prototypeOf(prototypeOf(it)) === prototypeOf(prototypeOf([].values()))",
      "boolean", "true");
  expect_eval("Object.prototype.toString.call(it)", "string", "[object Native Iterator]");
  expect_eval("Object.keys(prototypeOf(it)).length", "number", "0");
  expect_eval("[it.next.name, it.return.name, it.next.length].join()", "string", "next,return,0");
  expect_eval("JSON.stringify(it.next())", "string", R"({"value":1,"done":false})");
  expect_eval("[...it].join()", "string", "2,3");
  expect_eval("const end = it.next(); [end.value, end.done, 'value' in end].join()", "string",
              ",true,true");
  // the helpers are there where the engine has them
  define("numbers", iterator(Ints{1, 2, 3}));
  expect_eval("typeof numbers.map === typeof [].values().map", "boolean", "true");
  expect_eval(
      "typeof numbers.map == 'function' ? numbers.map(x => 2 * x).toArray().join() : '2,4,6'",
      "string", "2,4,6");
}

TEST_F(JsTest, HelpersCloseTheIterator) {
  const NoneLeft none_left;
  define("it", counter());
  expect_eval("{ const a = []; for (const x of it) { a.push(x); if (x == 2) break } a.join() }",
              "string", "1,2");
  EXPECT_EQ(Counted::live(), 0);  // the break has destroyed it
  expect_eval("it.next().done", "boolean", "true");
}

TEST_F(JsTest, IteratorsFromFunctions) {
  define("countdown", iterator_from([n = 3]() mutable -> std::optional<int> {
           return n > 0 ? std::optional(n--) : std::nullopt;
         }));
  expect_eval("[...countdown].join()", "string", "3,2,1");
  int calls = 0;
  define("one",
         iterator_from([&calls] { return ++calls == 1 ? std::optional("x") : std::nullopt; }));
  expect_eval("[...one, ...one, one.next().done].join()", "string", "x,true");
  EXPECT_EQ(calls, 2);  // not after its end
  define("moved", iterator_from([p = std::make_unique<int>(5)]() mutable {
           std::optional<int> value = p ? std::optional(*p) : std::nullopt;
           p.reset();
           return value;
         }));
  expect_eval("[...moved].join()", "string", "5");
  define("fails", iterator_from([n = 0]() mutable -> Result<std::optional<int>> {
           if (++n == 2) return Error::range("two");
           return std::optional(n);
         }));
  expect_eval("fails.next().value", "number", "1");
  expect_eval("fails.next()", "throws", "RangeError: two");
  expect_eval("fails.next().done", "boolean", "true");
}

TEST_F(JsTest, EmptyFunctionsGiveNoIterator) {
  using Next = std::optional<int> (*)();
  with([](Ctx ctx) {
    EXPECT_EQ(show(Value::try_make(ctx, iterator_from(Next()))).text,
              "TypeError: an empty function gives no elements");
    EXPECT_EQ(
        Value::try_make(ctx, iterator_from(std::function<std::optional<int>()>())).error().name(),
        "TypeError");
  });
}

TEST_F(JsTest, MemoryThatRunsOut) {
  const NoneLeft none_left;
  int made = 0;
  int failed = 0;
  for (std::int64_t left = 8000; left >= 0; left -= 50) {
    Runtime short_runtime;
    const Context short_context(short_runtime);
    short_context.with([&](Ctx ctx) {
      const auto used = static_cast<std::int64_t>(short_runtime.memory_usage().malloc_size);
      short_runtime.set_memory_limit(static_cast<std::size_t>(used + left));
      for (int i = 0; i < 3; ++i) {
        const Result<Value> it = Value::try_make(ctx, counter());
        const Result<Value> list = Value::try_make(ctx, iterable(Ints{1, 2}));
        (it && list ? made : failed) += 1;
      }
      short_runtime.set_memory_limit(0);
      const Value it(ctx, counter(2));
      const Value list(ctx, iterable(Ints{1, 2}));
      EXPECT_EQ(iterate<int>(it).next(), 1) << left;
      EXPECT_EQ(iterate<int>(list).next(), 1) << left;
    });
  }
  EXPECT_GT(made, 0);
  EXPECT_GT(failed, 0);
}

TEST_F(JsTest, ReturnEndsAndDestroys) {
  const NoneLeft none_left;
  define("it", counter());
  expect_eval("it.next().value", "number", "1");
  EXPECT_EQ(Counted::live(), 1);
  expect_eval("JSON.stringify(it.return(7))", "string", R"({"value":7,"done":true})");
  EXPECT_EQ(Counted::live(), 0);
  expect_eval("it.next().done", "boolean", "true");
  expect_eval("const r = it.return(); [r.value, r.done].join()", "string", ",true");
  define("unused", counter());
  expect_eval("unused.return(); unused.next().done", "boolean", "true");
  define("short", counter(2));
  expect_eval("[...short].join()", "string", "1,2");
  EXPECT_EQ(Counted::live(), 0);  // the end has destroyed it
}

TEST_F(JsTest, CppExceptionsBecomeTheScripts) {
  const NoneLeft none_left;
  define("throws", iterator_from([n = 0, counted = Counted()]() mutable -> std::optional<int> {
           if (++n == 3) throw std::out_of_range("three");
           return n;
         }));
  expect_eval(
      "const seen = []; try { for (const x of throws) seen.push(x) }"
      "catch (e) { seen.push(String(e)) } seen.join()",
      "string", "1,2,RangeError: three");
  EXPECT_EQ(Counted::live(), 0);
  expect_eval("throws.next().done", "boolean", "true");
  define("odd", iterable(std::views::iota(0) | std::views::transform([](int n) {
                           if (n == 1) throw 5;
                           return n;
                         })));
  expect_eval("try { [...odd] } catch (e) { e instanceof Error }", "boolean", "true");
  // the same exception again where it comes back to C++
  define("again",
         iterator_from([]() -> std::optional<int> { throw std::invalid_argument("mine"); }));
  EXPECT_THROW((void)eval("[...again]"), std::invalid_argument);
}

TEST_F(JsTest, ElementsThatHaveNoJsValue) {
  Runtime other_runtime;
  const Context other(other_runtime);
  const Value foreign = other.with([](Ctx ctx) { return ctx.eval("({})"); });
  define("it", iterator(std::vector<Value>{eval("1"), foreign, eval("2")}));
  expect_eval("it.next().value", "number", "1");
  expect_eval("it.next()", "throws", "TypeError: a value of one runtime cannot be used in another");
  expect_eval("it.next().done", "boolean", "true");
}

TEST_F(JsTest, AnIteratorThatIsAskedWhileItRuns) {
  define("it", iterator_from([this, n = 0]() mutable -> std::optional<int> {
           (void)eval("again()");
           return ++n;
         }));
  eval("var action = 'next'; function again() { it[action]() }");
  expect_eval("it.next()", "throws", "TypeError: the iterator is already running");
  expect_eval("it.next().done", "boolean", "true");  // the error has ended it
  define("it", iterator_from([this, n = 0]() mutable -> std::optional<std::string> {
           return n++ > 0 ? std::nullopt : std::optional(show(try_eval("again()")).text);
         }));
  expect_eval("action = 'return'; it.next().value", "string",
              "TypeError: the iterator is already running");
  expect_eval("it.next().done", "boolean", "true");
}

TEST_F(JsTest, DestructorsThatAskTheIterator) {
  std::string seen;
  define("it",
         iterator_from([end = AtDestruction([this, &seen] {
                          seen += show(try_eval("it.next()")).text;
                        })]() -> Result<std::optional<int>> { return Error::range("over"); }));
  expect_eval("it.next()", "throws", "RangeError: over");
  EXPECT_EQ(seen, "TypeError: the iterator is already running");
  expect_eval("it.next().done", "boolean", "true");
}

TEST_F(JsTest, WhatARangeCallsMayDropItsIterator) {
  const NoneLeft none_left;
  define("it", iterator_from([this, counted = Counted()]() -> std::optional<int> {
           eval("it = null");
           runtime.run_gc();
           return 5;
         }));
  expect_eval("it.next().value", "number", "5");
}

TEST_F(JsTest, OtherThisValuesAreRefused) {
  define("it", iterator(Ints{1}));
  define("list", iterable(Ints{1}));
  for (const char* wrong : {"{}", "5", "undefined", "Object.create(it)", "new Proxy(it, {})",
                            "[].values()", "list", "Object.getPrototypeOf(it)"}) {
    for (const char* method : {"next", "return"}) {
      const std::string script = "it." + std::string(method) + ".call(" + wrong + ")";
      expect_eval(script, "throws", "TypeError: 'this' is not an iterator of C++ values");
    }
  }
  for (const char* wrong :
       {"{}", "null", "Object.create(list)", "new Proxy(list, {})", "it", "[]"}) {
    expect_eval("list[Symbol.iterator].call(" + std::string(wrong) + ")", "throws",
                "TypeError: 'this' is not an iterable of C++ values");
  }
  expect_eval("it.next().value", "number", "1");
  // a proxy of an iterable is one whose `this` is not
  expect_eval("try { [...new Proxy(list, {})] } catch (e) { e.name }", "string", "TypeError");
}

TEST_F(JsTest, EachContextHasItsPrototypes) {
  const Context other(runtime);
  define("it", iterator(Ints{1}));
  other.with([](Ctx ctx) { ctx.globals().set("it", iterator(Ints{2})); });
  const char* parent =
      "Object.getPrototypeOf(Object.getPrototypeOf(it)) ==="
      "Object.getPrototypeOf(Object.getPrototypeOf([].values()))";
  expect_eval(parent, "boolean", "true");
  expect_eval(other, parent, "boolean", "true");
  const Context base = Context::base(runtime);
  base.with([](Ctx ctx) {
    ctx.globals().set("it", iterator(Ints{3, 4}));
    ctx.globals().set("list", iterable(Ints{5, 6}));
  });
  expect_eval(base, "[...it, ...list].join()", "string", "3,4,5,6");
  // from one context to the other
  const Value mine = eval("it");
  other.with([&](Ctx ctx) { ctx.globals().set("theirs", mine); });
  expect_eval(other, "`${it.next.call(theirs).value}${theirs[Symbol.iterator]().next().done}`",
              "string", "1true");
}

TEST_F(JsTest, PatchedPrototypesDoNotReachIt) {
  eval(
      "Object.defineProperty(Object.prototype, 'done', { set() { throw 1 }, configurable: true });"
      "Object.defineProperty(Object.prototype, 'value', { set() { throw 1 }, configurable: true "
      "})");
  define("it", iterator(Ints{1}));
  expect_eval("it.next().value", "number", "1");
  eval("delete Object.prototype.done; delete Object.prototype.value");
}

TEST_F(JsTest, ALostIteratorPrototypeIsAnError) {
  const Context other(runtime);
  other.with([](Ctx ctx) {
    ctx.eval("Array.prototype.values = () => Object.create(null)");
    const Result<void> set = ctx.globals().try_set("it", iterator(Ints{1}));
    ASSERT_FALSE(set);
    EXPECT_EQ(set.error().name(), "TypeError");
  });
}

TEST_F(JsTest, BackAndForth) {
  define("it", iterable(Ints{1, 2, 3}));
  Ints seen;
  for (const int n : iterate<int>(eval("it"))) seen.push_back(n);
  EXPECT_EQ(seen, (Ints{1, 2, 3}));
  const NoneLeft none_left;
  define("naturals", counter());
  for (const int n : iterate<int>(eval("naturals"))) {
    if (n == 5) break;
  }
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(JsTest, FunctionsReturnThem) {
  define("range", [](int from, int to) { return iterable(std::views::iota(from, to)); });
  define("letters", [] {
    return iterator_from([c = 'a']() mutable -> std::optional<std::string> {
      if (c > 'c') return std::nullopt;
      return std::string(1, c++);
    });
  });
  expect_eval("[...range(2, 5), ...letters()].join()", "string", "2,3,4,a,b,c");
}

using IterableLifetime = LifetimeTest;

TEST_F(IterableLifetime, TheEndOfTheRuntimeDestroysThem) {
  with([](Ctx ctx) {
    ctx.globals().set("it", counter());
    ctx.globals().set("list", iterable(std::vector<Counted>(3) |
                                       std::views::transform([](const Counted&) { return 1; })));
    ctx.eval("const some = list[Symbol.iterator](); some.next(); it.next(); it.self = it");
  });
  EXPECT_GT(Counted::live(), 0);
  context.reset();
  runtime.reset();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(IterableLifetime, AnIteratorKeepsItsRangeAlive) {
  with([this](Ctx ctx) {
    ctx.globals().set("list", iterable(Ints{1, 2, 3}));
    ctx.eval("var it = list[Symbol.iterator](); it.next(); delete globalThis.list; list = null");
    runtime->run_gc();
    EXPECT_EQ(ctx.eval<std::string>("[...it].join()"), "2,3");
  });
}

TEST_F(IterableLifetime, ThoseOfACollectedContextGo) {
  {
    const Context other(*runtime);
    other.with([](Ctx ctx) {
      ctx.globals().set("it", counter());
      ctx.eval("it.global = globalThis");
    });
  }
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(IterableLifetime, OnesThatOutliveTheRuntimeAreGone) {
  const Value it = with([](Ctx ctx) { return Value(ctx, counter()); });
  runtime.reset();
  EXPECT_EQ(Counted::live(), 0);
  expect_gone(it.try_as<Object>());
}

}  // namespace
}  // namespace quip::test
