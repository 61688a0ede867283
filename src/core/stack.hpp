// Where a thread's stack ends: one source for each kind of system.
#pragma once

#include <cstdint>

namespace quip::detail {

/// The address below which this thread's stack ends; 0 when it is not known.
std::uintptr_t stack_end() noexcept;

}  // namespace quip::detail
