#include "web_fixture.hpp"

#include <string>

namespace quip::test {
namespace {

class InstallTest : public JsTest {
 protected:
  std::string present() {
    return eval<std::string>(
        "['console', 'setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval',"
        " 'clearImmediate', 'queueMicrotask', 'Event', 'CustomEvent', 'EventTarget', 'AbortSignal',"
        " 'AbortController', 'TextEncoder', 'TextDecoder', 'structuredClone', 'Performance']"
        ".filter(name => name in globalThis).join(' ')");
  }
};

TEST_F(InstallTest, AllIsDefinedByDefault) {
  with([](Ctx ctx) { web::install(ctx); });
  EXPECT_EQ(present(),
            "console setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate "
            "queueMicrotask Event CustomEvent EventTarget AbortSignal AbortController TextEncoder "
            "TextDecoder structuredClone Performance");
  expect_eval("typeof DOMException + typeof performance.now", "string", "functionfunction");
  expect_eval("Object.keys(globalThis).includes('setTimeout')", "boolean", "true");
  expect_eval("Object.keys(globalThis).includes('EventTarget')", "boolean", "false");
}

TEST_F(InstallTest, TheHostChooses) {
  with([](Ctx ctx) {
    ctx.eval("delete globalThis.queueMicrotask");
    web::install(ctx, {.console = false,
                       .timers = false,
                       .microtasks = false,
                       .events = false,
                       .abort = false,
                       .text = true,
                       .performance = false,
                       .structured_clone = false});
  });
  EXPECT_EQ(present(), "TextEncoder TextDecoder");
}

TEST_F(InstallTest, ItMayBeDoneTwice) {
  with([](Ctx ctx) {
    web::install(ctx);
    ctx.eval("var first = EventTarget");
    web::install(ctx);
  });
  expect_eval("first === EventTarget", "boolean", "true");
}

TEST_F(InstallTest, EachContextHasItsOwn) {
  const Context other(runtime);
  with([](Ctx ctx) { web::install(ctx, {.console = false}); });
  other.with([](Ctx ctx) { web::install(ctx, {.console = false}); });
  with([&](Ctx ctx) {
    other.with([&](Ctx inner) {
      ctx.globals().set("foreign", inner.eval("new EventTarget()"));
      inner.globals().set("heard", false);
    });
    ctx.eval("foreign.addEventListener('x', e => { globalThis.heard = e.type })");
  });
  expect_eval("foreign instanceof EventTarget", "boolean", "false");
  expect_eval("foreign.dispatchEvent(new Event('x')); heard", "string", "x");
  expect_eval("EventTarget.prototype.dispatchEvent.call(foreign, new Event('x'))", "boolean",
              "true");
}

TEST_F(InstallTest, ABareContextLacksWhatIsNeeded) {
  const Context base = Context::base(runtime);
  base.with([](Ctx ctx) {
    const Result<void> installed = web::try_install(ctx);
    if (installed) {
      EXPECT_TRUE(ctx.eval<bool>("typeof setTimeout == 'function'"));
    } else {
      EXPECT_EQ(installed.error().name(), "TypeError");
    }
  });
}

TEST_F(InstallTest, AfterTheRuntimeItIsRefused) {
  const Ctx* gone = nullptr;
  auto other = std::make_unique<Runtime>();
  const Context inner(*other);
  inner.with([&](Ctx ctx) {
    gone = &ctx;
    other.reset();
    EXPECT_EQ(web::try_install(ctx).error().kind(), ErrorKind::runtime_gone);
  });
  EXPECT_NE(gone, nullptr);
}

}  // namespace
}  // namespace quip::test
