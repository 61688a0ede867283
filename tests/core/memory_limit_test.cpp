// Memory limits, hard and soft, with every allocator.
#include "support/allocators.hpp"
#include "support/counted.hpp"
#include "support/js.hpp"

#include <gmock/gmock.h>

#include <chrono>

namespace quip::test {
namespace {

using namespace std::chrono_literals;
using ::testing::AnyOf;
using ::testing::HasSubstr;

constexpr std::size_t mib = std::size_t{1} << 20;
// what the heap may exceed a limit by, to tell of it
constexpr std::int64_t most_lent = 128 << 10;

class MemoryLimitTest : public ::testing::TestWithParam<AllocatorKind> {
 protected:
  Result<Value> try_eval(std::string_view script) {
    return context.with([&](Ctx ctx) { return ctx.try_eval(script, {.filename = "limit.js"}); });
  }
  /// So many bytes more than there are now.
  void limit(std::int64_t left) {
    runtime.run_gc();
    runtime.set_memory_limit(static_cast<std::size_t>(runtime.memory_usage().malloc_size + left));
  }
  void expect_usable() {
    expect_eval(context, "[1, 2].map(n => n + 1).join() + ({a: 'x'.repeat(100)}).a.length",
                "string", "2,3100");
  }
  void expect_stopped(std::string_view script, std::string_view message) {
    const Result<Value> result = try_eval(script);
    ASSERT_FALSE(result) << script;
    EXPECT_EQ(result.error().kind(), ErrorKind::out_of_memory) << result.error().what();
    EXPECT_EQ(result.error().message(), message) << script;
    EXPECT_EQ(result.error().name(), "InternalError");
  }

  Runtime runtime{RuntimeOptions{.allocator = GetParam().make()}};
  Context context{runtime};
};

INSTANTIATE_TEST_SUITE_P(All, MemoryLimitTest, ::testing::ValuesIn(allocator_kinds),
                         [](const auto& test) { return std::string(test.param.name); });

// ---- the hard limit
// ------------------------------------------------------------------------------

TEST_P(MemoryLimitTest, TheHeapStaysBelowIt) {
  for (const char* script : {
           "{ const a = []; for (;;) a.push({n: a.length}); }",
           "{ const a = []; for (;;) a.push('text ' + a.length); }",
           "{ const a = []; for (;;) a.push(new Uint8Array(10000)); }",
           "{ const a = []; for (;;) a.push('x'.repeat(200000)); }",
           "{ let a = {}; for (;;) a = {a, b: [a]}; }",
           "new ArrayBuffer(1 << 30)",
           "(function f(a) { return [f([a, {}]), a]; })({})",
           "{ let a; const f = n => { a = [a, n]; return f(n + 1) + 1; }; f(0); }",
       }) {
    limit(1 << 20);
    const std::int64_t most = runtime.memory_usage().memory_limit;
    const Result<Value> result = try_eval(script);
    ASSERT_FALSE(result) << script;
    const MemoryUsage usage = runtime.memory_usage();
    EXPECT_LE(usage.malloc_size, most + most_lent) << script;
    const Error& error = result.error();
    const bool bare =
        error.kind() == ErrorKind::thrown && (error.message().empty() || error.value().is_null());
    const bool is_deep = error.message().find("stack") != std::string::npos;
    EXPECT_TRUE(error.kind() == ErrorKind::out_of_memory || bare || is_deep) << error.what();
    runtime.set_memory_limit(0);
    expect_usable();
  }
}

TEST_P(MemoryLimitTest, ItIsOfTheOptionsToo) {
  const Runtime small({.memory_limit = 2 * mib, .allocator = GetParam().make()});
  const Context other(small);
  const Result<Value> result =
      other.with([](Ctx ctx) { return ctx.try_eval("new Uint8Array(4 << 20)"); });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind(), ErrorKind::out_of_memory);
  expect_eval(other, "new Uint8Array(1 << 20).length", "number", "1048576");
}

TEST_P(MemoryLimitTest, TooSmallForARuntimeItIsAnError) {
  for (const std::size_t bytes : {1U, 10U, 1000U, 10000U}) {
    const Result<Runtime> made =
        Runtime::try_make({.memory_limit = bytes, .allocator = GetParam().make()});
    ASSERT_FALSE(made) << bytes;
    EXPECT_EQ(made.error().kind(), ErrorKind::out_of_memory);
  }
}

TEST_P(MemoryLimitTest, BelowWhatIsThereTheNextAllocationFails) {
  EXPECT_TRUE(
      try_eval("globalThis.kept = Array.from({length: 1000}, (_, i) => ({i}));"
               "function grow() { return new Array(100).fill(0).map(String); } grow()"));
  runtime.set_memory_limit(1000);
  const Result<Value> result = try_eval("grow()");
  ASSERT_FALSE(result);
  EXPECT_EQ(runtime.memory_usage().memory_limit, 1000);
  runtime.set_memory_limit(0);
  expect_eval(context, "kept.length + grow().length", "number", "1100");
}

TEST_P(MemoryLimitTest, ItHoldsAgainWhenMemoryCameBack) {
  limit(1 << 20);
  for (int i = 0; i < 5; ++i) {
    expect_eval(context, R"(
      var kept = [];
      try { for (;;) kept.push(new Uint8Array(1000)); } catch (e) {
        kept = null;  // an engine without the room for an error throws null
        kept = e === null ? 'null' : e.name;
      }
      kept === 'null' || kept === 'InternalError')",
                "boolean", "true");
    EXPECT_LE(runtime.memory_usage().malloc_size, runtime.memory_usage().memory_limit);
  }
}

