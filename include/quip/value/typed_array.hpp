// Typed arrays: elements of one C++ type in the bytes of an ArrayBuffer.
#pragma once

#include <quip/value/array_buffer.hpp>
#include <quip/value/float16.hpp>

#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <ranges>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace quip {

/// The element of a Uint8ClampedArray. (What a script assigns is clamped to 0…255 by the engine.)
struct Uint8Clamped {
  std::uint8_t value = 0;
  friend constexpr bool operator==(Uint8Clamped, Uint8Clamped) noexcept = default;
};

namespace detail {

/// The kind of the typed arrays that have T as elements; Kind::other when there are none.
template <class T>
inline constexpr engine::Kind element_kind = engine::Kind::other;
template <>
inline constexpr engine::Kind element_kind<Uint8Clamped> = engine::Kind::uint8_clamped_array;
template <>
inline constexpr engine::Kind element_kind<std::int8_t> = engine::Kind::int8_array;
template <>
inline constexpr engine::Kind element_kind<std::uint8_t> = engine::Kind::uint8_array;
template <>
inline constexpr engine::Kind element_kind<std::int16_t> = engine::Kind::int16_array;
template <>
inline constexpr engine::Kind element_kind<std::uint16_t> = engine::Kind::uint16_array;
template <>
inline constexpr engine::Kind element_kind<std::int32_t> = engine::Kind::int32_array;
template <>
inline constexpr engine::Kind element_kind<std::uint32_t> = engine::Kind::uint32_array;
template <>
inline constexpr engine::Kind element_kind<std::int64_t> = engine::Kind::bigint64_array;
template <>
inline constexpr engine::Kind element_kind<std::uint64_t> = engine::Kind::biguint64_array;
template <>
inline constexpr engine::Kind element_kind<Float16> = engine::Kind::float16_array;
template <>
inline constexpr engine::Kind element_kind<float> = engine::Kind::float32_array;
template <>
inline constexpr engine::Kind element_kind<double> = engine::Kind::float64_array;

/// The elements of a typed array as they are now.
struct Elements {
  void* data = nullptr;
  std::size_t count = 0;
};
/// Finds them: null, or why there are none. Runs no script when it finds them. `width` is the size
/// of an element in bytes.
const char* find_elements(Realm* realm, JSValueConst array, std::size_t width, bool write,
                          Elements& out) noexcept;
/// The same for the usual array, which has all of its buffer from somewhere on.
template <std::size_t Width>
const char* find_elements(Realm* realm, JSValueConst array, bool write, Elements& out) noexcept {
  std::size_t offset = 0;
  std::size_t length = 0;
  std::size_t width = 0;
  JSValue buffer = ::JS_GetTypedArrayBuffer(realm->context, array, &offset, &length, &width);
  if (!engine::is_exception(buffer)) [[likely]] {
    std::size_t size = 0;
    std::uint8_t* data = ::JS_GetArrayBuffer(realm->context, &size, buffer);
    const bool read_only = write && engine::is_immutable_buffer(buffer);
    engine::release(realm->context, buffer);  // the array holds it too
    if (data != nullptr && !read_only && width == Width && offset + length == size &&
        reinterpret_cast<std::uintptr_t>(data + offset) % Width == 0) [[likely]] {
      out = {data + offset, length / Width};
      return nullptr;
    }
  }
  return find_elements(realm, array, Width, write, out);
}

/// The elements of any typed array, borrowed until the engine is used next.
struct TypedSpan {
  engine::Kind kind = engine::Kind::other;
  const void* data = nullptr;
  std::size_t count = 0;
  const char* problem = nullptr;  ///< why there are no elements: detached, out of bounds
};
/// Nothing for what is no typed array; no elements for one that is detached or out of bounds.
std::optional<TypedSpan> typed_array_span(ValueRef value) noexcept;

// What all typed arrays have in common.
Result<Value> make_typed_array(const Ctx& ctx, engine::Kind kind, std::size_t size);
Result<Value> make_typed_array(const Ctx& ctx, engine::Kind kind, const ArrayBuffer& buffer,
                               std::size_t byte_offset, std::optional<std::size_t> size);
Result<std::size_t> typed_array_size(const Handle& array, std::size_t width);
Result<std::size_t> typed_array_offset(const Handle& array, std::size_t width);
Result<ArrayBuffer> typed_array_buffer(const Handle& array);

}  // namespace detail

/// What a typed array can have as elements: the integers of 8 to 64 bits, Uint8Clamped, Float16,
/// float and double. (64 bits are BigInt64Array and BigUint64Array.)
template <class T>
concept TypedElement = detail::element_kind<T> != engine::Kind::other;

