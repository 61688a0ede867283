// Arrays: elements by index, in order.
#pragma once

#include <quip/value/object.hpp>

#include <cstdint>
#include <iterator>

namespace quip {

/// A JavaScript Array. (A Proxy of an array is an Object here.)
class Array : public Object {
 public:
  /// An empty handle.
  Array() noexcept = default;
  /// A new array, `[]`. Throws Error when memory is short.
  explicit Array(const Ctx& ctx) : Array(try_make(ctx).value()) {}
  static Result<Array> try_make(const Ctx& ctx);

  /// The array's length. It may be far more than the elements that it has: do not reserve by it.
  [[nodiscard]] std::uint32_t size() const { return try_size().value(); }
  [[nodiscard]] Result<std::uint32_t> try_size() const;
  [[nodiscard]] bool empty() const { return size() == 0; }

  /// Appends an element past the last one, as its own: no setter of a prototype sees it.
  template <class T>
  void push(T&& value) const {
    try_push(std::forward<T>(value)).value();
  }
  template <class T>
  Result<void> try_push(T&& value) const {
    detail::Realm* realm = handle().realm();
    detail::Entry entry(realm);
    if (!entry) [[unlikely]]
      return detail::refusal(realm);
    return append(detail::into_js(realm->context, std::forward<T>(value)));
  }

  /// The elements in order, read one by one as they are reached: `for (Value v : array)`.
  class Iterator {
   public:
    using value_type = Value;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::input_iterator_tag;
    Iterator() = default;
    Iterator(const Array* array, std::uint32_t index) : array_(array), index_(index) {}
    Value operator*() const { return array_->get(index_); }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    Iterator operator++(int) { return Iterator(array_, index_++); }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.index_ == b.index_; }

   private:
    const Array* array_ = nullptr;
    std::uint32_t index_ = 0;
  };
  [[nodiscard]] Iterator begin() const { return {this, 0}; }
  [[nodiscard]] Iterator end() const { return {this, size()}; }

  /// @internal
  static constexpr std::string_view type_name = "array";
  static bool accepts(ValueRef value) noexcept {
    return engine::is_array(value.context(), value.raw());
  }
  explicit Array(detail::Handle handle) noexcept : Object(std::move(handle)) {}

 private:
  // takes the element over, which may be an exception
  Result<void> append(JSValue element) const;
};

template <>
struct Convert<Array> : detail::ConvertHandle<Array> {};

}  // namespace quip
