// JavaScript functions as std::function.
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
  expect_eval("apply(5, 7)", "throws", "TypeError: argument 1: expected function, got 5 (number)");
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

}  // namespace
}  // namespace quip::test
