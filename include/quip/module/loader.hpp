// Fetching what a module contains.
#pragma once

#include <quip/core/result.hpp>
#include <quip/module/source.hpp>

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace quip {

namespace detail {
template <class F, class... A>
concept GivesSource = requires(F& f, A... a) {
  requires std::convertible_to<decltype(f(a...)), Result<ModuleSource>> ||
               std::convertible_to<decltype(f(a...)), Result<std::string>>;
};
}  // namespace detail

/// What can load: a callable (name) or (name, attributes), of std::string_view and const
/// ImportAttributes&, that returns a ModuleSource (a std::string is JavaScript) or a Result of one.
/// `name` is the full name that the resolver gave. It may throw or return an Error; the importing
/// script gets it. It may run scripts and import modules itself.
template <class F>
concept LoaderLike = detail::GivesSource<F, std::string_view, const ImportAttributes&> ||
                     detail::GivesSource<F, std::string_view>;

/// Any loader. Copies are the same loader: what it was made of is there once.
class Loader {
 public:
  /// None: every import fails.
  Loader() noexcept = default;
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, Loader> && LoaderLike<std::remove_cvref_t<F>>)
  Loader(F&& load) : load_(wrap(std::forward<F>(load))) {}

  explicit operator bool() const noexcept { return load_ != nullptr; }
  /// The module's contents, or why there are none; throws what the callable throws.
  Result<ModuleSource> operator()(std::string_view name,
                                  const ImportAttributes& attributes = {}) const;

 private:
  using Function = std::function<Result<ModuleSource>(std::string_view, const ImportAttributes&)>;
  template <class R>
  static Result<ModuleSource> source(R&& given) {
    if constexpr (std::is_convertible_v<R, Result<ModuleSource>>) {
      return std::forward<R>(given);
    } else {
      Result<std::string> script = std::forward<R>(given);
      if (!script) return std::move(script).error();
      return ModuleSource(std::move(script).value());
    }
  }
  template <class F>
  static std::shared_ptr<const Function> wrap(F&& load) {
    using Plain = std::decay_t<F>;
    return std::make_shared<const Function>(
        [load = Plain(std::forward<F>(load))](std::string_view name,
                                              const ImportAttributes& attributes) mutable {
          if constexpr (detail::GivesSource<Plain, std::string_view, const ImportAttributes&>) {
            return source(load(name, attributes));
          } else {
            return source(load(name));
          }
        });
  }
  std::shared_ptr<const Function> load_;
};

/// Asks each in order, and takes the first answer. When none has one, the error tells what each
/// said. An exception of one is not an answer: it comes through.
Loader loaders(std::vector<Loader> in_order);
template <class... L>
  requires(sizeof...(L) > 0 && (std::is_convertible_v<L, Loader> && ...))
Loader loaders(L&&... in_order) {
  std::vector<Loader> all;
  all.reserve(sizeof...(L));
  (all.emplace_back(std::forward<L>(in_order)), ...);
  return loaders(std::move(all));
}

}  // namespace quip
