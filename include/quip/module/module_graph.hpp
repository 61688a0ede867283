// The modules that an entry module needs, found without reading any: the caller fetches them, in
// whatever way, blocking or not.
#pragma once

#include <quip/core/result.hpp>
#include <quip/module/resolver.hpp>
#include <quip/module/source.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quip {

/// A module that a graph needs.
struct ModuleRequest {
  std::string name;             ///< its full name
  ImportAttributes attributes;  ///< what the import asked for, e.g. `with { type: "json" }`
  std::string importer;         ///< the module that imports it first; empty for an entry

  friend bool operator==(const ModuleRequest&, const ModuleRequest&) = default;
};

/// A graph of modules that grows by what is put into it. It reads nothing itself, so that modules
/// may come from where only an asynchronous call can fetch them:
///
///     quip::ModuleGraph graph(quip::FileResolver{});
///     const std::string entry = graph.add_entry("./main.mjs", base);
///     while (const auto request = graph.missing()) {
///       graph.provide(*request, co_await fetch(request->name));
///     }
///     runtime.set_loader(graph, graph);
///
/// Then it is a resolver and a loader, which answers at once. compile_bundle makes a Bundle of it.
///
/// Only static imports are found (ECMA-262 16.2.2): nobody can tell what `import()` will be given.
/// Modules that only `import()` names are to be added as entries.
///
/// Copies share one graph. Several threads may use it as resolver and loader at once, while none
/// changes it.
class ModuleGraph {
 public:
  /// An import of the graph, as it was resolved.
  struct Import {
    std::string specifier;
    std::string type;  ///< the import attribute `type`
    std::string name;  ///< the full name of the module
  };
  /// A module of the graph.
  struct Module {
    std::string name;
    ImportAttributes attributes;
    std::optional<ModuleSource> source;  ///< nothing while it is missing
    std::vector<Import> imports;
  };

  // there is no empty one: what was moved from is still the graph
  ModuleGraph(const ModuleGraph&) noexcept = default;
  ModuleGraph& operator=(const ModuleGraph&) noexcept = default;
  ~ModuleGraph() = default;

  /// @param resolver how imports get their full names; also of what is imported while it runs.
  explicit ModuleGraph(Resolver resolver);

  /// Adds a module that is to be in the graph, and returns its full name. Throws what the resolver
  /// does.
  std::string add_entry(std::string_view specifier, std::string_view base = {}) {
    return try_add_entry(specifier, base).value();
  }
  /// As `add_entry`, with the error as a value.
  Result<std::string> try_add_entry(std::string_view specifier, std::string_view base = {});
  /// Leaves a module out: imports with this specifier, and those that resolve to this full name,
  /// keep it as their name and nothing is missing for them. The loader of the host that runs the
  /// graph is asked for it. To be said before a module that imports it is provided.
  void external(std::string name);

  /// A module that is needed and not there, or nothing when the graph is complete.
  [[nodiscard]] std::optional<ModuleRequest> missing() const;
  /// Puts a module in. A script is compiled, in an engine of the graph's own, to find what it
  /// imports; no code of it runs. Throws Error, and the graph stays as it was: for a syntax error,
  /// with its place; for an import that the resolver refuses; for a module that is there already;
  /// for bytecode, of which nobody knows what it imports.
  void provide(const ModuleRequest& request, ModuleSource source) {
    try_provide(request, std::move(source)).value();
  }
  /// The same by the full name alone, also of a module that nobody asked for.
  void provide(std::string_view name, ModuleSource source) {
    try_provide(name, std::move(source)).value();
  }
  /// As `provide`, with the error as a value.
  Result<void> try_provide(const ModuleRequest& request, ModuleSource source);
  Result<void> try_provide(std::string_view name, ModuleSource source);

  /// All modules but the external ones, entries and what was found first in front.
  [[nodiscard]] const std::vector<Module>& modules() const noexcept;
  /// The full names of the entries, in the order in which they were added.
  [[nodiscard]] const std::vector<std::string>& entries() const noexcept;

  /// As a resolver (see ResolverLike): what was resolved for the graph, else what its resolver
  /// says.
  Result<std::string> operator()(std::string_view base, std::string_view specifier,
                                 const ImportAttributes& attributes = {}) const;
  /// As a loader (see LoaderLike): what was provided.
  Result<ModuleSource> operator()(std::string_view name,
                                  const ImportAttributes& attributes = {}) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace quip
