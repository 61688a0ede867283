#include "stack.hpp"

#include <windows.h>

namespace quip::detail {

std::uintptr_t stack_end() noexcept {
  ULONG_PTR low = 0;
  ULONG_PTR high = 0;
  ::GetCurrentThreadStackLimits(&low, &high);
  return low;
}

}  // namespace quip::detail
