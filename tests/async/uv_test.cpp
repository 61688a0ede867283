// uv_executor: what is special to libuv. What all loops have in common is tested on each of them in
// the other files.
#if __has_include(<uv.h>)

#include "support/counted.hpp"
#include "support/js.hpp"
#include <quip/async/uv.hpp>

#include <uv.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

using namespace std::chrono_literals;

/// A loop that at its end must be without handles.
struct UvLoop {
  UvLoop() { EXPECT_EQ(uv_loop_init(&uv), 0); }
  UvLoop(const UvLoop&) = delete;
  UvLoop& operator=(const UvLoop&) = delete;
  ~UvLoop() {
    EXPECT_EQ(run(), 0) << "something keeps the loop running";
    EXPECT_EQ(uv_loop_close(&uv), 0);
  }
  int run(uv_run_mode mode = UV_RUN_DEFAULT) { return uv_run(&uv, mode); }
  [[nodiscard]] std::shared_ptr<Executor> executor() { return uv_executor(&uv); }

  uv_loop_t uv{};
};

/// A timer of the program's.
class UvTimer {
 public:
  UvTimer(UvLoop& loop, std::chrono::milliseconds every, std::function<void()> call)
      : call_(std::move(call)) {
    auto* timer = new uv_timer_t;
    uv_timer_init(&loop.uv, timer);
    timer->data = this;
    const auto time = static_cast<std::uint64_t>(every.count());
    uv_timer_start(
        timer, [](uv_timer_t* of) { static_cast<UvTimer*>(of->data)->call_(); }, time, time);
    timer_ = timer;
  }
  UvTimer(const UvTimer&) = delete;
  UvTimer& operator=(const UvTimer&) = delete;
  ~UvTimer() { stop(); }
  void stop() {
    if (auto* timer = std::exchange(timer_, nullptr)) {
      uv_close(reinterpret_cast<uv_handle_t*>(timer),
               [](uv_handle_t* of) { delete reinterpret_cast<uv_timer_t*>(of); });
    }
  }

 private:
  std::function<void()> call_;
  uv_timer_t* timer_ = nullptr;
};

struct LoopOfTest {
  UvLoop loop;
};

Task<> sleep_ms(int ms) { co_await sleep(std::chrono::milliseconds(ms)); }

class UvTest : protected LoopOfTest, public JsTest {
 protected:
  UvTest() {
    runtime.set_executor(loop.executor());
    define("sleep", &sleep_ms);
  }
};

// ---- the executor by itself
// ----------------------------------------------------------------------

TEST(UvExecutorTest, PostsAreCalledInOrderAndNeverInside) {
  UvLoop loop;
  const auto executor = loop.executor();
  std::vector<int> called;
  executor->post([&] {
    called.push_back(1);
    executor->post([&] { called.push_back(3); });
    EXPECT_EQ(called.size(), 1U);
  });
  executor->post([&] { called.push_back(2); });
  EXPECT_TRUE(called.empty());
  EXPECT_EQ(loop.run(), 0);
  EXPECT_EQ(called, (std::vector<int>{1, 2, 3}));
}

TEST(UvExecutorTest, OneTimerThatIsNeverEarly) {
  UvLoop loop;
  const auto executor = loop.executor();
  int replaced = 0;
  for (const auto delay : {0us, 1us, 999us, 1000us, 1001us, 2500us}) {
    executor->post_after(delay / 2, [&] { ++replaced; });
    const auto begin = Clock::now();
    std::optional<Clock::time_point> called;
    executor->post_after(delay, [&] { called = Clock::now(); });
    std::this_thread::sleep_for(300us);  // the loop's time stands meanwhile
    EXPECT_EQ(loop.run(), 0);
    ASSERT_TRUE(called);
    EXPECT_GE(*called - begin, delay);
  }
  executor->post_after(0ms, [&] { ++replaced; });
  executor->post_after(0ms, nullptr);
  executor->post_after(Clock::duration::max(), [&] { ++replaced; });
  EXPECT_NE(loop.run(UV_RUN_NOWAIT), 0);
  executor->post_after({}, nullptr);
  EXPECT_EQ(loop.run(), 0);
  EXPECT_EQ(replaced, 0);
}

TEST(UvExecutorTest, OwnsTheThreadThatRunsTheLoop) {
  UvLoop loop;
  const auto executor = loop.executor();
  bool inside = false;
  std::thread thread([&] {
    executor->post([&] { inside = executor->owns_thread(); });
    loop.run();
  });
  thread.join();
  EXPECT_TRUE(inside);
  EXPECT_FALSE(executor->owns_thread());
  executor->post_after({}, nullptr);  // only who has the loop now may do that
  EXPECT_TRUE(executor->owns_thread());
}

