// The memory of SharedArrayBuffers, which belongs to no runtime: several may have buffers over one
// block, and the last one frees it. Private to src/.
#pragma once

#include <cstddef>
#include <utility>

namespace quip::detail {

class CoreState;
struct Realm;

/// A counted reference to a block of shared memory. From any thread.
class SharedMemory {
 public:
  /// Takes a reference to the block whose bytes begin there.
  explicit SharedMemory(void* data) noexcept;
  SharedMemory(const SharedMemory& other) noexcept : SharedMemory(other.data_) {}
  SharedMemory(SharedMemory&& other) noexcept : data_(std::exchange(other.data_, nullptr)) {}
  SharedMemory& operator=(SharedMemory other) noexcept {
    std::swap(data_, other.data_);
    return *this;
  }
  ~SharedMemory();

  [[nodiscard]] void* data() const noexcept { return data_; }
  /// How many bytes the block has, which may be more than a buffer over it shows.
  [[nodiscard]] std::size_t capacity() const noexcept;

 private:
  void* data_;  // null for what was moved from
};

/// Has the engine take the memory of SharedArrayBuffers from here. It counts as the runtime's: of
/// one with a memory limit, no more than that.
void share_memory(CoreState& core) noexcept;
/// Whether the realm's runtime has its shared memory from here: one that others made does not.
bool has_shared_memory(const Realm* realm) noexcept;

}  // namespace quip::detail
