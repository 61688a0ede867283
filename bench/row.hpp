// A row of the tables: one operation, written in each of the ways that are compared.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace bench {

/// Does the operation n times.
using Run = std::function<void(std::int64_t n)>;

/// One way to do a row's operation.
struct Variant {
  std::string name;
  Run run;
};

/// One operation. The first variant is judged by the second: their ratio may be `limit` at most.
struct Row {
  std::string name;
  double limit;        ///< 0 when there is nothing to judge
  std::int64_t batch;  ///< operations in one measured run
  std::vector<Variant> variants;
};

using Rows = std::vector<Row>;

/// A row of quip's suite. `c` is the fastest hand-written C that does the same job, `usual` what
/// the engine's documentation and examples show.
inline Row row(std::string name, double limit, std::int64_t batch, Run quip, Run c, Run usual) {
  return {std::move(name),
          limit,
          batch,
          {{"quip", std::move(quip)}, {"c", std::move(c)}, {"usual", std::move(usual)}}};
}

/// The loop around an operation, the same for every variant.
template <class Operation>
void repeat(std::int64_t n, Operation&& operation) {
  for (std::int64_t i = 0; i < n; ++i) operation(static_cast<std::int32_t>(i));
}

/// Makes the compiler believe that the value is used.
template <class T>
inline void keep(const T& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

/// Runs every variant between callgrind's client requests; measure.sh reads what it leaves behind.
/// Rows whose name does not contain `filter` are left out.
void count_instructions(const Rows& rows, const std::string& filter);

/// Prints the rows in their order, a line for each variant.
void list_rows(const Rows& rows, const std::string& filter);

}  // namespace bench
