// Runtime: options, limits, jobs, rejections.
#include "support/counted.hpp"
#include "support/js.hpp"

#include <cstdint>
#include <limits>
#include <stdexcept>

namespace quip::test {
namespace {

TEST(RuntimeTest, NamesItsEngine) {
  const std::string name = Runtime::engine();
  EXPECT_TRUE(name.starts_with("quickjs")) << name;
  EXPECT_NE(name.find_first_of("0123456789"), std::string::npos) << name;
}

TEST(RuntimeTest, RefusesAStackOfNothing) {
  const Result<Runtime> made = Runtime::try_make({.stack_size = 0});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().name(), "RangeError");
  EXPECT_THAT(made.error().message(), ::testing::HasSubstr("stack_size"));
  EXPECT_THROW(Runtime({.stack_size = 0}), Error);
  Runtime runtime;
  EXPECT_THROW(runtime.set_stack_size(0), Error);
}

TEST(RuntimeTest, RefusesOrSurvivesAMemoryLimitThatIsTooSmall) {
  // wherever it fails, it is by an error
  for (std::size_t limit = 1; limit < (std::size_t{1} << 19); limit = limit * 3 + 1000) {
    Result<Runtime> runtime = Runtime::try_make({.memory_limit = limit});
    if (!runtime) {
      EXPECT_EQ(runtime.error().kind(), ErrorKind::out_of_memory) << limit;
      continue;
    }
    Result<Context> context = Context::try_make(*runtime);
    if (!context) {
      EXPECT_EQ(context.error().kind(), ErrorKind::out_of_memory) << limit;
    }
  }
}

TEST(RuntimeTest, SetLimitsWhileItLives) {
  Runtime runtime({.memory_limit = std::size_t{16} << 20, .gc_threshold = 1000, .info = "first"});
  const Context context(runtime);
  runtime.set_memory_limit(static_cast<std::size_t>(runtime.memory_usage().malloc_size) + 100000);
  expect_eval(context, "new Uint8Array(1 << 20).length", "throws", "InternalError: out of memory");
  runtime.set_memory_limit(0);
  expect_eval(context, "new Uint8Array(1 << 20).length", "number", "1048576");
  runtime.set_gc_threshold(std::numeric_limits<std::size_t>::max());
  runtime.set_info("a name that the engine keeps");
  expect_eval(context, "1 + 1", "number", "2");
}

TEST_F(JsTest, GarbageIsCollectedByItself) {
  runtime.set_gc_threshold(std::size_t{64} << 10);
  NoneLeft none_left;
  with([](Ctx ctx) {
    for (int i = 0; i < 300; ++i) {
      const Object ring(ctx);
      ring.set("f", [counted = Counted(), ring = 0] { return ring; });
      ring.get<Object>("f").set("ring", ring);
      ring.set("weight", std::vector<int>(100, i));
    }
    EXPECT_LT(Counted::live(), 300);
  });
  runtime.run_gc();
}

TEST_F(JsTest, MemoryUsageCounts) {
  const MemoryUsage before = runtime.memory_usage();
  EXPECT_GT(before.malloc_size, 0);
  EXPECT_GT(before.malloc_count, 0);
  EXPECT_GT(before.atom_count, 0);
  EXPECT_GT(before.object_count, 0);
  const Value kept = eval("Array.from({length: 100}, () => [() => 1])");
  const MemoryUsage after = runtime.memory_usage();
  EXPECT_GE(after.object_count, before.object_count + 200);
  EXPECT_GT(after.malloc_size, before.malloc_size);
  EXPECT_GT(after.function_count, before.function_count);
}

// ---- jobs --------------------------------------------------------------------------------------

TEST_F(JsTest, JobsRunOneByOneInOrder) {
  std::string order;
  define("log", [&order](const std::string& text) { order += text; });
  eval("Promise.resolve().then(() => log('a')); Promise.resolve().then(() => log('b'))");
  EXPECT_EQ(order, "");
  EXPECT_TRUE(runtime.is_job_pending());
  EXPECT_TRUE(runtime.execute_pending_job());
  EXPECT_EQ(order, "a");
  EXPECT_TRUE(runtime.execute_pending_job());
  EXPECT_EQ(order, "ab");
  EXPECT_FALSE(runtime.is_job_pending());
  EXPECT_FALSE(runtime.execute_pending_job());
}

TEST_F(JsTest, RunRunsTheJobsThatJobsAdd) {
  int count = 0;
  define("step", [&count] { return ++count; });
  eval("(async () => { while (step() < 20) await null; })()");
  runtime.run();
  EXPECT_EQ(count, 20);
}

TEST_F(JsTest, RunInsideAScriptThatRuns) {
  std::string order;
  define("log", [&order](const std::string& text) { order += text; });
  define("run", [this] { runtime.run(); });
  eval("Promise.resolve().then(() => log('job ')); run(); log('after')");
  EXPECT_EQ(order, "job after");
}

TEST_F(JsTest, AJobsOwnPromiseTakesWhatItThrows) {
  eval("Promise.resolve().then(() => { throw new Error('lost'); })");
  EXPECT_TRUE(runtime.try_run().has_value());
}

TEST_F(JsTest, JobsOfTwoContextsShareTheQueue) {
  const Context second(runtime);
  std::string order;
  const auto log = [&order](const std::string& text) { order += text; };
  define("log", log);
  second.with([&](Ctx ctx) { ctx.globals().set("log", log); });
  eval("Promise.resolve().then(() => log('a'))");
  second.with([](Ctx ctx) { ctx.eval("Promise.resolve().then(() => log('b'))"); });
  eval("Promise.resolve().then(() => log('c'))");
  runtime.run();
  EXPECT_EQ(order, "abc");
}

// ---- rejections
// ----------------------------------------------------------------------------------

struct Heard {
  std::string reason;
  bool handled;
  friend bool operator==(const Heard&, const Heard&) = default;
};

TEST_F(JsTest, RejectionsAreHeard) {
  std::vector<Heard> heard;
  runtime.set_rejection_handler(
      [&](Ctx ctx, const Value& promise, const Value& reason, bool handled) {
        EXPECT_TRUE(promise.is_promise());
        EXPECT_TRUE(ctx.eval("1").is_number());
        heard.push_back({reason.to_display_string(), handled});
      });
  eval("globalThis.p = Promise.reject('late')");
  EXPECT_THAT(heard, ::testing::ElementsAre(Heard{"late", false}));
  eval("p.catch(() => {})");
  EXPECT_THAT(heard, ::testing::ElementsAre(Heard{"late", false}, Heard{"late", true}));
  heard.clear();
  eval("Promise.resolve(1).then(() => { throw new Error('from a job'); })");
  EXPECT_TRUE(heard.empty());
  runtime.run();
  EXPECT_THAT(heard, ::testing::ElementsAre(Heard{"Error: from a job", false}));
  heard.clear();
  eval("new Promise((_, reject) => setLater = reject).catch(() => {}); setLater('caught')");
  runtime.run();
  EXPECT_TRUE(heard.empty());
}

TEST_F(JsTest, TheRejectionHandlerMayThrowAndReplaceItself) {
  int first = 0;
  int second = 0;
  runtime.set_rejection_handler([&](Ctx, const Value&, const Value&, bool) {
    ++first;
    runtime.set_rejection_handler([&](Ctx, const Value&, const Value&, bool) { ++second; });
    throw std::runtime_error("nobody hears this");
  });
  expect_eval("Promise.reject(1); 1", "number", "1");
  expect_eval("Promise.reject(1); 2", "number", "2");
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 1);
  runtime.set_rejection_handler(nullptr);
  expect_eval("Promise.reject(1); 3", "number", "3");
  EXPECT_EQ(second, 1);
}

