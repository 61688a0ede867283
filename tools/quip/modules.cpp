#include "modules.hpp"

#include <utility>

namespace quip::program {

Resolver file_resolver() {
  return [files = FileResolver(), packages = NodeModulesResolver()](std::string_view base,
                                                                    std::string_view specifier) {
    const bool is_path = specifier.starts_with('/') || specifier.starts_with("./") ||
                         specifier.starts_with("../") || specifier.starts_with("file:");
    return is_path ? files(base, specifier) : packages(base, specifier);
  };
}

void Modules::install(Runtime& runtime) {
  runtime.set_loader([this](std::string_view base,
                            std::string_view specifier) { return resolve(base, specifier); },
                     [this](std::string_view name, const ImportAttributes& attributes) {
                       return load(name, attributes);
                     });
}

Result<std::string> Modules::resolve(std::string_view base, std::string_view specifier) {
  Result<std::string> name = bundle_ ? (*bundle_)(base, specifier) : resolver_(base, specifier);
  if (bundle_ && !name) {
    // What the bundle left to its host is a file; beside the bundle's own modules there is none.
    const Result<std::string> file =
        resolver_(bundle_->contains(base) ? std::string_view() : base, specifier);
    if (file) name = file;
  }
  Import import{std::string(base), std::string(specifier)};
  if (name) {
    imported_.try_emplace(*name, std::move(import));
  } else {
    failed_.insert_or_assign(name.error().message(), std::move(import));
  }
  return name;
}

Result<ModuleSource> Modules::load(std::string_view name, const ImportAttributes& attributes) {
  Result<ModuleSource> source =
      bundle_ && bundle_->contains(name) ? (*bundle_)(name, attributes) : loader_(name, attributes);
  const auto import = imported_.find(name);
  if (!source && import != imported_.end()) {
    failed_.insert_or_assign(source.error().message(), import->second);
  }
  return source;
}

Result<std::string> Modules::text_of(std::string_view name) const {
  if (bundle_ && bundle_->contains(name)) return Error::plain("the text is not in the bundle");
  return loader_(name);
}

std::vector<Place> Modules::throw_statements(const std::string& main) const {
  std::vector<Place> places;
  const auto add = [&](const std::string& name) {
    const Result<std::string> source = text_of(name);
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
  const Result<std::string> source = text_of(base);
  if (!source) return Place{base};
  // a specifier that was computed stands nowhere
  return find_import(base, *source, specifier).value_or(Place{base});
}

}  // namespace quip::program