/// The kind of a typed array, for one whose elements are not known when the program is compiled;
/// Kind::other for any other value. Runs no script.
engine::Kind element_type(const Value& value) noexcept;

/// A JavaScript typed array with elements of type T: TypedArray<double> is a Float64Array.
///
/// Its elements are bytes of an ArrayBuffer, and what is said there about them holds here too: they
/// are copied, or looked at in `with_span`. An array whose buffer was detached, or resized so that
/// the array is no longer within it, has no elements: size() is 0, and uses of them are TypeErrors.
/// Only arrays with this very type of elements convert to it: a Proxy of one does not.
template <TypedElement T>
class TypedArray : public Object {
 public:
  using value_type = T;

  /// An empty handle.
  TypedArray() noexcept = default;
  /// A new array of so many elements, all 0, with a buffer of its own. Throws Error: a RangeError,
  /// out of memory, or a TypeError where the engine has no arrays of this type (Float16Array).
  /// ECMA-262 23.2.5, engine: JS_NewTypedArray.
  TypedArray(const Ctx& ctx, std::size_t size) : TypedArray(try_make(ctx, size).value()) {}
  static Result<TypedArray> try_make(const Ctx& ctx, std::size_t size) {
    return finish(detail::make_typed_array(ctx, kind, size));
  }
  /// A new array over a buffer's bytes from `byte_offset` on: `size` elements or, without it, all
  /// up to the buffer's end, also after it is resized. Throws Error: a RangeError for elements that
  /// are not aligned or not all within the buffer, a TypeError for one that is detached.
  TypedArray(const Ctx& ctx, const ArrayBuffer& buffer, std::size_t byte_offset = 0,
             std::optional<std::size_t> size = {})
      : TypedArray(try_make(ctx, buffer, byte_offset, size).value()) {}
  static Result<TypedArray> try_make(const Ctx& ctx, const ArrayBuffer& buffer,
                                     std::size_t byte_offset = 0,
                                     std::optional<std::size_t> size = {}) {
    return finish(detail::make_typed_array(ctx, kind, buffer, byte_offset, size));
  }
  /// A new array with a copy of the elements.
  static TypedArray copy_of(const Ctx& ctx, std::span<const T> elements) {
    return try_copy_of(ctx, elements).value();
  }
  static Result<TypedArray> try_copy_of(const Ctx& ctx, std::span<const T> elements) {
    return over(ctx, ArrayBuffer::try_copy_of(ctx, elements));
  }
  /// Moves a container of T into a new array, without a copy (see ArrayBuffer::from).
  template <class R>
    requires detail::OwningRange<R> && std::same_as<std::ranges::range_value_t<R>, T>
  static TypedArray from(const Ctx& ctx, R&& container) {
    return try_from(ctx, std::forward<R>(container)).value();
  }
  template <class R>
    requires detail::OwningRange<R> && std::same_as<std::ranges::range_value_t<R>, T>
  static Result<TypedArray> try_from(const Ctx& ctx, R&& container) {
    return over(ctx, ArrayBuffer::try_from(ctx, std::forward<R>(container)));
  }

  /// The number of elements; 0 when the buffer is detached, or the array no longer within it.
  [[nodiscard]] std::size_t size() const { return try_size().value(); }
  [[nodiscard]] Result<std::size_t> try_size() const {
    return detail::typed_array_size(handle(), sizeof(T));
  }
  [[nodiscard]] bool empty() const { return size() == 0; }
  /// Where in the buffer it begins, in bytes; 0 when it has no elements any more.
  [[nodiscard]] std::size_t byte_offset() const { return try_byte_offset().value(); }
  [[nodiscard]] Result<std::size_t> try_byte_offset() const {
    return detail::typed_array_offset(handle(), sizeof(T));
  }
  /// The buffer that it lies over. Throws a TypeError when it is no longer within it.
  [[nodiscard]] ArrayBuffer buffer() const { return try_buffer().value(); }
  [[nodiscard]] Result<ArrayBuffer> try_buffer() const {
    return detail::typed_array_buffer(handle());
  }

  /// An element. Throws a RangeError when there is none at the index, a TypeError when it is
  /// detached or out of bounds. For more than a few, `with_span` is far cheaper.
  [[nodiscard]] T at(std::size_t index) const {
    if (std::span<T> elements; finds(index, false, elements)) [[likely]] {
      return elements[index];
    }
    return try_at(index).value();
  }
  [[nodiscard]] Result<T> try_at(std::size_t index) const {
    T element{};
    const Result<void> copied = try_copy_to({&element, 1}, index);
    if (!copied) return copied.error();
    return element;
  }
  /// Sets an element; throws as `at`, and a TypeError when the buffer is immutable.
  void set_at(std::size_t index, T element) const {
    if (std::span<T> elements; finds(index, true, elements)) [[likely]] {
      elements[index] = element;
    } else {
      try_set_at(index, element).value();
    }
  }
  Result<void> try_set_at(std::size_t index, T element) const {
    return try_copy_from({&element, 1}, index);
  }

