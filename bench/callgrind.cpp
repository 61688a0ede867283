#include "row.hpp"

#include <valgrind/callgrind.h>

#include <iostream>

namespace bench {

void count_instructions(const Rows& rows, const std::string& filter) {
  if (RUNNING_ON_VALGRIND == 0) {
    std::cerr << "run this under callgrind: see bench/measure.sh\n";
    return;
  }
  for (const Row& row : rows) {
    if (row.name.find(filter) == std::string::npos) continue;
    for (const Variant& variant : row.variants) {
      // Warm first: what an operation does once (interning a key, growing a table) is not counted.
      variant.run(row.batch);
      // Two lengths: in their difference nothing is left but operations.
      for (const std::int64_t n : {row.batch, 2 * row.batch}) {
        const std::string tag = row.name + "|" + variant.name + "|" + std::to_string(n) + "|" +
                                std::to_string(row.limit);
        CALLGRIND_ZERO_STATS;
        variant.run(n);
        CALLGRIND_DUMP_STATS_AT(tag.c_str());
      }
    }
  }
}

void list_rows(const Rows& rows, const std::string& filter) {
  for (const Row& row : rows) {
    if (row.name.find(filter) == std::string::npos) continue;
    for (const Variant& variant : row.variants) {
      std::cout << row.name << '|' << variant.name << '\n';
    }
  }
}

}  // namespace bench
