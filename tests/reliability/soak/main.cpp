// soak [seconds [seed]]: makes, uses and drops runtimes and everything in them at random for that
// long (600 s), and fails when memory grows.
//
// At 30 times of equal distance all is dropped, but for one runtime that lives from the beginning
// to the end, of which only the contexts and what is in them go. What is in use then must be the
// same at all of them: no C++ object is left; the blocks and bytes of the old runtime's heap, those
// of the process, and its resident memory are no more in the last third than in the second, but for
// a little. (The first third is for what is made once, and for fragments. Sanitizers keep what is
// freed: there the process is not measured.)
#include "world.hpp"

#if defined(__GLIBC__)
#include <malloc.h>
#endif
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <limits>
#include <memory>
#include <random>
#include <vector>

namespace {

using namespace quip;
using namespace quip::soak;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;
#elif defined(__has_feature)
constexpr bool is_sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool is_sanitized = false;
#endif

constexpr int sample_count = 30;
constexpr std::size_t most_worlds = 4;

/// What is in use at one time, when all that can be dropped is.
struct Sample {
  double seconds = 0;
  std::uint64_t steps = 0;
  std::int64_t resident = 0;       ///< bytes of the process that are in memory
  std::int64_t process_bytes = 0;  ///< bytes that the process has of its allocator; 0 if not known
  std::int64_t heap_bytes = 0;     ///< those of the old runtime's heap
  std::int64_t heap_blocks = 0;
  std::int64_t atoms = 0;
  long objects = 0;  ///< C++ objects that are left
};

std::int64_t resident_memory() {
  std::int64_t all = 0;
  std::int64_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

std::int64_t process_memory() {
#if defined(__GLIBC__)
  ::malloc_trim(0);
  return is_sanitized ? 0 : static_cast<std::int64_t>(::mallinfo2().uordblks);
#else
  return 0;
#endif
}

/// All that there is at one time.
class Soak {
 public:
  explicit Soak(std::uint64_t seed) : random_(seed), old_(std::make_unique<World>(random_)) {}

  void step() {
    ++steps_;
    if (random_.once_in(300)) {
      change_worlds();
    } else if (worlds_.empty() || random_.once_in(3)) {
      old_->step();
    } else {
      random_.one_of(worlds_)->step();
    }
  }
  Sample sample(double seconds) {
    worlds_.clear();
    orphans_.clear();
    old_->empty();
    Sample made;
    made.seconds = seconds;
    made.steps = steps_;
    made.process_bytes = process_memory();
    made.resident = resident_memory();
    const MemoryUsage usage = old_->memory_usage();
    made.heap_bytes = usage.malloc_size;
    made.heap_blocks = usage.malloc_count;
    made.atoms = usage.atom_count;
    made.objects = Counted::live();
    return made;
  }

 private:
  /// One more runtime, or one less. Some of its handles outlive it.
  void change_worlds() {
    if (worlds_.size() < most_worlds && random_.once_in(2)) {
      worlds_.push_back(std::make_unique<World>(random_));
    } else if (!worlds_.empty()) {
      std::swap(random_.one_of(worlds_), worlds_.back());
      if (random_.once_in(2)) orphans_ = worlds_.back()->take_handles();
      worlds_.pop_back();
    }
  }

  Random random_;
  std::unique_ptr<World> old_;
  std::vector<std::unique_ptr<World>> worlds_;
  std::vector<Value> orphans_;  ///< of runtimes that are gone
  std::uint64_t steps_ = 0;
};

void print(const Sample& sample) {
  std::printf(
      "%8.1f %10llu %12.1f %12.1f %12.1f %10lld %8lld %8ld\n", sample.seconds,
      static_cast<unsigned long long>(sample.steps), static_cast<double>(sample.resident) / 1024,
      static_cast<double>(sample.process_bytes) / 1024,
      static_cast<double>(sample.heap_bytes) / 1024, static_cast<long long>(sample.heap_blocks),
      static_cast<long long>(sample.atoms), sample.objects);
  std::fflush(stdout);
}

/// The median of a member in the samples from `first` to before `last`.
std::int64_t median(const std::vector<Sample>& samples, std::size_t first, std::size_t last,
                    std::int64_t Sample::* member) {
  std::vector<std::int64_t> values;
  for (std::size_t i = first; i < last; ++i) values.push_back(samples[i].*member);
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Whether the last third is no more than the second, but for `percent` and `some` more.
bool is_flat(const std::vector<Sample>& samples, const char* name, std::int64_t Sample::* member,
             std::int64_t percent, std::int64_t some) {
  const std::size_t third = samples.size() / 3;
  const std::int64_t before = median(samples, third, 2 * third, member);
  const std::int64_t after = median(samples, 2 * third, samples.size(), member);
  const std::int64_t most = before + before * percent / 100 + some;
  const bool is_good = after <= most;
  std::printf("%-28s %12lld, then %12lld, at most %12lld: %s\n", name,
              static_cast<long long>(before), static_cast<long long>(after),
              static_cast<long long>(most), is_good ? "flat" : "IT GROWS");
  return is_good;
}

bool judge(const std::vector<Sample>& samples) {
  bool is_good = true;
  for (const Sample& each : samples) is_good = is_good && each.objects == 0;
  if (!is_good) std::printf("C++ objects are left\n");
  is_good &= is_flat(samples, "blocks of the old heap", &Sample::heap_blocks, 0, 64);
  is_good &= is_flat(samples, "bytes of the old heap", &Sample::heap_bytes, 1, 64 << 10);
  is_good &= is_flat(samples, "atoms of the old heap", &Sample::atoms, 0, 64);
  if (!is_sanitized) {
    is_good &= is_flat(samples, "bytes of the process", &Sample::process_bytes, 1, 256 << 10);
    is_good &= is_flat(samples, "resident bytes", &Sample::resident, 5, 4 << 20);
  }
  return is_good;
}

int run(double seconds, std::uint64_t seed) {
  std::printf("%s, %.0f s, seed %llu\n", Runtime::engine().c_str(), seconds,
              static_cast<unsigned long long>(seed));
  std::printf("%8s %10s %12s %12s %12s %10s %8s %8s\n", "seconds", "steps", "resident K",
              "process K", "heap K", "blocks", "atoms", "objects");
  Soak soak(seed);
  std::vector<Sample> samples;
  const auto begin = std::chrono::steady_clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  for (int i = 1; i <= sample_count; ++i) {
    do {
      for (int left = 20; left > 0; --left) soak.step();
    } while (elapsed() < seconds * i / sample_count);
    samples.push_back(soak.sample(elapsed()));
    print(samples.back());
  }
  return judge(samples) ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::strtod(argv[1], nullptr) : 600;
  const std::uint64_t seed =
      argc > 2 ? std::strtoull(argv[2], nullptr, 10) : std::uint64_t{std::random_device()()};
  if (!(seconds > 0)) {
    std::fprintf(stderr, "usage: soak [seconds [seed]]\n");
    return EXIT_FAILURE;
  }
  try {
    return run(seconds, seed);
  } catch (const std::exception& error) {
    std::printf("%s\n", error.what());
    return EXIT_FAILURE;
  }
}