// ---- the stack
// -------------------------------------------------------------------------------------

TEST_F(JsTest, DeepScriptRecursionIsAnError) {
  for (int i = 0; i < 3; ++i) {
    expect_eval(R"(
      var depth = 0;
      function down() { ++depth; down(); }
      try { down(); 'returned' } catch (e) { `${e instanceof Error} ${depth > 20}` }
    )",
                "string", "true true");
    // uncaught too, and the runtime goes on
    EXPECT_FALSE(try_eval("(function down() { down(); })()"));
    expect_eval("1 + 1", "number", "2");
  }
}

TEST_F(JsTest, DeepRecursionThroughCppIsAnError) {
  int deepest = 0;
  define("native", [&deepest](Ctx ctx, int depth) {
    deepest = std::max(deepest, depth);
    return ctx.globals().get<Function>("script").call<int>(depth + 1);
  });
  const Result<Value> result = try_eval("globalThis.script = n => native(n); script(0)");
  ASSERT_FALSE(result);
  EXPECT_GT(deepest, 5);
  const int first = deepest;
  // the same the second time: the limit did not move
  deepest = 0;
  EXPECT_FALSE(try_eval("script(0)"));
  EXPECT_NEAR(deepest, first, first / 4.0 + 2);
}

TEST_F(JsTest, DeepRecursionThroughCppAloneIsAnError) {
  // no script function on the way, whose calls the engine would check
  define("native", [](Ctx ctx, int depth) {
    return ctx.globals().get<Function>("native").call<int>(depth + 1);
  });
  EXPECT_FALSE(try_eval("native(0)"));
  define("held", [keep = std::string("state")](Ctx ctx, int depth) {
    return ctx.globals().get<Function>("held").call<int>(depth + static_cast<int>(keep.size()));
  });
  EXPECT_FALSE(try_eval("held(0)"));
  expect_eval("1 + 1", "number", "2");
}

