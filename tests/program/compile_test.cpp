// `quip compile`: what it makes, and running that.
#include "run.hpp"
#include "support/tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace quip::test {

namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

/// A folder for one test.
class CompileTest : public testing::Test {
 protected:
  void write(const std::string& name, std::string_view text) const { tree.write(name, text); }
  [[nodiscard]] Outcome quip(const std::vector<std::string>& arguments) const {
    return run(QUIP_PROGRAM, arguments, folder);
  }
  /// Compiles without a word.
  void compile(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "compile");
    const Outcome outcome = quip(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err + outcome.out, "");
  }
  void write_shop() const {
    write("src/main.mjs",
          "import { total } from './lib/total.mjs';\n"
          "console.log(total([1, 2]), scriptArgs, import.meta.main, import.meta.url);\n");
    write("src/lib/total.mjs",
          "import { add } from '../../shared/add.mjs';\n"
          "export const total = (all) => all.reduce(add, 0);\n");
    write("shared/add.mjs", "export const add = (a, b) => a + b;\n");
  }

  const Tree tree;
  const fs::path& folder = tree.folder();
};

TEST_F(CompileTest, ABundleNeedsNoneOfItsSources) {
  write_shop();
  compile({"-o", "shop.qjsb", "src/main.mjs"});
  fs::remove_all(folder / "src");
  fs::remove_all(folder / "shared");
  const Outcome outcome = quip({"shop.qjsb", "-x"});
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out, "3 [ 'shop.qjsb', '-x' ] true main.mjs\n");
  EXPECT_EQ(outcome.exit_code, 0);
}

TEST_F(CompileTest, ABundleDoesNotTellWhereItWasMade) {
  write_shop();
  compile({"src/main.mjs"});
  const std::string bundle = read(folder / "src/main.qjsb");
  EXPECT_THAT(bundle, Not(HasSubstr(folder.generic_string())));
  EXPECT_THAT(bundle, HasSubstr("../shared/add.mjs"));
  compile({"--root", ".", "src/main.mjs"});
  EXPECT_THAT(read(folder / "src/main.qjsb"), HasSubstr("src/lib/total.mjs"));
}

