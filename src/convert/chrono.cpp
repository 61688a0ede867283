#include <quip/convert/chrono.hpp>

namespace quip::detail {

Error inexact_duration(ValueRef value) {
  return Error::out_of_range("milliseconds that are a whole number of the duration's units",
                             describe(value));
}

JSValue throw_inexact_duration(JSContext* ctx) noexcept {
  return ::JS_ThrowRangeError(ctx, "the duration is no exact Number of milliseconds");
}

}  // namespace quip::detail
