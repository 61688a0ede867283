// Floating point numbers of 16 bits, as Float16Array has them.
#pragma once

#include <quip/core/convert.hpp>

#include <bit>
#include <cstdint>

namespace quip {

/// A number of IEEE 754's binary16: 11 bits of precision, from 2^-24 to 65504. It only stores:
/// convert it to calculate.
class Float16 {
 public:
  constexpr Float16() noexcept = default;
  /// The nearest one, of two that are as near the even one; past 65519 an infinity.
  explicit constexpr Float16(double value) noexcept : bits_(round(value)) {}
  /// The one that has these bits.
  static constexpr Float16 from_bits(std::uint16_t bits) noexcept {
    Float16 made;
    made.bits_ = bits;
    return made;
  }
  [[nodiscard]] constexpr std::uint16_t bits() const noexcept { return bits_; }

  /// The same number; exact.
  explicit constexpr operator float() const noexcept {
    const std::uint32_t exponent = (bits_ >> 10U) & 31U;
    const std::uint32_t fraction = bits_ & 0x3FFU;
    const std::uint32_t sign = static_cast<std::uint32_t>(bits_ & 0x8000U) << 16U;
    if (exponent == 0) {  // zero and the subnormals
      constexpr float unit = 1.0F / (1U << 24U);
      return std::bit_cast<float>(
          std::bit_cast<std::uint32_t>(static_cast<float>(fraction) * unit) | sign);
    }
    const std::uint32_t biased = exponent == 31 ? 255 : exponent + (127 - 15);
    return std::bit_cast<float>(sign | biased << 23U | fraction << 13U);
  }
  explicit constexpr operator double() const noexcept {
    return static_cast<double>(static_cast<float>(*this));
  }

  /// As numbers: 0 is -0, and NaN is nothing.
  friend constexpr bool operator==(Float16 a, Float16 b) noexcept {
    return static_cast<float>(a) == static_cast<float>(b);
  }

 private:
  static constexpr std::uint16_t round(double value) noexcept {
    constexpr std::uint64_t implicit_bit = std::uint64_t{1} << 52U;
    const auto bits = std::bit_cast<std::uint64_t>(value);
    const auto sign = static_cast<std::uint32_t>(bits >> 48U) & 0x8000U;
    const int exponent = static_cast<int>((bits >> 52U) & 0x7FFU) - 1023;
    const std::uint64_t fraction = bits & (implicit_bit - 1);
    if (exponent == 1024 && fraction != 0) {  // NaN stays NaN, and quiet
      return static_cast<std::uint16_t>(sign | 0x7E00U |
                                        static_cast<std::uint32_t>(fraction >> 42U));
    }
    if (exponent > 15) return static_cast<std::uint16_t>(sign | 0x7C00U);
    if (exponent < -25) return static_cast<std::uint16_t>(sign);
    // what is kept, in units of the last place, and how much is cut off
    const bool subnormal = exponent < -14;
    const unsigned cut = subnormal ? static_cast<unsigned>(28 - exponent) : 42U;
    const std::uint64_t whole = subnormal
                                    ? fraction | implicit_bit
                                    : fraction | static_cast<std::uint64_t>(exponent + 15) << 52U;
    auto kept = static_cast<std::uint32_t>(whole >> cut);
    const std::uint64_t rest = whole & ((std::uint64_t{1} << cut) - 1);
    const std::uint64_t half = std::uint64_t{1} << (cut - 1);
    // a carry out of the fraction is the next exponent, up to infinity
    if (rest > half || (rest == half && (kept & 1U) != 0)) ++kept;
    return static_cast<std::uint16_t>(sign | kept);
  }
  std::uint16_t bits_ = 0;
};

/// Numbers alone; a Float16 takes the nearest one.
template <>
struct Convert<Float16> {
  static bool quick(const JSValueConst& value, Float16& out) noexcept {
    if (engine::is_float64(value)) {
      out = Float16(engine::get_float64(value));
      return true;
    }
    if (!engine::is_int32(value)) [[unlikely]] {
      return false;
    }
    out = Float16(engine::get_int32(value));
    return true;
  }
  static Result<Float16> from_js(ValueRef value);
  static JSValue into_js(JSContext* ctx, Float16 value) noexcept {
    return engine::number(ctx, static_cast<double>(value));
  }
};

}  // namespace quip
