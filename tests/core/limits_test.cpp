// Scripts that do not end, and what stops them.
#include "support/counted.hpp"
#include "support/js.hpp"

#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <stop_token>
#include <thread>

namespace quip::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;

/// What stops a script, and what its error says.
void expect_stopped(const Error& error, std::string_view message,
                    std::source_location where = std::source_location::current()) {
  const ::testing::ScopedTrace trace(where.file_name(), static_cast<int>(where.line()), "stopped");
  EXPECT_EQ(error.kind(), ErrorKind::interrupted) << error.what();
  EXPECT_EQ(error.message(), message);
  EXPECT_EQ(error.name(), "InternalError");
}

class LimitsTest : public JsTest {
 protected:
  /// The script is stopped, and the runtime goes on.
  void expect_stopped_by_deadline(std::string_view script,
                                  std::source_location where = std::source_location::current()) {
    const ::testing::ScopedTrace trace(where.file_name(), static_cast<int>(where.line()),
                                       "script: " + std::string(script));
    with([&](Ctx ctx) {
      {
        const Deadline deadline(ctx, 10ms);
        const Result<Value> result = ctx.try_eval(script);
        ASSERT_FALSE(result);
        expect_stopped(result.error(), "stopped by a deadline of 10 ms");
        EXPECT_TRUE(deadline.expired());
      }
      expect_eval(ctx, "let sum = 0; for (let i = 0; i < 100000; ++i) sum += i; sum", "number",
                  "4999950000");
    });
    // a fresh context for what comes next
    context = Context(runtime);
  }
};

// ---- deadlines
// ---------------------------------------------------------------------------------

TEST_F(LimitsTest, ADeadlineStopsWhateverAScriptDoes) {
  for (const char* script : {
           "for (;;) {}",
           "while (true) { try { for (;;) {} } catch {} finally { for (;;) {} } }",
           "(function f() { try { f(); } catch {} f(); for (;;) {} })()",
           "({get a() { for (;;) {} }}).a",
           "new Proxy({}, {get() { for (;;) {} }}).a",
           "[3, 2, 1].sort(() => { for (;;) {} })",
           "`${{toString() { for (;;) {} }}}`",
           "for (const x of {*[Symbol.iterator]() { try { for (;;) yield 1; } finally { "
           "globalThis.ended = 1; } }}) {}",
           "/(x+x+)+y/.test('x'.repeat(40))",
           "JSON.stringify({toJSON() { for (;;) {} }})",
           "new (class { constructor() { for (;;) {} } })()",
           "eval('for (;;) {}')",
           "(function* () { for (;;) {} })().next()",
       }) {
    expect_stopped_by_deadline(script);
  }
}

