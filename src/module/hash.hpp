// The hash of bundles. Private to src/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace quip::detail {

/// A whole number at some place, its lowest byte first.
template <class T>
T load_little_endian(const std::byte* at) noexcept {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(value | (static_cast<T>(std::to_integer<T>(at[i])) << (8 * i)));
  }
  return value;
}

/// MurmurHash64A (Austin Appleby, public domain), read with the lowest byte first on every machine.
///
/// For an integrity check it has what faster hashes of many lanes lack: each step is a permutation
/// of the state for a given word, and of the word for a given state. So damage that stays within
/// eight bytes at a multiple of eight, a flipped bit or byte above all, never goes unnoticed; any
/// other does once in 2^64 times. It is no defence against who means to deceive.
inline std::uint64_t hash64(std::span<const std::byte> bytes, std::uint64_t seed = 0) noexcept {
  constexpr std::uint64_t factor = 0xc6a4a7935bd1e995U;
  constexpr int shift = 47;
  std::uint64_t hash = seed ^ (bytes.size() * factor);
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    auto word = load_little_endian<std::uint64_t>(at);
    word *= factor;
    word ^= word >> shift;
    word *= factor;
    hash ^= word;
    hash *= factor;
  }
  if (left > 0) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < left; ++i) {
      word |= std::to_integer<std::uint64_t>(at[i]) << (8 * i);
    }
    hash ^= word;
    hash *= factor;
  }
  hash ^= hash >> shift;
  hash *= factor;
  hash ^= hash >> shift;
  return hash;
}

inline std::uint64_t hash64(std::string_view text, std::uint64_t seed = 0) noexcept {
  return hash64(std::as_bytes(std::span(text)), seed);
}

}  // namespace quip::detail
