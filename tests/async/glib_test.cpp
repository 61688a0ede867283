// glib_executor: what is special to GLib. What all loops have in common is tested on each of them
// in the other files.
#if __has_include(<gio/gio.h>)

#include "support/counted.hpp"
#include "support/js.hpp"
#include <quip/async/glib.hpp>

#include <gio/gio.h>
#include <glib.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

using namespace std::chrono_literals;

/// A main context, iterated until something says that it is enough.
class GlibLoop {
 public:
  GlibLoop() { g_main_context_push_thread_default(context_); }
  GlibLoop(const GlibLoop&) = delete;
  GlibLoop& operator=(const GlibLoop&) = delete;
  ~GlibLoop() {
    if (context_ == nullptr) return;
    g_main_context_pop_thread_default(context_);
    g_main_context_unref(context_);
  }
  /// Gives the program's reference up.
  void end() {
    g_main_context_pop_thread_default(context_);
    g_main_context_unref(std::exchange(context_, nullptr));
  }
  [[nodiscard]] GMainContext* get() const noexcept { return context_; }
  [[nodiscard]] std::shared_ptr<Executor> executor() const { return glib_executor(context_); }

  template <class F>
  void run_until(F&& is_enough) const {
    while (!is_enough()) g_main_context_iteration(context_, TRUE);
  }
  /// All that is ready now.
  void run_ready() const {
    while (g_main_context_iteration(context_, FALSE) != FALSE) {
    }
  }

 private:
  GMainContext* context_ = g_main_context_new();
};

/// A timer of the program's.
class GlibTimer {
 public:
  GlibTimer(const GlibLoop& loop, unsigned ms, std::function<void()> call,
            int priority = G_PRIORITY_DEFAULT)
      : call_(std::move(call)), source_(g_timeout_source_new(ms)) {
    g_source_set_priority(source_, priority);
    g_source_set_callback(
        source_,
        [](gpointer self) -> gboolean {
          static_cast<GlibTimer*>(self)->call_();
          return G_SOURCE_CONTINUE;
        },
        this, nullptr);
    g_source_attach(source_, loop.get());
  }
  GlibTimer(const GlibTimer&) = delete;
  GlibTimer& operator=(const GlibTimer&) = delete;
  ~GlibTimer() {
    g_source_destroy(source_);
    g_source_unref(source_);
  }

 private:
  std::function<void()> call_;
  GSource* source_;
};

struct LoopOfTest {
  GlibLoop loop;
};

Task<> sleep_ms(int ms) { co_await sleep(std::chrono::milliseconds(ms)); }

class GlibTest : protected LoopOfTest, public JsTest {
 protected:
  GlibTest() {
    runtime.set_executor(loop.executor());
    define("sleep", &sleep_ms);
    (void)eval("globalThis.log = []; globalThis.note = x => { log.push(x) }");
  }
  /// Runs the loop until a script has set `done`.
  void run() {
    loop.run_until([this] { return eval<bool>("globalThis.done === true"); });
  }
};

// ---- the executor by itself
// ----------------------------------------------------------------------

TEST(GlibExecutorTest, PostsAreCalledInOrderAndNeverInside) {
  const GlibLoop loop;
  const auto executor = loop.executor();
  std::vector<int> called;
  ASSERT_TRUE(
      g_main_context_acquire(loop.get()));  // who owns the context is not called inside either
  executor->post([&] {
    called.push_back(1);
    executor->post([&] { called.push_back(3); });
    EXPECT_EQ(called.size(), 1U);
  });
  executor->post([&] { called.push_back(2); });
  EXPECT_TRUE(called.empty());
  loop.run_ready();
  EXPECT_EQ(called, (std::vector<int>{1, 2, 3}));
  EXPECT_FALSE(g_main_context_pending(loop.get()));
  g_main_context_release(loop.get());
}

