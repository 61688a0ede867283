// The true size of a block of C's malloc. Private to src/.
#pragma once

#include <cstddef>
#include <cstdlib>

#if defined(__APPLE__)
#include <malloc/malloc.h>
#elif __has_include(<malloc_np.h>)
#include <malloc_np.h>
#else
#include <malloc.h>
#endif

namespace quip::detail {

inline std::size_t malloc_size(const void* block) noexcept {
#if defined(__APPLE__)
  return ::malloc_size(block);
#elif defined(_WIN32)
  return ::_msize(const_cast<void*>(block));
#else
  return ::malloc_usable_size(const_cast<void*>(block));
#endif
}

/// A block and its true size; null and 0 where there is no memory.
struct Block {
  void* address = nullptr;
  std::size_t usable = 0;
};

inline Block measured(void* block) noexcept {
  return block == nullptr ? Block{} : Block{block, malloc_size(block)};
}

}  // namespace quip::detail
