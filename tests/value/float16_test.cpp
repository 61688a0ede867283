// Numbers of 16 bits: every one of them both ways, and what is between them.
#include "support/js.hpp"
#include <quip/value/float16.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace quip::test {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// usable where constants are
static_assert(Float16(1.0).bits() == 0x3C00);
static_assert(static_cast<float>(Float16::from_bits(0xC000)) == -2.0F);
static_assert(Float16(1.5) == Float16(1.5));
static_assert(sizeof(Float16) == 2);

TEST(Float16Test, EveryOneIsTheSameAfterThereAndBack) {
  for (std::uint32_t bits = 0; bits <= 0xFFFFU; ++bits) {
    const auto number = Float16::from_bits(static_cast<std::uint16_t>(bits));
    const auto wide = static_cast<double>(number);
    if (std::isnan(wide)) {
      EXPECT_GT(bits & 0x7FFFU, 0x7C00U);
      EXPECT_TRUE(std::isnan(static_cast<double>(Float16(wide))));
      continue;
    }
    ASSERT_EQ(Float16(wide).bits(), bits);
    ASSERT_EQ(std::signbit(wide), bits >> 15U == 1);
  }
}

TEST(Float16Test, RoundsToTheNearestAndOfTwoToTheEvenOne) {
  for (std::uint16_t bits = 0; bits < 0x7BFFU; ++bits) {
    const auto low = static_cast<double>(Float16::from_bits(bits));
    const auto high = static_cast<double>(Float16::from_bits(static_cast<std::uint16_t>(bits + 1)));
    const double middle = low + (high - low) / 2;  // exact: doubles have bits to spare
    const auto next = static_cast<std::uint16_t>(bits + 1);
    ASSERT_EQ(Float16(middle).bits(), bits % 2 == 0 ? bits : next);
    ASSERT_EQ(Float16(std::nextafter(middle, low)).bits(), bits);
    ASSERT_EQ(Float16(std::nextafter(middle, high)).bits(), next);
    ASSERT_EQ(Float16(-middle).bits(), Float16(middle).bits() | 0x8000U);
  }
}

TEST(Float16Test, TheEndsOfTheRange) {
  EXPECT_EQ(static_cast<double>(Float16(65504.0)), 65504.0);
  EXPECT_EQ(static_cast<double>(Float16(65519.99)), 65504.0);
  EXPECT_EQ(static_cast<double>(Float16(65520.0)), infinity);
  EXPECT_EQ(static_cast<double>(Float16(-1e300)), -infinity);
  EXPECT_EQ(Float16(infinity).bits(), 0x7C00U);
  EXPECT_EQ(Float16(0x1p-24).bits(), 1U);
  EXPECT_EQ(Float16(0x1p-25).bits(), 0U);
  EXPECT_EQ(Float16(0x1.000001p-25).bits(), 1U);
  EXPECT_EQ(Float16(0x1p-26).bits(), 0U);
  EXPECT_EQ(Float16(std::numeric_limits<double>::denorm_min()).bits(), 0U);
  EXPECT_EQ(Float16(-0.0).bits(), 0x8000U);
  EXPECT_EQ(Float16(0.0), Float16(-0.0));
  const Float16 nan(std::numeric_limits<double>::quiet_NaN());
  EXPECT_FALSE(nan == nan);
}

// a float between two of these must not be rounded twice
TEST(Float16Test, FloatsAreTakenExactly) {
  EXPECT_EQ(Float16(static_cast<double>(1.0F + 0x1p-11F)).bits(), 0x3C00U);
  EXPECT_EQ(Float16(std::nextafter(1.0F + 0x1p-11F, 2.0F)).bits(), 0x3C01U);
}

class Float16Js : public JsTest {};

TEST_F(Float16Js, ConvertsAsNumbers) {
  EXPECT_EQ(eval<Float16>("1.5"), Float16(1.5));
  EXPECT_EQ(eval<Float16>("7"), Float16(7));
  EXPECT_EQ(eval<Float16>("1e10"), Float16(infinity));
  EXPECT_EQ(show(try_eval<Float16>("'1.5'")),
            (Shown{"throws", "TypeError: expected number, got \"1.5\" (string)"}));
  define("f", [](Float16 number) { return number; });
  expect_eval("[f(0.1), f(-0), f(2049), f(NaN)].map(x => Object.is(x, -0) ? '-0' : x).join()",
              "string", "0.0999755859375,-0,2048,NaN");
}

}  // namespace
}  // namespace quip::test
