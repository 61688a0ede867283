// Import maps: what specifiers mean, said in JSON.
#pragma once

#include <quip/core/result.hpp>
#include <quip/module/resolver.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quip {

/// An import map as browsers have it (WHATWG HTML 8.1.6.2, "Import maps"): `imports`, `scopes`,
/// prefixes that end in a slash, the longest match first, null to block. It rewrites specifiers
/// and hands them to another resolver:
///
///     runtime.set_loader(quip::ImportMap::read("app/imports.json").then(quip::FileResolver("app")),
///                        quip::ScriptLoader());
///
/// Where browsers have URLs, modules here have names, mostly paths. A relative address ("./x.js")
/// is beside the map, whose own name is the `base` that it is parsed with:
///
///   - an absolute path ("/srv/app/imports.json"; `read` takes the real one) where modules are
///     files; "file:" URLs mean the same as paths;
///   - a URL where modules are named by URLs;
///   - nothing, where modules have names such as "lib/a": then addresses are relative to where the
///     other resolver begins (the root of a FileResolver, the names of a BuiltinResolver).
///
/// What the map does not speak of goes to the other resolver as it is, bare names too. What it
/// blocks is a TypeError; so that nothing else finds that, the map stands before all others:
/// `map.then(resolvers(a, b))`. `integrity` is checked for its form alone. Cheap to copy; any
/// number of threads may use it.
class ImportMap {
 public:
  /// Reads the JSON text of a map whose name is `base`. Throws a SyntaxError for what is no JSON
  /// and a TypeError for what is no import map; smaller mistakes are `warnings`.
  static ImportMap parse(std::string_view text, std::string_view base = {}) {
    return try_parse(text, base).value();
  }
  static Result<ImportMap> try_parse(std::string_view text, std::string_view base = {});
  /// Reads a file; its real path is the base. Throws as `parse` does, and Error when the file
  /// cannot be read.
  static ImportMap read(const std::filesystem::path& file) { return try_read(file).value(); }
  static Result<ImportMap> try_read(const std::filesystem::path& file);

  /// A resolver that asks `next` for what the map makes of a specifier, with the same base and
  /// attributes.
  [[nodiscard]] Resolver then(Resolver next) const;

  /// The address that the map has for the specifier in the module `base`, or nothing. Throws a
  /// TypeError for what it blocks, and for what leads out of the address of a prefix by "..".
  [[nodiscard]] std::optional<std::string> resolve(std::string_view base,
                                                   std::string_view specifier) const {
    return try_resolve(base, specifier).value();
  }
  [[nodiscard]] Result<std::optional<std::string>> try_resolve(std::string_view base,
                                                               std::string_view specifier) const;

  /// What was wrong with entries, and that they are not used or block: for a log.
  [[nodiscard]] const std::vector<std::string>& warnings() const noexcept;

 private:
  struct Data;
  explicit ImportMap(std::shared_ptr<const Data> data) noexcept;
  std::shared_ptr<const Data> data_;
};

}  // namespace quip
