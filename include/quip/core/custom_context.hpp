// Contexts with a part of the standard library: less memory, a faster start, and nothing for
// scripts that they need not have.
//
//     auto small = quip::Context::custom<quip::intrinsic::Eval, quip::intrinsic::Json>(runtime);
//
//     quip::ContextBuilder builder(runtime);
//     builder.with<quip::intrinsic::Eval>();
//     if (wants_dates) builder.with<quip::intrinsic::Date>();
//     quip::Context built = builder.build();
//
// The base objects are always there: Object, Function, Array, Error and its kin, Number, String,
// Boolean, Symbol, BigInt, Math, Reflect, iterators and generators, parseInt, globalThis, …
//
// What C++ asks of a context that lacks it is a TypeError that names it: "this context has no
// 'Map': it was made without intrinsic::MapSet". JSON alone needs nothing: quip::json works in any
// context.
#pragma once

#include <quip/core/context.hpp>
#include <quip/engine/intrinsics.hpp>

#include <cstdint>
#include <type_traits>

namespace quip {

/// The parts of the standard library, one type each (engine: JS_AddIntrinsicDate and its kin).
namespace intrinsic {

namespace detail {
template <engine::Part P>
struct Tag {
  static constexpr std::uint32_t bits = engine::bit(P);
};
}  // namespace detail

/// `Date`, and C++ times.
struct Date : detail::Tag<engine::Part::date> {};
/// Scripts at all: Ctx::eval, modules from source, `eval`, `new Function`. Without it a context
/// runs what C++ binds, and compiled modules.
struct Eval : detail::Tag<engine::Part::eval> {};
/// `String.prototype.normalize`. quickjs-ng has it in every context.
struct StringNormalize : detail::Tag<engine::Part::string_normalize> {};
/// Regular expressions in scripts are compiled, though `RegExp` is not there. RegExp includes it.
struct RegExpCompiler : detail::Tag<engine::Part::regexp_compiler> {};
/// `RegExp`, and the methods of strings that use it.
struct RegExp : detail::Tag<engine::Part::regexp> {};
/// `JSON`, for scripts.
struct Json : detail::Tag<engine::Part::json> {};
/// `Proxy`.
struct Proxy : detail::Tag<engine::Part::proxy> {};
/// `Map`, `Set`, `WeakMap`, `WeakSet`.
struct MapSet : detail::Tag<engine::Part::map_set> {};
/// `ArrayBuffer`, `SharedArrayBuffer`, the typed arrays, `DataView`; in some engines `Atomics`.
struct TypedArrays : detail::Tag<engine::Part::typed_arrays> {};
/// `Promise`, and what stands on it: async functions, Ctx::spawn, bound coroutines, modules.
struct Promise : detail::Tag<engine::Part::promise> {};
/// `WeakRef`, `FinalizationRegistry`.
struct WeakRef : detail::Tag<engine::Part::weak_ref> {};
/// `BigInt`. Both engines have it in every context.
struct BigInt : detail::Tag<engine::Part::bigint> {};
/// `performance` of the engine. Bellard's engine lacks it (web::install has one for both).
struct Performance : detail::Tag<engine::Part::performance> {};
/// `DOMException` of the engine. Bellard's engine lacks it (web::install has one for both).
struct DomException : detail::Tag<engine::Part::dom_exception> {};
/// `atob` and `btoa`, and DOMException with them. Bellard's engine lacks them (web::install has
/// them for both).
struct Base64 : detail::Tag<engine::Part::base64> {};

/// Several at once. Groups may hold groups.
template <class... Tags>
struct Group {
  static constexpr std::uint32_t bits = (std::uint32_t{0} | ... | Tags::bits);
};
/// The base objects alone.
using None = Group<>;
/// All that the engine has.
struct All {
  static constexpr std::uint32_t bits = engine::parts_available;
};

/// A type that names parts: one of those above, or of the user's own with such a `bits`.
template <class T>
concept Tag = requires {
  { T::bits } -> std::convertible_to<std::uint32_t>;
};

}  // namespace intrinsic

/// A set of parts of the standard library, as a value.
class Intrinsics {
 public:
  /// None: the base objects alone.
  constexpr Intrinsics() = default;
  /// Those that the tags name.
  template <intrinsic::Tag... Tags>
  [[nodiscard]] static constexpr Intrinsics of() noexcept {
    return Intrinsics((std::uint32_t{0} | ... | Tags::bits));
  }
  /// All that the engine has.
  [[nodiscard]] static constexpr Intrinsics all() noexcept { return of<intrinsic::All>(); }
  /// What the engine has in every context, asked for or not.
  [[nodiscard]] static constexpr Intrinsics always() noexcept {
    return Intrinsics(engine::parts_always);
  }

