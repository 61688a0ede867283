// What would be lost otherwise: rejected promises that nobody listens to, errors without a caller.
#include "support/counted.hpp"
#include "support/js.hpp"
#include <quip/async/rejections.hpp>

#include <gmock/gmock.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace quip::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class RejectionsTest : public JsTest {
 protected:
  RejectionsTest() {
    runtime.set_unhandled_rejection_handler(
        [this](Ctx, const Error& error, const Value&) { told.push_back(error.message()); });
  }
  /// What is told after all jobs.
  std::vector<std::string> run() {
    told.clear();
    runtime.run();
    return told;
  }
  /// What standard error gets meanwhile.
  template <class F>
  static std::string printed(const F& f) {
    ::testing::internal::CaptureStderr();
    f();
    return ::testing::internal::GetCapturedStderr();
  }

  std::vector<std::string> told;
};

TEST_F(RejectionsTest, EachIsToldOnceWhenNothingIsPending) {
  eval("Promise.reject(new Error('a')); Promise.reject('b'); globalThis.p = Promise.reject(3)");
  EXPECT_THAT(told, IsEmpty());
  EXPECT_THAT(run(), ElementsAre("a", "b", "3"));
  EXPECT_THAT(run(), IsEmpty());
  // a listener that comes after is no news
  eval("p.catch(() => {})");
  EXPECT_THAT(run(), IsEmpty());
}

TEST_F(RejectionsTest, ThoseWithAListenerAreNotTold) {
  eval("Promise.reject(1).catch(() => {})");
  eval(
      "const p = Promise.reject(2); Promise.resolve().then(() => {}).then(() => p.catch(() => "
      "{}))");
  eval("(async () => { try { await Promise.reject(3); } catch {} })()");
  eval("Promise.allSettled([Promise.reject(4)])");
  eval("new Promise((_, reject) => globalThis.later = reject).then(null, () => {}); later(5)");
  EXPECT_THAT(run(), IsEmpty());
  // what hangs on a promise is rejected too, and that is told
  eval("Promise.reject(6).then(() => {})");
  eval("Promise.reject(7).finally(() => {})");
  EXPECT_THAT(run(), ElementsAre("6", "7"));
}

TEST_F(RejectionsTest, OfJobsAndAsyncFunctions) {
  eval("(async () => { await null; throw new TypeError('late'); })()");
  eval("Promise.resolve().then(() => { throw new Error('in a reaction'); })");
  EXPECT_THAT(run(), ::testing::UnorderedElementsAre("late", "in a reaction"));
  // the promise lives until it is told of, its reason too
  eval("(() => { let o = {toString: () => 'kept'}; Promise.reject(o); o = null; })()");
  runtime.run_gc();
  EXPECT_THAT(run(), ElementsAre("kept"));
}

TEST_F(RejectionsTest, TheErrorHasItsStackAndThePromiseIsTheOne) {
  int calls = 0;
  runtime.set_unhandled_rejection_handler([&](Ctx ctx, const Error& error, const Value& promise) {
    ++calls;
    EXPECT_EQ(error.name(), "TypeError");
    EXPECT_EQ(error.file(), "here.js");
    EXPECT_EQ(error.line(), 2);
    EXPECT_THAT(error.stack(), HasSubstr("fail"));
    EXPECT_TRUE(promise == ctx.globals().get("p"));
    EXPECT_TRUE(promise.is_promise());
  });
  with([](Ctx ctx) {
    ctx.eval("async function fail() {\n throw new TypeError('x'); }\n globalThis.p = fail(); 1",
             {.filename = "here.js"});
  });
  runtime.run();
  EXPECT_EQ(calls, 1);
}

TEST_F(RejectionsTest, ModulesThatFailAreToldOnce) {
  with([](Ctx ctx) { (void)ctx.eval_module("throw new Error('body')", "a"); });
  EXPECT_THAT(run(), ElementsAre("body"));
  with([](Ctx ctx) { (void)ctx.eval_module("await null; throw new Error('later')", "b"); });
  EXPECT_THAT(run(), ElementsAre("later"));
  with([](Ctx ctx) {
    const Value promise = ctx.eval_module("throw 5", "c");
    ctx.globals().set("main", promise);
    ctx.eval("main.catch(() => {})");
  });
  EXPECT_THAT(run(), IsEmpty());
}