TEST_F(LimitsTest, NoCatchAndNoFinallySeesIt) {
  int seen = 0;
  define("seen", [&seen] { ++seen; });
  with([](Ctx ctx) {
    const Deadline deadline(ctx, 5ms);
    EXPECT_FALSE(ctx.try_eval(R"(
      function inner() { try { for (;;) {} } catch { seen(); } finally { seen(); } }
      try { inner(); seen(); } catch { seen(); } finally { seen(); }
      seen();
    )"));
  });
  EXPECT_EQ(seen, 0);
  expect_eval("seen(); 1", "number", "1");
  EXPECT_EQ(seen, 1);
}

TEST_F(LimitsTest, WhatEndsInTimeIsNotTouched) {
  with([](Ctx ctx) {
    const Deadline deadline(ctx, 1h);
    EXPECT_FALSE(deadline.expired());
    expect_eval(ctx, "let n = 0; for (let i = 0; i < 100000; ++i) ++n; n", "number", "100000");
    const Deadline huge(ctx, std::chrono::hours::max());
    const Deadline real(ctx, std::chrono::duration<double>(1e300));
    expect_eval(ctx, "n = 0; for (let i = 0; i < 100000; ++i) ++n; n", "number", "100000");
  });
}

TEST_F(LimitsTest, TheEarliestDeadlineCounts) {
  with([](Ctx ctx) {
    const Deadline outer(ctx, 5ms);
    {
      const Deadline inner(ctx, 1h);
      expect_stopped(ctx.try_eval("for (;;) {}").error(), "stopped by a deadline of 5 ms");
    }
    expect_stopped(ctx.try_eval("for (;;) {}").error(), "stopped by a deadline of 5 ms");
  });
  with([](Ctx ctx) {
    const Deadline outer(ctx, 1h);
    {
      const Deadline inner(ctx, 1500us);
      expect_stopped(ctx.try_eval("for (;;) {}").error(), "stopped by a deadline of 1500 us");
    }
    expect_eval(ctx, "for (let i = 0; i < 100000; ++i); 1", "number", "1");
    {
      const Deadline inner(ctx, Clock::now() + 1ms);
      expect_stopped(ctx.try_eval("for (;;) {}").error(), "stopped by a deadline");
    }
  });
}

TEST_F(LimitsTest, NoTimeAtAll) {
  with([](Ctx ctx) {
    for (const auto span : {0s, -5s, std::chrono::seconds::min()}) {
      const Deadline deadline(ctx, span);
      EXPECT_TRUE(deadline.expired());
      expect_stopped(ctx.try_eval("for (;;) {}").error(), "stopped by a deadline");
    }
    expect_eval(ctx, "1 + 1", "number", "2");
  });
}

TEST_F(LimitsTest, ADeadlineOfARuntimeOrAContext) {
  {
    const Deadline deadline(runtime, 2ms);
    expect_stopped(try_eval("for (;;) {}").error(), "stopped by a deadline of 2 ms");
  }
  {
    const Deadline deadline(context, 2ms);
    const Context other(runtime);
    other.with([](Ctx ctx) {
      expect_stopped(ctx.try_eval("for (;;) {}").error(), "stopped by a deadline of 2 ms");
    });
  }
  expect_eval("for (let i = 0; i < 100000; ++i); 1", "number", "1");
}

TEST_F(LimitsTest, ADeadlineIsOfItsThreadAndRuntime) {
  Runtime other;
  const Context other_context(other);
  const Deadline deadline(runtime, 0s);
  EXPECT_EQ(other_context.with([](Ctx ctx) {
    return ctx.eval<int>("let n = 0; for (let i = 0; i < 100000; ++i) ++n; n");
  }),
            100000);
  std::thread([this] {
    expect_eval("let n = 0; for (let i = 0; i < 100000; ++i) ++n; n", "number", "100000");
  }).join();
  expect_stopped(try_eval("for (;;) {}").error(), "stopped by a deadline");
}

TEST_F(LimitsTest, DeadlinesOutliveTheRuntime) {
  auto ended = std::make_unique<Runtime>();
  auto first = std::make_unique<Deadline>(*ended, 1h);
  auto second = std::make_unique<Deadline>(*ended, 2h);
  auto third = std::make_unique<StopScope>(*ended, std::stop_token());
  ended.reset();
  // on another thread, and in no order
  std::thread([&] { second.reset(); }).join();
  first.reset();
  EXPECT_FALSE(third->stop_requested());
  third.reset();
  Runtime moved(std::move(runtime));
  EXPECT_THROW((void)Deadline(runtime, 1h), RuntimeGone);  // NOLINT: moved from
  runtime = std::move(moved);
}

TEST_F(LimitsTest, TheErrorKnowsWhereTheScriptWas) {
  const Deadline deadline(runtime, 2ms);
  const Error error = context.with([](Ctx ctx) {
    return ctx.try_eval("function spin() { for (;;) {} }\nspin()", {.filename = "spin.js"}).error();
  });
  EXPECT_EQ(error.file(), "spin.js");
  EXPECT_EQ(error.line(), 1);
  EXPECT_THAT(error.stack(), HasSubstr("spin"));
  EXPECT_THAT(error.what(), HasSubstr("InternalError: stopped by a deadline of 2 ms"));
  with([&](Ctx) { EXPECT_TRUE(error.value().is_error()); });
}

// ---- through C++
// ---------------------------------------------------------------------------------

TEST_F(LimitsTest, ItGoesThroughCppAsItIs) {
  int caught = 0;
  define("call", [](const Function& f) { return f.call(); });
  define("try_call", [](const Function& f) { return f.try_call(); });
  define("convert", [](const std::vector<int>&) {});
  define("rethrow", [&caught](const Function& f) {
    try {
      return f.call();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::interrupted);
      ++caught;
      throw;
    }
  });
  for (const char* inner :
       {"call(() => { for (;;) {} })", "try_call(() => { for (;;) {} })",
        "convert({*[Symbol.iterator]() { for (;;) {} }})", "rethrow(() => { for (;;) {} })",
        "rethrow(() => call(() => try_call(() => { for (;;) {} })))"}) {
    with([&](Ctx ctx) {
      ctx.globals().set("seen", 0);
      {
        const Deadline deadline(ctx, 3ms);
        const Result<Value> result = ctx.try_eval(std::string("try { ") + inner +
                                                  "; seen = 1; } catch { seen = 2; } finally { "
                                                  "seen = 3; }; seen = 4;");
        ASSERT_FALSE(result) << inner;
        expect_stopped(result.error(), "stopped by a deadline of 3 ms");
      }
      expect_eval(ctx, "seen", "number", "0");
    });
  }
  EXPECT_GE(caught, 2);
}

