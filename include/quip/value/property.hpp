// Descriptions of properties for Object::define: what Object.defineProperty takes.
#pragma once

#include <quip/value/value.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace quip {

/// An own property as it is: what Object::own_property returns, and what Object::define takes to
/// make another one like it (ECMA-262 6.2.6).
struct PropertyDescriptor {
  Value value = {};   ///< of a data property; else undefined
  Value getter = {};  ///< of an accessor a function, or undefined where it cannot be read
  Value setter = {};  ///< of an accessor a function, or undefined where it cannot be written
  bool writable = false;
  bool enumerable = false;
  bool configurable = false;
  bool accessor = false;
  /// True for a property with a getter or a setter, false for one with a value.
  [[nodiscard]] bool is_accessor() const noexcept { return accessor; }
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

/// A property as the engine's JS_DefineProperty takes it; owns its values.
class RawProperty {
 public:
  explicit RawProperty(JSContext* ctx) noexcept : ctx_(ctx) {}
  RawProperty(const RawProperty&) = delete;
  RawProperty& operator=(const RawProperty&) = delete;
  ~RawProperty() {
    engine::release(ctx_, value_);
    engine::release(ctx_, getter_);
    engine::release(ctx_, setter_);
  }
  [[nodiscard]] JSContext* context() const noexcept { return ctx_; }
  // Each takes the value over, and returns false with a pending exception if it is no good.
  bool set_value(JSValue value) noexcept;
  bool set_getter(JSValue getter) noexcept {
    return set_function(getter_, getter, JS_PROP_HAS_GET);
  }
  bool set_setter(JSValue setter) noexcept {
    return set_function(setter_, setter, JS_PROP_HAS_SET);
  }
  void set_flags(int flags) noexcept { flags_ |= flags; }
  /// Negative with a pending exception.
  int define(JSValueConst object, JSAtom key) const noexcept;

 private:
  bool set_function(JSValue& place, JSValue function, int flag) noexcept;
  JSContext* ctx_;
  JSValue value_ = engine::undefined();
  JSValue getter_ = engine::undefined();
  JSValue setter_ = engine::undefined();
  int flags_ = 0;
};

/// The attributes that data properties and accessors have in common. Those that are not named
/// are absent, as in Object.defineProperty: false for a new property, unchanged for an old one.
template <class Self>
class Attributes {
 public:
  /// The property can be removed, and changed into another one.
  Self configurable(bool on = true) && {
    return std::move(*this).with(JS_PROP_HAS_CONFIGURABLE, on ? JS_PROP_CONFIGURABLE : 0);
  }
  /// Object.keys and its like list the property.
  Self enumerable(bool on = true) && {
    return std::move(*this).with(JS_PROP_HAS_ENUMERABLE, on ? JS_PROP_ENUMERABLE : 0);
  }

 protected:
  Self with(int has, int flag) && {
    flags_ = (flags_ & ~(has >> JS_PROP_HAS_SHIFT)) | has | flag;
    return std::move(static_cast<Self&>(*this));
  }
  int flags_ = 0;

 private:
  Attributes() = default;
  friend Self;
};

}  // namespace detail

/// A property with a value: see quip::property.
template <class T>
class DataProperty : public detail::Attributes<DataProperty<T>> {
 public:
  explicit DataProperty(T value) : value_(std::move(value)) {}
  /// The property can be assigned to.
  DataProperty writable(bool on = true) && {
    return std::move(*this).with(JS_PROP_HAS_WRITABLE, on ? JS_PROP_WRITABLE : 0);
  }
  /// @internal
  bool describe(detail::RawProperty& raw, std::string_view name) && {
    raw.set_flags(this->flags_);
    return raw.set_value(detail::into_js_named(raw.context(), name, std::move(value_)));
  }

 private:
  T value_;
};

/// A property with a getter, a setter or both: see quip::accessor.
template <class G, class S>
class AccessorProperty : public detail::Attributes<AccessorProperty<G, S>> {
 public:
  AccessorProperty(G getter, S setter) : getter_(std::move(getter)), setter_(std::move(setter)) {}
  /// @internal
  bool describe(detail::RawProperty& raw, std::string_view name) && {
    raw.set_flags(this->flags_);
    if constexpr (!std::is_null_pointer_v<G>) {
      if (!raw.set_getter(detail::into_js_named(raw.context(), "get " + std::string(name),
                                                std::move(getter_)))) {
        return false;
      }
    }
    if constexpr (!std::is_null_pointer_v<S>) {
      if (!raw.set_setter(detail::into_js_named(raw.context(), "set " + std::string(name),
                                                std::move(setter_)))) {
        return false;
      }
    }
    return true;
  }

 private:
  G getter_;
  S setter_;
};

/// A property of that value, for Object::define:
///
///     object.define("version", quip::property(3).enumerable());
///
/// `writable`, `enumerable` and `configurable` are false unless said. (Of a property that is there
/// already, what is not said stays as it is: Object.defineProperty, ECMA-262 20.1.2.4.)
template <class T>
[[nodiscard]] DataProperty<std::decay_t<T>> property(T&& value) {
  return DataProperty<std::decay_t<T>>(std::forward<T>(value));
}

/// A property that calls: `getter()` when it is read, `setter(value)` when it is written. Either
/// may be anything that becomes a JS function, or nullptr for none; both may take a This.
///
///     object.define("now", quip::accessor([] { return clock(); }).enumerable());
template <class G, class S = std::nullptr_t>
[[nodiscard]] AccessorProperty<std::decay_t<G>, std::decay_t<S>> accessor(G&& getter,
                                                                          S&& setter = nullptr) {
  return {std::forward<G>(getter), std::forward<S>(setter)};
}

namespace detail {

bool describe_property(RawProperty& raw, const PropertyDescriptor& descriptor) noexcept;

/// Whatever Object::define takes, as the engine takes it; a plain value has all attributes off.
template <class P>
bool describe_property(RawProperty& raw, std::string_view name, P&& property) {
  using Plain = std::remove_cvref_t<P>;
  if constexpr (std::is_same_v<Plain, PropertyDescriptor>) {
    return describe_property(raw, property);
  } else if constexpr (requires { Plain(std::forward<P>(property)).describe(raw, name); }) {
    return Plain(std::forward<P>(property)).describe(raw, name);
  } else {
    raw.set_flags(JS_PROP_HAS_WRITABLE | JS_PROP_HAS_ENUMERABLE | JS_PROP_HAS_CONFIGURABLE);
    return raw.set_value(into_js_named(raw.context(), name, std::forward<P>(property)));
  }
}

}  // namespace detail
}  // namespace quip
