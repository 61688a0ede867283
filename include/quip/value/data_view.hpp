// DataViews: numbers of any type at any place of an ArrayBuffer, in either byte order.
#pragma once

#include <quip/value/array_buffer.hpp>
#include <quip/value/typed_array.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

namespace quip {

namespace detail {
/// As find_bytes. A script may have replaced the functions that this asks, before their first use;
/// what they answer is checked against the buffer, last.
const char* find_view_bytes(Realm* realm, JSValueConst view, bool write,
                            std::span<std::byte>& out) noexcept;
Result<std::size_t> view_size(const Handle& view);
Result<std::size_t> view_offset(const Handle& view);
Result<ArrayBuffer> view_buffer(const Handle& view);
}  // namespace detail

/// A JavaScript DataView. What is said about the bytes of an ArrayBuffer holds for its bytes too.
/// Where its buffer was detached, or made too small for it, every use is a TypeError.
class DataView : public Object {
 public:
  /// An empty handle.
  DataView() noexcept = default;
  /// A new view of a buffer's bytes from `byte_offset` on: `size` of them or, without it, all up to
  /// the buffer's end, also after it is resized. Throws Error: a RangeError for bytes that are not
  /// all within the buffer, a TypeError for one that is detached. ECMA-262 25.3.
  explicit DataView(const Ctx& ctx, const ArrayBuffer& buffer, std::size_t byte_offset = 0,
                    std::optional<std::size_t> size = {})
      : DataView(try_make(ctx, buffer, byte_offset, size).value()) {}
  static Result<DataView> try_make(const Ctx& ctx, const ArrayBuffer& buffer,
                                   std::size_t byte_offset = 0,
                                   std::optional<std::size_t> size = {});

  /// The size in bytes.
  [[nodiscard]] std::size_t size() const { return try_size().value(); }
  [[nodiscard]] Result<std::size_t> try_size() const { return detail::view_size(handle()); }
  /// Where in the buffer it begins, in bytes.
  [[nodiscard]] std::size_t byte_offset() const { return try_byte_offset().value(); }
  [[nodiscard]] Result<std::size_t> try_byte_offset() const {
    return detail::view_offset(handle());
  }
  /// The buffer that it views.
  [[nodiscard]] ArrayBuffer buffer() const { return try_buffer().value(); }
  [[nodiscard]] Result<ArrayBuffer> try_buffer() const { return detail::view_buffer(handle()); }

  /// The number at so many bytes from the view's beginning, aligned or not; in network byte order
  /// (big) as in JavaScript, unless said otherwise. T is what a typed array can have, on every
  /// engine. Throws a RangeError when it is not all within the view. For more than a few, read from
  /// `with_bytes`.
  template <TypedElement T>
  [[nodiscard]] T read(std::size_t offset, std::endian order = std::endian::big) const {
    return try_read<T>(offset, order).value();
  }
  template <TypedElement T>
  [[nodiscard]] Result<T> try_read(std::size_t offset, std::endian order = std::endian::big) const {
    std::array<std::byte, sizeof(T)> bytes{};
    const Result<void> copied = copy(offset, bytes, false);
    if (!copied) return copied.error();
    return std::bit_cast<T>(ordered(bytes, order));
  }
  /// Writes a number; throws as `read`, and a TypeError when the buffer is immutable.
  template <TypedElement T>
  void write(std::size_t offset, T value, std::endian order = std::endian::big) const {
    try_write(offset, value, order).value();
  }
  template <TypedElement T>
  Result<void> try_write(std::size_t offset, T value, std::endian order = std::endian::big) const {
    auto bytes = ordered(std::bit_cast<std::array<std::byte, sizeof(T)>>(value), order);
    return copy(offset, bytes, true);
  }

  /// Calls f(std::span<std::byte>) with the view's bytes while no script may run, and returns what
  /// it returns; see ArrayBuffer::with_bytes.
  template <class F>
  std::invoke_result_t<F, std::span<std::byte>> with_bytes(F&& f) const {
    return detail::look<Writing>(handle(), std::forward<F>(f));
  }
  template <class F>
  auto try_with_bytes(F&& f) const {
    return detail::try_look<Writing>(handle(), std::forward<F>(f));
  }
  /// As with_bytes, with bytes that f only reads; also of an immutable buffer.
  template <class F>
  std::invoke_result_t<F, std::span<const std::byte>> with_const_bytes(F&& f) const {
    return detail::look<Reading>(handle(), std::forward<F>(f));
  }
  template <class F>
  auto try_with_const_bytes(F&& f) const {
    return detail::try_look<Reading>(handle(), std::forward<F>(f));
  }

  /// @internal
  static constexpr std::string_view type_name = "DataView";
  static bool accepts(ValueRef value) noexcept {
    return engine::kind_of(value.raw()) == engine::Kind::data_view;
  }
  explicit DataView(detail::Handle handle) noexcept : Object(std::move(handle)) {}
  static constexpr auto find = &detail::find_view_bytes;
  static constexpr bool found_without_script = false;
  using Writing = detail::Looking<DataView, std::byte>;
  using Reading = detail::Looking<DataView, const std::byte>;

 private:
  template <std::size_t N>
  static std::array<std::byte, N> ordered(std::array<std::byte, N> bytes, std::endian order) {
    if (order != std::endian::native) std::ranges::reverse(bytes);
    return bytes;
  }
  /// Between the view and `bytes`: to the view if `write`.
  Result<void> copy(std::size_t offset, std::span<std::byte> bytes, bool write) const;
};

template <>
struct Convert<DataView> : detail::ConvertHandle<DataView> {};

}  // namespace quip
