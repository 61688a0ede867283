#include "glue.hpp"
#include "specifier.hpp"
#include <quip/module/builtin.hpp>
#include <quip/module/module_def.hpp>

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace quip {

namespace {

void check_name(const std::string& name) {
  if (name.empty() || detail::has_nul(name) || detail::is_relative(name)) {
    throw Error::type("a module cannot be named " + detail::quoted(name) +
                      ": no import could say that");
  }
}

/// What the specifier may be the name of; nothing when it leads above all names.
std::optional<std::string> full_name(std::string_view base, std::string_view specifier) {
  if (!detail::is_relative(specifier)) return std::string(specifier);
  return detail::beside(base, specifier);
}

template <class Names>
Result<std::string> find(const Names& names, std::string_view base, std::string_view specifier) {
  std::optional<std::string> name = full_name(base, specifier);
  if (name && names.contains(*name)) return *std::move(name);
  const bool says_more = name && *name != specifier;
  return Error::reference(
      detail::cannot_find(base, specifier) + ": no module " +
      (says_more ? detail::quoted(*name) + " is built in" : "of that name is built in"));
}

/// The attribute `type` that imports of such a module must have.
std::string_view type_of(const ModuleSource& source) noexcept {
  return std::visit(
      [](const auto& contents) -> std::string_view {
        using Kind = std::remove_cvref_t<decltype(contents)>;
        if constexpr (std::is_same_v<Kind, ModuleSource::Json>) return "json";
        if constexpr (std::is_same_v<Kind, ModuleSource::Text>) return "text";
        if constexpr (std::is_same_v<Kind, ModuleSource::Bytes>) return "bytes";
        return "";
      },
      source.contents());
}

}  // namespace

BuiltinResolver::BuiltinResolver(std::initializer_list<std::string_view> names)
    : names_(std::make_shared<std::set<std::string, std::less<>>>()) {
  for (const std::string_view name : names) add(std::string(name));
}

BuiltinResolver& BuiltinResolver::add(std::string name) {
  check_name(name);
  names_->insert(std::move(name));
  return *this;
}

Result<std::string> BuiltinResolver::operator()(std::string_view base,
                                                std::string_view specifier) const {
  return find(*names_, base, specifier);
}

BuiltinLoader::BuiltinLoader()
    : modules_(std::make_shared<std::map<std::string, ModuleSource, std::less<>>>()) {}

BuiltinLoader& BuiltinLoader::add(std::string name, ModuleSource source) {
  check_name(name);
  modules_->insert_or_assign(std::move(name), std::move(source));
  return *this;
}

BuiltinLoader& BuiltinLoader::add(const ModuleDef& definition) {
  return add(definition.name(), ModuleSource(definition));
}

Result<std::string> BuiltinLoader::operator()(std::string_view base,
                                              std::string_view specifier) const {
  return find(*modules_, base, specifier);
}

Result<ModuleSource> BuiltinLoader::operator()(std::string_view name,
                                               const ImportAttributes& attributes) const {
  const auto found = modules_->find(name);
  if (found == modules_->end()) {
    return Error::reference("no module " + detail::quoted(name) + " is built in");
  }
  const std::string_view asked = attributes.type();
  const std::string_view type = type_of(found->second);
  // without a type, what there is: on an engine without attributes there is no other way
  if (asked.empty() || asked == type) return found->second;
  return Error::type("the module " + detail::quoted(name) + " is not of the type " +
                     detail::quoted(asked) +
                     (type.empty() ? " but code, which is imported without a type"
                                   : " but " + detail::quoted(type)));
}

}  // namespace quip
