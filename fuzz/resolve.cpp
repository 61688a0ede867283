// Fuzzes what finds modules. The bytes of an input write hostile specifiers, the names of importing
// modules, a package.json and an import map, and ask FileResolver, NodeModulesResolver, ImportMap
// and BuiltinResolver, in a tree of folders with links that lead out of it, in rings, and nowhere.
//
// - A confined resolver finds nothing outside of its root, whatever was asked, and says nothing of
//   what is there: a file and none read the same.
// - What is found is a real path of a regular file, and is found again by that path.
// - Everything else is an Error with a message.
//
// QUIP_FUZZ_SHOW=1 in the environment prints what is asked.
#include "common/input.hpp"

#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

using namespace quip;
using namespace quip::fuzz;
namespace fs = std::filesystem;

/// Folders and files to look in, as long as the process runs. Outside of the root, files are called
/// "secret"; nothing anywhere is called "absent".
class Tree {
 public:
  Tree() {
    std::string name = (fs::temp_directory_path() / "quip-fuzz-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) fail("no temporary folder " + name);
    top = fs::canonical(name);
    root = top / "root";
    for (const char* file : {"root/main.js",
                             "root/app/main.mjs",
                             "root/app/lib/x.js",
                             "root/app/lib/index.js",
                             "root/app/data.json",
                             "root/app/%2e%2e",
                             "root/app/a b.js",
                             "root/app/\xC3\xA9.js",
                             "root/app/node_modules/pkg/index.js",
                             "root/app/node_modules/pkg/sub/a.js",
                             "root/app/node_modules/pkg/sub/main.cjs",
                             "root/node_modules/@scope/name/index.js",
                             "root/node_modules/plain/index.js",
                             "root/node_modules/events/index.js",
                             "secret.js",
                             "outside/secret.js",
                             "outside/secret/index.js",
                             "outside/node_modules/pkg2/secret.js",
                             "node_modules/secret/index.js",
                             "rootx/secret.js"}) {
      write(top / file, "export default 1");
    }
    write(top / "outside/package.json", "{\"exports\": \"./secret.js\", \"name\": \"out\"}");
    write(top / "node_modules/secret/package.json", "{\"exports\": \"./index.js\"}");
    write(root / "node_modules/plain/package.json", "{\"main\": \"index\", \"module\": \"../..\"}");
    link(top / "outside/secret.js", "root/app/link.js");
    link(top / "outside", "root/app/out");
    link("../../outside", "root/app/rel");
    link("lib", "root/app/inner");
    link("ring", "root/app/ring");
    link("gone", "root/app/dangling.js");
    link(top / "outside", "root/app/node_modules/linked");
    link("../lib", "root/app/node_modules/local");
    link(top / "outside/package.json", "root/node_modules/@scope/name/package.json");
    link("root", "root_link");
    for (const char* folder : {"root/app/pipe.js", "root/app/folder.js"}) {
      fs::create_directories(top / folder);
    }
  }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  ~Tree() {
    std::error_code ignored;
    fs::remove_all(top, ignored);
  }
  static void write(const fs::path& file, std::string_view text) {
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }
  fs::path top;
  fs::path root;

 private:
  void link(const fs::path& to, const char* from) const { fs::create_symlink(to, top / from); }
};

const Tree& tree() {
  static const Tree made;
  return made;
}

// ---- what is asked
// -------------------------------------------------------------------------------

/// Writes specifiers, names and JSON.
class Writer {
 public:
  explicit Writer(Input& input) noexcept : input_(input) {}