TEST(UvExecutorTest, HoldKeepsTheLoopRunning) {
  UvLoop loop;
  const auto executor = loop.executor();
  executor->hold();
  std::atomic<bool> released = false;
  std::thread thread([&] {
    std::this_thread::sleep_for(5ms);
    released = true;
    executor->release();
  });
  EXPECT_EQ(loop.run(), 0);
  EXPECT_TRUE(released);
  thread.join();
}

TEST(UvExecutorTest, HoldOfAnotherThread) {
  UvLoop loop;
  const auto executor = loop.executor();
  std::thread thread;
  std::atomic<bool> released = false;
  {
    UvTimer timer(loop, 1ms, [&] {
      if (thread.joinable()) return;
      thread = std::thread([&] {
        executor->hold();
        std::this_thread::sleep_for(5ms);
        released = true;
        executor->release();
      });
    });
    while (!released) loop.run(UV_RUN_ONCE);
  }
  EXPECT_EQ(loop.run(), 0);
  thread.join();
}

TEST(UvExecutorTest, WhatIsNotCalledIsDestroyed) {
  const NoneLeft none_left;
  UvLoop loop;
  auto executor = loop.executor();
  executor->post([kept = Counted()] { ADD_FAILURE() << "called"; });
  executor->post_after(0ms, [kept = Counted()] { ADD_FAILURE() << "called"; });
  executor.reset();
}

TEST(UvExecutorTest, EndsInsideOfItsWork) {
  UvLoop loop;
  auto executor = loop.executor();
  executor->post([&] {
    executor->post([] { ADD_FAILURE() << "called"; });
    executor.reset();
  });
  executor->post([] { ADD_FAILURE() << "called"; });
  EXPECT_EQ(loop.run(), 0);
  executor = loop.executor();
  executor->post_after(0ms, [&] { executor.reset(); });
  EXPECT_EQ(loop.run(), 0);
}

TEST(UvExecutorTest, EndsOnAnotherThread) {
  UvLoop loop;
  auto executor = loop.executor();
  loop.run();
  bool was_dropped = false;
  std::thread thread([&] { executor.reset(); });
  thread.join();
  // libuv cannot be told to go on from there, so that something else has to
  UvTimer timer(loop, 1ms, [&] {
    was_dropped = true;
    timer.stop();
  });
  loop.run();
  EXPECT_TRUE(was_dropped);
}

// ---- a runtime in the loop
// -----------------------------------------------------------------------

TEST_F(UvTest, RunReturnsByItself) {
  EXPECT_EQ(loop.run(), 0);
  (void)eval(
      "globalThis.log = []; (async () => { for (const i of [1, 2, 3]) {"
      "  await sleep(2); log.push(i) } })()");
  EXPECT_EQ(loop.run(), 0);
  expect_eval("log.join()", "string", "1,2,3");
  (void)eval("Promise.resolve(4).then(x => log.push(x))");
  expect_eval("log.length", "number", "3");
  EXPECT_EQ(loop.run(), 0);
  expect_eval("log.join()", "string", "1,2,3,4");
}

TEST_F(UvTest, TheRuntimesOwnLoopIsRefused) {
  EXPECT_THROW(runtime.run(), Error);
  (void)eval("Promise.resolve().then(() => globalThis.done = true)");
  EXPECT_TRUE(runtime.poll());
  expect_eval("done", "boolean", "true");
}

TEST_F(UvTest, EachModeOfRunning) {
  (void)eval(
      "globalThis.count = 0; Promise.resolve().then(() => ++count);"
      "sleep(1).then(() => ++count)");
  EXPECT_NE(loop.run(UV_RUN_NOWAIT), 0);
  expect_eval("count", "number", "1");
  while (loop.run(UV_RUN_NOWAIT) != 0) std::this_thread::sleep_for(100us);
  expect_eval("count", "number", "2");
  (void)eval("Promise.resolve().then(() => ++count)");
  loop.run(UV_RUN_ONCE);
  expect_eval("count", "number", "3");
}

TEST_F(UvTest, WakesFromAnotherThread) {
  std::thread thread;
  define("work", [&](Ctx ctx) {
    Deferred<std::string> done(ctx);
    thread = std::thread([done] {
      std::this_thread::sleep_for(5ms);
      done.resolve("from there");
    });
    return done;
  });
  (void)eval("work().then(text => globalThis.text = text)");
  EXPECT_EQ(loop.run(), 0);
  expect_eval("text", "string", "from there");
  thread.join();
}

