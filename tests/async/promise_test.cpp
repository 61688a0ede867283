// Promise: looking at one from C++.
#include "support/counted.hpp"
#include "support/js.hpp"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

class PromiseTest : public JsTest {
 protected:
  PromiseTest() { runtime.set_unhandled_rejection_handler(ignore_unhandled_rejections); }
};

TEST_F(PromiseTest, StatesOfPromises) {
  EXPECT_EQ(eval<Promise<>>("new Promise(() => {})").state(), PromiseState::pending);
  EXPECT_EQ(eval<Promise<>>("Promise.resolve(1)").state(), PromiseState::fulfilled);
  const Promise<> rejected = eval<Promise<>>("Promise.reject(1)");
  EXPECT_EQ(rejected.state(), PromiseState::rejected);
  const Promise<> later = eval<Promise<>>("(async () => { await null; return 5; })()");
  EXPECT_EQ(later.state(), PromiseState::pending);
  runtime.run();
  EXPECT_EQ(later.state(), PromiseState::fulfilled);
  EXPECT_EQ(later.result<int>(), 5);
}

TEST_F(PromiseTest, ResultsOfPromises) {
  const Promise<> pending = eval<Promise<>>("new Promise(() => {})");
  EXPECT_EQ(pending.try_result().error().kind(), ErrorKind::usage);
  EXPECT_THROW((void)pending.result(), Error);
  EXPECT_THROW((void)pending.result<void>(), Error);
  const Promise<> text = eval<Promise<>>("Promise.resolve('text')");
  EXPECT_EQ(text.result<std::string>(), "text");
  EXPECT_EQ(text.result().as<std::string>(), "text");
  text.result<void>();
  EXPECT_EQ(text.try_result<int>().error().kind(), ErrorKind::conversion);
  const Promise<> rejected = eval<Promise<>>("Promise.reject(new RangeError('no'))");
  EXPECT_EQ(show(rejected.try_result()).text, "RangeError: no");
  EXPECT_EQ(show(rejected.try_result<void>()).text, "RangeError: no");
  EXPECT_THROW((void)rejected.result<int>(), Error);
  EXPECT_EQ(show(rejected.try_result()).text, "RangeError: no");  // again
  EXPECT_EQ(show(eval<Promise<>>("Promise.reject('text')").try_result()).text, "text");
  expect_eval("1 + 1", "number", "2");
}

TEST_F(PromiseTest, ReadingAResultRunsNoScript) {
  with([](Ctx ctx) {
    const Promise<> promise = ctx.eval<Promise<>>(R"(
      globalThis.calls = 0;
      const p = Promise.resolve({get then() { ++calls; return undefined; }});
      calls = 0;
      Object.defineProperty(p, 'then', {get() { ++calls; }});
      Object.defineProperty(p, 'constructor', {get() { ++calls; }});
      p)");
    EXPECT_NE(promise.state(), PromiseState::rejected);
    (void)promise.try_result();
    expect_eval(ctx, "calls", "number", "0");
  });
}

TEST_F(PromiseTest, OnlyPromisesArePromises) {
  for (const char* script : {"({then() {}})", "new Proxy(Promise.resolve(1), {})", "5", "Promise",
                             "Object.create(Promise.prototype)"}) {
    EXPECT_EQ(try_eval<Promise<>>(script).error().kind(), ErrorKind::conversion) << script;
  }
  EXPECT_TRUE(try_eval<Promise<>>("new (class extends Promise {})(() => {})").has_value());
}

