// JavaScript functions as std::function.
#include "support/counted.hpp"
#include "support/js.hpp"
#include <quip/function/callback.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace quip::test {
namespace {

using IntFunction = std::function<int(int, int)>;

class Callbacks : public JsTest {};

TEST_F(Callbacks, AFunctionOfAScriptIsCalled) {
  const auto add = eval<IntFunction>("(a, b) => a + b");
  EXPECT_EQ(add(2, 3), 5);
  std::vector<std::string> heard;
  const auto upper = eval<std::function<std::string(const std::string&)>>("s => s.toUpperCase()");
  EXPECT_EQ(upper("quip"), "QUIP");
  eval<std::function<void()>>("() => { globalThis.called = true }")();
  expect_eval("called", "boolean", "true");
}

TEST_F(Callbacks, AParameterMayBeOne) {
  define("apply", [](const std::function<int(int)>& f, int x) { return f(x); });
  expect_eval("apply(x => x * x, 7)", "number", "49");
  expect_eval(
      "apply(5, 7)", "throws",
      "TypeError: Failed to execute 'apply': parameter 1: expected function, got 5 (number)");
  define("maybe", [](std::optional<std::function<int()>> f) { return f ? (*f)() : -1; });
  expect_eval("[maybe(() => 3), maybe()].join()", "string", "3,-1");
}

TEST_F(Callbacks, ErrorsComeThrough) {
  const auto f = eval<IntFunction>("() => { throw new RangeError('no') }");
  EXPECT_THROW(f(1, 2), Error);
  const auto text = eval<IntFunction>("() => 'text'");
  try {
    text(1, 2);
    FAIL() << "text is no int";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::conversion);
  }
}

TEST_F(Callbacks, GivenBackItIsTheSameFunction) {
  const auto f = eval<IntFunction>("var f = (a, b) => a - b; f");
  define("again", f);
  expect_eval("again === f", "boolean", "true");
  define("wrapped", IntFunction([f](int a, int b) { return f(b, a); }));
  expect_eval("wrapped(1, 5)", "number", "4");
  with([](Ctx ctx) { EXPECT_FALSE(Value::try_make(ctx, IntFunction())); });
}

TEST_F(Callbacks, ItMayOutliveTheRuntime) {
  IntFunction f;
  {
    Runtime other;
    const Context its_context(other);
    f = its_context.with([](Ctx ctx) { return ctx.eval<IntFunction>("(a, b) => a + b"); });
    EXPECT_EQ(f(1, 2), 3);  // enters by itself
  }
  EXPECT_THROW(f(1, 2), RuntimeGone);
}

// ---- callbacks of C ----------------------------------------------------------------------------

extern "C" {
using CVisit = int (*)(int, void*);
using CLog = void (*)(void*, const char*);
static int c_visit(int count, CVisit visit, void* data) {
  int sum = 0;
  for (int i = 0; i < count; ++i) sum += visit(i, data);
  return sum;
}
static void c_log(CLog log, void* data) { log(data, "text"); }
}

TEST_F(Callbacks, OfC) {
  define("visit", [](int count, CCallback<int(int)> visit) {
    const int sum = c_visit(count, visit.function(), visit.data());
    visit.rethrow();
    return sum;
  });
  expect_eval("visit(4, n => n * 2)", "number", "12");
  expect_eval("visit(4, n => { throw new RangeError('at ' + n) })", "throws", "RangeError: at 0");
  expect_eval("visit(2, n => 'x')", "throws",
              "TypeError: expected an integer from -2147483648 to 2147483647, got \"x\" (string)");
  expect_eval(
      "let calls = 0; try { visit(9, n => { calls++; if (n == 2) throw 1; return n }) } "
      "catch { }; calls",
      "number", "3");
  expect_eval(
      "visit(4, 5)", "throws",
      "TypeError: Failed to execute 'visit': parameter 2: expected function, got 5 (number)");
  define("log", [](CCallback<void(const char*), UserData::first> log) {
    c_log(log.function(), log.data());
    return log.error() == nullptr;
  });
  expect_eval("let seen; log(text => { seen = text }) + seen", "string", "truetext");
  expect_eval("log(text => { throw text })", "boolean", "false");
}

TEST_F(Callbacks, OfCKeepTheFirstError) {
  with([](Ctx ctx) {
    const CCallback<int(int)> callback(ctx.eval<Function>(
        "globalThis.calls = 0; n => { calls++; if (n < 2) throw n; return n; }"));
    EXPECT_EQ(callback.error(), nullptr);
    EXPECT_EQ(callback.function()(5, callback.data()), 5);
    EXPECT_EQ(callback.function()(1, callback.data()), 0);
    EXPECT_EQ(callback.function()(0, callback.data()), 0);
    EXPECT_EQ(callback.function()(5, callback.data()), 0);
    EXPECT_EQ(ctx.eval<int>("calls"), 2);
    ASSERT_NE(callback.error(), nullptr);
    EXPECT_EQ(callback.error()->message(), "1");
    EXPECT_THROW(callback.rethrow(), Error);
    EXPECT_EQ(callback.error(), nullptr);
    callback.rethrow();
    EXPECT_EQ(callback.function()(6, callback.data()), 6);
  });
}

TEST_F(Callbacks, OfCGiveTheirFunctionUp) {
  const NoneLeft none_left;
  CCallback<int(int)> outer = [&] {
    return with([&](Ctx ctx) {
      CCallback<int(int)> made(Function(ctx, "f", [counted = Counted()](int n) { return n + 1; }));
      void* data = made.data();
      CCallback<int(int)> moved(std::move(made));
      EXPECT_EQ(moved.data(), data);
      return moved;
    });
  }();
  EXPECT_EQ(Counted::live(), 1);
  // from outside of the runtime
  EXPECT_EQ(outer.function()(1, outer.data()), 2);
  {
    const CCallback<int(int)> gone(std::move(outer));
  }
  EXPECT_EQ(Counted::live(), 0);
}

TEST(CallbacksOfC, AfterTheRuntime) {
  const auto made = [] {
    const Runtime runtime;
    const Context context(runtime);
    return context.with([](Ctx ctx) { return CCallback<int(int)>(ctx.eval<Function>("n => n")); });
  }();
  EXPECT_EQ(made.function()(1, made.data()), 0);
  EXPECT_THROW(made.rethrow(), RuntimeGone);
}

}  // namespace
}  // namespace quip::test
