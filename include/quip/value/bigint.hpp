// BigInts: whole numbers of any size.
#pragma once

#include <quip/value/value.hpp>

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace quip {

/// A JavaScript BigInt (ECMA-262 6.1.6.2). Numbers are not BigInts and are not converted to any.
/// Nothing is ever cut off: what does not fit the C++ type that is asked for is an error.
///
/// All of it is done by the engine's own arithmetic, so that scripts which replace BigInt or its
/// methods change nothing, and it works in a base context, which has no global BigInt.
class BigInt : public Value {
 public:
  /// An empty handle.
  BigInt() noexcept = default;
  /// The BigInt of an integer. Throws Error when memory is short.
  template <std::integral I>
    requires(!std::same_as<I, bool>)
  BigInt(const Ctx& ctx, I value) : BigInt(try_make(ctx, value).value()) {}
  /// As the constructor, with the error as a value.
  template <std::integral I>
    requires(!std::same_as<I, bool>)
  static Result<BigInt> try_make(const Ctx& ctx, I value) {
    if constexpr (std::is_signed_v<I>) {
      return make_signed(ctx, value);
    } else {
      return make_unsigned(ctx, value);
    }
  }
  /// The BigInt that a text names: decimal digits, or 0x, 0o or 0b and the digits of that radix; a
  /// minus sign may stand before either. Throws a SyntaxError for any other text, and a RangeError
  /// past the engine's largest BigInt (2^20 bits).
  BigInt(const Ctx& ctx, std::string_view text) : BigInt(try_make(ctx, text).value()) {}
  /// As the constructor, with the error as a value.
  static Result<BigInt> try_make(const Ctx& ctx, std::string_view text);
  /// The BigInt whose magnitude has these 64-bit digits, the lowest first; no digits are 0.
  /// Throws a RangeError past the engine's largest BigInt.
  static BigInt from_words(const Ctx& ctx, bool negative, std::span<const std::uint64_t> words) {
    return try_from_words(ctx, negative, words).value();
  }
  /// As `from_words`, with the error as a value.
  static Result<BigInt> try_from_words(const Ctx& ctx, bool negative,
                                       std::span<const std::uint64_t> words);

  /// The value, exactly; throws a RangeError when it is out of the type's range.
  [[nodiscard]] std::int64_t to_int64() const { return try_to_int64().value(); }
  [[nodiscard]] Result<std::int64_t> try_to_int64() const;
  [[nodiscard]] std::uint64_t to_uint64() const { return try_to_uint64().value(); }
  [[nodiscard]] Result<std::uint64_t> try_to_uint64() const;
  /// Whether an integer type can hold the value.
  template <std::integral I>
  [[nodiscard]] bool fits() const {
    if constexpr (std::is_signed_v<I>) {
      const Result<std::int64_t> value = try_to_int64();
      return value ? std::in_range<I>(*value) : refuse(value.error());
    } else {
      const Result<std::uint64_t> value = try_to_uint64();
      return value ? std::in_range<I>(*value) : refuse(value.error());
    }
  }

  /// The digits in a radix from 2 to 36, lower case, a minus sign before them when it is negative.
  /// Throws a RangeError for another radix.
  [[nodiscard]] std::string to_string(int radix = 10) const { return try_to_string(radix).value(); }
  [[nodiscard]] Result<std::string> try_to_string(int radix = 10) const;

  /// Sign and magnitude: the 64-bit digits with the lowest first, without zeros at the end.
  struct Words {
    bool negative = false;
    std::vector<std::uint64_t> words;
    friend bool operator==(const Words&, const Words&) = default;
  };
  [[nodiscard]] Words to_words() const { return try_to_words().value(); }
  [[nodiscard]] Result<Words> try_to_words() const;

  /// @internal
  static constexpr std::string_view type_name = "bigint";
  static bool accepts(ValueRef value) noexcept { return engine::is_bigint(value.raw()); }
  explicit BigInt(detail::Handle handle) noexcept : Value(std::move(handle)) {}

 private:
  static Result<BigInt> make_signed(const Ctx& ctx, std::int64_t value);
  static Result<BigInt> make_unsigned(const Ctx& ctx, std::uint64_t value);
  /// False for a value that does not fit; throws all other errors.
  static bool refuse(const Error& error);
};

template <>
struct Convert<BigInt> : detail::ConvertHandle<BigInt> {};

}  // namespace quip
