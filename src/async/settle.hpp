// The end of a promise that C++ settles. Private to src/.
#pragma once

#include <quip/core/lifetime.hpp>

namespace quip::detail {

/// Gives up what a call returned that nobody asks for, and the exception if it has thrown.
inline void discard(JSContext* ctx, JSValue returned) noexcept {
  engine::release(ctx, engine::is_exception(returned) ? ::JS_GetException(ctx) : returned);
}

/// Calls one of a promise's two functions with a value, which is taken over. Only short memory can
/// make it fail, and then the promise stays pending.
inline void call_settler(JSContext* ctx, const Handle& function, JSValue value) noexcept {
  JSValueConst argument = value;
  discard(ctx, engine::call(ctx, function.get(), engine::undefined(), 1, &argument));
  engine::release(ctx, value);
}

}  // namespace quip::detail