TEST_F(LimitsTest, CppMayAnswerForIt) {
  define("guarded", [](Ctx ctx, const Function& f) {
    const Deadline deadline(ctx, 3ms);
    const Result<Value> result = f.try_call();
    return result ? std::string("ended") : result.error().message();
  });
  expect_eval("guarded(() => { for (;;) {} }) + '; ' + guarded(() => 1)", "string",
              "stopped by a deadline of 3 ms; ended");
  // the script that the deadline is not for goes on
  expect_eval("guarded(() => { for (;;) {} }); let n = 0; for (let i = 0; i < 50000; ++i) ++n; n",
              "number", "50000");
}

TEST_F(LimitsTest, ACallbackThatSwallowsItIsStoppedAgain) {
  int calls = 0;
  define("swallow", [&calls](const Function& f) {
    ++calls;
    return f.try_call().has_value();
  });
  with([](Ctx ctx) {
    const Deadline deadline(ctx, 3ms);
    expect_stopped(ctx.try_eval("swallow(() => { for (;;) {} }); for (;;) {}").error(),
                   "stopped by a deadline of 3 ms");
  });
  EXPECT_EQ(calls, 1);
}

TEST_F(LimitsTest, AsAValueItIsAnOrdinaryError) {
  with([](Ctx ctx) {
    std::optional<Error> error;
    {
      const Deadline deadline(ctx, 2ms);
      error = ctx.try_eval("for (;;) {}").error();
    }
    ctx.globals().set("error", error->value());
    expect_eval(ctx, "let seen; try { throw error } catch (e) { seen = e } seen === error",
                "boolean", "true");
    ctx.globals().set("made", ErrorObject(ctx, *error));
    expect_eval(ctx, "seen = 0; try { throw made } catch (e) { seen = 1 } seen", "number", "1");
    // thrown by a bound function it stops the script again
    ctx.globals().set("fail", [&error] { error->raise(); });
    EXPECT_EQ(ctx.try_eval("try { fail() } catch { 'caught' }").error().kind(),
              ErrorKind::interrupted);
    // thrown by one of another runtime it is an error as any
    Runtime other;
    Context(other).with([&](Ctx elsewhere) {
      elsewhere.globals().set("fail", [&error] { error->raise(); });
      expect_eval(elsewhere, "try { fail() } catch { 'caught' }", "string", "caught");
    });
  });
}

// ---- stop tokens
// ---------------------------------------------------------------------------------

TEST_F(LimitsTest, AStopTokenStopsFromAnotherThread) {
  std::stop_source source;
  const StopScope scope(runtime, source.get_token());
  expect_eval("for (let i = 0; i < 100000; ++i); 1", "number", "1");
  EXPECT_FALSE(scope.stop_requested());
  std::jthread other([&source] {
    std::this_thread::sleep_for(10ms);
    source.request_stop();
  });
  expect_stopped(try_eval("for (;;) {}").error(), "stopped by its stop_token");
  EXPECT_TRUE(scope.stop_requested());
  expect_stopped(try_eval("for (;;) {}").error(), "stopped by its stop_token");
}

