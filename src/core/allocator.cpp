#include "malloc_size.hpp"
#include "pool.hpp"
#include "sized_block.hpp"
#include <quip/core/allocator.hpp>

#include <cstdlib>
#include <new>

namespace quip {

using detail::SizeHeader;

Allocator::~Allocator() = default;

// ---- malloc ------------------------------------------------------------------------------------

void* MallocAllocator::allocate(std::size_t size) noexcept { return std::malloc(size); }
void MallocAllocator::deallocate(void* block) noexcept { std::free(block); }
void* MallocAllocator::reallocate(void* block, std::size_t size) noexcept {
  return std::realloc(block, size);
}
std::size_t MallocAllocator::usable_size(const void* block) const noexcept {
  return detail::malloc_size(block);
}

// ---- new and delete ----------------------------------------------------------------------------

namespace {
constexpr auto take_by_new = [](std::size_t size) noexcept {
  return ::operator new(size, std::nothrow);
};
constexpr auto give_by_delete = [](void* memory, std::size_t size) noexcept {
  ::operator delete(memory, size);
};
}  // namespace

void* NewDeleteAllocator::allocate(std::size_t size) noexcept {
  return detail::allocate_sized(size, take_by_new).address;
}
void NewDeleteAllocator::deallocate(void* block) noexcept {
  SizeHeader* header = SizeHeader::of(block);
  give_by_delete(header, header->whole());
}
void* NewDeleteAllocator::reallocate(void* block, std::size_t size) noexcept {
  return detail::reallocate_sized(block, size, take_by_new, give_by_delete).address;
}
std::size_t NewDeleteAllocator::usable_size(const void* block) const noexcept {
  return SizeHeader::of(block)->size;
}

// ---- memory resources --------------------------------------------------------------------------

namespace {
auto take_from(std::pmr::memory_resource& resource) noexcept {
  return [&resource](std::size_t size) noexcept -> void* {
    try {
      return resource.allocate(size);
    } catch (...) {
      return nullptr;
    }
  };
}
auto give_to(std::pmr::memory_resource& resource) noexcept {
  return
      [&resource](void* memory, std::size_t size) noexcept { resource.deallocate(memory, size); };
}
}  // namespace

void* ResourceAllocator::allocate(std::size_t size) noexcept {
  return detail::allocate_sized(size, take_from(*resource_)).address;
}
void ResourceAllocator::deallocate(void* block) noexcept {
  SizeHeader* header = SizeHeader::of(block);
  give_to (*resource_)(header, header->whole());
}
void* ResourceAllocator::reallocate(void* block, std::size_t size) noexcept {
  return detail::reallocate_sized(block, size, take_from(*resource_), give_to(*resource_)).address;
}
std::size_t ResourceAllocator::usable_size(const void* block) const noexcept {
  return SizeHeader::of(block)->size;
}

// ---- the pool ----------------------------------------------------------------------------------

PoolAllocator::PoolAllocator() : pool_(std::make_unique<detail::Pool>()) {}
PoolAllocator::~PoolAllocator() = default;
void* PoolAllocator::allocate(std::size_t size) noexcept { return pool_->allocate(size).address; }
void PoolAllocator::deallocate(void* block) noexcept { pool_->deallocate(block); }
void* PoolAllocator::reallocate(void* block, std::size_t size) noexcept {
  std::size_t before = 0;
  return pool_->reallocate(block, size, before).address;
}
std::size_t PoolAllocator::usable_size(const void* block) const noexcept {
  return detail::Pool::usable_size(block);
}
std::size_t PoolAllocator::span_bytes() const noexcept { return pool_->span_bytes(); }

}  // namespace quip
