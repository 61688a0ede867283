// Lets allocations fail, of the engine's heap or of C++, and knows which blocks are still there.
#pragma once

#include "stack.hpp"
#include <quip/core/allocator.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace quip::test {

/// Which allocations fail: those of the engine's heap, or those by `operator new`.
enum class Heap : std::uint8_t { engine, cpp };
inline constexpr std::size_t heap_count = 2;

/// Where the next allocation of a heap fails. One at a time: there is one injector in the process.
struct Plan {
  Heap heap = Heap::engine;
  std::size_t first = 0;   ///< which allocation fails, from 1; 0: none does, they are counted
  bool and_after = false;  ///< all behind it fail too
};

namespace injector {

/// Every block that is taken from now on, of both heaps, is remembered with the stack that it came
/// from. Slow.
void trace_blocks() noexcept;

/// From here on the plan counts; it holds for this thread.
void arm(const Plan& plan) noexcept;
/// No allocation fails any more. Returns how many the plan's heap was asked for meanwhile.
std::size_t disarm() noexcept;
/// How many allocations failed since `arm`.
std::size_t failures() noexcept;

/// Blocks that were taken and not given back.
std::size_t outstanding(Heap heap) noexcept;

/// The stack of the first allocation that failed since `arm`; empty without trace_blocks.
const Stack& first_failure() noexcept;
/// The stacks of the blocks that were taken since `arm` and are still there.
std::vector<Stack> left_blocks();

}  // namespace injector

/// The heap of a runtime whose allocations the injector lets fail.
class InjectingAllocator final : public Allocator {
 public:
  void* allocate(std::size_t size) noexcept override;
  void deallocate(void* block) noexcept override;
  void* reallocate(void* block, std::size_t size) noexcept override;
  [[nodiscard]] std::size_t usable_size(const void* block) const noexcept override;
};

}  // namespace quip::test
