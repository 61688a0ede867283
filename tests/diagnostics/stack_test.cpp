// The stack of the script that is running.
#include "support/js.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <sstream>
#include <thread>

namespace quip::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string names(const std::vector<StackFrame>& frames) {
  std::string text;
  for (const StackFrame& frame : frames) {
    if (!text.empty()) text += ' ';
    text += frame.function.empty() ? "?" : frame.function;
  }
  return text;
}

class CurrentStackTest : public JsTest {
 protected:
  CurrentStackTest() {
    with([&](Ctx ctx) {
      ctx.globals().set("look", [this](Ctx at) { seen.push_back(try_current_stack(at)); });
    });
  }
  /// The stack as the function `look` finds it in the script.
  std::vector<StackFrame> stack_in(std::string_view script, const char* file = "app.js") {
    seen.clear();
    with([&](Ctx ctx) { ctx.eval(script, {.filename = file}); });
    if (seen.empty()) throw std::runtime_error("nobody looked");
    return seen.front().value();
  }
  std::vector<Result<std::vector<StackFrame>>> seen;
};

TEST_F(CurrentStackTest, CallsInnermostFirstWithTheirPlaces) {
  const std::vector<StackFrame> frames = stack_in(
      "function inner() {\n"
      "  look();\n"
      "}\n"
      "function outer() { return [inner()]; }\n"
      "outer();");
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_EQ(frames[0].function, "inner");
  EXPECT_EQ(frames[0].line, 2);
  EXPECT_GT(frames[0].column, 0);
  EXPECT_FALSE(frames[0].native);
  EXPECT_EQ(frames[1].function, "outer");
  EXPECT_EQ(frames[1].line, 4);
  EXPECT_EQ(frames[2].line, 5);
  for (const StackFrame& frame : frames) EXPECT_EQ(frame.file, "app.js");
}

TEST_F(CurrentStackTest, EveryKindOfFunctionIsAFrame) {
  struct Case {
    const char* script;
    const char* innermost;
  };
  for (const Case& test : {
           Case{"const arrow = () => { look(); }; arrow()", "arrow"},
           Case{"function plain() { look(); } plain.bind(null)()", "plain"},
           Case{"function plain2() { look(); } plain2.bind(null).bind(1, 2)()", "plain2"},
           Case{"function* generate() { look(); } [...generate()]", "generate"},
           Case{"(async function later() { look(); })()", "later"},
           Case{"(async function* both() { look(); })().next()", "both"},
           Case{"new (class Thing { constructor() { look(); } })()", "Thing"},
           Case{"({ method() { look(); } }).method()", "method"},
           Case{"({ get value() { look(); return 1; } }).value", "get value"},
           Case{"[1].map(function each() { look(); })", "each"},
           Case{"JSON.parse('1', function revive() { look(); })", "revive"},
           Case{"new Proxy({}, { get: function trap() { look(); } }).x", "trap"},
           Case{"eval('(function evaluated() { look(); })()')", "evaluated"},
           Case{"Reflect.construct(function made() { look(); }, [])", "made"},
       }) {
    const std::vector<StackFrame> frames = stack_in(test.script);
    ASSERT_FALSE(frames.empty()) << test.script;
    EXPECT_EQ(frames.front().function, test.innermost) << test.script;
    EXPECT_GT(frames.front().line, 0) << test.script;
  }
}

TEST_F(CurrentStackTest, TheEnginesOwnFunctionsAreNative) {
  const std::vector<StackFrame> frames =
      stack_in("function each() { look(); }\n[1].forEach(each);");
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_EQ(frames[1].function, "forEach");
  EXPECT_TRUE(frames[1].native);
  EXPECT_EQ(frames[1].file, "");
  EXPECT_EQ(frames[1].line, 0);
  EXPECT_EQ(frames[2].line, 2);
}

TEST_F(CurrentStackTest, BoundFunctionsAreNativeFramesOrNone) {
  int calls = 0;
  with([&](Ctx ctx) {
    ctx.globals().set("stateless", [](const Function& f) { f.call(); });
    ctx.globals().set("stateful", [&calls](const Function& f) {
      ++calls;
      f.call();
    });
  });
  for (const char* through : {"stateless", "stateful"}) {
    const std::vector<StackFrame> frames =
        stack_in("function inner() { look(); }\nfunction outer() { " + std::string(through) +
                 "(inner); }\nouter();");
    ASSERT_GE(frames.size(), 3U);
    EXPECT_EQ(frames[0].function, "inner");
    std::size_t next = 1;
    if (frames[next].native) EXPECT_EQ(frames[next++].function, through);
    EXPECT_EQ(frames[next].function, "outer");
    EXPECT_EQ(frames[next].line, 2);
    EXPECT_EQ(frames.size(), next + 2);
  }
  EXPECT_EQ(calls, 1);
}

