#include <quip/convert/coerced.hpp>

namespace quip::detail {

namespace {

/// Converts with one of the engine's functions, which say -1 when a script has thrown. The value is
/// kept: the script may drop the handle that it came from.
template <class T, class To>
Result<T> coerce(ValueRef value, To to) {
  JSContext* ctx = value.context();
  Realm* realm = realm_of(ctx);
  const Handle keep(realm, engine::duplicate(ctx, value.raw()));
  T result{};
  if (to(ctx, &result, keep.get()) < 0) return caught(realm);
  return result;
}

}  // namespace

Result<std::int32_t> coerce_int32(ValueRef value) {
  return coerce<std::int32_t>(value, &::JS_ToInt32);
}
Result<std::int64_t> coerce_int64(ValueRef value) {
  return coerce<std::int64_t>(value, &::JS_ToInt64Ext);
}
Result<double> coerce_double(ValueRef value) { return coerce<double>(value, &::JS_ToFloat64); }

Result<bool> coerce_bool(ValueRef value) { return ::JS_ToBool(value.context(), value.raw()) != 0; }

Result<std::string> coerce_string(ValueRef value) {
  JSContext* ctx = value.context();
  Realm* realm = realm_of(ctx);
  const Handle keep(realm, engine::duplicate(ctx, value.raw()));
  const TextView text(ctx, keep.get());
  if (!text) return caught(realm);
  return utf8_of(text);
}

}  // namespace quip::detail
