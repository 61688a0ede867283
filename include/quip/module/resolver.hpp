// Finding the module that an import names.
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
concept GivesName = requires(F& f, A... a) {
  { f(a...) } -> std::convertible_to<Result<std::string>>;
};
}  // namespace detail

/// What can resolve: a callable (base, specifier) or (base, specifier, attributes), of
/// std::string_view, std::string_view and const ImportAttributes&, that returns a std::string or a
/// Result of one.
///
///   - `base` is the name of the importing module or script; it is empty for C++ that imports
///     without one, and for the code of `eval` and `new Function`, whose place no engine keeps;
///   - `specifier` is the text of the import;
///   - the result is the full name of the module, by which a context knows it: two imports that
///     resolve to one name, with one `type`, get one module.
///
/// It may throw or return an Error; the importing script gets it. It may run scripts and import
/// modules itself.
template <class F>
concept ResolverLike =
    detail::GivesName<F, std::string_view, std::string_view, const ImportAttributes&> ||
    detail::GivesName<F, std::string_view, std::string_view>;

/// Any resolver. Copies are the same resolver: what it was made of is there once.
class Resolver {
 public:
  /// None: every import fails.
  Resolver() noexcept = default;
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, Resolver> &&
             ResolverLike<std::remove_cvref_t<F>>)
  Resolver(F&& resolve) : resolve_(wrap(std::forward<F>(resolve))) {}

  explicit operator bool() const noexcept { return resolve_ != nullptr; }
  /// The module's name, or why there is none; throws what the callable throws.
  Result<std::string> operator()(std::string_view base, std::string_view specifier,
                                 const ImportAttributes& attributes = {}) const;

 private:
  using Function = std::function<Result<std::string>(std::string_view, std::string_view,
                                                     const ImportAttributes&)>;
  template <class F>
  static std::shared_ptr<const Function> wrap(F&& resolve) {
    using Plain = std::decay_t<F>;
    if constexpr (detail::GivesName<Plain, std::string_view, std::string_view,
                                    const ImportAttributes&>) {
      return std::make_shared<const Function>(std::forward<F>(resolve));
    } else {
      return std::make_shared<const Function>(
          [resolve = Plain(std::forward<F>(resolve))](
              std::string_view base, std::string_view specifier,
              const ImportAttributes&) mutable -> Result<std::string> {
            return resolve(base, specifier);
          });
    }
  }
  std::shared_ptr<const Function> resolve_;
};

/// Asks each in order, and takes the first answer. When none has one, the error tells what each
/// said. An exception of one is not an answer: it comes through.
Resolver resolvers(std::vector<Resolver> in_order);
template <class... R>
  requires(sizeof...(R) > 0 && (std::is_convertible_v<R, Resolver> && ...))
Resolver resolvers(R&&... in_order) {
  std::vector<Resolver> all;
  all.reserve(sizeof...(R));
  (all.emplace_back(std::forward<R>(in_order)), ...);
  return resolvers(std::move(all));
}

}  // namespace quip