TEST_F(CurrentStackTest, FunctionsOfOtherContextsAreThere) {
  Context other(runtime);
  with([&](Ctx ctx) {
    const Function there = other.with([](Ctx at) {
      return at.eval<Function>("(function there(f) { f(); })", {.filename = "there.js"});
    });
    ctx.globals().set("there", there);
  });
  const std::vector<StackFrame> frames =
      stack_in("function here() { look(); }\nthere(here);", "here.js");
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_EQ(frames[0].file, "here.js");
  EXPECT_EQ(frames[1].function, "there");
  EXPECT_EQ(frames[1].file, "there.js");
}

TEST_F(CurrentStackTest, FilesMayBeCalledAnything) {
  for (const char* file : {"a b.js", "copy (2).js", "C:\\x\\y.js", "http://x/y:80/z.js?a=1:2",
                           "é.js", "(x)", "a\nb.js"}) {
    const std::vector<StackFrame> frames = stack_in("\nlook()", file);
    ASSERT_FALSE(frames.empty());
    EXPECT_EQ(frames.back().file, file);
    EXPECT_EQ(frames.back().line, 2);
  }
}

// ---- what scripts do to errors -----------------------------------------------------------------

TEST_F(CurrentStackTest, NoScriptCanTamperWithIt) {
  for (const char* tampering : {
           "Error.prepareStackTrace = () => { ++touched; return 'fake'; }",
           "Error.prepareStackTrace = () => { throw ++touched; }",
           "Error.stackTraceLimit = 0",
           "Error.stackTraceLimit = 1",
           "Error.stackTraceLimit = { valueOf() { return ++touched; } }",
           "Object.defineProperty(Error, 'stackTraceLimit', { get() { return ++touched; } })",
           "Object.defineProperty(Error.prototype, 'stack', { get() { return ++touched; }, set() { "
           "++touched; } })",
           "Object.defineProperty(Object.prototype, 'stack', { get() { return ++touched; }, set() "
           "{ "
           "++touched; } })",
           "Error.prototype.constructor = null; globalThis.Error = function () { ++touched; }",
           "delete globalThis.Error",
           "Object.setPrototypeOf(Error, new Proxy({}, { get() { ++touched; } }))",
           "Array.prototype.push = Array.prototype.map = () => ++touched",
           "Function.prototype.call = () => ++touched",
           "Object.defineProperty(Function.prototype, 'name', { get() { return ++touched; } })",
           "Object.defineProperty(Array.prototype, 0, { set() { ++touched; } })",
       }) {
    context = Context(runtime);
    with([&](Ctx ctx) {
      ctx.globals().set("look", [this](Ctx at) { seen.push_back(try_current_stack(at)); });
    });
    const std::vector<StackFrame> frames = stack_in(
        "var touched = 0;\n" + std::string(tampering) +
        ";\nfunction inner() { look(); }\nfunction outer() { inner(); }\nouter(); touched = 100 + "
        "touched");
    EXPECT_THAT(names(frames), ::testing::StartsWith("inner outer")) << tampering;
    EXPECT_EQ(frames.size(), 3U) << tampering;
    expect_eval(context, "touched", "number", "100");
  }
}

TEST_F(CurrentStackTest, ANameThatIsNoPlainTextIsLeftOut) {
  const std::vector<StackFrame> frames = stack_in(
      "var ran = 0; function a() { look(); }\n"
      "Object.defineProperty(a, 'name', { get() { ++ran; return 'b'; } });\n"
      "function c() { a(); }\nObject.defineProperty(c, 'name', { value: 7 });\n"
      "function d() { c(); }\nObject.defineProperty(d, 'name', { value: 'e e' });\nd();");
  EXPECT_EQ(frames[0].function, "");
  EXPECT_EQ(frames[1].function, "");
  EXPECT_EQ(frames[2].function, "e e");
  expect_eval(context, "ran", "number", "0");
}

TEST_F(CurrentStackTest, WhileTheEngineMakesAStackForAScriptThereIsAnErrorOrAStack) {
  seen.clear();
  with([&](Ctx ctx) {
    ctx.eval("Error.prepareStackTrace = () => { look(); return ''; }; String(new Error().stack);");
  });
  for (const auto& result : seen) {
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message(), HasSubstr("cannot be read"));
  }
  EXPECT_THAT(names(stack_in("function f() { look(); } f()")), ::testing::StartsWith("f "));
}

TEST_F(CurrentStackTest, APendingErrorOfTheScriptStaysAsItIs) {
  with([&](Ctx ctx) {
    expect_eval(ctx,
                "let text = '';"
                "try { throw new RangeError('mine'); } catch (e) { look(); text = e.message; }"
                "try { try { throw new TypeError('other'); } finally { look(); } }"
                "catch (e) { text += ' ' + e.message; } text",
                "string", "mine other");
  });
}

