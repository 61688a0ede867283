// Maps: values by keys of any kind.
#pragma once

#include <quip/value/collection.hpp>

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quip {

/// A JavaScript Map (ECMA-262 24.1). Keys and values may be any convertible C++ values; keys are
/// compared as Value::same_value_zero does, objects by identity. A script's changes of
/// Map.prototype after the first use in a context change nothing here.
class Map : public Object {
 public:
  /// An empty handle.
  Map() noexcept = default;
  /// A new, empty Map. Throws Error when memory is short or the context has none.
  explicit Map(const Ctx& ctx) : Map(try_make(ctx).value()) {}
  /// As the constructor, with the error as a value.
  static Result<Map> try_make(const Ctx& ctx);

  /// The value of a key as a T; `undefined` for one that the Map does not have.
  template <class T = Value, class K>
  [[nodiscard]] T get(const K& key) const {
    return try_get<T>(key).value();
  }
  template <class T = Value, class K>
  [[nodiscard]] Result<T> try_get(const K& key) const {
    return detail::invoke_method<T>(handle(), detail::Intrinsic::map_get, key);
  }
  /// Sets the value of a key.
  template <class K, class T>
  void set(const K& key, T&& value) const {
    try_set(key, std::forward<T>(value)).value();
  }
  template <class K, class T>
  Result<void> try_set(const K& key, T&& value) const {
    return detail::invoke_method<void>(handle(), detail::Intrinsic::map_set, key,
                                       std::forward<T>(value));
  }
  template <class K>
  [[nodiscard]] bool has(const K& key) const {
    return try_has(key).value();
  }
  template <class K>
  [[nodiscard]] Result<bool> try_has(const K& key) const {
    return detail::invoke_method<bool>(handle(), detail::Intrinsic::map_has, key);
  }
  /// Removes a key; true when the Map had it.
  template <class K>
  bool remove(const K& key) const {
    return try_remove(key).value();
  }
  template <class K>
  Result<bool> try_remove(const K& key) const {
    return detail::invoke_method<bool>(handle(), detail::Intrinsic::map_delete, key);
  }
  void clear() const { try_clear().value(); }
  Result<void> try_clear() const;
  /// The number of entries.
  [[nodiscard]] std::size_t size() const { return try_size().value(); }
  [[nodiscard]] Result<std::size_t> try_size() const;
  [[nodiscard]] bool empty() const { return size() == 0; }

  /// The entries in the order of their insertion, read one by one as they are reached:
  /// `for (auto [key, value] : map)`. The Map may change meanwhile, as in JavaScript: a removed
  /// entry is not reached, an added one is. Throws Error.
  using Iterator = detail::StepIterator<&detail::Steps::entry>;
  [[nodiscard]] Iterator begin() const { return Iterator(start().value()); }
  [[nodiscard]] Iterator end() const { return {}; }

  /// All entries converted. A conversion error names the place: `[2][1]` is the third one's value.
  template <class K = Value, class V = Value>
  [[nodiscard]] std::vector<std::pair<K, V>> entries() const {
    return try_entries<K, V>().value();
  }
  template <class K = Value, class V = Value>
  [[nodiscard]] Result<std::vector<std::pair<K, V>>> try_entries() const {
    Result<detail::Steps> steps = start();
    if (!steps) {
      return std::move(steps).error();
    }
    std::vector<std::pair<K, V>> entries;
    for (;;) {
      const Result<bool> more = steps->advance();
      if (!more) {
        return more.error();
      }
      if (!*more) {
        return entries;
      }
      Result<K> key = half<K>(*steps, 0, entries.size());
      if (!key) {
        return std::move(key).error();
      }
      Result<V> value = half<V>(*steps, 1, entries.size());
      if (!value) {
        return std::move(value).error();
      }
      entries.emplace_back(*std::move(key), *std::move(value));
    }
  }

  /// @internal
  static constexpr std::string_view type_name = "map";
  static bool accepts(ValueRef value) noexcept {
    return engine::kind_of(value.raw()) == engine::Kind::map;
  }
  explicit Map(detail::Handle handle) noexcept : Object(std::move(handle)) {}

 private:
  [[nodiscard]] Result<detail::Steps> start() const;
  template <class T>
  static Result<T> half(const detail::Steps& steps, int which, std::size_t index) {
    Result<Value> value = steps.half(which);
    if (!value) {
      return std::move(value).error();
    }
    Result<T> converted = value->template try_as<T>();
    if (!converted) {
      converted.error().at(detail::key_text(which)).at(detail::key_text(index));
    }
    return converted;
  }
};

template <>
struct Convert<Map> : detail::ConvertHandle<Map> {};

}  // namespace quip
