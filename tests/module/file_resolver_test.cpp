// FileResolver: what specifiers find in the file system, and that nothing leaves a root.
#include "support/js.hpp"
#include "support/tree.hpp"

#include <string>
#include <vector>

namespace quip::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class FileResolverTest : public ::testing::Test {
 protected:
  /// The path in the tree that was found, or "Error: message".
  std::string find(const FileResolver& resolver, std::string_view base,
                   std::string_view specifier) const {
    const Result<std::string> found = resolver(base, specifier);
    if (!found) return show(found.error()).text;
    const std::string folder = tree.folder().generic_string() + '/';
    return found->starts_with(folder) ? found->substr(folder.size()) : *found;
  }
  Tree tree;
};

TEST_F(FileResolverTest, RelativeToTheImportingModule) {
  tree.write({"a.mjs", "sub/b.mjs", "sub/deep/c.mjs"});
  const FileResolver files(tree.folder());
  struct Row {
    const char* base;
    const char* specifier;
    const char* found;
  };
  const Row rows[] = {
      {"a.mjs", "./sub/b.mjs", "sub/b.mjs"},
      {"sub/b.mjs", "./deep/c.mjs", "sub/deep/c.mjs"},
      {"sub/b.mjs", "../a.mjs", "a.mjs"},
      {"sub/deep/c.mjs", "../../a.mjs", "a.mjs"},
      {"sub/deep/c.mjs", ".././../a.mjs", "a.mjs"},
      {"sub/b.mjs", ".//deep//c.mjs", "sub/deep/c.mjs"},
      {"sub/b.mjs", "./nothing/../deep/c.mjs", "sub/deep/c.mjs"},
  };
  for (const Row& row : rows) {
    // the base by its path, by its URL, and relative to the root
    EXPECT_EQ(find(files, tree / row.base, row.specifier), row.found) << row.specifier;
    EXPECT_EQ(find(files, "file://" + tree / row.base, row.specifier), row.found) << row.specifier;
    EXPECT_EQ(find(files, row.base, row.specifier), row.found) << row.specifier;
  }
  EXPECT_EQ(find(files, "<eval>", "./a.mjs"), "a.mjs");
  EXPECT_EQ(find(files, "", "./a.mjs"), "a.mjs");
}

TEST_F(FileResolverTest, AbsolutePathsAndUrls) {
  tree.write({"a.mjs", "with space.mjs", "100%.mjs", "q?.mjs", "ü.mjs", "%41.mjs"});
  const FileResolver files("/nowhere");
  EXPECT_EQ(find(files, "main", tree / "a.mjs"), "a.mjs");
  EXPECT_EQ(find(files, "main", tree / "x/../a.mjs"), "a.mjs");
  EXPECT_EQ(find(files, "main", "//" + (tree / "a.mjs")), "a.mjs");
  EXPECT_EQ(find(files, "main", tree / "with space.mjs"), "with space.mjs");
  // percent signs are what they are in a path, and are decoded once in a URL
  EXPECT_EQ(find(files, "main", tree / "%41.mjs"), "%41.mjs");
  for (const auto& [url, found] : std::vector<std::pair<std::string, std::string>>{
           {"file://" + tree / "a.mjs", "a.mjs"},
           {"file:" + tree / "a.mjs", "a.mjs"},
           {"FILE://" + tree / "a.mjs", "a.mjs"},
           {"file://localhost" + tree / "a.mjs", "a.mjs"},
           {"file://" + tree / "with%20space.mjs", "with space.mjs"},
           {"file://" + tree / "with space.mjs", "with space.mjs"},
           {"file://" + tree / "100%.mjs", "100%.mjs"},
           {"file://" + tree / "100%25.mjs", "100%.mjs"},
           {"file://" + tree / "q%3F.mjs", "q?.mjs"},
           {"file://" + tree / "%C3%BC.mjs", "ü.mjs"},
           {"file://" + tree / "%2541.mjs", "%41.mjs"},
           {"file://" + tree / "x/%2e%2e/a.mjs", "a.mjs"}}) {
    EXPECT_EQ(find(files, "main", url), found) << url;
  }
  for (const auto& [url, reason] :
       std::vector<std::pair<std::string, std::string>>{{"file://host" + tree / "a.mjs", "host"},
                                                        {"file:a.mjs", "absolute"},
                                                        {"file:", "absolute"},
                                                        {"file://", "absolute"},
                                                        {"file://localhost", "absolute"},
                                                        {"file://" + tree / "a.mjs?x", "query"},
                                                        {"file://" + tree / "a.mjs#x", "fragment"},
                                                        {"file://" + tree / "x%2Fa.mjs", "encoded"},
                                                        {"file://" + tree / "x%5ca.mjs", "encoded"},
                                                        {"file://" + tree / "a.mjs%00", "NUL"},
                                                        {"file://" + tree / "%FF.mjs", "UTF-8"}}) {
    EXPECT_THAT(find(files, "main", url), AllOf(StartsWith("ReferenceError: cannot find module '" +
                                                           url + "' imported from 'main': "),
                                                HasSubstr(reason)));
  }
}

