// Objects: properties by name, index, symbol or cached key.
#pragma once

#include <quip/value/atom.hpp>
#include <quip/value/property.hpp>
#include <quip/value/value.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

namespace quip {

template <PropertyKey K, class Parent>
class PropertyRef;
template <class K, class T>
class EntryRange;
template <class T>
class ValueRange;

/// Which own keys `Object::keys` and its kin list.
struct KeyFilter {
  bool strings = true;
  bool symbols = false;
  /// Enumerable properties alone.
  bool enumerable_only = true;
  /// The names of private members (`#x`) too, which no script can list: for inspectors. Each is a
  /// symbol; whoever has it can read and write the member.
  bool private_names = false;
};

/// A JavaScript object, and what arrays, functions and promises have of one.
///
/// Property operations behave as JavaScript's own: they see the prototype chain, run getters,
/// setters and proxy traps, and throw what these throw. Every one has a `try_` form that returns
/// the error instead.
class Object : public Value {
 public:
  /// An empty handle.
  Object() noexcept = default;
  /// A new plain object, `{}`. Throws Error when memory is short.
  explicit Object(const Ctx& ctx) : Object(try_make(ctx).value()) {}
  static Result<Object> try_make(const Ctx& ctx);
  /// A new object of that prototype, an object or null: `Object.create`. Throws Error for others.
  static Object with_prototype(const Ctx& ctx, const Value& prototype) {
    return try_with_prototype(ctx, prototype).value();
  }
  static Result<Object> try_with_prototype(const Ctx& ctx, const Value& prototype);
  /// A new object without a prototype: it has nothing but what is put into it.
  static Object null_prototype(const Ctx& ctx) { return try_null_prototype(ctx).value(); }
  static Result<Object> try_null_prototype(const Ctx& ctx);
  /// A new plain object of the key-value pairs of a range, a later one instead of an earlier one of
  /// the same key. They become its own properties: no setter of a prototype sees them.
  template <std::ranges::input_range R>
  static Object from(const Ctx& ctx, R&& pairs) {
    return try_from(ctx, std::forward<R>(pairs)).value();
  }
  template <std::ranges::input_range R>
  static Result<Object> try_from(const Ctx& ctx, R&& pairs);

  /// The property as a T; a missing one is `undefined`. A conversion error names the key.
  template <class T = Value, PropertyKey K>
  [[nodiscard]] T get(const K& key) const;
  template <class T = Value, PropertyKey K>
  [[nodiscard]] Result<T> try_get(const K& key) const;

  /// Assigns as `obj[key] = value` does in strict mode. Any convertible C++ value will do; a
  /// callable becomes a function of that name.
  template <PropertyKey K, class T>
  void set(const K& key, T&& value) const;
  template <PropertyKey K, class T>
  Result<void> try_set(const K& key, T&& value) const;

  /// JavaScript's `key in obj`.
  template <PropertyKey K>
  [[nodiscard]] bool has(const K& key) const {
    return try_has(key).value();
  }
  template <PropertyKey K>
  [[nodiscard]] Result<bool> try_has(const K& key) const;

  /// Deletes an own property; true when the object does not have it afterwards.
  template <PropertyKey K>
  bool remove(const K& key) const {
    return try_remove(key).value();
  }
  template <PropertyKey K>
  Result<bool> try_remove(const K& key) const;

  /// Makes or changes an own property as Object.defineProperty does: `define("x", property(1))`,
  /// `define("x", accessor(getter, setter))`, a PropertyDescriptor, or a plain value for a property
  /// that is not writable, not enumerable and not configurable. A callable becomes a function of
  /// that name. Throws Error where Object.defineProperty throws.
  template <PropertyKey K, class P>
  void define(const K& key, P&& property) const {
    try_define(key, std::forward<P>(property)).value();
  }
  template <PropertyKey K, class P>
  Result<void> try_define(const K& key, P&& property) const;
  /// The own property as it is, without running its getter; none when it is not its own:
  /// Object.getOwnPropertyDescriptor.
  template <PropertyKey K>
  [[nodiscard]] std::optional<PropertyDescriptor> own_property(const K& key) const {
    return try_own_property(key).value();
  }
  template <PropertyKey K>
  [[nodiscard]] Result<std::optional<PropertyDescriptor>> try_own_property(const K& key) const;
  /// Whether the property is there and not a prototype's: Object.hasOwn.
  template <PropertyKey K>
  [[nodiscard]] bool has_own(const K& key) const {
    return try_has_own(key).value();
  }
  template <PropertyKey K>
  [[nodiscard]] Result<bool> try_has_own(const K& key) const;

