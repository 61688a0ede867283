// Graphs of modules: what is missing, what is provided, and running what was put together.
#include "support/js.hpp"

#include <map>

namespace quip::test {
namespace {

/// "./x" is x, "up:x" is refused, all else is itself.
Result<std::string> resolve(std::string_view base, std::string_view specifier) {
  if (specifier.starts_with("up:")) {
    return Error::reference("nothing is up there, says " + std::string(base));
  }
  if (specifier.starts_with("./")) specifier.remove_prefix(2);
  return std::string(specifier);
}

class ModuleGraphTest : public JsTest {
 protected:
  /// Provides all that is missing; returns the names in the order in which they were asked for.
  std::vector<std::string> fill() {
    std::vector<std::string> asked;
    while (const auto request = graph.missing()) {
      asked.push_back(request->name);
      graph.provide(*request, sources.at(request->name));
    }
    return asked;
  }
  Result<Value> run(const std::string& main) {
    runtime.set_loader(graph, graph);
    Result<Promise<>> promise =
        context.with([&](Ctx ctx) { return ctx.try_eval_module(main, "main"); });
    if (!promise) return promise.error();
    if (Result<void> ran = runtime.try_run(); !ran) return ran.error();
    return promise->try_result();
  }

  std::map<std::string, std::string> sources;
  ModuleGraph graph{resolve};
};

TEST_F(ModuleGraphTest, AsksForEachModuleOnceAndRunsWithoutAskingAnybody) {
  sources["app"] =
      "import {b} from './b'; import * as c from 'c'; export {d} from './d';"
      "export default b + c.default;";
  sources["b"] = "import c from './c'; import './b'; export const b = 1 + c;";
  sources["c"] = "import './app'; export default 10;";
  sources["d"] = "export * from './c'; export const d = 'd';";
  EXPECT_EQ(graph.add_entry("./app"), "app");
  EXPECT_THAT(fill(), ::testing::ElementsAre("app", "b", "c", "d"));
  EXPECT_EQ(graph.missing(), std::nullopt);
  EXPECT_THAT(graph.entries(), ::testing::ElementsAre("app"));
  ASSERT_TRUE(run("import value, {d} from './app'; globalThis.out = value + d;"));
  expect_eval("out", "string", "21d");
}

TEST_F(ModuleGraphTest, ARequestTellsWhoImports) {
  graph.add_entry("app");
  EXPECT_EQ(graph.missing()->importer, "");
  graph.provide("app", "import './b'");
  EXPECT_EQ(graph.missing()->name, "b");
  EXPECT_EQ(graph.missing()->importer, "app");
  graph.provide(*graph.missing(), "");
  EXPECT_EQ(graph.missing(), std::nullopt);
}

TEST_F(ModuleGraphTest, NothingRunsAndImportCallsAreNotSeen) {
  graph.add_entry("app");
  graph.provide("app", "globalThis.ran = true; throw 1; import('./later'); await 0;");
  EXPECT_EQ(graph.missing(), std::nullopt);
  EXPECT_EQ(graph.modules().size(), 1U);
  expect_eval("typeof ran", "string", "undefined");
}

TEST_F(ModuleGraphTest, WhatOnlyImportCallsNameIsAddedAsAnEntry) {
  graph.add_entry("app");
  graph.add_entry("./later", "app");
  sources["app"] = "export const value = (await import('./later')).default;";
  sources["later"] = "export default 'came later';";
  EXPECT_THAT(fill(), ::testing::ElementsAre("app", "later"));
  ASSERT_TRUE(run("import {value} from 'app'; globalThis.out = value;"));
  expect_eval("out", "string", "came later");
}

TEST_F(ModuleGraphTest, ASyntaxErrorHasItsPlaceAndTheModuleStaysMissing) {
  graph.add_entry("app");
  const Result<void> provided = graph.try_provide("app", "import './b';\n\n  let let = 1;");
  ASSERT_FALSE(provided);
  EXPECT_EQ(provided.error().name(), "SyntaxError");
  EXPECT_EQ(provided.error().file(), "app");
  EXPECT_EQ(provided.error().line(), 3);
  EXPECT_EQ(graph.missing()->name, "app");
  EXPECT_EQ(graph.modules().size(), 1U);
  graph.provide("app", "export default 1");
  EXPECT_EQ(graph.missing(), std::nullopt);
}

TEST_F(ModuleGraphTest, WhatTheResolverRefusesIsAnErrorOfProvide) {
  graph.add_entry("app");
  const Result<void> provided = graph.try_provide("app", "import './b'; import 'up:there'");
  ASSERT_FALSE(provided);
  EXPECT_EQ(provided.error().message(), "nothing is up there, says app");
  EXPECT_EQ(graph.modules().size(), 1U);
  EXPECT_EQ(show(graph.try_add_entry("up:a", "base")),
            (Shown{"throws", "ReferenceError: nothing is up there, says base"}));
}

TEST_F(ModuleGraphTest, ExceptionsOfTheResolverAreErrors) {
  ModuleGraph throwing([](std::string_view, std::string_view specifier) -> std::string {
    if (specifier == "bad") throw std::out_of_range("bad one");
    return std::string(specifier);
  });
  throwing.add_entry("app");
  EXPECT_EQ(show(throwing.try_provide("app", "import 'bad'")),
            (Shown{"throws", "RangeError: bad one"}));
  EXPECT_EQ(show(throwing.try_add_entry("bad")), (Shown{"throws", "RangeError: bad one"}));
}

TEST_F(ModuleGraphTest, AnExternalModuleCannotBeProvided) {
  graph.external("host");
  EXPECT_FALSE(graph.try_provide("host", "import './more'"));
  EXPECT_FALSE(graph.missing()) << "the graph stays as it was";
  EXPECT_TRUE(graph.modules().empty());
}

TEST_F(ModuleGraphTest, OtherAttributesThanTheTypeAreRefused) {
  graph.add_entry("main");
  const Result<void> provided = graph.try_provide(
      "main", "import a from './x' with {k: '1'}; import b from './x' with {k: '2'}");
  ASSERT_FALSE(provided);  // an engine without attributes cannot even parse it
  EXPECT_THAT(
      provided.error().message(),
      ::testing::HasSubstr(Runtime::has_import_attributes() ? "with the attribute 'k'" : ""));
}

TEST_F(ModuleGraphTest, ExternalModulesAreLeftToTheHost) {
  graph.external("host:clock");
  graph.external("resolved");
  graph.add_entry("app");
  graph.provide("app",
                "import {now} from 'host:clock'; import x from './resolved';"
                "export default now + x;");
  EXPECT_EQ(graph.missing(), std::nullopt);
  EXPECT_EQ(graph.modules().size(), 1U);
  const Loader host = [](std::string_view name) -> Result<std::string> {
    if (name == "host:clock") return "export const now = 5;";
    if (name == "resolved") return "export default 6;";
    return Error::reference("no");
  };
  runtime.set_loader(graph, loaders(graph, host));
  const Promise<> done = context.with([](Ctx ctx) {
    return ctx.eval_module("import sum from 'app'; globalThis.sum = sum", "main");
  });
  runtime.run();
  ASSERT_EQ(done.state(), PromiseState::fulfilled);
  expect_eval("sum", "number", "11");
  EXPECT_FALSE(graph.try_provide("host:clock", ""));
}

TEST_F(ModuleGraphTest, AModuleIsProvidedOnce) {
  graph.provide("extra", "export default 'nobody asked'");
  EXPECT_EQ(graph.missing(), std::nullopt);
  const Result<void> again = graph.try_provide("extra", "");
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().message(), ::testing::HasSubstr("extra"));
  ASSERT_TRUE(run("import value from 'extra'; globalThis.out = value;"));
  expect_eval("out", "string", "nobody asked");
}

TEST_F(ModuleGraphTest, DataHasNoImports) {
  graph.add_entry("app");
  graph.provide("app", "import {a} from 'text'; import 'data.json'");
  graph.provide("text", ModuleSource(ModuleSource::Text{"import './nothing'"}));
  graph.provide("data.json", ModuleSource(ModuleSource::Json{"{\"a\": 1}"}));
  EXPECT_EQ(graph.missing(), std::nullopt);
}

TEST_F(ModuleGraphTest, BytecodeIsRefused) {
  const Result<void> provided =
      graph.try_provide("app", ModuleSource(ModuleSource::Bytecode{{}, nullptr}));
  ASSERT_FALSE(provided);
  EXPECT_THAT(provided.error().message(), ::testing::HasSubstr("bytecode"));
}

TEST_F(ModuleGraphTest, NamesOfModulesAreTexts) {
  EXPECT_FALSE(graph.try_provide("", "export {}"));
  EXPECT_FALSE(graph.try_provide(std::string_view("a\0b", 3), "export {}"));
  ModuleGraph without{Resolver()};
  EXPECT_EQ(without.try_add_entry("x").error().name(), "ReferenceError");
}

TEST_F(ModuleGraphTest, AnIncompleteGraphTellsWhatIsMissingWhenItRuns) {
  graph.add_entry("app");
  graph.provide("app", "import './b'");
  const Result<Value> ran = run("import 'app'");
  ASSERT_FALSE(ran);
  EXPECT_THAT(ran.error().message(), ::testing::HasSubstr("not provided"));
  const Result<Value> other = run("import 'app2'");
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().message(), ::testing::HasSubstr("not in the graph"));
}

