// A sampling profiler for scripts.
#pragma once

#include <quip/core/limits.hpp>
#include <quip/diagnostics/cpu_profile.hpp>

#include <chrono>
#include <memory>

namespace quip {

namespace detail {
class Sampler;
}  // namespace detail

/// How a CpuProfiler works.
struct CpuProfilerOptions {
  /// The least time between two looks at the stack.
  std::chrono::nanoseconds interval = std::chrono::milliseconds(1);
};

/// While alive, looks now and then which functions a runtime's scripts are in:
///
///     quip::CpuProfiler profiler(ctx, {.interval = 1ms});
///     ctx.eval(source);
///     write(profiler.stop().to_cpuprofile());
///
/// It looks when the engine asks whether the script is to go on (as for a Deadline and
/// Runtime::set_interrupt_handler, which work as ever): about every 10,000 calls and loops, and not
/// within one call of a built-in function. The time since the last look is charged to the calls
/// that are found, so that a built-in function is charged to its caller and a bound C++ function to
/// the script that called it. Time in which no thread was inside of the runtime is the program's
/// ("(program)"), and so is what was left behind the last look. What C++ does inside of one `with`
/// before it calls a script cannot be told from that script.
///
/// It may be destroyed before or after the runtime, and stopped on any thread.
class [[nodiscard]] CpuProfiler {
 public:
  /// `within` is a Ctx, a Context or a Runtime. Throws RuntimeGone; Error when the runtime has a
  /// profiler already, the interval is negative, or memory is short.
  explicit CpuProfiler(detail::Within within, CpuProfilerOptions options = {});
  CpuProfiler(CpuProfiler&&) noexcept = default;
  CpuProfiler& operator=(CpuProfiler&& other) noexcept;
  CpuProfiler(const CpuProfiler&) = delete;
  CpuProfiler& operator=(const CpuProfiler&) = delete;
  ~CpuProfiler();

  /// Ends it and tells what it saw. Throws Error when it was stopped or moved from.
  CpuProfile stop();

 private:
  std::shared_ptr<detail::Sampler> sampler_;
};

}  // namespace quip
