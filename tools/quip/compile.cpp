#include "compile.hpp"

#include "modules.hpp"
#include "report.hpp"
#include <quip/quip.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <span>
#include <system_error>

namespace quip::program {

namespace fs = std::filesystem;

const std::string_view compile_help =
    R"(usage: quip compile [options] FILE...

Compiles ES modules and all that they import to one file, which `quip` runs, and which programs
that use the library quip run as a quip::Bundle. It fits this build of the engine alone.

  -o, --output OUT   the file to write; without it, FILE with .qjsb for its extension
  --strip-source     leave out the text of functions (Function.prototype.toString)
  --strip-debug      leave out the text, file names and line numbers
  --external NAME    leave imports of NAME to the program that runs the bundle; may be repeated
  --root FOLDER      name modules by their paths from there; without it, from the folder of the
                     first FILE
  --embed NAME       write C++ that defines `quip::Bundle NAME()` instead; NAME may have namespaces
  --depfile DEPS     write a rule for make too: what OUT depends on
  -h, --help         this text
  --                 what follows are FILEs, even if they start with a dash

The first FILE is what `quip OUT` runs. What only import() names is to be listed as a FILE.
Imports are found as `quip` finds them. Exit status: 0; 1 when something cannot be found, read,
compiled or written; 2 for wrong usage.
)";

namespace {

struct Options {
  std::vector<std::string> files;
  std::string output;
  std::optional<std::string> root;
  std::string embed;
  std::string depfile;
  std::vector<std::string> externals;
  CompileOptions compile;
};

/// The options; or the exit status, when there is nothing to compile.
std::optional<Options> parse(const std::vector<std::string>& arguments, int& status) {
  Options options;
  const auto refused = [&](const std::string& why) {
    print_error("quip compile: " + why + "\nTry: quip compile --help\n");
    status = 2;
    return std::nullopt;
  };
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "--") {
      options.files.insert(options.files.end(),
                           arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1, arguments.end());
      break;
    }
    if (argument.size() < 2 || argument.front() != '-') {
      options.files.push_back(argument);
      continue;
    }
    if (argument == "-h" || argument == "--help") {
      std::fwrite(compile_help.data(), 1, compile_help.size(), stdout);
      status = 0;
      return std::nullopt;
    }
    if (argument == "--strip-source") {
      options.compile.strip_source = true;
      continue;
    }
    if (argument == "--strip-debug") {
      options.compile.strip_debug = true;
      continue;
    }
    constexpr std::array with_value = {"-o",     "--output", "--external",
                                       "--root", "--embed",  "--depfile"};
    if (std::ranges::find(with_value, argument) == with_value.end()) {
      return refused("unknown option " + argument);
    }
    if (i + 1 == arguments.size()) return refused(argument + " needs a value behind it");
    const std::string& value = arguments[++i];
    if (argument == "--external") {
      options.externals.push_back(value);
    } else if (argument == "--root") {
      options.root = value;
    } else {
      (argument == "--embed"     ? options.embed
       : argument == "--depfile" ? options.depfile
                                 : options.output) = value;
    }
  }
  if (options.files.empty()) return refused("no FILE is given");
  return options;
}

/// Modules by their paths from a folder, so that a bundle does not tell where it was made.
class Names {
 public:
  explicit Names(fs::path root) : root_(std::move(root)) {}

  [[nodiscard]] std::string name_of(const fs::path& file) const {
    return file.lexically_relative(root_).generic_string();
  }
  [[nodiscard]] fs::path file_of(std::string_view name) const {
    return (root_ / fs::path(name)).lexically_normal();
  }

 private:
  fs::path root_;
};

/// A quoted name for a rule of make.
std::string for_make(const fs::path& file) {
  std::string text;
  for (const char character : file.generic_string()) {
    if (character == ' ' || character == '#' || character == '\\') text += '\\';
    if (character == '$') text += '$';
    text += character;
  }
  return text;
}

/// C++ with the bytes as a string literal, which compilers read ten times faster than numbers.
std::string as_cpp(std::span<const std::byte> bytes, const std::string& name) {
  const std::size_t cut = name.rfind("::");
  const std::string space = cut == name.npos ? "" : name.substr(0, cut);
  const std::string function = cut == name.npos ? name : name.substr(cut + 2);
  std::string text =
      "// Made by `quip compile`.\n"
      "#include <quip/module/bundle.hpp>\n\n"
      "#include <cstddef>\n#include <span>\n\n"
      "namespace {\nalignas(8) const char bytes[] =";
  constexpr std::size_t line = 24;
  text.reserve(text.size() + bytes.size() * 4 + bytes.size() / line * 6 + 1000);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % line == 0) text += i == 0 ? "\n    \"" : "\"\n    \"";
    const auto byte = std::to_integer<unsigned>(bytes[i]);
    text += '\\';
    text += static_cast<char>('0' + (byte >> 6U));
    text += static_cast<char>('0' + ((byte >> 3U) & 7U));
    text += static_cast<char>('0' + (byte & 7U));
  }
  text += "\";\n}  // namespace\n\n";
  if (!space.empty()) text += "namespace " + space + " {\n";
  text += "quip::Bundle " + function + "();\n";
  text += "quip::Bundle " + function + "() {\n";
  text +=
      "  static const quip::Bundle bundle =\n"
      "      quip::Bundle::read(std::as_bytes(std::span(bytes, sizeof bytes - 1)));\n"
      "  return bundle;\n}\n";
  if (!space.empty()) text += "}  // namespace " + space + "\n";
  return text;
}

