// Scripts that mean harm, in tables: each runs in a runtime with limits, and the runtime is checked
// afterwards (see hostile_test.cpp). The tables are in hostile_*_test.cpp.
#pragma once

#include "support/counted.hpp"
#include <quip/quip.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace quip::test {

/// How a script may end; several are joined by |.
inline constexpr unsigned returns = 1U;    ///< by its end
inline constexpr unsigned throws = 2U;     ///< by an exception of its own
inline constexpr unsigned overflows = 4U;  ///< by a stack that is too deep
inline constexpr unsigned exhausts = 8U;   ///< by memory that is short
inline constexpr unsigned stopped = 16U;   ///< by the deadline

struct HostileScript {
  std::string_view name;
  std::string_view text;
  unsigned ends;
  bool is_module = false;

  friend std::ostream& operator<<(std::ostream& out, const HostileScript& script) {
    return out << script.text;
  }
};

/// What a script gets to see of C++: `host`, an object of functions, and the class `Point`; and
/// modules (see hostile_test.cpp for their names).
class HostileTest : public ::testing::TestWithParam<HostileScript> {
 protected:
  static constexpr std::size_t memory_limit = std::size_t{32} << 20;
  static constexpr std::size_t stack_size = std::size_t{256} << 10;

  HostileTest();
  /// Runs the script and then the jobs that it left, and tells how it ended.
  unsigned run(const HostileScript& script);
  /// The runtime serves its host as before, or says that memory is short and serves it with more.
  void check();

  NoneLeft none_left;  // ends behind the runtime
  Runtime runtime;
  std::vector<Value> kept;  // what scripts gave to host.keep
  std::string said;         // the text of the error that the script ended with

 private:
  unsigned run_in(const Context& context, const HostileScript& script);
  [[nodiscard]] unsigned end_of(const Error& error);
  /// Does with a script's result what a host may.
  static void use(const Value& value);
  void check(const Context& context);
  void expect_jobs_run(const Ctx& ctx);
  /// Runs what jobs there are, for a short while.
  void drain();
  bool is_busy_ = false;  // the script's jobs do not come to an end
};

inline std::string name_of(const ::testing::TestParamInfo<HostileScript>& info) {
  return std::string(info.param.name);
}

}  // namespace quip::test
