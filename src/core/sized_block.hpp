// Blocks that know their size, from sources that do not. Private to src/.
#pragma once

#include "malloc_size.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

namespace quip::detail {

/// What stands before such a block.
struct alignas(std::max_align_t) SizeHeader {
  std::size_t size;  // of the block, without this

  static SizeHeader* of(void* block) noexcept { return static_cast<SizeHeader*>(block) - 1; }
  static const SizeHeader* of(const void* block) noexcept {
    return static_cast<const SizeHeader*>(block) - 1;
  }
  [[nodiscard]] std::size_t whole() const noexcept { return size + sizeof(SizeHeader); }
};

/// `take(bytes)` is null where there is no memory. Sizes are whole multiples of the alignment: of
/// others the pool resources of some libraries (GCC bug 118681) give less aligned blocks.
template <class Take>
Block allocate_sized(std::size_t size, const Take& take) noexcept {
  if (size > PTRDIFF_MAX - 2 * sizeof(SizeHeader)) return {};
  size = (size + sizeof(SizeHeader) - 1) & ~(sizeof(SizeHeader) - 1);
  void* memory = take(size + sizeof(SizeHeader));
  if (memory == nullptr) return {};
  auto* header = new (memory) SizeHeader{size};
  return {header + 1, size};
}

template <class Take, class Give>
Block reallocate_sized(void* block, std::size_t size, const Take& take, const Give& give) noexcept {
  SizeHeader* header = SizeHeader::of(block);
  const std::size_t before = header->size;
  // not for a few bytes less
  if (size <= before && size > before / 2) return {block, before};
  const Block moved = allocate_sized(size, take);
  if (moved.address == nullptr) return size <= before ? Block{block, before} : Block{};
  std::memcpy(moved.address, block, std::min(before, size));
  give(header, header->whole());
  return moved;
}

}  // namespace quip::detail
