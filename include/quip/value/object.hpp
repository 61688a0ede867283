// Objects: properties by name, index, symbol or cached key.
#pragma once

#include <quip/value/atom.hpp>
#include <quip/value/value.hpp>

#include <string>
#include <utility>
#include <vector>

namespace quip {

template <PropertyKey K, class Parent>
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
  [[nodiscard]] PropertyRef<K, Object> operator[](K key) const;
  [[nodiscard]] PropertyRef<std::string, Object> operator[](const char* key) const;

  /// @internal
  static constexpr std::string_view type_name = "object";
  static bool accepts(ValueRef value) noexcept { return engine::is_object(value.raw()); }
  explicit Object(detail::Handle handle) noexcept : Value(std::move(handle)) {}
};

template <>
struct Convert<Object> : detail::ConvertHandle<Object> {};

/// A place in an object, or in what another such place holds (see Object::operator[]). Nothing is
/// read before it is asked for, and each time it is asked for anew.
template <PropertyKey K, class Parent>
class PropertyRef {
 public:
  PropertyRef(Parent parent, K key) : parent_(std::move(parent)), key_(std::move(key)) {}
  PropertyRef(const PropertyRef&) = default;
  PropertyRef(PropertyRef&&) noexcept = default;
  ~PropertyRef() = default;

  /// The property as a T. An error's path is the whole chain: `config.port: expected …`.
  template <class T = Value>
  [[nodiscard]] T get() const {
    return try_get<T>().value();
  }
  template <class T = Value>
  [[nodiscard]] Result<T> try_get() const {
    Result<Object> owner = try_owner();
    if (!owner) {
      return std::move(owner).error();
    }
    Result<T> result = owner->template try_get<T>(key_);
    if (!result) {
      locate_parent(result.error());
    }
    return result;
  }
  /// Assigns the property, as Object::set does.
  template <class T>
  void set(T&& value) const {
    try_set(std::forward<T>(value)).value();
  }
  template <class T>
  Result<void> try_set(T&& value) const {
    Result<Object> owner = try_owner();
    if (!owner) {
      return std::move(owner).error();
    }
    return owner->try_set(key_, std::forward<T>(value));
  }
  template <class T>
    requires(!std::is_same_v<std::remove_cvref_t<T>, PropertyRef>)
  const PropertyRef& operator=(T&& value) const {
    set(std::forward<T>(value));
    return *this;
  }
  /// Assigns the other's value, as JavaScript's `a.x = b.x`.
  PropertyRef& operator=(const PropertyRef& other) {
    set(other.template get<Value>());
    return *this;
  }
  /// Whether the property is there; false too where the chain ends before it.
  [[nodiscard]] bool exists() const {
    Result<Object> owner = try_owner();
    return owner && owner->has(key_);
  }
  bool remove() const { return try_owner().value().remove(key_); }
  operator Value() const { return get<Value>(); }

  /// A property of what this property holds.
  template <PropertyKey K2>
  [[nodiscard]] PropertyRef<K2, PropertyRef> operator[](K2 key) const {
    return {*this, std::move(key)};
  }
  [[nodiscard]] PropertyRef<std::string, PropertyRef> operator[](const char* key) const {
    return {*this, key};
  }

  /// @internal Adds this place to a conversion error's path.
  void locate(Error& error) const {
    error.at(detail::key_text(key_));
    locate_parent(error);
  }

 private:
  Result<Object> try_owner() const {
    if constexpr (std::is_same_v<Parent, Object>) {
      return parent_;
    } else {
      return parent_.template try_get<Object>();
    }
  }
  void locate_parent(Error& error) const {
    if constexpr (!std::is_same_v<Parent, Object>) {
      parent_.locate(error);
    }
  }
  Parent parent_;
  K key_;
};

template <PropertyKey K>
PropertyRef<K, Object> Object::operator[](K key) const {
  return {*this, std::move(key)};
}
inline PropertyRef<std::string, Object> Object::operator[](const char* key) const {
  return {*this, key};
}

/// A place stands for the value that it holds.
template <PropertyKey K, class Parent>
struct Convert<PropertyRef<K, Parent>> {
  static Result<Value> into_js(const Ctx&, const PropertyRef<K, Parent>& place) {
    return place.template try_get<Value>();
  }
};

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

// The operations as the engine does them: a value or an exception, a truth value or -1.
template <PropertyKey K>
[[gnu::always_inline]] inline JSValue get_property(Realm* realm, JSValueConst object,
                                                   const K& key) noexcept {
  const KeyAtom atom = key_atom(realm, key);
  if (atom.get() == 0) [[unlikely]] {
    return engine::exception();
  }
  return keeping_alive(object,
                       [&] { return engine::get_property(realm->context, object, atom.get()); });
}

template <PropertyKey K, class T>
[[gnu::always_inline]] inline int set_property(Realm* realm, JSValueConst object, const K& key,
                                               T&& value) {
  JSValue converted;
  if constexpr (std::is_convertible_v<const K&, std::string_view>) {
    converted = into_js_named(realm->context, key, std::forward<T>(value));
  } else {
    converted = into_js(realm->context, std::forward<T>(value));
  }
  if (engine::is_exception(converted)) [[unlikely]] {
    return -1;
  }
  const KeyAtom atom = key_atom(realm, key);
  if (atom.get() == 0) [[unlikely]] {
    engine::release(realm->context, converted);
    return -1;
  }
  return keeping_alive(
      object, [&] { return engine::set_property(realm->context, object, atom.get(), converted); });
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
  if (detail::set_property(realm, raw(), key, std::forward<T>(value)) < 0) [[unlikely]] {
    return detail::caught(realm);
  }
  return {};
}

template <PropertyKey K, class T>
[[gnu::always_inline]] inline void Object::set(const K& key, T&& value) const {
  detail::Realm* realm = handle().realm();
  if (!detail::inside(realm)) [[unlikely]] {
    detail::from_outside<void>(realm, [&] { set(key, std::forward<T>(value)); });
  } else if (detail::set_property(realm, raw(), key, std::forward<T>(value)) < 0) [[unlikely]] {
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
  const detail::KeyAtom atom = detail::key_atom(realm, key);
  const detail::Handle keep(handle());
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
  const detail::KeyAtom atom = detail::key_atom(realm, key);
  const detail::Handle keep(handle());
  const int removed =
      atom.get() == 0 ? -1 : ::JS_DeleteProperty(realm->context, keep.get(), atom.get(), 0);
  if (removed < 0) [[unlikely]] {
    return detail::caught(realm);
  }
  return removed != 0;
}

}  // namespace quip
