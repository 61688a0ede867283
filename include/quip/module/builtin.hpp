// Modules that the program brings along: known by name, kept in memory.
#pragma once

#include <quip/core/result.hpp>
#include <quip/module/source.hpp>

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace quip {

/// A resolver (see Resolver) for a set of names: a specifier that is one of them is that module's
/// name. A relative one is joined to the folder-like part of the importing module's name first, so
/// that "./b" from "lib/a" is "lib/b". Others are ReferenceErrors.
///
/// Copies share the set: a name that is added later is found by all. A runtime must not run on
/// another thread meanwhile.
class BuiltinResolver {
 public:
  BuiltinResolver() : BuiltinResolver({}) {}
  BuiltinResolver(std::initializer_list<std::string_view> names);

  /// Adds a name. Throws a TypeError for one that no import could say: an empty one, one with a
  /// NUL, and one that begins with "./" or "../".
  BuiltinResolver& add(std::string name);

  /// The name that the specifier means.
  Result<std::string> operator()(std::string_view base, std::string_view specifier) const;

 private:
  std::shared_ptr<std::set<std::string, std::less<>>> names_;
};

/// A loader (see Loader) of modules by name: JavaScript, data, bytecode, or defined in C++. It is a
/// resolver of these names too, as BuiltinResolver is, so that one object serves for both:
///
///     quip::BuiltinLoader builtins;
///     builtins.add("app/config", "export const debug = true")
///         .add("app/words", quip::ModuleSource::Json{words})
///         .add(quip::ModuleDef("app/native", define_native));
///     runtime.set_loader(quip::resolvers(builtins, quip::FileResolver()),
///                        quip::loaders(builtins, quip::ScriptLoader()));
///
/// A module may be loaded any number of times: each context has its own. Other names are
/// ReferenceErrors. Copies share the modules: one that is added later is found by all. A runtime
/// must not run on another thread meanwhile.
class BuiltinLoader {
 public:
  BuiltinLoader();

  /// Adds a module, or takes another source for it: contexts that have it already keep theirs.
  /// Throws as BuiltinResolver::add does.
  BuiltinLoader& add(std::string name, ModuleSource source);
  /// Adds a module that is defined in C++, by its own name.
  BuiltinLoader& add(const ModuleDef& definition);

  /// The name that the specifier means.
  Result<std::string> operator()(std::string_view base, std::string_view specifier) const;
  /// The module of that name. What an import asks for by its attribute `type` ("json", "text",
  /// "bytes") must be what the module is, else it is a TypeError; one that asks for nothing gets
  /// the module whatever it is.
  Result<ModuleSource> operator()(std::string_view name,
                                  const ImportAttributes& attributes = {}) const;

 private:
  std::shared_ptr<std::map<std::string, ModuleSource, std::less<>>> modules_;
};

/// A loader of modules that are defined in C++: `ModuleLoader loader; loader.add(definition);`.
using ModuleLoader = BuiltinLoader;

}  // namespace quip