TEST(GlibExecutorTest, OneTimerThatIsNeverEarly) {
  const GlibLoop loop;
  const auto executor = loop.executor();
  int replaced = 0;
  for (const auto delay : {0us, 1us, 999us, 1000us, 1001us, 2500us}) {
    executor->post_after(delay / 2, [&] { ++replaced; });
    const auto begin = Clock::now();
    std::optional<Clock::time_point> called;
    executor->post_after(delay, [&] { called = Clock::now(); });
    std::this_thread::sleep_for(300us);
    loop.run_until([&] { return called.has_value(); });
    EXPECT_GE(*called - begin, delay);
  }
  executor->post_after(0ms, [&] { ++replaced; });
  executor->post_after(0ms, nullptr);
  std::this_thread::sleep_for(1ms);
  loop.run_ready();
  executor->post_after(Clock::duration::max(), [&] { ++replaced; });
  loop.run_ready();
  EXPECT_EQ(replaced, 0);
}

TEST(GlibExecutorTest, ATimerThatIsReplacedInItsLastMoment) {
  // both sources are ready in one turn, and the first takes the second's time away
  const GlibLoop loop;
  const auto executor = loop.executor();
  bool is_early = false;
  executor->post_after(0ms, [&] { is_early = true; });
  executor->post([&] { executor->post_after(1h, [&] { is_early = true; }); });
  std::this_thread::sleep_for(1ms);
  loop.run_ready();
  EXPECT_FALSE(is_early);
}

TEST(GlibExecutorTest, OwnsTheThreadThatOwnsTheContext) {
  GMainContext* context = g_main_context_new();
  const auto executor = glib_executor(context);
  EXPECT_FALSE(executor->owns_thread());
  bool inside = false;
  executor->post([&] { inside = executor->owns_thread(); });
  std::thread thread([&] { g_main_context_iteration(context, FALSE); });
  thread.join();
  EXPECT_TRUE(inside);
  EXPECT_FALSE(executor->owns_thread());
  g_main_context_unref(context);
}

TEST(GlibExecutorTest, TheDefaultContext) {
  const auto executor = glib_executor();
  bool called = false;
  executor->post([&] { called = true; });
  while (!called) g_main_context_iteration(nullptr, TRUE);
}

TEST(GlibExecutorTest, WhatIsNotCalledIsDestroyed) {
  const NoneLeft none_left;
  const GlibLoop loop;
  auto executor = loop.executor();
  executor->post([kept = Counted()] { ADD_FAILURE() << "called"; });
  executor->post_after(0ms, [kept = Counted()] { ADD_FAILURE() << "called"; });
  executor.reset();
  loop.run_ready();
}

TEST(GlibExecutorTest, EndsInsideOfItsWork) {
  const GlibLoop loop;
  auto executor = loop.executor();
  executor->post([&] {
    executor->post([] { ADD_FAILURE() << "called"; });
    executor.reset();
  });
  executor->post([] { ADD_FAILURE() << "called"; });
  loop.run_until([&] { return executor == nullptr; });
  executor = loop.executor();
  executor->post_after(0ms, [&] { executor.reset(); });
  loop.run_until([&] { return executor == nullptr; });
  loop.run_ready();
}

TEST(GlibExecutorTest, EndsOnAnotherThread) {
  const GlibLoop loop;
  auto executor = loop.executor();
  std::atomic<int> calls = 0;
  executor->post([&] { ++calls; });
  std::thread thread([&] {
    for (int i = 0; i < 100; ++i) executor->post([&] { ++calls; });
    executor.reset();
  });
  for (int i = 0; i < 1000; ++i) g_main_context_iteration(loop.get(), FALSE);
  thread.join();
  const int until_now = calls;
  loop.run_ready();
  EXPECT_EQ(calls, until_now);
}

// ---- a runtime in the loop
// -----------------------------------------------------------------------

