// Many modules compiled into one blob, which is the same in a file and in a program's data.
#pragma once

#include <quip/core/result.hpp>
#include <quip/module/bytecode.hpp>
#include <quip/module/source.hpp>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quip {

class ModuleGraph;

namespace detail {
struct BundleContents;
}  // namespace detail

/// A graph of modules, compiled: it resolves the imports among its modules as they were resolved
/// when it was made, and loads them without parsing. It is a resolver and a loader:
///
///     const quip::Bundle bundle = quip::Bundle::open("app.qjsb");
///     runtime.set_loader(bundle, bundle);
///     const quip::Promise<> done = ctx.import(bundle.entry());  // and Runtime::run
///
/// A bundle names the build of the engine that made it and holds hashes of all its parts. Reading
/// one checks all of that, so that a foreign, old, cut or otherwise damaged bundle is refused with
/// an Error that says why, before the engine sees any of it. That finds accidents, not attackers:
/// **bytecode can do what native code can**, so read only bundles that you would run as a program.
///
/// Copies are cheap and share one bundle. It is constant: any number of threads, runtimes and
/// contexts may use it at once.
class Bundle {
 public:
  // there is no empty one: what was moved from is still a bundle
  Bundle(const Bundle&) noexcept = default;
  Bundle& operator=(const Bundle&) noexcept = default;
  ~Bundle() = default;

  /// Checks a bundle in memory, which is not copied: it must outlive this Bundle and its copies,
  /// also those that are a runtime's loader. (A program's own data does.) Throws Error when it
  /// cannot be used.
  static Bundle read(std::span<const std::byte> bytes) { return try_read(bytes).value(); }
  /// As `read`, with the error as a value.
  static Result<Bundle> try_read(std::span<const std::byte> bytes);
  /// The same, with what owns the bytes: kept as long as the Bundle and its copies.
  static Result<Bundle> try_read(std::span<const std::byte> bytes,
                                 std::shared_ptr<const void> owner);
  /// Reads and checks a file. Throws Error when it cannot be read or used.
  static Bundle open(const std::filesystem::path& path) { return try_open(path).value(); }
  /// As `open`, with the error as a value.
  static Result<Bundle> try_open(const std::filesystem::path& path);
  /// Whether bytes begin as bundles do. Nothing else is checked.
  static bool is_bundle(std::span<const std::byte> bytes) noexcept;

  /// The full names of its modules, in no special order.
  [[nodiscard]] std::vector<std::string_view> names() const;
  [[nodiscard]] bool contains(std::string_view name) const noexcept;
  /// The full names of the modules that it was made for; there is at least one.
  [[nodiscard]] std::vector<std::string_view> entries() const;
  /// The first of them.
  [[nodiscard]] std::string_view entry() const;
  /// The bytes that it was read from.
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept;

  /// As a resolver (see ResolverLike): imports of its own modules have the names that they had when
  /// the bundle was made, and those that were external then keep them, for another loader to
  /// answer. A specifier that was not known then (a computed `import()`, an import from elsewhere)
  /// is a module's full name, or relative to the base's. Errors are ReferenceErrors.
  Result<std::string> operator()(std::string_view base, std::string_view specifier,
                                 const ImportAttributes& attributes = {}) const;
  /// As a loader (see LoaderLike). Data is asked for with its own type or without one, as bytecode
  /// does, which has no import attributes; another type is a TypeError.
  Result<ModuleSource> operator()(std::string_view name,
                                  const ImportAttributes& attributes = {}) const;

 private:
  explicit Bundle(std::shared_ptr<const detail::BundleContents> contents) noexcept
      : contents_(std::move(contents)) {}
  std::shared_ptr<const detail::BundleContents> contents_;
};

/// Compiles all modules of a graph, in which nothing may be missing, to a bundle. Scripts become
/// bytecode; JSON, text and bytes go in as they are. Throws Error: for a module that is missing;
/// for one that is defined in C++ or is bytecode, which a bundle cannot hold (name it as external);
/// for one name with two kinds of contents (`with { type }`), which bytecode cannot tell apart.
std::vector<std::byte> compile_bundle(const ModuleGraph& graph, const CompileOptions& options = {});
/// As `compile_bundle`, with the error as a value.
Result<std::vector<std::byte>> try_compile_bundle(const ModuleGraph& graph,
                                                  const CompileOptions& options = {});

}  // namespace quip