  /// The own property keys in JavaScript's order; by default those that `Object.keys` gives.
  [[nodiscard]] std::vector<Atom> keys(KeyFilter filter = {}) const {
    return try_keys(filter).value();
  }
  [[nodiscard]] Result<std::vector<Atom>> try_keys(KeyFilter filter = {}) const;
  /// The same as Ts (see Atom::as), e.g. `keys<std::string>()`.
  template <class T>
  [[nodiscard]] std::vector<T> keys(KeyFilter filter = {}) const {
    return try_keys<T>(filter).value();
  }
  template <class T>
  [[nodiscard]] Result<std::vector<T>> try_keys(KeyFilter filter = {}) const;
  /// The values of those properties: a range over the keys of now, each value read when it is
  /// reached, as JavaScript's for-in. What reading a value throws, and conversion errors, come out
  /// of the iteration. A property that is gone by then reads as undefined.
  template <class T = Value>
  [[nodiscard]] ValueRange<T> values(KeyFilter filter = {}) const;
  /// All at once, in a vector.
  template <class T = Value>
  [[nodiscard]] Result<std::vector<T>> try_values(KeyFilter filter = {}) const;
  /// The same with their keys: `for (auto [key, value] : object.entries())`.
  template <class K = std::string, class T = Value>
  [[nodiscard]] EntryRange<K, T> entries(KeyFilter filter = {}) const;
  /// All at once, in a vector of pairs.
  template <class K = std::string, class T = Value>
  [[nodiscard]] Result<std::vector<std::pair<K, T>>> try_entries(KeyFilter filter = {}) const;
  /// How many keys `keys()` lists. (Of an Array, Array::size is the length.)
  [[nodiscard]] std::size_t size() const { return try_size().value(); }
  [[nodiscard]] Result<std::size_t> try_size() const;
  /// Whether it lists none.
  [[nodiscard]] bool empty() const { return try_empty().value(); }
  [[nodiscard]] Result<bool> try_empty() const;

  /// Whether new properties can be added: Object.isExtensible.
  [[nodiscard]] bool is_extensible() const { return try_is_extensible().value(); }
  [[nodiscard]] Result<bool> try_is_extensible() const;
  /// From now on they cannot: Object.preventExtensions. Throws Error for an object that refuses.
  void prevent_extensions() const { try_prevent_extensions().value(); }
  Result<void> try_prevent_extensions() const;
  /// Nor can properties be removed or redefined: Object.seal.
  void seal() const { try_seal().value(); }
  Result<void> try_seal() const;
  [[nodiscard]] bool is_sealed() const { return try_is_sealed().value(); }
  [[nodiscard]] Result<bool> try_is_sealed() const;
  /// Nor can their values change: Object.freeze.
  void freeze() const { try_freeze().value(); }
  Result<void> try_freeze() const;
  [[nodiscard]] bool is_frozen() const { return try_is_frozen().value(); }
  [[nodiscard]] Result<bool> try_is_frozen() const;

  /// The prototype; a null Value when there is none.
  [[nodiscard]] Value prototype() const { return try_prototype().value(); }
  [[nodiscard]] Result<Value> try_prototype() const;
  /// Sets the prototype to an object or to null.
  void set_prototype(const Value& prototype) const { try_set_prototype(prototype).value(); }
  Result<void> try_set_prototype(const Value& prototype) const;

  /// A property to read, write or go deeper from: `obj["a"]["b"].get<int>()`, `obj["a"] = 1`.
  /// The object it is returned for stays alive with it.
  template <PropertyKey K>
  [[nodiscard]] PropertyRef<K, Object> operator[](K key) const;
  [[nodiscard]] PropertyRef<std::string, Object> operator[](const char* key) const;

  /// @internal
  static constexpr std::string_view type_name = "object";
  static bool accepts(ValueRef value) noexcept { return engine::is_object(value.raw()); }
  explicit Object(detail::Handle handle) noexcept : Value(std::move(handle)) {}

