#include <quip/value/object.hpp>

namespace quip {

void detail::raise_caught(Realm* realm) { caught(realm).raise(); }

Result<Object> Object::try_make(const Ctx& ctx) {
  detail::Entry entry(ctx.realm());
  if (!entry) return detail::refusal(ctx.realm());
  return detail::from_owned<Object>(ctx.realm(), ::JS_NewObject(ctx.raw()));
}

Result<Object> Object::try_with_prototype(const Ctx& ctx, const Value& prototype) {
  detail::Realm* realm = ctx.realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  JSValue checked = detail::give_handle(realm->context, prototype.handle());
  if (engine::is_exception(checked)) return detail::caught(realm);
  const detail::Handle keep(realm, checked);
  if (!engine::is_object(checked) && !engine::is_null(checked)) {
    // the engine would make an object without a prototype of it
    return Error::conversion("an object or null for a prototype",
                             describe(ValueRef(realm->context, checked)));
  }
  return detail::from_owned<Object>(realm, ::JS_NewObjectProto(realm->context, checked));
}

Result<Object> Object::try_null_prototype(const Ctx& ctx) {
  detail::Entry entry(ctx.realm());
  if (!entry) return detail::refusal(ctx.realm());
  return detail::from_owned<Object>(ctx.realm(), ::JS_NewObjectProto(ctx.raw(), engine::null()));
}

namespace {

/// A list of own keys from the engine, for one scope.
class OwnKeys {
 public:
  OwnKeys(JSContext* ctx, JSValueConst object, int flags) noexcept : ctx_(ctx) {
    ok_ = ::JS_GetOwnPropertyNames(ctx, &table_, &count_, object, flags) >= 0;
  }
  OwnKeys(const OwnKeys&) = delete;
  OwnKeys& operator=(const OwnKeys&) = delete;
  ~OwnKeys() {
    if (ok_) engine::free_property_enum(ctx_, table_, count_);
  }
  /// False with a pending exception.
  explicit operator bool() const noexcept { return ok_; }
  [[nodiscard]] std::uint32_t size() const noexcept { return count_; }
  JSAtom operator[](std::uint32_t i) const noexcept { return table_[i].atom; }

 private:
  JSContext* ctx_;
  JSPropertyEnum* table_ = nullptr;
  std::uint32_t count_ = 0;
  bool ok_ = false;
};

constexpr int all_keys = JS_GPN_STRING_MASK | JS_GPN_SYMBOL_MASK;

/// An own property from the engine, for one scope.
struct OwnProperty {
  OwnProperty(JSContext* context, JSValueConst object, JSAtom key) noexcept : ctx(context) {
    found = ::JS_GetOwnProperty(context, &raw, object, key);
  }
  OwnProperty(const OwnProperty&) = delete;
  OwnProperty& operator=(const OwnProperty&) = delete;
  ~OwnProperty() {
    if (found <= 0) return;
    engine::release(ctx, raw.value);
    engine::release(ctx, raw.getter);
    engine::release(ctx, raw.setter);
  }
  /// Of what a proxy's trap answered, the engines tell it in different bits.
  [[nodiscard]] bool is_accessor() const noexcept {
    return (raw.flags & JS_PROP_TMASK) == JS_PROP_GETSET ||
           (raw.flags & (JS_PROP_HAS_GET | JS_PROP_HAS_SET)) != 0;
  }
  [[nodiscard]] bool has(int flag) const noexcept { return (raw.flags & flag) != 0; }

  JSContext* ctx;
  JSPropertyDescriptor raw{};
  int found;  ///< 0: none; negative: an exception is pending
};

}  // namespace

Result<std::vector<Atom>> Object::try_keys(KeyFilter filter) const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const int flags = (filter.strings ? JS_GPN_STRING_MASK : 0) |
                    (filter.symbols ? JS_GPN_SYMBOL_MASK : 0) |
                    (filter.private_names ? JS_GPN_PRIVATE_MASK : 0) |
                    (filter.enumerable_only ? JS_GPN_ENUM_ONLY : 0);
  const detail::Handle keep(handle());
  const OwnKeys names(realm->context, keep.get(), flags);
  if (!names) return detail::caught(realm);
  std::vector<Atom> keys;
  keys.reserve(names.size());
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    keys.emplace_back(realm, ::JS_DupAtom(realm->context, names[i]));
  }
  return keys;
}

