// Conversions of maps: objects for keys that are text, Maps for others.
#pragma once

#include <quip/convert/tuple.hpp>
#include <quip/engine/engine.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace quip {

/// A map that keeps the order in which its keys came: a vector of pairs with the `insert_or_assign`
/// of a map. For the few entries of an options object, and wherever an object's order counts.
template <class K, class T>
class OrderedMap : public std::vector<std::pair<K, T>> {
 public:
  using key_type = K;
  using mapped_type = T;
  using std::vector<std::pair<K, T>>::vector;

  /// The entry of the key; end() if there is none. Looks at one after the other.
  template <class Key>
  [[nodiscard]] auto find(const Key& key) {
    return std::find_if(this->begin(), this->end(),
                        [&key](const auto& entry) { return entry.first == key; });
  }
  template <class Key>
  [[nodiscard]] auto find(const Key& key) const {
    return std::find_if(this->begin(), this->end(),
                        [&key](const auto& entry) { return entry.first == key; });
  }
  void insert_or_assign(K key, T value) {
    if (const auto known = find(key); known != this->end()) {
      known->second = std::move(value);
    } else {
      this->emplace_back(std::move(key), std::move(value));
    }
  }
};

namespace detail {

/// Keys that are property names in JavaScript; a map with others is a Map there.
template <class K>
concept NameLike = TextLike<K> || std::is_enum_v<K>;

/// Where the properties of an object go.
struct PropertySink {
  /// Converts one property; false when `error` has been set. May throw.
  using Take = bool (*)(PropertySink& sink, std::string_view name, JSValueConst value);
  PropertySink(ValueRef value, Take function) noexcept : whole(value), take(function) {}
  ValueRef whole;
  Take take;
  std::optional<Error> error;
};
/// Reads every own enumerable property with a string key into the sink, in the object's order.
Result<void> read_properties(PropertySink& sink);

/// An object that is being made of own properties, which no setter of a prototype sees.
class ObjectBuilder {
 public:
  explicit ObjectBuilder(JSContext* ctx) noexcept : ctx_(ctx), object_(::JS_NewObject(ctx)) {}
  ObjectBuilder(const ObjectBuilder&) = delete;
  ObjectBuilder& operator=(const ObjectBuilder&) = delete;
  ~ObjectBuilder() { engine::release(ctx_, object_); }
  /// Defines a property with an owned value; false with a pending exception.
  bool define(std::string_view name, JSValue value) noexcept;
  /// The object, or an exception when it could not be made.
  JSValue finish() noexcept { return std::exchange(object_, engine::undefined()); }

 private:
  JSContext* ctx_;
  JSValue object_;
};

/// `map.set(key, value)` with owned values; false with a pending exception.
bool set_in_map(JSContext* ctx, JSValueConst map, JSValue key, JSValue value) noexcept;
JSValue new_map(JSContext* ctx) noexcept;

/// A key that is text, from a property's name.
template <class K>
Result<K> name_from_text(JSContext* ctx, std::string_view name) {
  if constexpr (std::is_same_v<K, std::string>) {
    return K(name);
  } else {
    const Handle text(realm_of(ctx), new_string(ctx, name));
    return from_js<K>(ValueRef(ctx, text.get()));
  }
}
/// … and back.
template <class K>
Result<std::string> text_of_name(JSContext* ctx, const K& key) {
  return from_owned<std::string>(realm_of(ctx), into_js(ctx, key));
}

template <class M>
class MapSink : public PropertySink {
  using K = typename M::key_type;
  using T = typename M::mapped_type;

 public:
  MapSink(ValueRef value, M& map) noexcept : PropertySink(value, &take_into), map_(&map) {}

 private:
  static bool take_into(PropertySink& base, std::string_view name, JSValueConst value) {
    auto& sink = static_cast<MapSink&>(base);
    if constexpr (std::is_same_v<K, std::string> && ConvertsQuickly<T>) {
      if (T out; Convert<T>::quick(value, out)) [[likely]] {
        sink.map_->insert_or_assign(K(name), std::move(out));
        return true;
      }
    }
    const PartOf part(sink.whole);
    const auto step = [name] { return std::string(name); };
    Result<K> key = name_from_text<K>(sink.whole.context(), name);
    if (!part.settle(key, step)) [[unlikely]] {
      sink.error = std::move(key).error();
      return false;
    }
    Result<T> mapped = from_js<T>(sink.whole.part(value));
    if (!part.settle(mapped, step)) [[unlikely]] {
      sink.error = std::move(mapped).error();
      return false;
    }
    if (key && mapped) [[likely]] {
      sink.map_->insert_or_assign(*std::move(key), *std::move(mapped));
    }
    return true;
  }
  M* map_;
};

}  // namespace detail

/// Maps of any kind. With keys that are text (or enums), an object: its own enumerable properties
/// with string keys; with other keys a Map. A Map can be read as both. An object that keeps its
/// content elsewhere (a Set, a Date, …) is an error, not an empty map.
template <detail::MapLike M>
struct Convert<M> : detail::FamilyConvert {
  using K = typename M::key_type;
  using T = typename M::mapped_type;

  static Result<M> from_js(ValueRef value) {
    M map;
    if (engine::kind_of(value.raw()) == engine::Kind::map) {
      auto entries = detail::from_js<std::vector<std::pair<K, T>>>(value);
      if (!entries) [[unlikely]] {
        return std::move(entries).error();
      }
      for (auto& [key, mapped] : *entries) {
        map.insert_or_assign(std::move(key), std::move(mapped));
      }
      return map;
    }
    if constexpr (detail::NameLike<K>) {
      detail::MapSink<M> sink(value, map);
      Result<void> read = detail::read_properties(sink);
      if (!read) [[unlikely]] {
        return std::move(read).error();
      }
      return map;
    } else {
      return detail::not_a("map", value);
    }
  }

  static JSValue into_js(JSContext* ctx, const M& map) {
    if (detail::is_too_deep(detail::realm_of(ctx))) [[unlikely]] {
      return detail::throw_too_deep(ctx);
    }
    if constexpr (detail::NameLike<K>) {
      detail::ObjectBuilder object(ctx);
      for (const auto& [key, mapped] : map) {
        if constexpr (std::is_same_v<K, std::string>) {
          if (!object.define(key, detail::into_js(ctx, mapped))) [[unlikely]] {
            return engine::exception();
          }
        } else {
          Result<std::string> name = detail::text_of_name(ctx, key);
          if (!name) [[unlikely]] {
            return detail::throw_error(ctx, name.error());
          }
          if (!object.define(*name, detail::into_js(ctx, mapped))) [[unlikely]] {
            return engine::exception();
          }
        }
      }
      return object.finish();
    } else {
      JSValue made = detail::new_map(ctx);
      if (engine::is_exception(made)) [[unlikely]] {
        return made;
      }
      detail::Handle object(detail::realm_of(ctx), made);
      for (const auto& [key, mapped] : map) {
        JSValue raw_key = detail::into_js(ctx, key);
        JSValue raw_value =
            engine::is_exception(raw_key) ? engine::exception() : detail::into_js(ctx, mapped);
        if (!detail::set_in_map(ctx, object.get(), raw_key, raw_value)) [[unlikely]] {
          return engine::exception();
        }
      }
      return object.take();
    }
  }
};

}  // namespace quip