 private:
  // Of this very handle, which must not change meanwhile; key is 0 where an exception is pending.
  Result<std::optional<PropertyDescriptor>> describe_own(JSAtom key) const;
  [[nodiscard]] Result<bool> owns(JSAtom key) const;
  Result<void> protect(bool frozen) const;
  [[nodiscard]] Result<bool> is_protected(bool frozen) const;
};

template <>
struct Convert<Object> : detail::ConvertHandle<Object> {};

namespace detail {
/// What a callable under that key is named.
template <class K>
constexpr std::string_view function_name([[maybe_unused]] const K& key) noexcept {
  if constexpr (std::is_convertible_v<const K&, const char*>) {
    const char* const name = key;
    return name == nullptr ? std::string_view() : std::string_view(name);
  } else if constexpr (std::is_convertible_v<const K&, std::string_view>) {
    return key;
  } else if constexpr (requires { std::string_view(K::name); }) {
    return K::name;
  } else {
    return {};
  }
}

// The operations as the engine does them: a value or an exception, a truth value or -1.
template <PropertyKey K>
[[gnu::always_inline]] inline JSValue get_property(Realm* realm, JSValueConst object,
                                                   const K& key) noexcept {
  // the key too may call a script: a Value's toString
  return keeping_alive(object, [&] {
    const KeyAtom atom = key_atom(realm, key);
    if (atom.get() == 0) [[unlikely]] {
      return engine::exception();
    }
    return engine::get_property(realm->context, object, atom.get());
  });
}

template <PropertyKey K, class T>
[[gnu::always_inline]] inline int set_property(Realm* realm, const Handle& handle, const K& key,
                                               T&& value) {
  JSValue converted = into_js_named(realm->context, function_name(key), std::forward<T>(value));
  if (engine::is_exception(converted)) [[unlikely]] {
    return -1;
  }
  // looked at now: what converted the value may have emptied the handle
  const JSValueConst object = handle.get();
  return keeping_alive(object, [&] {
    const KeyAtom atom = key_atom(realm, key);
    if (atom.get() == 0) [[unlikely]] {
      engine::release(realm->context, converted);
      return -1;
    }
    return engine::set_property(realm->context, object, atom.get(), converted);
  });
}

/// Adds the key to a conversion error's path.
template <PropertyKey K>
struct AtKey {
  const K& key;
  void operator()(Error& error) const { error.at(key_text(key)); }
};

[[noreturn]] void raise_caught(Realm* realm);

}  // namespace detail

template <class T, PropertyKey K>
[[gnu::always_inline]] inline Result<T> Object::try_get(const K& key) const {
  detail::Realm* realm = handle().realm();
  if (!detail::inside(realm)) [[unlikely]] {
    return detail::from_outside<Result<T>>(realm, [&] { return try_get<T>(key); });
  }
  return detail::finish<T>(realm, detail::get_property(realm, raw(), key), detail::AtKey<K>{key});
}

template <class T, PropertyKey K>
[[gnu::always_inline]] inline T Object::get(const K& key) const {
  detail::Realm* realm = handle().realm();
  if (!detail::inside(realm)) [[unlikely]] {
    return detail::from_outside<T>(realm, [&] { return get<T>(key); });
  }
  return detail::finish_or_throw<T>(realm, detail::get_property(realm, raw(), key),
                                    detail::AtKey<K>{key});
}

template <PropertyKey K, class T>
[[gnu::always_inline]] inline Result<void> Object::try_set(const K& key, T&& value) const {
  detail::Realm* realm = handle().realm();
  if (!detail::inside(realm)) [[unlikely]] {
    return detail::from_outside<Result<void>>(realm,
                                              [&] { return try_set(key, std::forward<T>(value)); });
  }
  if (detail::set_property(realm, handle(), key, std::forward<T>(value)) < 0) [[unlikely]] {
    return detail::caught(realm);
  }
  return {};
}

template <PropertyKey K, class T>
[[gnu::always_inline]] inline void Object::set(const K& key, T&& value) const {
  detail::Realm* realm = handle().realm();
  if (!detail::inside(realm)) [[unlikely]] {
    detail::from_outside<void>(realm, [&] { set(key, std::forward<T>(value)); });
  } else if (detail::set_property(realm, handle(), key, std::forward<T>(value)) < 0) [[unlikely]] {
    detail::raise_caught(realm);
  }
}

template <PropertyKey K>
Result<bool> Object::try_has(const K& key) const {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) [[unlikely]] {
    return detail::refusal(realm);
  }
  const detail::Handle keep(handle());
  const detail::KeyAtom atom = detail::key_atom(realm, key);
  const int found = atom.get() == 0 ? -1 : ::JS_HasProperty(realm->context, keep.get(), atom.get());
  if (found < 0) [[unlikely]] {
    return detail::caught(realm);
  }
  return found != 0;
}

