// What tests ask of the system: one source for each kind of it.
#pragma once

#include <cstddef>

namespace quip::test {

/// What was used so far.
struct Usage {
  double cpu_ms = 0;
  long waits = 0;  ///< how often it gave the processor up by itself; 0 where that is not counted
};
Usage usage_of_thread();
Usage usage_of_process();

/// Bytes that the heap of C++ has given out; 0 where that is not counted.
std::size_t heap_in_use();

}  // namespace quip::test
