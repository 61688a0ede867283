// Modules: how imports find, read and share them.
#include "support/counted.hpp"
#include "support/js.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace quip::test {
namespace {

/// Modules by name, from memory; a specifier is the name, "./" before it or not.
class ModuleTest : public JsTest {
 protected:
  void SetUp() override {
    runtime.set_loader(
        [this](std::string_view base, std::string_view specifier) -> Result<std::string> {
          resolved.push_back(std::string(specifier) + " from " + std::string(base));
          if (specifier.starts_with("./")) specifier.remove_prefix(2);
          return std::string(specifier);
        },
        [this](std::string_view name) -> Result<std::string> {
          loaded.emplace_back(name);
          const auto found = sources.find(std::string(name));
          if (found == sources.end()) return Error::reference("no module " + std::string(name));
          return found->second;
        });
  }

  /// Runs a module to its end.
  Result<Value> run(std::string_view source, const std::string& name = "main") {
    Result<Promise> promise =
        context.with([&](Ctx ctx) { return ctx.try_eval_module(source, name); });
    if (!promise) return promise.error();
    if (Result<void> ran = runtime.try_run(); !ran) return ran.error();
    return promise->try_result();
  }

  std::map<std::string, std::string> sources;
  std::vector<std::string> resolved;
  std::vector<std::string> loaded;
};

TEST_F(ModuleTest, ImportsAreResolvedLoadedAndLinked) {
  sources["a"] = "import {b} from './b'; export const a = b + 1; export default 'A'";
  sources["b"] = "export let b = 1; export function bump() { ++b; }";
  ASSERT_TRUE(
      run("import first, {a} from './a'; import * as all from 'b'; all.bump();"
          "globalThis.out = `${first} ${a} ${all.b} ${Object.keys(all)}`"));
  expect_eval("out", "string", "A 2 2 b,bump");
  EXPECT_THAT(resolved,
              ::testing::UnorderedElementsAre("./a from main", "b from main", "./b from a"));
  EXPECT_THAT(loaded, ::testing::UnorderedElementsAre("a", "b"));
}

TEST_F(ModuleTest, OneFileByTwoSpecifiersIsOneModule) {
  sources["m"] = "globalThis.runs = (globalThis.runs ?? 0) + 1; export const object = {}";
  ASSERT_TRUE(run(
      "import {object as a} from 'm'; import {object as b} from './m'; globalThis.same = a === b"));
  expect_eval("`${same} ${runs}`", "string", "true 1");
  EXPECT_EQ(loaded.size(), 1U);
  ASSERT_TRUE(run("import {object} from 'm'; globalThis.again = object", "second"));
  expect_eval("runs", "number", "1");
}

TEST_F(ModuleTest, CyclesOfImports) {
  sources["a"] =
      "import {b} from './b'; export function a() { return 'a'; } export const seen = b();";
  sources["b"] = "import {a} from './a'; export function b() { return 'b' + a(); }";
  sources["self"] =
      "import * as self from './self'; export const x = 1; export const names = "
      "Reflect.ownKeys(self).length";
  ASSERT_TRUE(
      run("import {seen} from './a'; import {names} from './self'; globalThis.out = seen + names"));
  expect_eval("out", "string", "ba3");
}

TEST_F(ModuleTest, TopLevelAwait) {
  sources["slow"] = "await null; await null; export const value = await Promise.resolve(5)";
  const Promise promise = with([](Ctx ctx) {
    return ctx.eval_module("import {value} from 'slow'; globalThis.value = value", "main");
  });
  EXPECT_EQ(promise.state(), PromiseState::pending);
  expect_eval("typeof value", "string", "undefined");
  runtime.run();
  EXPECT_EQ(promise.state(), PromiseState::fulfilled);
  expect_eval("value", "number", "5");
  EXPECT_EQ(
      with([](Ctx ctx) { return ctx.eval_module("await new Promise(() => {})", "never"); }).state(),
      PromiseState::pending);
  runtime.run();
}

TEST_F(ModuleTest, DynamicImport) {
  sources["m"] = "export default 7; export const base = import.meta.url";
  ASSERT_TRUE(run("globalThis.out = (await import('./m')).default; globalThis.m = import('m')"));
  expect_eval("out", "number", "7");
  // from a script too, whose name is the base
  const Promise promise = with([](Ctx ctx) {
    return ctx.eval<Promise>("import('./m').then(m => m.base)", {.filename = "script.js"});
  });
  runtime.run();
  EXPECT_EQ(promise.result<std::string>(), "m");
  EXPECT_EQ(resolved.back(), "./m from script.js");
  const Promise missing = eval<Promise>("import('missing').catch(e => `${e}`)");
  runtime.run();
  EXPECT_EQ(missing.result<std::string>(), "ReferenceError: no module missing");
}

TEST_F(ModuleTest, ImportMeta) {
  sources["/abs/m.mjs"] = "export default [import.meta.url, import.meta.main].join()";
  ASSERT_TRUE(
      run("import m from '/abs/m.mjs'; globalThis.out = [m, import.meta.url, "
          "import.meta.main].join()"));
  expect_eval("out", "string", "file:///abs/m.mjs,false,main,true");
}

TEST_F(ModuleTest, ErrorsInModules) {
  sources["syntax"] = "\n\nlet let = 1";
  sources["throws"] = "\nthrow new RangeError('thrown')";
  sources["no_such_name"] = "import {nothing} from './fine'";
  sources["fine"] = "export const fine = 1";
  const Error syntax = run("import './syntax'", "m1").error();
  EXPECT_EQ(syntax.name(), "SyntaxError");
  EXPECT_EQ(syntax.file(), "syntax");
  EXPECT_EQ(syntax.line(), 3);
  const Error thrown = run("import './throws'", "m2").error();
  EXPECT_EQ(thrown.name(), "RangeError");
  EXPECT_EQ(thrown.message(), "thrown");
  EXPECT_EQ(thrown.file(), "throws");
  EXPECT_EQ(thrown.line(), 2);
  EXPECT_EQ(run("import './no_such_name'", "m3").error().name(), "SyntaxError");
  EXPECT_EQ(show(run("import './missing'", "m4")).text, "ReferenceError: no module missing");
  EXPECT_EQ(run("throw 5", "m5").error().message(), "5");
  EXPECT_EQ(run("1 +", "m6").error().name(), "SyntaxError");
  EXPECT_EQ(run("undefined_name", "m7").error().name(), "ReferenceError");
  // and it goes on
  ASSERT_TRUE(run("import {fine} from './fine'; globalThis.out = fine", "m8"));
  expect_eval("out", "number", "1");
}

TEST_F(ModuleTest, CppExceptionsOfTheResolverAndTheLoader) {
  const auto text = [](std::string_view) -> Result<std::string> {
    return std::string("export default 1");
  };
  const auto same = [](std::string_view, std::string_view name) -> Result<std::string> {
    return std::string(name);
  };
  const auto load = [&] {
    return with([](Ctx ctx) { return ctx.try_eval_module("import x from 'x'", "m"); });
  };
  const auto load_or_throw = [&] {
    with([](Ctx ctx) { (void)ctx.eval_module("import x from 'x'", "m"); });
  };

  runtime.set_loader(
      [](std::string_view, std::string_view) -> Result<std::string> {
        throw std::out_of_range("resolver");
      },
      text);
  EXPECT_EQ(show(load()).text, "RangeError: resolver");
  EXPECT_THROW(load_or_throw(), std::out_of_range);
  runtime.set_loader([](std::string_view, std::string_view) -> Result<std::string> { throw 5; },
                     text);
  EXPECT_THROW(load_or_throw(), int);
  runtime.set_loader(
      same, [](std::string_view) -> Result<std::string> { throw std::invalid_argument("loader"); });
  EXPECT_EQ(show(load()).text, "TypeError: loader");
  EXPECT_THROW(load_or_throw(), std::invalid_argument);
  runtime.set_loader(same, [](std::string_view) -> Result<std::string> { throw 'c'; });
  EXPECT_THROW(load_or_throw(), char);
  runtime.set_loader(
      [](std::string_view, std::string_view) -> Result<std::string> {
        return Error::type("resolver");
      },
      text);
  EXPECT_EQ(show(load()).text, "TypeError: resolver");
  // a dynamic import is rejected with it
  runtime.set_loader(
      same, [](std::string_view) -> Result<std::string> { throw std::out_of_range("late"); });
  const Promise promise = eval<Promise>("import('x')");
  runtime.run();
  EXPECT_THROW((void)promise.result(), std::out_of_range);
  runtime.set_loader(same, text);
  EXPECT_TRUE(load());
}

TEST_F(ModuleTest, WithoutALoaderImportsFail) {
  runtime.set_loader(nullptr, nullptr);
  EXPECT_FALSE(run("import 'x'"));
  EXPECT_TRUE(run("export const fine = 1", "alone"));
  Runtime fresh;
  const Context fresh_context(fresh);
  EXPECT_FALSE(fresh_context.with([](Ctx ctx) { return ctx.try_eval_module("import 'x'", "m"); }));
  const Promise promise =
      fresh_context.with([](Ctx ctx) { return ctx.eval<Promise>("import('x')"); });
  fresh.run();
  EXPECT_EQ(promise.state(), PromiseState::rejected);
}

TEST_F(ModuleTest, TheResolverAndTheLoaderReplaceThemselves) {
  const NoneLeft none_left;
  runtime.set_loader(
      [this, text = std::string(100, 'r'), counted = Counted()](
          std::string_view, std::string_view) -> Result<std::string> {
        runtime.set_loader(
            [](std::string_view, std::string_view name) -> Result<std::string> {
              return "second " + std::string(name);
            },
            [this, text = std::string(100, 'l'),
             counted = Counted()](std::string_view name) -> Result<std::string> {
              runtime.set_loader(nullptr, nullptr);
              return "export default '" + std::string(name) + text + "'";
            });
        return text;
      },
      [](std::string_view) -> Result<std::string> { return Error::plain("never asked"); });
  ASSERT_TRUE(run("import x from 'x'; globalThis.out = x.length"));
  expect_eval("out", "number", "200");
}

TEST_F(ModuleTest, TheLoaderRunsScripts) {
  const auto same = [](std::string_view, std::string_view name) -> Result<std::string> {
    return std::string(name);
  };
  runtime.set_loader(same, [this](std::string_view name) -> Result<std::string> {
    if (name == "inner") return std::string("export default 2");
    // a module while another is being linked
    const Result<Promise> inner = context.with([](Ctx ctx) {
      return ctx.try_eval_module("import x from 'inner'; globalThis.inner = x", "while");
    });
    EXPECT_TRUE(inner);
    return context.with(
        [](Ctx ctx) { return ctx.eval<std::string>("'export default ' + (40 + inner)"); });
  });
  ASSERT_TRUE(run("import x from 'x'; globalThis.out = x"));
  expect_eval("out", "number", "42");
}

TEST_F(ModuleTest, ModulesOfTwoContextsAreSeparate) {
  sources["m"] = "export const object = {}; globalThis.loadedHere = true";
  const Context second(runtime);
  ASSERT_TRUE(run("import {object} from 'm'; globalThis.object = object"));
  expect_eval(second, "typeof loadedHere", "string", "undefined");
  const Promise promise = second.with([](Ctx ctx) {
    return ctx.eval_module("import {object} from 'm'; globalThis.object = object", "main");
  });
  runtime.run();
  promise.result<void>();
  EXPECT_FALSE(eval("object") == second.with([](Ctx ctx) { return ctx.eval("object"); }));
}

TEST_F(ModuleTest, NativeFunctionsInModules) {
  const NoneLeft none_left;
  define("native", [counted = Counted()](int n) { return n * 2; });
  sources["m"] = "export const twice = native; export default native(4)";
  ASSERT_TRUE(run("import four, {twice} from 'm'; globalThis.out = four + twice(1)"));
  expect_eval("out", "number", "10");
  context = Context(runtime);
  runtime.run_gc();
}

TEST_F(ModuleTest, SourcesWithNulAndWithoutText) {
  sources["empty"] = "";
  sources["nul"] = std::string("export default 'a\0b'", 20);
  ASSERT_TRUE(run("import 'empty'; import text from 'nul'; globalThis.out = text.length"));
  expect_eval("out", "number", "3");
}

// ---- files
// -------------------------------------------------------------------------------------------

class FileModuleTest : public JsTest {
 protected:
  void SetUp() override {
    folder = std::filesystem::path(::testing::TempDir()) /
             (std::string("quip_modules_") +
              ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder / "sub");
    folder = std::filesystem::canonical(folder);
    runtime.set_loader(FileResolver(folder), ScriptLoader());
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  void write(const std::string& name, std::string_view text) const {
    std::ofstream(folder / name, std::ios::binary) << text;
  }
  Result<Value> run(std::string_view source, const std::string& name) {
    Result<Promise> promise =
        context.with([&](Ctx ctx) { return ctx.try_eval_module(source, name); });
    if (!promise) return promise.error();
    if (Result<void> ran = runtime.try_run(); !ran) return ran.error();
    return promise->try_result();
  }
  std::filesystem::path folder;
};

TEST_F(FileModuleTest, RelativeToTheImportingFile) {
  write("a.mjs", "import b from './sub/b.mjs'; export default 'a' + b");
  write("sub/b.mjs", "import c from '../c.mjs'; export default 'b' + c");
  write("c.mjs", "export default 'c' + import.meta.url.endsWith('/c.mjs')");
  ASSERT_TRUE(run("import a from './a.mjs'; globalThis.out = a", "<main>"));
  expect_eval("out", "string", "abctrue");
  ASSERT_TRUE(run("import a from '../a.mjs'; globalThis.out = a.length",
                  (folder / "sub" / "main.mjs").string()));
  expect_eval("out", "number", "7");
  ASSERT_TRUE(run("import a from '" + (folder / "a.mjs").string() + "'; globalThis.out = a", "m"));
  expect_eval("out", "string", "abctrue");
}

TEST_F(FileModuleTest, OneFileIsOneModuleByWhateverPathAndLink) {
  write("once.mjs", "globalThis.runs = (globalThis.runs ?? 0) + 1");
  std::filesystem::create_symlink(folder / "once.mjs", folder / "link.mjs");
  ASSERT_TRUE(
      run("import './once.mjs'; import './sub/../once.mjs'; import './link.mjs'; import "
          "'.//once.mjs'; import '" +
              (folder / "once.mjs").string() + "'; await import('./once.mjs')",
          "main"));
  expect_eval("runs", "number", "1");
}

TEST_F(FileModuleTest, WhatCannotBeFoundIsNamed) {
  const auto message = [&](const std::string& specifier) {
    return show(run("import '" + specifier + "'", "main")).text;
  };
  EXPECT_THAT(message("./missing.mjs"),
              ::testing::AllOf(::testing::StartsWith("ReferenceError: "),
                               ::testing::HasSubstr("'./missing.mjs'"),
                               ::testing::HasSubstr((folder / "missing.mjs").string())));
  EXPECT_THAT(message("./sub"), ::testing::HasSubstr("is a folder"));
  EXPECT_THAT(message("lodash"),
              ::testing::AllOf(::testing::HasSubstr("'lodash'"), ::testing::HasSubstr("relative")));
  EXPECT_THAT(message("/no/such/file.mjs"), ::testing::HasSubstr("/no/such/file.mjs"));
  EXPECT_THAT(message(""), ::testing::StartsWith("ReferenceError: "));
  EXPECT_FALSE(ScriptLoader()((folder / "missing.mjs").string()));
  EXPECT_FALSE(ScriptLoader()(folder.string()));
}

TEST_F(FileModuleTest, ErrorsHaveTheFilesPath) {
  write("bad.mjs", "\n\nfoo(");
  const Error error = run("import './bad.mjs'", "main").error();
  EXPECT_EQ(error.name(), "SyntaxError");
  EXPECT_EQ(error.file(), (folder / "bad.mjs").string());
  EXPECT_EQ(error.line(), 3);
}

}  // namespace
}  // namespace quip::test
