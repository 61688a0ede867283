// ImportMap: the rules of HTML's import maps, over names of modules.
#include "support/js.hpp"
#include "support/tree.hpp"

#include <string>
#include <vector>

namespace quip::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// The address, "-" for none, or "Error: message".
std::string find(const ImportMap& map, std::string_view base, std::string_view specifier) {
  const Result<std::optional<std::string>> address = map.try_resolve(base, specifier);
  if (!address) return show(address.error()).text;
  return address->value_or("-");
}

struct Row {
  const char* specifier;
  const char* address;
};

void expect_rows(const ImportMap& map, std::string_view base, std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    if (std::string_view(row.address) == "TypeError") {
      EXPECT_THAT(find(map, base, row.specifier),
                  AllOf(StartsWith("TypeError: "), HasSubstr(row.specifier)));
    } else {
      EXPECT_EQ(find(map, base, row.specifier), row.address) << row.specifier << " from " << base;
    }
  }
}

TEST(ImportMapTest, BareNamesAndPrefixes) {
  const ImportMap map = ImportMap::parse(R"({"imports": {
      "moment": "/node_modules/moment/src/moment.js",
      "lodash": "./vendor/lodash.js",
      "lodash/": "./vendor/lodash/",
      "lodash/fp": "/fp.mjs",
      "up": "../shared/up.js",
      "console": "quip:console",
      "cdn": "https://cdn.example/x/../y.js",
      "cdn/": "https://cdn.example/pkg/",
      "file": "file:///opt/a%20b.js",
      "": "/never.js"
  }})",
                                         "/srv/app/imports.json");
  expect_rows(map, "/srv/app/main.js",
              {{"moment", "/node_modules/moment/src/moment.js"},
               {"lodash", "/srv/app/vendor/lodash.js"},
               {"lodash/map.js", "/srv/app/vendor/lodash/map.js"},
               {"lodash/a/b/../c.js", "/srv/app/vendor/lodash/a/c.js"},
               {"lodash/", "/srv/app/vendor/lodash/"},
               {"lodash/fp", "/fp.mjs"},
               {"lodash/fp/x", "/srv/app/vendor/lodash/fp/x"},
               {"up", "/srv/shared/up.js"},
               {"console", "quip:console"},
               {"cdn", "https://cdn.example/y.js"},
               {"cdn/a.js", "https://cdn.example/pkg/a.js"},
               {"file", "/opt/a b.js"},
               {"moment/x", "-"},
               {"Lodash", "-"},
               {"lodashx", "-"},
               {"", "-"},
               {"./other.js", "-"},
               {"/other.js", "-"}});
  EXPECT_THAT(map.warnings(), ElementsAre(HasSubstr("empty")));
}

TEST(ImportMapTest, SpecifiersLikeUrlsAreKeysToo) {
  const ImportMap map = ImportMap::parse(R"({"imports": {
      "./helpers/": "./fast/",
      "./a.js": "./b.js",
      "/lib/x.js": "./x.js",
      "https://h/old.js": "/new.js",
      "https://h/dir/": "https://h/other/",
      "quip:a": "/a.js",
      "quip:dir/": "/dir/",
      "file:///srv/f.js": "/f2.js"
  }})",
                                         "/srv/map.json");
  // by what they mean, whatever they are written as
  expect_rows(map, "/srv/deep/main.js",
              {{"../a.js", "/srv/b.js"},
               {"./../a.js", "/srv/b.js"},
               {"/srv/a.js", "/srv/b.js"},
               {"file:///srv/a.js", "/srv/b.js"},
               {"./a.js", "-"},
               {"../helpers/x/y.js", "/srv/fast/x/y.js"},
               {"/lib/x.js", "/srv/x.js"},
               {"https://h/old.js", "/new.js"},
               {"HTTPS://H/old.js", "/new.js"},
               {"https://h/x/../old.js", "/new.js"},
               {"https://h/dir/y.js", "https://h/other/y.js"},
               {"quip:a", "/a.js"},
               // a prefix of a URL that has no folders is none
               {"quip:dir/x.js", "-"},
               {"../f.js", "/f2.js"}});
}