// ---- the handler
// ---------------------------------------------------------------------------------

TEST_F(LimitsTest, TheInterruptHandlerStops) {
  int asked = 0;
  runtime.set_interrupt_handler([&asked] { return ++asked > 3; });
  expect_stopped(try_eval("for (;;) {}").error(), "stopped by the interrupt handler");
  EXPECT_EQ(asked, 4);
  runtime.set_interrupt_handler([&asked] {
    ++asked;
    return false;
  });
  expect_eval("let n = 0; for (let i = 0; i < 100000; ++i) ++n; n", "number", "100000");
  EXPECT_GT(asked, 4);
  const int before = asked;
  runtime.set_interrupt_handler(nullptr);
  expect_eval("n = 0; for (let i = 0; i < 100000; ++i) ++n; n", "number", "100000");
  EXPECT_EQ(asked, before);
}

TEST_F(LimitsTest, OneAnswerIsEnough) {
  bool stop = false;
  runtime.set_interrupt_handler([&stop] { return std::exchange(stop, false); });
  with([&](Ctx ctx) {
    for (const char* script :
         {"for (;;) {}", "/(x+x+)+y/.test('x'.repeat(40))",
          "new Promise(() => { for (;;) {} }); for (;;) {}",
          "(async () => { for (;;) {} })(); for (;;) {}",
          // over before the engine asks again
          "new Promise(() => { for (;;) {} }); 1", "(async () => { for (;;) {} })(); 1"}) {
      stop = true;
      expect_stopped(ctx.try_eval(script).error(), "stopped by the interrupt handler");
      expect_eval(ctx, "{ let n = 0; for (let i = 0; i < 100000; ++i) ++n; n }", "number",
                  "100000");
    }
  });
}

TEST_F(LimitsTest, WhatAStoppedScriptFailsByIsTheStop) {
  bool stop = false;
  runtime.set_interrupt_handler([&stop] { return std::exchange(stop, false); });
  define("call", [](const Function& f) { return f.call(); });
  with([&](Ctx ctx) {
    ctx.eval("globalThis.own = new TypeError('of its own')");
    for (const char* script :
         {// the executor's end is a rejection, and the script fails before the engine asks again
          "new Promise(() => { for (;;) {} }); throw own",
          "call(() => { new Promise(() => { for (;;) {} }); throw own; })",
          "new Promise(() => { for (;;) {} }); null.x"}) {
      stop = true;
      expect_stopped(ctx.try_eval(script).error(), "stopped by the interrupt handler");
    }
    stop = false;
    // an error of the script's is not marked by it
    expect_eval(ctx, "try { throw own } catch (e) { e.message }", "string", "of its own");
    EXPECT_EQ(ctx.try_eval("throw own").error().kind(), ErrorKind::thrown);
  });
}

TEST_F(LimitsTest, NoScriptRunsInsideTheHandler) {
  std::optional<Value> value = eval("({a: 1})");
  std::string message;
  runtime.set_interrupt_handler([&] {
    const Result<Value> read = value->as<Object>().try_get("a");
    (void)read;
    return true;
  });
  // as<> refuses too: what it throws comes out
  EXPECT_THROW(eval("for (;;) {}"), RuntimeGone);
  runtime.set_interrupt_handler([&] {
    const Value copy = *value;
    message = context.with([](Ctx ctx) { return ctx.try_eval("1").error(); }).message();
    return true;
  });
  EXPECT_THROW(eval("for (;;) {}"), RuntimeGone);
  runtime.set_interrupt_handler([&] {
    message = value->try_as<Object>().error().message();
    value.reset();
    return true;
  });
  expect_stopped(try_eval("for (;;) {}").error(), "stopped by the interrupt handler");
  EXPECT_THAT(message, HasSubstr("interrupt handler"));
  expect_eval("1 + 1", "number", "2");
}

TEST_F(LimitsTest, AnotherRuntimeMayRunInsideTheHandler) {
  Runtime other;
  const Context other_context(other);
  runtime.set_interrupt_handler([&] {
    return other_context.with([](Ctx ctx) {
      return ctx.eval<bool>("let n = 0; for (let i = 0; i < 50000; ++i) ++n; n === 50000");
    });
  });
  expect_stopped(try_eval("for (;;) {}").error(), "stopped by the interrupt handler");
}

