#include "glue.hpp"
#include <quip/core/error.hpp>
#include <quip/module/loader.hpp>

namespace quip {

Result<ModuleSource> Loader::operator()(std::string_view name,
                                        const ImportAttributes& attributes) const {
  if (load_ == nullptr) {
    return Error::reference(detail::cannot_load(name) +
                            ": there is no loader (see Runtime::set_loader)");
  }
  // it may replace itself
  const std::shared_ptr<const Function> load = load_;
  return (*load)(name, attributes);
}

Loader loaders(std::vector<Loader> in_order) {
  return [in_order = std::move(in_order)](
             std::string_view name, const ImportAttributes& attributes) -> Result<ModuleSource> {
    std::vector<Error> said;
    for (const Loader& load : in_order) {
      Result<ModuleSource> source = load(name, attributes);
      if (source) return source;
      said.push_back(std::move(source).error());
    }
    return detail::none_has_it(detail::cannot_load(name), said);
  };
}

}  // namespace quip