  /// Whether all that the tags name is in the set.
  template <intrinsic::Tag... Tags>
  [[nodiscard]] constexpr bool has() const noexcept {
    return contains(of<Tags...>());
  }
  [[nodiscard]] constexpr bool contains(Intrinsics others) const noexcept {
    return (bits_ & others.bits_) == others.bits_;
  }
  [[nodiscard]] constexpr Intrinsics without(Intrinsics others) const noexcept {
    return Intrinsics(bits_ & ~others.bits_);
  }
  friend constexpr Intrinsics operator|(Intrinsics a, Intrinsics b) noexcept {
    return Intrinsics(a.bits_ | b.bits_);
  }
  friend constexpr bool operator==(Intrinsics, Intrinsics) noexcept = default;

  /// @internal
  constexpr explicit Intrinsics(std::uint32_t bits) noexcept : bits_(bits) {}
  [[nodiscard]] constexpr std::uint32_t bits() const noexcept { return bits_; }

 private:
  std::uint32_t bits_ = 0;
};

/// Collects what a context is to have; the runtime must be alive at `build`.
class ContextBuilder {
 public:
  explicit ContextBuilder(const Runtime& runtime) noexcept : runtime_(&runtime) {}
  /// Adds what the tags name.
  template <intrinsic::Tag... Tags>
  ContextBuilder& with() noexcept {
    return with(Intrinsics::of<Tags...>());
  }
  ContextBuilder& with(Intrinsics more) noexcept {
    chosen_ = chosen_ | more;
    return *this;
  }
  /// Takes it away again: `with<intrinsic::All>().without<intrinsic::Eval>()`.
  template <intrinsic::Tag... Tags>
  ContextBuilder& without() noexcept {
    return without(Intrinsics::of<Tags...>());
  }
  ContextBuilder& without(Intrinsics fewer) noexcept {
    chosen_ = chosen_.without(fewer);
    return *this;
  }
  [[nodiscard]] Intrinsics chosen() const noexcept { return chosen_; }

  /// A context with what was added; may be called again for another one. Throws Error when the
  /// engine lacks a part, memory is short, or the runtime is gone.
  [[nodiscard]] Context build() const { return try_build().value(); }
  /// As `build`, with the error as a value.
  [[nodiscard]] Result<Context> try_build() const { return Context::try_make(*runtime_, chosen_); }

 private:
  const Runtime* runtime_;
  Intrinsics chosen_;
};

template <class... Tags>
Context Context::custom(const Runtime& runtime) {
  return try_custom<Tags...>(runtime).value();
}
template <class... Tags>
Result<Context> Context::try_custom(const Runtime& runtime) {
  return try_make(runtime, Intrinsics::of<Tags...>());
}

namespace detail {
/// True when the realm has a part; else false, with a pending TypeError that says what is missing.
/// To be asked where the engine would make an object without a prototype, or speaks of "eval".
bool has_part(Realm* realm, engine::Part part) noexcept;
/// The same as an exception to return; undefined when the part is there.
inline JSValue need_part(Realm* realm, engine::Part part) noexcept {
  return has_part(realm, part) ? engine::undefined() : engine::exception();
}
}  // namespace detail

}  // namespace quip
