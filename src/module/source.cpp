#include <quip/module/module_def.hpp>
#include <quip/module/source.hpp>

#include <algorithm>

namespace quip {

std::optional<std::string_view> ImportAttributes::get(std::string_view key) const noexcept {
  const auto found = std::ranges::find(entries_, key, &Entry::first);
  if (found == entries_.end()) return std::nullopt;
  return found->second;
}

std::string_view ImportAttributes::type() const noexcept {
  return get("type").value_or(std::string_view());
}

ModuleSource::ModuleSource(const ModuleDef& definition)
    : contents_(Definition{std::make_shared<const ModuleDef>(definition)}) {}

}  // namespace quip