TEST_F(RejectionsTest, TheHandlerMayListenRejectAndThrow) {
  std::vector<std::string> errors;
  runtime.set_error_handler([&](const Error& error) { errors.push_back(error.message()); });
  runtime.set_unhandled_rejection_handler([&](Ctx ctx, const Error& error, const Value&) {
    told.push_back(error.message());
    if (error.message() == "1") {
      // a listener for one that is told of next, and one more of each kind
      ctx.eval("second.catch(() => {}); Promise.reject(4); (async () => { throw 5; })()");
      throw std::runtime_error("from the handler");
    }
  });
  eval("Promise.reject(1); globalThis.second = Promise.reject(2); Promise.reject(3); 0");
  runtime.run();
  EXPECT_THAT(told, ElementsAre("1", "3", "4", "5"));
  EXPECT_THAT(errors, ElementsAre("from the handler"));
}

TEST_F(RejectionsTest, TheHandlerMayReplaceItselfAndRunJobs) {
  runtime.set_unhandled_rejection_handler([&](Ctx, const Error& error, const Value&) {
    told.push_back("first " + error.message());
    runtime.set_unhandled_rejection_handler([&](Ctx, const Error& other, const Value&) {
      told.push_back("second " + other.message());
    });
    runtime.run();
    EXPECT_THAT(told, ElementsAre("first 1", "second 2"));
  });
  eval("Promise.reject(1); Promise.reject(2); 0");
  runtime.run();
  EXPECT_THAT(told, ElementsAre("first 1", "second 2"));
}

TEST_F(RejectionsTest, TheHandlerMayEndTheRuntime) {
  const NoneLeft none_left;
  std::optional<Runtime> ended(std::in_place);
  int calls = 0;
  ended->set_unhandled_rejection_handler(
      [&, counted = Counted()](Ctx ctx, const Error&, const Value& promise) {
        ++calls;
        ended.reset();
        EXPECT_EQ(ctx.try_eval("1").error().kind(), ErrorKind::runtime_gone);
        EXPECT_EQ(promise.try_as<Object>().error().kind(), ErrorKind::runtime_gone);
      });
  Context(*ended).with([](Ctx ctx) { ctx.eval("Promise.reject(1); Promise.reject(2); 0"); });
  (void)ended->try_run();
  EXPECT_FALSE(ended);
  EXPECT_EQ(calls, 1);
}

TEST_F(RejectionsTest, WhatIsNotToldOfDoesNotLeak) {
  const NoneLeft none_left;
  std::optional<Runtime> ended(std::in_place);
  {
    const Context first(*ended);
    first.with([](Ctx ctx) {
      ctx.globals().set("f", [counted = Counted()] {});
      ctx.eval("const e = new Error('x'); e.f = f; e.p = Promise.reject(e); 0");
    });
  }
  ended.reset();
  EXPECT_EQ(told.size(), 0U);
}

TEST_F(RejectionsTest, MillionsAreNotKept) {
  runtime.set_unhandled_rejection_handler(ignore_unhandled_rejections);
  runtime.run_gc();
  const std::int64_t before = runtime.memory_usage().malloc_size;
  const auto grown = [&] {
    runtime.run_gc();
    return runtime.memory_usage().malloc_size - before;
  };
  const int many = is_gc_stress() ? 2000 : 20000;
  eval("for (let i = 0; i < " + std::to_string(many) + "; ++i) Promise.reject(i)");
  EXPECT_LT(grown(), 100000);
  int count = 0;
  runtime.set_unhandled_rejection_handler([&](Ctx, const Error&, const Value&) { ++count; });
  // told of although nobody runs jobs, when there are very many
  for (int i = 0; i < many; ++i) (void)try_eval("Promise.reject(1); 0");
  EXPECT_GT(count, 0);
  EXPECT_LT(grown(), 1000000);
  runtime.run();
  EXPECT_EQ(count, many);
  EXPECT_LT(grown(), 100000);
  // and in one go, with listeners that come late
  count = 0;
  eval("globalThis.all = []; for (let i = 0; i < " + std::to_string(many) +
       "; ++i) all.push(Promise.reject(i)); for (const p of all) p.catch(() => {}); all = null");
  runtime.run();
  EXPECT_EQ(count, 0);
}