TEST(ImportMapTest, TheLongestPrefixWins) {
  for (const char* text :
       {R"({"imports": {"a": "/1", "a/": "/2/", "a/b": "/3", "a/b/": "/4/"}})",
        R"({"imports": {"a/b/": "/4/", "a/b": "/3", "a/": "/2/", "a": "/1"}})"}) {
    const ImportMap map = ImportMap::parse(text, "/m");
    expect_rows(map, "/main.js",
                {{"a", "/1"},
                 {"a/", "/2/"},
                 {"a/x", "/2/x"},
                 {"a/b", "/3"},
                 {"a/b/", "/4/"},
                 {"a/b/c", "/4/c"},
                 {"a/bc", "/2/bc"}});
  }
}

TEST(ImportMapTest, ScopesByTheImportingModule) {
  const ImportMap map = ImportMap::parse(R"({
    "imports": {"a": "/a-1.mjs", "b": "/b-1.mjs", "c": "/c-1.mjs", "d/": "/d-1/"},
    "scopes": {
      "/scope2/": {"a": "/a-2.mjs", "d/": "/d-2/"},
      "/scope2/scope3/": {"b": "/b-3.mjs", "a": "/a-3.mjs"},
      "/exact.mjs": {"a": "/a-exact.mjs"},
      "relative/": {"a": "./a-relative.mjs"},
      "https://h/": {"a": "/a-h.mjs"}
    }})",
                                         "/imports.json");
  expect_rows(map, "/scope1/foo.mjs", {{"a", "/a-1.mjs"}, {"b", "/b-1.mjs"}, {"c", "/c-1.mjs"}});
  expect_rows(map, "/scope2/foo.mjs", {{"a", "/a-2.mjs"}, {"b", "/b-1.mjs"}, {"d/x", "/d-2/x"}});
  expect_rows(map, "/scope2/scope3/foo.mjs",
              {{"a", "/a-3.mjs"}, {"b", "/b-3.mjs"}, {"c", "/c-1.mjs"}, {"d/x", "/d-2/x"}});
  expect_rows(map, "file:///scope2/foo.mjs", {{"a", "/a-2.mjs"}});
  expect_rows(map, "/scope2/x/../../scope1/foo.mjs", {{"a", "/a-1.mjs"}});
  expect_rows(map, "/exact.mjs", {{"a", "/a-exact.mjs"}});
  expect_rows(map, "/exact.mjs/x", {{"a", "/a-1.mjs"}});
  expect_rows(map, "/scope2", {{"a", "/a-1.mjs"}});
  expect_rows(map, "/relative/x", {{"a", "/a-relative.mjs"}});
  expect_rows(map, "https://h/x", {{"a", "/a-h.mjs"}});
  expect_rows(map, "main", {{"a", "/a-1.mjs"}});
}

TEST(ImportMapTest, NullBlocks) {
  const ImportMap map = ImportMap::parse(R"({
    "imports": {"no": null, "pkg/": "/pkg/", "pkg/private/": null, "pkg/private/but": "/but.js",
                "/etc/": null},
    "scopes": {"/s/": {"pkg/": null, "no": "/yes.js"}}
  })",
                                         "/m");
  expect_rows(map, "/main.js",
              {{"no", "TypeError"},
               {"pkg/a", "/pkg/a"},
               {"pkg/private/a", "TypeError"},
               {"pkg/private/but", "/but.js"},
               {"/etc/passwd", "TypeError"},
               {"./etc/passwd", "TypeError"}});
  expect_rows(map, "/s/main.js", {{"no", "/yes.js"}, {"pkg/a", "TypeError"}});
  EXPECT_THAT(map.warnings(), IsEmpty());
}

