// ScriptLoader: files as JavaScript, and as data by import attributes.
#include "support/js.hpp"
#include "support/tree.hpp"

#include <algorithm>
#include <string>
#include <variant>

namespace quip::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

ImportAttributes typed(const char* type) { return ImportAttributes({{"type", type}}); }

/// "script: text" and the like.
std::string show_source(const Result<ModuleSource>& source) {
  if (!source) return show(source.error()).text;
  const ModuleSource::Contents& contents = source->contents();
  if (const auto* script = std::get_if<ModuleSource::Script>(&contents))
    return "script: " + script->text;
  if (const auto* json = std::get_if<ModuleSource::Json>(&contents)) return "json: " + json->text;
  if (const auto* text = std::get_if<ModuleSource::Text>(&contents)) return "text: " + text->text;
  if (const auto* bytes = std::get_if<ModuleSource::Bytes>(&contents)) {
    std::string shown = "bytes: ";
    for (const std::byte byte : bytes->bytes) shown += static_cast<char>(byte);
    return shown;
  }
  return "another kind";
}

class ScriptLoaderTest : public ::testing::Test {
 protected:
  Tree tree;
  ScriptLoader loader;
};

TEST_F(ScriptLoaderTest, Extensions) {
  for (const char* name : {"a.js", "a.mjs", "a.ts", "a", "a.JS", "a.js.txt", "dir.js/a"}) {
    tree.write(name, name);
  }
  const auto loads = [&](const ScriptLoader& with, const char* name) {
    const Result<std::string> text = with(tree / name);
    if (!text) {
      EXPECT_EQ(text.error().name(), "TypeError");
      EXPECT_THAT(text.error().message(), HasSubstr(tree / name));
    }
    return text.has_value() && *text == name;
  };
  const auto all = [&](const ScriptLoader& with) {
    std::string loaded;
    for (const char* name : {"a.js", "a.mjs", "a.ts", "a", "a.JS", "a.js.txt", "dir.js/a"}) {
      if (loads(with, name)) (loaded += name) += ' ';
    }
    return loaded;
  };
  EXPECT_EQ(all(ScriptLoader()), "a.js a.mjs ");
  EXPECT_EQ(all(ScriptLoader().extension("ts")), "a.js a.mjs a.ts ");
  EXPECT_EQ(all(ScriptLoader().extension(".ts").extension("")), "a.js a.mjs a.ts a dir.js/a ");
  EXPECT_EQ(all(ScriptLoader().extensions({"ts", ""})), "a.ts a dir.js/a ");
  EXPECT_EQ(all(ScriptLoader().extensions({})), "");
  EXPECT_EQ(all(ScriptLoader().any_extension()), "a.js a.mjs a.ts a a.JS a.js.txt dir.js/a ");
  EXPECT_THAT(show(ScriptLoader()(tree / "a.ts")).text,
              AllOf(HasSubstr("its extension is none of .js, .mjs"),
                    StartsWith("TypeError: cannot load module '" + tree / "a.ts' as JavaScript")));
}

TEST_F(ScriptLoaderTest, TheTypeSaysWhatItIs) {
  tree.write("data.json", "{\"a\": 1}");
  tree.write("text.js", "no code");
  for (const char* name : {"data.json", "text.js"}) {
    const std::string path = tree / name;
    const std::string text = name[0] == 'd' ? "{\"a\": 1}" : "no code";
    EXPECT_EQ(show_source(loader(path, typed("json"))), "json: " + text);
    if (Runtime::has_import_attributes() || name[0] == 't') {
      EXPECT_EQ(show_source(loader(path, typed("text"))), "text: " + text);
      EXPECT_EQ(show_source(loader(path, typed("bytes"))), "bytes: " + text);
    }
  }
  EXPECT_EQ(show_source(loader(tree / "text.js", {})), "script: no code");
  for (const char* unknown : {"css", "", "JSON", "javascript", "module"}) {
    EXPECT_EQ(show_source(loader(tree / "text.js", typed(unknown))),
              "TypeError: module '" + tree / "text.js' cannot be of the type '" + unknown +
                  "': the types are 'json', 'text' and 'bytes'");
  }
  EXPECT_THAT(show_source(loader(tree / "text.js", ImportAttributes({{"as", "json"}}))),
              AllOf(StartsWith("TypeError"), HasSubstr("'as'"), HasSubstr(tree / "text.js")));
}

TEST_F(ScriptLoaderTest, JsonWithoutAType) {
  tree.write("data.json", "[1]");
  const std::string shown = show_source(loader(tree / "data.json", {}));
  if (Runtime::has_import_attributes()) {
    EXPECT_THAT(shown, AllOf(StartsWith("TypeError"), HasSubstr("{ type: \"json\" }"),
                             HasSubstr(tree / "data.json")));
    EXPECT_THAT(show_source(ScriptLoader().any_extension()(tree / "data.json", {})),
                StartsWith("TypeError"));
  } else {
    EXPECT_EQ(shown, "json: [1]");
  }
}

