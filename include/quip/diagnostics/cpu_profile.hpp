// What a CpuProfiler has found out: where scripts spent their time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace quip {

/// A tree of calls, and how long what was on the stack. Text and numbers only: it needs no runtime.
struct CpuProfile {
  /// A function, called on a certain path from the root.
  struct Node {
    /// "(root)" for the first one; "(program)" for the time in which no script ran, or none could
    /// be asked; "(unknown)" where the engine could not tell, "(truncated)" for calls that it left
    /// out; "(anonymous)" for a function without a name.
    std::string function;
    std::string file;      ///< empty for what no script defines
    int line = 0;          ///< where the function begins, from 1; 0 where the engine does not tell
    int column = 0;        ///< the same
    std::size_t hits = 0;  ///< samples with this function innermost
    std::chrono::nanoseconds self{0};   ///< the time of these samples
    std::chrono::nanoseconds total{0};  ///< the same, with all that it called
    std::vector<std::size_t> children;  ///< their places in `nodes`, behind this one's
  };
  /// What was innermost for how long. The samples follow each other without a gap.
  struct Sample {
    std::size_t node = 0;  ///< its place in `nodes`
    std::chrono::nanoseconds duration{0};
  };

  std::vector<Node> nodes;  ///< the root is the first
  std::vector<Sample> samples;
  std::chrono::nanoseconds start{0};     ///< by the steady clock
  std::chrono::nanoseconds duration{0};  ///< of all samples

  /// The text of a `.cpuprofile`, which the developer tools of Chrome, speedscope and others open:
  /// JSON by the type Profiler.Profile of the DevTools protocol.
  [[nodiscard]] std::string to_cpuprofile() const;
  /// A flame graph as an SVG that is complete in itself: every call is a bar over its caller, as
  /// wide as the time that it took; resting the pointer on one tells its numbers. No scripts in it.
  [[nodiscard]] std::string to_flame_graph(std::string_view title = "CPU profile") const;
};

}  // namespace quip
