// bool, the integer and the floating types: exact or an error, both ways.
#include "support/js.hpp"
#include <quip/convert/number.hpp>

#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>

namespace quip::test {
namespace {

class Numbers : public JsTest {
 protected:
  /// What a script's value is as a T, as text; the error's name if it is none.
  template <class T>
  std::string read(std::string_view script) {
    const Result<T> result = try_eval<T>(script);
    if (!result) {
      return result.error().name();
    }
    if constexpr (std::integral<T> && !std::same_as<T, bool>) {
      return std::to_string(*result);
    } else {
      return *result ? "true" : "false";
    }
  }
  /// What a C++ value is in a script.
  template <class T>
  Shown write(T value) {
    return with([&](Ctx ctx) { return show(Value::try_make(ctx, value)); });
  }
};

template <class T>
class Integers : public Numbers {};

using IntegerTypes =
    ::testing::Types<signed char, unsigned char, short, unsigned short, int, unsigned int, long,
                     unsigned long, long long, unsigned long long>;
TYPED_TEST_SUITE(Integers, IntegerTypes);

constexpr std::int64_t two_to_53 = std::int64_t{1} << 53;

TYPED_TEST(Integers, GoToScriptsAsTheSameNumber) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  for (const T value : {T(0), T(1), T(100), Limits::min(), Limits::max(), T(Limits::max() / 2),
                        T(Limits::max() / 2 + 1), T(Limits::min() / 2), T(-1)}) {
    const Shown shown = this->write(value);
    if (std::cmp_less_equal(value, two_to_53) && std::cmp_greater_equal(value, -two_to_53)) {
      EXPECT_EQ(shown, (Shown{"number", std::to_string(value)}));
    } else {
      EXPECT_EQ(shown.type, "throws") << value;
    }
  }
}

TYPED_TEST(Integers, ComeBackAsTheyWere) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  for (const T value :
       {Limits::min(), T(Limits::min() + 1), T(0), T(1), T(Limits::max() - 1), Limits::max()}) {
    // 64 bits are exact as BigInts alone
    const std::string script = std::to_string(value) + (sizeof(T) == 8 ? "n" : "");
    EXPECT_EQ(this->template read<T>(script), std::to_string(value));
  }
}

TYPED_TEST(Integers, RefuseWhatDoesNotFit) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  const std::string n = sizeof(T) == 8 ? "n" : "";
  const std::string max = std::to_string(Limits::max()) + n;
  const std::string min = std::to_string(Limits::min()) + n;
  const std::string one = "1" + n;
  EXPECT_EQ(this->template read<T>(max + " + " + one), "RangeError");
  EXPECT_EQ(this->template read<T>(min + " - " + one), "RangeError");
  EXPECT_EQ(this->template read<T>("2 * " + (n.empty() ? max : "Number(" + max + ")")),
            "RangeError");
  EXPECT_EQ(this->template read<T>("1e300"), "RangeError");
  EXPECT_EQ(this->template read<T>("-1e300"), "RangeError");
}

TYPED_TEST(Integers, RefuseWhatIsNoInteger) {
  using T = TypeParam;
  for (const char* script :
       {"0.5", "-0.5", "1.5", "5e-324", "99.999999999999", "NaN", "Infinity", "-Infinity"}) {
    EXPECT_EQ(this->template read<T>(script), "RangeError") << script;
  }
}

TYPED_TEST(Integers, RefuseWhatIsNoNumber) {
  using T = TypeParam;
  for (const char* script :
       {"'1'", "''", "true", "null", "undefined", "[]", "[1]", "({})",
        "({ valueOf() { return 1 } })", "new Number(1)", "Symbol()", "() => 1", "new Date(1)"}) {
    EXPECT_EQ(this->template read<T>(script), "TypeError") << script;
  }
}

