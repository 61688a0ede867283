// Context and Ctx: realms, evaluation, files.
#include "support/js.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace quip::test {
namespace {

TEST_F(JsTest, EvaluatesInTheGlobalScope) {
  expect_eval("var v = 1; let l = 2; function f() { return 3; } 0", "number", "0");
  expect_eval("v + l + f()", "number", "6");
  EXPECT_TRUE(with([](Ctx ctx) { return ctx.globals().has("v"); }));
  EXPECT_FALSE(with([](Ctx ctx) { return ctx.globals().has("l"); }));
}

TEST_F(JsTest, ValuesOfStatements) {
  for (const auto& [script, type, text] :
       std::vector<std::tuple<const char*, const char*, const char*>>{
           {"", "undefined", "undefined"},
           {"undefined", "undefined", "undefined"},
           {"null", "null", "null"},
           {"true", "boolean", "true"},
           {"1.5", "number", "1.5"},
           {"-0", "number", "0"},
           {"NaN", "number", "NaN"},
           {"2n ** 64n", "bigint", "18446744073709551616"},
           {"'text'", "string", "text"},
           {"`a${1}b`", "string", "a1b"},
           {"Symbol('s')", "symbol", "Symbol(s)"},
           {"({})", "object", "[object Object]"},
           {"[1, [2, 3]]", "array", "1,2,3"},
           {"(() => 1)", "function", "() => 1"},
           {"new TypeError('t')", "error", "TypeError: t"},
           {"Promise.resolve()", "promise", "[object Promise]"},
           {"new Map", "map", "[object Map]"},
           {"if (true) 5; else 6", "number", "5"},
           {"throw 1", "throws", "1"},
           {"throw null", "throws", "null"},
           {"throw undefined", "throws", "undefined"},
           {"throw {}", "throws", "[object Object]"},
           {"throw new RangeError('r')", "throws", "RangeError: r"},
       }) {
    expect_eval(script, type, text);
  }
  EXPECT_EQ(try_eval("1 +").error().name(), "SyntaxError");
  EXPECT_EQ(try_eval("undefined_name").error().name(), "ReferenceError");
}

TEST_F(JsTest, EvalConvertsItsResult) {
  EXPECT_EQ(eval<int>("1 + 2"), 3);
  EXPECT_EQ(eval<std::string>("'a' + 1"), "a1");
  EXPECT_EQ(eval<std::vector<int>>("[1, 2]"), (std::vector<int>{1, 2}));
  eval<void>("1");
  EXPECT_EQ(show(try_eval<int>("'a'")).text,
            "TypeError: expected an integer from -2147483648 to 2147483647, got \"a\" (string)");
  EXPECT_TRUE(try_eval<void>("'a'").has_value());
  EXPECT_FALSE(try_eval<void>("throw 1").has_value());
}

TEST_F(JsTest, SourceTextHasALength) {
  with([](Ctx ctx) {
    const std::string text = "1 + 2 + nonsense";
    EXPECT_EQ(ctx.eval<int>(std::string_view(text).substr(0, 5)), 3);
    EXPECT_EQ(ctx.eval<std::string>(std::string_view("'a\0b'", 5)), std::string("a\0b", 3));
    EXPECT_EQ(ctx.eval<std::string>("'grüße, 世界, 🎉'"), "grüße, 世界, 🎉");
  });
}

TEST_F(JsTest, FilenameAndLineOfErrors) {
  with([](Ctx ctx) {
    const Result<Value> result = ctx.try_eval("\n\nfunction f() {\n  throw new Error('e');\n}\nf()",
                                              {.filename = "dir/a b.js"});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().file(), "dir/a b.js");
    EXPECT_EQ(result.error().line(), 4);
    EXPECT_GT(result.error().column(), 0);
    const Result<Value> syntax = ctx.try_eval("1;\n2;\n  let let = 1", {.filename = "s.js"});
    ASSERT_FALSE(syntax);
    EXPECT_EQ(syntax.error().file(), "s.js");
    EXPECT_EQ(syntax.error().line(), 3);
  });
}

TEST_F(JsTest, StrictMode) {
  with([](Ctx ctx) {
    EXPECT_EQ(ctx.eval<std::string>("(function () { return typeof this; })()"), "object");
    EXPECT_EQ(ctx.eval<std::string>("(function () { return typeof this; })()", {.strict = true}),
              "undefined");
    EXPECT_TRUE(ctx.try_eval("undeclared = 1").has_value());
    EXPECT_EQ(ctx.try_eval("undeclared2 = 1", {.strict = true}).error().name(), "ReferenceError");
  });
}

TEST_F(JsTest, BacktraceBarrier) {
  with([](Ctx ctx) {
    const auto stack_with = [&](bool barrier) {
      ctx.globals().set("inner", [barrier](Ctx c) {
        return c.eval<std::string>("new Error('e').stack",
                                   {.filename = "inner.js", .backtrace_barrier = barrier});
      });
      return ctx.eval<std::string>("(function outermost() { return inner(); })()",
                                   {.filename = "outer.js"});
    };
    EXPECT_THAT(stack_with(false), ::testing::HasSubstr("outermost"));
    EXPECT_THAT(stack_with(true), ::testing::Not(::testing::HasSubstr("outermost")));
    EXPECT_THAT(stack_with(true), ::testing::HasSubstr("inner.js"));
  });
}

