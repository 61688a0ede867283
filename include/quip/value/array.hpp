// Arrays: elements by index, in order.
#pragma once

#include <quip/value/object.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

namespace quip {

template <class T>
class ElementRange;
template <class T>
class ElementIterator;

namespace detail {
template <class T>
inline constexpr bool is_vector = false;
template <class T, class Allocator>
inline constexpr bool is_vector<std::vector<T, Allocator>> = true;
}  // namespace detail

/// A JavaScript Array. (A Proxy of an array is an Object here.)
class Array : public Object {
 public:
  /// An empty handle.
  Array() noexcept = default;
  /// A new array, `[]`. Throws Error when memory is short.
  explicit Array(const Ctx& ctx) : Array(try_make(ctx).value()) {}
  static Result<Array> try_make(const Ctx& ctx);

  /// An array of what a range holds, as its own elements: no setter of a prototype sees them.
  template <std::ranges::input_range R>
  static Array from(const Ctx& ctx, R&& range) {
    return try_from(ctx, std::forward<R>(range)).value();
  }
  template <std::ranges::input_range R>
  static Result<Array> try_from(const Ctx& ctx, R&& range);

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

  /// Removes the last element and returns it as a T; undefined of an empty array. An element that
  /// does not convert stays.
  template <class T = Value>
  T pop() const {
    return try_pop<T>().value();
  }
  template <class T = Value>
  Result<T> try_pop() const;
  /// Makes the array that long: what lies beyond is removed, what is missing is a hole.
  /// Throws Error for a frozen array.
  void set_size(std::uint32_t size) const { try_set_size(size).value(); }
  Result<void> try_set_size(std::uint32_t size) const;

  /// The elements as Ts, in order, each read when it is reached: `for (int n :
  /// array.elements<int>())`. As JavaScript's own iterators do, it looks at the length anew for
  /// each step, and reads a hole as undefined. What reading throws, and conversion errors, which
  /// name the index, come out of the iteration.
  template <class T = Value>
  [[nodiscard]] ElementRange<T> elements() const;
  /// All elements at once: as<std::vector<T>>().
  template <class T = Value>
  [[nodiscard]] std::vector<T> to_vector() const {
    return try_to_vector<T>().value();
  }
  template <class T = Value>
  [[nodiscard]] Result<std::vector<T>> try_to_vector() const {
    return try_as<std::vector<T>>();
  }
  /// The elements as Values: `for (Value v : array)`.
  [[nodiscard]] ElementIterator<Value> begin() const;
  [[nodiscard]] ElementIterator<Value> end() const;

  /// @internal
  static constexpr std::string_view type_name = "array";
  static bool accepts(ValueRef value) noexcept {
    return engine::is_array(value.context(), value.raw());
  }
  explicit Array(detail::Handle handle) noexcept : Object(std::move(handle)) {}

 private:
  // takes the element over, which may be an exception
  Result<void> append(JSValue element) const;
  Result<void> put(std::uint64_t index, JSValue element) const;
  Result<void> drop_last(std::uint32_t index) const;
};

template <>
struct Convert<Array> : detail::ConvertHandle<Array> {};

/// Where an iteration over an array is; see Array::elements. It owns the array.
template <class T>
class ElementIterator {
 public:
  using value_type = T;
  using difference_type = std::ptrdiff_t;
  using reference = T;
  using pointer = void;
  using iterator_category = std::input_iterator_tag;
  /// The end of every array.
  ElementIterator() = default;
  explicit ElementIterator(Array array) : array_(std::move(array)), is_end_(false) {}
  /// Reads the element anew each time.
  T operator*() const { return array_.template get<T>(index_); }
  ElementIterator& operator++() {
    ++index_;
    return *this;
  }
  ElementIterator operator++(int) {
    ElementIterator before = *this;
    ++index_;
    return before;
  }
  friend bool operator==(const ElementIterator& a, const ElementIterator& b) {
    if (a.is_end_ || b.is_end_) {
      return a.is_at_end() && b.is_at_end();
    }
    return a.index_ == b.index_;
  }

 private:
  // throws RuntimeGone: of an array nothing else can keep the length from us
  [[nodiscard]] bool is_at_end() const { return is_end_ || index_ >= array_.size(); }
  Array array_;
  std::uint32_t index_ = 0;
  bool is_end_ = true;
};

/// The elements of an array as an input range: see Array::elements. It owns the array.
template <class T>
class ElementRange {
 public:
  explicit ElementRange(Array array) : array_(std::move(array)) {}
  [[nodiscard]] ElementIterator<T> begin() const { return ElementIterator<T>(array_); }
  [[nodiscard]] ElementIterator<T> end() const { return {}; }

 private:
  Array array_;
};

template <class T>
ElementRange<T> Array::elements() const {
  return ElementRange<T>(*this);
}
inline ElementIterator<Value> Array::begin() const { return ElementIterator<Value>(*this); }
inline ElementIterator<Value> Array::end() const { return {}; }

template <std::ranges::input_range R>
Result<Array> Array::try_from(const Ctx& ctx, R&& range) {
  detail::Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) [[unlikely]] {
    return detail::refusal(realm);
  }
  if constexpr (detail::is_vector<std::remove_cvref_t<R>>) {  // at once, if the engine can
    return detail::from_owned<Array>(realm,
                                     detail::into_js(realm->context, std::forward<R>(range)));
  } else {
    Result<Array> array = try_make(ctx);
    std::uint64_t index = 0;
    for (auto&& element : range) {
      if (!array) {
        break;
      }
      Result<void> appended = array->put(
          index++, detail::into_js(realm->context, std::forward<decltype(element)>(element)));
      if (!appended) {
        array = std::move(appended).error();
      }
    }
    return array;
  }
}

template <class T>
Result<T> Array::try_pop() const {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) [[unlikely]] {
    return detail::refusal(realm);
  }
  const Array keep(*this);
  const Result<std::uint32_t> size = keep.try_size();
  if (!size) {
    return size.error();
  }
  if (*size == 0) {
    return detail::from_owned<T>(realm, engine::undefined());
  }
  Result<T> last = keep.try_get<T>(*size - 1);
  if (last) {
    if (Result<void> removed = keep.drop_last(*size - 1); !removed) {
      return std::move(removed).error();
    }
  }
  return last;
}

}  // namespace quip