template <PropertyKey K>
Result<bool> Object::try_remove(const K& key) const {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) [[unlikely]] {
    return detail::refusal(realm);
  }
  const detail::Handle keep(handle());
  const detail::KeyAtom atom = detail::key_atom(realm, key);
  const int removed =
      atom.get() == 0 ? -1 : ::JS_DeleteProperty(realm->context, keep.get(), atom.get(), 0);
  if (removed < 0) [[unlikely]] {
    return detail::caught(realm);
  }
  return removed != 0;
}

template <PropertyKey K, class P>
Result<void> Object::try_define(const K& key, P&& property) const {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) [[unlikely]] {
    return detail::refusal(realm);
  }
  const detail::Handle keep(handle());
  detail::RawProperty raw(realm->context);
  if (!detail::describe_property(raw, detail::function_name(key), std::forward<P>(property))) {
    return detail::caught(realm);
  }
  const detail::KeyAtom atom = detail::key_atom(realm, key);
  if (atom.get() == 0 || raw.define(keep.get(), atom.get()) < 0) {
    return detail::caught(realm);
  }
  return {};
}

template <PropertyKey K>
Result<std::optional<PropertyDescriptor>> Object::try_own_property(const K& key) const {
  const detail::Entry entry(handle().realm());
  if (!entry) [[unlikely]] {
    return detail::refusal(handle().realm());
  }
  const Object keep(*this);
  const detail::KeyAtom atom = detail::key_atom(keep.handle().realm(), key);
  return keep.describe_own(atom.get());
}

template <PropertyKey K>
Result<bool> Object::try_has_own(const K& key) const {
  const detail::Entry entry(handle().realm());
  if (!entry) [[unlikely]] {
    return detail::refusal(handle().realm());
  }
  const Object keep(*this);
  const detail::KeyAtom atom = detail::key_atom(keep.handle().realm(), key);
  return keep.owns(atom.get());
}

template <std::ranges::input_range R>
Result<Object> Object::try_from(const Ctx& ctx, R&& pairs) {
  detail::Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) [[unlikely]] {
    return detail::refusal(realm);
  }
  Result<Object> object = try_make(ctx);
  if (!object) {
    return object;
  }
  for (auto&& pair : pairs) {
    auto&& [key, value] = pair;
    JSValue converted =
        detail::into_js_named(realm->context, detail::function_name(key),
                              static_cast<const std::remove_cvref_t<decltype(value)>&>(value));
    if (engine::is_exception(converted)) {
      return detail::caught(realm);
    }
    const detail::KeyAtom atom = detail::key_atom(realm, key);
    if (atom.get() == 0) {
      engine::release(realm->context, converted);
      return detail::caught(realm);
    }
    if (!engine::define(realm->context, object->raw(), atom.get(), converted)) {
      return detail::caught(realm);
    }
  }
  return object;
}

namespace detail {
/// The end of a pipe: see quip::to.
template <class T>
struct To {
  Ctx ctx;
};
template <std::ranges::input_range R, class T>
  requires requires(const Ctx& ctx, R&& range) { T::from(ctx, std::forward<R>(range)); }
T operator|(R&& range, const To<T>& to) {
  return T::from(to.ctx, std::forward<R>(range));
}
}  // namespace detail

/// Ends a pipe of ranges in JavaScript: `numbers | std::views::transform(twice) |
/// quip::to<Array>(ctx)` is `Array::from(ctx, …)`, pairs go `| quip::to<Object>(ctx)`.
template <class T>
[[nodiscard]] detail::To<T> to(const Ctx& ctx) {
  return {ctx};
}

}  // namespace quip

// what an Object hands out, which needs an Object to be complete
#include <quip/value/entries.hpp>
#include <quip/value/property_ref.hpp>
