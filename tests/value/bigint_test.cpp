// BigInts of any size, made, read and spelled exactly.
#include "support/lifetime.hpp"
#include <quip/value/bigint.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace quip::test {
namespace {

class BigInts : public JsTest {};
using Digits = std::vector<std::uint64_t>;
constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

TEST_F(BigInts, AreMadeOfIntegers) {
  with([](Ctx ctx) {
    const auto check = [&](const BigInt& made, const char* script) {
      EXPECT_EQ(made, ctx.eval(script)) << script;
      EXPECT_TRUE(made.is_bigint());
    };
    check(BigInt(ctx, 0), "0n");
    check(BigInt(ctx, -7), "-7n");
    check(BigInt(ctx, 7U), "7n");
    check(BigInt(ctx, std::numeric_limits<std::int64_t>::min()), "-(2n ** 63n)");
    check(BigInt(ctx, std::numeric_limits<std::int64_t>::max()), "2n ** 63n - 1n");
    check(BigInt(ctx, largest), "2n ** 64n - 1n");
    check(BigInt(ctx, std::int8_t{-128}), "-128n");
  });
}

TEST_F(BigInts, AreMadeOfText) {
  with([](Ctx ctx) {
    const std::pair<const char*, const char*> texts[] = {
        {"0", "0n"},
        {"-0", "0n"},
        {"00012", "12n"},
        {"18446744073709551621", "2n ** 64n + 5n"},
        {"-18446744073709551621", "-(2n ** 64n) - 5n"},
        {"0xff", "255n"},
        {"0XFf", "255n"},
        {"-0xff", "-255n"},
        {"0x0000", "0n"},
        {"0o17", "15n"},
        {"0b101", "5n"},
    };
    for (const auto& [text, script] : texts) {
      EXPECT_EQ(BigInt(ctx, text), ctx.eval(script)) << text;
    }
    for (const char* text : {"", "-", "+1", " 1", "1 ", "1n", "1.5", "1e3", "0x", "0xg", "0o8",
                             "0b2", "abc", "--1", "1_000", "0z1", "\xc3\xa9"}) {
      const Result<BigInt> made = BigInt::try_make(ctx, text);
      ASSERT_FALSE(made) << text;
      EXPECT_EQ(made.error().name(), "SyntaxError") << text;
      EXPECT_THAT(made.error().message(), ::testing::HasSubstr("is not a BigInt"));
    }
    EXPECT_FALSE(BigInt::try_make(ctx, std::string_view("1\0", 2)));
    EXPECT_EQ(BigInt::try_make(ctx, std::string(400000, '9')).error().name(), "RangeError");
    EXPECT_THROW(BigInt(ctx, "x"), Error);
  });
}

TEST_F(BigInts, WordsGoBothWays) {
  with([](Ctx ctx) {
    const Digits words{5, 1};  // 2^64 + 5
    const BigInt big = BigInt::from_words(ctx, false, words);
    EXPECT_EQ(big, ctx.eval("2n ** 64n + 5n"));
    EXPECT_EQ(big.to_words(), (BigInt::Words{false, words}));
    const BigInt negative = BigInt::from_words(ctx, true, words);
    EXPECT_EQ(negative, ctx.eval("-(2n ** 64n) - 5n"));
    EXPECT_EQ(negative.to_words(), (BigInt::Words{true, words}));
    EXPECT_EQ(BigInt::from_words(ctx, true, {}), ctx.eval("0n"));
    EXPECT_EQ(BigInt::from_words(ctx, false, Digits{9, 0, 0}), ctx.eval("9n"));
    EXPECT_EQ(BigInt(ctx, 0).to_words(), (BigInt::Words{false, {}}));
    EXPECT_EQ(BigInt(ctx, largest).to_words(), (BigInt::Words{false, {largest}}));
    EXPECT_EQ(BigInt(ctx, std::numeric_limits<std::int64_t>::min()).to_words(),
              (BigInt::Words{true, {std::uint64_t{1} << 63}}));
    // over a block's end, and with zeros within
    for (const std::size_t size : {63U, 64U, 65U, 128U, 200U}) {
      Digits many(size);
      for (std::size_t i = 0; i < size; ++i) many[i] = i % 3 == 0 ? 0 : i * 0x9e3779b97f4a7c15ULL;
      many.back() = 1;
      EXPECT_EQ(BigInt::from_words(ctx, true, many).to_words(), (BigInt::Words{true, many}));
    }
  });
}

TEST_F(BigInts, TheLargestIsAnErrorAndNotACrash) {
  with([](Ctx ctx) {
    const Digits words(16000, largest);
    EXPECT_EQ(BigInt::from_words(ctx, false, words).to_words().words, words);
    EXPECT_EQ(BigInt::try_from_words(ctx, false, Digits(20000, 1)).error().name(), "RangeError");
    EXPECT_EQ(BigInt::try_from_words(ctx, false, Digits(16385, 1)).error().name(), "RangeError");
  });
}

TEST_F(BigInts, AreReadExactlyOrNotAtAll) {
  const auto big = [this](const char* script) { return eval<BigInt>(script); };
  EXPECT_EQ(big("-5n").to_int64(), -5);
  EXPECT_EQ(big("2n ** 64n - 1n").to_uint64(), largest);
  EXPECT_EQ(big("-(2n ** 63n)").to_int64(), std::numeric_limits<std::int64_t>::min());
  // engines answer 5
  EXPECT_EQ(big("2n ** 64n + 5n").try_to_int64().error().name(), "RangeError");
  EXPECT_EQ(big("2n ** 64n + 5n").try_to_uint64().error().name(), "RangeError");
  EXPECT_EQ(big("2n ** 63n").try_to_int64().error().name(), "RangeError");
  EXPECT_EQ(big("-1n").try_to_uint64().error().name(), "RangeError");
  EXPECT_THROW((void)big("-1n").to_uint64(), Error);
  EXPECT_TRUE(big("255n").fits<std::uint8_t>());
  EXPECT_FALSE(big("256n").fits<std::uint8_t>());
  EXPECT_FALSE(big("-1n").fits<unsigned>());
  EXPECT_TRUE(big("-1n").fits<int>());
  EXPECT_FALSE(big("2n ** 70n").fits<std::int64_t>());
}

TEST_F(BigInts, AreSpelledInAnyRadix) {
  for (const char* script : {"0n", "1n", "-1n", "255n", "2n ** 64n + 5n", "-(3n ** 200n)",
                             "10n ** 60n", "36n ** 12n", "2n ** 4096n"}) {
    const auto big = eval<BigInt>(script);
    for (int radix = 2; radix <= 36; ++radix) {
      const std::string expected = eval<std::string>("(" + std::string(script) + ").toString(" +
                                                     std::to_string(radix) + ")");
      EXPECT_EQ(big.to_string(radix), expected) << script << " " << radix;
    }
    EXPECT_EQ(big.to_string(), big.to_string(10));
  }
  // one of the engines writes zeros before these
  const auto ones = eval<BigInt>("2n ** 128n - 1n");
  EXPECT_EQ(ones.to_string(2), std::string(128, '1'));
  EXPECT_EQ(ones.to_string(4), std::string(64, '3'));
  EXPECT_EQ(ones.to_string(16), std::string(32, 'f'));
  for (const int radix : {-1, 0, 1, 37}) {
    EXPECT_EQ(eval<BigInt>("5n").try_to_string(radix).error().name(), "RangeError");
  }
}

TEST_F(BigInts, NumbersAreNoBigInts) {
  EXPECT_EQ(show(try_eval<BigInt>("5")),
            (Shown{"throws", "TypeError: expected bigint, got 5 (number)"}));
  EXPECT_FALSE(try_eval<BigInt>("Object(5n)"));
  EXPECT_FALSE(try_eval<BigInt>("'5'"));
  define("next", [](const BigInt& n) { return n.to_string() + "!"; });
  expect_eval("next(2n ** 64n)", "string", "18446744073709551616!");
  expect_eval("try { next(5) } catch (e) { String(e) }", "string",
              "TypeError: Failed to execute 'next': parameter 1: expected bigint, got 5 (number)");
}

TEST_F(BigInts, ScriptsCannotChangeTheArithmetic) {
  eval(
      "globalThis.BigInt = () => 5n;"
      "Object.getPrototypeOf(1n).toString = () => 'mine';"
      "Object.getPrototypeOf(1n).valueOf = () => 0n");
  with([](Ctx ctx) {
    const BigInt big(ctx, "0x10000000000000005");
    EXPECT_EQ(big.to_string(16), "10000000000000005");
    EXPECT_EQ(big.to_string(), "18446744073709551621");
    EXPECT_EQ(big.to_words().words, (Digits{5, 1}));
  });
}

TEST_F(BigInts, WorkInABaseContext) {
  Context::base(runtime).with([](Ctx ctx) {
    const BigInt big(ctx, "-0x10000000000000005");
    EXPECT_EQ(big.to_string(16), "-10000000000000005");
    EXPECT_EQ(big.to_words().words, (Digits{5, 1}));
    EXPECT_EQ(BigInt::from_words(ctx, true, Digits{5, 1}), big);
  });
}

TEST_F(BigInts, RefuseOtherRuntimesAndOutliveTheirs) {
  BigInt left;
  {
    Runtime other;
    const Context elsewhere(other);
    left = elsewhere.with([](Ctx ctx) { return BigInt(ctx, "123456789012345678901234567890"); });
    with([&](Ctx ctx) { EXPECT_FALSE(ctx.globals().try_set("x", left)); });
  }
  expect_gone(left.try_to_string());
  expect_gone(left.try_to_string(16));
  expect_gone(left.try_to_int64());
  expect_gone(left.try_to_words());
  EXPECT_THROW((void)left.fits<int>(), RuntimeGone);
  EXPECT_THROW((void)BigInt().to_words(), RuntimeGone);
}

}  // namespace
}  // namespace quip::test