TEST_F(CurrentStackTest, DeepStacksHaveTheirInnermostCalls) {
  const std::vector<StackFrame> frames =
      stack_in("function down(n) { if (n === 0) look(); else down(n - 1); } down(100)");
  ASSERT_GE(frames.size(), 64U);
  for (std::size_t i = 0; i < 64; ++i) EXPECT_EQ(frames[i].function, "down");
}

// ---- where it may be asked for -----------------------------------------------------------------

TEST_F(CurrentStackTest, WhereNoScriptRunsItIsEmpty) {
  with([&](Ctx ctx) {
    EXPECT_THAT(current_stack(ctx), IsEmpty());
    ctx.eval("1");
    EXPECT_THAT(current_stack(ctx), IsEmpty());
  });
  const Ctx kept = with([](Ctx ctx) { return ctx; });
  EXPECT_THAT(current_stack(kept), IsEmpty());
  std::thread([&] { EXPECT_THAT(current_stack(kept), IsEmpty()); }).join();
}

TEST_F(CurrentStackTest, AnInterruptHandlerSeesWhatItInterrupts) {
  std::optional<Result<std::vector<StackFrame>>> found;
  with([&](Ctx ctx) {
    runtime.set_interrupt_handler([&] {
      found = try_current_stack(ctx);
      return !*found || found->value().size() >= 3;
    });
    const Result<Value> result = ctx.try_eval(
        "Error.prepareStackTrace = () => { throw 1; };\n"
        "function spin() { for (;;) {} }\nfunction start() {\n  spin();\n}\nstart();",
        {.filename = "spin.js"});
    runtime.set_interrupt_handler({});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind(), ErrorKind::interrupted);
    expect_eval(ctx, "1 + 1", "number", "2");
  });
  ASSERT_TRUE(found && *found);
  const std::vector<StackFrame>& frames = **found;
  ASSERT_GE(frames.size(), 3U);
  EXPECT_EQ(frames[0].function, "spin");
  EXPECT_EQ(frames[0].file, "spin.js");
  EXPECT_EQ(frames[0].line, 0);
  EXPECT_EQ(frames[1].function, "start");
  EXPECT_EQ(frames[1].line, 4);
}

TEST_F(CurrentStackTest, AnInterruptHandlerMayAskAgainAndAgain) {
  int asked = 0;
  with([&](Ctx ctx) {
    runtime.set_interrupt_handler([&] {
      const auto frames = try_current_stack(ctx);
      EXPECT_TRUE(frames);
      ++asked;
      return false;
    });
    expect_eval(ctx,
                "function f(x) { return x + 1; } let s = 0; for (let i = 0; i < 300000; ++i) s = "
                "f(s); /(a+)+b/.test('a'.repeat(18)); s",
                "number", "300000");
    runtime.set_interrupt_handler({});
  });
  EXPECT_GT(asked, 10);
}

TEST_F(CurrentStackTest, ADestructorThatTheCollectorCallsIsRefused) {
  std::optional<Result<std::vector<StackFrame>>> found;
  with([&](Ctx ctx) {
    const std::shared_ptr<int> witness(new int(0), [&found, ctx](const int* number) {
      delete number;
      found = try_current_stack(ctx);
    });
    ctx.globals().set("f", [witness] { return *witness; });
  });
  with([](Ctx ctx) { ctx.eval("f = null"); });
  runtime.run_gc();
  ASSERT_TRUE(found);
  ASSERT_FALSE(*found);
  EXPECT_EQ(found->error().kind(), ErrorKind::runtime_gone);
}

TEST_F(CurrentStackTest, ADestroyedRuntimeIsAnError) {
  std::optional<Runtime> mine(std::in_place);
  const Context kept(*mine);
  const Ctx ctx = kept.with([](Ctx at) { return at; });
  mine.reset();
  const auto result = try_current_stack(ctx);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind(), ErrorKind::runtime_gone);
  EXPECT_THROW(current_stack(ctx), RuntimeGone);
}

TEST_F(CurrentStackTest, TheHeapIsFreedWithWhatReadsIt) {
  for (int i = 0; i < 3; ++i) {
    Runtime mine;
    const Context kept(mine);
    kept.with([](Ctx ctx) {
      ctx.globals().set("look", [](Ctx at) { EXPECT_FALSE(current_stack(at).empty()); });
      ctx.eval("function f() { look(); } f()");
    });
  }
}

TEST_F(CurrentStackTest, AFrameIsShownAsALine) {
  EXPECT_EQ(to_string(StackFrame{"f", "a.js", 3, 4, false}), "at f (a.js:3:4)");
  EXPECT_EQ(to_string(StackFrame{"", "a.js", 3, 0, false}), "at (anonymous) (a.js:3)");
  EXPECT_EQ(to_string(StackFrame{"map", "", 0, 0, true}), "at map (native)");
  std::ostringstream out;
  out << StackFrame{"f", "a.js", 0, 0, false};
  EXPECT_EQ(out.str(), "at f (a.js)");
}

}  // namespace
}  // namespace quip::test
