// Objects: properties by name, index, symbol or cached key.
#pragma once

#include <quip/value/atom.hpp>
#include <quip/value/value.hpp>

#include <string>
#include <utility>
#include <vector>

namespace quip {

template <PropertyKey K>
class PropertyRef;

/// Which keys `Object::keys` lists.
struct KeyFilter {
  bool strings = true;
  bool symbols = false;
  /// Enumerable properties alone.
  bool enumerable_only = true;
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

  /// The property as a T; a missing one is `undefined`. A conversion error names the key.
  template <class T = Value, PropertyKey K>
  [[nodiscard]] T get(const K& key) const {
    return try_get<T>(key).value();
  }
  template <class T = Value, PropertyKey K>
  [[nodiscard]] Result<T> try_get(const K& key) const;

  /// Assigns as `obj[key] = value` does in strict mode. Any convertible C++ value will do; a
  /// callable becomes a function of that name.
  template <PropertyKey K, class T>
  void set(const K& key, T&& value) const {
    try_set(key, std::forward<T>(value)).value();
  }
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

  /// The own property keys in JavaScript's order; by default those that `Object.keys` gives.
  [[nodiscard]] std::vector<Atom> keys(KeyFilter filter = {}) const {
    return try_keys(filter).value();
  }
  [[nodiscard]] Result<std::vector<Atom>> try_keys(KeyFilter filter = {}) const;

  /// The prototype; an empty optional's worth is a null Value.
  [[nodiscard]] Value prototype() const { return try_prototype().value(); }
  [[nodiscard]] Result<Value> try_prototype() const;
  /// Sets the prototype to an object or to null.
  void set_prototype(const Value& prototype) const { try_set_prototype(prototype).value(); }
  Result<void> try_set_prototype(const Value& prototype) const;

  /// A property to read, write or go deeper from: `obj["a"]["b"].get<int>()`, `obj["a"] = 1`.
  /// The object it is returned for stays alive with it.
  template <PropertyKey K>
  [[nodiscard]] PropertyRef<K> operator[](K key) const;
  [[nodiscard]] PropertyRef<std::string> operator[](const char* key) const;

  /// @internal
  static constexpr std::string_view type_name = "object";
  static bool accepts(ValueRef value) noexcept { return engine::is_object(value.raw()); }
  explicit Object(detail::Handle handle) noexcept : Value(std::move(handle)) {}
};

template <>
struct Convert<Object> : detail::ConvertHandle<Object> {};

/// A place in an object (see Object::operator[]). Nothing is read before it is asked for.
template <PropertyKey K>
class PropertyRef {
 public:
  PropertyRef(Object parent, K key) : parent_(std::move(parent)), key_(std::move(key)) {}

  /// The property as a T. For a chain the error's path is the whole of it.
  template <class T = Value>
  [[nodiscard]] T get() const {
    return try_get<T>().value();
  }
  template <class T = Value>
  [[nodiscard]] Result<T> try_get() const {
    return parent_.template try_get<T>(key_);
  }
  template <class T>
  void set(T&& value) const {
    parent_.set(key_, std::forward<T>(value));
  }
  template <class T>
  Result<void> try_set(T&& value) const {
    return parent_.try_set(key_, std::forward<T>(value));
  }
  template <class T>
    requires(!std::is_same_v<std::remove_cvref_t<T>, PropertyRef>)
  const PropertyRef& operator=(T&& value) const {
    set(std::forward<T>(value));
    return *this;
  }
  [[nodiscard]] bool exists() const { return parent_.has(key_); }
  bool remove() const { return parent_.remove(key_); }
  operator Value() const { return get<Value>(); }

  /// The property of this property, which must be an object: the error says which part is not.
  template <PropertyKey K2>
  [[nodiscard]] PropertyRef<K2> operator[](K2 key) const {
    return PropertyRef<K2>(get<Object>(), std::move(key));
  }
  [[nodiscard]] PropertyRef<std::string> operator[](const char* key) const {
    return PropertyRef<std::string>(get<Object>(), key);
  }

 private:
  Object parent_;
  K key_;
};

template <PropertyKey K>
PropertyRef<K> Object::operator[](K key) const {
  return PropertyRef<K>(*this, std::move(key));
}
inline PropertyRef<std::string> Object::operator[](const char* key) const {
  return PropertyRef<std::string>(*this, key);
}

namespace detail {
/// A callable becomes a function named after the key that it is set under (see function/).
template <class T>
JSValue into_js_named(JSContext* ctx, std::string_view name, T&& value) {
  if constexpr (requires { Convert<std::remove_cvref_t<T>>::into_js_named(ctx, name, value); }) {
    return Convert<std::remove_cvref_t<T>>::into_js_named(ctx, name, std::forward<T>(value));
  } else {
    return into_js(ctx, std::forward<T>(value));
  }
}
}  // namespace detail

template <class T, PropertyKey K>
Result<T> Object::try_get(const K& key) const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) [[unlikely]] return detail::refusal(realm);
  const detail::KeyAtom atom = detail::key_atom(realm, key);
  if (atom.get() == 0) [[unlikely]] return detail::caught(realm);
  JSValue value;
  {
    detail::KeepAlive keep(realm->core, raw());
    value = ::JS_GetProperty(realm->context, raw(), atom.get());
  }
  Result<T> result = detail::from_owned<T>(realm, value);
  if (!result) [[unlikely]] result.error().at(detail::key_text(key));
  return result;
}

template <PropertyKey K, class T>
Result<void> Object::try_set(const K& key, T&& value) const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) [[unlikely]] return detail::refusal(realm);
  JSValue converted;
  if constexpr (std::is_convertible_v<const K&, std::string_view>) {
    converted = detail::into_js_named(realm->context, key, std::forward<T>(value));
  } else {
    converted = detail::into_js(realm->context, std::forward<T>(value));
  }
  if (engine::is_exception(converted)) [[unlikely]] return detail::caught(realm);
  const detail::KeyAtom atom = detail::key_atom(realm, key);
  if (atom.get() == 0) [[unlikely]] {
    engine::release(realm->context, converted);
    return detail::caught(realm);
  }
  detail::KeepAlive keep(realm->core, raw());
  if (::JS_SetProperty(realm->context, raw(), atom.get(), converted) < 0) [[unlikely]] {
    return detail::caught(realm);
  }
  return {};
}

template <PropertyKey K>
Result<bool> Object::try_has(const K& key) const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) [[unlikely]] return detail::refusal(realm);
  const detail::KeyAtom atom = detail::key_atom(realm, key);
  if (atom.get() == 0) [[unlikely]] return detail::caught(realm);
  detail::KeepAlive keep(realm->core, raw());
  const int found = ::JS_HasProperty(realm->context, raw(), atom.get());
  if (found < 0) [[unlikely]] return detail::caught(realm);
  return found != 0;
}

template <PropertyKey K>
Result<bool> Object::try_remove(const K& key) const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) [[unlikely]] return detail::refusal(realm);
  const detail::KeyAtom atom = detail::key_atom(realm, key);
  if (atom.get() == 0) [[unlikely]] return detail::caught(realm);
  detail::KeepAlive keep(realm->core, raw());
  const int removed = ::JS_DeleteProperty(realm->context, raw(), atom.get(), 0);
  if (removed < 0) [[unlikely]] return detail::caught(realm);
  return removed != 0;
}

}  // namespace quip