TEST_F(GlibTest, AMainLoopRunsIt) {
  GMainLoop* main_loop = g_main_loop_new(loop.get(), FALSE);
  define("quit", [main_loop] { g_main_loop_quit(main_loop); });
  (void)eval("(async () => { for (const i of [1, 2, 3]) { await sleep(2); note(i) } quit() })()");
  g_main_loop_run(main_loop);
  g_main_loop_unref(main_loop);
  expect_eval("log.join()", "string", "1,2,3");
}

TEST_F(GlibTest, IterationsThatDoNotBlock) {
  (void)eval("Promise.resolve(1).then(note); sleep(1).then(() => note(2))");
  expect_eval("log.length", "number", "0");
  EXPECT_TRUE(g_main_context_iteration(loop.get(), FALSE));
  loop.run_ready();
  while (eval<int>("log.length") < 2) {
    g_main_context_iteration(loop.get(), FALSE);
    std::this_thread::sleep_for(100us);
  }
  EXPECT_FALSE(g_main_context_iteration(loop.get(), FALSE));  // there is nothing left
  expect_eval("log.join()", "string", "1,2");
}

TEST_F(GlibTest, WakesFromAnotherThread) {
  std::thread thread;
  define("work", [&](Ctx ctx) {
    Deferred<std::string> done(ctx);
    thread = std::thread([done] {
      std::this_thread::sleep_for(5ms);
      done.resolve("from there");
    });
    return done;
  });
  (void)eval("work().then(text => { note(text); done = true })");
  run();
  expect_eval("log.join()", "string", "from there");
  thread.join();
}

TEST_F(GlibTest, PostersReachAWaitingLoop) {
  std::thread::id called_on;
  std::thread thread([&, poster = runtime.poster()] {
    std::this_thread::sleep_for(2ms);
    EXPECT_TRUE(poster.post([&] { called_on = std::this_thread::get_id(); }));
  });
  loop.run_until([&] { return called_on != std::thread::id(); });
  thread.join();
  EXPECT_EQ(called_on, std::this_thread::get_id());
}

TEST_F(GlibTest, WhatNeverEndsLeavesTheLoopItsTurn) {
  for (const char* endless : {
           "(function next() { if (!stop) Promise.resolve().then(next) })()",
           "(async () => { while (!stop) await sleep(0) })()",
           "(async () => { while (!stop) await 0 })(); (async () => { while (!stop) await 0 })()",
           "(function every() { if (!stop) sleep(1).then(every); for (let i = 0; i < 1e5; ++i); "
           "})()",
       }) {
    const ::testing::ScopedTrace trace(__FILE__, __LINE__, endless);
    (void)eval("globalThis.stop = false; " + std::string(endless));
    int fired = 0;
    const GlibTimer timer(loop, 1, [&] { ++fired; });
    loop.run_until([&] { return fired >= 5; });
    (void)eval("stop = true");
  }
}

TEST_F(GlibTest, WithALowPriorityOtherSourcesComeFirst) {
  runtime.set_executor(glib_executor(loop.get(), G_PRIORITY_LOW));
  (void)eval("globalThis.stop = false; (async () => { while (!stop) await 0 })()");
  int fired = 0;
  const GlibTimer timer(loop, 0, [&] { ++fired; }, G_PRIORITY_DEFAULT_IDLE);
  loop.run_until([&] { return fired >= 5; });
  (void)eval("stop = true");
}

TEST_F(GlibTest, NestedLoops) {
  // as a modal dialog does: the runtime goes on when the function has returned
  define("nested", [this] {
    bool fired = false;
    const GlibTimer timer(loop, 3, [&] { fired = true; });
    loop.run_until([&] { return fired; });
  });
  (void)eval(
      "sleep(1).then(() => note('inner'));"
      "Promise.resolve().then(() => { nested(); note('outer') });"
      "sleep(20).then(() => { done = true })");
  run();
  expect_eval("log.join()", "string", "outer,inner");
}

