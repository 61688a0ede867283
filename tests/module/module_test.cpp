// Modules from C++: declared, evaluated, looked into.
#include "module/modules.hpp"
#include "support/tree.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace quip::test {
namespace {

using ModuleTest = TableOfModules;

TEST_F(ModuleTest, DeclaredAndThenEvaluated) {
  sources["a"] = "globalThis.ran = 'a'; export const a = 1";
  const Module module = declare(
                            "import {a} from 'a'; globalThis.ran += ' m'; export {a};"
                            "export let counter = 0; export function count() { ++counter; }"
                            "export default class Point {}",
                            "m")
                            .value();
  EXPECT_EQ(module.name(), "m");
  EXPECT_FALSE(module.is_evaluated());
  EXPECT_THAT(loaded, ::testing::ElementsAre("a"));
  expect_eval("typeof ran", "string", "undefined");
  const Promise<> promise = module.evaluate();
  EXPECT_TRUE(module.is_evaluated());
  runtime.run();
  EXPECT_EQ(promise.state(), PromiseState::fulfilled);
  expect_eval("ran", "string", "a m");

  EXPECT_THAT(module.names(), ::testing::ElementsAre("a", "count", "counter", "default"));
  EXPECT_EQ(module.get<int>("a"), 1);
  module.get<Function>("count")();
  EXPECT_EQ(module.get<int>("counter"), 1);
  EXPECT_TRUE(module.exports().get<Function>("default").is_constructor());
  std::vector<std::string> names;
  for (auto [name, value] : module.entries()) names.push_back(name + " " + show(value).type);
  EXPECT_THAT(names, ::testing::ElementsAre("a number", "count function", "counter number",
                                            "default function"));
  // once, whoever asks
  EXPECT_TRUE(module.evaluate() == promise);
  ASSERT_TRUE(run("import * as m from 'm'; globalThis.m = m"));
  EXPECT_TRUE(eval("m") == module.exports());
  EXPECT_TRUE(*with([](Ctx ctx) { return Module::find(ctx, "m"); }) == module);
  expect_eval("ran", "string", "a m");
}

TEST_F(ModuleTest, BeforeItIsEvaluated) {
  const Module module = declare("export const x = 1", "m").value();
  for (const Error& error :
       {module.try_exports().error(), module.try_names().error(), module.try_get("x").error()}) {
    EXPECT_THAT(error.message(), ::testing::HasSubstr("'m' has not been evaluated"));
  }
  EXPECT_THROW((void)module.entries(), Error);
  EXPECT_EQ(module.meta().get<std::string>("url"), "m");
  EXPECT_FALSE(module.meta().get<bool>("main"));
  // what imports it evaluates it
  ASSERT_TRUE(run("import {x} from 'm'; globalThis.x = x"));
  EXPECT_TRUE(module.is_evaluated());
  EXPECT_EQ(module.get<int>("x"), 1);
}

TEST_F(ModuleTest, WhatIsNotExported) {
  const auto error = [&](const char* source, const std::string& name) {
    const Module module = declare(source, name).value();
    (void)module.evaluate();
    const Error refused = module.try_get("missing").error();
    EXPECT_EQ(refused.name(), "ReferenceError");
    EXPECT_THROW((void)module.get("missing"), Error);
    return refused.message();
  };
  EXPECT_EQ(error("1", "none"), "module 'none' does not export 'missing'; it exports nothing");
  EXPECT_EQ(error("export const one = 1", "one"),
            "module 'one' does not export 'missing'; it exports 'one'");
  EXPECT_EQ(error("export const c = 1, a = 1; export default 1", "more"),
            "module 'more' does not export 'missing'; it exports 'a', 'c' and 'default'");
  const Module module = declare("export const text = 'x'", "m").value();
  (void)module.evaluate();
  EXPECT_EQ(module.try_get<int>("text").error().kind(), ErrorKind::conversion);
  EXPECT_FALSE(module.try_get("toString"));  // a namespace has no prototype
}

TEST_F(ModuleTest, ExportsThatHaveNoValueYet) {
  const Module module =
      declare("export const before = 1; await null; export const after = 2", "m").value();
  const Promise<> promise = module.evaluate();
  EXPECT_EQ(promise.state(), PromiseState::pending);
  EXPECT_EQ(module.get<int>("before"), 1);
  EXPECT_EQ(module.try_get("after").error().name(), "ReferenceError");
  EXPECT_THAT(module.names(), ::testing::ElementsAre("after", "before"));
  EXPECT_THROW(
      {
        for (auto [name, value] : module.entries()) (void)value;
      },
      Error);
  runtime.run();
  EXPECT_EQ(module.get<int>("after"), 2);
}

TEST_F(ModuleTest, OneModuleOfAName) {
  const Module first = declare("export default 1", "m").value();
  const Error again = declare("export default 2", "m").error();
  EXPECT_THAT(again.message(), ::testing::HasSubstr("has a module 'm' already"));
  EXPECT_THROW((void)with([](Ctx ctx) { return Module::declare(ctx, "1", "m"); }), Error);
  EXPECT_FALSE(run("1", "m"));
  sources["imported"] = "export default 1";
  ASSERT_TRUE(run("import 'imported'"));
  EXPECT_FALSE(declare("1", "imported"));
  EXPECT_FALSE(run("1", "main"));
  // nor while it is being loaded
  std::string heard;
  runtime.set_loader([](std::string_view, std::string_view name) { return std::string(name); },
                     [&](std::string_view) {
                       heard = show(run("1", "loading")).text;
                       return std::string();
                     });
  ASSERT_TRUE(run("import 'other'", "loading"));
  EXPECT_THAT(heard, ::testing::HasSubstr("is being loaded"));
  // a name that no module got is free
  EXPECT_FALSE(declare("let let", "free"));
  EXPECT_TRUE(declare("1", "free"));
  // and that of another context is
  const Context second(runtime);
  EXPECT_TRUE(second.with([](Ctx ctx) { return Module::try_declare(ctx, "1", "m"); }));
  for (const std::string& name : {std::string(), std::string("a\0b", 3)}) {
    EXPECT_EQ(declare("1", name).error().name(), "TypeError");
  }
}

TEST_F(ModuleTest, WhatCannotBeDeclared) {
  const Error syntax = declare("\n\n1 +", "syntax").error();
  EXPECT_EQ(syntax.name(), "SyntaxError");
  EXPECT_EQ(syntax.file(), "syntax");
  EXPECT_EQ(show(declare("import 'missing'", "m")).text, "ReferenceError: no module missing");
  with([](Ctx ctx) {
    EXPECT_FALSE(Module::find(ctx, "m"));
    EXPECT_FALSE(Module::find(ctx, "missing"));
    EXPECT_FALSE(Module::find(ctx, ""));
  });
}

TEST_F(ModuleTest, WhatCannotBeLinked) {
  const Module fine = declare("export const fine = 1", "fine").value();
  const Module module = declare("import {fine} from 'fine'; import {no} from 'fine'", "m").value();
  for (int i = 0; i < 3; ++i) {
    const Error error = module.try_evaluate().error();
    EXPECT_EQ(error.name(), "SyntaxError");
    EXPECT_THAT(error.message(), ::testing::HasSubstr("no"));
    EXPECT_EQ(module.try_exports().error().name(), "SyntaxError");
    EXPECT_EQ(module.try_meta().error().name(), "SyntaxError");
    EXPECT_FALSE(module.is_evaluated());
  }
  // its name is free again
  const Module again = declare("export const x = 1", "m").value();
  (void)again.evaluate();
  EXPECT_EQ(again.get<int>("x"), 1);
  EXPECT_FALSE(again == module);
  EXPECT_FALSE(module.try_evaluate());
}

TEST_F(ModuleTest, AModuleThatThrows) {
  const Module module = declare("export const a = 1; throw new RangeError('m'); ", "m").value();
  const Promise<> promise = module.evaluate();
  runtime.run();
  EXPECT_EQ(show(promise.try_result()).text, "RangeError: m");
  EXPECT_TRUE(module.evaluate() == promise);
  EXPECT_EQ(module.get<int>("a"), 1);
  EXPECT_EQ(show(run("import 'm'")).text, "RangeError: m");
  // after an await, in a cycle
  sources["x"] = "import 'y'; await null; throw new RangeError('x')";
  sources["y"] = "import 'x'; export const y = 1; await null";
  const Module outer = declare("import 'y'", "outer").value();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(show(finish(outer.try_evaluate())).text, "RangeError: x");
    EXPECT_EQ(show(finish(eval<Promise<>>("import('y')"))).text, "RangeError: x");
    EXPECT_EQ(show(finish(eval<Promise<>>("import('x')"))).text, "RangeError: x");
  }
}