TEST(ImportMapTest, NothingLeadsOutOfThePrefixesAddress) {
  const ImportMap map = ImportMap::parse(
      R"({"imports": {"p/": "/srv/lib/", "u/": "https://h/lib/", "r/": "./lib/"}})", "");
  for (const char* specifier :
       {"p/../x", "p/a/../../x", "p//etc/passwd", "p/..", "p/\\..\\x", "p/..\\x", "p/%2e%2e/x",
        "p/.%2E/x", "p/file:///etc/passwd", "p/https://x/y", "p/C:/../../x", "u/../x", "u//x",
        "u/%2e%2e/x", "u/..\\x", "u/https://h2/", "r/../x", "r/../../x", "r//x"}) {
    EXPECT_THAT(find(map, "/main.js", specifier), StartsWith("TypeError: ")) << specifier;
  }
  expect_rows(map, "/main.js",
              {{"p/a/../b", "/srv/lib/b"},
               {"p/./b", "/srv/lib/b"},
               {"u/a/../b", "https://h/lib/b"},
               {"r/a/../b", "./lib/b"}});
}

TEST(ImportMapTest, WithoutABaseAddressesAreRelativeToTheOtherResolver) {
  const ImportMap map = ImportMap::parse(R"({
    "imports": {"x": "./lib/x", "./old": "./new", "../above": "./y", "up": "../above"},
    "scopes": {"./app/": {"x": "./lib/app-x"}}
  })");
  EXPECT_THAT(map.warnings(), ElementsAre(HasSubstr("'up'")));
  expect_rows(map, "main", {{"x", "./lib/x"}, {"./old", "./new"}, {"old", "-"}});
  expect_rows(map, "app/main", {{"x", "./lib/app-x"}, {"../old", "./new"}, {"./old", "-"}});
  expect_rows(map, "", {{"./old", "./new"}});

  BuiltinLoader builtins;
  builtins.add("lib/x", "").add("lib/app-x", "").add("other", "").add("new", "");
  const Resolver resolver = map.then(builtins);
  EXPECT_EQ(resolver("main", "x").value(), "lib/x");
  EXPECT_EQ(resolver("app/deep/main", "x").value(), "lib/app-x");
  EXPECT_EQ(resolver("app/deep/main", "other").value(), "other");
  EXPECT_EQ(resolver("app/deep", "../old").value(), "new");
}

TEST(ImportMapTest, WarningsAboutWhatIsNotUsed) {
  const ImportMap map = ImportMap::parse(R"({
    "imports": {"number": 5, "list": [], "object": {}, "bare": "bare2", "slash/": "/no-slash",
                "bad": "file://host/x", "query": "file:///x?y", "fine": "/fine.js", "empty": ""},
    "scopes": {"file://host/": {"x": "/x.js"}, "/ok/": {"y": true}},
    "integrity": {"/x.js": "sha384-x"},
    "extra": 1
  })",
                                         "/m");
  for (const char* about : {"'number'", "'list'", "'object'", "'bare'", "'slash/'", "'bad'",
                            "'query'", "'empty'", "'file://host/'", "'y'", "'extra'"}) {
    EXPECT_THAT(map.warnings(), Contains(HasSubstr(about)));
  }
  EXPECT_EQ(map.warnings().size(), 11U);
  expect_rows(map, "/main.js",
              {{"number", "TypeError"},
               {"bare", "TypeError"},
               {"slash/x", "TypeError"},
               {"bad", "TypeError"},
               {"fine", "/fine.js"},
               {"x", "-"}});
  expect_rows(map, "/ok/main.js", {{"y", "TypeError"}});
}

