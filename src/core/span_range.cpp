#include "span_range.hpp"

#include "sanitizer.hpp"

#include <new>

#if __has_include(<sys/mman.h>)
#include <sys/mman.h>
#endif

namespace quip::detail {

namespace {

#if __has_include(<sys/mman.h>)
/// Addresses alone, no memory; null when there are none.
void* reserve_addresses(std::size_t size) noexcept {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS;
#if defined(MAP_NORESERVE)
  flags |= MAP_NORESERVE;
#endif
  void* found = ::mmap(nullptr, size, PROT_NONE, flags, -1, 0);
  return found == MAP_FAILED ? nullptr : found;
}
bool make_usable(void* memory, std::size_t size) noexcept {
  return ::mprotect(memory, size, PROT_READ | PROT_WRITE) == 0;
}
void give_to_system(void* memory, std::size_t size) noexcept {
  ::madvise(memory, size, MADV_DONTNEED);
}
#else
void* reserve_addresses(std::size_t) noexcept { return nullptr; }
bool make_usable(void*, std::size_t) noexcept { return false; }
void give_to_system(void*, std::size_t) noexcept {}
#endif

// Addresses cost nothing, but some systems limit them.
constexpr std::size_t most_addresses =
    sizeof(void*) >= 8 ? (std::size_t{1} << 17 << 17) : std::size_t{256} << 20;
constexpr std::size_t least_addresses = std::size_t{16} << 20;
// Pages kept for the next runtime: as many as a few small ones need.
constexpr std::size_t most_dirty = 64;

}  // namespace

SpanRange& SpanRange::shared() noexcept {
  static constinit SpanRange range;
  return range;
}

void SpanRange::reserve() noexcept {
  const std::scoped_lock guard(lock_);
  if (is_reserved_) return;
  is_reserved_ = true;
  void* found = nullptr;
  std::size_t size = most_addresses;
  while (size >= least_addresses && found == nullptr) {
    found = reserve_addresses(size);
    if (found == nullptr) size /= 2;
  }
  if (found == nullptr) return;
  const auto begin = reinterpret_cast<std::uintptr_t>(found);
  opened_ = (begin + Span::group - 1) & ~(Span::group - 1);
  end_ = (begin + size) & ~(Span::group - 1);
  Pool::range_begin = opened_;
  Pool::range_size = end_ - opened_;
}

/// One MiB more.
bool SpanRange::open_group() noexcept {
  if (opened_ == end_) return false;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): an address in the range that was reserved
  auto* memory = reinterpret_cast<std::byte*>(opened_);
  if (!make_usable(memory, Span::group)) return false;
  show_to_leak_check(memory, Span::group);
  opened_ += Span::group;
  for (std::size_t i = Span::group / Span::bytes - 1; i > 0; --i) {
    auto* span = new (memory + i * sizeof(Span)) Span;
    span->is_clean = true;
    clean_.push(*span);
  }
  return true;
}

Span* SpanRange::take() noexcept {
  const std::scoped_lock guard(lock_);
  if (Span* span = dirty_.pop()) {
    --dirty_count_;
    return span;
  }
  if (clean_.first() == nullptr && !open_group()) return nullptr;
  Span* span = clean_.pop();
  span->is_clean = false;
  return span;
}

void SpanRange::give_back(Span& span) noexcept {
  const std::scoped_lock guard(lock_);
  if (dirty_count_ < most_dirty) {
    dirty_.push(span);
    ++dirty_count_;
    return;
  }
  give_to_system(span.memory(), Span::bytes);
  span.is_clean = true;
  clean_.push(span);
}

}  // namespace quip::detail