TEST_F(ModuleTest, EvaluatedFromInsideOfItself) {
  std::vector<std::string> heard;
  std::optional<Module> module;
  define("again", [&] {
    const auto note = [&](const auto& outcome) { heard.push_back(show(outcome).text); };
    note(module->try_evaluate());
    note(module->try_exports());
    note(with([](Ctx ctx) { return ctx.try_eval_module("import 'm'", "nested"); }));
    note(with([](Ctx ctx) { return Module::try_declare(ctx, "1", "m"); }));
  });
  sources["leaf"] = "1";
  module = declare("import './leaf'; again(); export const x = 1", "m").value();
  EXPECT_TRUE(finish(module->try_evaluate()));
  ASSERT_EQ(heard.size(), 4U);
  EXPECT_THAT(heard[0], ::testing::HasSubstr("is being evaluated further up this stack"));
  EXPECT_THAT(heard[1], ::testing::HasSubstr("has not been evaluated"));
  EXPECT_THAT(heard[2], ::testing::HasSubstr("'m', which is being evaluated further up"));
  EXPECT_THAT(heard[3], ::testing::HasSubstr("already"));
  EXPECT_EQ(module->get<int>("x"), 1);
}

TEST_F(ModuleTest, UsedByAnotherThread) {
  const Module module = declare("export const x = 1", "m").value();
  std::thread([&] {
    (void)module.evaluate();
    runtime.run();
    EXPECT_EQ(module.get<int>("x"), 1);
  }).join();
  EXPECT_EQ(module.get<int>("x"), 1);
}