/// The engine adds a stack to an error when memory is just out.
TEST_P(MemoryLimitTest, ErrorsWithLongStacks) {
  EXPECT_TRUE(try_eval(R"(
    function a_function_whose_name_takes_some_room_in_a_stack(depth, what) {
      if (depth === 0) { if (what) throw new TypeError(what); return null.x; }
      return a_function_whose_name_takes_some_room_in_a_stack(depth - 1, what) + 1;
    }
    function attempt(depth, what) {
      try { a_function_whose_name_takes_some_room_in_a_stack(depth, what); }
      catch (e) { return e === null ? 'null' : e.name; }
    }
    const first = () => attempt(60);
    const second = () => attempt(3, 'x');
    const third = () => attempt(200, 'y'.repeat(500));
    var calls = [first, second, third])"));
  // compiled before: quickjs-ng reads behind a function's code whose memory ran out
  const auto calls =
      context.with([](Ctx ctx) { return ctx.globals().get<std::vector<Function>>("calls"); });
  for (std::int64_t left = 12000; left >= 0; left -= 150) {
    limit(left);
    for (const Function& call : calls) {
      const Result<Value> result = call.try_call<Value>();
      if (result) EXPECT_THAT(show(*result).text, AnyOf("TypeError", "null", "InternalError"));
    }
    runtime.set_memory_limit(0);
    expect_eval(context, "attempt(2)", "string", "TypeError");
  }
}

/// Scripts that take each error for nothing and go on.
TEST_P(MemoryLimitTest, ScriptsThatSwallowTheErrorEnd) {
  for (const char* script : {
           "{ const a = []; for (;;) try { a.push({a: 1}); } catch {} }",
           "{ const a = []; for (;;) try { a.push('x' + a.length); } catch {} }",
           "{ let a; for (;;) try { a = {a, f() {}}; } catch {} }",
           "{ let a; const f = () => { a = [a, new Error('e')]; };"
           "  for (;;) try { f(); } catch (e) { a = [a, e]; } }",
           "{ let a; for (;;) try { a = [a]; null.x; } catch (e) { a = [a, e]; } }",
           "{ let a; const f = n => n ? f(n - 1) + 1 : null.x;"
           "  for (;;) try { a = [a]; f(40); } catch (e) { a = [a, e]; } }",
       }) {
    limit(300000);
    const std::int64_t most = runtime.memory_usage().memory_limit;
    const Deadline deadline(runtime, 100ms);  // an engine that does not need to stop them goes on
    const Result<Value> result = try_eval(script);
    ASSERT_FALSE(result) << script;
    EXPECT_LE(runtime.memory_usage().malloc_size, most + most_lent) << script;
    runtime.set_memory_limit(0);
    expect_usable();
  }
}

// ---- the soft limit
// ------------------------------------------------------------------------------

TEST_P(MemoryLimitTest, AboveTheSoftLimitScriptsAreStopped) {
  runtime.set_soft_memory_limit(2 * mib);
  for (const char* script : {
           "{ const a = []; for (;;) a.push({n: a.length}); }",
           "{ let a; for (;;) a = {a}; }",
           "{ const m = new Map(); for (let i = 0;; ++i) m.set(i, 'text ' + i); }",
           "{ const a = []; for (;;) try { a.push([1]); } catch {} finally { a.push([2]); } }",
       }) {
    expect_stopped(script, "stopped by the soft memory limit of 2 MiB");
    expect_usable();
    EXPECT_LT(runtime.memory_usage().malloc_size, static_cast<std::int64_t>(2 * mib));
  }
}

TEST_P(MemoryLimitTest, NoScriptCatchesThat) {
  const NoneLeft none_left;
  runtime.set_soft_memory_limit(2 * mib);
  int seen = 0;
  context.with([&](const Ctx& ctx) {
    ctx.globals().set("seen", [&seen] { ++seen; });
    ctx.globals().set("call", [counted = Counted()](const Function& f) { return f.call(); });
  });
  const Result<Value> result = try_eval(R"(
    function fill() { const a = []; for (;;) a.push({n: a.length}); }
    try { call(() => { try { fill(); } catch { seen(); } finally { seen(); } }); seen(); }
    catch { seen(); } finally { seen(); })");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind(), ErrorKind::out_of_memory);
  EXPECT_EQ(result.error().file(), "limit.js");
  EXPECT_THAT(result.error().stack(), HasSubstr("fill"));
  EXPECT_EQ(seen, 0);
  expect_usable();
  context.with([](const Ctx& ctx) { ctx.globals().set("call", 0); });
}

TEST_P(MemoryLimitTest, GarbageIsCollectedFirst) {
  runtime.set_gc_threshold(std::numeric_limits<std::size_t>::max());  // nobody else does
  runtime.set_soft_memory_limit(3 * mib);
  expect_eval(context, R"(
    (() => {
      const kept = [];
      for (let i = 0; i < 60000; ++i) {
        const a = {text: [i, i, i]}, b = {a};
        a.b = b;
        if (i % 100 === 0) kept.push(a);
      }
      return kept.length;
    })())",
              "number", "600");
}

