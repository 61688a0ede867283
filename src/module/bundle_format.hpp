// The format of bundles. Private to src/.
#pragma once

#include "hash.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

// The format, all numbers with the lowest byte first:
//
//   header      see Header
//   engine      its name and version, as text
//   buckets     u32 each: the perfect hash over the modules' names (see find)
//   modules     see Module
//   imports     see Import; those of one module in a row, in the order of (specifier, type)
//   entries     u32 each: numbers of modules
//   texts       names and specifiers
//   contents    of the modules, in their order, without gaps
//
// "texts" ends where "contents" begins, which ends where the bundle does, so that no byte is
// without a hash: Header::tables_hash is of all before "contents" but itself, Module::hash of each.

namespace quip::detail::bundle_format {

inline constexpr std::array magic = {'\x89', 'Q', 'J', 'S', 'B', '\r', '\n', '\x1a'};
inline constexpr std::uint32_t format_version = 1;
inline constexpr std::uint32_t direct = 0x80000000U;  // of a bucket: the place itself
enum Flag : std::uint32_t { source_stripped = 1, debug_stripped = 2 };

/// Where the parts of the header are.
struct Header {
  static constexpr std::size_t version = 8;        // u32
  static constexpr std::size_t flags = 12;         // u32
  static constexpr std::size_t total_size = 16;    // u64
  static constexpr std::size_t tables_hash = 24;   // u64
  static constexpr std::size_t fingerprint = 32;   // u64
  static constexpr std::size_t contents = 40;      // u32: where they begin
  static constexpr std::size_t module_count = 44;  // u32
  static constexpr std::size_t bucket_count = 48;  // u32
  static constexpr std::size_t import_count = 52;  // u32
  static constexpr std::size_t entry_count = 56;   // u32
  static constexpr std::size_t engine_size = 60;   // u32
  static constexpr std::size_t size = 64;
};
/// The same of a module's record. A text is two u32: its place in "texts" and its size.
struct Module {
  static constexpr std::size_t name = 0;           // text
  static constexpr std::size_t kind = 8;           // u32
  static constexpr std::size_t first_import = 12;  // u32
  static constexpr std::size_t import_count = 16;  // u32
  static constexpr std::size_t zero = 20;          // u32
  static constexpr std::size_t offset = 24;        // u64: in "contents"
  static constexpr std::size_t length = 32;        // u64
  static constexpr std::size_t hash = 40;          // u64
  static constexpr std::size_t size = 48;
};
/// The same of an import's.
struct Import {
  static constexpr std::size_t specifier = 0;  // text
  static constexpr std::size_t type = 8;       // text
  static constexpr std::size_t name = 16;      // text
  static constexpr std::size_t size = 24;
};

inline std::uint32_t u32(const std::byte* at) noexcept {
  return load_little_endian<std::uint32_t>(at);
}
inline std::uint64_t u64(const std::byte* at) noexcept {
  return load_little_endian<std::uint64_t>(at);
}

inline std::span<const std::byte> bytes_of(std::string_view text) noexcept {
  return std::as_bytes(std::span(text));
}

inline std::uint64_t hash_of_tables(std::span<const std::byte> tables) noexcept {
  const std::uint64_t before = hash64(tables.first(Header::tables_hash));
  return hash64(tables.subspan(Header::tables_hash + sizeof(std::uint64_t)), before);
}

/// The place of a name among `count`, by what its bucket says.
inline std::uint32_t place(std::string_view name, std::uint32_t bucket,
                           std::uint32_t count) noexcept {
  if ((bucket & direct) != 0) {
    return (bucket & ~direct) % count;
  }
  return static_cast<std::uint32_t>(hash64(name, std::uint64_t{bucket} + 1) % count);
}
inline std::uint32_t bucket_of(std::string_view name, std::uint32_t buckets) noexcept {
  return static_cast<std::uint32_t>(hash64(name) % buckets);
}

}  // namespace quip::detail::bundle_format