TEST(ImportMapTest, WhatIsNoImportMap) {
  for (const char* text :
       {"[]", "null", "1", "\"x\"", R"({"imports": []})", R"({"imports": null})",
        R"({"imports": "x"})", R"({"scopes": 1})", R"({"scopes": {"/a/": null}})",
        R"({"scopes": {"/a/": []}})", R"({"scopes": {"/a/": "x"}})", R"({"integrity": []})"}) {
    const Result<ImportMap> map = ImportMap::try_parse(text, "/m");
    ASSERT_FALSE(map) << text;
    EXPECT_EQ(map.error().name(), "TypeError") << text;
  }
  for (const char* text : {"", "{", "{'imports': {}}", "{} x", "{\"a\": undefined}"}) {
    const Result<ImportMap> map = ImportMap::try_parse(text, "/some/map.json");
    ASSERT_FALSE(map) << text;
    EXPECT_EQ(map.error().name(), "SyntaxError") << text;
    EXPECT_THAT(map.error().message(), StartsWith("/some/map.json")) << text;
  }
  EXPECT_FALSE(ImportMap::try_parse(std::string(100000, '['), "/m"));
  EXPECT_FALSE(
      ImportMap::try_parse("{\"x\":" + std::string(200, '[') + std::string(200, ']') + "}", "/m"));
  EXPECT_THROW(ImportMap::parse("[]"), Error);
  EXPECT_TRUE(ImportMap::try_parse("{}"));
  EXPECT_TRUE(ImportMap::try_parse("\xEF\xBB\xBF{}"));
  EXPECT_EQ(find(ImportMap::parse(R"({"imports": {"__proto__": "/p.js", "constructor": "/c.js"}})"),
                 "", "__proto__"),
            "/p.js");
  EXPECT_EQ(find(ImportMap::parse("{}"), "", "toString"), "-");
}

TEST(ImportMapTest, BeforeFiles) {
  const Tree tree;
  tree.write("app/imports.json", R"({
    "imports": {"tools/": "./vendor/tools/", "config": "./config.dev", "never": null},
    "scopes": {"./vendor/": {"config": "./config.vendor.js"}}
  })");
  tree.write("app/config.dev.js", "export default 'dev'");
  tree.write("app/config.vendor.js", "export default 'vendor'");
  tree.write("app/vendor/tools/x.js", "import config from 'config'; export default config");
  tree.link("linked", "app");
  const ImportMap map = ImportMap::read(tree.folder() / "linked/imports.json");
  EXPECT_THAT(map.warnings(), IsEmpty());
  Runtime runtime;
  const Context context(runtime);
  runtime.set_loader(map.then(FileResolver(tree.folder() / "app").confined()), ScriptLoader());
  const Promise<> promise = context.with([](Ctx ctx) {
    return ctx.eval_module(
        "import config from 'config'; import x from 'tools/x.js';"
        "let blocked; try { await import('never') } catch (error) { blocked = error.name }"
        "let lost; try { await import('lost') } catch (error) { lost = error.name }"
        "globalThis.out = [config, x, blocked, lost].join()",
        "main");
  });
  runtime.run();
  promise.result<void>();
  expect_eval(context, "out", "string", "dev,vendor,TypeError,ReferenceError");

  const Result<ImportMap> missing = ImportMap::try_read(tree.folder() / "missing.json");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message(), HasSubstr(tree / "missing.json"));
  EXPECT_FALSE(ImportMap::try_read(tree.folder()));
  EXPECT_THROW(ImportMap::read(tree / "missing.json"), Error);
}

TEST(ImportMapTest, WhatItHandsOn) {
  std::vector<std::string> asked;
  const auto next = [&](std::string_view base, std::string_view specifier,
                        const ImportAttributes& attributes) -> Result<std::string> {
    asked.push_back(std::string(base) + " " + std::string(specifier) + " " +
                    std::string(attributes.type()));
    return std::string("name");
  };
  const Resolver resolver =
      ImportMap::parse(R"({"imports": {"x": "/x.js", "no": null}})", "/m").then(next);
  EXPECT_EQ(resolver("/a.js", "x", ImportAttributes({{"type", "json"}})).value(), "name");
  EXPECT_TRUE(resolver("/a.js", "./other"));
  EXPECT_TRUE(resolver("main", "bare"));
  EXPECT_FALSE(resolver("/a.js", "no"));
  EXPECT_THAT(asked, ElementsAre("/a.js /x.js json", "/a.js ./other ", "main bare "));
  EXPECT_FALSE(ImportMap::parse("{}").then(Resolver())("", "x"));
}

}  // namespace
}  // namespace quip::test
