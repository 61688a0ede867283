// The suite's program: times the rows, or counts their instructions for measure.sh.
//
//   quip_bench [Google Benchmark's options]   times
//   quip_bench --count [part of a name]       instructions, under callgrind
//   quip_bench --list [part of a name]        the rows and their variants
#include "rows.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// Google Benchmark's table with a line a variant, and its medians for the ratios below it.
class Reporter : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    std::vector<Run> shown;
    for (const Run& run : runs) {
      // without repetitions there is no median, but one run
      const bool counts =
          run.run_type == Run::RT_Aggregate ? run.aggregate_name == "median" : run.repetitions <= 1;
      if (!counts || run.error_occurred) continue;
      shown.push_back(run);
      medians_[run.run_name.function_name] = run.GetAdjustedCPUTime();
    }
    if (!shown.empty()) ConsoleReporter::ReportRuns(shown);
  }
  /// 0 for a variant that was left out.
  double median(const std::string& name) { return medians_[name]; }

 private:
  std::map<std::string, double> medians_;
};

std::string full_name(const bench::Row& row, const bench::Variant& variant) {
  return row.name + "/" + variant.name;
}

void print_ratios(const bench::Rows& rows, Reporter& reporter) {
  std::cout << "\nmedian CPU time of an operation in ns, and quip's by the fastest C's\n"
            << std::fixed;
  for (const bench::Row& row : rows) {
    std::vector<double> medians;
    for (const bench::Variant& variant : row.variants) {
      medians.push_back(reporter.median(full_name(row, variant)));
    }
    if (std::find(medians.begin(), medians.end(), 0.0) != medians.end()) continue;
    std::cout << std::left << std::setw(24) << row.name << std::setprecision(1);
    for (std::size_t i = 0; i < medians.size(); ++i) {
      std::cout << ' ' << row.variants[i].name << '=' << medians[i];
    }
    std::cout << std::setprecision(3) << " ratio=" << medians[0] / medians[1] << '\n';
  }
}

void time_rows(const bench::Rows& rows, int argc, char** argv) {
  // Short repetitions in random order: what disturbs the machine for a moment hits all alike.
  std::vector<std::string> defaults = {argv[0], "--benchmark_enable_random_interleaving=true",
                                       "--benchmark_repetitions=9", "--benchmark_min_time=0.02"};
  defaults.insert(defaults.end(), argv + 1, argv + argc);  // the user's come last and win
  std::vector<char*> arguments;
  for (std::string& argument : defaults) arguments.push_back(argument.data());
  int count = static_cast<int>(arguments.size());

  for (const bench::Row& row : rows) {
    for (const bench::Variant& variant : row.variants) {
      benchmark::RegisterBenchmark(
          full_name(row, variant).c_str(),
          [&run = variant.run, batch = row.batch](benchmark::State& state) {
            while (state.KeepRunningBatch(batch)) run(batch);
          });
    }
  }
  benchmark::Initialize(&count, arguments.data());
  Reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  print_ratios(rows, reporter);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  const std::string filter = argc > 2 ? argv[2] : "";
  bench::CHost c;
  // The rows compare what quip adds, so both sides have malloc; other rows are of the allocators.
  quip::Runtime runtime({.allocator = std::make_shared<quip::MallocAllocator>()});
  const quip::Context context(runtime);
  context.with([&](quip::Ctx ctx) {
    const bench::Rows rows = bench::all_rows({ctx, c, runtime});
    const bench::Room room(ctx.raw());
    const bench::Room room_of_c(c.context());
    if (mode == "--count") {
      bench::count_instructions(rows, filter);
    } else if (mode == "--list") {
      bench::list_rows(rows, filter);
    } else {
      time_rows(rows, argc, argv);
    }
  });
}
