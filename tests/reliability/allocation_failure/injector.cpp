#include "injector.hpp"

#include <malloc.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <new>

namespace quip::test {

namespace injector {
namespace {

std::array<std::atomic<std::ptrdiff_t>, heap_count> alive{};

/// What `arm` began, on the thread that called it.
struct State {
  bool is_armed = false;
  Plan plan;
  std::size_t asked = 0;
  std::size_t failed = 0;
};
constinit thread_local State state;
constinit bool is_tracing = false;
Stack failure;

/// Blocks that were taken while a plan was armed, in a table of fixed size: nothing here may
/// allocate. Searched from its end, where the newest are.
class Blocks {
 public:
  void begin() noexcept { entries_ = static_cast<Entry*>(std::calloc(most, sizeof(Entry))); }
  void add(void* block) noexcept {
    const Stack stack = Stack::here();
    const std::scoped_lock guard(lock_);
    if (size_ < most) entries_[size_++] = {block, stack};
  }
  void remove(const void* block) noexcept {
    const std::scoped_lock guard(lock_);
    for (std::size_t i = size_; i-- > 0;) {
      if (entries_[i].block != block) continue;
      entries_[i].block = nullptr;
      while (size_ > 0 && entries_[size_ - 1].block == nullptr) --size_;
      return;
    }
  }
  [[nodiscard]] std::vector<Stack> left() {
    std::vector<Stack> stacks;
    for (std::size_t i = 0; i < size_; ++i) {
      if (entries_[i].block != nullptr) stacks.push_back(entries_[i].stack);
    }
    return stacks;
  }

 private:
  struct Entry {
    void* block;
    Stack stack;
  };
  static constexpr std::size_t most = 20'000;
  std::mutex lock_;
  Entry* entries_ = nullptr;
  std::size_t size_ = 0;
};
constinit Blocks blocks;

/// Whether this allocation is to fail.
bool fails(Heap heap) noexcept {
  State& here = state;
  if (!here.is_armed || here.plan.heap != heap) return false;
  ++here.asked;
  const std::size_t first = here.plan.first;
  if (first == 0 || (here.plan.and_after ? here.asked < first : here.asked != first)) return false;
  if (++here.failed == 1 && is_tracing) failure = Stack::here();
  return true;
}

std::atomic<std::ptrdiff_t>& alive_in(Heap heap) noexcept {
  return alive[static_cast<std::size_t>(heap)];
}

void taken(Heap heap, void* block) noexcept {
  alive_in(heap).fetch_add(1, std::memory_order_relaxed);
  if (is_tracing && state.is_armed) blocks.add(block);
}

void given_back(Heap heap, const void* block) noexcept {
  alive_in(heap).fetch_sub(1, std::memory_order_relaxed);
  if (is_tracing) blocks.remove(block);
}

}  // namespace

void trace_blocks() noexcept {
  blocks.begin();
  is_tracing = true;
}

void arm(const Plan& plan) noexcept {
  failure = Stack();
  state = {.is_armed = true, .plan = plan};
}

std::size_t disarm() noexcept {
  state.is_armed = false;
  return state.asked;
}

std::size_t failures() noexcept { return state.failed; }

std::size_t outstanding(Heap heap) noexcept {
  return static_cast<std::size_t>(alive_in(heap).load(std::memory_order_relaxed));
}

const Stack& first_failure() noexcept { return failure; }

std::vector<Stack> left_blocks() {
  disarm();
  return blocks.left();
}

/// A block by `operator new`; null when there is none.
void* take_for_new(std::size_t size, std::size_t alignment) noexcept {
  if (fails(Heap::cpp)) return nullptr;
  void* block = alignment <= alignof(std::max_align_t)
                    ? std::malloc(size == 0 ? 1 : size)
                    : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (block != nullptr) taken(Heap::cpp, block);
  return block;
}

void* take_or_throw(std::size_t size, std::size_t alignment) {
  void* block = take_for_new(size, alignment);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

void give_back_to_new(void* block) noexcept {
  if (block == nullptr) return;
  given_back(Heap::cpp, block);
  std::free(block);
}

}  // namespace injector

void* InjectingAllocator::allocate(std::size_t size) noexcept {
  if (injector::fails(Heap::engine)) return nullptr;
  void* block = std::malloc(size);
  if (block != nullptr) injector::taken(Heap::engine, block);
  return block;
}

void InjectingAllocator::deallocate(void* block) noexcept {
  injector::given_back(Heap::engine, block);
  std::free(block);
}

void* InjectingAllocator::reallocate(void* block, std::size_t size) noexcept {
  if (injector::fails(Heap::engine)) return nullptr;
  injector::given_back(Heap::engine, block);
  void* moved = std::realloc(block, size);
  injector::taken(Heap::engine, moved == nullptr ? block : moved);
  return moved;
}

std::size_t InjectingAllocator::usable_size(const void* block) const noexcept {
  return ::malloc_usable_size(const_cast<void*>(block));
}

}  // namespace quip::test

namespace injector = quip::test::injector;
constexpr std::size_t as_usual = alignof(std::max_align_t);

void* operator new(std::size_t size) { return injector::take_or_throw(size, as_usual); }
void* operator new[](std::size_t size) { return injector::take_or_throw(size, as_usual); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return injector::take_for_new(size, as_usual);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return injector::take_for_new(size, as_usual);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return injector::take_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return injector::take_or_throw(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return injector::take_for_new(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return injector::take_for_new(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* block) noexcept { injector::give_back_to_new(block); }
void operator delete[](void* block) noexcept { injector::give_back_to_new(block); }
void operator delete(void* block, std::size_t) noexcept { injector::give_back_to_new(block); }
void operator delete[](void* block, std::size_t) noexcept { injector::give_back_to_new(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept {
  injector::give_back_to_new(block);
}
void operator delete[](void* block, const std::nothrow_t&) noexcept {
  injector::give_back_to_new(block);
}
void operator delete(void* block, std::align_val_t) noexcept { injector::give_back_to_new(block); }
void operator delete[](void* block, std::align_val_t) noexcept {
  injector::give_back_to_new(block);
}
void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
  injector::give_back_to_new(block);
}
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept {
  injector::give_back_to_new(block);
}