TYPED_TEST(Integers, DoNotCareHowTheEngineHoldsThem) {
  using T = TypeParam;
  EXPECT_EQ(this->template read<T>("-0"), "0");
  EXPECT_EQ(this->template read<T>("0.5 + 0.5"), "1");
  EXPECT_EQ(this->template read<T>("Math.sqrt(49)"), "7");
  EXPECT_EQ(this->template read<T>("200 / 2"), "100");
  EXPECT_EQ(this->template read<T>("Math.floor(100.9)"), "100");
}

TYPED_TEST(Integers, BigIntsAreForTheTypesWith64Bits) {
  using T = TypeParam;
  EXPECT_EQ(this->template read<T>("7n"), sizeof(T) == 8 ? "7" : "TypeError");
  EXPECT_EQ(this->template read<T>("10n ** 30n"), sizeof(T) == 8 ? "RangeError" : "TypeError");
  EXPECT_EQ(this->template read<T>("-(10n ** 30n)"), sizeof(T) == 8 ? "RangeError" : "TypeError");
}

TEST_F(Numbers, UnsignedStaysPositive) {
  EXPECT_EQ(write(std::uint32_t{0x80000000U}), (Shown{"number", "2147483648"}));
  EXPECT_EQ(write(std::numeric_limits<std::uint32_t>::max()), (Shown{"number", "4294967295"}));
  define("u", std::numeric_limits<std::uint32_t>::max());
  expect_eval("u", "number", "4294967295");
  expect_eval("u > 0 && u + 1 === 2 ** 32", "boolean", "true");
  define("same", [](std::uint32_t value) { return value; });
  expect_eval("same(3000000000)", "number", "3000000000");
}

TEST_F(Numbers, SixtyFourBitsAreExactOrAnErrorThatNamesBigInt) {
  EXPECT_EQ(write(two_to_53), (Shown{"number", "9007199254740992"}));
  EXPECT_EQ(write(-two_to_53), (Shown{"number", "-9007199254740992"}));
  EXPECT_EQ(write(static_cast<std::uint64_t>(two_to_53)), (Shown{"number", "9007199254740992"}));
  for (const Shown& shown :
       {write(two_to_53 + 1), write(-two_to_53 - 1),
        write(std::numeric_limits<std::int64_t>::min()),
        write(std::numeric_limits<std::uint64_t>::max()), write(std::uint64_t{1} << 63U)}) {
    EXPECT_EQ(shown.type, "throws");
    EXPECT_TRUE(shown.text.starts_with("RangeError: ")) << shown;
    EXPECT_NE(shown.text.find("BigInt"), std::string::npos) << shown;
  }
  EXPECT_NE(write(std::numeric_limits<std::int64_t>::min()).text.find("-9223372036854775808"),
            std::string::npos);
}

TEST_F(Numbers, SixtyFourBitsAreReadFromNumbersAndBigInts) {
  EXPECT_EQ(read<std::int64_t>("2 ** 53"), "9007199254740992");
  EXPECT_EQ(read<std::int64_t>("-(2 ** 53)"), "-9007199254740992");
  EXPECT_EQ(read<std::int64_t>("2 ** 62"), "4611686018427387904");
  EXPECT_EQ(read<std::int64_t>("2 ** 63"), "RangeError");
  EXPECT_EQ(read<std::int64_t>("-(2 ** 63)"), "-9223372036854775808");
  EXPECT_EQ(read<std::uint64_t>("2 ** 63"), "9223372036854775808");
  EXPECT_EQ(read<std::uint64_t>("2 ** 64"), "RangeError");
  EXPECT_EQ(read<std::uint64_t>("-1"), "RangeError");
  EXPECT_EQ(read<std::uint64_t>("-1n"), "RangeError");
  EXPECT_EQ(read<std::uint64_t>("2n ** 64n"), "RangeError");
  EXPECT_EQ(read<std::uint64_t>("2n ** 64n + 5n"), "RangeError");
  EXPECT_EQ(read<std::int64_t>("2n ** 64n + 5n"), "RangeError");
  EXPECT_EQ(read<std::int64_t>("-(2n ** 64n) + 5n"), "RangeError");
}