TEST_F(FileResolverTest, PatternsInTheirOrderAndTheExactNameFirst) {
  tree.write({"both", "both.js", "one.js", "two.mjs", "two.js", "three.mjs", "x.config",
              "x.config.js", "y.config.js", "z.js.js", "libfast.so", "plain.so", "pkg/index.js"});
  const FileResolver files(tree.folder());
  EXPECT_EQ(find(files, "", "./both"), "both");
  EXPECT_EQ(find(files, "", "./one"), "one.js");
  EXPECT_EQ(find(files, "", "./one.js"), "one.js");
  EXPECT_EQ(find(files, "", "./x.config"), "x.config");
  EXPECT_EQ(find(files, "", "./y.config"), "y.config.js");
  EXPECT_EQ(find(files, "", tree / "one"), "one.js");
  EXPECT_EQ(find(files, "", "file://" + tree / "one"), "one.js");
  // a name with a known extension must be there as it is
  EXPECT_EQ(find(files, "m", "./z.js"),
            "ReferenceError: cannot find module './z.js' imported from "
            "'m': looked for '" +
                tree / "z.js'");
  tree.write({"w.mjs.js", "w.json.js", "w.so.js"});
  EXPECT_THAT(find(files, "m", "./w.mjs"), Not(HasSubstr("w.mjs.js")));
  EXPECT_THAT(find(files, "m", "./w.json"), StartsWith("ReferenceError"));
  EXPECT_EQ(find(files, "m", "./w.so"), "w.so.js");
  EXPECT_THAT(find(FileResolver(tree.folder()).pattern("{}.so"), "m", "./w.so"),
              StartsWith("ReferenceError"));
  EXPECT_EQ(find(files, "m", "./three"),
            "ReferenceError: cannot find module './three' imported from 'm': looked for '" +
                tree / "three', '" + tree / "three.js'");

  FileResolver more(tree.folder());
  more.pattern("{}.mjs").pattern("{}/index.js");
  EXPECT_EQ(find(more, "", "./two"), "two.js");
  EXPECT_EQ(find(more, "", "./three"), "three.mjs");
  EXPECT_EQ(find(more, "", "./pkg"), "pkg/index.js");
  EXPECT_EQ(find(more, "", "./pkg/"), "pkg/index.js");
  EXPECT_EQ(find(more, tree / "pkg/other.js", "."), "pkg/index.js");
  EXPECT_EQ(find(more, tree / "pkg/sub/other.js", ".."), "pkg/index.js");
  EXPECT_THAT(find(more, "", "./one/"), StartsWith("ReferenceError"));
  EXPECT_EQ(find(FileResolver(tree.folder()).patterns({"{}.mjs"}), "", "./two"), "two.mjs");
  EXPECT_THAT(find(FileResolver(tree.folder()).patterns({}), "", "./two"),
              StartsWith("ReferenceError"));
  EXPECT_THROW(FileResolver().pattern("x.js"), Error);
  EXPECT_THROW(FileResolver().patterns({"{}.js", ""}), Error);
#if defined(__linux__)
  EXPECT_EQ(find(FileResolver(tree.folder()).native(), "", "./fast"), "libfast.so");
  EXPECT_EQ(find(FileResolver(tree.folder()).native(), "", "./plain"), "plain.so");
#endif
}

