// Generator: coroutines as ranges, and as iterators for scripts.
#include "support/counted.hpp"
#include "support/js.hpp"

#include <algorithm>
#include <memory>
#include <ranges>
#include <stdexcept>
#include <string>
#include <vector>

namespace quip::test {

class Shelf {
 public:
  explicit Shelf(std::vector<std::string> books) : books_(std::move(books)) {}
  Generator<std::string> books() const {
    for (const std::string& book : books_) co_yield book;
  }
  Generator<std::string> books_of(const Shelf& other) const {
    for (const std::string& book : books_) co_yield book;
    for (const std::string& book : other.books_) co_yield book;
  }
  std::vector<std::string> books_;
  Counted counted;
};
void define(ClassDef<Shelf>& def) {
  def.constructor<std::vector<std::string>>().method<&Shelf::books>().method<&Shelf::books_of>(
      "booksOf");
}

namespace {

Generator<int> countdown(int from) {
  const Counted local;
  for (int n = from; n > 0; --n) co_yield n;
}
Generator<std::string> fails_after(std::string first) {
  const Counted local;
  co_yield first;
  throw std::out_of_range("no more");
}
Generator<std::unique_ptr<int>> owners() {
  co_yield std::make_unique<int>(1);
  co_yield std::make_unique<int>(2);
}

static_assert(std::ranges::input_range<Generator<int>>);
static_assert(std::ranges::input_range<Generator<std::unique_ptr<int>>>);
static_assert(!std::copy_constructible<Generator<int>>);

class GeneratorTest : public JsTest {
 protected:
  void SetUp() override {
    define("countdown", &countdown);
    define("fails", &fails_after);
    eval(R"(globalThis.collected = (it) => { const all = []; for (const x of it) all.push(x);
                                             return all.join() })");
  }
  const NoneLeft none_left;
};

TEST_F(GeneratorTest, IsARangeOfCpp) {
  std::vector<int> seen;
  for (const int n : countdown(3)) seen.push_back(n);
  EXPECT_EQ(seen, (std::vector{3, 2, 1}));
  Generator<int> rest = countdown(3);
  EXPECT_EQ(*rest.begin(), 3);
  EXPECT_EQ(*rest.begin(), 3) << "begin does not go on";
  EXPECT_EQ(*++rest.begin(), 2);
  std::vector<int> owned;
  for (std::unique_ptr<int> each : owners()) owned.push_back(*each);
  EXPECT_EQ(owned, (std::vector{1, 2}));
  for (const int n : Generator<int>()) ADD_FAILURE() << n;
  auto doubled = countdown(2) | std::views::transform([](int n) { return n * 2; });
  EXPECT_EQ(*doubled.begin(), 4);
}

TEST_F(GeneratorTest, ThrowsWhatItsBodyThrows) {
  Generator<std::string> generator = fails_after("one");
  auto place = generator.begin();
  EXPECT_EQ(*place, "one");
  EXPECT_THROW(++place, std::out_of_range);
  EXPECT_TRUE(place == generator.end());
  EXPECT_NO_THROW(++place);
}

TEST_F(GeneratorTest, CannotGoOnInsideOfItself) {
  Generator<int> generator;
  auto body = [](Generator<int>& self) -> Generator<int> {
    co_yield *self.begin();
    ++self.begin();
    co_yield 2;
  };
  generator = body(generator);
  EXPECT_THROW((void)generator.begin(), Error) << "it has not yielded";
}

TEST_F(GeneratorTest, IsAnIteratorOfScripts) {
  expect_eval("collected(countdown(3))", "string", "3,2,1");
  expect_eval("[...countdown(2), ...countdown(1)].join()", "string", "2,1,1");
  expect_eval("const it = countdown(2); it[Symbol.iterator]() === it", "boolean", "true");
  expect_eval("const [a] = countdown(5); a", "number", "5");
  expect_eval("for (const n of countdown(5)) { if (n < 4) break } 1", "number", "1");
  expect_eval(
      "const ends = countdown(5); ends.next(); JSON.stringify([ends.return(7), ends.next()])",
      "string", R"([{"value":7,"done":true},{"done":true}])");
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(GeneratorTest, ItsExceptionsComeOutOfNext) {
  expect_eval("collected(fails('x'))", "throws", "RangeError: no more");
  EXPECT_THROW(eval("collected(fails('x'))"), std::out_of_range);
  expect_eval("const it = fails('x'); it.next(); try { it.next() } catch {} it.next().done",
              "boolean", "true");
}

TEST_F(GeneratorTest, AScriptThatItCallsCannotAskItForMore) {
  define("calling", [](Function ask) -> Generator<int> { co_yield ask.call<int>(); });
  expect_eval("const it = calling(() => it.next().value); it.next()", "throws",
              "TypeError: the iterator is already running");
}

TEST_F(GeneratorTest, KeepsWhatItWasCalledWith) {
  with([](Ctx ctx) { ctx.globals().set("Shelf", Instance<Shelf>::constructor(ctx)); });
  expect_eval(R"(globalThis.it = new Shelf(["a", "b"]).booksOf(new Shelf(["c"])); 1)", "number",
              "1");
  runtime.run_gc();
  expect_eval("collected(it)", "string", "a,b,c");
  eval(
      "delete globalThis.it;"
      "(() => { const own = new Shelf(['x']); own.it = own.books(); own.it.next() })()");
  EXPECT_EQ(Counted::live(), 1);
  runtime.run_gc();
  EXPECT_EQ(Counted::live(), 0) << "an object that its own iterator keeps is garbage";
}

TEST_F(GeneratorTest, CapturesAreKeptWithTheFunction) {
  with([&](Ctx ctx) {
    ctx.globals().set("captured",
                      [text = std::string("a captured text of some length"),
                       counted = Counted()](int times) -> Generator<std::string> {
                        for (int i = 0; i < times; ++i) co_yield text;
                      });
  });
  eval("globalThis.it = captured(2); delete globalThis.captured");
  runtime.run_gc();
  expect_eval("collected(it)", "string",
              "a captured text of some length,a captured text of some length");
}

TEST_F(GeneratorTest, GarbageIsDestroyed) {
  eval("(() => { const it = countdown(3); it.next(); it.self = it })()");
  EXPECT_EQ(Counted::live(), 1);
  runtime.run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(GeneratorTest, WhatIsNoGeneratorIsRefused) {
  define("empty", [] { return Generator<int>(); });
  expect_eval("empty()", "throws", "TypeError: a Generator without a coroutine yields nothing");
  expect_eval("countdown(1).next.call({})", "throws",
              "TypeError: 'this' is not an iterator of C++ values");
}

TEST_F(GeneratorTest, HasADescription) {
  EXPECT_EQ(to_string(type_info<Generator<int>>()), "IterableIterator<number>");
}

TEST_F(GeneratorTest, EndsWithTheRuntime) {
  Runtime doomed;
  std::optional<Context> in(doomed);
  in->with([](Ctx ctx) {
    ctx.globals().set("countdown", &countdown);
    ctx.eval("globalThis.it = countdown(3); it.next()");
  });
  EXPECT_EQ(Counted::live(), 1);
  in.reset();
}

}  // namespace
}  // namespace quip::test
