// What a runtime's heap is made of, in numbers.
#pragma once

#include <cstdint>
#include <string>

namespace quip {

/// The heap of a runtime in numbers (engine: JS_ComputeMemoryUsage). Sizes are in bytes. The
/// engines count what they can find from their tables: parts of the heap are in no line but the
/// first, and a string that several objects share may be counted for a part each.
struct MemoryUsage {
  std::int64_t malloc_size = 0;     ///< the heap: what the memory limit limits
  std::int64_t malloc_count = 0;    ///< blocks of the heap
  std::int64_t allocator_size = 0;  ///< what it took from the allocator: more on quickjs-ng, which
                                    ///< takes room for small blocks in pieces of 4 KiB
  std::int64_t allocator_peak = 0;  ///< the most that it ever had of the allocator
  std::int64_t memory_limit = 0;    ///< Runtime::set_memory_limit; 0 for none
  std::int64_t soft_memory_limit = 0;  ///< Runtime::set_soft_memory_limit; 0 for none
  std::int64_t used_size = 0;          ///< what the lines below are the parts of
  std::int64_t used_count = 0;         ///< blocks of it
  std::int64_t atom_count = 0;         ///< property names and symbols
  std::int64_t atom_size = 0;
  std::int64_t string_count = 0;
  std::int64_t string_size = 0;
  std::int64_t object_count = 0;
  std::int64_t object_size = 0;
  std::int64_t property_count = 0;
  std::int64_t property_size = 0;
  std::int64_t shape_count = 0;  ///< which properties objects have, in which order
  std::int64_t shape_size = 0;
  std::int64_t function_count = 0;  ///< functions with bytecode
  std::int64_t function_size = 0;
  std::int64_t bytecode_size = 0;     ///< of functions
  std::int64_t line_table_count = 0;  ///< where in the source a function's code is from
  std::int64_t line_table_size = 0;   ///< of functions
  std::int64_t native_function_count = 0;
  std::int64_t array_count = 0;
  std::int64_t fast_array_count = 0;     ///< arrays without holes
  std::int64_t fast_array_elements = 0;  ///< elements of these
  std::int64_t buffer_count = 0;         ///< ArrayBuffers
  std::int64_t buffer_size = 0;
};

/// The numbers as a table, a line for each kind, for people to read.
std::string to_string(const MemoryUsage& usage);

}  // namespace quip
