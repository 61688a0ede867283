// Modules: how imports find, read and share them.
#include "module/modules.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace quip::test {
namespace {

using LoaderTest = TableOfModules;

TEST_F(LoaderTest, ImportsAreResolvedLoadedAndLinked) {
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

TEST_F(LoaderTest, OneFileByTwoSpecifiersIsOneModule) {
  sources["m"] = "globalThis.runs = (globalThis.runs ?? 0) + 1; export const object = {}";
  ASSERT_TRUE(run(
      "import {object as a} from 'm'; import {object as b} from './m'; globalThis.same = a === b"));
  expect_eval("`${same} ${runs}`", "string", "true 1");
  EXPECT_EQ(loaded.size(), 1U);
  ASSERT_TRUE(run("import {object} from 'm'; globalThis.again = object", "second"));
  expect_eval("runs", "number", "1");
}

TEST_F(LoaderTest, CyclesOfImports) {
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

TEST_F(LoaderTest, TopLevelAwait) {
  sources["slow"] = "await null; await null; export const value = await Promise.resolve(5)";
  const Promise<> promise = with([](Ctx ctx) {
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

TEST_F(LoaderTest, DynamicImport) {
  sources["m"] = "export default 7; export const base = import.meta.url";
  ASSERT_TRUE(run("globalThis.out = (await import('./m')).default; globalThis.m = import('m')"));
  expect_eval("out", "number", "7");
  // from a script too, whose name is the base
  const Promise<> promise = with([](Ctx ctx) {
    return ctx.eval<Promise<>>("import('./m').then(m => m.base)", {.filename = "script.js"});
  });
  runtime.run();
  EXPECT_EQ(promise.result<std::string>(), "m");
  EXPECT_EQ(resolved.back(), "./m from script.js");
  const Promise<> missing = eval<Promise<>>("import('missing').catch(e => `${e}`)");
  runtime.run();
  EXPECT_EQ(missing.result<std::string>(), "ReferenceError: no module missing");
}

TEST_F(LoaderTest, ImportMeta) {
  sources["/abs/m.mjs"] = "export default [import.meta.url, import.meta.main].join()";
  ASSERT_TRUE(
      run("import m from '/abs/m.mjs'; globalThis.out = [m, import.meta.url, "
          "import.meta.main].join()"));
  expect_eval("out", "string", "file:///abs/m.mjs,false,main,true");
}

TEST_F(LoaderTest, ErrorsInModules) {
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

TEST_F(LoaderTest, CppExceptionsOfTheResolverAndTheLoader) {
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
  const Promise<> promise = eval<Promise<>>("import('x')");
  runtime.run();
  EXPECT_THROW((void)promise.result(), std::out_of_range);
  runtime.set_loader(same, text);
  EXPECT_TRUE(load());
}

TEST_F(LoaderTest, WithoutALoaderImportsFail) {
  runtime.set_loader({}, {});
  EXPECT_FALSE(run("import 'x'"));
  EXPECT_TRUE(run("export const fine = 1", "alone"));
  Runtime fresh;
  const Context fresh_context(fresh);
  EXPECT_FALSE(fresh_context.with([](Ctx ctx) { return ctx.try_eval_module("import 'x'", "m"); }));
  const Promise promise =
      fresh_context.with([](Ctx ctx) { return ctx.eval<Promise<>>("import('x')"); });
  fresh.run();
  EXPECT_EQ(promise.state(), PromiseState::rejected);
}

TEST_F(LoaderTest, TheResolverAndTheLoaderReplaceThemselves) {
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
              runtime.set_loader({}, {});
              return "export default '" + std::string(name) + text + "'";
            });
        return text;
      },
      [](std::string_view) -> Result<std::string> { return Error::plain("never asked"); });
  ASSERT_TRUE(run("import x from 'x'; globalThis.out = x.length"));
  expect_eval("out", "number", "200");
}

TEST_F(LoaderTest, TheLoaderRunsScripts) {
  const auto same = [](std::string_view, std::string_view name) -> Result<std::string> {
    return std::string(name);
  };
  runtime.set_loader(same, [this](std::string_view name) -> Result<std::string> {
    if (name == "inner") return std::string("export default 2");
    // a module while another is being linked
    const Result<Promise<>> inner = context.with([](Ctx ctx) {
      return ctx.try_eval_module("import x from 'inner'; globalThis.inner = x", "while");
    });
    EXPECT_TRUE(inner);
    return context.with(
        [](Ctx ctx) { return ctx.eval<std::string>("'export default ' + (40 + inner)"); });
  });
  ASSERT_TRUE(run("import x from 'x'; globalThis.out = x"));
  expect_eval("out", "number", "42");
}

TEST_F(LoaderTest, ModulesOfTwoContextsAreSeparate) {
  sources["m"] = "export const object = {}; globalThis.loadedHere = true";
  const Context second(runtime);
  ASSERT_TRUE(run("import {object} from 'm'; globalThis.object = object"));
  expect_eval(second, "typeof loadedHere", "string", "undefined");
  const Promise<> promise = second.with([](Ctx ctx) {
    return ctx.eval_module("import {object} from 'm'; globalThis.object = object", "main");
  });
  runtime.run();
  promise.result<void>();
  EXPECT_FALSE(eval("object") == second.with([](Ctx ctx) { return ctx.eval("object"); }));
}

TEST_F(LoaderTest, NativeFunctionsInModules) {
  const NoneLeft none_left;
  define("native", [counted = Counted()](int n) { return n * 2; });
  sources["m"] = "export const twice = native; export default native(4)";
  ASSERT_TRUE(run("import four, {twice} from 'm'; globalThis.out = four + twice(1)"));
  expect_eval("out", "number", "10");
  context = Context(runtime);
  runtime.run_gc();
}

TEST_F(LoaderTest, SourcesWithNulAndWithoutText) {
  sources["empty"] = "";
  sources["nul"] = std::string("export default 'a\0b'", 20);
  ASSERT_TRUE(run("import 'empty'; import text from 'nul'; globalThis.out = text.length"));
  expect_eval("out", "number", "3");
}

TEST_F(LoaderTest, TheFirstThatHasItIsTaken) {
  const auto only = [](std::string wanted, std::string text) {
    return [wanted = std::move(wanted),
            text = std::move(text)](std::string_view name) -> Result<std::string> {
      if (name == wanted) return text;
      return Error::plain("cannot load module '" + std::string(name) + "': only " + wanted);
    };
  };
  const Loader loader = loaders(
      only("a", "export default 'first a'"), only("a", "export default 'second a'"),
      [](std::string_view name, const ImportAttributes& attributes) -> Result<ModuleSource> {
        if (name == "t") return ModuleSource(ModuleSource::Text{"text"});
        return Error::type("no type '" + std::string(attributes.type()) + "'");
      });
  const auto same = [](std::string_view, std::string_view name) { return std::string(name); };
  runtime.set_loader(same, loader);
  ASSERT_TRUE(run("import a from 'a'; import t from 't'; globalThis.out = a + t"));
  expect_eval("out", "string", "first atext");
  // what two say alike is said once
  EXPECT_EQ(loader("b").error().message(), "cannot load module 'b':\n  - only a\n  - no type ''");
  EXPECT_EQ(loader("b").error().name(), "ReferenceError");
  EXPECT_EQ(loaders(only("a", ""))("b").error().message(), "cannot load module 'b': only a");
  EXPECT_FALSE(loaders(std::vector<Loader>())("b"));
  EXPECT_FALSE(Loader()("b"));
  EXPECT_FALSE(Loader());
  // of an exception nobody says that it is an answer
  const Loader throws =
      loaders([](std::string_view) -> Result<std::string> { throw std::out_of_range("first"); },
              only("a", ""));
  EXPECT_THROW((void)throws("a"), std::out_of_range);
}

TEST_F(LoaderTest, ResolversInOrder) {
  const auto only = [](std::string wanted, std::string answer) {
    return [wanted = std::move(wanted), answer = std::move(answer)](
               std::string_view base, std::string_view specifier) -> Result<std::string> {
      if (specifier == wanted) return answer;
      return Error::reference("cannot find module '" + std::string(specifier) +
                              "' imported from '" + std::string(base) + "': not " + wanted);
    };
  };
  const Resolver resolver =
      resolvers(only("x", "first"), only("x", "second"), only("y", "third"), Resolver());
  EXPECT_EQ(resolver("base", "x").value(), "first");
  EXPECT_EQ(resolver("base", "y").value(), "third");
  EXPECT_EQ(resolver("base", "z").error().message(),
            "cannot find module 'z' imported from 'base':\n  - not x\n  - not y\n  - there is no "
            "resolver (see Runtime::set_loader)");
  // a list in a list is one list
  EXPECT_EQ(resolvers(resolver, only("w", ""))("base", "z").error().message(),
            resolver("base", "z").error().message() + "\n  - not w");
  EXPECT_FALSE(Resolver());
  EXPECT_TRUE(static_cast<bool>(resolver));
}

TEST_F(LoaderTest, CopiesAreOneLoader) {
  const NoneLeft none_left;
  {
    const Loader loader = [n = 0, counted = Counted()](std::string_view) mutable {
      return "export default " + std::to_string(++n);
    };
    const Loader copy = loader;  // NOLINT(performance-unnecessary-copy-initialization)
    EXPECT_EQ(Counted::live(), 1);
    runtime.set_loader([](std::string_view, std::string_view name) { return std::string(name); },
                       loader);
    ASSERT_TRUE(run("import a from 'a'; import b from 'b'; globalThis.out = a + 10 * b"));
    expect_eval("out", "number", "21");
    const auto third = copy("c");
    EXPECT_EQ(std::get<ModuleSource::Script>(third->contents()).text, "export default 3");
  }
  runtime.set_loader({}, {});
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LoaderTest, NamesThatNoModuleMayHave) {
  const auto text = [](std::string_view) { return std::string("export default 1"); };
  runtime.set_loader([](std::string_view, std::string_view) { return std::string("a\0b", 3); },
                     text);
  EXPECT_THAT(show(run("import 'x'")).text,
              ::testing::AllOf(::testing::StartsWith("TypeError"), ::testing::HasSubstr("NUL")));
  runtime.set_loader([](std::string_view, std::string_view) { return std::string(); }, text);
  EXPECT_THAT(show(run("import 'x'")).text, ::testing::HasSubstr("empty"));
  EXPECT_FALSE(run("1", ""));
  EXPECT_FALSE(run("1", std::string("a\0b", 3)));
}

// ---- what failed, and is asked for again --------------------------------------------------------

TEST_F(LoaderTest, AMissingImportMayComeLater) {
  sources["a"] = "import {b} from './b'; export const a = 'a' + b";
  EXPECT_EQ(show(run("import {a} from 'a'; globalThis.out = a")).text,
            "ReferenceError: no module b");
  EXPECT_EQ(show(run("import {a} from 'a'; globalThis.out = a")).text,
            "ReferenceError: no module b");
  sources["b"] = "export const b = 'b'";
  ASSERT_TRUE(run("import {a} from 'a'; globalThis.out = a"));
  expect_eval("out", "string", "ab");
}

TEST_F(LoaderTest, AMissingImportBehindACycle) {
  // the engine has all of b when a cannot be loaded, and would believe in it
  sources["a"] = "import {b} from 'b'; import {c} from 'c'; export const a = () => b + c";
  sources["b"] = "import {a} from 'a'; export const b = 'b'; export const use = () => a()";
  EXPECT_EQ(show(run("import 'a'")).text, "ReferenceError: no module c");
  EXPECT_EQ(show(run("import 'b'", "m")).text, "ReferenceError: no module c");
  const Promise<> dynamic = eval<Promise<>>("import('b')");
  EXPECT_EQ(show(finish(dynamic)).text, "ReferenceError: no module c");
  sources["c"] = "export const c = 'c'";
  ASSERT_TRUE(run("import {use} from 'b'; globalThis.out = use()"));
  expect_eval("out", "string", "bc");
}

TEST_F(LoaderTest, WhatCannotBeLinkedMayBeSoLater) {
  sources["fine"] = "export const fine = 1";
  sources["a"] = "import {fine} from 'fine'; import {more} from 'grows'; export const a = more";
  sources["grows"] = "export const less = 1";
  const std::string use =
      "import {a} from 'a'; import {fine} from 'fine'; globalThis.out = a + fine";
  EXPECT_EQ(run(use).error().name(), "SyntaxError");
  EXPECT_EQ(run(use).error().name(), "SyntaxError");
  EXPECT_EQ(run("import 'a'", "other").error().name(), "SyntaxError");
  EXPECT_EQ(finish(eval<Promise<>>("import('a')")).error().name(), "SyntaxError");
  EXPECT_EQ(finish(eval<Promise<>>("import('a')")).error().name(), "SyntaxError");
  sources["grows"] = "export const less = 1, more = 41";
  ASSERT_TRUE(run(use));
  expect_eval("out", "number", "42");
  EXPECT_EQ(finish(eval<Promise<>>("import('a').then(m => globalThis.again = m.a)")).value(),
            eval("41"));
}

TEST_F(LoaderTest, ATextThatCannotBeParsedMayBeSoLater) {
  sources["a"] = "let let = 1";
  EXPECT_EQ(run("import 'a'").error().name(), "SyntaxError");
  sources["a"] = "export default import.meta.url";
  ASSERT_TRUE(run("import a from 'a'; globalThis.out = a"));
  expect_eval("out", "string", "a");
}

TEST_F(LoaderTest, WhatThrewStaysAsItIs) {
  sources["a"] = "globalThis.runs = (globalThis.runs ?? 0) + 1; throw new RangeError('a')";
  sources["b"] = "import 'a'; globalThis.b = true";
  for (int i = 0; i < 3; ++i) {
    const Error error = run("import 'b'", "main" + std::to_string(i)).error();
    EXPECT_EQ(show(error).text, "RangeError: a");
    EXPECT_EQ(show(finish(eval<Promise<>>("import('a')"))).text, "RangeError: a");
    EXPECT_EQ(show(finish(eval<Promise<>>("import('b')"))).text, "RangeError: a");
  }
  expect_eval("`${runs} ${typeof b}`", "string", "1 undefined");
}

TEST_F(LoaderTest, WhatAFailureLeftUnevaluatedIsEvaluatedLater) {
  sources["throws"] = "throw new RangeError('first')";
  sources["behind"] = "import './leaf'; globalThis.behind = (globalThis.behind ?? 0) + 1";
  sources["leaf"] = "globalThis.leaf = (globalThis.leaf ?? 0) + 1";
  EXPECT_EQ(show(run("import 'throws'; import 'behind'")).text, "RangeError: first");
  expect_eval("`${typeof behind} ${typeof leaf}`", "string", "undefined undefined");
  ASSERT_TRUE(run("import 'behind'", "second"));
  expect_eval("`${behind} ${leaf}`", "string", "1 1");
}

// ---- loaders that import -----------------------------------------------------------------------

TEST_F(LoaderTest, TheLoaderImportsWhatIsBeingLoaded) {
  const auto same = [](std::string_view, std::string_view name) { return std::string(name); };
  std::vector<std::string> heard;
  int depth = 0;
  runtime.set_loader(same, [&](std::string_view name) -> Result<std::string> {
    if (name == "b" && depth++ < 5) {
      // a is compiled, b is being loaded: neither can be used
      for (const std::string imported : {"a", "b", "main"}) {
        heard.push_back(
            show(run("import '" + imported + "'", imported + std::to_string(depth))).text);
        heard.push_back(show(finish(eval<Promise<>>("import('" + imported + "')"))).text);
      }
    }
    if (name == "a") return std::string("import 'b'; export const a = 1");
    return std::string("export const b = 2; import {a} from 'a'; export const c = () => a + b");
  });
  ASSERT_TRUE(run("import {c} from 'b'; import {a} from 'a'; globalThis.out = c() + a"));
  expect_eval("out", "number", "4");
  ASSERT_EQ(heard.size(), 6U);
  for (const std::string& text : heard) {
    EXPECT_THAT(text, ::testing::HasSubstr("is being loaded further up this stack"));
  }
}

TEST_F(LoaderTest, TheResolverImports) {
  int depth = 0;
  runtime.set_loader(
      [&](std::string_view, std::string_view name) -> Result<std::string> {
        if (depth++ == 0) {
          EXPECT_TRUE(run("import {x} from 'x'; globalThis.inner = x", "inside"));
        }
        return std::string(name);
      },
      [](std::string_view name) { return "export const " + std::string(name) + " = 1"; });
  ASSERT_TRUE(run("import {x} from 'x'; import {y} from 'y'; globalThis.out = x + y"));
  expect_eval("out + inner", "number", "3");
}

TEST_F(LoaderTest, TheContextGoesWhileItsModulesAreLoaded) {
  auto doomed = std::make_unique<Context>(runtime);
  runtime.set_loader(
      [&](std::string_view, std::string_view name) {
        doomed.reset();
        return std::string(name);
      },
      [&](std::string_view) {
        runtime.run_gc();
        return std::string("export default 1");
      });
  JsTest::with([&](Ctx) {
    const Promise<> promise = Context(*doomed).with(
        [](Ctx ctx) { return ctx.eval<Promise<>>("import('x').then(m => m.default)"); });
    runtime.run();
    EXPECT_EQ(promise.result<int>(), 1);
  });
  doomed = std::make_unique<Context>(runtime);
  const Promise<> promise = Context(*doomed).with(
      [](Ctx ctx) { return ctx.eval_module("import x from 'x'; globalThis.x = x", "main"); });
  runtime.run();
  EXPECT_EQ(promise.state(), PromiseState::fulfilled);
}

TEST_F(LoaderTest, JobsRunInsideOfAModule) {
  // import() of what is being evaluated would have the engine abort
  define("drain", [this] { runtime.run(); });
  define("note", [this](const std::string& text) { resolved.push_back(text); });
  sources["a"] =
      "import('main').catch(e => note(String(e))); import('a').catch(e => note(String(e)));"
      "import('other').then(m => note('other ' + m.x)); drain(); export const a = 1";
  sources["other"] = "export const x = 5";
  ASSERT_TRUE(run("import {a} from 'a'; globalThis.out = a"));
  expect_eval("out", "number", "1");
  EXPECT_THAT(resolved, ::testing::Contains("other 5"));
  EXPECT_EQ(std::ranges::count_if(resolved,
                                  [](const std::string& text) {
                                    return text.ends_with(
                                        "is being evaluated further up this "
                                        "stack");
                                  }),
            2);
  // afterwards it can be imported
  EXPECT_TRUE(finish(eval<Promise<>>("import('main')")));
}

TEST_F(LoaderTest, DynamicImportInCodeThatWasMadeOfText) {
  sources["m"] = "export const m = 'm'";
  sources["folder/a"] =
      "export const direct = await eval(\"import('./m')\");"
      "export const made = await new Function(\"return import('./m')\")();"
      "export const arrow = await (() => import('./m'))();"
      "export const indirect = await (0, eval)(\"import('./m').catch(e => e)\")";
  ASSERT_TRUE(
      run("import * as all from 'folder/a';"
          "globalThis.out = [all.direct.m, all.made.m, all.arrow.m].join();"
          "globalThis.indirect = all.indirect.m ?? all.indirect.name"));
  expect_eval("out", "string", "m,m,m");
  // an engine may not know what such code is a part of: then there is no base, or no import
  EXPECT_THAT(eval<std::string>("indirect"), ::testing::AnyOf("m", "TypeError"));
  EXPECT_THAT(resolved, ::testing::Each(::testing::AnyOf("./m from folder/a", "./m from ",
                                                         "folder/a from main")));
  EXPECT_THAT(resolved, ::testing::Contains("./m from folder/a"));
}

TEST_F(LoaderTest, ManyFailuresLeaveNothing) {
  for (int i = 0; i < 50; ++i) {
    EXPECT_FALSE(run("import 'nothing" + std::to_string(i) + "'"));
  }
  ASSERT_TRUE(run("globalThis.stack = new Error().stack; globalThis.url = import.meta.url"));
  expect_eval("url", "string", "main");
  EXPECT_THAT(eval<std::string>("stack"), ::testing::HasSubstr("main:1"));
}

}  // namespace
}  // namespace quip::test
