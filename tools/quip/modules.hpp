// The modules of the program: how they are found, and where they were asked for.
#pragma once

#include "source.hpp"
#include <quip/quip.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quip::program {

/// How imports are found among files: paths and file: URLs as such, other names among the packages
/// in node_modules.
Resolver file_resolver();

/// Finds and reads modules, in a bundle or in the file system, and remembers what was not found:
/// the engine does not say where the import stands, but the importing module's text does.
class Modules {
 public:
  /// Must outlive the runtime's use of it.
  void install(Runtime& runtime);
  /// Asks a bundle first, before files. To be called before `install`.
  void use(Bundle bundle) { bundle_ = std::move(bundle); }
  /// The import that the error, by its message, was about.
  [[nodiscard]] std::optional<Place> failed_import(const Error& error) const;
  /// The `throw` statements of all modules that were loaded that may throw what is no Error.
  [[nodiscard]] std::vector<Place> throw_statements(const std::string& main) const;

 private:
  struct Import {
    std::string base;
    std::string specifier;
  };
  Result<std::string> resolve(std::string_view base, std::string_view specifier);
  Result<ModuleSource> load(std::string_view name, const ImportAttributes& attributes);

  /// The text of a module that is a file.
  [[nodiscard]] Result<std::string> text_of(std::string_view name) const;

  std::optional<Bundle> bundle_;
  Resolver resolver_ = file_resolver();
  ScriptLoader loader_ = ScriptLoader().any_extension();
  std::map<std::string, Import, std::less<>> failed_;    // by message
  std::map<std::string, Import, std::less<>> imported_;  // the first import, by module name
};

}  // namespace quip::program
