#include "results.hpp"

#include "known_faults.hpp"
#include "operation.hpp"
#include "stack.hpp"

#include <cstdio>
#include <utility>

namespace quip::test {
namespace {

struct Named {
  std::string_view theme;
  const Operation* operation;
};
/// All operations by their number.
const std::vector<Named>& operations_by_number() {
  static const std::vector<Named> all = [] {
    std::vector<Named> made;
    for (const auto& [theme, operations] : all_operations()) {
      for (const Operation& operation : operations) made.push_back({theme, &operation});
    }
    return made;
  }();
  return all;
}

std::string describe(const Report& report) {
  std::string text(operations_by_number().at(report.operation).operation->name);
  text += report.plan.heap == Heap::engine ? " engine " : " cpp ";
  text += std::to_string(report.plan.first);
  if (report.plan.and_after) text += " after";
  if (report.is_cold) text += " cold";
  return text;
}

/// The functions in a report's details, as they are written in C++.
std::string readable_details(std::string_view details) {
  std::string text;
  for (;;) {
    const std::size_t end = details.find(" < ");
    const std::string part = readable(details.substr(0, end));
    text += part.size() > 160 ? part.substr(0, 160) + "…" : part;
    if (end == std::string_view::npos) return text;
    text += "\n        ";
    details.remove_prefix(end + 3);
  }
}

/// Where quip was.
std::string place_in_quip(std::string_view details) {
  for (;;) {
    const std::size_t end = details.find(" < ");
    const std::string_view name = details.substr(0, end);
    if (name.starts_with("_Z") && name.find("quip") != std::string_view::npos) {
      return readable(name).substr(0, 200);
    }
    if (end == std::string_view::npos) return "?";
    details.remove_prefix(end + 3);
  }
}

}  // namespace

Results::Row& Results::Row::operator+=(const Row& other) {
  operations += other.operations;
  for (std::size_t heap = 0; heap < heap_count; ++heap) failures[heap] += other.failures[heap];
  results += other.results;
  errors += other.errors;
  out_of_memory += other.out_of_memory;
  ours += other.ours;
  engines += other.engines;
  return *this;
}

void Results::add(const Report& report) {
  Row& row = rows_[report.operation];
  row.operations = 1;
  if (report.outcome == Outcome::counts) return;
  ++row.failures[static_cast<std::size_t>(report.plan.heap)];
  if (report.outcome == Outcome::result) {
    ++row.results;
  } else if (report.outcome == Outcome::error) {
    ++row.errors;
    if (report.is_out_of_memory) ++row.out_of_memory;
  } else if (const int known = known_fault(report); known >= 0) {
    ++row.engines;
    ++known_[known];
  } else {
    ++row.ours;
    const std::string_view engine = report.engine.data();
    std::string where(to_string(report.outcome));
    where += ": ";
    where += engine.empty() ? place_in_quip(report.details.data()) : std::string(engine);
    if (unknown_[where]++ < 3) {
      std::printf("%s\n    %s\n    %s\n", describe(report).c_str(), where.c_str(),
                  readable_details(report.details.data()).c_str());
      std::fflush(stdout);
    }
  }
}

void Results::print_row(const char* name, const Row& row, bool as_table) const {
  std::printf(as_table ? "| %s | %zu | %zu | %zu | %zu | %zu | %zu | %zu |\n"
                       : "%-28s %5zu %9zu %9zu %9zu %9zu %6zu %7zu\n",
              name, row.operations, row.failures[0], row.failures[1], row.results, row.errors,
              row.ours, row.engines);
}

void Results::print(bool as_table) const {
  std::vector<std::pair<std::string_view, Row>> themes;
  Row without_source;
  Row with_source;
  for (const auto& [number, row] : rows_) {
    const Named& named = operations_by_number().at(number);
    if (themes.empty() || themes.back().first != named.theme) themes.push_back({named.theme, {}});
    themes.back().second += row;
    (named.operation->source == Source::none ? without_source : with_source) += row;
  }
  if (as_table) {
    std::printf(
        "| | Operations | Failures in the engine's heap | In C++ | Right results | Errors | "
        "Faults of quip | Of the engine |\n|---|--:|--:|--:|--:|--:|--:|--:|\n");
  } else {
    std::printf("%-28s %5s %9s %9s %9s %9s %6s %7s\n", "", "ops", "engine", "C++", "results",
                "errors", "faults", "engine's");
  }
  Row all;
  for (const auto& [theme, row] : themes) {
    print_row(std::string(theme).c_str(), row, as_table);
    all += row;
  }
  print_row("that parse no source", without_source, as_table);
  print_row("that parse source", with_source, as_table);
  print_row("all", all, as_table);
  std::printf("\n%zu of %zu errors are those of memory.\n", all.out_of_memory, all.errors);
  for (const auto& [known, count] : known_) {
    const KnownFault& fault = known_faults()[static_cast<std::size_t>(known)];
    std::printf("%s%s in %s%s: %zu times; %s\n",
                as_table ? "- " : "known: ", std::string(to_string(fault.outcome)).c_str(),
                std::string(fault.function).c_str(), as_table ? "" : "", count,
                std::string(fault.reason).c_str());
  }
  for (const auto& [where, count] : unknown_) {
    std::printf("FAULT %zu times: %s\n", count, where.c_str());
  }
}

bool Results::verdict(std::size_t operations, bool is_complete) const {
  bool is_good = unknown_.empty();
  if (rows_.size() != operations) {
    std::printf("FAILED: %zu of %zu operations were made\n", rows_.size(), operations);
    is_good = false;
  }
  if (is_complete) {
    for (std::size_t i = 0; i < known_faults().size(); ++i) {
      if (known_.contains(static_cast<int>(i))) continue;
      std::printf("STALE: the known fault in %s does not occur any more\n",
                  std::string(known_faults()[i].function).c_str());
      is_good = false;
    }
  }
  return is_good;
}

}  // namespace quip::test