TEST_F(CompileTest, ErrorsOfARunHaveTheirPlace) {
  write("main.mjs", "import './deep.mjs'");
  write("deep.mjs", "\nthrow new TypeError('too deep');");
  compile({"-o", "app", "main.mjs"});
  const Outcome outcome = quip({"app"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, StartsWith("deep.mjs:2:"));
  EXPECT_THAT(outcome.err, HasSubstr("TypeError: too deep"));
}

TEST_F(CompileTest, WhatImportCallsNameIsListed) {
  write("main.mjs",
        "for (const name of ['a', 'b']) {\n"
        "  try { console.log((await import('./parts/' + name + '.mjs')).default); }\n"
        "  catch (error) { console.log(error.name); }\n"
        "}\n");
  write("parts/a.mjs", "export default 'part a'");
  compile({"-o", "app.qjsb", "main.mjs", "parts/a.mjs"});
  fs::remove_all(folder / "parts");
  EXPECT_EQ(quip({"app.qjsb"}).out, "part a\nReferenceError\n");
}

TEST_F(CompileTest, ExternalModulesAreFilesBesideWhoRunsIt) {
  write("src/main.mjs", "import { setting } from './settings.mjs'; console.log(setting);");
  compile({"-o", "app.qjsb", "--external", "./settings.mjs", "src/main.mjs"});
  const Outcome without = quip({"app.qjsb"});
  EXPECT_EQ(without.exit_code, 1);
  EXPECT_THAT(without.err, HasSubstr("settings.mjs"));
  write("settings.mjs", "export const setting = 'set';");
  EXPECT_EQ(quip({"app.qjsb"}).out, "set\n");
}

TEST_F(CompileTest, TextAndDebugDataCanBeLeftOut) {
  write("main.mjs",
        "function secret() { /* nobody sees this */ throw new Error('no'); }\n"
        "console.log(String(secret).includes('nobody'));\nsecret();\n");
  compile({"-o", "whole", "main.mjs"});
  compile({"-o", "small", "--strip-source", "main.mjs"});
  compile({"-o", "bare", "--strip-debug", "main.mjs"});
  EXPECT_THAT(read(folder / "whole"), HasSubstr("nobody sees this"));
  EXPECT_THAT(read(folder / "small"), Not(HasSubstr("nobody sees this")));
  EXPECT_THAT(read(folder / "bare"), Not(HasSubstr("nobody sees this")));
  EXPECT_LT(fs::file_size(folder / "bare"), fs::file_size(folder / "small"));
  EXPECT_EQ(quip({"whole"}).out, "true\n");
  const Outcome small = quip({"small"});
  EXPECT_EQ(small.out, "false\n");
  EXPECT_THAT(small.err, StartsWith("main.mjs:1:"));
  const Outcome bare = quip({"bare"});
  EXPECT_EQ(bare.out, "false\n");
  EXPECT_THAT(bare.err, HasSubstr("Error: no"));
  EXPECT_EQ(bare.exit_code, 1);
}

TEST_F(CompileTest, DamagedAndForeignBundlesAreRefused) {
  write_shop();
  compile({"-o", "shop.qjsb", "src/main.mjs"});
  const std::string whole = read(folder / "shop.qjsb");
  write("cut", whole.substr(0, whole.size() - 3));
  write("short", whole.substr(0, 10));
  std::string flipped = whole;
  flipped[whole.size() - 9] ^= 4;
  write("flipped", flipped);
  flipped = whole;
  flipped[70] ^= 1;
  write("tables", flipped);
  for (const auto& [file, problem] : {std::pair("cut", "cut short"),
                                      {"short", "cut short"},
                                      {"flipped", "damaged in the module"},
                                      {"tables", "damaged in its header or its tables"}}) {
    const Outcome outcome = quip({file});
    EXPECT_EQ(outcome.exit_code, 1) << file;
    EXPECT_EQ(outcome.out, "") << file;
    EXPECT_THAT(outcome.err, HasSubstr(problem));
    EXPECT_THAT(outcome.err, HasSubstr(file));
  }
}

TEST_F(CompileTest, WhatCannotBeCompiledIsToldWithItsPlace) {
  write("main.mjs", "import './lib/bad.mjs'");
  write("lib/bad.mjs", "let a = 1;\nlet a = 2;\n");
  Outcome outcome = quip({"compile", "-o", "out", "main.mjs"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err,
              StartsWith("quip compile: " + (folder / "lib/bad.mjs").generic_string() + ":2"));
  EXPECT_THAT(outcome.err, HasSubstr("SyntaxError"));
  EXPECT_FALSE(fs::exists(folder / "out"));

  write("lib/bad.mjs", "import './missing.mjs'");
  outcome = quip({"compile", "-o", "out", "main.mjs"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("missing.mjs"));
  EXPECT_THAT(outcome.err, HasSubstr("bad.mjs"));

  outcome = quip({"compile", "none.mjs"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("cannot read none.mjs"));
  outcome = quip({"compile", "lib"});
  EXPECT_EQ(outcome.exit_code, 1);
  write("lib/bad.mjs", "");
  outcome = quip({"compile", "-o", "no/such/folder/out", "main.mjs"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("cannot write no/such/folder/out"));
}

TEST_F(CompileTest, DataGoesIn) {
  const bool has_attributes = quip({"--version"}).out.find("quickjs-ng") != std::string::npos;
  write("data.json", "{\"a\": [1, {\"b\": 2}]}");
  write("main.mjs", std::string("import data from './data.json'") +
                        (has_attributes ? " with { type: 'json' };" : ";") + "console.log(data);");
  compile({"-o", "app.qjsb", "main.mjs"});
  fs::remove(folder / "data.json");
  const Outcome outcome = quip({"app.qjsb"});
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out, "{ a: [ 1, { b: 2 } ] }\n");
}

TEST_F(CompileTest, PackagesGoIn) {
  write("node_modules/left/package.json",
        "{\"name\": \"left\", \"type\": \"module\", \"exports\": \"./left.js\"}");
  write("node_modules/left/left.js", "export default (text) => '<' + text;");
  write("main.mjs", "import left from 'left'; console.log(left('x'));");
  compile({"-o", "app.qjsb", "main.mjs"});
  fs::remove_all(folder / "node_modules");
  const Outcome outcome = quip({"app.qjsb"});
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(outcome.out, "<x\n");
}

TEST_F(CompileTest, ARuleForMakeNamesAllModules) {
  write_shop();
  fs::rename(folder / "shared/add.mjs", folder / "shared/a b.mjs");
  write("src/lib/total.mjs", "import '../../shared/a b.mjs'; export const total = () => 0;");
  compile({"-o", "out.qjsb", "--depfile", "out.d", "src/main.mjs"});
  EXPECT_EQ(read(folder / "out.d"),
            "out.qjsb: \\\n  " + (folder / "src/main.mjs").generic_string() + " \\\n  " +
                (folder / "src/lib/total.mjs").generic_string() + " \\\n  " +
                (folder / "shared/a\\ b.mjs").generic_string() + "\n");
}

TEST_F(CompileTest, TheRuleForMakeNamesThePackagesThatDecided) {
  write("package.json", R"({"type": "module"})");
  write("node_modules/dep/package.json", R"({"name": "dep", "exports": "./lib/index.mjs"})");
  write("node_modules/dep/lib/index.mjs", "export const x = 1;");
  write("main.mjs", "import { x } from 'dep'; export { x };");
  compile({"-o", "out.qjsb", "--depfile", "out.d", "main.mjs"});
  const std::string rule = read(folder / "out.d");
  for (const char* name : {"package.json", "node_modules/dep/package.json", "main.mjs",
                           "node_modules/dep/lib/index.mjs"}) {
    EXPECT_THAT(rule, HasSubstr("  " + (folder / name).generic_string())) << name;
  }
}

TEST_F(CompileTest, CppIsWrittenForPrograms) {
  write("main.mjs", "export {}");
  compile({"-o", "app.cpp", "--embed", "my::app", "main.mjs"});
  const std::string text = read(folder / "app.cpp");
  EXPECT_THAT(text, HasSubstr("namespace my {"));
  EXPECT_THAT(text, HasSubstr("quip::Bundle app()"));
  for (const char* name : {"1a", "a b", "a::", "::a", "a:b", "a;", ""}) {
    const Outcome outcome = quip({"compile", "-o", "x.cpp", "--embed", name, "main.mjs"});
    EXPECT_EQ(outcome.exit_code, *name == '\0' ? 0 : 2) << name;
  }
}

TEST_F(CompileTest, TheCommandLine) {
  EXPECT_THAT(quip({"compile", "--help"}).out, StartsWith("usage: quip compile"));
  EXPECT_THAT(quip({"--help"}).out, HasSubstr("quip compile"));
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"--none", "main.mjs"}, {"main.mjs", "-o"}, {"--"}}) {
    std::vector<std::string> all{"compile"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    const Outcome outcome = quip(all);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_THAT(outcome.err, HasSubstr("quip compile --help"));
  }
  // a file of that name is a path
  write("compile", "console.log('a file')");
  EXPECT_EQ(quip({"./compile"}).out, "a file\n");
}

}  // namespace

}  // namespace quip::test
