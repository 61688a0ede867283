// What the heap of a runtime is made of.
#pragma once

#include <quip/core/limits.hpp>
#include <quip/core/result.hpp>

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace quip {

/// What a heap is made of: its objects by their classes, and everything by its kind.
struct HeapStatistics {
  /// Things of one sort.
  struct Row {
    std::string name;
    std::int64_t count = 0;
    std::int64_t bytes = 0;
  };
  /// Objects by class: the engine's own ("Object", "Array", "Function", "Promise"), native classes
  /// by their names in JavaScript, C++ functions that have state ("Function (C++)"); the most bytes
  /// first. The bytes are those of the objects themselves, with the C++ object of an instance; what
  /// they refer to (properties, elements, bytecode) is in `kinds`. "(other)" is what has no name:
  /// objects of classes that were registered with the engine itself.
  std::vector<Row> classes;
  /// Strings, atoms, objects, properties, shapes, bytecode and so on, as the engine counts them
  /// (engine: JS_ComputeMemoryUsage).
  std::vector<Row> kinds;
  std::int64_t bytes = 0;   ///< all that the heap has taken from the allocator
  std::int64_t blocks = 0;  ///< the same in blocks

  /// The row of that class; zeros when there is no object of it.
  [[nodiscard]] Row of_class(std::string_view name) const;
  /// All of it for people to read: a line a row, in columns.
  [[nodiscard]] std::string to_table() const;
};
std::ostream& operator<<(std::ostream& out, const HeapStatistics& statistics);

/// Counts what is in the heap now; garbage that was not collected yet is counted too. Takes the
/// runtime's lock; looks at every object, so it takes as long as a collection. `within` is a Ctx, a
/// Context or a Runtime. Throws RuntimeGone, and Error when memory is short.
HeapStatistics heap_statistics(detail::Within within);
/// As `heap_statistics`, with the error as a value.
Result<HeapStatistics> try_heap_statistics(detail::Within within);

}  // namespace quip
