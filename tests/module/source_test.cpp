// What a loader gives: the kinds of contents, and import attributes.
#include "module/modules.hpp"

#include <cstring>

namespace quip::test {
namespace {

std::vector<std::byte> bytes_of(std::string_view text) {
  std::vector<std::byte> bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

TEST(ImportAttributesTest, KeysAndType) {
  const ImportAttributes none;
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.type(), "");
  EXPECT_EQ(none.get("type"), std::nullopt);
  const ImportAttributes json{{"type", "json"}, {"other", ""}};
  EXPECT_EQ(json.type(), "json");
  EXPECT_EQ(json.get("other"), "");
  EXPECT_EQ(json.get("Type"), std::nullopt);
  EXPECT_EQ(json.entries().size(), 2U);
  EXPECT_EQ(json, (ImportAttributes{{"type", "json"}, {"other", ""}}));
  EXPECT_NE(json, none);
}

using SourceTest = TableOfModules;

TEST_F(SourceTest, Json) {
  sources["data"] = ModuleSource::Json{R"({"a": [1, {"b": null}], "text": "ü"})"};
  ASSERT_TRUE(
      run("import data from 'data'; import again from './data';"
          "import * as all from 'data';"
          "globalThis.out = JSON.stringify(data) + (data === again) + Object.keys(all)"));
  expect_eval("out", "string", R"({"a":[1,{"b":null}],"text":"ü"}truedefault)");
  EXPECT_EQ(loaded.size(), 1U);
  // any value will do, and a script's prototypes have no part in it
  sources["number"] = ModuleSource::Json{" 5 "};
  eval(
      "Object.defineProperty(Object.prototype, 'default', { set() { throw 1 }, get() { throw 2 } "
      "})");
  ASSERT_TRUE(run("import n from 'number'; globalThis.n = n", "second"));
  expect_eval("n", "number", "5");
}

TEST_F(SourceTest, JsonThatIsNone) {
  sources["bad.json"] = ModuleSource::Json{"{\n  \"a\": ,\n}"};
  const Error error = run("import 'bad.json'").error();
  EXPECT_EQ(error.name(), "SyntaxError");
  EXPECT_THAT(error.message(), ::testing::StartsWith("module 'bad.json' is no JSON:"));
  sources["bad.json"] = ModuleSource::Json{""};
  EXPECT_FALSE(run("import 'bad.json'"));
  sources["bad.json"] = ModuleSource::Json{std::string("1\0", 2)};
  EXPECT_FALSE(run("import 'bad.json'"));
  sources["bad.json"] = ModuleSource::Json{"{\"a\": 1}"};
  ASSERT_TRUE(run("import data from 'bad.json'; globalThis.a = data.a"));
  expect_eval("a", "number", "1");
}

TEST_F(SourceTest, Text) {
  sources["text"] = ModuleSource::Text{std::string("a\0ü", 4)};
  sources["empty"] = ModuleSource::Text{};
  ASSERT_TRUE(
      run("import text from 'text'; import empty from 'empty';"
          "globalThis.out = [text.length, text.charCodeAt(1), text[2], empty === ''].join()"));
  expect_eval("out", "string", "3,0,ü,true");
}

TEST_F(SourceTest, Bytes) {
  sources["bytes"] = ModuleSource::Bytes{bytes_of(std::string_view("a\0\xFF", 3))};
  sources["none"] = ModuleSource::Bytes{};
  ASSERT_TRUE(
      run("import bytes from 'bytes'; import none from 'none'; globalThis.bytes = bytes;"
          "globalThis.out = [bytes instanceof Uint8Array, [...bytes], none.length].join()"));
  expect_eval("out", "string", "true,97,0,255,0");
  const bool is_immutable = eval<bool>("bytes.buffer.immutable === true");
  (void)try_eval("bytes[0] = 1");
  EXPECT_EQ(eval<int>("bytes[0]"), is_immutable ? 97 : 1);
}

TEST_F(SourceTest, DefinedInCpp) {
  sources["native"] = ModuleDef("called", [](Exports& exports) { exports.value("one", 1); });
  ASSERT_TRUE(run("import {one} from 'native'; globalThis.one = one"));
  expect_eval("one", "number", "1");
  // its definition is C++ of the user's, which may do what it likes
  sources["other"] = "export default 1";
  std::string heard;
  sources["curious"] = ModuleDef("curious", [&](Exports&) {
    heard = show(run("import 'other'", "inside")).text;
    throw std::out_of_range("definition");
  });
  EXPECT_EQ(show(run("import 'curious'", "m")).text, "RangeError: definition");
  EXPECT_THAT(heard, ::testing::HasSubstr("cannot be evaluated while another is being made"));
  EXPECT_TRUE(run("import 'other'", "m"));
}

// A module as C programs have it.
int set_answer(JSContext* ctx, JSModuleDef* module) {
  return ::JS_SetModuleExport(ctx, module, "answer", ::JS_NewInt32(ctx, 42));
}
JSModuleDef* load_answer(JSContext* ctx, const char* name) {
  JSModuleDef* module = ::JS_NewCModule(ctx, name, &set_answer);
  if (module != nullptr) ::JS_AddModuleExport(ctx, module, "answer");
  return module;
}

TEST_F(SourceTest, WrittenInC) {
  sources["c"] = ModuleSource::Raw{&load_answer};
  ASSERT_TRUE(run("import {answer} from 'c'; globalThis.answer = answer"));
  expect_eval("answer", "number", "42");
  sources["refuses"] = ModuleSource::Raw{[](JSContext* ctx, const char*) -> JSModuleDef* {
    ::JS_ThrowRangeError(ctx, "not here");
    return nullptr;
  }};
  EXPECT_EQ(show(run("import 'refuses'", "m")).text, "RangeError: not here");
  sources["silent"] =
      ModuleSource::Raw{[](JSContext*, const char*) -> JSModuleDef* { return nullptr; }};
  EXPECT_EQ(show(run("import 'silent'", "m")).text,
            "Error: the function of the module 'silent' gave no module");
  sources["empty"] = ModuleSource::Raw{nullptr};
  EXPECT_EQ(show(run("import 'empty'", "m")).type, "throws");
}

TEST_F(SourceTest, DataInModulesThatFailWithIt) {
  sources["data"] = ModuleSource::Text{"text"};
  sources["bad"] = "import {missing} from 'data'";
  EXPECT_EQ(run("import 'bad'").error().name(), "SyntaxError");
  sources["good"] = "export {default} from 'data'";
  ASSERT_TRUE(run("import data from 'good'; globalThis.out = data"));
  expect_eval("out", "string", "text");
  // the module of the data was never at fault
  EXPECT_EQ(std::ranges::count(loaded, "data"), 1);
}

TEST_F(SourceTest, NothingOfItIsLeft) {
  sources["data"] = ModuleSource::Json{"{}"};
  sources["unused"] = ModuleSource::Json{"[{}]"};
  ASSERT_TRUE(with([](Ctx ctx) {
    return Module::try_declare(ctx, "import 'unused'; import 'data'", "declared");
  }));
  ASSERT_TRUE(run("import data from 'data'; data.self = data"));
  context = Context(runtime);
  runtime.run_gc();
  expect_eval("1", "number", "1");
}

}  // namespace
}  // namespace quip::test