  /// Calls f(std::span<T>) with the elements while no script may run, and returns what it returns;
  /// see ArrayBuffer::with_bytes. Throws a TypeError when the array is detached or out of bounds,
  /// or the buffer is immutable, and what f throws.
  template <class F>
  std::invoke_result_t<F, std::span<T>> with_span(F&& f) const {
    return detail::look<Writing>(handle(), std::forward<F>(f));
  }
  template <class F>
  auto try_with_span(F&& f) const {
    return detail::try_look<Writing>(handle(), std::forward<F>(f));
  }
  /// As with_span, with elements that f only reads; also of an immutable buffer.
  template <class F>
  std::invoke_result_t<F, std::span<const T>> with_const_span(F&& f) const {
    return detail::look<Reading>(handle(), std::forward<F>(f));
  }
  template <class F>
  auto try_with_const_span(F&& f) const {
    return detail::try_look<Reading>(handle(), std::forward<F>(f));
  }

  /// Copies the elements from `index` on, as many as there is room for in `to`. Throws a RangeError
  /// when the array ends before, a TypeError when it is detached or out of bounds.
  void copy_to(std::span<T> to, std::size_t index = 0) const { try_copy_to(to, index).value(); }
  Result<void> try_copy_to(std::span<T> to, std::size_t index = 0) const {
    return flat(try_with_const_span([&](std::span<const T> elements) {
      Result<void> checked = detail::check_range(index, to.size(), elements.size());
      if (checked && !to.empty()) {
        std::memmove(to.data(), elements.data() + index, to.size_bytes());
      }
      return checked;
    }));
  }
  /// Overwrites the elements from `index` on with all of `from`. Throws as copy_to, and a TypeError
  /// when the buffer is immutable.
  void copy_from(std::span<const T> from, std::size_t index = 0) const {
    try_copy_from(from, index).value();
  }
  Result<void> try_copy_from(std::span<const T> from, std::size_t index = 0) const {
    return flat(try_with_span([&](std::span<T> elements) {
      Result<void> checked = detail::check_range(index, from.size(), elements.size());
      if (checked && !from.empty()) {
        std::memmove(elements.data() + index, from.data(), from.size_bytes());
      }
      return checked;
    }));
  }
  /// A copy of all elements. Throws a TypeError when it is detached or out of bounds.
  [[nodiscard]] std::vector<T> to_vector() const { return try_to_vector().value(); }
  [[nodiscard]] Result<std::vector<T>> try_to_vector() const {
    return try_with_const_span([](std::span<const T> elements) {
      return std::vector<T>(elements.begin(), elements.end());
    });
  }

  /// @internal
  static constexpr engine::Kind kind = detail::element_kind<T>;
  static constexpr std::string_view type_name = engine::typed_array_class(kind).name;
  static bool accepts(ValueRef value) noexcept { return engine::kind_of(value.raw()) == kind; }
  explicit TypedArray(detail::Handle handle) noexcept : Object(std::move(handle)) {}
  static const char* find(detail::Realm* realm, JSValueConst array, bool write,
                          std::span<T>& out) noexcept {
    detail::Elements found;
    const char* problem = detail::find_elements<sizeof(T)>(realm, array, write, found);
    out = {static_cast<T*>(found.data), found.count};
    return problem;
  }
  static constexpr bool found_without_script = true;
  using Writing = detail::Looking<TypedArray, T>;
  using Reading = detail::Looking<TypedArray, const T>;

 private:
  static Result<TypedArray> finish(Result<Value> made) {
    if (!made) return std::move(made).error();
    return TypedArray(std::move(made->handle()));
  }
  static Result<TypedArray> over(const Ctx& ctx, Result<ArrayBuffer> buffer) {
    if (!buffer) return std::move(buffer).error();
    return try_make(ctx, *buffer);
  }
  /// Whether all is as usual: the thread is inside, and there is such an element.
  [[nodiscard]] bool finds(std::size_t index, bool write, std::span<T>& elements) const noexcept {
    detail::Realm* realm = handle().realm();
    return detail::inside(realm) && find(realm, raw(), write, elements) == nullptr &&
           index < elements.size();
  }
  static Result<void> flat(Result<Result<void>> outcome) {
    return outcome ? *outcome : Result<void>(std::move(outcome).error());
  }
};

template <TypedElement T>
struct Convert<TypedArray<T>> : detail::ConvertHandle<TypedArray<T>> {};

}  // namespace quip