TEST_F(GlibTest, TwoRuntimesInOneLoop) {
  Runtime second;
  const Context in_second(second);
  second.set_executor(loop.executor());
  std::string log;
  const auto note = [&](const std::string& what) { log += what; };
  define("note", note);
  in_second.with([&](Ctx ctx) {
    ctx.globals().set("note", note);
    ctx.globals().set("sleep", &sleep_ms);
    ctx.eval("sleep(8).then(() => note('d')); Promise.resolve().then(() => note('b'))");
  });
  (void)eval("Promise.resolve().then(() => note('a')); sleep(2).then(() => note('c'))");
  loop.run_until([&] { return log.size() == 4; });
  std::sort(log.begin(), log.end());
  EXPECT_EQ(log, "abcd");
}

TEST_F(GlibTest, MovesToAnotherLoop) {
  GlibLoop other;
  std::thread thread;
  define("work", [&](Ctx ctx) {
    Deferred<int> done(ctx);
    thread = std::thread([done] {
      std::this_thread::sleep_for(5ms);
      done.resolve(3);
    });
    return done;
  });
  (void)eval("Promise.resolve(1).then(note); sleep(1).then(() => note(2)); work().then(note)");
  runtime.set_executor(other.executor());
  std::this_thread::sleep_for(2ms);
  loop.run_ready();
  expect_eval("log.length", "number", "0");
  other.run_until([this] { return eval<int>("log.length") == 3; });
  expect_eval("log.sort().join()", "string", "1,2,3");
  thread.join();

  (void)eval("Promise.resolve(4).then(note); sleep(1).then(() => note(5))");
  runtime.set_executor(nullptr);
  std::this_thread::sleep_for(2ms);
  other.run_ready();
  expect_eval("log.length", "number", "3");
  runtime.run();
  expect_eval("log.join()", "string", "1,2,3,4,5");
}

TEST_F(GlibTest, RuntimesEndInsideOfTheirWork) {
  std::optional<Runtime> doomed(std::in_place);
  std::optional<Context> in_doomed(std::in_place, *doomed);
  doomed->set_executor(loop.executor());
  bool went_on = false;
  in_doomed->with([&](Ctx ctx) {
    ctx.globals().set("end", [&] {
      in_doomed.reset();
      doomed.reset();
    });
    ctx.globals().set("note", [&] { went_on = true; });
    ctx.globals().set("sleep", &sleep_ms);
    ctx.eval("sleep(1).then(() => { end(); Promise.resolve().then(note) }); sleep(2).then(note)");
  });
  loop.run_until([&] { return !doomed; });
  std::this_thread::sleep_for(2ms);
  loop.run_ready();
  EXPECT_FALSE(went_on);
}

// ---- shutdown
// ------------------------------------------------------------------------------------

TEST_F(GlibTest, TheLoopEndsFirst) {
  (void)eval("Promise.resolve(1).then(note); sleep(1).then(() => note(2))");
  loop.end();
  (void)eval("Promise.resolve(3).then(note)");  // nobody will do it
  EXPECT_TRUE(runtime.poster().post([] {}));
  expect_eval("log.length", "number", "0");
  runtime.set_executor(nullptr);
  runtime.run();
  expect_eval("log.join()", "string", "1,3,2");
}

TEST(GlibShutdownTest, TheRuntimeEndsFirstWhileAThreadWorksForIt) {
  const GlibLoop loop;
  std::optional<Runtime> runtime(std::in_place);
  std::optional<Context> context(std::in_place, *runtime);
  runtime->set_executor(loop.executor());
  std::optional<Deferred<int>> deferred;
  context->with([&](Ctx ctx) {
    deferred.emplace(ctx);
    ctx.globals().set("sleep", &sleep_ms);
    ctx.eval("sleep(1).then(() => { throw 1 })");
  });
  std::thread thread([deferred = std::move(*deferred)] {
    for (int i = 0; i < 100; ++i) std::this_thread::yield();
    deferred.resolve(1);
  });
  deferred.reset();
  context.reset();
  runtime.reset();
  thread.join();
  std::this_thread::sleep_for(2ms);
  loop.run_ready();
}

