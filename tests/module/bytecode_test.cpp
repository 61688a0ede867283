// Compiling modules ahead of time: the stamp of the engine, and bundles of one module.
#include "support/js.hpp"

#include <thread>

namespace quip::test {
namespace {

class BytecodeTest : public JsTest {
 protected:
  /// Imports the module of that name from a bundle of it and gives `out` back.
  Result<Value> run(const std::vector<std::byte>& bytes) {
    const Bundle bundle = Bundle::read(bytes);
    runtime.set_loader(bundle, bundle);
    Result<Promise<>> promise = context.with([&](Ctx ctx) {
      return ctx.try_eval_module(
          "import * as all from '" + std::string(bundle.entry()) + "'; globalThis.all = all;",
          "main");
    });
    if (!promise) return promise.error();
    if (Result<void> ran = runtime.try_run(); !ran) return ran.error();
    if (Result<Value> result = promise->try_result(); !result) return result;
    return context.with([](Ctx ctx) { return ctx.try_eval("all.out"); });
  }
};

bool contains(const std::vector<std::byte>& bytes, std::string_view text) {
  const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return all.find(text) != std::string_view::npos;
}

TEST(EngineStamp, IsOfThisEngineAndTheSameEveryTime) {
  const EngineStamp& stamp = engine_stamp();
  EXPECT_EQ(stamp.name, Runtime::engine());
  EXPECT_NE(stamp.fingerprint, 0U);
  EXPECT_EQ(*try_engine_stamp(), stamp);
  EngineStamp other;
  std::thread([&] { other = engine_stamp(); }).join();
  EXPECT_EQ(other, stamp);
}

TEST_F(BytecodeTest, AModuleRunsFromItsBytecode) {
  const auto bytes = compile_module(
      "class Point { #x = 1; get x() { return this.#x; } static origin = new Point(); }\n"
      "export const out = `${Point.origin.x} ${[1n, /a+/u, 2.5]} ${import.meta.url}`;",
      "point.mjs");
  const Result<Value> out = run(bytes);
  EXPECT_EQ(show(out), (Shown{"string", "1 1,/a+/u,2.5 point.mjs"}));
}

TEST_F(BytecodeTest, AwaitAtTheTopLevelStillWaits) {
  EXPECT_EQ(show(run(compile_module("export let out = await Promise.resolve(3); out += 1", "m"))),
            (Shown{"number", "4"}));
}

TEST_F(BytecodeTest, AnErrorOfTheBodyRejectsTheModule) {
  const Result<Value> out = run(compile_module("\nthrow new RangeError('too far')", "m.mjs"));
  ASSERT_FALSE(out);
  EXPECT_EQ(show(out.error()), (Shown{"throws", "RangeError: too far"}));
  EXPECT_EQ(out.error().file(), "m.mjs");
  EXPECT_EQ(out.error().line(), 2);
}

TEST_F(BytecodeTest, SyntaxErrorsHaveTheirPlace) {
  const auto bytes = try_compile_module("let a = 1;\nlet a = 2;", "twice.mjs");
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().name(), "SyntaxError");
  EXPECT_EQ(bytes.error().file(), "twice.mjs");
  EXPECT_EQ(bytes.error().line(), 2);
  EXPECT_THROW((void)compile_module("(", "m"), Error);
}

TEST_F(BytecodeTest, ImportsAreLeftForLater) {
  const auto bytes =
      compile_module("import {a} from './a.mjs'; export const out = a + 1;", "d/m.mjs");
  const Bundle bundle = Bundle::read(bytes);
  std::vector<std::string> asked;
  runtime.set_loader(
      resolvers(bundle,
                [&](std::string_view base, std::string_view specifier) {
                  asked.push_back(std::string(specifier) + " from " + std::string(base));
                  return std::string("other");
                }),
      loaders(bundle, [](std::string_view) { return std::string("export const a = 41;"); }));
  const Promise<> done = context.with([](Ctx ctx) {
    return ctx.eval_module("import {out} from 'd/m.mjs'; globalThis.out = out;", "main");
  });
  runtime.run();
  ASSERT_EQ(done.state(), PromiseState::fulfilled);
  expect_eval("out", "number", "42");
  EXPECT_THAT(asked, ::testing::Each("./a.mjs from d/m.mjs"));
  EXPECT_FALSE(asked.empty());
}

TEST_F(BytecodeTest, SourceAndDebugDataCanBeLeftOut) {
  const std::string source =
      "export function out() { /* a comment to look for */ missing_name(); }\n";
  const auto whole = compile_module(source, "secret-name.mjs");
  const auto no_source = compile_module(source, "secret-name.mjs", {.strip_source = true});
  const auto bare =
      compile_module(source, "secret-name.mjs", {.strip_source = true, .strip_debug = true});
  EXPECT_TRUE(contains(whole, "a comment to look for"));
  EXPECT_FALSE(contains(no_source, "a comment to look for"));
  EXPECT_FALSE(contains(bare, "a comment to look for"));
  EXPECT_LT(no_source.size(), whole.size());
  EXPECT_LT(bare.size(), no_source.size());

  ASSERT_TRUE(run(no_source));
  const Result<Value> failed = context.with([](Ctx ctx) { return ctx.try_eval("all.out()"); });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().file(), "secret-name.mjs");
  EXPECT_EQ(failed.error().line(), 1);
  expect_eval("String(all.out).includes('comment')", "boolean", "false");
}

TEST_F(BytecodeTest, BareBytecodeRuns) {
  const auto bytes = compile_module("export function out() { missing_name(); }", "secret-name.mjs",
                                    {.strip_source = true, .strip_debug = true});
  ASSERT_TRUE(run(bytes));
  const Result<Value> failed = context.with([](Ctx ctx) { return ctx.try_eval("all.out()"); });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().name(), "ReferenceError");
  EXPECT_THAT(failed.error().stack(), ::testing::Not(::testing::HasSubstr("secret-name")));
}

TEST_F(BytecodeTest, StrippingDebugDataStripsTheSourceToo) {
  const auto bytes = compile_module("export function out() { /* a comment to look for */ }", "m",
                                    {.strip_debug = true});
  EXPECT_FALSE(contains(bytes, "a comment to look for"));
  EXPECT_TRUE(run(bytes));
}

TEST_F(BytecodeTest, NamesAreNotEmptyAndHaveNoNul) {
  EXPECT_FALSE(try_compile_module("", ""));
  EXPECT_FALSE(try_compile_module("", std::string("a\0b", 3)));
}

TEST_F(BytecodeTest, TextBeyondAsciiIsKept) {
  EXPECT_EQ(
      show(run(compile_module("export const out = 'äß€😀\\0' + '\\ud800'.length", "größe.mjs"))),
      (Shown{"string", std::string("äß€😀\0", 12) + "1"}));
}

TEST_F(BytecodeTest, CompilesWhileARuntimeIsInUse) {
  with([](Ctx ctx) {
    EXPECT_TRUE(try_compile_module("export {}", "m"));
    EXPECT_EQ(ctx.eval<int>("1 + 1"), 2);
  });
}

}  // namespace
}  // namespace quip::test
