#include "stack.hpp"

#include <pthread.h>

#include <cstddef>

namespace quip::detail {

std::uintptr_t stack_end() noexcept {
  static thread_local const std::uintptr_t end = [] {
    pthread_attr_t attributes;
    if (::pthread_getattr_np(::pthread_self(), &attributes) != 0) {
      return std::uintptr_t{0};
    }
    void* address = nullptr;
    std::size_t size = 0;
    ::pthread_attr_getstack(&attributes, &address, &size);
    ::pthread_attr_destroy(&attributes);
    return reinterpret_cast<std::uintptr_t>(address);
  }();
  return end;
}

}  // namespace quip::detail