bool is_cpp_name(const std::string& name) {
  bool starts = true;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (!starts && name.compare(i, 2, "::") == 0) {
      ++i;
      starts = true;
      continue;
    }
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!is_letter && (starts || c < '0' || c > '9')) return false;
    starts = false;
  }
  return !starts;
}

/// All of it or nothing: a regular file is written beside its place first.
Result<void> write_file(const fs::path& path, std::string_view text) {
  std::error_code problem;
  const bool is_special = fs::exists(path, problem) && !fs::is_regular_file(path, problem);
  const fs::path written = is_special ? path : fs::path(path.generic_string() + ".part");
  std::ofstream file(written, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  problem.clear();
  if (file && !is_special) fs::rename(written, path, problem);
  if (file && !problem) return {};
  std::error_code ignored;
  if (!is_special) fs::remove(written, ignored);
  return Error::plain("cannot write " + path.generic_string());
}

/// The error with the place in the source that it tells of.
std::string text_of(const Error& error, const Names& names) {
  std::string place;
  if (!error.file().empty()) {
    place = names.file_of(error.file()).generic_string();
    if (error.line() > 0) {
      place += ":" + std::to_string(error.line());
      if (error.column() > 0) place += ":" + std::to_string(error.column());
    }
    place += ": ";
  }
  const std::string name = error.name().empty() ? "" : error.name() + ": ";
  return place + name + error.message() + "\n";
}

Result<ModuleGraph> find_all(const Options& options, const std::vector<fs::path>& files,
                             const Names& names) {
  const Resolver find = file_resolver();
  ModuleGraph graph([&](std::string_view base, std::string_view specifier,
                        const ImportAttributes& attributes) -> Result<std::string> {
    const std::string from = base.empty() ? "" : names.file_of(base).generic_string();
    Result<std::string> file = find(from, specifier, attributes);
    if (!file) return file;
    return names.name_of(*file);
  });
  const ScriptLoader read = ScriptLoader().any_extension();
  for (const std::string& external : options.externals) graph.external(external);
  for (const fs::path& file : files) {
    const Result<std::string> added = graph.try_add_entry(file.generic_string());
    if (!added) return added.error();
  }
  while (const auto request = graph.missing()) {
    Result<ModuleSource> source =
        read(names.file_of(request->name).generic_string(), request->attributes);
    if (!source) return source.error();
    const Result<void> provided = graph.try_provide(*request, *std::move(source));
    if (!provided) return provided.error();
  }
  return graph;
}

/// The package.json files of the folders that a file is in: what may decide where an import of it
/// or to it leads (the path in a package, the type of a file).
void add_packages(const fs::path& file, std::set<fs::path>& packages) {
  std::error_code ignored;
  for (fs::path folder = file.parent_path();; folder = folder.parent_path()) {
    if (fs::exists(folder / "package.json", ignored)) packages.insert(folder / "package.json");
    if (folder == folder.root_path()) return;
  }
}

Result<void> write_all(const Options& options, const ModuleGraph& graph, const Names& names) {
  const Result<std::vector<std::byte>> bytes = try_compile_bundle(graph, options.compile);
  if (!bytes) return bytes.error();
  const std::string text =
      options.embed.empty()
          ? std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size())
          : as_cpp(*bytes, options.embed);
  if (Result<void> written = write_file(options.output, text); !written) return written;
  if (options.depfile.empty()) return {};
  std::string rule = for_make(options.output) + ":";
  std::set<fs::path> packages;
  for (const ModuleGraph::Module& module : graph.modules()) {
    const fs::path file = names.file_of(module.name);
    rule += " \\\n  " + for_make(file);
    add_packages(file, packages);
  }
  for (const fs::path& package : packages) rule += " \\\n  " + for_make(package);
  return write_file(options.depfile, rule + "\n");
}

}  // namespace

int compile(const std::vector<std::string>& arguments) {
  int status = 0;
  std::optional<Options> options = parse(arguments, status);
  if (!options) return status;
  if (!options->embed.empty() && !is_cpp_name(options->embed)) {
    print_error("quip compile: '" + options->embed + "' is no name for a C++ function\n");
    return 2;
  }
  std::vector<fs::path> files;
  std::error_code problem;
  for (const std::string& file : options->files) {
    files.push_back(fs::canonical(file, problem));
    if (!problem && fs::is_directory(files.back())) {
      problem = std::make_error_code(std::errc::is_a_directory);
    }
    if (problem) {
      print_error("quip compile: cannot read " + file + ": " + problem.message() + "\n");
      return 1;
    }
  }
  fs::path root = files.front().parent_path();
  if (options->root) {
    root = fs::canonical(*options->root, problem);
    if (problem) {
      print_error("quip compile: cannot read " + *options->root + ": " + problem.message() + "\n");
      return 1;
    }
  }
  if (options->output.empty()) {
    options->output = fs::path(options->files.front()).replace_extension(".qjsb").generic_string();
  }
  const Names names(root);
  const Result<ModuleGraph> graph = find_all(*options, files, names);
  const Result<void> written = graph ? write_all(*options, *graph, names) : graph.error();
  if (!written) {
    print_error("quip compile: " + text_of(written.error(), names));
    return 1;
  }
  return 0;
}

}  // namespace quip::program
