#include "web_fixture.hpp"
#include <quip/convert/record.hpp>
#include <quip/function/function.hpp>
#include <quip/web/abort.hpp>

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace quip::test {
namespace {

using namespace std::chrono_literals;
using web::AbortController;
using web::AbortSignal;

class AbortTest : public WebTest {};

TEST_F(AbortTest, AControllerAbortsItsSignal) {
  eval(R"(
    const controller = new AbortController();
    const { signal } = controller;
    log.push(signal === controller.signal, signal instanceof EventTarget, signal.aborted,
             signal.reason, signal.onabort === null);
    signal.onabort = function (event) { log.push('on', this === signal, event.isTrusted) };
    signal.addEventListener('abort', event => log.push(event.type, signal.aborted));
    controller.abort();
    controller.abort('again');
    log.push(signal.aborted, signal.reason.name, signal.reason.code,
             signal.reason instanceof DOMException);
  )");
  EXPECT_EQ(take_log(), "true true false  true on true true abort true true AbortError 20 true");
  expect_eval("signal.reason.message", "string", "This operation was aborted");
  expect_eval("signal.throwIfAborted()", "throws", "AbortError: This operation was aborted");
  expect_eval("Object.prototype.toString.call(signal) + Object.prototype.toString.call(controller)",
              "string", "[object AbortSignal][object AbortController]");
}

TEST_F(AbortTest, TheReasonIsAnyValue) {
  expect_eval("const c = new AbortController(); c.abort(null); c.signal.reason", "null", "null");
  expect_eval("const d = new AbortController(); d.abort(undefined); d.signal.reason.name", "string",
              "AbortError");
  expect_eval("try { AbortSignal.abort(7).throwIfAborted() } catch (e) { e }", "number", "7");
  expect_eval("AbortSignal.abort().reason.name", "string", "AbortError");
  expect_eval("new AbortController().signal.throwIfAborted()", "undefined", "undefined");
}

TEST_F(AbortTest, WhatIsNoSignal) {
  expect_eval("new AbortSignal()", "throws", "TypeError: Illegal constructor");
  EXPECT_EQ(show(try_eval("AbortController()")).text.substr(0, 9), "TypeError");
  EXPECT_EQ(show(try_eval("AbortSignal.prototype.aborted")).text.substr(0, 9), "TypeError");
  EXPECT_EQ(show(try_eval("AbortSignal.any(5)")).text.substr(0, 9), "TypeError");
  EXPECT_EQ(show(try_eval("AbortSignal.any([{}])")).text.substr(0, 9), "TypeError");
  EXPECT_EQ(show(try_eval("AbortSignal.timeout()")).text.substr(0, 9), "TypeError");
  for (const char* delay : {"-1", "NaN", "Infinity", "2 ** 53", "'x'", "Symbol()"}) {
    EXPECT_EQ(show(try_eval("AbortSignal.timeout(" + std::string(delay) + ")")).text.substr(0, 9),
              "TypeError")
        << delay;
  }
  expect_eval(
      "[AbortSignal.any.length, AbortSignal.abort.length, AbortSignal.timeout.length].join()",
      "string", "1,0,1");
}

TEST_F(AbortTest, AListenerMayGoWithASignal) {
  eval(R"(
    const controller = new AbortController();
    const target = new EventTarget();
    target.addEventListener('x', () => log.push('a'), { signal: controller.signal });
    target.addEventListener('x', () => log.push('never'), { signal: AbortSignal.abort() });
    target.dispatchEvent(new Event('x'));
    controller.abort();
    target.dispatchEvent(new Event('x'));
  )");
  EXPECT_EQ(take_log(), "a");
}

TEST_F(AbortTest, ATimeoutAborts) {
  eval(R"(
    const signal = AbortSignal.timeout(1);
    signal.onabort = () => log.push(signal.reason.name, signal.reason.code, signal.reason.message);
    log.push(signal.aborted);
  )");
  runtime.run();
  EXPECT_EQ(take_log(), "false TimeoutError 23 The operation was aborted due to timeout");
}

TEST_F(AbortTest, AnyIsAbortedWithTheFirst) {
  eval(R"(
    const a = new AbortController(), b = new AbortController();
    const any = AbortSignal.any([a.signal, b.signal]);
    const nested = AbortSignal.any(new Set([any]));
    any.onabort = () => log.push('any', a.signal.aborted, nested.aborted);
    nested.onabort = () => log.push('nested');
    b.signal.onabort = () => log.push('b');
    b.abort('why');
    a.abort('late');
    log.push(any.reason, nested.reason);
  )");
  EXPECT_EQ(take_log(), "b any false true nested why why");
  expect_eval("AbortSignal.any([new AbortController().signal, AbortSignal.abort(3)]).reason",
              "number", "3");
  expect_eval("AbortSignal.any([]).aborted", "boolean", "false");
}

TEST_F(AbortTest, ADependentSignalStaysWhenSomebodyListens) {
  eval(R"(
    var source = new AbortController();
    AbortSignal.any([source.signal]).onabort = () => log.push('heard');
    var weak = new WeakRef(AbortSignal.any([source.signal]));
    var removed;
    {
      const signal = AbortSignal.any([source.signal]);
      const listener = () => log.push('never');
      signal.addEventListener('abort', listener);
      signal.removeEventListener('abort', listener);
      removed = new WeakRef(signal);
    }
  )");
  runtime.run();
  runtime.run_gc();
  expect_eval("[weak.deref(), removed.deref()].join()", "string", ",");
  eval("source.abort()");
  EXPECT_EQ(take_log(), "heard");
}

TEST_F(AbortTest, AControllerIsCollectedWithItsListeners) {
  eval(R"(
    var weak;
    {
      const controller = new AbortController();
      const other = AbortSignal.any([controller.signal]);
      weak = new WeakRef(controller);
      controller.signal.onabort = () => controller;
      other.onabort = () => controller;
    }
  )");
  runtime.run();
  runtime.run_gc();
  expect_eval("weak.deref()", "undefined", "undefined");
}

TEST_F(AbortTest, WhatAListenerThrowsIsReported) {
  eval(R"(
    const controller = new AbortController();
    controller.signal.onabort = () => { throw new Error('in listener') };
    controller.signal.addEventListener('abort', () => log.push('second'));
    controller.abort();
  )");
  EXPECT_EQ(take_log(), "second");
  EXPECT_EQ(errors, std::vector<std::string>{"in listener"});
}

TEST_F(AbortTest, ABoundFunctionTakesAStopToken) {
  std::vector<std::stop_token> tokens;
  define("start", [&tokens](int, std::stop_token stop) { tokens.push_back(std::move(stop)); });
  eval(
      "var controller = new AbortController(); start(1); start(1, null); start(1, undefined);"
      "start(1, controller.signal); start(1, AbortSignal.abort())");
  ASSERT_EQ(tokens.size(), 5U);
  EXPECT_FALSE(tokens[0].stop_possible());
  EXPECT_FALSE(tokens[1].stop_possible());
  EXPECT_FALSE(tokens[2].stop_possible());
  EXPECT_TRUE(tokens[3].stop_possible());
  EXPECT_FALSE(tokens[3].stop_requested());
  EXPECT_TRUE(tokens[4].stop_requested());
  int stops = 0;
  const std::stop_callback callback(tokens[3], [&stops] { ++stops; });
  eval("controller.abort()");
  EXPECT_TRUE(tokens[3].stop_requested());
  EXPECT_EQ(stops, 1);
  EXPECT_EQ(show(try_eval("start(1, {})")).text,
            "TypeError: Failed to execute 'start': parameter 2 is not of type 'AbortSignal' (got "
            "object)");
  expect_eval("start.length", "number", "1");
}

TEST_F(AbortTest, ADescriptionTellsThatItMayBeLeftOut) {
  const auto start = fn("start", [](int, std::stop_token) {}, arg("id"), arg("signal"));
  EXPECT_EQ(to_string(start.info()), "start(id: number, signal?: AbortSignal): void");
}

struct Download {
  std::string url;
  std::stop_token signal = {};
};

TEST_F(AbortTest, OptionsHaveAStopToken) {
  std::optional<Download> last;
  define("download", [&last](const Download& options) { last = options; });
  eval("download({ url: 'a' })");
  EXPECT_FALSE(last->signal.stop_possible());
  eval("download({ url: 'a', signal: AbortSignal.abort() })");
  EXPECT_TRUE(last->signal.stop_requested());
  EXPECT_EQ(show(try_eval("download({ url: 'a', signal: 5 })")).text.substr(0, 9), "TypeError");
}

TEST_F(AbortTest, ATokenKeepsTheSignalOfATimeout) {
  std::stop_token token;
  define("start", [&token](std::stop_token stop) { token = std::move(stop); });
  eval("start(AbortSignal.any([AbortSignal.timeout(1), new AbortController().signal]))");
  runtime.run_gc();
  runtime.run();
  EXPECT_TRUE(token.stop_requested());
}

TEST_F(AbortTest, AStopTokenBecomesASignal) {
  std::stop_source source;
  with([&](Ctx ctx) { ctx.globals().set("signal", source.get_token()); });
  eval("signal.onabort = () => log.push('stopped', signal.reason.name)");
  runtime.run_gc();
  std::thread([&source] { source.request_stop(); }).join();
  expect_eval("signal.aborted", "boolean", "false");  // not before the loop comes to it
  runtime.poll();
  EXPECT_EQ(take_log(), "stopped AbortError");
  with([&](Ctx ctx) {
    EXPECT_TRUE(AbortSignal::of(ctx, source.get_token())->aborted());
    EXPECT_FALSE(AbortSignal::of(ctx, std::stop_token())->aborted());
  });
}

TEST_F(AbortTest, ASignalOfATokenMayGo) {
  std::stop_source source;
  with([&](Ctx ctx) {
    const auto signal = AbortSignal::of(ctx, source.get_token());
    EXPECT_FALSE(signal->aborted());
  });
  runtime.run_gc();
  source.request_stop();
  runtime.poll();
  std::stop_source other;
  {
    Runtime gone;
    const Context inner(gone);
    inner.with([&](Ctx ctx) {
      web::install(ctx, {.console = false});
      ctx.globals().set("signal", other.get_token());
      ctx.eval("signal.onabort = () => {}");
    });
  }
  EXPECT_TRUE(other.request_stop());
}

TEST_F(AbortTest, CppAbortsAndListens) {
  with([](Ctx ctx) {
    const AbortController controller(ctx);
    ctx.globals().set("signal", controller.signal());
    std::string heard;
    web::EventTarget::listen(controller.signal(), "abort",
                             [&heard](web::Event& event) { heard = event.type(); });
    controller.abort(Value(ctx, "enough"));
    EXPECT_EQ(heard, "abort");
    EXPECT_TRUE(controller.signal()->aborted());
    EXPECT_EQ(ctx.eval<std::string>("signal.reason"), "enough");
    const std::vector<Instance<AbortSignal>> signals{AbortSignal::make_aborted(ctx)};
    EXPECT_TRUE(AbortSignal::any(ctx, signals)->aborted());
    EXPECT_EQ(AbortSignal::try_abort(Object(ctx)).error().name(), "TypeError");
    EXPECT_EQ(AbortSignal::try_token(Object(ctx)).error().name(), "TypeError");
  });
}

TEST_F(AbortTest, AStopCallbackMayDoAnything) {
  std::stop_token token;
  define("start", [&token](std::stop_token stop) { token = std::move(stop); });
  eval(
      "var controller = new AbortController(); start(controller.signal);"
      "controller.signal.onabort = () => log.push('heard')");
  const std::stop_callback callback(token, [this] {
    eval("log.push('inside', controller.signal.aborted); controller.abort('again')");
    runtime.run_gc();
  });
  eval("controller.abort('first'); log.push(controller.signal.reason)");
  EXPECT_EQ(take_log(), "inside true heard first");
}

}  // namespace
}  // namespace quip::test