TEST_F(Numbers, TheErrorSaysWhatFits) {
  EXPECT_EQ(
      show(try_eval<std::uint16_t>("70000")),
      (Shown{"throws", "RangeError: expected an integer from 0 to 65535, got 70000 (number)"}));
  EXPECT_EQ(
      show(try_eval<std::int8_t>("1.5")),
      (Shown{"throws", "RangeError: expected an integer from -128 to 127, got 1.5 (number)"}));
  EXPECT_EQ(
      show(try_eval<std::uint64_t>("NaN")),
      (Shown{"throws",
             "RangeError: expected an integer from 0 to 18446744073709551615, got NaN (number)"}));
  EXPECT_EQ(try_eval<int>("'8'").error().kind(), ErrorKind::conversion);
}

TEST_F(Numbers, FloatingPointIsAnyNumber) {
  EXPECT_EQ(eval<double>("0.1"), 0.1);
  EXPECT_EQ(eval<double>("7"), 7.0);
  EXPECT_EQ(eval<double>("Number.MAX_VALUE"), std::numeric_limits<double>::max());
  EXPECT_EQ(eval<double>("5e-324"), std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(eval<double>("-Infinity"), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(eval<double>("NaN")));
  EXPECT_TRUE(std::signbit(eval<double>("-0")));
  EXPECT_FALSE(std::signbit(eval<double>("0")));
  EXPECT_EQ(eval<float>("0.1"), 0.1F);
  EXPECT_EQ(eval<float>("16777217"), 16777216.0F);
  EXPECT_EQ(eval<float>("Infinity"), std::numeric_limits<float>::infinity());
  EXPECT_EQ(eval<long double>("0.5"), 0.5L);
  for (const char* script : {"'1'", "true", "null", "undefined", "1n", "[]", "new Number(1)"}) {
    EXPECT_EQ(show(try_eval<double>(script)).text.substr(0, 26), "TypeError: expected number")
        << script;
    EXPECT_FALSE(try_eval<float>(script)) << script;
  }
}

TEST_F(Numbers, FloatingPointGoesToScriptsAsItIs) {
  EXPECT_EQ(write(0.1), (Shown{"number", "0.1"}));
  EXPECT_EQ(write(0.5F), (Shown{"number", "0.5"}));
  EXPECT_EQ(write(3.0), (Shown{"number", "3"}));
  EXPECT_EQ(write(1e21), (Shown{"number", "1e+21"}));
  EXPECT_EQ(write(4294967296.0), (Shown{"number", "4294967296"}));
  EXPECT_EQ(write(std::nan("")), (Shown{"number", "NaN"}));
  EXPECT_EQ(write(std::numeric_limits<double>::infinity()), (Shown{"number", "Infinity"}));
  EXPECT_EQ(write(-std::numeric_limits<float>::infinity()), (Shown{"number", "-Infinity"}));
  define("zero", -0.0);
  expect_eval("Object.is(zero, -0)", "boolean", "true");
  define("low", -2147483648.0);
  expect_eval("low === -(2 ** 31)", "boolean", "true");
}

TEST_F(Numbers, BoolIsStrict) {
  EXPECT_EQ(read<bool>("true"), "true");
  EXPECT_EQ(read<bool>("1 > 2"), "false");
  for (const char* script : {"0", "1", "''", "'true'", "null", "undefined", "[]", "({})", "0n",
                             "new Boolean(true)", "NaN"}) {
    EXPECT_EQ(read<bool>(script), "TypeError") << script;
  }
  EXPECT_EQ(write(true), (Shown{"boolean", "true"}));
  EXPECT_EQ(write(false), (Shown{"boolean", "false"}));
  EXPECT_EQ(show(try_eval<bool>("0")),
            (Shown{"throws", "TypeError: expected boolean, got 0 (number)"}));
}

}  // namespace
}  // namespace quip::test
