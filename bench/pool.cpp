// What a pool costs for a job, and whether two threads do twice as much as one: a program of its
// own, because threads are not counted in instructions.
//
//     quip_bench_pool [jobs] [length]    jobs of a loop of that length
//
// For one and two threads it tells the wall-clock time, the CPU time of the process, and their
// ratio, which is the number of cores that were kept busy: 2 when the jobs do not get in each
// other's way and nothing else runs on the machine. The CPU time of one job should be the same with
// either.
#include <quip/quip.hpp>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <future>
#include <iostream>
#include <vector>

namespace {

constexpr const char* script = R"(
  export function work(length) {
    let list = [];
    for (let i = 0; i < length; ++i) list.push({ i, text: "n" + i });
    return list.length;
  }
)";

double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

void measure(std::size_t threads, int jobs, int length) {
  quip::RuntimePool pool({.threads = threads, .script = script});
  std::vector<std::future<int>> results;
  results.reserve(static_cast<std::size_t>(jobs));
  const auto begin = std::chrono::steady_clock::now();
  const double cpu = cpu_seconds();
  for (int i = 0; i < jobs; ++i) results.push_back(pool.call<int>("work", length));
  int sum = 0;
  for (auto& result : results) sum += result.get();
  const double used = cpu_seconds() - cpu;
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::cout << threads << (threads == 1 ? " thread:  " : " threads: ") << seconds * 1000 << " ms, "
            << used * 1000 << " ms of CPU, " << used / seconds << " cores busy, "
            << used / jobs * 1e6 << " us of CPU a job" << (sum == jobs * length ? "" : " WRONG")
            << '\n';
}

int argument(int argc, char** argv, int which, int otherwise) {
  return argc > which ? std::atoi(argv[which]) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  const int jobs = argument(argc, argv, 1, 2000);
  const int length = argument(argc, argv, 2, 1000);
  for (const std::size_t threads : {1, 2}) measure(threads, jobs, length);
}
