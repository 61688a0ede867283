// Places in objects: `obj["a"]["b"]`. Included by object.hpp.
#pragma once

#include <quip/value/object.hpp>

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace quip {

namespace detail {
template <class T>
inline constexpr bool is_property_ref = false;
template <class K, class Parent>
inline constexpr bool is_property_ref<PropertyRef<K, Parent>> = true;
}  // namespace detail

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
  /// As `get` and `try_get`: what a Value calls them.
  template <class T>
  [[nodiscard]] T as() const {
    return get<T>();
  }
  template <class T>
  [[nodiscard]] Result<T> try_as() const {
    return try_get<T>();
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
  /// Whether the property is there; false too where the chain ends before it. Throws what a getter
  /// or a proxy's trap on the way throws.
  [[nodiscard]] bool exists() const { return try_exists().value(); }
  [[nodiscard]] Result<bool> try_exists() const {
    Result<Object> owner = try_owner();
    if (!owner) {
      if (owner.error().kind() == ErrorKind::conversion) {
        return false;
      }
      return std::move(owner).error();
    }
    return owner->try_has(key_);
  }
  Result<bool> try_remove() const {
    Result<Object> owner = try_owner();
    if (!owner) {
      return std::move(owner).error();
    }
    return owner->try_remove(key_);
  }
  bool remove() const { return try_remove().value(); }
  /// Calls the property as a method: `obj["log"].call<void>("text")` is `obj.log("text")`, with
  /// `this` the object that it is a property of. Throws what the function throws, and conversion
  /// errors: of what is no function, of the result.
  template <class R = Value, class... A>
  R call(A&&... arguments) const {
    return try_call<R>(std::forward<A>(arguments)...).value();
  }
  template <class R = Value, class... A>
  Result<R> try_call(A&&... arguments) const;  // with Function
  /// As `call`.
  template <class... A>
  Value operator()(A&&... arguments) const {
    return call<Value>(std::forward<A>(arguments)...);
  }
  operator Value() const { return get<Value>(); }

  /// Whether the property is, by the strict conversions of Convert, that C++ value (JavaScript's
  /// `===` for a handle); a value of another type is not. Throws what reading it throws.
  template <class T>
    requires(!detail::is_property_ref<std::remove_cvref_t<T>>)
  friend bool operator==(const PropertyRef& place, const T& value) {
    return place.equals(value);
  }

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
  template <class T>
  bool equals(const T& value) const {
    if constexpr (std::is_base_of_v<Value, T>) {
      return get<Value>() == static_cast<const Value&>(value);
    } else {
      using Read =
          std::conditional_t<std::is_convertible_v<const T&, std::string_view>, std::string, T>;
      const Value mine = get<Value>();
      const Result<Read> read = mine.template try_as<Read>();
      return read && *read == value;
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

}  // namespace quip
