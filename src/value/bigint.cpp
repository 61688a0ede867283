#include <quip/convert/number.hpp>
#include <quip/core/custom_context.hpp>
#include <quip/core/intrinsic.hpp>
#include <quip/value/bigint.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace quip {

namespace {

// What both engines can hold: 2^20 bits.
constexpr std::size_t most_words = (std::size_t{1} << 20) / 64;

Error too_large() { return Error::range("a BigInt of more than 2^20 bits is too large"); }

/// The value of a literal such as `-0x1fn`, which this file has spelled. A literal, because the
/// global BigInt may be another's.
Result<BigInt> evaluate(detail::Realm* realm, const std::string& literal) {
  if (!detail::has_part(realm, engine::Part::eval)) return detail::caught(realm);
  return detail::from_owned<BigInt>(
      realm,
      ::JS_Eval(realm->context, literal.c_str(), literal.size(), "<bigint>", JS_EVAL_TYPE_GLOBAL));
}

bool all_digits(std::string_view text, int radix) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [radix](char c) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : 99;
    return digit < radix;
  });
}

/// Divides by a small number, the highest digit last; returns the remainder.
std::uint32_t divide(std::vector<std::uint32_t>& digits, std::uint32_t divisor) {
  std::uint64_t rest = 0;
  for (std::size_t i = digits.size(); i-- > 0;) {
    rest = (rest << 32U) | digits[i];
    digits[i] = static_cast<std::uint32_t>(rest / divisor);
    rest %= divisor;
  }
  while (!digits.empty() && digits.back() == 0) digits.pop_back();
  return static_cast<std::uint32_t>(rest);
}

std::string spell(const BigInt::Words& value, std::uint32_t radix) {
  std::vector<std::uint32_t> digits;
  for (const std::uint64_t word : value.words) {
    digits.push_back(static_cast<std::uint32_t>(word));
    digits.push_back(static_cast<std::uint32_t>(word >> 32U));
  }
  // as many digits at once as a division by 32 bits gives
  std::uint32_t chunk = radix;
  int chunk_digits = 1;
  while (std::uint64_t{chunk} * radix <= 0xffffffffU) {
    chunk *= radix;
    ++chunk_digits;
  }
  std::string text;
  while (!digits.empty()) {
    std::uint32_t part = divide(digits, chunk);
    for (int i = 0; i < chunk_digits; ++i) {
      text += "0123456789abcdefghijklmnopqrstuvwxyz"[part % radix];
      part /= radix;
    }
  }
  text.erase(text.find_last_not_of('0') + 1);
  if (text.empty()) return "0";
  if (value.negative) text += '-';
  std::reverse(text.begin(), text.end());
  return text;
}

}  // namespace

Result<BigInt> BigInt::make_signed(const Ctx& ctx, std::int64_t value) {
  const detail::Entry entry(ctx.realm());
  if (!entry) return detail::refusal(ctx.realm());
  return detail::from_owned<BigInt>(ctx.realm(), ::JS_NewBigInt64(ctx.raw(), value));
}

Result<BigInt> BigInt::make_unsigned(const Ctx& ctx, std::uint64_t value) {
  const detail::Entry entry(ctx.realm());
  if (!entry) return detail::refusal(ctx.realm());
  return detail::from_owned<BigInt>(ctx.realm(), ::JS_NewBigUint64(ctx.raw(), value));
}

Result<BigInt> BigInt::try_make(const Ctx& ctx, std::string_view text) {
  const detail::Entry entry(ctx.realm());
  if (!entry) return detail::refusal(ctx.realm());
  std::string_view digits = text;
  const bool negative = digits.starts_with('-');
  if (negative) digits.remove_prefix(1);
  std::string_view prefix;
  int radix = 10;
  if (digits.size() > 2 && digits[0] == '0' && digits[1] > '9') {
    const int letter = std::tolower(static_cast<unsigned char>(digits[1]));
    radix = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    prefix = digits.substr(0, 2);
    digits.remove_prefix(2);
  }
  if (!all_digits(digits, radix)) {
    constexpr std::size_t longest = 40;
    return Error::syntax("'" + std::string(text.substr(0, longest)) +
                         (text.size() > longest ? "…" : "") + "' is not a BigInt");
  }
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  // a digit has at least so many bits (of a decimal one, 3.3): past that no engine needs to try
  const std::size_t bits = radix == 16 ? 4 : radix == 2 ? 1 : 3;
  if ((digits.size() - 1) * bits > most_words * 64) return too_large();
  return evaluate(ctx.realm(),
                  std::string(negative ? "-" : "").append(prefix).append(digits) + 'n');
}