TEST_P(MemoryLimitTest, ThereIsAHardLimitBehindTheSoftOne) {
  runtime.set_soft_memory_limit(2 * mib);
  expect_eval(context, "new Uint8Array(5 << 20).length", "number", "5242880");
  for (const char* script : {"new Uint8Array(64 << 20)", "'x'.repeat(64 << 20)",
                             "{ const a = []; for (;;) a.push(new Uint8Array(1 << 20)); }",
                             "{ const a = []; for (;;) a.push(new Uint8Array(100 << 10)); }"}) {
    const Result<Value> result = try_eval(script);
    ASSERT_FALSE(result) << script;
    EXPECT_EQ(result.error().kind(), ErrorKind::out_of_memory) << script;
    expect_usable();
  }
  EXPECT_LE(runtime.memory_usage().allocator_peak, static_cast<std::int64_t>(18 * mib) + most_lent);
}

TEST_P(MemoryLimitTest, TheHardLimitCountsWhenItIsLower) {
  runtime.set_soft_memory_limit(64 * mib);
  runtime.set_memory_limit(2 * mib);
  expect_eval(context, "try { new Uint8Array(3 << 20) } catch (e) { e.message }", "string",
              "out of memory");
  runtime.set_memory_limit(0);
  expect_eval(context, "new Uint8Array(3 << 20).length", "number", "3145728");
}

