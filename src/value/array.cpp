#include <quip/convert/number.hpp>
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

Result<void> Array::try_set_size(std::uint32_t size) const { return try_set(key<"length">, size); }

Result<void> Array::append(JSValue element) const {
  detail::Realm* realm = handle().realm();
  if (engine::is_exception(element)) return detail::caught(realm);
  const Result<std::uint32_t> length = try_size();
  if (!length) {
    engine::release(realm->context, element);
    return length.error();
  }
  return put(*length, element);
}

Result<void> Array::put(std::uint64_t index, JSValue element) const {
  detail::Realm* realm = handle().realm();
  if (engine::is_exception(element)) return detail::caught(realm);
  constexpr std::uint64_t longest = 4294967295U;
  if (index >= longest) {
    engine::release(realm->context, element);
    return Error::range("the array is full");
  }
  if (::JS_DefinePropertyValueUint32(realm->context, raw(), static_cast<std::uint32_t>(index),
                                     element, JS_PROP_C_W_E | JS_PROP_THROW) < 0) {
    return detail::caught(realm);
  }
  return {};
}

Result<void> Array::drop_last(std::uint32_t index) const {
  detail::Realm* realm = handle().realm();
  // an array is no proxy: neither runs a script
  const detail::KeyAtom atom = detail::key_atom(realm, index);
  if (atom.get() == 0 ||
      ::JS_DeleteProperty(realm->context, raw(), atom.get(), JS_PROP_THROW) < 0) {
    return detail::caught(realm);
  }
  return try_set_size(index);
}

}  // namespace quip