TEST_F(PromiseTest, NativeReactions) {
  const NoneLeft none_left;
  std::string order;
  define("log", [&order, counted = Counted()](const Value& value) {
    order += value.to_display_string() + ";";
  });
  define("fail", [](Rest<>) { throw std::runtime_error("from C++"); });
  define("reject", []() -> Result<int> { return Error::type("returned"); });
  eval(R"(
    Promise.resolve('a').then(log);
    Promise.reject('b').catch(log);
    Promise.resolve().then(fail).catch(e => log(e.message));
    Promise.resolve().then(() => reject()).catch(e => log(e.name));
    Promise.resolve('c').finally(() => log('f')).then(log);
  )");
  runtime.run();
  EXPECT_THAT(order, ::testing::HasSubstr("a;"));
  EXPECT_THAT(order, ::testing::HasSubstr("b;"));
  EXPECT_THAT(order, ::testing::HasSubstr("from C++;"));
  EXPECT_THAT(order, ::testing::HasSubstr("TypeError;"));
  EXPECT_THAT(order, ::testing::HasSubstr("f;"));
  EXPECT_TRUE(order.ends_with("c;") || order.find("c;") > order.find("f;")) << order;
  define("log", 0);
  runtime.run_gc();
}

TEST_F(PromiseTest, AwaitOfNativeResults) {
  define("number", [] { return 20; });
  define("promise", [](Ctx ctx) { return ctx.eval<Promise<>>("Promise.resolve(22)"); });
  const Promise<> promise = eval<Promise<>>("(async () => await number() + await promise())()");
  runtime.run();
  EXPECT_EQ(promise.result<int>(), 42);
}

// ---- made by C++ -------------------------------------------------------------------------------

TEST_F(PromiseTest, PromisesOfValues) {
  with([](Ctx ctx) {
    const Promise<int> one = Promise<int>::resolved(ctx, 1);
    EXPECT_EQ(one.state(), PromiseState::fulfilled);
    EXPECT_EQ(one.result(), 1);
    const Promise<void> none = Promise<void>::resolved(ctx);
    none.result();
    const Promise<int> follows = Promise<int>::resolved(ctx, Promise<int>::resolved(ctx, 2));
    EXPECT_EQ(follows.state(), PromiseState::pending);
    const Promise<int> bad = Promise<int>::rejected(ctx, Error::range("no"));
    EXPECT_EQ(show(bad.try_result()), (Shown{"throws", "RangeError: no"}));
    const Promise<int> text = Promise<int>::rejected(ctx, "plain text");
    EXPECT_EQ(show(text.try_result()), (Shown{"throws", "plain text"}));
    const Promise<std::string> other = Promise<std::string>::resolved(ctx, std::string("text"));
    EXPECT_EQ(other.try_result<int>().error().kind(), ErrorKind::conversion);
    bad.mark_handled();
    text.mark_handled();
  });
  Runtime elsewhere;
  const Context there(elsewhere);
  const Value foreign = there.with([](Ctx ctx) { return ctx.eval("({})"); });
  with([&](Ctx ctx) {
    EXPECT_THROW((void)Promise<Value>::resolved(ctx, foreign), Error);
    EXPECT_THROW((void)Promise<Value>::resolved(ctx, Value()), Error);
    EXPECT_THROW((void)Promise<Value>::rejected(ctx, foreign), Error);
    expect_eval(ctx, "1 + 1", "number", "2");
  });
}

TEST_F(PromiseTest, ReactionsOfCpp) {
  const Promise<int> five = eval<Promise<int>>("Promise.resolve(5)");
  EXPECT_EQ(five.then([](int n) { return n + 1; }).finish(), 6);
  EXPECT_EQ(five.then([](int n) { return std::to_string(n); })
                .then([](const std::string& text) { return text + "!"; })
                .finish(),
            "5!");
  int seen = 0;
  five.then([&seen](int n) { seen = n; }).finish();
  EXPECT_EQ(seen, 5);
  const Promise<int> bad = eval<Promise<int>>("Promise.reject(new RangeError('far'))");
  EXPECT_EQ(bad.catch_([](const Object& error) { return error.get<std::string>("name"); }).finish(),
            "RangeError");
  EXPECT_EQ(bad.then([](int) { return 1; }, [](const Value&) { return 2; }).finish(), 2);
  EXPECT_EQ(five.then([](int) { return 1; }, [](const Value&) { return 2; }).finish(), 1);
  // passed on, in either way
  EXPECT_EQ(show(bad.then([](int) { return 1; }).try_finish()).text, "RangeError: far");
  EXPECT_EQ(five.catch_([](const Value&) { return 9; }).finish(), 5);
  // thrown, returned as an error, of the wrong type
  EXPECT_THROW((void)five.then([](int) -> int { throw std::out_of_range("thrown"); }).finish(),
               std::out_of_range);
  EXPECT_EQ(
      show(five.then([](int) -> Result<int> { return Error::type("returned"); }).try_finish()).text,
      "TypeError: returned");
  EXPECT_EQ(five.then([](const std::string&) { return 1; }).try_finish().error().name(),
            "TypeError");
}

