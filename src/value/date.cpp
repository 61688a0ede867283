#include <quip/convert/number.hpp>
#include <quip/core/intrinsic.hpp>
#include <quip/value/date.hpp>

namespace quip {

namespace detail {

Error no_such_time() { return Error::range("the time is more than 8.64e15 ms from 1970"); }
Error invalid_date() { return Error::range("the Date is invalid: it is no time"); }
Error time_does_not_fit() {
  return Error::range("the Date is out of the range of the C++ time: use a coarser duration");
}

}  // namespace detail

Result<Date> Date::try_make(const Ctx& ctx, double milliseconds) {
  detail::Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  if (std::abs(milliseconds) > detail::most_milliseconds) return detail::no_such_time();
  // Asked for because of its error: the engine makes dates without a prototype where there is none.
  if (engine::is_exception(detail::intrinsic(realm, detail::Intrinsic::date))) {
    return detail::caught(realm);
  }
  return detail::from_owned<Date>(realm, ::JS_NewDate(realm->context, milliseconds));
}

Result<double> Date::try_milliseconds() const {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const detail::Handle keep(handle());
  return detail::from_owned<double>(
      realm, detail::call_intrinsic(realm, detail::Intrinsic::date_get_time, keep.get()));
}

}  // namespace quip
