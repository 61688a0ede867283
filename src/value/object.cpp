#include <quip/value/object.hpp>

namespace quip {

void detail::raise_caught(Realm* realm) { caught(realm).raise(); }

Result<Object> Object::try_make(const Ctx& ctx) {
  detail::Entry entry(ctx.realm());
  if (!entry) return detail::refusal(ctx.realm());
  return detail::from_owned<Object>(ctx.realm(), ::JS_NewObject(ctx.raw()));
}

Result<std::vector<Atom>> Object::try_keys(KeyFilter filter) const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const int flags = (filter.strings ? JS_GPN_STRING_MASK : 0) |
                    (filter.symbols ? JS_GPN_SYMBOL_MASK : 0) |
                    (filter.enumerable_only ? JS_GPN_ENUM_ONLY : 0);
  JSPropertyEnum* table = nullptr;
  std::uint32_t count = 0;
  const detail::Handle keep(handle());
  if (::JS_GetOwnPropertyNames(realm->context, &table, &count, keep.get(), flags) < 0) {
    return detail::caught(realm);
  }
  std::vector<Atom> keys;
  keys.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    keys.emplace_back(realm, ::JS_DupAtom(realm->context, table[i].atom));
  }
  engine::free_property_enum(realm->context, table, count);
  return keys;
}

Result<Value> Object::try_prototype() const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const detail::Handle keep(handle());
  return detail::from_owned<Value>(realm, ::JS_GetPrototype(realm->context, keep.get()));
}

Result<void> Object::try_set_prototype(const Value& prototype) const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  JSValue checked = detail::give_handle(realm->context, prototype.handle());
  if (engine::is_exception(checked)) return detail::caught(realm);
  const detail::Handle keep(handle());
  const int outcome = ::JS_SetPrototype(realm->context, keep.get(), checked);
  engine::release(realm->context, checked);
  if (outcome < 0) return detail::caught(realm);
  return {};
}

}  // namespace quip