TEST_F(ModuleTest, ItKeepsItsContext) {
  std::optional<Context> second(runtime);
  const Module module =
      second->with([](Ctx ctx) { return Module::declare(ctx, "export const x = {}", "m"); });
  second.reset();
  runtime.run_gc();
  (void)module.evaluate();
  runtime.run();
  EXPECT_EQ(module.get<Object>("x").size(), 0U);
  EXPECT_FALSE(module.context() == context);
  with([&](Ctx) { EXPECT_EQ(module.names().size(), 1U); });
}

TEST_F(ModuleTest, AfterTheRuntime) {
  auto other = std::make_unique<Runtime>();
  std::optional<Context> there(*other);
  const Module module =
      there->with([](Ctx ctx) { return Module::declare(ctx, "export const x = 1", "m"); });
  (void)module.evaluate();
  const Module copy = module;  // NOLINT(performance-unnecessary-copy-initialization)
  other.reset();
  EXPECT_EQ(copy.name(), "m");
  EXPECT_THROW((void)module.evaluate(), RuntimeGone);
  EXPECT_THROW((void)module.is_evaluated(), RuntimeGone);
  EXPECT_THROW((void)module.meta(), RuntimeGone);
  EXPECT_THROW((void)module.exports(), RuntimeGone);
  EXPECT_THROW((void)module.names(), RuntimeGone);
  EXPECT_THROW((void)module.entries(), RuntimeGone);
  EXPECT_THROW((void)module.get("x"), RuntimeGone);
  EXPECT_EQ(copy.try_evaluate().error().kind(), ErrorKind::runtime_gone);
}

TEST_F(ModuleTest, TheRuntimeGoesWhileAModuleRuns) {
  const NoneLeft none_left;
  auto other = std::make_unique<Runtime>();
  const Context there(*other);
  there.with([&](Ctx ctx) {
    ctx.globals().set("end", [&other, counted = Counted()] { other.reset(); });
    const Module module = Module::declare(ctx, "end(); for (;;) ;", "m");
    (void)module.try_evaluate();
  });
  EXPECT_EQ(other, nullptr);
}

