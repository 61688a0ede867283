// Small blocks of equal size side by side: what the default allocator is made of. Private to src/.
//
// All pools of the process take spans of 16 KiB from one range of addresses, so that an address
// alone tells whether a block is a pool's and where its span is: no block needs a header. A span
// belongs to one pool and has blocks of one size.
#pragma once

#include "malloc_size.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace quip::detail {

/// A span's record. Those of 64 spans lie at the start of the MiB that they share, in place of the
/// first span.
struct alignas(64) Span {
  static constexpr std::size_t bytes = std::size_t{16} << 10;
  static constexpr std::size_t group = std::size_t{1} << 20;

  void* free = nullptr;  // blocks to be had, linked through their first words
  std::uint32_t used = 0;
  std::uint32_t block_size = 0;
  std::byte* fresh = nullptr;  // behind it no block was ever used
  std::byte* end = nullptr;
  Span* next = nullptr;  // in the list that it is in
  Span* previous = nullptr;
  std::uint16_t size_class = 0;
  bool is_full = false;   // in no list for its size
  bool is_clean = false;  // its memory was given back to the system

  [[nodiscard]] static Span* of(const void* block) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    return reinterpret_cast<Span*>((address & ~(group - 1)) | ((address / bytes * sizeof(Span)) &
                                                               (group / bytes * sizeof(Span) - 1)));
  }
  [[nodiscard]] std::byte* memory() const noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(this);
    return reinterpret_cast<std::byte*>((address & ~(group - 1)) |
                                        ((address & (group - 1)) / sizeof(Span) * bytes));
  }
};
static_assert(sizeof(Span) == 64);

/// Spans in a list; each is in one at most.
class SpanList {
 public:
  [[nodiscard]] Span* first() const noexcept { return first_; }
  void push(Span& span) noexcept {
    span.previous = nullptr;
    span.next = first_;
    if (first_ != nullptr) first_->previous = &span;
    first_ = &span;
  }
  void remove(Span& span) noexcept {
    (span.previous != nullptr ? span.previous->next : first_) = span.next;
    if (span.next != nullptr) span.next->previous = span.previous;
  }
  Span* pop() noexcept {
    Span* span = first_;
    if (span != nullptr) remove(*span);
    return span;
  }

 private:
  Span* first_ = nullptr;
};

/// One runtime's blocks. Not for several threads at once.
class Pool {
 public:
  static constexpr std::size_t largest = 4096;

  Pool() noexcept;
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  Block allocate(std::size_t size) noexcept {
    if (size > largest_small) [[unlikely]]
      return allocate_larger(size);
    const std::size_t size_class = size == 0 ? 1 : (size + granule - 1) / granule;
    Span& span = *current_[size_class];
    void* block = span.free;
    if (block == nullptr) [[unlikely]]
      return allocate_slowly(size_class);
    span.free = *static_cast<void**>(block);
    ++span.used;
    return {block, size_class * granule};
  }
  /// With zeros in it.
  Block allocate_zeroed(std::size_t size) noexcept;
  /// Takes a block back; returns its true size.
  std::size_t deallocate(void* block) noexcept {
    if (!holds(block)) [[unlikely]]
      return deallocate_larger(block);
    Span& span = *Span::of(block);
    *static_cast<void**>(block) = span.free;
    span.free = block;
    const std::size_t size = span.block_size;
    if (--span.used == 0 || span.is_full) [[unlikely]]
      deallocate_slowly(span);
    return size;
  }
  /// As C's realloc of a block; `before` is its true size before.
  Block reallocate(void* block, std::size_t size, std::size_t& before) noexcept;

  [[nodiscard]] static std::size_t usable_size(const void* block) noexcept;
  [[nodiscard]] std::size_t span_bytes() const noexcept { return span_count_ * Span::bytes; }

 private:
  static constexpr std::size_t granule = 16;
  static constexpr std::size_t largest_small = 512;
  static constexpr std::size_t small_classes = largest_small / granule + 1;  // 0 is not used
  static constexpr std::array<std::uint16_t, 11> larger_sizes = {640,  768,  896,  1024, 1280, 1536,
                                                                 1792, 2048, 2688, 3200, 4096};
  static constexpr std::size_t class_count = small_classes + larger_sizes.size();

  /// Whether it is a block of a pool; one of malloc otherwise.
  static bool holds(const void* block) noexcept {
    return reinterpret_cast<std::uintptr_t>(block) - range_begin < range_size;
  }
  static constexpr std::size_t size_of(std::size_t size_class) noexcept {
    return size_class < small_classes ? size_class * granule
                                      : larger_sizes[size_class - small_classes];
  }
  static std::size_t class_of_larger(std::size_t size) noexcept;
  Block allocate_slowly(std::size_t size_class) noexcept;
  Block allocate_larger(std::size_t size) noexcept;
  static std::size_t deallocate_larger(void* block) noexcept;
  void deallocate_slowly(Span& span) noexcept;
  void drop(Span& span) noexcept;
  Span* new_span(std::size_t size_class) noexcept;
  static void carve(Span& span) noexcept;

  friend class SpanRange;
  // Set before the first pool is made, and not changed after.
  inline static std::uintptr_t range_begin = 0;
  inline static std::uintptr_t range_size = 0;

  std::array<Span*, class_count> current_;  // where blocks are taken from; never null
  std::array<SpanList, class_count> rest_;  // others that have free blocks
  SpanList full_;
  SpanList spare_;  // without blocks
  std::size_t spare_count_ = 0;
  std::size_t span_count_ = 0;
};

}  // namespace quip::detail
