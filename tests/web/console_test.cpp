#include "web_fixture.hpp"
#include <quip/web/console.hpp>

#include <string>
#include <vector>

namespace quip::test {
namespace {

class ConsoleTest : public JsTest {
 protected:
  ConsoleTest() {
    with([this](Ctx ctx) {
      web::install_console(ctx, [this](web::Stream stream, std::string_view text) {
        lines.push_back((stream == web::Stream::error ? "error: " : "") + std::string(text));
      });
    });
  }
  std::vector<std::string> take(std::string_view script) {
    eval(script);
    return std::exchange(lines, {});
  }
  std::vector<std::string> lines;
};

using Lines = std::vector<std::string>;

TEST_F(ConsoleTest, MessagesGoToTheSink) {
  EXPECT_EQ(take("console.log('a', 1, [2], {b: 'c'}); console.info(); console.debug(null)"),
            (Lines{"a 1 [ 2 ] { b: 'c' }", "", "null"}));
  EXPECT_EQ(take("console.error('no'); console.warn(new Map([[1, 2]]))"),
            (Lines{"error: no", "error: Map(1) { 1 => 2 }"}));
  EXPECT_EQ(take("console.log('two\\nlines')"), (Lines{"two\nlines"}));
}

TEST_F(ConsoleTest, DirectivesTakeArguments) {
  EXPECT_EQ(take("console.log('%s=%d %i %f %j %o %O %%%c|', 'x', '5', 5.7, '1.5', {a: 1}, [1], {}, "
                 "'css')"),
            (Lines{"x=5 5 1.5 {\"a\":1} [ 1, [length]: 1 ] {} %|"}));
  EXPECT_EQ(take("console.log('%s %s', 1); console.log('%d', {}); console.log('100%', 1)"),
            (Lines{"1 %s", "NaN", "100% 1"}));
  EXPECT_EQ(take("console.log('%j', {toJSON() { throw new Error('x') }})"),
            (Lines{"[not serializable: x]"}));
}

TEST_F(ConsoleTest, GroupsIndent) {
  EXPECT_EQ(take("console.group('g'); console.log('a\\nb'); console.group(); console.warn('c');"
                 "console.groupEnd(); console.groupEnd(); console.groupEnd(); console.log('d')"),
            (Lines{"g", "  a\n  b", "error:     c", "d"}));
}

TEST_F(ConsoleTest, CountersAndTimers) {
  EXPECT_EQ(take("console.count(); console.count('x'); console.count(); console.countReset();"
                 "console.count(); console.countReset('none')"),
            (Lines{"default: 1", "x: 1", "default: 2", "default: 1",
                   "error: Warning: Count for 'none' does not exist"}));
  const Lines timed = take(
      "console.time('t'); console.time('t'); console.timeLog('t', 5);"
      "console.timeEnd('t'); console.timeEnd('t')");
  ASSERT_EQ(timed.size(), 4U);
  EXPECT_EQ(timed[0], "error: Warning: Label 't' already exists");
  EXPECT_EQ(timed[1].substr(0, 3), "t: ");
  EXPECT_EQ(timed[1].substr(timed[1].size() - 4), "ms 5");
  EXPECT_EQ(timed[3], "error: Warning: No such label 't'");
}

TEST_F(ConsoleTest, AssertAndTraceAndDir) {
  EXPECT_EQ(take("console.assert(true, 'x'); console.assert(1); console.assert(0, 'a', 1);"
                 "console.assert()"),
            (Lines{"error: Assertion failed: a 1", "error: Assertion failed"}));
  EXPECT_EQ(
      take("console.dir({a: {b: {c: {}}}}, {depth: 0}); console.dir([1], {showHidden: true})"),
      (Lines{"{ a: [Object] }", "[ 1, [length]: 1 ]"}));
  const Lines traced = take("(function here() { console.trace('at') })()");
  ASSERT_EQ(traced.size(), 1U);
  EXPECT_EQ(traced[0].substr(0, 16), "error: Trace: at");
  EXPECT_NE(traced[0].find("here"), std::string::npos);
}

TEST_F(ConsoleTest, Tables) {
  EXPECT_EQ(take("console.table([{a: 1, b: 'x'}, {b: 2, c: [3]}])"),
            (Lines{
                R"(┌─────────┬───┬─────┬───────┐
│ (index) │ a │ b   │ c     │
├─────────┼───┼─────┼───────┤
│ 0       │ 1 │ 'x' │       │
│ 1       │   │ 2   │ [ 3 ] │
└─────────┴───┴─────┴───────┘)"}));
  EXPECT_EQ(take("console.table([{a: 1, b: 2}], ['b'])"), (Lines{
                                                              R"(┌─────────┬───┐
│ (index) │ b │
├─────────┼───┤
│ 0       │ 2 │
└─────────┴───┘)"}));
  EXPECT_EQ(take("console.table(new Map([['k', 1]]))"), (Lines{
                                                            R"(┌───────────────────┬─────┬────────┐
│ (iteration index) │ Key │ Values │
├───────────────────┼─────┼────────┤
│ 0                 │ 'k' │ 1      │
└───────────────────┴─────┴────────┘)"}));
  EXPECT_EQ(take("console.table(5); console.table()"), (Lines{"5", ""}));
  const Lines hostile =
      take("console.table([new Proxy({}, {ownKeys() { throw 1 }}), {get a() { throw 2 }}, null])");
  EXPECT_EQ(hostile.size(), 1U);
}

TEST_F(ConsoleTest, ItsFunctionsNeedNoThis) {
  EXPECT_EQ(take("const {log} = console; log('x'); [1].forEach(console.error)"),
            (Lines{"x", "error: 1 0 [ 1 ]"}));
  expect_eval("console.log.name + console.log.length", "string", "log0");
  expect_eval("Object.prototype.toString.call(console)", "string", "[object console]");
}

TEST_F(ConsoleTest, NoScriptRuns) {
  EXPECT_EQ(take("console.log({get a() { throw 1 }, toString() { throw 2 },"
                 "  [Symbol.toPrimitive]() { throw 3 }});"
                 "console.log(new Proxy({a: 1}, {get() { throw 4 }, ownKeys() { throw 5 }}));"
                 "Map.prototype.entries = () => { throw 6 };"
                 "console.log(new Map([[1, 2]]))"),
            (Lines{"{\n  a: [Getter],\n  toString: [Function: toString],\n"
                   "  [Symbol(Symbol.toPrimitive)]: [Function: [Symbol.toPrimitive]]\n}",
                   "{ a: 1 }", "Map(1) { 1 => 2 }"}));
}

TEST_F(ConsoleTest, WhatTheSinkThrowsTheScriptGets) {
  with([](Ctx ctx) {
    web::install_console(
        ctx, [](web::Stream, std::string_view) { throw std::out_of_range("the disk is full"); });
  });
  expect_eval("console.log('x')", "throws", "RangeError: the disk is full");
}

TEST_F(ConsoleTest, AConsoleKeepsNoContext) {
  with([](Ctx ctx) { ctx.eval("globalThis.self = globalThis"); });
  const auto objects = runtime.memory_usage().object_count;
  for (int i = 0; i < 3; ++i) {
    const Context other(runtime);
    other.with([](Ctx ctx) {
      web::install(ctx, {.print = [](web::Stream, std::string_view) {}});
      ctx.eval("console.log({}); setTimeout");
    });
  }
  runtime.run_gc();
  EXPECT_LT(runtime.memory_usage().object_count, objects + 50);
}

}  // namespace
}  // namespace quip::test
