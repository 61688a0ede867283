// Dates: points in time, in milliseconds since 1970 in UTC.
#pragma once

#include <quip/value/object.hpp>

#include <chrono>
#include <cmath>
#include <limits>
#include <ratio>
#include <string_view>
#include <utility>

namespace quip {

namespace detail {

/// The farthest that a Date reaches from 1970, in milliseconds (ECMA-262 21.4.1.1).
inline constexpr double most_milliseconds = 8.64e15;

/// The time in milliseconds, rounded down to whole ones; NaN past what a Date holds.
template <class D>
double whole_milliseconds(std::chrono::time_point<std::chrono::system_clock, D> time) noexcept {
  using Milliseconds = std::chrono::duration<std::int64_t, std::milli>;
  using Exact = std::chrono::duration<long double, std::milli>;
  const long double exact = Exact(time.time_since_epoch()).count();
  // written so that a time that is no number is refused too
  if (!(exact >= -most_milliseconds && exact < most_milliseconds + 1)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return static_cast<double>(std::chrono::floor<Milliseconds>(time.time_since_epoch()).count());
}

Error no_such_time();
Error invalid_date();
Error time_does_not_fit();

/// The milliseconds of a Date as a time of that resolution, rounded down.
template <class D>
Result<std::chrono::time_point<std::chrono::system_clock, D>> time_of(double milliseconds) {
  using Time = std::chrono::time_point<std::chrono::system_clock, D>;
  if (std::isnan(milliseconds)) {
    return invalid_date();
  }
  const std::chrono::duration<std::int64_t, std::milli> whole(
      static_cast<std::int64_t>(milliseconds));
  using Exact = std::chrono::duration<long double, typename D::period>;
  const long double exact = std::floor(Exact(whole).count());
  using Rep = typename D::rep;
  if (exact < static_cast<long double>(std::numeric_limits<Rep>::lowest()) ||
      exact > static_cast<long double>(std::numeric_limits<Rep>::max())) {
    return time_does_not_fit();
  }
  return Time(std::chrono::floor<D>(whole));
}

}  // namespace detail

/// A JavaScript Date (ECMA-262 21.4).
class Date : public Object {
 public:
  using Time = std::chrono::system_clock::time_point;

  /// An empty handle.
  Date() noexcept = default;
  /// A Date of that time, rounded down to milliseconds. Throws a RangeError more than 8.64e15 ms
  /// (some 273 000 years) from 1970.
  template <class D>
  Date(const Ctx& ctx, std::chrono::time_point<std::chrono::system_clock, D> time)
      : Date(try_make(ctx, time).value()) {}
  /// As the constructor, with the error as a value.
  template <class D>
  static Result<Date> try_make(const Ctx& ctx,
                               std::chrono::time_point<std::chrono::system_clock, D> time) {
    const double milliseconds = detail::whole_milliseconds(time);
    if (std::isnan(milliseconds)) {
      return detail::no_such_time();
    }
    return try_make(ctx, milliseconds);
  }
  /// A Date of so many milliseconds since 1970 in UTC; NaN makes an invalid Date. What a whole
  /// number has beyond it is dropped. Throws a RangeError more than 8.64e15 ms from 1970.
  Date(const Ctx& ctx, double milliseconds) : Date(try_make(ctx, milliseconds).value()) {}
  /// As the constructor, with the error as a value.
  static Result<Date> try_make(const Ctx& ctx, double milliseconds);

  /// The time. Throws a RangeError for an invalid Date, and for one that the resolution of `D`
  /// cannot express: nanoseconds in 64 bits reach from 1677 to 2262.
  template <class D = Time::duration>
  [[nodiscard]] std::chrono::time_point<std::chrono::system_clock, D> time() const {
    return try_time<D>().value();
  }
  template <class D = Time::duration>
  [[nodiscard]] Result<std::chrono::time_point<std::chrono::system_clock, D>> try_time() const {
    Result<double> milliseconds = try_milliseconds();
    if (!milliseconds) {
      return std::move(milliseconds).error();
    }
    return detail::time_of<D>(*milliseconds);
  }
  /// Milliseconds since 1970 in UTC; NaN for an invalid Date.
  [[nodiscard]] double milliseconds() const { return try_milliseconds().value(); }
  [[nodiscard]] Result<double> try_milliseconds() const;
  /// False for what `new Date("nonsense")` makes.
  [[nodiscard]] bool is_valid() const { return !std::isnan(milliseconds()); }

  /// @internal
  static constexpr std::string_view type_name = "date";
  static bool accepts(ValueRef value) noexcept {
    return engine::kind_of(value.raw()) == engine::Kind::date;
  }
  explicit Date(detail::Handle handle) noexcept : Object(std::move(handle)) {}
};

template <>
struct Convert<Date> : detail::ConvertHandle<Date> {};

}  // namespace quip
