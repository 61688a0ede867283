// Lets every n-th allocation fail in turn, in each of some hundred operations of the public API:
// each time there must be an error or the right result, and nothing may be left behind.
//
//     allocation_failure [--full] [--table] [--only TEXT] [--jobs N] [--first N] [--spread N]
//     allocation_failure --attempt NAME engine|cpp K [after]     one attempt, in detail
//     allocation_failure --list
#include "attempt.hpp"
#include "known_faults.hpp"
#include "results.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

/// Reports of the sanitizer are read by the program itself, frame by frame.
extern "C" const char* __asan_default_options() {
  return "symbolize=0:detect_leaks=0:allocator_may_return_null=1:handle_abort=0";
}

namespace quip::test {
namespace {

struct Arguments {
  Sampling sampling{.first = 24, .spread = 8};
  std::string only;
  int jobs = 2;
  bool is_full = false;
  bool wants_table = false;
};

int results_to = -1;
void pass_on(const Report& report) { (void)!::write(results_to, &report, sizeof report); }

/// Operations by number, shared out among processes.
struct Work {
  std::vector<const Operation*> operations;
  std::vector<std::uint32_t> numbers;
};

Work work_for(const std::string& only) {
  Work work;
  std::uint32_t number = 0;
  for (const auto& [theme, operations] : all_operations()) {
    for (const Operation& operation : operations) {
      if (only.empty() || operation.name.find(only) != std::string_view::npos ||
          theme.find(only) != std::string_view::npos) {
        work.operations.push_back(&operation);
        work.numbers.push_back(number);
      }
      ++number;
    }
  }
  return work;
}

int run(const Arguments& arguments) {
  const Work work = work_for(arguments.only);
  Results results;
  // the number of the next operation, for all processes
  void* shared = ::mmap(nullptr, sizeof(std::atomic<std::size_t>), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  auto* next = new (shared) std::atomic<std::size_t>(0);
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return 1;
  std::fflush(nullptr);
  for (int i = 0; i < arguments.jobs; ++i) {
    if (::fork() != 0) continue;
    ::close(ends[0]);
    results_to = ends[1];
    if (std::getenv("VERBOSE") == nullptr && std::freopen("/dev/null", "w", stderr) == nullptr) {
      ::_exit(1);
    }
    for (std::size_t at = (*next)++; at < work.operations.size(); at = (*next)++) {
      Attempts(work.numbers[at], *work.operations[at], arguments.sampling, &pass_on).run();
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  Report report;
  std::size_t size = 0;
  for (;;) {
    const ssize_t got =
        ::read(ends[0], reinterpret_cast<char*>(&report) + size, sizeof report - size);
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
    if (size < sizeof report) continue;
    results.add(report);
    size = 0;
  }
  while (::wait(nullptr) > 0) {
  }
  results.print(arguments.wants_table);
  const bool is_complete = arguments.only.empty() && arguments.is_full;
  return results.verdict(work.operations.size(), is_complete) ? 0 : 1;
}

int attempt(int count, char** arguments) {
  if (count < 5) return 2;
  const Plan plan{.heap = std::string_view(arguments[3]) == "cpp" ? Heap::cpp : Heap::engine,
                  .first = static_cast<std::size_t>(std::atol(arguments[4])),
                  .and_after = count > 5};
  for (const auto& [theme, operations] : all_operations()) {
    for (const Operation& operation : operations) {
      if (operation.name != arguments[2]) continue;
      attempt_here(operation, plan);
      return 0;
    }
  }
  std::printf("there is no operation %s\n", arguments[2]);
  return 2;
}

int list() {
  for (const auto& [theme, operations] : all_operations()) {
    std::printf("%s\n", std::string(theme).c_str());
    for (const Operation& operation : operations) {
      std::printf("    %s%s\n", std::string(operation.name).c_str(),
                  operation.source == Source::evaluated ? " (evaluates source)" : "");
    }
  }
  return 0;
}

}  // namespace
}  // namespace quip::test

int main(int count, char** values) {
  using namespace quip::test;
  learn_functions();
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = values[i];
    const char* value = i + 1 < count ? values[i + 1] : "";
    if (argument == "--attempt") return attempt(count, values);
    if (argument == "--list") return list();
    if (argument == "--table") {
      arguments.wants_table = true;
    } else if (argument == "--full") {
      arguments.is_full = true;
      arguments.sampling = {.first = 100'000, .spread = 0};
    } else if (argument == "--only") {
      arguments.only = value;
      ++i;
    } else if (argument == "--jobs") {
      arguments.jobs = std::atoi(value);
      ++i;
    } else if (argument == "--first") {
      arguments.sampling.first = static_cast<std::size_t>(std::atol(value));
      ++i;
    } else if (argument == "--spread") {
      arguments.sampling.spread = static_cast<std::size_t>(std::atol(value));
      ++i;
    } else {
      std::printf("unknown argument %s\n", values[i]);
      return 2;
    }
  }
  return run(arguments);
}