Task<int> doubled_later(int n) {
  co_await sleep(std::chrono::milliseconds(1));
  co_return 2 * n;
}

TEST_F(PromiseTest, ReactionsThatAreWaitedFor) {
  const Promise<int> five = eval<Promise<int>>("Promise.resolve(5)");
  const Promise<int> task = five.then(&doubled_later);
  EXPECT_EQ(task.finish(), 10);
  const Promise<int> promise =
      five.then([](Ctx ctx, int n) { return Promise<int>::resolved(ctx, n + 2); });
  EXPECT_EQ(promise.finish(), 7);
  const Promise<int> result = five.then([](int n) -> Result<int> { return n + 3; });
  EXPECT_EQ(result.finish(), 8);
}

TEST_F(PromiseTest, FinallyPassesOn) {
  const Promise<int> five = eval<Promise<int>>("Promise.resolve(5)");
  const Promise<int> bad = eval<Promise<int>>("Promise.reject(new RangeError('far'))");
  int calls = 0;
  EXPECT_EQ(five.finally([&calls] { ++calls; }).finish(), 5);
  EXPECT_EQ(show(bad.finally([&calls] { ++calls; }).try_finish()).text, "RangeError: far");
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(five.finally([] { return 6; }).finish(), 5);
  EXPECT_EQ(five.finally([] { return doubled_later(1); }).finish(), 5);
  EXPECT_EQ(
      show(five.finally([]() -> Result<void> { return Error::type("mine"); }).try_finish()).text,
      "TypeError: mine");
  EXPECT_THROW((void)bad.finally([] { throw std::out_of_range("mine"); }).finish(),
               std::out_of_range);
  EXPECT_EQ(
      show(bad.finally([](Ctx ctx) { return Promise<int>::rejected(ctx, Error::type("later")); })
               .try_finish())
          .text,
      "TypeError: later");
  // the order is that of scripts
  eval("globalThis.log = []; globalThis.done = v => log.push(v)");
  const Promise<int> mine = five.finally([] {});
  const auto logged = mine.then([this](int) { (void)eval("done('mine')"); });
  const Promise<> theirs = eval<Promise<>>(
      "Promise.resolve(1).finally(() => {})"
      ".then(() => done('theirs'))");
  theirs.finish();
  logged.finish();
  expect_eval("log.join()", "string", "mine,theirs");
}

TEST_F(PromiseTest, ReactionsAreGarbageWithTheirPromise) {
  const NoneLeft none_left;
  with([](Ctx ctx) {
    const Promise<> never = ctx.eval<Promise<>>("globalThis.p = new Promise(() => {})");
    (void)never.then([counted = Counted()](const Value&) {});
    (void)never.finally([counted = Counted()] {});
    // a cycle through what C++ holds
    (void)never.finally(traced([](const Value&) {}, Value(never)));
    ctx.eval("p = null");
  });
  runtime.run_gc();
}

