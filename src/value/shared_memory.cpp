#include "shared_memory.hpp"

#include "../core/core_state.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace quip::detail {

namespace {

/// Stands before the bytes.
struct alignas(std::max_align_t) Block {
  std::atomic<std::size_t> references = 1;
  std::size_t size = 0;

  static Block& of(void* data) noexcept { return *(static_cast<Block*>(data) - 1); }
  [[nodiscard]] void* data() noexcept { return this + 1; }
};

void retain(void* data) noexcept {
  Block::of(data).references.fetch_add(1, std::memory_order_relaxed);
}

void release(void* data) noexcept {
  Block& block = Block::of(data);
  if (block.references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  block.~Block();
  std::free(&block);
}

// ---- what the engine calls; the thread uses the runtime ----------------------------------------

/// The engine takes null for an exception that is pending already.
void* refuse(CoreState& core) noexcept {
  for (Realm* realm = core.realms; realm != nullptr; realm = realm->next) {
    if (realm->in_engine) {
      ::JS_ThrowOutOfMemory(realm->context);
      break;
    }
  }
  return nullptr;
}

void* allocate(void* opaque, std::size_t size) noexcept {
  auto& core = *static_cast<CoreState*>(opaque);
  const std::size_t limit = core.memory_limit;
  if (limit != 0 && (core.shared_bytes > limit || size > limit - core.shared_bytes)) {
    return refuse(core);
  }
  void* memory = std::malloc(sizeof(Block) + size);
  if (memory == nullptr) return refuse(core);
  auto* block = ::new (memory) Block;
  block->size = size;
  core.shared_bytes += size;
  return block->data();
}

void free_one(void* opaque, void* data) noexcept {
  static_cast<CoreState*>(opaque)->shared_bytes -= Block::of(data).size;
  release(data);
}

void add_one(void* opaque, void* data) noexcept {
  static_cast<CoreState*>(opaque)->shared_bytes += Block::of(data).size;
  retain(data);
}

}  // namespace

SharedMemory::SharedMemory(void* data) noexcept : data_(data) {
  if (data_ != nullptr) retain(data_);
}
SharedMemory::~SharedMemory() {
  if (data_ != nullptr) release(data_);
}
std::size_t SharedMemory::capacity() const noexcept { return Block::of(data_).size; }

void share_memory(CoreState& core) noexcept {
  const JSSharedArrayBufferFunctions hooks{
      .sab_alloc = &allocate, .sab_free = &free_one, .sab_dup = &add_one, .sab_opaque = &core};
  ::JS_SetSharedArrayBufferFunctions(core.runtime, &hooks);
}

bool has_shared_memory(const Realm* realm) noexcept {
  return !CoreState::of(realm->core).is_foreign;
}

}  // namespace quip::detail
