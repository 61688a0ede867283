#include "heap.hpp"

#include "../engine/memory_functions.hpp"
#include "pool.hpp"
#include "sanitizer.hpp"
#include "sized_block.hpp"

#include <cstdlib>
#include <cstring>
#include <new>
#include <type_traits>

namespace quip::detail {

namespace {

// What the engine's functions call (see MemoryFunctions): directly where the allocator is known.

struct MallocSource {
  static constexpr std::size_t overhead = 8;  // as the engines count
  explicit MallocSource(Allocator&) noexcept {}
  static Block allocate(std::size_t size) noexcept { return measured(std::malloc(size)); }
  static Block allocate_zeroed(std::size_t size) noexcept { return measured(std::calloc(1, size)); }
  static std::size_t deallocate(void* block) noexcept {
    const std::size_t size = malloc_size(block);
    std::free(block);
    return size;
  }
  static Block reallocate(void* block, std::size_t size, std::size_t& before) noexcept {
    before = malloc_size(block);
    return measured(std::realloc(block, size));
  }
  static std::size_t usable_size(const void* block) noexcept { return malloc_size(block); }
};

class PoolSource {
 public:
  static constexpr std::size_t overhead = 0;
  explicit PoolSource(Allocator& allocator) noexcept
      : pool_(&static_cast<PoolAllocator&>(allocator).pool()) {}
  Block allocate(std::size_t size) const noexcept { return pool_->allocate(size); }
  Block allocate_zeroed(std::size_t size) const noexcept { return pool_->allocate_zeroed(size); }
  std::size_t deallocate(void* block) const noexcept { return pool_->deallocate(block); }
  Block reallocate(void* block, std::size_t size, std::size_t& before) const noexcept {
    return pool_->reallocate(block, size, before);
  }
  static std::size_t usable_size(const void* block) noexcept { return Pool::usable_size(block); }

 private:
  Pool* pool_;
};

/// Allocators of quip whose blocks know their size.
template <class A>
class SizedSource {
 public:
  static constexpr std::size_t overhead = sizeof(SizeHeader);
  explicit SizedSource(Allocator& allocator) noexcept : allocator_(&static_cast<A&>(allocator)) {}
  Block allocate(std::size_t size) const noexcept {
    void* block = allocator_->allocate(size);
    return {block, block == nullptr ? 0 : usable_size(block)};
  }
  Block allocate_zeroed(std::size_t size) const noexcept {
    const Block block = allocate(size);
    if (block.address != nullptr) std::memset(block.address, 0, size);
    return block;
  }
  std::size_t deallocate(void* block) const noexcept {
    const std::size_t size = usable_size(block);
    allocator_->deallocate(block);
    return size;
  }
  Block reallocate(void* block, std::size_t size, std::size_t& before) const noexcept {
    before = usable_size(block);
    void* moved = allocator_->reallocate(block, size);
    return {moved, moved == nullptr ? 0 : usable_size(moved)};
  }
  static std::size_t usable_size(const void* block) noexcept { return SizeHeader::of(block)->size; }

 private:
  A* allocator_;
};

/// Allocators of the user's. The engine asks for a block's size without a word of whose it is, so
/// that each block has the size that the allocator told before it.
class ForeignSource {
 public:
  static constexpr std::size_t overhead = sizeof(SizeHeader);
  explicit ForeignSource(Allocator& allocator) noexcept : allocator_(&allocator) {}
  Block allocate(std::size_t size) const noexcept {
    if (size > PTRDIFF_MAX - sizeof(SizeHeader)) return {};
    return with_header(allocator_->allocate(size + sizeof(SizeHeader)));
  }
  Block allocate_zeroed(std::size_t size) const noexcept {
    const Block block = allocate(size);
    if (block.address != nullptr) std::memset(block.address, 0, size);
    return block;
  }
  std::size_t deallocate(void* block) const noexcept {
    SizeHeader* header = SizeHeader::of(block);
    const std::size_t size = header->size;
    allocator_->deallocate(header);
    return size;
  }
  Block reallocate(void* block, std::size_t size, std::size_t& before) const noexcept {
    SizeHeader* header = SizeHeader::of(block);
    before = header->size;
    if (size > PTRDIFF_MAX - sizeof(SizeHeader)) return {};
    return with_header(allocator_->reallocate(header, size + sizeof(SizeHeader)));
  }
  static std::size_t usable_size(const void* block) noexcept { return SizeHeader::of(block)->size; }

 private:
  [[nodiscard]] Block with_header(void* memory) const noexcept {
    if (memory == nullptr) return {};
    const std::size_t size = allocator_->usable_size(memory) - sizeof(SizeHeader);
    auto* header = new (memory) SizeHeader{size};
    return {header + 1, size};
  }
  Allocator* allocator_;
};

template <class Source>
class HeapOf final : public Heap {
 public:
  explicit HeapOf(const std::shared_ptr<Allocator>& allocator) noexcept
      : Heap(allocator), opaque_{&quota_, Source(*allocator)} {}
  JSRuntime* new_runtime() noexcept override { return Functions::new_runtime(opaque_); }

 private:
  using Functions = engine::MemoryFunctions<Source>;
  typename Functions::Opaque opaque_;
};

template <class Source>
std::unique_ptr<Heap> heap_on(const std::shared_ptr<Allocator>& allocator) {
  return std::make_unique<HeapOf<Source>>(allocator);
}

std::shared_ptr<Allocator> default_allocator() {
  // a pool below an engine's own wins nothing
  if constexpr (has_address_sanitizer || engine::has_own_pools) {
    return std::make_shared<MallocAllocator>();
  } else {
    return std::make_shared<PoolAllocator>();
  }
}

}  // namespace

std::unique_ptr<Heap> Heap::make(std::shared_ptr<Allocator> allocator) noexcept {
  try {
    if (allocator == nullptr) allocator = default_allocator();
    const Allocator* given = allocator.get();
    if (dynamic_cast<const PoolAllocator*>(given) != nullptr) {
      return heap_on<PoolSource>(allocator);
    }
    if (dynamic_cast<const MallocAllocator*>(given) != nullptr) {
      return heap_on<MallocSource>(allocator);
    }
    if (dynamic_cast<const NewDeleteAllocator*>(given) != nullptr) {
      return heap_on<SizedSource<NewDeleteAllocator>>(allocator);
    }
    if (dynamic_cast<const ResourceAllocator*>(given) != nullptr) {
      return heap_on<SizedSource<ResourceAllocator>>(allocator);
    }
    return heap_on<ForeignSource>(allocator);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void Heap::limit(JSRuntime* rt, std::size_t hard, std::size_t soft) noexcept {
  // between the two, room for the engine's own work
  constexpr std::size_t least_headroom = std::size_t{16} << 20;
  if (hard == 0 && soft != 0) {
    const std::size_t headroom = std::max(least_headroom, soft / 4);
    hard = headroom < Quota::unlimited - soft ? soft + headroom : 0;
  }
  // of which half is left to small blocks
  const std::size_t large_up_to = soft < hard ? soft + (hard - soft) / 2 : Quota::unlimited;
  const auto or_unlimited = [](std::size_t bytes) { return bytes == 0 ? Quota::unlimited : bytes; };
  constexpr bool is_engines = engine::counts_memory<>;
  if (is_engines) engine::set_memory_limit(rt, hard);
  quota_.limit(is_engines ? Quota::unlimited : or_unlimited(hard), or_unlimited(soft), large_up_to);
}

}  // namespace quip::detail
