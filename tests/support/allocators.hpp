// Allocators of all kinds, for tests that hold with each, and two that watch and refuse.
#pragma once

#include <quip/core/allocator.hpp>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <memory>
#include <memory_resource>
#include <new>
#include <set>

namespace quip::test {

/// C's malloc, as a program's own allocator would be: knows what is held, and refuses what it is
/// told to.
class WatchfulAllocator final : public Allocator {
 public:
  ~WatchfulAllocator() override {
    for (void* block : blocks_) std::free(header_of(block));
  }
  void* allocate(std::size_t size) noexcept override {
    if (!grants(size)) return nullptr;
    void* memory = std::malloc(size + header);
    if (memory == nullptr) return nullptr;
    return enter(memory, size);
  }
  void deallocate(void* block) noexcept override {
    leave(block);
    std::free(header_of(block));
  }
  void* reallocate(void* block, std::size_t size) noexcept override {
    if (!grants(size)) return nullptr;
    const std::size_t before = usable_size(block);
    leave(block);
    void* memory = std::realloc(header_of(block), size + header);
    if (memory == nullptr) {
      enter(header_of(block), before);
      return nullptr;
    }
    return enter(memory, size);
  }
  [[nodiscard]] std::size_t usable_size(const void* block) const noexcept override {
    return *static_cast<const std::size_t*>(header_of(block));
  }

  /// Bytes and blocks that are out.
  [[nodiscard]] std::size_t held() const noexcept { return held_; }
  [[nodiscard]] std::size_t count() const noexcept { return blocks_.size(); }
  /// Blocks that were given back but are not out.
  [[nodiscard]] int strays() const noexcept { return strays_; }
  [[nodiscard]] int refusals() const noexcept { return refusals_; }

  std::size_t largest = std::numeric_limits<std::size_t>::max() - header;  ///< what is granted
  std::size_t requests = std::numeric_limits<std::size_t>::max();  ///< that are granted from now on

 private:
  static constexpr std::size_t header = alignof(std::max_align_t);

  static void* header_of(void* block) noexcept { return static_cast<std::byte*>(block) - header; }
  static const void* header_of(const void* block) noexcept {
    return static_cast<const std::byte*>(block) - header;
  }
  bool grants(std::size_t size) noexcept {
    if (size > largest || requests == 0) {
      ++refusals_;
      return false;
    }
    --requests;
    return true;
  }
  void* enter(void* memory, std::size_t size) noexcept {
    *static_cast<std::size_t*>(memory) = size;
    void* block = static_cast<std::byte*>(memory) + header;
    blocks_.insert(block);
    held_ += size;
    return block;
  }
  void leave(void* block) noexcept {
    if (blocks_.erase(block) == 0) {
      ++strays_;
    } else {
      held_ -= usable_size(block);
    }
  }
  std::set<void*> blocks_;
  std::size_t held_ = 0;
  int strays_ = 0;
  int refusals_ = 0;
};

/// A memory resource and the allocator on it.
template <class Resource>
std::shared_ptr<Allocator> on_resource() {
  struct Both {
    Resource resource;
    ResourceAllocator allocator{resource};
  };
  auto both = std::make_shared<Both>();
  Allocator* allocator = &both->allocator;
  return {std::move(both), allocator};
}

struct AllocatorKind {
  const char* name;
  std::shared_ptr<Allocator> (*make)();

  friend void PrintTo(const AllocatorKind& kind, std::ostream* out) { *out << kind.name; }
};

template <class A>
std::shared_ptr<Allocator> make_allocator() {
  return std::make_shared<A>();
}

inline constexpr std::array allocator_kinds = {
    AllocatorKind{"Default", [] { return std::shared_ptr<Allocator>(); }},
    AllocatorKind{"Malloc", &make_allocator<MallocAllocator>},
    AllocatorKind{"NewDelete", &make_allocator<NewDeleteAllocator>},
    AllocatorKind{"Pool", &make_allocator<PoolAllocator>},
    AllocatorKind{"PoolResource", &on_resource<std::pmr::unsynchronized_pool_resource>},
    AllocatorKind{"MonotonicResource", &on_resource<std::pmr::monotonic_buffer_resource>},
    AllocatorKind{"UsersOwn", &make_allocator<WatchfulAllocator>},
};

}  // namespace quip::test
