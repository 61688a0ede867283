// Memory that is lent to a script, and the bytes that it sees.
#pragma once

#include <quip/value/array_buffer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace quip::test {

/// The bytes as numbers, for comparing.
inline std::vector<int> bytes_of(const ArrayBuffer& buffer) {
  std::vector<int> numbers;
  for (const std::byte byte : buffer.to_vector()) numbers.push_back(std::to_integer<int>(byte));
  return numbers;
}

/// Memory with which one counts how often it is given back.
struct Lent {
  alignas(8) std::array<std::uint8_t, 16> bytes{1, 2, 3, 4, 5, 6, 7, 8};
  int released = 0;
  [[nodiscard]] auto release() {
    return [this] { ++released; };
  }
  [[nodiscard]] ArrayBuffer lend(const Ctx& ctx) {
    return ArrayBuffer::borrow(ctx, std::span(bytes), release());
  }
};

}  // namespace quip::test