TEST_F(PromiseTest, Combinators) {
  with([this](Ctx ctx) {
    const auto number = [&](const char* script) { return ctx.eval<Promise<int>>(script); };
    const std::vector<Promise<int>> good{number("Promise.resolve(1)"),
                                         number("(async () => { await null; return 2 })()")};
    const std::vector<Promise<int>> mixed{number("Promise.reject(new RangeError('far'))"),
                                          number("(async () => { await null; return 3 })()")};
    const std::vector<Promise<int>> bad{number("Promise.reject(1)"), number("Promise.reject(2)")};
    EXPECT_EQ(Promise<int>::all(ctx, good).finish(), (std::vector{1, 2}));
    EXPECT_EQ(Promise<int>::race(ctx, good).finish(), 1);
    EXPECT_EQ(Promise<int>::any(ctx, mixed).finish(), 3);
    EXPECT_EQ(show(Promise<int>::all(ctx, mixed).try_finish()).text, "RangeError: far");
    EXPECT_EQ(show(Promise<int>::race(ctx, mixed).try_finish()).text, "RangeError: far");
    EXPECT_EQ(Promise<int>::any(ctx, bad).try_finish().error().name(), "AggregateError");
    const std::vector<Object> settled = Promise<int>::all_settled(ctx, mixed).finish();
    ASSERT_EQ(settled.size(), 2U);
    EXPECT_EQ(settled[0].get<std::string>("status"), "rejected");
    EXPECT_EQ(settled[1].get<int>("value"), 3);
    EXPECT_EQ(Promise<int>::all(ctx, {}).finish(), std::vector<int>());
    EXPECT_EQ(Promise<int>::race(ctx, {}).state(), PromiseState::pending);
    EXPECT_THROW((void)Promise<int>::all(ctx, {Promise<int>()}), Error);
    runtime.run();
  });
}

// ---- whatever scripts do -----------------------------------------------------------------------

TEST_F(PromiseTest, PatchedPrototypesOfPromises) {
  const Promise<int> five = eval<Promise<int>>("globalThis.five = Promise.resolve(5)");
  eval(R"(
    globalThis.asked = 0;
    Promise.prototype.then = function () { ++asked; throw new Error('patched'); };
    Promise.prototype.catch = Promise.prototype.finally = Promise.prototype.then;
  )");
  EXPECT_EQ(five.then([](int n) { return n + 1; }).finish(), 6);
  EXPECT_EQ(five.finally([] {}).finish(), 5);
  EXPECT_EQ(five.catch_([](const Value&) { return 1; }).finish(), 5);
  five.mark_handled();
  expect_eval("asked", "number", "0");
}

TEST_F(PromiseTest, ConstructorsOfPromises) {
  // whatever the constructor is, or does: an error or a promise
  for (const char* constructor : {
           "{get() { throw new RangeError('getter') }}",
           "{value: 5}",
           "{value: undefined}",
           "{value: {get [Symbol.species]() { throw new RangeError('species') }}}",
           "{value: {[Symbol.species]: function (f) { f(() => {}, () => {}); return {then: 1} }}}",
           "{value: {[Symbol.species]: function (f) { f(() => {}, () => {});"
           "  return {then(r) { r(7) }} }}}",
           "{value: {[Symbol.species]: class { constructor(f) { f(() => {}, () => {}) } }}}",
           "{value: {[Symbol.species]: class { constructor(f) { f(1, 2) } }}}",
           "{value: {[Symbol.species]: class { constructor(f) { throw new RangeError('new') } }}}",
           "{value: {[Symbol.species]: class { constructor(f) {"
           "  f(() => { throw 1 }, () => { throw 2 }) } }}}",
       }) {
    Promise<int> promise =
        eval<Promise<int>>("Object.defineProperty(Promise.resolve(5), 'constructor', " +
                           std::string(constructor) + ")");
    const auto as_a_result = [&](const auto& work) {
      try {
        const auto next = work();
        EXPECT_TRUE(next.template is<Promise<>>()) << constructor;
        next.mark_handled();
      } catch (const Error& error) {
        EXPECT_NE(error.message(), "") << constructor;
      }
    };
    as_a_result([&] { return promise.then([](int n) { return n; }); });
    as_a_result([&] { return promise.finally([] {}); });
    as_a_result([&] { return promise.catch_([](const Value&) { return 1; }); });
    EXPECT_EQ(promise.result(), 5) << constructor;
    for (int i = 0; i < 20; ++i) (void)runtime.try_poll();
  }
  expect_eval("1 + 1", "number", "2");
}