  std::string raw() {
    std::string text(input_.below(24), '\0');
    for (char& each : text) each = static_cast<char>(input_.below(256));
    return text;
  }
  std::string segment() {
    static constexpr const char* segments[] = {
        "..",           ".",         "",          "app",       "lib",       "x",
        "x.js",         "main.js",   "index",     "index.js",  "main.mjs",  "link.js",
        "out",          "rel",       "inner",     "ring",      "secret.js", "secret",
        "outside",      "root",      "rootx",     "root_link", "pkg",       "sub",
        "a.js",         "@scope",    "name",      "linked",    "local",     "node_modules",
        "%2e%2e",       "%2E%2e",    "%2f",       "%5c",       "..%2f",     "%00",
        "dangling.js",  "folder.js", "data.json", "*",         "a b.js",    "\xC3\xA9.js",
        "package.json", "plain",     "events",    "fs",        "...",       "..."};
    return input_.below(16) == 15 ? raw() : input_.one_of(segments);
  }
  std::string path() {
    std::string text = segment();
    for (std::size_t left = input_.below(7); left > 0; --left) text += separator() + segment();
    return text;
  }
  std::string specifier() {
    switch (input_.below(14)) {
      default:
        return "./" + path();
      case 4:
        return "../" + path();
      case 5:
        return tree().root.string() + "/" + path();
      case 6:
        return tree().top.string() + "/" + path();
      case 7:
        return "file://" + tree().top.string() + "/" + path();
      case 8:
        return choose({"file:", "file:///", "FILE://localhost/", "node:", "https://host/"}) +
               path();
      case 9:
        return path();
      case 10:
        return "#" + path();
      case 11:
        return choose({"pkg/", "@scope/name/", "plain/", "linked/", "local/"}) + path();
      case 12:
        return raw();
      case 13:
        return choose({"pkg", "@scope/name", "plain", "linked", "local", "#a", "..", "."});
    }
  }
  std::string base() {
    switch (input_.below(6)) {
      default:
        return (tree().root / "app/main.mjs").string();
      case 1:
        return (tree().root / "app/node_modules/pkg/index.js").string();
      case 2:
        return "";
      case 3:
        return tree().top.string() + "/" + path();
      case 4:
        return specifier();
    }
  }
  /// The target of an export, or an address of an import map.
  std::string json(int depth = 0) {
    switch (input_.below(depth > 3 ? 4 : 9)) {
      default:
        return quoted(input_.once_in(3) ? "./sub/*" + segment() : specifier());
      case 1:
        return choose({"null", "true", "1", "{}", "[]", "\"./*\"", "\"\""});
      case 4: {
        std::string text = "[";
        for (std::size_t left = input_.below(4); left > 0; --left) text += json(depth + 1) + ",";
        if (text.ends_with(',')) text.pop_back();
        return text + "]";
      }
      case 5:
      case 6:
      case 7:
        return members(depth);
    }
  }
  std::string members(int depth = 0) {
    static constexpr const char* conditions[] = {
        "default", "import",     "quip", "module", "require", ".",     "./*", "./sub",
        "./",      "./sub/*.js", "#a",   "#*",     "0",       "./*/*", "node"};
    std::string text = "{";
    for (std::size_t left = input_.below(5); left > 0; --left) {
      text += quoted(input_.once_in(4) ? specifier() : input_.one_of(conditions)) + ": " +
              json(depth + 1) + ",";
    }
    if (text.ends_with(',')) text.pop_back();
    return text + "}";
  }
  std::string package() {
    if (input_.below(16) == 15) return raw();
    std::string text = "{\"name\": \"pkg\"";
    static constexpr const char* fields[] = {"exports", "imports", "main",
                                             "module",  "type",    "name"};
    for (std::size_t left = input_.below(4); left > 0; --left) {
      const std::string field = input_.one_of(fields);
      const bool is_text = field == "main" || field == "module";
      text += ", \"" + field + "\": " + (is_text ? quoted(path()) : json());
    }
    return text + "}";
  }
  std::string map() {
    if (input_.below(16) == 15) return raw();
    return "{\"imports\": " + members() + ", \"scopes\": {" + quoted(base()) + ": " + members() +
           "}" + (input_.once_in(4) ? ", \"integrity\": " + json() : std::string()) + "}";
  }

 private:
  std::string choose(std::initializer_list<const char*> choices) {
    return choices.begin()[input_.below(choices.size())];
  }
  std::string separator() {
    return input_.below(8) < 7 ? "/" : choose({"//", "\\", "%2f", "%5C", "/./"});
  }
  static std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char each : text) {
      if (each == '"' || each == '\\') out += '\\';
      if (static_cast<unsigned char>(each) >= 0x20) out += each;
    }
    return out + "\"";
  }
  Input& input_;
};

