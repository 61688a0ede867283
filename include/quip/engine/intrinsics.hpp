// The parts of the standard library that a context is put together of, and contexts of them.
#pragma once

#include <quip/engine/engine.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace quip::engine {

/// What JS_AddIntrinsic… adds to the base objects, which every context has.
enum class Part : unsigned char {
  date,
  eval,
  string_normalize,
  regexp_compiler,
  regexp,
  json,
  proxy,
  map_set,
  typed_arrays,
  promise,
  weak_ref,
  bigint,
  performance,
  dom_exception,
  base64,
  count_,
};

/// Sets of parts are the bits of a number.
constexpr std::uint32_t bit(Part part) noexcept {
  return std::uint32_t{1} << static_cast<unsigned>(part);
}

namespace fallback {
Missing JS_AddIntrinsicStringNormalize(...);
Missing JS_AddIntrinsicDOMException(...);
Missing JS_AddIntrinsicAToB(...);
Missing JS_AddPerformance(...);

// void in some versions, an int that is negative for failure in others: a type of neither is none
template <class C>
inline constexpr bool has_string_normalize =
    present<decltype(JS_AddIntrinsicStringNormalize(std::declval<C*>()))>;
template <class C>
inline constexpr bool has_dom_exception =
    present<decltype(JS_AddIntrinsicDOMException(std::declval<C*>()))>;
template <class C>
inline constexpr bool has_base64 = present<decltype(JS_AddIntrinsicAToB(std::declval<C*>()))>;
template <class C>
inline constexpr bool has_performance = present<decltype(JS_AddPerformance(std::declval<C*>()))>;
}  // namespace fallback

/// What every context of this engine has, whether asked for or not.
inline constexpr std::uint32_t parts_always =
    bit(Part::bigint) |
    (fallback::has_string_normalize<JSContext> ? 0 : bit(Part::string_normalize));
/// What a context of this engine may have.
inline constexpr std::uint32_t parts_available =
    ((std::uint32_t{1} << static_cast<unsigned>(Part::count_)) - 1) &
    ~(fallback::has_performance<JSContext> ? 0 : bit(Part::performance)) &
    ~(fallback::has_dom_exception<JSContext> ? 0 : bit(Part::dom_exception)) &
    ~(fallback::has_base64<JSContext> ? 0 : bit(Part::base64));

/// A context with the base objects and those parts; null when memory is short. Bellard's engine
/// does not say when a part could not be added.
JSContext* new_context(JSRuntime* rt, std::uint32_t parts) noexcept;
/// A context with all that the engine has.
JSContext* new_full_context(JSRuntime* rt) noexcept;
/// The parts that a context has, as far as it can be told from outside: of those that leave no
/// trace (eval, JSON, …), all.
std::uint32_t parts_of(JSContext* ctx) noexcept;

/// Engines know async functions only from the first context with promises on: before, what a script
/// makes of them is never freed. Tells the engine of them; false when memory is short.
bool know_async_functions(JSRuntime* rt) noexcept;

}  // namespace quip::engine