TEST_F(JsTest, NestedWithDoesNotMoveTheLimit) {
  define("native", [this](int depth) {
    return context.with(
        [&](Ctx ctx) { return ctx.eval<int>("script(" + std::to_string(depth + 1) + ")"); });
  });
  EXPECT_FALSE(try_eval("globalThis.script = n => native(n); script(0)"));
  expect_eval("1 + 1", "number", "2");
}

TEST_F(JsTest, RecursionThroughGettersProxiesAndConversionsIsAnError) {
  runtime.set_stack_size(std::size_t{256} << 10);
  for (const char* script : {
           "const o = {get a() { return o.a; }}; o.a",
           "const p = new Proxy({}, {get(t, k, r) { return r[k]; }}); p.a",
           "const s = {toString() { return String(s); }}; String(s)",
           "const a = []; for (let i = 0, b = a; i < 8000; ++i) { b[0] = []; b = b[0]; } "
           "JSON.stringify(a)",
           "JSON.parse('['.repeat(100000))",
           "Reflect.apply(function f() { return Reflect.apply(f, null, []); }, null, [])",
           "class A { constructor() { return new A(); } } new A()",
       }) {
    EXPECT_FALSE(try_eval(script)) << script;
  }
  expect_eval("1 + 1", "number", "2");
}

TEST(StackTest, TwoRuntimesThatCallEachOtherEndInAnError) {
  Runtime first;
  Runtime second;
  const Context a(first);
  const Context b(second);
  a.with([&](Ctx ctx) {
    ctx.globals().set("other", [&](int depth) {
      return b.with(
          [&](Ctx inner) { return inner.eval<int>("script(" + std::to_string(depth + 1) + ")"); });
    });
    ctx.eval("globalThis.script = n => other(n)");
  });
  b.with([&](Ctx ctx) {
    ctx.globals().set("other", [&](int depth) {
      return a.with(
          [&](Ctx inner) { return inner.eval<int>("script(" + std::to_string(depth + 1) + ")"); });
    });
    ctx.eval("globalThis.script = n => other(n)");
  });
  EXPECT_FALSE(a.with([](Ctx ctx) { return ctx.try_eval("script(0)"); }));
  expect_eval(a, "1 + 1", "number", "2");
  expect_eval(b, "1 + 1", "number", "2");
}

int depth_of(const Context& context) {
  return context.with([](Ctx ctx) {
    return ctx.eval<int>(
        "(() => { let n = 0; function down() { ++n; down(); } try { down(); } catch {} return n; "
        "})()");
  });
}

TEST(StackTest, StackSizeIsHonoured) {
  Runtime small({.stack_size = std::size_t{128} << 10});
  const Runtime large({.stack_size = std::size_t{512} << 10});
  const Context small_context(small);
  const Context large_context(large);
  const int depth = depth_of(small_context);
  EXPECT_GT(depth, 5);
  EXPECT_GT(depth_of(large_context), 2 * depth);
  small.set_stack_size(std::size_t{512} << 10);
  EXPECT_GT(depth_of(small_context), 2 * depth);
  small.set_stack_size(std::size_t{128} << 10);
  EXPECT_NEAR(depth_of(small_context), depth, depth / 4.0 + 2);
}

TEST(StackTest, MoreThanTheThreadHasIsCutToIt) {
  const Runtime runtime({.stack_size = SIZE_MAX / 4});
  const Context context(runtime);
  EXPECT_GT(depth_of(context), 100);
}

}  // namespace
}  // namespace quip::test