TEST_F(ModuleTest, AModuleOwnedByAFunctionOfItsContext) {
  const NoneLeft none_left;
  std::optional<Context> second(runtime);
  second->with([](Ctx ctx) {
    const Module module = Module::declare(ctx, "export const x = 1", "m");
    (void)module.evaluate();
    ctx.globals().set("f", [module, counted = Counted()] { return module.get<int>("x"); });
  });
  EXPECT_EQ(second->with([](Ctx ctx) { return ctx.eval<int>("f()"); }), 1);
  second.reset();
  runtime.run_gc();
  // the closure is a lambda, whose captures cannot be seen: it goes with the runtime
  runtime = Runtime();
  EXPECT_EQ(Counted::live(), 0);
}

// ---- import.meta -------------------------------------------------------------------------------

TEST_F(ModuleTest, ImportMeta) {
  std::vector<std::string> heard;
  runtime.set_import_meta([&](Ctx ctx, const Object& meta, std::string_view name) {
    heard.push_back(std::string(name) + " " + meta.get<std::string>("url") + " " +
                    (meta.get<bool>("main") ? "main" : "imported"));
    meta.set("resolve", [](const std::string& specifier) { return "resolved " + specifier; });
    meta.set("global", ctx.globals());
  });
  sources["/my folder/a#%.mjs"] = "export default import.meta.url";
  sources["data"] = ModuleSource::Text{"x"};
  ASSERT_TRUE(
      run("import url from '/my folder/a#%.mjs'; import 'data';"
          "globalThis.out = [url, import.meta.main, import.meta.resolve('x'),"
          "import.meta.global === globalThis, Object.getPrototypeOf(import.meta)].join()"));
  expect_eval("out", "string", "file:///my%20folder/a%23%25.mjs,true,resolved x,true,");
  EXPECT_THAT(heard,
              ::testing::UnorderedElementsAre(
                  "/my folder/a#%.mjs file:///my%20folder/a%23%25.mjs imported", "main main main"));
  const Module module = declare("export const meta = import.meta", "m").value();
  module.meta().set("mine", 5);
  (void)module.evaluate();
  EXPECT_TRUE(module.get<Object>("meta") == module.meta());
  EXPECT_EQ(module.get<Object>("meta").get<int>("mine"), 5);
  EXPECT_THROW((void)with([](Ctx ctx) { return Module::find(ctx, "data")->meta(); }), Error);
}

TEST_F(ModuleTest, TheImportMetaHookThrowsOrReplacesItself) {
  sources["a"] = "export const a = 1";
  runtime.set_import_meta(
      [](Ctx, const Object&, std::string_view) { throw std::out_of_range("meta"); });
  EXPECT_EQ(show(run("import 'a'")).text, "RangeError: meta");
  EXPECT_THROW((void)with([](Ctx ctx) { return ctx.eval_module("import 'a'", "main"); }),
               std::out_of_range);
  EXPECT_THROW((void)with([](Ctx ctx) { return Module::declare(ctx, "1", "main"); }),
               std::out_of_range);
  runtime.set_import_meta(
      [&, text = std::string(100, 'x')](Ctx, const Object& meta, std::string_view name) {
        runtime.set_import_meta({});
        // it may import, also what is being made
        EXPECT_THAT(show(finish(with([&](Ctx ctx) { return ctx.try_import(name); }))).text,
                    ::testing::HasSubstr("is being loaded"));
        EXPECT_TRUE(run("1", "inside"));
        meta.set("text", text);
      });
  ASSERT_TRUE(run("import {a} from 'a'; globalThis.out = a + typeof import.meta.text"));
  expect_eval("out", "string", "1undefined");
}

// ---- import from C++ ---------------------------------------------------------------------------

TEST_F(ModuleTest, ImportFromCpp) {
  sources["m"] = "export const x = await Promise.resolve(5)";
  const Promise<> promise = with([](Ctx ctx) { return ctx.import("./m", "folder/base"); });
  EXPECT_TRUE(loaded.empty());
  runtime.run();
  EXPECT_EQ(promise.result<Object>().get<int>("x"), 5);
  EXPECT_THAT(resolved, ::testing::ElementsAre("./m from folder/base"));
  const Promise<> again = with([](Ctx ctx) { return ctx.import("m"); });
  runtime.run();
  EXPECT_TRUE(again.result() == promise.result());
  EXPECT_EQ(resolved.back(), "m from ");
  EXPECT_EQ(show(finish(with([](Ctx ctx) { return ctx.try_import("missing"); }))).text,
            "ReferenceError: no module missing");
  for (const auto& [specifier, base] :
       {std::pair{std::string("a\0b", 3), std::string()}, {"a", std::string("a\0b", 3)}}) {
    EXPECT_EQ(with([&](Ctx ctx) { return ctx.try_import(specifier, base); }).error().name(),
              "TypeError");
    EXPECT_THROW((void)with([&](Ctx ctx) { return ctx.import(specifier, base); }), Error);
  }
  EXPECT_FALSE(finish(with([](Ctx ctx) { return ctx.try_import("\xFF"); })));
}

