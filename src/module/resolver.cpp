#include "glue.hpp"
#include "specifier.hpp"
#include <quip/core/error.hpp>
#include <quip/module/resolver.hpp>

#include <algorithm>

namespace quip {

std::string detail::cannot_find(std::string_view base, std::string_view specifier) {
  std::string text = "cannot find module " + detail::quoted(specifier);
  if (!base.empty()) text += " imported from " + detail::quoted(base);
  return text;
}

std::string detail::cannot_load(std::string_view name) {
  return "cannot load module " + detail::quoted(name);
}

Error detail::none_has_it(const std::string& what, const std::vector<Error>& said) {
  if (said.size() == 1) return said.front();
  if (said.empty()) return Error::reference(what);
  std::vector<std::string> reasons;
  const auto add = [&](std::string_view reason) {
    if (std::ranges::find(reasons, reason) == reasons.end()) reasons.emplace_back(reason);
  };
  constexpr std::string_view item = "\n  - ";
  for (const Error& error : said) {
    // each says the same of what was wanted, and one may have asked several itself
    const std::string& message = error.message();
    std::string_view reason = message;
    if (reason.starts_with(what + ": ")) {
      add(reason.substr(what.size() + 2));
    } else if (reason.starts_with(what + ':' + std::string(item))) {
      for (std::size_t start = what.size() + 1; start < reason.size();) {
        start += item.size();
        const std::size_t end = std::min(reason.find(item, start), reason.size());
        add(reason.substr(start, end - start));
        start = end;
      }
    } else {
      add(reason);
    }
  }
  std::string text = what + ':';
  for (const std::string& reason : reasons) text.append(item).append(reason);
  return Error::reference(std::move(text));
}

Result<std::string> Resolver::operator()(std::string_view base, std::string_view specifier,
                                         const ImportAttributes& attributes) const {
  if (resolve_ == nullptr) {
    return Error::reference(detail::cannot_find(base, specifier) +
                            ": there is no resolver (see Runtime::set_loader)");
  }
  // it may replace itself
  const std::shared_ptr<const Function> resolve = resolve_;
  return (*resolve)(base, specifier, attributes);
}

Resolver resolvers(std::vector<Resolver> in_order) {
  return
      [in_order = std::move(in_order)](std::string_view base, std::string_view specifier,
                                       const ImportAttributes& attributes) -> Result<std::string> {
        std::vector<Error> said;
        for (const Resolver& resolve : in_order) {
          Result<std::string> name = resolve(base, specifier, attributes);
          if (name) return name;
          said.push_back(std::move(name).error());
        }
        return detail::none_has_it(detail::cannot_find(base, specifier), said);
      };
}

}  // namespace quip
