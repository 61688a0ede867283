#include "system.hpp"

#include <windows.h>

#include <cstdint>

namespace quip::test {

namespace {

/// Such times count 100 ns.
double milliseconds(const FILETIME& time) {
  return static_cast<double>((std::uint64_t{time.dwHighDateTime} << 32) | time.dwLowDateTime) *
         1e-4;
}

}  // namespace

Usage usage_of_thread() {
  FILETIME created{};
  FILETIME ended{};
  FILETIME kernel{};
  FILETIME user{};
  ::GetThreadTimes(::GetCurrentThread(), &created, &ended, &kernel, &user);
  return {milliseconds(kernel) + milliseconds(user), 0};
}

Usage usage_of_process() {
  FILETIME created{};
  FILETIME ended{};
  FILETIME kernel{};
  FILETIME user{};
  ::GetProcessTimes(::GetCurrentProcess(), &created, &ended, &kernel, &user);
  return {milliseconds(kernel) + milliseconds(user), 0};
}

std::size_t heap_in_use() { return 0; }

}  // namespace quip::test
