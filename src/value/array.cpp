#include <quip/value/array.hpp>

namespace quip {

Result<Array> Array::try_make(const Ctx& ctx) {
  detail::Entry entry(ctx.realm());
  if (!entry) return detail::refusal(ctx.realm());
  return detail::from_owned<Array>(ctx.realm(), ::JS_NewArray(ctx.raw()));
}

Result<std::uint32_t> Array::try_size() const {
  Result<Value> length = try_get(key<"length">);
  if (!length) return std::move(length).error();
  // an array's length is always a whole number below 2^32
  const JSValueConst raw = length->raw();
  return engine::is_int32(raw) ? static_cast<std::uint32_t>(engine::get_int32(raw))
                               : static_cast<std::uint32_t>(engine::get_float64(raw));
}

Result<void> Array::append(JSValue element) const {
  detail::Realm* realm = handle().realm();
  if (engine::is_exception(element)) return detail::caught(realm);
  const Result<std::uint32_t> length = try_size();
  constexpr std::uint32_t longest = 4294967295U;
  if (!length || *length == longest) {
    engine::release(realm->context, element);
    return length ? Error::range("the array is full") : length.error();
  }
  if (::JS_DefinePropertyValueUint32(realm->context, raw(), *length, element,
                                     JS_PROP_C_W_E | JS_PROP_THROW) < 0) {
    return detail::caught(realm);
  }
  return {};
}

}  // namespace quip
