// Dates and what they are in C++.
#include "support/lifetime.hpp"
#include <quip/value/date.hpp>

#include <chrono>
#include <cmath>
#include <limits>

namespace quip::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::system_clock;

class Dates : public JsTest {};

TEST_F(Dates, AreMadeOfTimes) {
  with([](Ctx ctx) {
    const Date date(ctx, Clock::time_point(1234567890123ms));
    EXPECT_EQ(date.type(), Type::date);
    EXPECT_EQ(date.milliseconds(), 1234567890123.0);
    EXPECT_EQ(date.time<std::chrono::milliseconds>().time_since_epoch(), 1234567890123ms);
    ctx.globals().set("d", date);
    EXPECT_EQ(ctx.eval<std::string>("d.toISOString()"), "2009-02-13T23:31:30.123Z");
    EXPECT_TRUE(ctx.eval<bool>("d instanceof Date"));
    EXPECT_EQ(Date(ctx, std::chrono::sys_days(std::chrono::year(2024) / 2 / 29)).milliseconds(),
              ctx.eval<double>("Date.UTC(2024, 1, 29)"));
  });
}

TEST_F(Dates, FractionsOfAMillisecondAreRoundedDown) {
  with([](Ctx ctx) {
    EXPECT_EQ(Date(ctx, Clock::time_point(1999us)).milliseconds(), 1);
    EXPECT_EQ(Date(ctx, Clock::time_point(-1us)).milliseconds(), -1);
    EXPECT_EQ(ctx.eval<Date>("new Date(-1)").time<std::chrono::seconds>().time_since_epoch(), -1s);
    EXPECT_EQ(ctx.eval<Date>("new Date(1999)").time<std::chrono::seconds>().time_since_epoch(), 1s);
  });
}

TEST_F(Dates, InvalidOnesAreNoTime) {
  const auto date = eval<Date>("new Date('nonsense')");
  EXPECT_FALSE(date.is_valid());
  EXPECT_TRUE(std::isnan(date.milliseconds()));
  EXPECT_EQ(date.try_time().error().name(), "RangeError");
  EXPECT_THROW((void)date.time(), Error);
  EXPECT_TRUE(eval<Date>("new Date(0)").is_valid());
  with([](Ctx ctx) {
    EXPECT_FALSE(Date(ctx, std::numeric_limits<double>::quiet_NaN()).is_valid());
  });
}

TEST_F(Dates, HaveARange) {
  with([](Ctx ctx) {
    constexpr double most = 8.64e15;
    using Hours = std::chrono::duration<std::int64_t, std::ratio<3600>>;
    EXPECT_EQ(Date(ctx, most).milliseconds(), most);
    EXPECT_EQ(Date(ctx, -most).milliseconds(), -most);
    for (const double bad : {most + 1, -most - 1, std::numeric_limits<double>::infinity()}) {
      EXPECT_EQ(Date::try_make(ctx, bad).error().name(), "RangeError");
    }
    const auto at = [](std::int64_t hours) {
      return std::chrono::time_point<Clock, Hours>(Hours(hours));
    };
    EXPECT_EQ(Date(ctx, at(2400000000)).milliseconds(), most);
    EXPECT_EQ(Date::try_make(ctx, at(2400000001)).error().name(), "RangeError");
    EXPECT_EQ(Date::try_make(ctx, at(-2400000001)).error().name(), "RangeError");
    EXPECT_EQ(Date::try_make(ctx, at(std::numeric_limits<std::int64_t>::max())).error().name(),
              "RangeError");
    // nanoseconds in 64 bits end in 2262
    const Date late = ctx.eval<Date>("new Date(8.64e15)");
    EXPECT_EQ(late.try_time<std::chrono::nanoseconds>().error().name(), "RangeError");
    EXPECT_EQ(late.time<Hours>(), at(2400000000));
    const Date early = ctx.eval<Date>("new Date(-8.64e15)");
    EXPECT_EQ(early.try_time<std::chrono::nanoseconds>().error().name(), "RangeError");
    EXPECT_EQ(early.time<std::chrono::milliseconds>().time_since_epoch().count(),
              -8640000000000000);
  });
}

TEST_F(Dates, AreDatesAlone) {
  EXPECT_EQ(show(try_eval<Date>("5")),
            (Shown{"throws", "TypeError: expected date, got 5 (number)"}));
  EXPECT_EQ(show(try_eval<Date>("({ __proto__: Date.prototype })")).text,
            "TypeError: expected date, got object");
  EXPECT_EQ(show(try_eval<Date>("new Proxy(new Date, {})")).text,
            "TypeError: expected date, got proxy");
  EXPECT_EQ(eval<Date>("new (class extends Date {})(7)").milliseconds(), 7);
}

TEST_F(Dates, ScriptsCannotChangeTheTime) {
  EXPECT_EQ(eval<Date>("new Date(1)").milliseconds(), 1);  // known from its first use on
  const auto date = eval<Date>(
      "Date.prototype.getTime = Date.prototype.valueOf = () => 9; "
      "Date.prototype[Symbol.toPrimitive] ="
      "() => 9; const d = new Date(5); d.getTime = () => 9; d");
  EXPECT_EQ(date.milliseconds(), 5);
  eval("globalThis.Date = class { }");
  with([](Ctx ctx) { EXPECT_EQ(Date(ctx, 6.0).milliseconds(), 6); });
}

TEST_F(Dates, NeedAContextThatHasThem) {
  Context::base(runtime).with([](Ctx ctx) {
    const Result<Date> made = Date::try_make(ctx, 0.0);
    ASSERT_FALSE(made);
    EXPECT_EQ(show(made).text,
              "TypeError: this context has no 'Date': it was made without intrinsic::Date");
  });
}

TEST_F(Dates, OutliveTheirRuntime) {
  Date left;
  {
    Runtime other;
    const Context elsewhere(other);
    left = elsewhere.with([](Ctx ctx) { return Date(ctx, 5.0); });
    with([&](Ctx ctx) { EXPECT_FALSE(ctx.globals().try_set("x", left)); });
  }
  expect_gone(left.try_milliseconds());
  expect_gone(left.try_time());
  EXPECT_THROW((void)Date().is_valid(), RuntimeGone);
}

}  // namespace
}  // namespace quip::test
