// BuiltinResolver and BuiltinLoader: modules that are known by name.
#include "support/js.hpp"

#include <string>

namespace quip::test {
namespace {

using ::testing::HasSubstr;

std::string find(const Resolver& resolver, std::string_view base, std::string_view specifier) {
  const Result<std::string> name = resolver(base, specifier);
  return name ? *name : show(name.error()).text;
}

TEST(BuiltinResolverTest, NamesAndRelativeOnes) {
  const BuiltinResolver builtins = {"a",        "lib/a",    "lib/b",       "lib/deep/c",
                                    "quip:x/y", "quip:x/z", "https://h/a", "https://h/b",
                                    "/abs/a",   ".hidden"};
  struct Row {
    const char* base;
    const char* specifier;
    const char* found;
  };
  for (const Row& row : {Row{"main", "a", "a"},
                         {"lib/a", "a", "a"},
                         {"lib/a", "./b", "lib/b"},
                         {"lib/a", ".//b", "lib/b"},
                         {"lib/a", "./deep/c", "lib/deep/c"},
                         {"lib/deep/c", "../b", "lib/b"},
                         {"lib/deep/c", "../../a", "a"},
                         {"lib/a", "../a", "a"},
                         {"lib/a", "./deep/../b", "lib/b"},
                         {"main", "./a", "a"},
                         {"", "./a", "a"},
                         {"main", "lib/a", "lib/a"},
                         {"quip:x/y", "./z", "quip:x/z"},
                         {"https://h/a", "./b", "https://h/b"},
                         {"https://h/a", "../../b", "https://h/b"},
                         {"/abs/x", "./a", "/abs/a"},
                         {"lib/a", ".hidden", ".hidden"}}) {
    EXPECT_EQ(find(builtins, row.base, row.specifier), row.found)
        << row.specifier << " from " << row.base;
  }
  EXPECT_EQ(find(builtins, "lib/a", "./x"),
            "ReferenceError: cannot find module './x' imported from 'lib/a': no module 'lib/x' is "
            "built in");
  for (const char* missing :
       {"b", "", ".", "..", "./", "../..", "../../../a", "A", "a/", "lib/./a", "/a", "a\\b"}) {
    EXPECT_THAT(find(builtins, "lib/deep/c", missing), HasSubstr("is built in")) << missing;
  }
  // a path that leads above where names begin is none of them
  EXPECT_THAT(find(builtins, "lib/a", "../../a"), HasSubstr("is built in"));
}

TEST(BuiltinResolverTest, CopiesShareTheSet) {
  BuiltinResolver builtins;
  const Resolver resolver = builtins;
  EXPECT_THAT(find(resolver, "", "late"), HasSubstr("ReferenceError"));
  builtins.add("early").add("late");
  EXPECT_EQ(find(resolver, "", "late"), "late");
}

TEST(BuiltinResolverTest, NamesThatNoImportCouldSay) {
  for (const std::string& name : {std::string(), std::string("./a"), std::string("../a"),
                                  std::string("."), std::string("a\0b", 3)}) {
    EXPECT_THROW(BuiltinResolver().add(name), Error);
    EXPECT_THROW(BuiltinLoader().add(name, "1"), Error);
  }
}

class BuiltinLoaderTest : public JsTest {
 protected:
  Result<Value> run(const Context& in, const std::string& source) {
    const Result<Promise<>> promise = in.with(
        [&](Ctx ctx) { return ctx.try_eval_module(source, "main" + std::to_string(++runs)); });
    if (!promise) return promise.error();
    runtime.run();
    return promise->try_result();
  }
  int runs = 0;
};

TEST_F(BuiltinLoaderTest, OneObjectFindsAndLoads) {
  BuiltinLoader builtins;
  builtins.add("lib/a", "import b from './b'; export default 'a' + b")
      .add("lib/b", ModuleSource("export default 'b'"));
  runtime.set_loader(builtins, builtins);
  ASSERT_TRUE(run(context, "import a from 'lib/a'; globalThis.out = a"));
  expect_eval("out", "string", "ab");
  EXPECT_EQ(show(run(context, "import 'lib/c'")).text,
            "ReferenceError: cannot find module 'lib/c' imported from 'main2': no module of that "
            "name is built in");
}

TEST_F(BuiltinLoaderTest, EntriesStayForTheNextContext) {
  BuiltinLoader builtins;
  builtins.add("m", "globalThis.runs = (globalThis.runs ?? 0) + 1");
  runtime.set_loader(builtins, builtins);
  for (int i = 0; i < 3; ++i) {
    const Context other(runtime);
    ASSERT_TRUE(run(other, "import 'm'"));
    ASSERT_TRUE(run(other, "import 'm'"));
    expect_eval(other, "runs", "number", "1");
  }
  // one that is added again is for contexts that do not have it yet
  ASSERT_TRUE(run(context, "import 'm'"));
  builtins.add("m", "globalThis.runs = 'new'").add("late", "globalThis.late = true");
  ASSERT_TRUE(run(context, "import 'm'; import 'late'"));
  expect_eval("runs + ',' + late", "string", "1,true");
  const Context other(runtime);
  ASSERT_TRUE(run(other, "import 'm'"));
  expect_eval(other, "runs", "string", "new");
}

TEST_F(BuiltinLoaderTest, ModulesOfCpp) {
  const ModuleDef definition("app/native", [](Exports& exports) {
    exports.value("answer", 42).function("twice", [](int n) { return 2 * n; });
  });
  ModuleLoader loader;
  loader.add(definition).add("by/another/name", definition);
  runtime.set_loader(loader, loader);
  ASSERT_TRUE(run(context,
                  "import {answer, twice} from 'app/native'; import * as other from "
                  "'by/another/name'; globalThis.out = twice(answer) + other.twice(1)"));
  expect_eval("out", "number", "86");
}

TEST_F(BuiltinLoaderTest, TheTypeThatIsAskedForMustBeThatOfTheModule) {
  BuiltinLoader builtins;
  builtins.add("code", "1")
      .add("json", ModuleSource::Json{"{}"})
      .add("text", ModuleSource::Text{"t"})
      .add("bytes", ModuleSource::Bytes{});
  for (const char* name : {"code", "json", "text", "bytes"}) {
    EXPECT_TRUE(builtins(name)) << name;
    for (const char* type : {"json", "text", "bytes", "css", ""}) {
      const Result<ModuleSource> source = builtins(name, ImportAttributes({{"type", type}}));
      EXPECT_EQ(source.has_value(), std::string(type).empty() || std::string(name) == type);
      if (!source) {
        EXPECT_EQ(source.error().name(), "TypeError");
        EXPECT_THAT(source.error().message(), HasSubstr("'" + std::string(name) + "'"));
      }
    }
  }
  EXPECT_EQ(show(builtins("other")).text, "ReferenceError: no module 'other' is built in");
}

TEST_F(BuiltinLoaderTest, BeforeFiles) {
  BuiltinLoader builtins;
  builtins.add("app", "export default 'built in'");
  runtime.set_loader(resolvers(builtins, FileResolver()), loaders(builtins, ScriptLoader()));
  ASSERT_TRUE(run(context, "import app from 'app'; globalThis.out = app"));
  expect_eval("out", "string", "built in");
  EXPECT_THAT(show(run(context, "import './not/there.mjs'")).text,
              ::testing::AllOf(HasSubstr("is built in"), HasSubstr("not/there.mjs")));
}

}  // namespace
}  // namespace quip::test