TEST_F(FileResolverTest, BareNamesInTheSearchPaths) {
  tree.write({"lib/a.js", "lib/b.js", "vendor/b.js", "vendor/deep/c.mjs", "a.js"});
  const FileResolver none(tree.folder());
  EXPECT_EQ(find(none, "main", "a"),
            "ReferenceError: cannot find module 'a' imported from 'main': only relative (./, ../) "
            "and absolute paths are supported");
  EXPECT_THAT(find(none, "main", ""), StartsWith("ReferenceError: "));
  // relative ones are in the root
  const FileResolver files = FileResolver(tree.folder()).path("lib").path(tree / "vendor");
  EXPECT_EQ(find(files, "main", "a"), "lib/a.js");
  EXPECT_EQ(find(files, tree / "vendor/b.js", "b"), "lib/b.js");
  EXPECT_EQ(find(files, "main", "deep/c.mjs"), "vendor/deep/c.mjs");
  EXPECT_EQ(find(files, "main", "nowhere"),
            "ReferenceError: cannot find module 'nowhere' imported from 'main': looked for '" +
                tree / "lib/nowhere', '" + tree / "lib/nowhere.js', '" +
                tree / "vendor/nowhere', '" + tree / "vendor/nowhere.js'");
  EXPECT_THAT(find(files, "main", "x/../../a"), HasSubstr("must not lead out"));
}

TEST_F(FileResolverTest, OnlyRegularFilesAreModules) {
  tree.write({"folder/x.mjs"});
  tree.pipe("pipe.mjs");
  tree.link("loop", "loop");
  const FileResolver files(tree.folder());
  EXPECT_THAT(find(files, "", "./folder"), HasSubstr("folder' (it is a folder)"));
  EXPECT_THAT(find(files, "", "./pipe.mjs"), HasSubstr("pipe.mjs' (it is no regular file)"));
  EXPECT_THAT(find(files, "", "/dev/null"), HasSubstr("no regular file"));
  EXPECT_THAT(find(files, "", "./loop"), StartsWith("ReferenceError"));
  EXPECT_THAT(find(files, "", "./" + std::string(5000, 'x')), StartsWith("ReferenceError"));
  tree.write("real.mjs");
  EXPECT_THAT(find(files, "", "./real.mjs/"), StartsWith("ReferenceError"));
  EXPECT_THAT(find(files, "", std::string("./real.mjs\0", 11)), HasSubstr("NUL"));
  EXPECT_THAT(find(files, std::string("real.mjs\0", 9), "./real.mjs"), HasSubstr("NUL"));
}

TEST_F(FileResolverTest, TheNameIsTheRealPath) {
  tree.write({"once.mjs", "sub/x.mjs"});
  tree.link("link.mjs", "once.mjs");
  tree.link("other", "sub");
  const FileResolver files(tree.folder());
  for (const char* specifier : {"./once.mjs", "./link.mjs", "./sub/../once.mjs", "./link.mjs"}) {
    EXPECT_EQ(find(files, "", specifier), "once.mjs");
  }
  EXPECT_EQ(find(files, "", "./other/x.mjs"), "sub/x.mjs");
  // ".." is taken off as text, as in URLs: not from where the link leads
  EXPECT_EQ(find(files, "", "./other/../once.mjs"), "once.mjs");
}

TEST_F(FileResolverTest, RootsAreMadeAbsoluteAtOnce) {
  tree.write({"a.mjs"});
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(tree.folder());
  const FileResolver files;
  const FileResolver confined = FileResolver(".").confined();
  std::filesystem::current_path(before);
  EXPECT_EQ(find(files, "", "./a.mjs"), "a.mjs");
  EXPECT_EQ(find(confined, "", "./a.mjs"), "a.mjs");
}

// ---- the root that nothing leaves --------------------------------------------------------------