// ---- asynchronous operations of GIO
// --------------------------------------------------------------

struct Unref {
  void operator()(void* object) const noexcept { g_object_unref(object); }
};

/// Settles a Deferred in a GAsyncReadyCallback: scripts await what it returns.
Deferred<std::string> load_text(const Ctx& ctx, const std::string& path) {
  using Text = Deferred<std::string>;
  const Text text(ctx);
  const std::unique_ptr<GFile, Unref> file(g_file_new_for_path(path.c_str()));
  const auto ready = [](GObject* of, GAsyncResult* result, gpointer data) {
    const std::unique_ptr<Text> done(static_cast<Text*>(data));
    g_autofree char* bytes = nullptr;
    gsize size = 0;
    GError* error = nullptr;
    if (g_file_load_contents_finish(G_FILE(of), result, &bytes, &size, nullptr, &error) != FALSE) {
      done->resolve(std::string(bytes, size));
    } else {
      done->reject(glib_error(error));
    }
  };
  g_file_load_contents_async(file.get(), nullptr, ready, new Text(text));
  return text;
}

TEST_F(GlibTest, OperationsSettleDeferreds) {
  define("load", &load_text);
  define("path", std::string(QUIP_TESTS_DIR "/async/glib_test.cpp"));
  (void)eval(
      "(async () => {"
      "  note((await load(path)).slice(0, 4));"
      "  await load('/does/not/exist').catch(e => note(e.message));"
      "  done = true })()");
  run();
  expect_eval("log[0]", "string", "// g");
  expect_eval("log[1].includes('/does/not/exist')", "boolean", "true");
}

/// The same for a coroutine of C++, which awaits a Completion.
Completion<bool> has_ended(GSubprocess* process) {
  using Ended = Completion<bool>;
  const Ended ended;
  const auto ready = [](GObject* of, GAsyncResult* result, gpointer data) {
    const std::unique_ptr<Ended> done(static_cast<Ended*>(data));
    GError* error = nullptr;
    if (g_subprocess_wait_finish(G_SUBPROCESS(of), result, &error) != FALSE) {
      done->set(g_subprocess_get_successful(G_SUBPROCESS(of)) != FALSE);
    } else {
      done->fail(glib_error(error));
    }
  };
  g_subprocess_wait_async(process, nullptr, ready, new Ended(ended));
  return ended;
}

Task<bool> succeeds(std::string program) {
  GError* error = nullptr;
  const std::unique_ptr<GSubprocess, Unref> process(
      g_subprocess_new(G_SUBPROCESS_FLAGS_NONE, &error, program.c_str(), nullptr));
  if (process == nullptr) throw glib_error(error);
  co_return co_await has_ended(process.get());
}

TEST_F(GlibTest, OperationsCompleteCompletions) {
  define("succeeds", &succeeds);
  (void)eval(
      "(async () => {"
      "  note(await succeeds('true')); note(await succeeds('false'));"
      "  await succeeds('/does/not/exist').catch(e => note(e.message.length > 0));"
      "  done = true })()");
  run();
  expect_eval("log.join()", "string", "true,false,true");
}

TEST(GlibShutdownTest, TheRuntimeEndsWhileGioWorksForIt) {
  const GlibLoop loop;
  {
    Runtime runtime;
    const Context context(runtime);
    runtime.set_executor(loop.executor());
    context.with([](Ctx ctx) {
      (void)load_text(ctx, QUIP_TESTS_DIR "/async/glib_test.cpp").promise();
      (void)ctx.spawn(succeeds("true"));
    });
  }
  // until their callbacks have come
  bool is_over = false;
  const GlibTimer timer(loop, 100, [&] { is_over = true; });
  loop.run_until([&] { return is_over; });
}

}  // namespace
}  // namespace quip::test

#endif
