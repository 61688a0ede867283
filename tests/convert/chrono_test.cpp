// Points in time as Dates, durations as Numbers of milliseconds.
#include "support/js.hpp"
#include <quip/convert/chrono.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace quip::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::system_clock;
template <class D>
using At = std::chrono::time_point<Clock, D>;

class Chrono : public JsTest {};

TEST_F(Chrono, TimesAreDates) {
  define("add", [](Clock::time_point time, std::chrono::milliseconds by) { return time + by; });
  expect_eval("add(new Date(1000), 500).toISOString()", "string", "1970-01-01T00:00:01.500Z");
  with([](Ctx ctx) {
    EXPECT_EQ(Value(ctx, At<std::chrono::seconds>(5s)).type(), Type::date);
    EXPECT_EQ(Value(ctx, At<std::chrono::microseconds>(1999us)).as<Date>().milliseconds(), 1);
    EXPECT_EQ(Value(ctx, At<std::chrono::nanoseconds>(-1ns)).as<Date>().milliseconds(), -1);
  });
  EXPECT_EQ(eval<At<std::chrono::seconds>>("new Date(-1)").time_since_epoch(), -1s);
  EXPECT_EQ(eval<At<std::chrono::duration<double>>>("new Date(1500)").time_since_epoch().count(),
            1.5);
  EXPECT_EQ(eval<std::vector<Clock::time_point>>("[new Date(1)]").front().time_since_epoch(), 1ms);
}

TEST_F(Chrono, TimesAreNothingElse) {
  EXPECT_EQ(show(try_eval<Clock::time_point>("5").error()).text,
            "TypeError: expected date, got 5 (number)");
  EXPECT_EQ(show(try_eval<Clock::time_point>("'2024-01-01'").error()).text,
            "TypeError: expected date, got \"2024-01-01\" (string)");
  EXPECT_EQ(try_eval<Clock::time_point>("new Date(NaN)").error().name(), "RangeError");
  EXPECT_EQ(try_eval<Clock::time_point>("new Date(8.64e15)").error().name(), "RangeError");
  using Hours = std::chrono::duration<std::int64_t, std::ratio<3600>>;
  with([](Ctx ctx) {
    EXPECT_EQ(Value::try_make(ctx, At<Hours>(Hours(2400000001))).error().name(), "RangeError");
    const At<std::chrono::duration<double>> nan{
        std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN())};
    EXPECT_EQ(Value::try_make(ctx, nan).error().name(), "RangeError");
  });
}

TEST_F(Chrono, DurationsAreMilliseconds) {
  with([](Ctx ctx) {
    EXPECT_EQ(Value(ctx, 2s).as<double>(), 2000);
    EXPECT_EQ(Value(ctx, 1500us).as<double>(), 1.5);
    EXPECT_EQ(Value(ctx, 1ns).as<double>(), 1e-6);
    EXPECT_EQ(Value(ctx, -3min).as<double>(), -180000);
    EXPECT_EQ(Value(ctx, std::chrono::duration<double>(0.25)).as<double>(), 250);
    EXPECT_EQ(Value(ctx, 5s).type(), Type::integer);
  });
  EXPECT_EQ(eval<std::chrono::milliseconds>("1500"), 1500ms);
  EXPECT_EQ(eval<std::chrono::milliseconds>("-0"), 0ms);
  EXPECT_EQ(eval<std::chrono::microseconds>("1.5"), 1500us);
  EXPECT_EQ(eval<std::chrono::microseconds>("1.1"), 1100us);
  EXPECT_EQ(try_eval<std::chrono::microseconds>("1.1001").error().name(), "RangeError");
  EXPECT_EQ(eval<std::chrono::seconds>("3000"), 3s);
  EXPECT_EQ(eval<std::chrono::duration<double>>("1500.5").count(), 1.5005);
  EXPECT_EQ(eval<std::chrono::duration<double>>("Infinity").count(),
            std::numeric_limits<double>::infinity());
}

TEST_F(Chrono, DurationsComeOutExactly) {
  for (const std::int64_t count : {0LL, 1LL, -1LL, 999LL, 123456789LL, 1LL << 40, -(1LL << 50)}) {
    const auto check = [&](auto duration) {
      with([&](Ctx ctx) {
        EXPECT_EQ(Value(ctx, duration).template as<decltype(duration)>(), duration);
      });
    };
    check(std::chrono::nanoseconds(count));
    check(std::chrono::microseconds(count));
    check(std::chrono::milliseconds(count));
    check(std::chrono::duration<std::int64_t, std::ratio<1, 90000>>(count));
  }
  EXPECT_EQ(
      show(try_eval<std::chrono::milliseconds>("0.5").error()).text,
      "RangeError: expected milliseconds that are a whole number of the duration's units, got "
      "0.5 (number)");
  for (const char* script : {"1500", "NaN", "Infinity", "1e300"}) {
    EXPECT_EQ(try_eval<std::chrono::seconds>(script).error().name(), "RangeError") << script;
  }
  using Small = std::chrono::duration<std::int8_t, std::milli>;
  EXPECT_EQ(eval<Small>("-128").count(), -128);
  EXPECT_EQ(try_eval<Small>("128").error().name(), "RangeError");
  using Positive = std::chrono::duration<unsigned, std::milli>;
  EXPECT_EQ(try_eval<Positive>("-1").error().name(), "RangeError");
  EXPECT_EQ(try_eval<std::chrono::milliseconds>("'5'").error().name(), "TypeError");
  EXPECT_EQ(try_eval<std::chrono::milliseconds>("5n").error().name(), "TypeError");
  with([](Ctx ctx) {
    EXPECT_EQ(Value::try_make(ctx, std::chrono::nanoseconds::max()).error().name(), "RangeError");
    EXPECT_EQ(Value::try_make(ctx, std::chrono::milliseconds::min()).error().name(), "RangeError");
  });
}

TEST_F(Chrono, TimesNeedAContextWithDates) {
  Context::base(runtime).with([](Ctx ctx) {
    EXPECT_EQ(show(Value::try_make(ctx, Clock::time_point())).text,
              "TypeError: this context has no 'Date': it was made without intrinsic::Date");
    EXPECT_EQ(Value(ctx, 5ms).as<int>(), 5);
  });
}

}  // namespace
}  // namespace quip::test