class ConfinedTest : public FileResolverTest {
 protected:
  ConfinedTest() {
    tree.write({"secret.mjs", "outside/secret.mjs", "root-evil/secret.mjs", "root/in.mjs",
                "root/sub/in.mjs", "root/lib/bare.js"});
    tree.link("root/out_link", "../outside");
    tree.link("root/out_file.mjs", "../outside/secret.mjs");
    tree.link("root/out_js.js", "../secret.mjs");
    tree.link("root/in_link.mjs", "sub/in.mjs");
    tree.link("root/loop", "loop");
    tree.link("root/dangling.mjs", "nowhere");
    tree.link("root/slash", "/");
    tree.link("root/proc", "/proc/self/root");
    tree.link("root/dev.mjs", "/dev/zero");
    tree.link("way_in", "root");
    tree.pipe("root/fifo.mjs");
  }
  FileResolver files = FileResolver(tree.folder() / "root").path("lib").confined();
};

TEST_F(ConfinedTest, WhatIsInsideIsFound) {
  const std::string main = tree / "root/sub/in.mjs";
  for (const auto& [specifier, found] : std::vector<std::pair<std::string, std::string>>{
           {"../in.mjs", "root/in.mjs"},
           {"./in.mjs", "root/sub/in.mjs"},
           {"../in_link.mjs", "root/sub/in.mjs"},
           {"../../root/in.mjs", "root/in.mjs"},
           {"bare", "root/lib/bare.js"},
           {tree / "root/in.mjs", "root/in.mjs"},
           {"file://" + tree / "root/in.mjs", "root/in.mjs"}}) {
    EXPECT_EQ(find(files, main, specifier), found) << specifier;
  }
  // a root that is given by a link, and one with a slash behind it
  const FileResolver by_link = FileResolver(tree.folder() / "way_in/").confined();
  EXPECT_EQ(find(by_link, "main", "./in.mjs"), "root/in.mjs");
  EXPECT_EQ(find(by_link, main, "../in.mjs"), "root/in.mjs");
  EXPECT_EQ(find(by_link, tree / "way_in/in.mjs", "./in.mjs"), "root/in.mjs");
  EXPECT_THAT(find(by_link, main, "../../secret.mjs"), StartsWith("ReferenceError"));
  EXPECT_EQ(find(FileResolver("/").confined(), main, "../in.mjs"), "root/in.mjs");
  EXPECT_EQ(find(files.confined(false), main, "../../secret.mjs"), "secret.mjs");
}

