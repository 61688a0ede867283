// Conversions of bytes: vectors, arrays and spans of std::byte, and ArrayBuffers.
#pragma once

#include <quip/convert/sequence.hpp>
#include <quip/value/array_buffer.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace quip {

namespace detail {
/// A copy of the bytes of an ArrayBuffer, a SharedArrayBuffer, or what a typed array or a DataView
/// shows of one.
Result<std::vector<std::byte>> read_bytes(ValueRef value);
}  // namespace detail

/// An ArrayBuffer; moved into JavaScript, it becomes the buffer's memory without a copy. The bytes
/// of a typed array and of a DataView can be read too. (A sequence of numbers, std::uint8_t among
/// them, is an Array.)
template <>
struct Convert<std::vector<std::byte>> {
  static Result<std::vector<std::byte>> from_js(ValueRef value) {
    return detail::read_bytes(value);
  }
  static Result<Value> into_js(const Ctx& ctx, const std::vector<std::byte>& bytes);
  static Result<Value> into_js(const Ctx& ctx, std::vector<std::byte>&& bytes);
};
/// Exactly N bytes.
template <std::size_t N>
struct Convert<std::array<std::byte, N>> {
  static Result<std::array<std::byte, N>> from_js(ValueRef value) {
    Result<std::vector<std::byte>> bytes = detail::read_bytes(value);
    if (!bytes) {
      return std::move(bytes).error();
    }
    if (bytes->size() != N) {
      return Error::conversion(std::to_string(N) + " bytes", std::to_string(bytes->size()));
    }
    std::array<std::byte, N> array;
    std::copy(bytes->begin(), bytes->end(), array.begin());
    return array;
  }
  static Result<Value> into_js(const Ctx& ctx, const std::array<std::byte, N>& bytes) {
    return Convert<std::vector<std::byte>>::into_js(
        ctx, std::vector<std::byte>(bytes.begin(), bytes.end()));
  }
};
/// Into JavaScript alone: a copy.
template <std::size_t N>
struct Convert<std::span<const std::byte, N>> {
  static Result<Value> into_js(const Ctx& ctx, std::span<const std::byte, N> bytes) {
    return Convert<std::vector<std::byte>>::into_js(
        ctx, std::vector<std::byte>(bytes.begin(), bytes.end()));
  }
};
template <std::size_t N>
struct Convert<std::span<std::byte, N>> : Convert<std::span<const std::byte, N>> {};

}  // namespace quip