TEST_F(UvTest, PostersReachARunningLoop) {
  std::optional<UvTimer> keeps_running;
  keeps_running.emplace(loop, 1h, [] {});
  std::thread::id called_on;
  std::thread thread([&, poster = runtime.poster()] {
    EXPECT_TRUE(poster.post([&] {
      called_on = std::this_thread::get_id();
      keeps_running.reset();
    }));
  });
  EXPECT_EQ(loop.run(), 0);
  thread.join();
  EXPECT_EQ(called_on, std::this_thread::get_id());
}

TEST_F(UvTest, TheLoopOnAThreadOfItsOwn) {
  std::thread::id called_on;
  define("here", [&] { called_on = std::this_thread::get_id(); });
  (void)eval("sleep(1).then(here)");
  std::thread thread([this] { loop.run(); });
  const std::thread::id id = thread.get_id();
  thread.join();
  EXPECT_EQ(called_on, id);
  (void)eval("sleep(1).then(here)");  // the loop is this thread's again
  EXPECT_EQ(loop.run(), 0);
}

TEST_F(UvTest, WhatNeverEndsLeavesTheLoopItsTurn) {
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
    std::optional<UvTimer> timer;
    timer.emplace(loop, 1ms, [&] {
      if (++fired < 5) return;
      (void)eval("stop = true");
      timer.reset();
    });
    EXPECT_EQ(loop.run(), 0);
    EXPECT_EQ(fired, 5);
  }
}

TEST_F(UvTest, TwoRuntimesInOneLoop) {
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
  EXPECT_EQ(loop.run(), 0);
  std::sort(log.begin(), log.end());
  EXPECT_EQ(log, "abcd");
}

TEST_F(UvTest, MovesToAnotherLoop) {
  UvLoop other;
  std::thread thread;
  define("work", [&](Ctx ctx) {
    Deferred<int> done(ctx);
    thread = std::thread([done] {
      std::this_thread::sleep_for(5ms);
      done.resolve(3);
    });
    return done;
  });
  (void)eval(
      "globalThis.log = []; const note = x => log.push(x);"
      "Promise.resolve(1).then(note); sleep(1).then(() => note(2)); work().then(note)");
  runtime.set_executor(other.executor());
  EXPECT_EQ(loop.run(), 0);
  expect_eval("log.length", "number", "0");
  EXPECT_EQ(other.run(), 0);
  expect_eval("log.sort().join()", "string", "1,2,3");
  thread.join();

  (void)eval("Promise.resolve(4).then(note); sleep(1).then(() => note(5))");
  runtime.set_executor(nullptr);
  EXPECT_EQ(other.run(), 0);
  expect_eval("log.length", "number", "3");
  runtime.run();
  expect_eval("log.join()", "string", "1,2,3,4,5");
}

TEST_F(UvTest, AnExecutorThatWasReplacedRunsNothing) {
  const auto first = loop.executor();  // the runtime is not the only one to hold it
  runtime.set_executor(first);
  (void)eval("Promise.resolve().then(() => globalThis.done = true)");
  runtime.set_executor(nullptr);
  EXPECT_EQ(loop.run(), 0);
  expect_eval("typeof done", "string", "undefined");
  runtime.run();
  expect_eval("done", "boolean", "true");
}

TEST_F(UvTest, RuntimesEndInsideOfTheirWork) {
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
  EXPECT_EQ(loop.run(), 0);
  EXPECT_FALSE(went_on);
  EXPECT_FALSE(doomed);
}

// ---- shutdown
// ------------------------------------------------------------------------------------

/// As a program does that closes whatever is in its loop.
void close_all(uv_loop_t& loop) {
  uv_walk(
      &loop,
      [](uv_handle_t* handle, void*) {
        if (uv_is_closing(handle) == 0) uv_close(handle, nullptr);
      },
      nullptr);
}