TEST_F(ConfinedTest, HostileSpecifiers) {
  const std::string all = tree.folder().generic_string();
  const std::string root = tree / "root";
  std::string many_up = "./";
  for (int i = 0; i < 1000; ++i) many_up += "../";
  std::vector<std::string> hostile = {
      // up
      "..", "../", "../..", "../../", "../../.", "../../secret.mjs", "../../secret",
      "./../../secret.mjs", "./../.././secret.mjs", "../sub/../../secret.mjs",
      "./x/../../../secret.mjs", "../in.mjs/../../secret.mjs", "..//..//secret.mjs",
      "../../outside/secret.mjs", "../../root-evil/secret.mjs", "../../root/../secret.mjs",
      many_up + "etc/passwd", many_up + (tree / "secret.mjs").substr(1), "lib/../../secret.mjs",
      "x/../../../secret.mjs", "../../secret.mjs/", "../../secret.mjs.", "../../secret.mjs/.",
      // absolute
      tree / "secret.mjs", "/" + tree / "secret.mjs", "//" + tree / "secret.mjs",
      root + "/../secret.mjs", root + "-evil/secret.mjs", root + "/sub/../../secret.mjs",
      root + "/./../secret.mjs", "/", "//", "/etc/passwd", "//etc/passwd", "///etc/passwd",
      "/etc/./passwd", "/../../etc/passwd", "/proc/self/root/etc/passwd",
      "/proc/self/root" + tree / "secret.mjs", "/proc/self/cwd", "/proc/self/fd/0",
      "/proc/self/environ", "/dev/zero", "/dev/null", "/dev/stdin", "/dev/fd/0", all,
      // links, pipes, devices
      "../out_link/secret.mjs", "../out_link/secret", "../out_link", "../out_link/",
      "../out_link/../secret.mjs", "../out_file.mjs", "../out_js", "../out_js.js", "../loop",
      "../loop/x.mjs", "../dangling.mjs", "../slash/etc/passwd", "../slash" + tree / "secret.mjs",
      "../proc/etc/passwd", "../proc" + tree / "secret.mjs", "../dev.mjs", "../fifo.mjs",
      root + "/out_link/secret.mjs", "file://" + root + "/out_link/secret.mjs",
      // URLs
      "file:///etc/passwd", "file:/etc/passwd", "file:////etc/passwd", "FILE:///etc/passwd",
      "file://localhost/etc/passwd", "file://host/etc/passwd", "file://host" + root + "/in.mjs",
      "file://127.0.0.1" + root + "/in.mjs", "file:../../secret.mjs", "file:secret.mjs",
      "file:", "file://", "file://" + tree / "secret.mjs", "file://" + root + "/../secret.mjs",
      "file://" + root + "/%2e%2e/secret.mjs", "file://" + root + "/%2E./secret.mjs",
      "file://" + root + "/.%2e/secret.mjs", "file://" + root + "/sub/..%2f../secret.mjs",
      "file://" + root + "%2f..%2fsecret.mjs", "file://" + root + "/..%5csecret.mjs",
      "file://" + root + "/%252e%252e/secret.mjs", "file://" + root + "/in.mjs%00.js",
      "file://" + root + "/%c0%ae%c0%ae/secret.mjs", "file://" + root + "/in.mjs?/../../secret.mjs",
      "file://" + root + "/in.mjs#/../../secret.mjs", "file:\\\\\\etc\\passwd",
      // encodings that paths do not have
      "./%2e%2e/%2e%2e/secret.mjs", "%2e%2e/%2e%2e/secret.mjs", "./..%2f..%2fsecret.mjs",
      "..%2f..%2fsecret.mjs", "./%252e%252e/secret.mjs", "./..%00/secret.mjs", "%2fetc%2fpasswd",
      "..\\..\\secret.mjs", "./..\\..\\secret.mjs", ".\\..\\secret.mjs", "\\etc\\passwd",
      "\\\\host\\share\\x.mjs", "./....//....//secret.mjs", "..../secret.mjs", ".../secret.mjs",
      "./.. /.. /secret.mjs", "./..;/..;/secret.mjs", "./..\t/secret.mjs", " ../../secret.mjs",
      "./\xC0\xAE\xC0\xAE/\xC0\xAE\xC0\xAE/secret.mjs", "\xC0\xAE\xC0\xAE/secret.mjs",
      "./\xE0\x80\xAE\xE0\x80\xAE/secret.mjs", "..\xC0\xAFsecret.mjs", "../..\xC0\xAFsecret.mjs",
      "./\xEF\xBC\x8E\xEF\xBC\x8E/secret.mjs", "./..\xE2\x88\x95secret.mjs", "./\xFF",
      "./\xED\xB0\x80", std::string("../in.mjs\0", 10), std::string("../in.mjs\0.js", 13),
      std::string("\0/../../secret.mjs", 18), std::string("../../secret.mjs\0in.mjs", 23),
      // other names
      "", ".", "./", "~/secret.mjs", "~root/x", "$HOME/x", "C:/secret.mjs", "C:\\secret.mjs",
      "http://localhost/secret.mjs", "data:text/javascript,1", "secret.mjs", "node:fs",
      "../in.mjs.", "../in.mjs/", "../in.mjs ", "../IN.MJS", "./" + std::string(5000, 'a'),
      "./" + std::string(100000, '/') + "../../secret.mjs", "*", "../*.mjs", "../in.{mjs}", "-",
      "|ls"};
  EXPECT_GE(hostile.size(), 50U);
  const std::string main = tree / "root/sub/in.mjs";
  for (const std::string& specifier : hostile) {
    for (const FileResolver& resolver :
         {files, FileResolver(tree.folder() / "root").confined(),
          FileResolver(files).pattern("{}.mjs").pattern("{}/index.js").pattern("../{}")}) {
      const Result<std::string> found = resolver(main, specifier);
      ASSERT_FALSE(found) << specifier << " found " << *found;
      EXPECT_EQ(found.error().name(), "ReferenceError") << specifier;
      // the message says nothing of the tree but what the script said
      const std::string start =
          "cannot find module '" + specifier + "' imported from '" + main + "': ";
      ASSERT_THAT(found.error().message(), StartsWith(start));
      EXPECT_THAT(found.error().message().substr(start.size()), Not(HasSubstr("'" + all)))
          << specifier;
    }
  }
}