// ---- what must hold
// ------------------------------------------------------------------------------

struct Question {
  std::string base;
  std::string specifier;
};

/// Asks, and looks at the answer.
template <class R>
Result<std::string> ask(const R& resolver, const Question& question) {
  Result<std::string> found = resolver(question.base, question.specifier);
  if (!found) {
    check(found.error());
    if (found.error().message().empty()) fail("refused without a reason");
  }
  return found;
}

void check_file(const Result<std::string>& found, const fs::path& within) {
  if (!found) return;
  std::error_code failed;
  const fs::path real = fs::canonical(*found, failed);
  if (failed || real != *found) fail("not a real path: " + *found);
  if (!fs::is_regular_file(real)) fail("no file: " + *found);
  if (!real.string().starts_with(within.string() + "/")) fail("outside: " + *found);
}

/// The text with each `from` replaced.
std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// A file outside of the root and none read the same.
template <class R>
void check_silence(const R& resolver, const Question& question, const Result<std::string>& found) {
  if (question.specifier.find("secret") == std::string::npos) return;
  const Question other{question.base, replaced(question.specifier, "secret", "absent")};
  const Result<std::string> none = resolver(other.base, other.specifier);
  const auto reading = [&](const Result<std::string>& answer) {
    return answer ? *answer
                  : answer.error().name() + replaced(answer.error().message(), "secret", "absent");
  };
  if (reading(none) != reading(found)) fail("what is outside can be told: " + reading(found));
}

void look_up(Input& input) {
  Writer writer(input);
  const fs::path roots[] = {tree().root, tree().top / "root_link", tree().root / "app/..",
                            tree().root / "app/../."};
  const fs::path& root = input.one_of(roots);
  const bool is_confined = input.below(4) != 3;
  const fs::path within = is_confined ? tree().root : fs::path();

  FileResolver files(root);
  files.confined(is_confined);
  if (input.once_in(2)) files.pattern("{}.mjs").pattern("{}/index.js").path("app/lib");
  if (input.once_in(4)) files.native().path("../outside").path(writer.path());
  NodeModulesResolver packages(root);
  packages.confined(is_confined);
  if (input.once_in(4)) packages.condition("node");
  const std::string package = writer.package();
  Tree::write(tree().root / "app/node_modules/pkg/package.json", package);
  const BuiltinResolver builtins{"pkg", "lib/x.js", "x"};
  const std::string map_text = writer.map();
  const Result<ImportMap> map = ImportMap::try_parse(map_text, writer.base());
  if (!map) check(map.error());
  if (shows()) {
    std::fprintf(stderr, "root %s\npackage.json %s\nmap %s\n", root.c_str(), package.c_str(),
                 map_text.c_str());
  }

  for (std::size_t left = 1 + input.below(8); left > 0; --left) {
    const Question question{writer.base(), writer.specifier()};
    if (shows()) {
      std::fprintf(stderr, "'%s' in '%s'\n", question.specifier.c_str(), question.base.c_str());
    }
    const Result<std::string> file = ask(files, question);
    check_file(file, within);
    if (is_confined) check_silence(files, question, file);
    if (file && ask(files, {"", *file}).value_or("") != *file) {
      fail("not found again: " + *file);
    }
    const Result<std::string> part = ask(packages, question);
    check_file(part, within);
    check_file(ask(resolvers(files, packages), question), within);
    if (const Result<std::string> name = ask(builtins, question)) {
      if (*name != "pkg" && *name != "x" && *name != "lib/x.js") fail("no builtin: " + *name);
    }
    if (map) {
      const auto address = map->try_resolve(question.base, question.specifier);
      if (!address) check(address.error());
      check_file(ask(map->then(resolvers(files, packages)), question), within);
    }
    const Result<std::string> text = ScriptLoader()(question.specifier);
    if (!text) check(text.error());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  Input input(data, size);
  look_up(input);
  return 0;
}