/// A runtime with something to do, in a loop that goes first.
class UvShutdownTest : public ::testing::Test {
 protected:
  UvShutdownTest() {
    EXPECT_EQ(uv_loop_init(loop.get()), 0);
    runtime->set_executor(uv_executor(loop.get()));
    context->with([](Ctx ctx) {
      ctx.globals().set("sleep", &sleep_ms);
      ctx.eval("globalThis.count = 0; sleep(1).then(() => ++count)");
    });
  }
  void eval(std::string_view script) {
    context->with([&](Ctx ctx) { ctx.eval(script); });
  }
  void end_runtime() {
    context.reset();
    runtime.reset();
  }
  void end_loop() {
    EXPECT_EQ(uv_run(loop.get(), UV_RUN_DEFAULT), 0);
    EXPECT_EQ(uv_loop_close(loop.get()), 0);
    loop.reset();  // whoever looks at it now is seen
  }

  std::unique_ptr<uv_loop_t> loop = std::make_unique<uv_loop_t>();
  std::optional<Runtime> runtime{std::in_place};
  std::optional<Context> context{std::in_place, *runtime};
};

TEST_F(UvShutdownTest, RuntimeFirst) {
  end_runtime();
  end_loop();
}

TEST_F(UvShutdownTest, RuntimeFirstNeedsOneTurnOfTheLoop) {
  uv_run(loop.get(), UV_RUN_NOWAIT);
  end_runtime();
  EXPECT_EQ(uv_loop_close(loop.get()), UV_EBUSY);
  EXPECT_EQ(uv_run(loop.get(), UV_RUN_NOWAIT), 0);
  EXPECT_EQ(uv_loop_close(loop.get()), 0);
}

TEST_F(UvShutdownTest, RuntimeFirstWhileAThreadWorksForIt) {
  std::optional<Deferred<int>> deferred;
  context->with([&](Ctx ctx) { deferred.emplace(ctx); });
  std::thread thread([deferred = std::move(*deferred)] {
    for (int i = 0; i < 100; ++i) std::this_thread::yield();
    deferred.resolve(1);
  });
  deferred.reset();
  end_runtime();
  end_loop();
  thread.join();
}

TEST_F(UvShutdownTest, LoopFirst) {
  close_all(*loop);
  end_loop();
  eval("Promise.resolve().then(() => ++count)");  // nobody will do it
  const Poster poster = runtime->poster();
  poster.post([] {});
  const Value count = context->with([](Ctx ctx) { return ctx.eval("count"); });
  EXPECT_EQ(count.as<int>(), 0);
  EXPECT_TRUE(runtime->poll());
  end_runtime();
}

TEST_F(UvShutdownTest, LoopFirstAndThenAnother) {
  close_all(*loop);
  end_loop();
  runtime->set_executor(nullptr);
  runtime->run();
  EXPECT_EQ(context->with([](Ctx ctx) { return ctx.eval<int>("count"); }), 1);
  end_runtime();
}

TEST_F(UvShutdownTest, RuntimeGoesWhileTheLoopsOwnerCloses) {
  close_all(*loop);
  end_runtime();
  end_loop();
}

TEST_F(UvShutdownTest, RuntimeGoesWhileTheLoopsOwnerClosesTheRest) {
  uv_run(loop.get(), UV_RUN_NOWAIT);
  uv_walk(
      loop.get(),
      [](uv_handle_t* handle, void*) {
        if (uv_handle_get_type(handle) == UV_ASYNC) uv_close(handle, nullptr);
      },
      nullptr);
  end_runtime();
  end_loop();
}

TEST_F(UvShutdownTest, TheLoopsOwnerClosesAfterTheRuntime) {
  end_runtime();
  close_all(*loop);
  end_loop();
}

TEST_F(UvShutdownTest, ClosedInTheMiddleOfItsWork) {
  context->with([&](Ctx ctx) {
    ctx.globals().set("end", [&] { close_all(*loop); });
    ctx.eval(
        "globalThis.went_on = false;"
        "Promise.resolve().then(end).then(() => sleep(1e6)).then(() => went_on = true)");
  });
  end_loop();
  EXPECT_FALSE(context->with([](Ctx ctx) { return ctx.eval<bool>("went_on"); }));
  end_runtime();
}

// ---- asynchronous operations of libuv's own
// ------------------------------------------------------

/// Settles a Deferred in the callback of a uv_fs_* function: scripts await what it returns.
Deferred<double> size_of_file(uv_loop_t* loop, const Ctx& ctx, const std::string& path) {
  struct Request {
    uv_fs_t uv{};
    Deferred<double> size;
    std::string path;
  };
  auto* request = new Request{.size = Deferred<double>(ctx), .path = path};
  request->uv.data = request;
  uv_fs_stat(loop, &request->uv, path.c_str(), [](uv_fs_t* uv) {
    const std::unique_ptr<Request> done(static_cast<Request*>(uv->data));
    if (uv->result < 0) {
      done->size.reject(uv_error(static_cast<int>(uv->result), "stat '" + done->path + "'"));
    } else {
      done->size.resolve(static_cast<double>(uv->statbuf.st_size));
    }
    uv_fs_req_cleanup(uv);
  });
  return request->size;
}

