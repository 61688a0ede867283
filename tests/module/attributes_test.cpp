// Import attributes in scripts; on an engine without them, that it says so.
#include "module/modules.hpp"

namespace quip::test {
namespace {

class AttributesTest : public ModulesTest {
 protected:
  void SetUp() override {
    runtime.set_loader(
        [this](std::string_view, std::string_view specifier, const ImportAttributes& attributes) {
          asked.push_back(std::string(specifier) + " " + std::string(attributes.type()));
          return std::string(specifier);
        },
        [this](std::string_view name, const ImportAttributes& attributes) -> Result<ModuleSource> {
          loaded.push_back(std::string(name) + " " + std::string(attributes.type()));
          if (attributes.type() == "json") return ModuleSource(ModuleSource::Json{"[1]"});
          if (attributes.type() == "text") return ModuleSource(ModuleSource::Text{"[1]"});
          if (attributes.type() == "wrong" || attributes.empty()) {
            return "export default 'script'; export const url = import.meta.url";
          }
          return Error::type("no type '" + std::string(attributes.type()) + "'");
        });
  }
  std::vector<std::string> asked;
  std::vector<std::string> loaded;
};

TEST_F(AttributesTest, TheEngineHasThemOrSaysThatItHasNot) {
  const Result<Value> imported = run("import a from 'a' with {type: 'json'}; globalThis.a = a");
  const Result<Promise<>> dynamic =
      with([](Ctx ctx) { return ctx.try_import("a", "", {{"type", "json"}}); });
  EXPECT_EQ(static_cast<bool>(imported), Runtime::has_import_attributes());
  EXPECT_EQ(static_cast<bool>(dynamic), Runtime::has_import_attributes());
  if (!Runtime::has_import_attributes()) {
    EXPECT_TRUE(asked.empty());
    EXPECT_THAT(dynamic.error().message(), ::testing::HasSubstr("no import attributes"));
  } else {
    EXPECT_THAT(asked, ::testing::ElementsAre("a json"));
    EXPECT_THAT(loaded, ::testing::ElementsAre("a json"));
    expect_eval("a[0]", "number", "1");
  }
}

TEST_F(AttributesTest, TheSameFileInItsForms) {
  if (!Runtime::has_import_attributes()) {
    EXPECT_FALSE(run("import a from 'a' with { type: 'text' }"));
    return;
  }
  ASSERT_TRUE(run(R"(import json from 'a' with { type: 'json' };
    import text from 'a' with { "type": "text" };
    import script, { url } from 'a';
    const again = await import('a', { with: { type: 'json' } });
    const plain = await import('a', { with: {} });
    globalThis.out = [JSON.stringify(json), text, script, url, json === again.default,
                      plain.default].join())"));
  expect_eval("out", "string", "[1],[1],script,a,true,script");
  EXPECT_THAT(loaded, ::testing::UnorderedElementsAre("a json", "a text", "a "));
  // from C++ too
  const Promise<> json = with([](Ctx ctx) { return ctx.import("a", "", {{"type", "json"}}); });
  runtime.run();
  EXPECT_EQ(json.result<Object>().get<std::vector<int>>("default"), std::vector<int>{1});
  with([](Ctx ctx) {
    EXPECT_TRUE(Module::find(ctx, "a", "json"));
    EXPECT_TRUE(Module::find(ctx, "a"));
    EXPECT_FALSE(Module::find(ctx, "a", "bytes"));
    EXPECT_EQ(Module::find(ctx, "a", "json")->name(), "a");
    EXPECT_EQ(Module::find(ctx, "a", "json")->get<Array>("default").size(), 1U);
    EXPECT_THROW((void)Module::find(ctx, "a", "json")->meta(), Error);
  });
  EXPECT_EQ(loaded.size(), 3U);
}

TEST_F(AttributesTest, DynamicFirstAndStaticThen) {
  if (!Runtime::has_import_attributes()) {
    EXPECT_FALSE(run("await import('a', { with: { type: 'json' } }).then(m => m.default[0])"));
    return;
  }
  ASSERT_TRUE(run("globalThis.first = await import('a', { with: { type: 'json' } })"));
  ASSERT_TRUE(
      run("import * as second from 'a' with { type: 'json' };"
          "globalThis.same = first === second",
          "other"));
  expect_eval("same", "boolean", "true");
  EXPECT_EQ(loaded.size(), 1U);
}

TEST_F(AttributesTest, WhatIsRefused) {
  if (!Runtime::has_import_attributes()) {
    EXPECT_FALSE(run("import a from 'a' with { type: 'json' }"));
    return;
  }
  const auto says = [&](const Result<Value>& outcome, const char* part) {
    EXPECT_THAT(show(outcome).text,
                ::testing::AllOf(::testing::StartsWith("TypeError"), ::testing::HasSubstr(part)));
  };
  says(run("import a from 'a' with { kind: 'json' }"), "'kind' is not supported");
  says(run("import a from 'a' with { type: 'json', kind: '' }"), "'kind' is not supported");
  says(run("await import('a', { with: { kind: 'json' } })"), "'kind' is not supported");
  says(run("import a from 'a' with { type: 'css' }", "m2"), "no type 'css'");
  says(run("await import('a', { with: { type: 'css' } })", "m3"), "no type 'css'");
  // what asked for data never gets to run a script
  says(run("import a from 'a' with { type: 'wrong' }", "m4"), "is JavaScript");
  says(finish(with([](Ctx ctx) { return ctx.try_import("a", "", {{"kind", "x"}}); })),
       "'kind' is not supported");
  EXPECT_TRUE(run("import 'a'", "m5"));
}

TEST_F(AttributesTest, HostileOptionsOfImport) {
  for (const char* options :
       {"{ get with() { throw new RangeError('with') } }", "{ with: { get type() { throw 1 } } }",
        "{ with: { type: 5 } }", "{ with: 1 }", "new Proxy({}, { get() { throw 2 } })",
        "{ with: { type: '\\u0000' } }", "{ with: { type: '\\ud800' } }"}) {
    const std::string script =
        "import('a', " + std::string(options) + ").then(m => 'imported', e => 'refused')";
    const Result<Value> outcome =
        finish(with([&](Ctx ctx) { return ctx.try_eval<Promise<>>(script); }));
    if (Runtime::has_import_attributes()) {
      EXPECT_EQ(show(outcome).text, "refused") << options;
    } else {
      EXPECT_FALSE(outcome) << options;
    }
  }
}

TEST_F(AttributesTest, ErrorsAndStacksHaveTheName) {
  if (!Runtime::has_import_attributes()) {
    EXPECT_FALSE(run("import {missing} from 'a' with { type: 'json' }"));
    return;
  }
  ASSERT_TRUE(run("import 'a'"));
  const Error error = run("import {missing} from 'a' with { type: 'json' }", "second").error();
  EXPECT_EQ(error.name(), "SyntaxError");
  EXPECT_THAT(error.message(), ::testing::Not(::testing::HasSubstr("json")));
}

}  // namespace
}  // namespace quip::test
