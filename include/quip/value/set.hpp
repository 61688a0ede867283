// Sets: values, each of them once.
#pragma once

#include <quip/value/collection.hpp>

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quip {

/// A JavaScript Set (ECMA-262 24.2). Its elements may be any convertible C++ values; they are
/// compared as Value::same_value_zero does, objects by identity. A script's changes of
/// Set.prototype after the first use in a context change nothing here.
class Set : public Object {
 public:
  /// An empty handle.
  Set() noexcept = default;
  /// A new, empty Set. Throws Error when memory is short or the context has none.
  explicit Set(const Ctx& ctx) : Set(try_make(ctx).value()) {}
  /// As the constructor, with the error as a value.
  static Result<Set> try_make(const Ctx& ctx);

  /// Adds an element that it does not have yet.
  template <class T>
  void add(T&& value) const {
    try_add(std::forward<T>(value)).value();
  }
  template <class T>
  Result<void> try_add(T&& value) const {
    return detail::invoke_method<void>(handle(), detail::Intrinsic::set_add,
                                       std::forward<T>(value));
  }
  template <class T>
  [[nodiscard]] bool has(const T& value) const {
    return try_has(value).value();
  }
  template <class T>
  [[nodiscard]] Result<bool> try_has(const T& value) const {
    return detail::invoke_method<bool>(handle(), detail::Intrinsic::set_has, value);
  }
  /// Removes an element; true when the Set had it.
  template <class T>
  bool remove(const T& value) const {
    return try_remove(value).value();
  }
  template <class T>
  Result<bool> try_remove(const T& value) const {
    return detail::invoke_method<bool>(handle(), detail::Intrinsic::set_delete, value);
  }
  void clear() const { try_clear().value(); }
  Result<void> try_clear() const;
  /// The number of elements.
  [[nodiscard]] std::size_t size() const { return try_size().value(); }
  [[nodiscard]] Result<std::size_t> try_size() const;
  [[nodiscard]] bool empty() const { return size() == 0; }

  /// The elements in the order of their insertion, read one by one as they are reached:
  /// `for (Value v : set)`. The Set may change meanwhile, as in JavaScript. Throws Error.
  using Iterator = detail::StepIterator<&detail::Steps::current>;
  [[nodiscard]] Iterator begin() const { return Iterator(start().value()); }
  [[nodiscard]] Iterator end() const { return {}; }

  /// All elements converted. A conversion error names the element: `[2]: expected …`.
  template <class T = Value>
  [[nodiscard]] std::vector<T> values() const {
    return try_values<T>().value();
  }
  template <class T = Value>
  [[nodiscard]] Result<std::vector<T>> try_values() const {
    Result<detail::Steps> steps = start();
    if (!steps) {
      return std::move(steps).error();
    }
    std::vector<T> values;
    for (;;) {
      const Result<bool> more = steps->advance();
      if (!more) {
        return more.error();
      }
      if (!*more) {
        return values;
      }
      Result<T> value = steps->current().template try_as<T>();
      if (!value) {
        return std::move(value).error().at(detail::key_text(values.size()));
      }
      values.push_back(*std::move(value));
    }
  }

  /// @internal
  static constexpr std::string_view type_name = "set";
  static bool accepts(ValueRef value) noexcept {
    return engine::kind_of(value.raw()) == engine::Kind::set;
  }
  explicit Set(detail::Handle handle) noexcept : Object(std::move(handle)) {}

 private:
  [[nodiscard]] Result<detail::Steps> start() const;
};

template <>
struct Convert<Set> : detail::ConvertHandle<Set> {};

}  // namespace quip