TEST_F(UvTest, FileOperationsSettleDeferreds) {
  define("size",
         [this](Ctx ctx, const std::string& path) { return size_of_file(&loop.uv, ctx, path); });
  define("path", std::string(QUIP_TESTS_DIR "/async/uv_test.cpp"));
  (void)eval(
      "size(path).then(n => globalThis.length = n);"
      "size('/does/not/exist').catch(e => globalThis.message = e.message)");
  EXPECT_EQ(loop.run(), 0);
  expect_eval("length > 1000", "boolean", "true");
  expect_eval("message", "string", "ENOENT: no such file or directory, stat '/does/not/exist'");
}

/// The same for coroutines of C++, which await a Completion. The request and the bytes that libuv's
/// threads write are not parts of the coroutine: that may end meanwhile, with its runtime.
struct FileRequest {
  struct Reply {
    ssize_t result;
    std::vector<char> bytes;
  };
  explicit FileRequest(std::size_t size = 0) : bytes(size) { uv.data = this; }
  static void finish(uv_fs_t* uv) {
    const std::unique_ptr<FileRequest> self(static_cast<FileRequest*>(uv->data));
    self->done.set(Reply{uv->result, std::move(self->bytes)});
    uv_fs_req_cleanup(uv);
  }
  uv_fs_t uv{};
  std::vector<char> bytes;
  Completion<Reply> done;
};

Completion<FileRequest::Reply> open_file(uv_loop_t* loop, const std::string& path) {
  auto* request = new FileRequest;
  Completion<FileRequest::Reply> done = request->done;
  uv_fs_open(loop, &request->uv, path.c_str(), UV_FS_O_RDONLY, 0, &FileRequest::finish);
  return done;
}
Completion<FileRequest::Reply> read_file(uv_loop_t* loop, int file, std::size_t size) {
  auto* request = new FileRequest(size);
  Completion<FileRequest::Reply> done = request->done;
  const uv_buf_t buffer = uv_buf_init(request->bytes.data(), static_cast<unsigned>(size));
  uv_fs_read(loop, &request->uv, file, &buffer, 1, 0, &FileRequest::finish);
  return done;
}
Completion<FileRequest::Reply> close_file(uv_loop_t* loop, int file) {
  auto* request = new FileRequest;
  Completion<FileRequest::Reply> done = request->done;
  uv_fs_close(loop, &request->uv, file, &FileRequest::finish);
  return done;
}

Task<std::string> read_start(uv_loop_t* loop, std::string path) {
  const FileRequest::Reply opened = co_await open_file(loop, path);
  if (opened.result < 0) throw uv_error(static_cast<int>(opened.result), "open '" + path + "'");
  const auto file = static_cast<int>(opened.result);
  const FileRequest::Reply read = co_await read_file(loop, file, 2);
  (void)co_await close_file(loop, file);
  if (read.result < 0) throw uv_error(static_cast<int>(read.result), "read '" + path + "'");
  co_return std::string(read.bytes.data(), static_cast<std::size_t>(read.result));
}

TEST_F(UvTest, FileOperationsCompleteCompletions) {
  define("start", [this](std::string path) { return read_start(&loop.uv, std::move(path)); });
  define("path", std::string(QUIP_TESTS_DIR "/async/uv_test.cpp"));
  (void)eval(
      "start(path).then(text => globalThis.text = text);"
      "start('/does/not/exist').catch(e => globalThis.message = e.message)");
  EXPECT_EQ(loop.run(), 0);
  expect_eval("text", "string", "//");
  expect_eval("message", "string", "ENOENT: no such file or directory, open '/does/not/exist'");
}

TEST_F(UvShutdownTest, RuntimeGoesWhileLibuvWorksForIt) {
  context->with([&](Ctx ctx) {
    const std::string path = QUIP_TESTS_DIR "/async/uv_test.cpp";
    (void)size_of_file(loop.get(), ctx, path).promise();
    // it waits for a file, which then stays open: who opens files has to close them at the end, too
    (void)ctx.spawn(read_start(loop.get(), "/does/not/exist"));
  });
  end_runtime();
  end_loop();
}

}  // namespace
}  // namespace quip::test

#endif