TEST_P(MemoryLimitTest, WhatIsKeptCanBeDropped) {
  EXPECT_TRUE(
      try_eval("globalThis.kept = [];"
               "function fill() { for (;;) kept.push({n: kept.length}); }"));
  runtime.set_soft_memory_limit(2 * mib);
  expect_stopped("fill()", "stopped by the soft memory limit of 2 MiB");
  // above the limit still: scripts that run for long are stopped, short ones are not
  expect_stopped("{ let n = []; for (;;) n = [n.length]; }",
                 "stopped by the soft memory limit of 2 MiB");
  expect_eval(context, "kept.length = 0", "number", "0");
  expect_eval(context, "{ let n = []; for (let i = 0; i < 50000; ++i) n = [n.length]; n[0] }",
              "number", "1");
  runtime.set_soft_memory_limit(0);
  expect_eval(context, "for (let i = 0; i < 100000; ++i) kept.push([i]); kept.length", "number",
              "100000");
}

TEST_P(MemoryLimitTest, JobsAreStopped) {
  runtime.set_soft_memory_limit(2 * mib);
  EXPECT_TRUE(try_eval(R"(
    globalThis.done = 0;
    Promise.resolve().then(() => { const a = []; for (;;) a.push({n: a.length}); });
    Promise.resolve().then(() => { done = 1; });)"));
  const Result<void> ran = runtime.try_run();
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().kind(), ErrorKind::out_of_memory);
  EXPECT_THAT(ran.error().message(), HasSubstr("soft memory limit"));
  runtime.run();
  expect_eval(context, "done", "number", "1");
}

TEST_P(MemoryLimitTest, CppMayAnswerForIt) {
  runtime.set_soft_memory_limit(2 * mib);
  context.with([](const Ctx& ctx) {
    ctx.globals().set("guarded", [](const Function& f) {
      const Result<Value> result = f.try_call();
      return result ? std::string("ended") : result.error().message();
    });
  });
  expect_eval(context,
              "guarded(() => { const a = []; for (;;) a.push({n: a.length}); }) + '; ' + "
              "guarded(() => 1)",
              "string", "stopped by the soft memory limit of 2 MiB; ended");
}

TEST_P(MemoryLimitTest, LimitsAreSpelledInTheirUnits) {
  runtime.set_soft_memory_limit(1500 << 10);
  expect_stopped("{ const a = []; for (;;) a.push({n: a.length}); }",
                 "stopped by the soft memory limit of 1500 KiB");
  runtime.set_soft_memory_limit(2000001);
  expect_stopped("{ const a = []; for (;;) a.push({n: a.length}); }",
                 "stopped by the soft memory limit of 2000001 bytes");
}

TEST_P(MemoryLimitTest, TheSoftLimitIsOfTheOptionsToo) {
  Runtime small({.soft_memory_limit = 2 * mib, .allocator = GetParam().make()});
  const Context other(small);
  const Result<Value> result = other.with(
      [](Ctx ctx) { return ctx.try_eval("{ const a = []; for (;;) a.push({n: a.length}); }"); });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message(), "stopped by the soft memory limit of 2 MiB");
}

TEST_P(MemoryLimitTest, ADeadlineStopsBeforeTheLimit) {
  runtime.set_soft_memory_limit(64 * mib);
  const Deadline deadline(runtime, 5ms);
  const Result<Value> result = try_eval("for (;;) ({}).a = [1];");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind(), ErrorKind::interrupted);
}

}  // namespace
}  // namespace quip::test
