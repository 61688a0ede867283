// Runtime::set_promise_hook: each promise's life, where the engine tells of it.
#include "support/counted.hpp"
#include "support/js.hpp"

#include <gmock/gmock.h>

#include <stdexcept>
#include <string>

namespace quip::test {
namespace {

class PromiseHookTest : public JsTest {
 protected:
  /// Writes down what is told: "init;", and "init(child);" of a promise with a parent.
  void record() {
    runtime.set_promise_hook(
        [this](Ctx, PromiseHook type, const Value& promise, const Value& parent) {
          EXPECT_TRUE(promise.is_promise());
          constexpr const char* names[] = {"init", "before", "after", "resolve"};
          log += names[static_cast<int>(type)];
          if (type != PromiseHook::init) {
            EXPECT_TRUE(parent.is_undefined());
          } else if (!parent.is_undefined()) {
            EXPECT_TRUE(parent.is_promise());
            log += "(child)";
          }
          log += ";";
        });
  }
  /// Whether there are hooks; if not, what is said to who sets one.
  bool has_hooks() {
    if (Runtime::has_promise_hooks()) return true;
    const auto set = [this] {
      runtime.set_promise_hook([](Ctx, PromiseHook, const Value&, const Value&) {});
    };
    try {
      set();
      ADD_FAILURE() << "set all the same";
    } catch (const Error& error) {
      EXPECT_THAT(error.message(), ::testing::HasSubstr("has no promise hooks"));
    }
    runtime.set_promise_hook({});  // none is what there is
    expect_eval("Promise.resolve(1) instanceof Promise", "boolean", "true");
    return false;
  }

  std::string log;
};

TEST_F(PromiseHookTest, TellsOfEachStep) {
  if (!has_hooks()) return;
  record();
  eval("globalThis.p = Promise.resolve(1); 0");
  EXPECT_EQ(log, "init;resolve;");
  log.clear();
  eval("p.then(() => 2); 0");
  EXPECT_EQ(log, "init(child);");
  log.clear();
  runtime.run();
  EXPECT_EQ(log, "resolve;");
  log.clear();
  eval("Promise.reject(1).catch(() => {}); 0");
  runtime.run();
  EXPECT_EQ(log, "init;init(child);resolve;");
  log.clear();
  eval("new Promise(r => r({then(done) { done(3); }})); 0");
  runtime.run();
  EXPECT_EQ(log, "init;before;resolve;after;");
  log.clear();
  runtime.set_promise_hook(nullptr);
  eval("Promise.resolve(1); 0");
  EXPECT_EQ(log, "");
}

TEST_F(PromiseHookTest, TheHookMayRunScripts) {
  if (!has_hooks()) return;
  int calls = 0;
  int resolved = 0;
  runtime.set_promise_hook([&](Ctx ctx, PromiseHook type, const Value& promise, const Value&) {
    ++calls;
    // promises of the hook's own are not told of
    ctx.globals().set("last", promise);
    ctx.eval("(async () => { try { throw new Error('caught'); } catch {} })()");
    if (type == PromiseHook::resolve && ++resolved == 1) ctx.eval("last.then(v => seen = v)");
    EXPECT_FALSE(ctx.try_eval("throw new Error('of the hook')"));
    runtime.run_gc();
  });
  eval("globalThis.seen = 0; globalThis.out = []; Promise.resolve(5).then(v => out.push(v)); 0");
  runtime.run();
  EXPECT_GE(calls, 3);
  expect_eval("out.join()", "string", "5");
  expect_eval("seen", "number", "5");
  // what a thenable throws is not lost while the hook runs
  eval(
      "new Promise(r => r({then() { throw new Error('of the thenable'); }}))"
      ".catch(e => out.push(e.message)); 0");
  runtime.run();
  expect_eval("out.join()", "string", "5,of the thenable");
}

TEST_F(PromiseHookTest, TheHookMayThrowReplaceItselfAndEndTheRuntime) {
  if (!has_hooks()) return;
  const NoneLeft none_left;
  std::vector<std::string> errors;
  runtime.set_error_handler([&](const Error& error) { errors.push_back(error.message()); });
  runtime.set_promise_hook([&, counted = Counted()](Ctx, PromiseHook, const Value&, const Value&) {
    record();
    throw std::runtime_error("from the hook");
  });
  expect_eval("Promise.resolve(1); 7", "number", "7");
  EXPECT_THAT(errors, ::testing::ElementsAre("from the hook"));
  EXPECT_EQ(log, "resolve;");
  std::optional<Runtime> ended(std::in_place);
  int calls = 0;
  ended->set_promise_hook(
      [&, counted = Counted()](Ctx, PromiseHook, const Value& promise, const Value&) {
        ++calls;
        ended.reset();
        EXPECT_EQ(promise.try_as<Object>().error().kind(), ErrorKind::runtime_gone);
      });
  Context(*ended).with([](Ctx ctx) { (void)ctx.try_eval("Promise.resolve(1).then(() => {}); 0"); });
  EXPECT_FALSE(ended);
  EXPECT_EQ(calls, 1);
}

TEST_F(PromiseHookTest, ItGoesWithTheRuntime) {
  const NoneLeft none_left;
  Runtime other;
  const Context other_context(other);
  if (Runtime::has_promise_hooks()) {
    const Value value = other_context.with([](Ctx ctx) { return ctx.eval("({})"); });
    other.set_promise_hook(
        [value, counted = Counted()](Ctx, PromiseHook, const Value&, const Value&) {});
  }
  other_context.with([](Ctx ctx) { ctx.eval("Promise.resolve(1).then(() => {}); 0"); });
  Runtime moved(std::move(other));
  EXPECT_THROW(other.set_promise_hook({}), RuntimeGone);  // NOLINT: moved from
}

}  // namespace
}  // namespace quip::test
