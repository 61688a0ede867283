#include <quip/convert/number.hpp>

namespace quip::detail {

namespace {

/// -2^63 and 2^64 as doubles, which are exact.
constexpr double two_to_63 = 9223372036854775808.0;

std::string range_text(std::int64_t low, std::int64_t high) {
  return "an integer from " + std::to_string(low) + " to " + std::to_string(high);
}

/// The low 64 bits of a BigInt, and whether they are all of it when read as signed or unsigned.
struct BigBits {
  std::int64_t bits;
  bool fits_signed;
  bool fits_unsigned;
};
Result<BigBits> big_bits(ValueRef value) {
  JSContext* ctx = value.context();
  BigBits result{0, false, false};
  if (::JS_ToBigInt64(ctx, &result.bits, value.raw()) != 0) return caught(realm_of(ctx));
  // the engine reduces modulo 2^64: what made the trip back unchanged was in range
  const Handle as_signed(realm_of(ctx), ::JS_NewBigInt64(ctx, result.bits));
  if (engine::is_exception(as_signed.get())) return caught(realm_of(ctx));
  const Handle as_unsigned(realm_of(ctx),
                           ::JS_NewBigUint64(ctx, static_cast<std::uint64_t>(result.bits)));
  if (engine::is_exception(as_unsigned.get())) return caught(realm_of(ctx));
  result.fits_signed = engine::strictly_equal(ctx, as_signed.get(), value.raw());
  result.fits_unsigned = engine::strictly_equal(ctx, as_unsigned.get(), value.raw());
  return result;
}

}  // namespace

Error not_a(std::string_view expected, ValueRef value) {
  return Error::conversion(std::string(expected), describe(value));
}

Result<std::int64_t> slow_integer(ValueRef value, std::int64_t low, std::int64_t high) {
  const auto expected = [low, high] { return range_text(low, high); };
  const bool is_64_bit = low == std::numeric_limits<std::int64_t>::min();
  if (engine::is_int32(value.raw())) return Error::out_of_range(expected(), describe(value));
  if (engine::is_float64(value.raw())) {
    const double number = engine::get_float64(value.raw());
    const double high_limit = is_64_bit ? two_to_63 : static_cast<double>(high) + 1;
    if (number >= static_cast<double>(low) && number < high_limit && std::trunc(number) == number) {
      return static_cast<std::int64_t>(number);
    }
    return Error::out_of_range(expected(), describe(value));
  }
  if (is_64_bit && engine::is_bigint(value.raw())) {
    Result<BigBits> big = big_bits(value);
    if (!big) return std::move(big).error();
    if (big->fits_signed) return big->bits;
    return Error::out_of_range(expected(), describe(value));
  }
  return not_a(expected(), value);
}

Result<std::uint64_t> slow_unsigned64(ValueRef value) {
  constexpr const char* expected = "an integer from 0 to 18446744073709551615";
  if (engine::is_int32(value.raw())) return Error::out_of_range(expected, describe(value));
  if (engine::is_float64(value.raw())) {
    const double number = engine::get_float64(value.raw());
    if (number >= 0 && number < 2 * two_to_63 && std::trunc(number) == number) {
      return static_cast<std::uint64_t>(number);
    }
    return Error::out_of_range(expected, describe(value));
  }
  if (engine::is_bigint(value.raw())) {
    Result<BigBits> big = big_bits(value);
    if (!big) return std::move(big).error();
    if (big->fits_unsigned) return static_cast<std::uint64_t>(big->bits);
    return Error::out_of_range(expected, describe(value));
  }
  return not_a(expected, value);
}

JSValue throw_unsafe_integer(JSContext* ctx, bool negative, std::uint64_t magnitude) noexcept {
  try {
    return throw_error(ctx, Error::range("the integer " + std::string(negative ? "-" : "") +
                                         std::to_string(magnitude) +
                                         " is past 2^53 and has no exact Number: use BigInt"));
  } catch (...) {
    return throw_current(ctx);
  }
}

}  // namespace quip::detail