TEST_F(ModuleGraphTest, TheTypeOfAnImportMakesAnotherModule) {
  if (!Runtime::has_import_attributes()) {
    graph.add_entry("app");
    EXPECT_EQ(graph.try_provide("app", "import a from './a' with {type: 'text'}").error().name(),
              "SyntaxError");
    return;
  }
  graph.add_entry("app");
  graph.provide("app",
                "import code from './a'; import text from './a' with {type: 'text'};"
                "export default code;");
  ASSERT_EQ(graph.modules().size(), 3U);
  while (const auto request = graph.missing()) {
    EXPECT_EQ(request->name, "a");
    if (request->attributes.type() == "text") {
      graph.provide(*request, ModuleSource(ModuleSource::Text{"t"}));
    } else {
      graph.provide(*request, "export default 'code'");
    }
  }
  EXPECT_TRUE(std::holds_alternative<ModuleSource::Text>(
      graph("a", ImportAttributes{{"type", "text"}})->contents()));
  EXPECT_TRUE(std::holds_alternative<ModuleSource::Script>(graph("a")->contents()));
}

TEST_F(ModuleGraphTest, WorksInsideOfARuntimeThatIsInUse) {
  with([&](Ctx ctx) {
    graph.add_entry("app");
    graph.provide("app", "import './b'; export default 1");
    graph.provide("b", "");
    EXPECT_EQ(ctx.eval<int>("1 + 1"), 2);
  });
}

TEST_F(ModuleGraphTest, CopiesShareOneGraph) {
  ModuleGraph copy = graph;
  copy.add_entry("app");
  ASSERT_NE(graph.missing(), std::nullopt);
  graph.provide("app", "");
  EXPECT_EQ(copy.missing(), std::nullopt);
}

}  // namespace
}  // namespace quip::test
