#include "compiler.hpp"
#include "glue.hpp"
#include "specifier.hpp"
#include <quip/module/module_graph.hpp>

#include <cstddef>
#include <map>
#include <set>
#include <utility>

namespace quip {

namespace {
// a name, and the type that the import asked for
using Key = std::pair<std::string, std::string>;

Key key_of(std::string_view name, const ImportAttributes& attributes) {
  return {std::string(name), std::string(attributes.type())};
}
}  // namespace

struct ModuleGraph::State {
  explicit State(Resolver by) : resolver(std::move(by)) {}

  Resolver resolver;
  std::set<std::string, std::less<>> externals;
  std::vector<Module> modules;
  std::vector<std::string> importers;  // by module
  std::map<Key, std::size_t> numbers;
  std::vector<std::string> entries;
  std::size_t complete = 0;                    // the modules before it are there
  std::unique_ptr<detail::Compiler> compiler;  // while modules are being provided

  [[nodiscard]] bool is_external(std::string_view name) const {
    return externals.find(name) != externals.end();
  }
  Result<std::string> resolve(std::string_view base, std::string_view specifier,
                              const ImportAttributes& attributes) const {
    if (is_external(specifier)) return std::string(specifier);
    if (!resolver) {
      return Error::reference(detail::cannot_find(base, specifier) + ": the graph has no resolver");
    }
    return resolver(base, specifier, attributes);
  }

  /// Takes note that a module is needed.
  void need(const std::string& name, const ImportAttributes& attributes,
            std::string_view importer) {
    if (is_external(name)) return;
    if (!numbers.try_emplace(key_of(name, attributes), modules.size()).second) return;
    modules.push_back({name, attributes, std::nullopt, {}});
    importers.emplace_back(importer);
  }

  const Module* find(std::string_view name, const ImportAttributes& attributes) const {
    auto found = numbers.find(key_of(name, attributes));
    if (found == numbers.end() && attributes.empty()) {
      // a name that was needed with a type only
      const auto other = numbers.lower_bound(Key(name, std::string()));
      if (other != numbers.end() && other->first.first == name) found = other;
    }
    return found == numbers.end() ? nullptr : &modules[found->second];
  }
};

ModuleGraph::ModuleGraph(Resolver resolver)
    : state_(std::make_shared<State>(std::move(resolver))) {}

Result<std::string> ModuleGraph::try_add_entry(std::string_view specifier, std::string_view base) {
  try {
    Result<std::string> name = state_->resolve(base, specifier, {});
    if (!name) return name;
    state_->need(*name, {}, {});
    state_->entries.push_back(*name);
    return name;
  } catch (...) {
    return Error::from(std::current_exception());
  }
}

void ModuleGraph::external(std::string name) { state_->externals.insert(std::move(name)); }

std::optional<ModuleRequest> ModuleGraph::missing() const {
  State& state = *state_;
  while (state.complete < state.modules.size() && state.modules[state.complete].source) {
    ++state.complete;
  }
  if (state.complete == state.modules.size()) {
    state.compiler.reset();
    return std::nullopt;
  }
  const Module& module = state.modules[state.complete];
  return ModuleRequest{module.name, module.attributes, state.importers[state.complete]};
}

Result<void> ModuleGraph::try_provide(std::string_view name, ModuleSource source) {
  const Module* asked_for = state_->find(name, {});
  return try_provide(
      ModuleRequest{
          std::string(name), asked_for == nullptr ? ImportAttributes() : asked_for->attributes, {}},
      std::move(source));
}

Result<void> ModuleGraph::try_provide(const ModuleRequest& request, ModuleSource source) {
  State& state = *state_;
  try {
    const auto known = state.numbers.find(key_of(request.name, request.attributes));
    if (known != state.numbers.end() && state.modules[known->second].source) {
      return Error::type("the module " + detail::quoted(request.name) + " is in the graph already");
    }
    if (state.is_external(request.name)) {
      return Error::type("the module " + detail::quoted(request.name) + " is external");
    }
    if (std::holds_alternative<ModuleSource::Bytecode>(source.contents())) {
      return Error::type("the module " + detail::quoted(request.name) +
                         " is bytecode, of which a graph cannot tell what it imports");
    }
    std::vector<Import> imports;
    std::vector<std::pair<std::string, ImportAttributes>> needed;
    if (const auto* script = std::get_if<ModuleSource::Script>(&source.contents())) {
      if (state.compiler == nullptr) {
        state.compiler = std::make_unique<detail::Compiler>(CompileOptions{});
      }
      auto found = state.compiler->imports(script->text, request.name);
      if (!found) return std::move(found).error();
      for (detail::ImportedAs& import : *found) {
        for (const auto& [key, value] : import.attributes.entries()) {
          if (key == "type") continue;
          return Error::type("the module " + detail::quoted(request.name) + " imports " +
                             detail::quoted(import.specifier) + " with the attribute " +
                             detail::quoted(key) + ": the only one is 'type'");
        }
        Result<std::string> name = state.resolve(request.name, import.specifier, import.attributes);
        if (!name) return std::move(name).error();
        imports.push_back(
            {std::move(import.specifier), std::string(import.attributes.type()), *name});
        needed.emplace_back(*std::move(name), std::move(import.attributes));
      }
    }
    // from here on only memory can fail
    state.need(request.name, request.attributes, request.importer);
    for (const auto& [name, attributes] : needed) state.need(name, attributes, request.name);
    Module& module = state.modules[state.numbers.at(key_of(request.name, request.attributes))];
    module.imports = std::move(imports);
    module.source = std::move(source);
    return {};
  } catch (...) {
    return Error::from(std::current_exception());
  }
}

const std::vector<ModuleGraph::Module>& ModuleGraph::modules() const noexcept {
  return state_->modules;
}

const std::vector<std::string>& ModuleGraph::entries() const noexcept { return state_->entries; }

Result<std::string> ModuleGraph::operator()(std::string_view base, std::string_view specifier,
                                            const ImportAttributes& attributes) const {
  if (const Module* importer = state_->find(base, {})) {
    for (const Import& import : importer->imports) {
      if (import.specifier == specifier && import.type == attributes.type()) return import.name;
    }
  }
  if (state_->find(specifier, attributes) != nullptr) return std::string(specifier);
  return state_->resolve(base, specifier, attributes);
}

Result<ModuleSource> ModuleGraph::operator()(std::string_view name,
                                             const ImportAttributes& attributes) const {
  const Module* module = state_->find(name, attributes);
  if (module == nullptr || !module->source) {
    return Error::reference(
        detail::cannot_load(name) +
        (module == nullptr ? ": it is not in the graph" : ": it was not provided to the graph"));
  }
  return *module->source;
}

}  // namespace quip