struct Told : std::runtime_error {
  Told(const char* text, int code) : std::runtime_error(text), number(code) {}
  int number;
};

TEST_F(LimitsTest, WhatTheHandlerThrowsComesOut) {
  runtime.set_interrupt_handler([]() -> bool { throw Told("enough", 7); });
  define("call", [](const Function& f) { return f.call(); });
  for (const char* script :
       {"for (;;) {}", "try { for (;;) {} } catch {}",
        "try { call(() => { for (;;) {} }) } catch {}",
        "try { call(() => call(() => { for (;;) {} })) } finally { for (;;) {} }"}) {
    try {
      eval(script);
      ADD_FAILURE() << script;
    } catch (const Told& told) {
      EXPECT_EQ(told.number, 7);
    }
    const Error error = try_eval(script).error();
    expect_stopped(error, "stopped by the interrupt handler: enough");
    EXPECT_THROW(std::rethrow_exception(error.origin()), Told);
  }
  runtime.set_interrupt_handler([]() -> bool { throw 5; });
  EXPECT_THROW(eval("for (;;) {}"), int);
  runtime.set_interrupt_handler([]() -> bool { throw Error::type("an Error"); });
  EXPECT_THAT(try_eval("for (;;) {}").error().message(), HasSubstr("an Error"));
  EXPECT_THROW(eval("for (;;) {}"), Error);
  runtime.set_interrupt_handler({});
  expect_eval("for (let i = 0; i < 100000; ++i); 1", "number", "1");
}

TEST_F(LimitsTest, TheHandlerMayReplaceItselfAndEndTheRuntime) {
  const NoneLeft none_left;
  int first = 0;
  int second = 0;
  runtime.set_interrupt_handler([&, counted = Counted()] {
    ++first;
    runtime.set_interrupt_handler([&second, counted = Counted()] { return ++second == 2; });
    return false;
  });
  expect_stopped(try_eval("for (;;) {}").error(), "stopped by the interrupt handler");
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 2);
  std::optional<Runtime> ended(std::in_place);
  const Context ended_context(*ended);
  ended->set_interrupt_handler([&, counted = Counted()] {
    ended.reset();
    return false;
  });
  ended_context.with([](Ctx ctx) { EXPECT_FALSE(ctx.try_eval("for (;;) {}")); });
  EXPECT_FALSE(ended);
  runtime.set_interrupt_handler(nullptr);
  Runtime moved(std::move(runtime));
  EXPECT_THROW(runtime.set_interrupt_handler(nullptr), RuntimeGone);  // NOLINT: moved from
  EXPECT_THROW(runtime.set_turn_limit(1s), RuntimeGone);
  runtime = std::move(moved);
}

TEST_F(LimitsTest, TheHandlerGoesWithTheRuntime) {
  const NoneLeft none_left;
  Runtime other;
  const Context other_context(other);
  other.set_interrupt_handler([value = other_context.with([](Ctx ctx) { return ctx.eval("({})"); }),
                               context = other_context, counted = Counted()] { return false; });
}

// ---- jobs
// ----------------------------------------------------------------------------------------

TEST_F(LimitsTest, JobsAreStopped) {
  // (In Bellard's engine an async function makes a rejection of it: what stops the job is told.)
  for (const char* script : {
           "Promise.resolve().then(() => { for (;;) {} })",
           "(async () => { await null; try { for (;;) {} } catch {} })()",
           "Promise.resolve({then() { for (;;) {} }})",
           "Promise.resolve().then(() => new Promise(() => { for (;;) {} }))",
           "(async () => { for await (const x of (async function* () { yield 1; for (;;) {} })()) "
           "{} })()",
       }) {
    eval(script);
    {
      const Deadline deadline(runtime, 5ms);
      const Result<void> ran = runtime.try_run();
      ASSERT_FALSE(ran) << script;
      expect_stopped(ran.error(), "stopped by a deadline of 5 ms");
    }
    (void)runtime.try_run();
    expect_eval("1 + 1", "number", "2");
  }
}