Result<std::size_t> Object::try_size() const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const detail::Handle keep(handle());
  const OwnKeys names(realm->context, keep.get(), JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY);
  if (!names) return detail::caught(realm);
  return std::size_t{names.size()};
}

Result<bool> Object::try_empty() const {
  return try_size().transform([](std::size_t size) { return size == 0; });
}

Result<std::optional<PropertyDescriptor>> Object::describe_own(JSAtom key) const {
  detail::Realm* realm = handle().realm();
  if (key == 0) return detail::caught(realm);
  const OwnProperty own(realm->context, raw(), key);
  if (own.found < 0) return detail::caught(realm);
  if (own.found == 0) return std::optional<PropertyDescriptor>();
  const auto value = [realm](JSValueConst raw) {
    return Value(detail::Handle(realm, engine::duplicate(realm->context, raw)));
  };
  PropertyDescriptor descriptor;
  descriptor.value = value(own.raw.value);
  descriptor.getter = value(own.raw.getter);
  descriptor.setter = value(own.raw.setter);
  descriptor.accessor = own.is_accessor();
  descriptor.writable = !descriptor.accessor && own.has(JS_PROP_WRITABLE);
  descriptor.enumerable = own.has(JS_PROP_ENUMERABLE);
  descriptor.configurable = own.has(JS_PROP_CONFIGURABLE);
  return std::optional(std::move(descriptor));
}

Result<bool> Object::owns(JSAtom key) const {
  detail::Realm* realm = handle().realm();
  if (key == 0) return detail::caught(realm);
  const OwnProperty own(realm->context, raw(), key);
  if (own.found < 0) return detail::caught(realm);
  return own.found > 0;
}

Result<bool> Object::try_is_extensible() const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const detail::Handle keep(handle());
  const int outcome = ::JS_IsExtensible(realm->context, keep.get());
  if (outcome < 0) return detail::caught(realm);
  return outcome != 0;
}

Result<void> Object::try_prevent_extensions() const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const detail::Handle keep(handle());
  const int outcome = ::JS_PreventExtensions(realm->context, keep.get());
  if (outcome < 0) return detail::caught(realm);
  if (outcome == 0) return Error::type("the object cannot be made non-extensible");
  return {};
}

// ECMA-262 7.3.15 and 7.3.16. The engine has these as functions of scripts alone; in one family
// in its interface too.
Result<void> Object::protect(bool frozen) const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const detail::Handle keep(handle());
  if (Result<void> prevented = try_prevent_extensions(); !prevented) return prevented;
  const OwnKeys names(realm->context, keep.get(), all_keys);
  if (!names) return detail::caught(realm);
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    detail::RawProperty change(realm->context);
    change.set_flags(JS_PROP_HAS_CONFIGURABLE);
    if (frozen) {
      const OwnProperty own(realm->context, keep.get(), names[i]);
      if (own.found < 0) return detail::caught(realm);
      if (own.found == 0) continue;
      if (!own.is_accessor()) change.set_flags(JS_PROP_HAS_WRITABLE);
    }
    if (change.define(keep.get(), names[i]) < 0) return detail::caught(realm);
  }
  return {};
}

Result<bool> Object::is_protected(bool frozen) const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const detail::Handle keep(handle());
  if (Result<bool> extensible = try_is_extensible(); !extensible || *extensible) {
    return std::move(extensible).transform([](bool is) { return !is; });
  }
  const OwnKeys names(realm->context, keep.get(), all_keys);
  if (!names) return detail::caught(realm);
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    const OwnProperty own(realm->context, keep.get(), names[i]);
    if (own.found < 0) return detail::caught(realm);
    if (own.found == 0) continue;
    if (own.has(JS_PROP_CONFIGURABLE)) return false;
    if (frozen && !own.is_accessor() && own.has(JS_PROP_WRITABLE)) return false;
  }
  return true;
}

Result<void> Object::try_seal() const { return protect(false); }
Result<bool> Object::try_is_sealed() const { return is_protected(false); }
Result<void> Object::try_freeze() const { return protect(true); }
Result<bool> Object::try_is_frozen() const { return is_protected(true); }

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