TEST_F(PromiseTest, PatchedIteratorsAndResolve) {
  with([&](Ctx ctx) {
    const std::vector<Promise<int>> both{ctx.eval<Promise<int>>("Promise.resolve(1)"),
                                         ctx.eval<Promise<int>>("Promise.resolve(2)")};
    for (const char* patch :
         {"Promise.resolve = () => { throw new RangeError('patched') }",
          "Promise.resolve = () => ({then: 5})",
          "Promise.prototype.then = () => { throw new RangeError('patched') }",
          "Array.prototype[Symbol.iterator] = () => { throw new RangeError() }",
          "Array.prototype[Symbol.iterator] = undefined", "globalThis.Promise = null"}) {
      ctx.eval(patch);
      for (int i = 0; i < 4; ++i) {
        try {
          if (i == 0) Promise<int>::all(ctx, both).mark_handled();
          if (i == 1) Promise<int>::any(ctx, both).mark_handled();
          if (i == 2) Promise<int>::race(ctx, both).mark_handled();
          if (i == 3) Promise<int>::all_settled(ctx, both).mark_handled();
        } catch (const Error& error) {
          EXPECT_NE(error.name(), "") << patch;
        }
      }
      for (int i = 0; i < 20; ++i) (void)runtime.try_poll();
    }
    expect_eval(ctx, "1 + 1", "number", "2");
  });
}

// ---- finish ------------------------------------------------------------------------------------

TEST_F(PromiseTest, FinishOfASettledPromiseRunsNothing) {
  const Promise<int> five = eval<Promise<int>>("Promise.resolve(5)");
  eval("globalThis.ran = 0; Promise.resolve().then(() => ++ran)");
  EXPECT_EQ(five.finish(), 5);
  expect_eval("ran", "number", "0");
}

TEST_F(PromiseTest, FinishSaysWhatItWaitsFor) {
  const Promise<> never = eval<Promise<>>("new Promise(() => {})");
  const Error stuck = never.try_finish().error();
  EXPECT_EQ(stuck.kind(), ErrorKind::usage);
  EXPECT_THAT(stuck.message(), ::testing::HasSubstr("nothing is left that could settle it"));
  EXPECT_THAT(stuck.message(), ::testing::Not(::testing::HasSubstr("task")));
  auto waits = [](Promise<> promise) -> Task<> { co_await promise; };
  const Promise<void> task = with([&](Ctx ctx) { return ctx.spawn(waits(never)); });
  EXPECT_THAT(task.try_finish().error().message(), ::testing::HasSubstr("1 task is waiting"));
}

TEST_F(PromiseTest, FinishInsideOfTheLoop) {
  const Promise<> never = eval<Promise<>>("new Promise(() => {})");
  std::string inside;
  std::string settled;
  const Promise<int> five = eval<Promise<int>>("Promise.resolve(5)");
  define("finish", [&] {
    inside = never.try_finish().error().message();
    settled = std::to_string(five.finish());
  });
  eval("Promise.resolve().then(finish)");
  runtime.run();
  EXPECT_THAT(inside, ::testing::HasSubstr("await the promise instead"));
  EXPECT_EQ(settled, "5");
  // from a script that no loop runs it is allowed
  define("finish_now", [](const Promise<int>& promise) { return promise.finish(); });
  expect_eval("finish_now((async () => { await null; return 8 })())", "number", "8");
}

TEST_F(PromiseTest, FinishThrowsWhatAJobThrows) {
  // a reaction never throws, but what the engine calls besides them may
  const Promise<> later = eval<Promise<>>("new Promise(resolve => globalThis.settle = resolve)");
  runtime.poster().post([] { throw std::runtime_error("posted"); });
  runtime.poster().post([this] { eval("settle(1)"); });
  EXPECT_THROW((void)later.finish(), std::runtime_error);
  EXPECT_EQ(later.state(), PromiseState::pending);
  EXPECT_EQ(later.finish<int>(), 1);
}