TEST_F(JsTest, WithReturnsWhatItsFunctionReturns) {
  EXPECT_EQ(with([](Ctx) { return 5; }), 5);
  int number = 0;
  int& reference = with([&](Ctx) -> int& { return number; });
  EXPECT_EQ(&reference, &number);
  with([](Ctx) {});
  std::unique_ptr<int> moved =
      with([pointer = std::make_unique<int>(3)](Ctx) mutable { return std::move(pointer); });
  EXPECT_EQ(*moved, 3);
  EXPECT_THROW(with([](Ctx) { throw std::out_of_range("mine"); }), std::out_of_range);
  EXPECT_EQ(with([&](Ctx) { return with([](Ctx ctx) { return ctx.eval<int>("4"); }); }), 4);
}

TEST_F(JsTest, CtxLeadsToItsContext) {
  const Context same = with([](Ctx ctx) { return ctx.context(); });
  EXPECT_TRUE(same == context);
  EXPECT_FALSE(same == Context(runtime));
  define("which", [](Ctx ctx) { return ctx.context() == ctx.globals().ctx().context(); });
  expect_eval("which()", "boolean", "true");
}

TEST_F(JsTest, ContextsAreSeparateRealms) {
  const Context second(runtime);
  eval("globalThis.a = 1; Array.prototype.mine = 1");
  expect_eval(second, "typeof a + [].mine", "string", "undefinedundefined");
  const Value array = eval("[]");
  second.with([&](Ctx ctx) {
    ctx.globals().set("array", array);
    expect_eval(ctx, "`${array instanceof Array} ${Array.isArray(array)} ${array.mine}`", "string",
                "false true 1");
  });
}

TEST_F(JsTest, ABaseContextIsSmall) {
  const Context base = Context::base(runtime);
  expect_eval(base, "[1, 2].map(n => n * 2).join() + eval('1 + 1') + Math.max(1, 2)", "string",
              "2,422");
  expect_eval(base, "typeof Promise + typeof Map + typeof JSON + typeof RegExp", "string",
              "undefinedundefinedundefinedundefined");
  base.with([](Ctx ctx) {
    ctx.globals().set("f", [s = std::string("x")](int n) { return s + std::to_string(n); });
    expect_eval(ctx, "f(1)", "string", "x1");
    expect_eval(ctx, "try { f() } catch (e) { String(e) }", "string",
                "TypeError: Failed to execute 'f': 1 argument required, but only 0 present");
  });
}

TEST_F(JsTest, FunctionsUseTheRealmThatTheyWereMadeIn) {
  const Context second(runtime);
  eval("globalThis.where = 'first'");
  second.with([&](Ctx ctx) {
    ctx.eval("globalThis.where = 'second'");
    ctx.globals().set("stateless", [](Ctx c) { return c.globals().get<std::string>("where"); });
    ctx.globals().set("stateful", [n = 1](Ctx c) {
      return c.globals().get<std::string>("where") + std::to_string(n);
    });
    const Value stateless = ctx.globals().get("stateless");
    const Value stateful = ctx.globals().get("stateful");
    define("stateless", stateless);
    define("stateful", stateful);
  });
  expect_eval("stateless() + stateful()", "string", "secondsecond1");
}

// ---- files
// -----------------------------------------------------------------------------------------

class FileTest : public JsTest {
 protected:
  std::filesystem::path write(const std::string& name, std::string_view text) {
    const std::filesystem::path path = folder / name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  void SetUp() override {
    folder =
        std::filesystem::path(::testing::TempDir()) /
        (std::string("quip_") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::filesystem::path folder;
};

TEST_F(FileTest, EvalFile) {
  with([&](Ctx ctx) {
    EXPECT_EQ(ctx.eval_file<int>(write("a.js", "var fromFile = 20;\nfromFile + 1")), 21);
    EXPECT_EQ(ctx.eval<int>("fromFile"), 20);
    EXPECT_TRUE(ctx.eval_file(write("empty.js", "")).is_undefined());
    EXPECT_EQ(ctx.eval_file<std::string>(write("ü ö.js", "'ü'")), "ü");
    const std::filesystem::path throwing = write("throws.js", "\nnull.x");
    const Result<Value> result = ctx.try_eval_file(throwing);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().name(), "TypeError");
    EXPECT_EQ(result.error().file(), throwing.string());
    EXPECT_EQ(result.error().line(), 2);
  });
}

TEST_F(FileTest, EvalFileThatCannotBeRead) {
  with([&](Ctx ctx) {
    const Result<Value> missing = ctx.try_eval_file(folder / "missing.js");
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().message(), ::testing::HasSubstr("missing.js"));
    EXPECT_THAT(missing.error().message(), ::testing::HasSubstr("No such file"));
    EXPECT_THROW(ctx.eval_file(folder), Error);
  });
}

}  // namespace
}  // namespace quip::test
