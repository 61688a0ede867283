#include "system.hpp"

#include <malloc.h>
#include <sys/resource.h>

namespace quip::test {

namespace {

double milliseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) * 1e-3;
}

Usage usage_of(decltype(RUSAGE_SELF) who) {
  rusage used{};
  ::getrusage(who, &used);
  return {milliseconds(used.ru_utime) + milliseconds(used.ru_stime), used.ru_nvcsw};
}

}  // namespace

Usage usage_of_thread() { return usage_of(RUSAGE_THREAD); }
Usage usage_of_process() { return usage_of(RUSAGE_SELF); }

std::size_t heap_in_use() {
  ::malloc_trim(0);
  return ::mallinfo2().uordblks;
}

}  // namespace quip::test
