// Callables that watch how they are called: quip::once, quip::guarded.
#include "support/counted.hpp"
#include "support/js.hpp"

namespace quip::test {
namespace {

const std::string used = "TypeError: Failed to execute 'f': it can be called only once";
const std::string busy = "TypeError: Failed to execute 'f': it is already running";

TEST_F(JsTest, OnceIsCalledOnce) {
  const NoneLeft none_left;
  define("f", once([p = std::make_unique<int>(5), counted = Counted()](int n) mutable {
           return *std::move(p) + n;
         }));
  expect_eval("f.length", "number", "1");
  EXPECT_EQ(Counted::live(), 1);
  expect_eval("f(1)", "number", "6");
  // what it held is gone with its only call
  EXPECT_EQ(Counted::live(), 0);
  expect_eval("f(1)", "throws", used);
  expect_eval("f()", "throws", used);
}

TEST_F(JsTest, OnceIsNotUsedUpByACallThatFails) {
  define("f", once([](int n) { return n; }));
  expect_eval("f('x')", "throws",
              "TypeError: Failed to execute 'f': parameter 1: expected an integer from -2147483648 "
              "to 2147483647, got \"x\" (string)");
  expect_eval("f()", "throws",
              "TypeError: Failed to execute 'f': 1 argument required, but only 0 present");
  expect_eval("f(2)", "number", "2");
  expect_eval("f(2)", "throws", used);
}

TEST_F(JsTest, OnceThatThrowsIsUsedUp) {
  const NoneLeft none_left;
  define("f", once([counted = Counted()] { throw std::runtime_error("broken"); }));
  expect_eval("f()", "throws", "Error: broken");
  EXPECT_EQ(Counted::live(), 0);
  expect_eval("f()", "throws", used);
}

TEST_F(JsTest, OnceCalledWhileItRuns) {
  define("f", once([](const Function& g) { return g.call<std::string>(); }));
  expect_eval("f(() => { try { f() } catch (e) { return String(e) } })", "string", used);
  // and by its own arguments
  define("f", once([](const std::map<std::string, int>& map) { return map.size(); }));
  expect_eval("f({get a() { return f({}); }})", "throws", "TypeError: it can be called only once");
}

TEST_F(JsTest, OnceWithNamesAndDefaults) {
  define("f", fn(once([](int n) { return n; }), arg("n") = 4));
  expect_eval("f()", "number", "4");
  expect_eval("f()", "throws", "TypeError: it can be called only once");
  define("g", fn(once([](int n) { return n; }), arg("n")));
  expect_eval("g('x')", "throws",
              "TypeError: Failed to execute 'g': parameter 1 ('n'): expected an integer from "
              "-2147483648 to 2147483647, got \"x\" (string)");
  expect_eval("g(1)", "number", "1");
  expect_eval("g(1)", "throws", "TypeError: Failed to execute 'g': it can be called only once");
}

TEST_F(JsTest, GuardedIsNotEnteredAgain) {
  define("f", guarded([n = 0](const Function& g) mutable {
           ++n;
           g.call<void>();
           return n;
         }));
  expect_eval("f(() => {})", "number", "1");
  expect_eval("f(() => f(() => {}))", "throws", busy);
  expect_eval("let seen; f(() => { try { f(() => {}) } catch (e) { seen = String(e) } }); seen",
              "string", busy);
  // it can be called again when it ended, however that was
  expect_eval("f(() => { throw 5 })", "throws", "5");
  expect_eval("f(() => {})", "number", "5");
  expect_eval("f.name + f.length", "string", "f1");
}

TEST_F(JsTest, GuardedWithMoveOnlyCaptures) {
  define("f", guarded([p = std::make_unique<int>(7)] { return *p; }));
  expect_eval("f() + f()", "number", "14");
}

TEST_F(JsTest, MutableCallablesKeepTheirState) {
  define("next", [n = 0]() mutable { return n++; });
  expect_eval("[next(), next(), next()].join()", "string", "0,1,2");
  // without a guard they may be entered again
  define("f", [depth = 0](const Function& g) mutable {
    ++depth;
    const int result = depth == 1 ? g.call<int>() : depth;
    return result;
  });
  expect_eval("f(() => f(() => 0))", "number", "2");
}

}  // namespace
}  // namespace quip::test