Result<BigInt> BigInt::try_from_words(const Ctx& ctx, bool negative,
                                      std::span<const std::uint64_t> words) {
  const detail::Entry entry(ctx.realm());
  if (!entry) return detail::refusal(ctx.realm());
  while (!words.empty() && words.back() == 0) words = words.first(words.size() - 1);
  if (words.size() > most_words) return too_large();
  if (words.empty()) return make_signed(ctx, 0);
  std::string literal = negative ? "-0x" : "0x";
  for (std::size_t i = words.size(); i-- > 0;) {
    std::array<char, 16> digits{};
    const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), words[i], 16).ptr;
    const auto size = static_cast<std::size_t>(end - digits.data());
    literal.append(digits.size() - size, '0').append(digits.data(), size);
  }
  return evaluate(ctx.realm(), literal + 'n');
}

Result<std::int64_t> BigInt::try_to_int64() const { return try_as<std::int64_t>(); }
Result<std::uint64_t> BigInt::try_to_uint64() const { return try_as<std::uint64_t>(); }

bool BigInt::refuse(const Error& error) {
  if (error.kind() != ErrorKind::conversion) error.raise();
  return false;
}

Result<std::string> BigInt::try_to_string(int radix) const {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  if (radix < 2 || radix > 36) {
    return Error::range("a radix is from 2 to 36, not " + std::to_string(radix));
  }
  if (radix == 10) return try_to_display_string();
  Result<Words> words = try_to_words();
  if (!words) return std::move(words).error();
  return spell(*words, static_cast<std::uint32_t>(radix));
}

Result<BigInt::Words> BigInt::try_to_words() const {
  using detail::call_intrinsic;
  using detail::Handle;
  using detail::Intrinsic;
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  JSContext* ctx = realm->context;
  constexpr int word_bits = 64;
  constexpr int words_a_block = 64;
  const Handle word_size(realm, ::JS_NewBigInt64(ctx, word_bits));
  const Handle block_size(realm, ::JS_NewBigInt64(ctx, std::int64_t{word_bits} * words_a_block));
  const Handle zero(realm, ::JS_NewBigInt64(ctx, 0));
  // JS_EXCEPTION among the operands is one more time the exception that is pending already
  const auto apply = [realm](Intrinsic which, const auto&... operands) {
    const bool complete = (... && !engine::is_exception(operands.get()));
    return Handle(realm, complete
                             ? call_intrinsic(realm, which, engine::undefined(), operands.get()...)
                             : engine::exception());
  };
  const auto is_zero = [&](const Handle& value) {
    return engine::strictly_equal(ctx, value.get(), zero.get());
  };
  Words result;
  Handle rest = apply(Intrinsic::bigint_magnitude, handle());
  result.negative =
      engine::is_bigint(rest.get()) && !engine::strictly_equal(ctx, rest.get(), handle().get());
  // Shifting all of a long number for each word would take quadratic time: it goes by blocks.
  while (engine::is_bigint(rest.get()) && !is_zero(rest)) {
    Handle block = apply(Intrinsic::bigint_low, rest, block_size);
    rest = apply(Intrinsic::bigint_shift, rest, block_size);
    const bool is_last = engine::is_bigint(rest.get()) && is_zero(rest);
    for (int i = 0; i < words_a_block && engine::is_bigint(block.get()); ++i) {
      if (is_last && is_zero(block)) break;
      std::int64_t low = 0;  // the engine takes it modulo 2^64
      if (::JS_ToBigInt64(ctx, &low, block.get()) < 0) return detail::caught(realm);
      result.words.push_back(static_cast<std::uint64_t>(low));
      block = apply(Intrinsic::bigint_shift, block, word_size);
    }
    if (!engine::is_bigint(block.get())) return detail::caught(realm);
  }
  if (!engine::is_bigint(rest.get())) return detail::caught(realm);
  return result;
}

}  // namespace quip
