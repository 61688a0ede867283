#include "pool.hpp"

#include "span_range.hpp"

#include <algorithm>
#include <cstring>

namespace quip::detail {

namespace {
// Spans without blocks that a pool keeps for itself: more go back to the process.
constexpr std::size_t most_spare = 4;
// Blocks that are carved at a time, in bytes: what was never used costs no page.
constexpr std::size_t carved_bytes = 1024;

// Of no blocks: what a size starts with.
constinit Span no_span;
}  // namespace

Pool::Pool() noexcept {
  SpanRange::shared().reserve();
  current_.fill(&no_span);
}

Pool::~Pool() {
  SpanRange& range = SpanRange::shared();
  const auto give_back = [&range](SpanList& list) {
    while (Span* span = list.pop()) range.give_back(*span);
  };
  for (Span* span : current_) {
    if (span != &no_span) range.give_back(*span);
  }
  for (SpanList& list : rest_) give_back(list);
  give_back(full_);
  give_back(spare_);
}

std::size_t Pool::class_of_larger(std::size_t size) noexcept {
  constexpr std::size_t step = 128;
  static constexpr auto table = [] {
    std::array<std::uint8_t, largest / step + 1> classes{};
    std::size_t found = 0;
    for (std::size_t i = 0; i < classes.size(); ++i) {
      if (i * step > larger_sizes[found]) ++found;
      classes[i] = static_cast<std::uint8_t>(small_classes + found);
    }
    return classes;
  }();
  return table[(size + step - 1) / step];
}

Block Pool::allocate_larger(std::size_t size) noexcept {
  if (size > largest) return measured(std::malloc(size));
  const std::size_t size_class = class_of_larger(size);
  Span& span = *current_[size_class];
  void* block = span.free;
  if (block == nullptr) return allocate_slowly(size_class);
  span.free = *static_cast<void**>(block);
  ++span.used;
  return {block, size_of(size_class)};
}

std::size_t Pool::deallocate_larger(void* block) noexcept {
  const std::size_t size = malloc_size(block);
  std::free(block);
  return size;
}

Block Pool::allocate_zeroed(std::size_t size) noexcept {
  if (size > largest) return measured(std::calloc(1, size));
  const Block block = allocate(size);
  if (block.address != nullptr) std::memset(block.address, 0, size);
  return block;
}

/// Links the next fresh blocks of a span without free ones, if it has any.
void Pool::carve(Span& span) noexcept {
  const std::size_t size = span.block_size;
  const auto left = static_cast<std::size_t>(span.end - span.fresh) / size;
  const std::size_t count = std::min(left, std::max<std::size_t>(carved_bytes / size, 1));
  for (std::size_t i = count; i > 0; --i) {
    void* block = span.fresh + (i - 1) * size;
    *static_cast<void**>(block) = span.free;
    span.free = block;
  }
  span.fresh += count * size;
}

Span* Pool::new_span(std::size_t size_class) noexcept {
  Span* span = spare_.pop();
  if (span != nullptr) {
    --spare_count_;
  } else {
    span = SpanRange::shared().take();
    if (span == nullptr) return nullptr;
    ++span_count_;
  }
  const std::size_t size = size_of(size_class);
  std::byte* memory = span->memory();
  *span = Span{.block_size = static_cast<std::uint32_t>(size),
               .fresh = memory,
               .end = memory + Span::bytes / size * size,
               .size_class = static_cast<std::uint16_t>(size_class)};
  return span;
}

/// The current span of the size has no free block.
Block Pool::allocate_slowly(std::size_t size_class) noexcept {
  Span* span = current_[size_class];
  if (span != &no_span) carve(*span);
  if (span->free == nullptr) {
    Span* next = rest_[size_class].pop();
    if (next == nullptr) next = new_span(size_class);
    // without spans a block of malloc does as well: its address tells
    if (next == nullptr) return measured(std::malloc(size_of(size_class)));
    if (span != &no_span) {
      span->is_full = true;
      full_.push(*span);
    }
    current_[size_class] = span = next;
    if (span->free == nullptr) carve(*span);
  }
  void* block = span->free;  // there is one: the span was carved, or came back with some
  // NOLINTNEXTLINE(clang-analyzer-core.NullDereference)
  span->free = *static_cast<void**>(block);
  ++span->used;
  return {block, span->block_size};
}

/// A block came back to a span that had none free, or all of a span's blocks are back.
void Pool::deallocate_slowly(Span& span) noexcept {
  SpanList& rest = rest_[span.size_class];
  if (span.is_full) {
    span.is_full = false;
    full_.remove(span);
    rest.push(span);
  }
  if (span.used > 0 || &span == current_[span.size_class]) return;
  rest.remove(span);
  drop(span);
}

void Pool::drop(Span& span) noexcept {
  if (spare_count_ < most_spare) {
    spare_.push(span);
    ++spare_count_;
  } else {
    --span_count_;
    SpanRange::shared().give_back(span);
  }
}

Block Pool::reallocate(void* block, std::size_t size, std::size_t& before) noexcept {
  if (!holds(block)) {
    before = malloc_size(block);
    return measured(std::realloc(block, size));
  }
  before = Span::of(block)->block_size;
  // not for a few bytes less
  if (size <= before && (size > before / 2 || before <= 4 * granule)) return {block, before};
  const Block moved = allocate(size);
  if (moved.address == nullptr) return size <= before ? Block{block, before} : Block{};
  std::memcpy(moved.address, block, std::min(before, size));
  deallocate(block);
  return moved;
}

std::size_t Pool::usable_size(const void* block) noexcept {
  return holds(block) ? Span::of(block)->block_size : malloc_size(block);
}

}  // namespace quip::detail
