// Finding modules in the file system.
#pragma once

#include <quip/core/result.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace quip {

/// A resolver (see Resolver) for files. It finds
///
///   - relative specifiers ("./x.mjs", "../lib/y.js") beside the module that imports them;
///   - absolute paths, and file: URLs (decoded once; without host, query and fragment);
///   - bare names ("lodash") in the folders that `path` adds; without any they are errors.
///
/// The file of that very name is taken if it is there. Else the patterns are tried in their order:
/// "./x" finds x.js by the pattern "{}.js", which is there from the start. They are not for names
/// that have an extension already: ".js", ".mjs", ".json", and those that the patterns end in. A
/// folder is no module; the pattern "{}/index.js" makes it one. Only regular files are modules.
///
///     runtime.set_loader(quip::FileResolver("app").path("lib").pattern("{}.mjs").confined(),
///                        quip::ScriptLoader());
///
/// The name of a module is its real path (absolute, links resolved), so that one file is one
/// module. "." and ".." in a specifier are taken off as text before links are followed, as URLs
/// have it.
///
/// Errors are ReferenceErrors that name the specifier, the importing module and what was looked
/// for.
class FileResolver {
 public:
  /// @param root the folder that specifiers of a module without a file, and the paths of `path`,
  ///        are relative to; made absolute now, against the current folder.
  explicit FileResolver(const std::filesystem::path& root = ".");

  /// Adds a folder to look for bare names in; they are asked in the order in which they were added.
  FileResolver& path(const std::filesystem::path& folder);
  /// Adds a pattern: "{}" is the last part of the name. Throws a TypeError for one without "{}".
  FileResolver& pattern(std::string pattern);
  /// Has these patterns alone; none: the names of files are to be written out in full.
  FileResolver& patterns(std::vector<std::string> patterns);
  /// Adds the patterns of the platform's native modules: "{}.so" and "lib{}.so", or "{}.dylib" and
  /// "lib{}.dylib", or "{}.dll".
  FileResolver& native();
  /// Refuses everything outside of the root: by "..", by absolute paths and URLs, and by symbolic
  /// links that lead out of it, whatever the importing module's name is. The errors do not tell
  /// what is outside: a file there and none read the same. Specifiers with a NUL or a backslash,
  /// and those that are not UTF-8, are refused too. (Hard links and mounts count as inside. The
  /// folder must not be written to by those it is to keep out, while modules are loaded.)
  FileResolver& confined(bool confined = true);

  /// The real path of the file.
  Result<std::string> operator()(std::string_view base, std::string_view specifier) const;

 private:
  class Search;
  std::filesystem::path root_;
  std::vector<std::filesystem::path> paths_;
  std::vector<std::string> patterns_ = {"{}.js"};
  bool is_confined_ = false;
};

}  // namespace quip
