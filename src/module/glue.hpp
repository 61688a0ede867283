// What the parts of the module layer ask of each other. Private to src/.
#pragma once

#include <quip/core/lifetime.hpp>
#include <quip/core/result.hpp>
#include <quip/module/source.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quip {
class ModuleDef;
}  // namespace quip

namespace quip::detail {

/// Declares a module of that name in the context from its definition; null with an exception
/// pending. (`name` is how the engine is to call the module: it may differ from the definition's.)
/// No module is linked or evaluated meanwhile: ModuleTable sees to it. Exports are set when the
/// engine evaluates the module. In src/module/module_def.cpp.
JSModuleDef* define_module(JSContext* ctx, const ModuleDef& definition, const std::string& name);

/// Makes a module of that name from the engine's bytecode, which was checked; its imports are not
/// resolved yet. Null with an exception pending. The same holds. In src/module/bytecode.cpp.
JSModuleDef* read_module(JSContext* ctx, std::span<const std::byte> bytecode,
                         const std::string& name);

/// Compiles a text, with its imports loaded; null with an exception pending.
JSModuleDef* compile_module(JSContext* ctx, const std::string& text, const std::string& key);
/// A module of JSON, text or bytes; null with an exception pending.
JSModuleDef* make_data_module(Realm* realm, const ModuleSource& source, const std::string& name,
                              const std::string& key);
/// The import.meta.url of a module: of a path, the file's URL.
std::string url_of(const std::string& name);

/// "cannot find module 'specifier' imported from 'base'", and the like, without a reason.
std::string cannot_find(std::string_view base, std::string_view specifier);
std::string cannot_load(std::string_view name);
/// The error for what each of several said about a thing that none of them has.
Error none_has_it(const std::string& what, const std::vector<Error>& said);

}  // namespace quip::detail
