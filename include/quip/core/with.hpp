// Several contexts of a runtime at once.
#pragma once

#include <quip/core/context.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace quip {

namespace detail {
/// Why these realms cannot be used together, in an Error to throw; returns when they can.
void check_together(const Realm* const* realms, std::size_t count);
}  // namespace detail

/// Calls f(ctx, ctx, …) with a Ctx for each of the contexts, while holding their runtime's lock,
/// and returns what it returns:
///
///     quip::with(first, second, [](quip::Ctx a, quip::Ctx b) {
///       b.globals().set("shared", a.globals().get<quip::Object>("shared"));
///     });
///
/// The last argument is the function, the others are Contexts; one may be named twice. Values
/// travel between them freely: an object keeps the prototypes of the context that made it. Throws
/// Error when the contexts are of different runtimes, RuntimeGone, and what f throws.
template <class... Arguments>
  requires(sizeof...(Arguments) >= 2)
decltype(auto) with(Arguments&&... arguments) {
  constexpr std::size_t count = sizeof...(Arguments) - 1;
  return [&]<std::size_t... I>(std::index_sequence<I...>) -> decltype(auto) {
    auto all = std::forward_as_tuple(std::forward<Arguments>(arguments)...);
    static_assert(
        (std::is_same_v<std::remove_cvref_t<std::tuple_element_t<I, decltype(all)>>, Context> &&
         ...),
        "quip::with takes Contexts, and a function behind them");
    const std::array<detail::Realm*, count> realms{std::get<I>(all).handle().realm()...};
    const detail::Entry entry(realms[0]);
    if (!entry) [[unlikely]]
      detail::refusal(realms[0]).raise();
    detail::check_together(realms.data(), count);
    return std::invoke(std::get<count>(std::move(all)), Ctx(realms[I])...);
  }(std::make_index_sequence<count>());
}

}  // namespace quip
