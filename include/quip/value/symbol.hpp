// Symbols: property keys that equal only themselves.
#pragma once

#include <quip/value/atom.hpp>
#include <quip/value/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace quip {

/// The symbols that the language itself uses (ECMA-262 6.1.5.1) as property keys, which need no
/// look-up: `obj.get<Function>(quip::symbol::iterator)`, `obj.has(quip::symbol::to_primitive)`.
/// Their values are Symbol::iterator and its kin.
namespace symbol {
inline constexpr detail::WellKnownKey async_iterator{engine::WellKnown::async_iterator};
inline constexpr detail::WellKnownKey has_instance{engine::WellKnown::has_instance};
inline constexpr detail::WellKnownKey is_concat_spreadable{engine::WellKnown::is_concat_spreadable};
inline constexpr detail::WellKnownKey iterator{engine::WellKnown::iterator};
inline constexpr detail::WellKnownKey match{engine::WellKnown::match};
inline constexpr detail::WellKnownKey match_all{engine::WellKnown::match_all};
inline constexpr detail::WellKnownKey replace{engine::WellKnown::replace};
inline constexpr detail::WellKnownKey search{engine::WellKnown::search};
inline constexpr detail::WellKnownKey species{engine::WellKnown::species};
inline constexpr detail::WellKnownKey split{engine::WellKnown::split};
inline constexpr detail::WellKnownKey to_primitive{engine::WellKnown::to_primitive};
inline constexpr detail::WellKnownKey to_string_tag{engine::WellKnown::to_string_tag};
inline constexpr detail::WellKnownKey unscopables{engine::WellKnown::unscopables};
/// Not of every engine: in the others, using it is a TypeError.
inline constexpr detail::WellKnownKey dispose{engine::WellKnown::dispose};
inline constexpr detail::WellKnownKey async_dispose{engine::WellKnown::async_dispose};
}  // namespace symbol

/// A JavaScript symbol: a property key that equals only itself.
class Symbol : public Value {
 public:
  /// An empty handle.
  Symbol() noexcept = default;
  /// A new symbol, as JavaScript's `Symbol(description)` makes; the description is UTF-8, any
  /// bytes. Throws Error when memory is short.
  Symbol(const Ctx& ctx, std::string_view description)
      : Symbol(try_make(ctx, description).value()) {}
  static Result<Symbol> try_make(const Ctx& ctx, std::string_view description);
  /// A new symbol without a description, as `Symbol()` makes.
  explicit Symbol(const Ctx& ctx) : Symbol(try_make(ctx).value()) {}
  static Result<Symbol> try_make(const Ctx& ctx);

  /// The symbol of that key in the registry that all contexts of a runtime share, made if there is
  /// none: `Symbol.for(key)`. Throws Error when memory is short.
  static Symbol registered(const Ctx& ctx, std::string_view key) {
    return try_registered(ctx, key).value();
  }
  static Result<Symbol> try_registered(const Ctx& ctx, std::string_view key);
  /// The key under which it is in that registry: `Symbol.keyFor(symbol)`; none for other symbols.
  [[nodiscard]] std::optional<std::string> registered_key() const {
    return try_registered_key().value();
  }
  [[nodiscard]] Result<std::optional<std::string>> try_registered_key() const;

  /// The symbols that the language itself uses (ECMA-262 6.1.5.1). They are the same in all
  /// contexts of a runtime, whatever a script does to `Symbol`. As keys alone, the constants of
  /// quip::symbol are cheaper. Each throws Error where the engine lacks it.
  static Symbol async_iterator(const Ctx& ctx) { return well_known(ctx, symbol::async_iterator); }
  static Symbol has_instance(const Ctx& ctx) { return well_known(ctx, symbol::has_instance); }
  static Symbol is_concat_spreadable(const Ctx& ctx) {
    return well_known(ctx, symbol::is_concat_spreadable);
  }
  static Symbol iterator(const Ctx& ctx) { return well_known(ctx, symbol::iterator); }
  static Symbol match(const Ctx& ctx) { return well_known(ctx, symbol::match); }
  static Symbol match_all(const Ctx& ctx) { return well_known(ctx, symbol::match_all); }
  static Symbol replace(const Ctx& ctx) { return well_known(ctx, symbol::replace); }
  static Symbol search(const Ctx& ctx) { return well_known(ctx, symbol::search); }
  static Symbol species(const Ctx& ctx) { return well_known(ctx, symbol::species); }
  static Symbol split(const Ctx& ctx) { return well_known(ctx, symbol::split); }
  static Symbol to_primitive(const Ctx& ctx) { return well_known(ctx, symbol::to_primitive); }
  static Symbol to_string_tag(const Ctx& ctx) { return well_known(ctx, symbol::to_string_tag); }
  static Symbol unscopables(const Ctx& ctx) { return well_known(ctx, symbol::unscopables); }
  /// Any of them by its key: `Symbol::try_well_known(ctx, quip::symbol::iterator)`.
  static Result<Symbol> try_well_known(const Ctx& ctx, detail::WellKnownKey key);

  /// The description; none for a symbol that was made without one. Lone surrogates become U+FFFD.
  [[nodiscard]] std::optional<std::string> description() const { return try_description().value(); }
  [[nodiscard]] Result<std::optional<std::string>> try_description() const;

  /// @internal
  static constexpr std::string_view type_name = "symbol";
  static bool accepts(ValueRef value) noexcept { return engine::tag(value.raw()) == JS_TAG_SYMBOL; }
  explicit Symbol(detail::Handle handle) noexcept : Value(std::move(handle)) {}

 private:
  static Symbol well_known(const Ctx& ctx, detail::WellKnownKey key) {
    return try_well_known(ctx, key).value();
  }
};

template <>
struct Convert<Symbol> : detail::ConvertHandle<Symbol> {};

}  // namespace quip
