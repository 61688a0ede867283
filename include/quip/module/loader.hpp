// Finding and reading ES modules in the file system.
#pragma once

#include <quip/core/runtime.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace quip {

/// A ModuleResolver for files: relative specifiers ("./x.mjs", "../lib/y.js") are found beside the
/// module that imports them, absolute ones as they are. The name of a module is its absolute path
/// with links resolved, so that one file is one module. Bare names ("lodash") are errors.
///
/// Errors are ReferenceErrors that say what was looked for and where.
class FileResolver {
 public:
  /// @param root the folder that specifiers of a module without a file name are relative to.
  explicit FileResolver(std::filesystem::path root = ".");
  Result<std::string> operator()(std::string_view base, std::string_view specifier) const;

 private:
  std::filesystem::path root_;
};

/// A ModuleLoader that reads the file which the name is the path of.
class ScriptLoader {
 public:
  Result<std::string> operator()(std::string_view name) const;
};

}  // namespace quip