TEST_F(ConfinedTest, HostileBases) {
  const std::string all = tree.folder().generic_string();
  for (const std::string& base :
       std::vector<std::string>{tree / "secret.mjs",
                                tree / "outside/secret.mjs",
                                tree / "root/../outside/x.mjs",
                                tree / "root/out_link/x.mjs",
                                tree / "root/slash/etc/x.mjs",
                                tree / "root-evil/x",
                                "/etc/x.mjs",
                                "/",
                                "//",
                                "//etc/x",
                                "../outside/x.mjs",
                                "../../../../../../etc/x",
                                "sub/../../outside/x.mjs",
                                "out_link/x.mjs",
                                "slash/etc/x",
                                "proc/etc/x",
                                "file:///etc/x",
                                "file:/etc/x",
                                "file://" + tree / "outside/x.mjs",
                                "file://host/etc/x",
                                "file:../x",
                                "file://" + tree / "root/%2e%2e/x.mjs",
                                "/proc/self/root/etc/x",
                                "\xC0\xAE\xC0\xAE/x",
                                "..\\x",
                                std::string("/etc\0/x", 7),
                                tree / "root" + std::string("\0/../x", 7)}) {
    for (const char* specifier : {"./secret.mjs", "./secret", "./passwd", "../secret.mjs",
                                  "./hosts", "../etc/passwd", "./outside/secret.mjs"}) {
      const Result<std::string> found = files(base, specifier);
      ASSERT_FALSE(found) << specifier << " from " << base << " found " << *found;
      EXPECT_EQ(found.error().name(), "ReferenceError") << base;
    }
  }
  // from outside too, what is inside may be named
  EXPECT_EQ(find(files, tree / "secret.mjs", "./root/in.mjs"), "root/in.mjs");
}

TEST_F(ConfinedTest, TheErrorsDoNotTellWhatIsOutside) {
  const std::string main = tree / "root/sub/in.mjs";
  const auto message = [&](const std::string& folder, const std::string& name) {
    std::string text = find(files, main, folder + name);
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name)) {
      text.replace(at, name.size(), "NAME");
    }
    return text;
  };
  for (const std::string folder :
       {"../../", "../out_link/", "../slash/etc/", "/", "/etc/", "file:///etc/"}) {
    // a file that is there and one that is not
    const bool has_passwd = folder.find("etc") != std::string::npos;
    const std::string there = has_passwd ? "passwd" : folder == "/" ? "etc" : "secret.mjs";
    const std::string missing = there.ends_with(".mjs") ? "missing.mjs" : "missing";
    EXPECT_EQ(message(folder, there), message(folder, missing)) << folder;
  }
  EXPECT_THAT(find(files, main, "../out_link/secret"),
              HasSubstr("looked for 'out_link/secret', 'out_link/secret.js'"));
  EXPECT_THAT(find(files, main, "../../secret.mjs"), HasSubstr("outside of the folder"));
}

TEST_F(ConfinedTest, ScriptsCannotLeaveEither) {
  tree.write("root/main.mjs",
             "const tried = [];"
             "for (const name of ['../secret.mjs', './out_file.mjs', '/etc/passwd',"
             "    'file:///etc/passwd', './sub/../../secret.mjs', import.meta.url + '/../x']) {"
             "  await import(name).then(() => tried.push(name), e => tried.push(e.name));"
             "}"
             "tried.push((await import('./lib/bare')).default);"
             "globalThis.tried = tried.join()");
  tree.write("root/lib/bare.js", "export default 'fine'");
  Runtime runtime;
  const Context context(runtime);
  runtime.set_loader(files, ScriptLoader());
  const Promise promise =
      context.with([](Ctx ctx) { return ctx.eval_module("import './main.mjs'", "start"); });
  runtime.run();
  promise.result<void>();
  expect_eval(context, "tried", "string",
              "ReferenceError,ReferenceError,ReferenceError,ReferenceError,ReferenceError,"
              "ReferenceError,fine");
}

}  // namespace
}  // namespace quip::test
