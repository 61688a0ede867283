// Conversions of std::chrono: points in time are Dates, durations are Numbers of milliseconds.
#pragma once

#include <quip/convert/number.hpp>
#include <quip/value/date.hpp>

#include <chrono>
#include <cmath>
#include <limits>
#include <ratio>
#include <utility>

namespace quip {

/// A point in time is a Date: Dates alone are read, not Numbers and not texts. Both ways it is
/// rounded down to what the other side can express (a Date: milliseconds). An invalid Date, and a
/// time out of the other side's range, is a RangeError.
template <class D>
struct Convert<std::chrono::time_point<std::chrono::system_clock, D>> {
  using Time = std::chrono::time_point<std::chrono::system_clock, D>;
  static Result<Time> from_js(ValueRef value) {
    Result<Date> date = Convert<Date>::from_js(value);
    if (!date) [[unlikely]] {
      return std::move(date).error();
    }
    return date->template try_time<D>();
  }
  static JSValue into_js(JSContext* ctx, const Time& time) {
    Result<Date> date = Date::try_make(Ctx(detail::realm_of(ctx)), time);
    if (!date) [[unlikely]] {
      return detail::throw_error(ctx, date.error());
    }
    return date->handle().take();
  }
};

namespace detail {
Error inexact_duration(ValueRef value);
JSValue throw_inexact_duration(JSContext* ctx) noexcept;
}  // namespace detail

/// A duration is a Number of milliseconds, what setTimeout takes; finer ones have a fraction. A
/// duration of an integer type must come out exactly, or it is a RangeError: half a millisecond is
/// no std::chrono::milliseconds. One of a floating type may be any Number.
template <class Rep, class Period>
struct Convert<std::chrono::duration<Rep, Period>> {
  using Duration = std::chrono::duration<Rep, Period>;
  /// How many of the duration's units a millisecond has.
  using Units = std::ratio_divide<std::milli, Period>;
  static constexpr double up = static_cast<double>(Units::num);
  static constexpr double down = static_cast<double>(Units::den);
  static double units_of(double milliseconds) noexcept { return milliseconds * up / down; }
  static double milliseconds_of(double units) noexcept { return units * down / up; }

  static Result<Duration> from_js(ValueRef value) {
    Result<double> milliseconds = Convert<double>::from_js(value);
    if (!milliseconds) [[unlikely]] {
      return std::move(milliseconds).error();
    }
    const double count = units_of(*milliseconds);
    if constexpr (std::chrono::treat_as_floating_point_v<Rep>) {
      return Duration(static_cast<Rep>(count));
    } else {
      // one past the largest is a power of two, and so it is exact
      const double limit = std::ldexp(1.0, std::numeric_limits<Rep>::digits);
      const double least = std::numeric_limits<Rep>::is_signed ? -limit : 0;
      // 1.1 ms are 1100 us, although no double is 1.1: what counts is which Number they become
      const double whole = std::nearbyint(count);
      if (!(whole >= least && whole < limit) || milliseconds_of(whole) != *milliseconds) {
        return detail::inexact_duration(value);
      }
      return Duration(static_cast<Rep>(whole));
    }
  }
  static JSValue into_js(JSContext* ctx, const Duration& duration) {
    const auto count = static_cast<double>(duration.count());
    const double milliseconds = milliseconds_of(count);
    if constexpr (!std::chrono::treat_as_floating_point_v<Rep>) {
      // past 2^53 a count is not every number, and what is read back must be what was written
      constexpr double largest = 9007199254740992.0;
      if (std::abs(count) > largest || static_cast<Rep>(count) != duration.count() ||
          std::nearbyint(units_of(milliseconds)) != count) {
        return detail::throw_inexact_duration(ctx);
      }
    }
    return engine::number(ctx, milliseconds);
  }
};

}  // namespace quip
