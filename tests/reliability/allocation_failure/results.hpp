// What all attempts came to, as text and as the table of docs/reliability.md.
#pragma once

#include "attempt.hpp"

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace quip::test {

class Results {
 public:
  void add(const Report& report);
  /// With `as_table` as Markdown.
  void print(bool as_table) const;
  /// False when quip failed, or an operation was not made. `is_complete`: also when a known fault
  /// of the engine does not occur any more.
  [[nodiscard]] bool verdict(std::size_t operations, bool is_complete) const;

 private:
  struct Row {
    std::size_t operations = 0;
    std::array<std::size_t, heap_count> failures{};  // attempts by heap
    std::size_t results = 0;
    std::size_t errors = 0;
    std::size_t out_of_memory = 0;  // of the errors
    std::size_t ours = 0;           // faults
    std::size_t engines = 0;
    Row& operator+=(const Row& other);
  };
  void print_row(const char* name, const Row& row, bool as_table) const;

  std::map<std::uint32_t, Row> rows_;           // by operation
  std::map<int, std::size_t> known_;            // how often each known fault occurred
  std::map<std::string, std::size_t> unknown_;  // and others, by where and what
};

}  // namespace quip::test
