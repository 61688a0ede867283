// The global `console`.
#pragma once

#include "intrinsics.hpp"
#include <quip/quip.hpp>

#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>

namespace quip::program {

/// console.log, info, debug, dir, table, group, count, time (standard output); error, warn, assert,
/// trace (standard error). What is written to the two comes out in the order it was written in.
class Console {
 public:
  /// Must outlive the scripts that it is installed for.
  explicit Console(const Intrinsics& intrinsics) : intrinsics_(intrinsics) {}
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  /// Defines the global.
  void install(const Ctx& ctx);

 private:
  using Arguments = Rest<Value>;
  using Clock = std::chrono::steady_clock;

  void install_groups(const Object& console);
  void install_counters(const Object& console);
  void install_timers(const Object& console);
  void print(std::FILE* stream, std::string_view text) const;
  void print_values(std::FILE* stream, const Arguments& arguments) const;
  void print_time(const std::string& label, const Arguments& details) const;
  void warn(const std::string& text) const;

  const Intrinsics& intrinsics_;
  std::size_t indentation_ = 0;
  std::map<std::string, std::size_t> counters_;
  std::map<std::string, Clock::time_point> timers_;
};

}  // namespace quip::program