TEST_F(LimitsTest, JobsThatMakeJobsForEverAreStopped) {
  eval("globalThis.go = true; function next() { if (go) Promise.resolve().then(next); } next()");
  {
    const Deadline deadline(runtime, 5ms);
    expect_stopped(runtime.try_run().error(), "stopped by a deadline of 5 ms");
    // the same again, and nothing runs
    expect_stopped(runtime.try_run().error(), "stopped by a deadline of 5 ms");
    expect_stopped(runtime.try_execute_pending_job().error(), "stopped by a deadline of 5 ms");
  }
  EXPECT_TRUE(runtime.is_job_pending());
  eval("go = false");
  runtime.run();
  EXPECT_FALSE(runtime.is_job_pending());
  std::stop_source source;
  source.request_stop();
  const StopScope scope(runtime, source.get_token());
  runtime.run();  // nothing to do is no reason to stop
  eval("Promise.resolve().then(() => {})");
  expect_stopped(runtime.try_run().error(), "stopped by its stop_token");
}

TEST_F(LimitsTest, AStopThatNobodySawIsToldOnce) {
  bool stop = false;
  runtime.set_interrupt_handler([&stop] { return std::exchange(stop, false); });
  with([&](Ctx ctx) {
    const Function spin = ctx.eval<Function>("(async () => { for (;;) {} })");
    const Function later = ctx.eval<Function>("() => { Promise.resolve().then(() => ran = 1); }");
    ctx.eval("globalThis.ran = 0");
    later.call();
    stop = true;
    (void)spin.try_call();  // an error, or a promise that is rejected
    (void)runtime.try_run();
    EXPECT_TRUE(runtime.try_run().has_value());
    expect_eval(ctx, "ran", "number", "1");
  });
}

TEST_F(LimitsTest, ATurnHasALimit) {
  runtime.set_turn_limit(5ms);
  // for jobs alone: the caller of a script has a Deadline
  expect_eval("const end = Date.now() + 20; while (Date.now() < end); 1", "number", "1");
  eval("Promise.resolve().then(() => { for (;;) {} }); Promise.resolve().then(() => ran = 1)");
  eval("globalThis.ran = 0");
  expect_stopped(runtime.try_run().error(), "stopped by the turn limit of 5 ms");
  expect_eval("ran", "number", "0");
  runtime.run();
  expect_eval("ran", "number", "1");
  // each job has its own time
  eval(R"(
    async function busy() { for (let i = 0; i < 5; ++i) {
      const end = Date.now() + 3; while (Date.now() < end); await null; } ran = 5; }
    runLater = () => Promise.resolve().then(busy); 1)");
  runtime.set_turn_limit(2s);
  eval("runLater()");
  runtime.run();
  expect_eval("ran", "number", "5");
  runtime.set_turn_limit(0ns);
  eval("Promise.resolve().then(() => { const end = Date.now() + 10; while (Date.now() < end); })");
  runtime.run();
}

Task<> sleeps_for_ever() { co_await sleep(std::chrono::hours(1)); }
Task<> loops_for_ever(Ctx ctx) {
  co_await yield();
  ctx.eval("for (;;) {}");
}

TEST_F(LimitsTest, ADeadlineEndsALoopThatSleeps) {
  const auto sleeping = with([](Ctx ctx) { return ctx.spawn(sleeps_for_ever()); });
  const Deadline deadline(runtime, std::chrono::milliseconds(20));
  EXPECT_EQ(runtime.try_run().error().kind(), ErrorKind::interrupted);
  EXPECT_EQ(sleeping.state(), PromiseState::pending);
}

TEST_F(LimitsTest, ATurnOfACallbackOrACoroutineHasALimit) {
  runtime.set_turn_limit(std::chrono::milliseconds(20));
  runtime.poster().post([this] { eval("for (;;) {}"); });
  EXPECT_EQ(runtime.try_run().error().kind(), ErrorKind::interrupted);
  const auto looping = with([](Ctx ctx) { return ctx.spawn(loops_for_ever(ctx)); });
  EXPECT_FALSE(looping.try_finish().has_value());
  expect_eval("1 + 1", "number", "2");
}

}  // namespace
}  // namespace quip::test