TEST_F(ScriptLoaderTest, ByteOrderMarksAndWhatIsNotUtf8) {
  tree.write("bom.js", "\xEF\xBB\xBF#!/bin/x\n1");
  tree.write("bom.txt", "\xEF\xBB\xBFtext\xEF\xBB\xBF");
  tree.write("bad.txt", "a\xFF\xE2\x82z\xED\xA0\x80\xF0\x9F\x98\x80");
  tree.write("nul.txt", std::string_view("a\0b", 3));
  tree.write("empty.txt", "");
  EXPECT_EQ(show_source(loader(tree / "bom.js", {})), "script: #!/bin/x\n1");
  EXPECT_EQ(show_source(loader(tree / "bom.txt", typed("text"))), "text: text\xEF\xBB\xBF");
  EXPECT_EQ(show_source(loader(tree / "bom.txt", typed("bytes"))),
            "bytes: \xEF\xBB\xBFtext\xEF\xBB\xBF");
  // as TextDecoder has it: one U+FFFD for each maximal part of a character
  const std::string r = "\xEF\xBF\xBD";
  EXPECT_EQ(show_source(loader(tree / "bad.txt", typed("text"))),
            "text: a" + r + r + "z" + r + r + r + "\xF0\x9F\x98\x80");
  EXPECT_EQ(show_source(loader(tree / "bad.txt", typed("bytes"))),
            "bytes: a\xFF\xE2\x82z\xED\xA0\x80\xF0\x9F\x98\x80");
  EXPECT_EQ(show_source(loader(tree / "nul.txt", typed("text"))), std::string("text: a\0b", 9));
  EXPECT_EQ(show_source(loader(tree / "empty.txt", typed("text"))), "text: ");
  EXPECT_EQ(show_source(loader(tree / "empty.txt", typed("bytes"))), "bytes: ");
}

TEST_F(ScriptLoaderTest, WhatCannotBeRead) {
  tree.write("folder.js/x");
  for (const std::string& name :
       {tree / "missing.mjs", tree / "folder.js", std::string(), std::string("relative.js"),
        tree / "missing.mjs" + std::string("\0.js", 4)}) {
    for (const char* type : {"json", "text", "bytes"}) {
      EXPECT_THAT(show_source(loader(name, typed(type))),
                  StartsWith("ReferenceError: cannot read module '" + name + "'"));
    }
    if (!name.empty()) {
      EXPECT_THAT(show_source(loader(name, {})),
                  StartsWith("ReferenceError: cannot read module '" + name + "'"));
    }
  }
}

TEST_F(ScriptLoaderTest, ThroughImports) {
  tree.write("data.json", "\xEF\xBB\xBF{\"list\": [1, 2]}");
  tree.write("bad.json", "{");
  tree.write("notes.txt", "hello");
  Runtime runtime;
  const Context context(runtime);
  runtime.set_loader(FileResolver(tree.folder()), ScriptLoader());
  int runs = 0;
  const auto run = [&](const std::string& source) {
    const std::string name = "main" + std::to_string(++runs);
    const Result<Promise<>> promise =
        context.with([&](Ctx ctx) { return ctx.try_eval_module(source, name); });
    if (!promise) return show(promise.error()).text;
    runtime.run();
    const Result<Value> result = promise->try_result();
    return result ? std::string() : show(result.error()).text;
  };
  if (Runtime::has_import_attributes()) {
    EXPECT_EQ(run("import data from './data.json' with {type: 'json'};"
                  "import text from './notes.txt' with {type: 'text'};"
                  "import bytes from './data.json' with {type: 'bytes'};"
                  "globalThis.out = [data.list[1], text, bytes.length, bytes instanceof Uint8Array]"
                  ".join()"),
              "");
    expect_eval(context, "out", "string", "2,hello,19,true");
    EXPECT_THAT(run("import './data.json'"), HasSubstr("{ type: \"json\" }"));
    EXPECT_THAT(run("import './notes.txt' with {type: 'css'}"), HasSubstr("TypeError"));
    EXPECT_THAT(run("import './bad.json' with {type: 'json'}"), HasSubstr("SyntaxError"));
  } else {
    EXPECT_EQ(run("import data from './data.json'; globalThis.out = data.list[1]"), "");
    expect_eval(context, "out", "number", "2");
    EXPECT_THAT(run("import './bad.json'"), HasSubstr("SyntaxError"));
  }
  EXPECT_THAT(run("import './notes.txt'"), StartsWith("TypeError"));
}

}  // namespace
}  // namespace quip::test
