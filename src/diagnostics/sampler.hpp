// What a CpuProfiler and the runtime that it looks at have in common. Private to src/.
#pragma once

#include "../engine/stack.hpp"
#include <quip/diagnostics/cpu_profile.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

namespace quip::detail {

/// Takes the samples. Time is of two sorts: inside of the runtime, where the next look at the stack
/// tells whose it was, and outside, where it is the program's. What is not worth a sample yet is
/// kept until it is.
class Sampler {
 public:
  using Clock = std::chrono::steady_clock;

  Sampler(std::chrono::nanoseconds interval, bool is_inside);
  void entered() noexcept;
  void left() noexcept;
  /// The engine asks whether to go on: looks at the stack if it is time to.
  void polled(engine::StackReader& reader) noexcept;
  [[nodiscard]] bool is_over() const noexcept { return is_over_; }
  /// Ends it. Throws Error when it has ended.
  CpuProfile finish();
  /// Ends it without a profile.
  void abandon() noexcept { is_over_ = true; }

 private:
  /// Counts the time that has gone by since it was counted last.
  void count(Clock::time_point now) noexcept;
  void add_sample(std::size_t node, std::chrono::nanoseconds duration);
  std::size_t node_of(const std::vector<engine::Frame>& frames,
                      engine::StackReader::Outcome outcome);
  std::size_t child(std::size_t parent, const engine::Frame& frame);
  std::size_t child(std::size_t parent, const char* name);

  // where a function begins tells functions of one name apart
  using Key = std::tuple<std::size_t, std::string, std::string, int, int>;

  const std::chrono::nanoseconds interval_;
  std::atomic<bool> is_over_ = false;
  std::mutex lock_;  // `finish` may be called on any thread; never held while the engine is used
  CpuProfile profile_;
  std::map<Key, std::size_t> known_;
  std::vector<engine::Frame> frames_;  // of the thread that holds the runtime
  Clock::time_point counted_;
  std::chrono::nanoseconds inside_{0};
  std::chrono::nanoseconds outside_{0};
  bool is_inside_;
};

}  // namespace quip::detail
