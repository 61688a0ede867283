// Where a runtime's heap takes its memory from.
#pragma once

#include <cstddef>
#include <memory>
#include <memory_resource>

namespace quip {

namespace detail {
class Pool;
}  // namespace detail

/// A source of memory for the heap of a Runtime (RuntimeOptions::allocator): derive from it, or
/// take one of the four below. The heap is all that scripts make; what quip itself needs in C++
/// comes from the global `new`.
///
/// The runtime calls it under its lock, and from whichever thread holds that: one thread at a time.
/// An allocator that several runtimes share must be safe to use from as many threads. It is alive
/// until the heap is freed, which may be later than the end of the Runtime and on another thread:
/// the last handle frees it (see docs/guide/lifetime.md). The functions must not throw, and must
/// not use the runtime.
class Allocator {
 public:
  Allocator() = default;
  Allocator(const Allocator&) = delete;
  Allocator& operator=(const Allocator&) = delete;
  virtual ~Allocator();

  /// At least so many bytes (never 0), aligned for std::max_align_t, or null: the script that asked
  /// for them gets the engine's out-of-memory error.
  virtual void* allocate(std::size_t size) noexcept = 0;
  /// Takes back what `allocate` or `reallocate` gave; never null.
  virtual void deallocate(void* block) noexcept = 0;
  /// A block of another size (never 0) with the contents of the old one as far as they fit, as C's
  /// realloc: the same block, or another one in its place. Null when there is none; then the old
  /// block stays as it is.
  virtual void* reallocate(void* block, std::size_t size) noexcept = 0;
  /// How many bytes of a block may be used: as many as were asked for, or more. Memory limits and
  /// MemoryUsage count these.
  [[nodiscard]] virtual std::size_t usable_size(const void* block) const noexcept = 0;
};

/// C's malloc, as the engines themselves would use it; the default where PoolAllocator is not. Any
/// number of runtimes may share one.
class MallocAllocator final : public Allocator {
 public:
  void* allocate(std::size_t size) noexcept override;
  void deallocate(void* block) noexcept override;
  void* reallocate(void* block, std::size_t size) noexcept override;
  [[nodiscard]] std::size_t usable_size(const void* block) const noexcept override;
};

/// The global `operator new` and `operator delete`, replaced ones too, with 16 bytes more for each
/// block: they do not tell sizes. Any number of runtimes may share one.
class NewDeleteAllocator final : public Allocator {
 public:
  void* allocate(std::size_t size) noexcept override;
  void deallocate(void* block) noexcept override;
  void* reallocate(void* block, std::size_t size) noexcept override;
  [[nodiscard]] std::size_t usable_size(const void* block) const noexcept override;
};

/// A std::pmr::memory_resource, with 16 bytes more for each block: resources want to be told sizes.
/// Where the resource throws std::bad_alloc, or anything else, the heap is out of memory.
///
/// The resource is borrowed: it must outlive the heap, so every handle too. A
/// std::pmr::monotonic_buffer_resource gives nothing back before its end: use it for scripts that
/// are short.
class ResourceAllocator final : public Allocator {
 public:
  explicit ResourceAllocator(std::pmr::memory_resource& resource) noexcept : resource_(&resource) {}
  void* allocate(std::size_t size) noexcept override;
  void deallocate(void* block) noexcept override;
  void* reallocate(void* block, std::size_t size) noexcept override;
  [[nodiscard]] std::size_t usable_size(const void* block) const noexcept override;
  [[nodiscard]] std::pmr::memory_resource& resource() const noexcept { return *resource_; }

 private:
  std::pmr::memory_resource* resource_;
};

/// Small blocks of equal size side by side, without a header, in spans of 16 KiB; blocks above 4
/// KiB come from malloc. It takes no lock and serves one runtime. A span without blocks goes back
/// to the process, where other pools find it; what no pool needs is given back to the system.
///
/// The default on Bellard's engine, whose scripts it makes faster by a fifth or more where they
/// allocate. quickjs-ng has pools of its own since 0.17: there the default is MallocAllocator. So
/// it is in a program built with AddressSanitizer, for errors of memory to be found; a
/// PoolAllocator that is asked for is one there too.
class PoolAllocator final : public Allocator {
 public:
  /// Throws std::bad_alloc.
  PoolAllocator();
  ~PoolAllocator() override;
  void* allocate(std::size_t size) noexcept override;
  void deallocate(void* block) noexcept override;
  void* reallocate(void* block, std::size_t size) noexcept override;
  [[nodiscard]] std::size_t usable_size(const void* block) const noexcept override;

  /// Bytes of the spans that it holds; blocks from malloc are not counted.
  [[nodiscard]] std::size_t span_bytes() const noexcept;

  /// @internal
  [[nodiscard]] detail::Pool& pool() const noexcept { return *pool_; }

 private:
  std::unique_ptr<detail::Pool> pool_;
};

}  // namespace quip
