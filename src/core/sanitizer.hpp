// What the library was compiled with that looks for errors of memory. Private to src/.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1  // NOLINT(bugprone-reserved-identifier): as other compilers say it
#include <sanitizer/lsan_interface.h>
#endif
#endif

namespace quip::detail {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool has_address_sanitizer = true;
/// What blocks in there point to is no leak.
inline void show_to_leak_check(const void* memory, std::size_t size) noexcept {
  __lsan_register_root_region(memory, size);
}
#else
inline constexpr bool has_address_sanitizer = false;
inline void show_to_leak_check(const void*, std::size_t) noexcept {}
#endif

}  // namespace quip::detail
