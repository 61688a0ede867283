// Conversions of optional, vector and map.
#pragma once

#include <quip/convert/string.hpp>
#include <quip/value/array.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace quip {

/// Nothing at all: `undefined`.
template <>
struct Convert<std::nullopt_t> {
  static JSValue into_js(JSContext*, std::nullopt_t) noexcept { return engine::undefined(); }
};

/// `undefined` and `null` are empty; anything else must be a T. An empty one is `undefined`.
template <class T>
struct Convert<std::optional<T>> {
  static Result<std::optional<T>> from_js(ValueRef value) {
    if (engine::is_undefined(value.raw()) || engine::is_null(value.raw())) {
      return std::optional<T>();
    }
    Result<T> inner = detail::from_js<T>(value);
    if (!inner) [[unlikely]]
      return std::move(inner).error();
    return std::optional<T>(std::move(*inner));
  }
  template <class U>
    requires std::same_as<std::remove_cvref_t<U>, std::optional<T>>
  static JSValue into_js(JSContext* ctx, U&& value) {
    if (!value) return engine::undefined();
    return detail::into_js(ctx, *std::forward<U>(value));
  }
};

namespace detail {

/// An array under construction: elements are appended without a setter seeing them.
class ArrayBuilder {
 public:
  explicit ArrayBuilder(JSContext* ctx) noexcept : ctx_(ctx), array_(::JS_NewArray(ctx)) {}
  ArrayBuilder(const ArrayBuilder&) = delete;
  ArrayBuilder& operator=(const ArrayBuilder&) = delete;
  ~ArrayBuilder() { engine::release(ctx_, array_); }
  /// Appends an owned value; false with a pending exception.
  bool append(JSValue element) noexcept {
    if (engine::is_exception(array_) || engine::is_exception(element)) [[unlikely]] {
      engine::release(ctx_, element);
      return false;
    }
    return ::JS_DefinePropertyValueUint32(ctx_, array_, size_++, element, JS_PROP_C_W_E) >= 0;
  }
  /// The array, or an exception when it could not be made.
  JSValue finish() noexcept { return std::exchange(array_, engine::undefined()); }

 private:
  JSContext* ctx_;
  JSValue array_;
  std::uint32_t size_ = 0;
};

/// Whether the array lacks the element that read as undefined; an error when it cannot be told.
Result<bool> is_hole(Realm* realm, JSValueConst array, std::uint32_t index);
Error too_sparse(ValueRef array);

/// Looks at every element of an array: visit(index, ValueRef) returns an error to stop with.
template <class Visit>
Result<void> for_each_element(ValueRef array, Visit&& visit) {
  // A script may set any length without an element: what it costs is bounded by what it has.
  constexpr std::uint32_t most_holes = 1U << 20;
  JSContext* ctx = array.context();
  if (!engine::is_array(ctx, array.raw())) [[unlikely]] {
    return not_a("array", array);
  }
  Realm* realm = realm_of(ctx);
  const Handle keep(realm, engine::duplicate(ctx, array.raw()));
  std::uint32_t holes = 0;
  // the length is asked for again each time: a getter among the elements may change it
  for (std::uint32_t i = 0;; ++i) {
    JSValue length = ::JS_GetProperty(ctx, array.raw(), Key<"length">::atom(realm));
    if (engine::is_exception(length)) [[unlikely]] {
      return caught(realm);
    }
    const double size =
        engine::is_int32(length) ? engine::get_int32(length) : engine::get_float64(length);
    if (i >= size) {
      return {};
    }
    JSValue raw = ::JS_GetPropertyUint32(ctx, array.raw(), i);
    if (engine::is_exception(raw)) [[unlikely]] {
      return caught(realm);
    }
    const Handle element(realm, raw);
    if (engine::is_undefined(raw)) [[unlikely]] {
      Result<bool> hole = is_hole(realm, array.raw(), i);
      if (!hole) {
        return std::move(hole).error();
      }
      holes += *hole ? 1U : 0U;
      if (holes > most_holes) {
        return too_sparse(array);
      }
    }
    Result<void> visited = visit(i, ValueRef(ctx, raw));
    if (!visited) [[unlikely]] {
      visited.error().at(key_text(i));
      return visited;
    }
  }
}

/// Looks at every own enumerable string-keyed property: visit(name, ValueRef).
Result<void> for_each_property(ValueRef object,
                               const std::function<Result<void>(std::string, ValueRef)>& visit);

template <class M>
struct ConvertMap {
  using Mapped = typename M::mapped_type;
  static Result<M> from_js(ValueRef value) {
    M map;
    Result<void> read =
        for_each_property(value, [&map](std::string name, ValueRef property) -> Result<void> {
          Result<Mapped> element = detail::from_js<Mapped>(property);
          if (!element) [[unlikely]]
            return std::move(element).error();
          map.insert_or_assign(std::move(name), std::move(*element));
          return {};
        });
    if (!read) [[unlikely]]
      return std::move(read).error();
    return map;
  }
  static JSValue into_js(JSContext* ctx, const M& map) {
    JSValue object = ::JS_NewObject(ctx);
    if (engine::is_exception(object)) [[unlikely]]
      return object;
    for (const auto& [name, element] : map) {
      JSValue converted = detail::into_js(ctx, element);
      const JSAtom atom =
          engine::is_exception(converted) ? 0 : ::JS_NewAtomLen(ctx, name.data(), name.size());
      if (atom == 0) [[unlikely]] {
        engine::release(ctx, converted);
        engine::release(ctx, object);
        return engine::exception();
      }
      const bool defined = engine::define(ctx, object, atom, converted);
      ::JS_FreeAtom(ctx, atom);
      if (!defined) [[unlikely]] {
        engine::release(ctx, object);
        return engine::exception();
      }
    }
    return object;
  }
};

}  // namespace detail

/// Arrays alone. An error names the element: `[2]: expected string, got 5 (number)`.
template <class T>
struct Convert<std::vector<T>> {
  static Result<std::vector<T>> from_js(ValueRef value) {
    std::vector<T> elements;
    Result<void> read = detail::for_each_element(
        value, [&elements](std::uint32_t, ValueRef element) -> Result<void> {
          auto converted = detail::from_js<T>(element);
          if (!converted) [[unlikely]]
            return std::move(converted).error();
          elements.push_back(std::move(*converted));
          return {};
        });
    if (!read) [[unlikely]]
      return std::move(read).error();
    return elements;
  }
  static JSValue into_js(JSContext* ctx, const std::vector<T>& elements) {
    detail::ArrayBuilder array(ctx);
    for (const auto& element : elements) {
      if (!array.append(detail::into_js(ctx, static_cast<const T&>(element)))) [[unlikely]] {
        return engine::exception();
      }
    }
    return array.finish();
  }
};

/// Objects to and from maps: the own enumerable properties with string keys. An object without any
/// must be a plain one: a Map or a Date is an error, not an empty map.
template <class T, class... Rest>
struct Convert<std::map<std::string, T, Rest...>>
    : detail::ConvertMap<std::map<std::string, T, Rest...>> {};
template <class T, class... Rest>
struct Convert<std::unordered_map<std::string, T, Rest...>>
    : detail::ConvertMap<std::unordered_map<std::string, T, Rest...>> {};

}  // namespace quip
