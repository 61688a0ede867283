// Symbols.
#pragma once

#include <quip/value/value.hpp>

#include <string>
#include <string_view>

namespace quip {

/// A JavaScript symbol: a property key that equals only itself.
class Symbol : public Value {
 public:
  /// An empty handle.
  Symbol() noexcept = default;
  /// A new symbol, as `Symbol(description)` makes. Throws Error when memory is short.
  Symbol(const Ctx& ctx, std::string_view description)
      : Symbol(try_make(ctx, description).value()) {}
  static Result<Symbol> try_make(const Ctx& ctx, std::string_view description);

  /// The description; empty when the symbol has none.
  [[nodiscard]] std::string description() const { return try_description().value(); }
  [[nodiscard]] Result<std::string> try_description() const;

  /// @internal
  static constexpr std::string_view type_name = "symbol";
  static bool accepts(ValueRef value) noexcept { return engine::tag(value.raw()) == JS_TAG_SYMBOL; }
  explicit Symbol(detail::Handle handle) noexcept : Value(std::move(handle)) {}
};

template <>
struct Convert<Symbol> : detail::ConvertHandle<Symbol> {};

}  // namespace quip
