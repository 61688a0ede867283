#include "modules.hpp"

#include <utility>

namespace quip::program {

void Modules::install(Runtime& runtime) {
  runtime.set_loader([this](std::string_view base,
                            std::string_view specifier) { return resolve(base, specifier); },
                     [this](std::string_view name) { return load(name); });
}

Result<std::string> Modules::resolve(std::string_view base, std::string_view specifier) {
  Result<std::string> name = resolver_(base, specifier);
  Import import{std::string(base), std::string(specifier)};
  if (name) {
    imported_.try_emplace(*name, std::move(import));
  } else {
    failed_.insert_or_assign(name.error().message(), std::move(import));
  }
  return name;
}

Result<std::string> Modules::load(std::string_view name) {
  Result<std::string> source = loader_(name);
  const auto import = imported_.find(name);
  if (!source && import != imported_.end()) {
    failed_.insert_or_assign(source.error().message(), import->second);
  }
  return source;
}

std::vector<Place> Modules::throw_statements(const std::string& main) const {
  std::vector<Place> places;
  const auto add = [&](const std::string& name) {
    const Result<std::string> source = loader_(name);
    if (!source) return;
    for (Place& place : program::throw_statements(name, *source)) {
      places.push_back(std::move(place));
    }
  };
  add(main);
  for (const auto& [name, import] : imported_) {
    if (name != main) add(name);
  }
  return places;
}

std::optional<Place> Modules::failed_import(const Error& error) const {
  const auto found = failed_.find(error.message());
  if (found == failed_.end()) return std::nullopt;
  const auto& [base, specifier] = found->second;
  const Result<std::string> source = loader_(base);
  if (!source) return Place{base};
  // a specifier that was computed stands nowhere
  return find_import(base, *source, specifier).value_or(Place{base});
}

}  // namespace quip::program