TEST_F(RejectionsTest, TheDefaultIsAReport) {
  runtime.set_unhandled_rejection_handler({});
  eval("Promise.reject(new RangeError('shown')); Promise.reject('text\\0here'); 0");
  std::string text = printed([this] { runtime.run(); });
  EXPECT_THAT(text, StartsWith("quip: unhandled promise rejection: RangeError: shown\n    at "));
  EXPECT_THAT(text, HasSubstr("quip: unhandled promise rejection: text"));
  EXPECT_EQ(printed([this] { runtime.run(); }), "");
  // nothing of it
  runtime.set_unhandled_rejection_handler(ignore_unhandled_rejections);
  eval("Promise.reject(1); 0");
  EXPECT_EQ(printed([this] { runtime.run(); }), "");
  // who looks at every rejection knows
  runtime.set_unhandled_rejection_handler(nullptr);
  int heard = 0;
  runtime.set_rejection_handler([&](Ctx, const Value&, const Value&, bool) { ++heard; });
  eval("Promise.reject(1); 0");
  EXPECT_EQ(printed([this] { runtime.run(); }), "");
  EXPECT_EQ(heard, 1);
}

TEST_F(RejectionsTest, BothHandlersHear) {
  std::string heard;
  runtime.set_rejection_handler([&](Ctx, const Value&, const Value& reason, bool handled) {
    heard += reason.to_display_string() + (handled ? "+" : "-");
  });
  eval("Promise.reject('a').catch(() => {}); Promise.reject('b'); 0");
  EXPECT_THAT(run(), ElementsAre("b"));
  EXPECT_EQ(heard, "a-a+b-");
}

TEST_F(RejectionsTest, ErrorsWithoutACaller) {
  std::vector<std::string> errors;
  runtime.set_error_handler([&](const Error& error) { errors.push_back(error.message()); });
  runtime.set_rejection_handler(
      [](Ctx, const Value&, const Value&, bool) { throw std::runtime_error("of the tracker"); });
  eval("Promise.reject(1); 0");
  EXPECT_THAT(errors, ElementsAre("of the tracker"));
  // the default, and a handler that throws itself
  runtime.set_error_handler({});
  std::string text = printed([this] { eval("Promise.reject(1); 0"); });
  EXPECT_THAT(text, StartsWith("quip: uncaught error: Error: of the tracker\n"));
  runtime.set_error_handler([](const Error&) { throw std::runtime_error("of the handler"); });
  text = printed([this] { eval("Promise.reject(1); 0"); });
  EXPECT_THAT(text, HasSubstr("of the tracker"));
  EXPECT_THAT(text, HasSubstr("of the handler"));
}

TEST_F(RejectionsTest, GettersOfTheReasonAreHarmless) {
  eval(R"(
    const e = new Error('x');
    Object.defineProperty(e, 'message', {get() { Promise.reject('from a getter'); throw 1; }});
    Promise.reject(e);
    Promise.reject({toString() { throw 2; }});
    Promise.reject(Symbol('s'));
    Promise.reject(new Proxy({}, {get() { throw 3; }, getPrototypeOf() { throw 4; }}));
    Promise.reject(undefined);
    0)");
  EXPECT_EQ(run().size(), 5U);
  EXPECT_THAT(run(), ElementsAre("from a getter"));
}

TEST_F(RejectionsTest, OfManyContexts) {
  {
    const Context other(runtime);
    other.with([](Ctx ctx) { ctx.eval("Promise.reject('of another'); 0"); });
  }
  eval("Promise.reject('of this'); 0");
  EXPECT_THAT(run(), ElementsAre("of another", "of this"));
  Runtime moved(std::move(runtime));
  EXPECT_THROW(runtime.set_unhandled_rejection_handler({}), RuntimeGone);  // NOLINT: moved from
  EXPECT_THROW(runtime.set_error_handler({}), RuntimeGone);
  runtime = std::move(moved);
}

TEST_F(RejectionsTest, HandlersGoWithTheRuntime) {
  const NoneLeft none_left;
  Runtime other;
  const Context other_context(other);
  const Value value = other_context.with([](Ctx ctx) { return ctx.eval("({})"); });
  other.set_unhandled_rejection_handler(
      [value, counted = Counted()](Ctx, const Error&, const Value&) {});
  other.set_error_handler([value, counted = Counted()](const Error&) {});
  other.set_rejection_handler(
      [value, counted = Counted()](Ctx, const Value&, const Value&, bool) {});
}

}  // namespace
}  // namespace quip::test