TEST_F(PromiseTest, PromisesAfterTheirRuntime) {
  auto gone = std::make_unique<Runtime>();
  Promise<int> promise;
  {
    const Context in(*gone);
    promise = in.with([](Ctx ctx) { return ctx.eval<Promise<int>>("Promise.resolve(1)"); });
  }
  gone.reset();
  EXPECT_EQ(promise.try_state().error().kind(), RuntimeGone().kind());
  EXPECT_THROW((void)promise.result(), RuntimeGone);
  EXPECT_THROW((void)promise.finish(), RuntimeGone);
  EXPECT_THROW((void)promise.then([](int n) { return n; }), RuntimeGone);
  EXPECT_THROW((void)promise.then([](int n) { return n; }, [](const Value&) { return 1; }),
               RuntimeGone);
  EXPECT_THROW((void)promise.catch_([](const Value&) { return 1; }), RuntimeGone);
  EXPECT_THROW((void)promise.finally([] {}), RuntimeGone);
  EXPECT_THROW(promise.mark_handled(), RuntimeGone);
  EXPECT_THROW((void)MaybePromise<int>(promise).promise(), RuntimeGone);
}

TEST_F(PromiseTest, EmptyPromises) {
  const NoneLeft none_left;
  const Promise<int> empty;
  EXPECT_FALSE(empty.try_state());
  EXPECT_FALSE(empty.try_result());
  EXPECT_FALSE(empty.try_finish());
  EXPECT_THROW((void)empty.then([counted = Counted()](int n) { return n; }), Error);
  EXPECT_THROW((void)empty.finally([counted = Counted()] {}), Error);
  EXPECT_THROW(empty.mark_handled(), Error);
  EXPECT_THROW((void)MaybePromise<int>().promise(), Error);
  EXPECT_FALSE(MaybePromise<int>().is_promise());
}

// ---- MaybePromise ------------------------------------------------------------------------------

Task<int> plus_one(MaybePromise<int> maybe) {
  const int value = co_await maybe;
  co_return value + 1;
}

TEST_F(PromiseTest, MaybePromises) {
  define("plus_one", &plus_one);
  define("is_promise", [](const MaybePromise<int>& maybe) { return maybe.is_promise(); });
  define("same", [](MaybePromise<int> maybe) { return maybe; });
  expect_eval("is_promise(1)", "boolean", "false");
  expect_eval("is_promise(Promise.resolve(1))", "boolean", "true");
  expect_eval("same(5)", "number", "5");
  const auto finish = [this](const char* script) {
    return show(eval<Promise<>>(script).try_finish());
  };
  EXPECT_EQ(finish("plus_one(1)").text, "2");
  EXPECT_EQ(finish("plus_one(Promise.resolve(2))").text, "3");
  EXPECT_EQ(finish("plus_one({then(resolve) { resolve(3) }})").text, "4");
  EXPECT_EQ(finish("plus_one({then(resolve, reject) { reject(new RangeError('no')) }})").text,
            "RangeError: no");
  EXPECT_EQ(finish("plus_one({get then() { throw new RangeError('getter') }})").text,
            "RangeError: getter");
  EXPECT_EQ(finish("plus_one({then() { throw new RangeError('call') }})").text, "RangeError: call");
  EXPECT_EQ(finish("plus_one(Promise.reject(new RangeError('rejected')))").text,
            "RangeError: rejected");
  EXPECT_EQ(finish("plus_one('text')").type, "throws");
  EXPECT_EQ(finish("plus_one(Object.defineProperty(Promise.resolve(1), 'constructor',"
                   "  {get() { throw new RangeError('constructor') }}))")
                .text,
            "RangeError: constructor");
  EXPECT_EQ(finish("plus_one({then(resolve) { resolve(1); resolve(2); throw 3 }})").text, "2");
}

}  // namespace
}  // namespace quip::test