TEST_F(ModuleTest, ImportWhileAModuleRuns) {
  // from a function that a module calls while it is evaluated, of that very module
  sources["plugin"] = "import {api} from 'main'; export const answer = () => api";
  std::optional<Promise<>> plugin;
  define("plug", [&] { plugin = with([](Ctx ctx) { return ctx.import("plugin"); }); });
  ASSERT_TRUE(run("plug(); export const api = 42"));
  EXPECT_EQ(plugin->result<Object>().get<Function>("answer").call<int>(), 42);
}

TEST_F(ModuleTest, WhatTheImportMetaHookThrowsIsTheResult) {
  runtime.set_import_meta(
      [](Ctx, const Object&, std::string_view) { throw std::out_of_range("the hook"); });
  const Result<Module> declared = declare("export const a = 1", "a");
  ASSERT_FALSE(declared);
  EXPECT_EQ(show(declared.error()).text, "RangeError: the hook");
  EXPECT_EQ(show(run("export const b = 1", "b")).text, "RangeError: the hook");
  runtime.set_import_meta({});
  EXPECT_TRUE(declare("export const a = 1", "a"));
}

TEST_F(ModuleTest, EvalModuleFile) {
  const Tree tree;
  const std::filesystem::path& folder = tree.folder();
  tree.write("a.mjs", "globalThis.out = import.meta.url + import.meta.main");
  const Promise promise =
      with([&](Ctx ctx) { return ctx.eval_module_file(folder / "." / "a.mjs"); });
  runtime.run();
  EXPECT_EQ(promise.state(), PromiseState::fulfilled);
  expect_eval("out", "string",
              "file://" + std::filesystem::canonical(folder / "a.mjs").generic_string() + "true");
  EXPECT_THAT(
      with([&](Ctx ctx) { return ctx.try_eval_module_file(folder / "b.mjs"); }).error().message(),
      ::testing::HasSubstr("b.mjs"));
  EXPECT_THROW((void)with([&](Ctx ctx) { return ctx.eval_module_file(folder); }), Error);
}

TEST_F(ModuleTest, DefinedInCpp) {
  const ModuleDef definition("native", [](Exports& exports) {
    exports.value("one", 1).function("twice", [](int n) { return 2 * n; });
  });
  const Module module = with([&](Ctx ctx) { return Module::declare(ctx, definition); });
  EXPECT_EQ(module.name(), "native");
  ASSERT_TRUE(run("import {one, twice} from 'native'; globalThis.out = twice(one)"));
  expect_eval("out", "number", "2");
  EXPECT_EQ(module.get<Function>("twice").call<int>(4), 8);
  EXPECT_FALSE(with([&](Ctx ctx) { return Module::try_declare(ctx, definition); }));
  // an import that C++ got wrong does not take it away
  const Module other = with([&](Ctx ctx) {
    return Module::declare(ctx,
                           ModuleDef("other", [](Exports& exports) { exports.value("two", 2); }));
  });
  EXPECT_FALSE(run("import {three} from 'other'", "wrong"));
  ASSERT_TRUE(run("import {two} from 'other'; globalThis.out = two", "wrong"));
  EXPECT_EQ(other.get<int>("two"), 2);
}

TEST_F(ModuleTest, InABaseContext) {
  const Context base = Context::base(runtime);
  const Result<Promise<>> promise =
      base.with([](Ctx ctx) { return ctx.try_eval_module("globalThis.ran = 1", "m"); });
  runtime.run();
  // an engine may want promises for it
  EXPECT_EQ(static_cast<bool>(promise),
            base.with([](Ctx ctx) { return ctx.eval<bool>("typeof ran == 'number'"); }));
}

}  // namespace
}  // namespace quip::test
