// One attempt: an operation while allocations fail, in a process that may crash.
#pragma once

#include "injector.hpp"
#include "operation.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace quip::test {

/// What became of an attempt.
enum class Outcome : std::uint8_t {
  counts,  ///< none yet: how many allocations the operation makes
  result,  ///< the right one
  error,   ///< an Error, or std::bad_alloc
  wrong,   ///< a wrong result, or an exception of another class
  broken,  ///< the runtime does not work any more
  leak,    ///< blocks are left when all is destroyed
  crash,   ///< or a failed assertion, or std::terminate
  hang,
};
std::string_view to_string(Outcome outcome) noexcept;

/// What a process tells of an attempt; small enough to be written at once.
struct Report {
  std::uint32_t operation = 0;  ///< its number
  Outcome outcome = Outcome::result;
  bool is_cold = false;           ///< the first use of the operation in its process
  bool is_out_of_memory = false;  ///< the error says so
  bool shows_late = false;        ///< what went wrong did so before it was seen
  Plan plan;
  std::array<std::uint32_t, heap_count> allocations{};  ///< of `counts`
  std::uint32_t failures = 0;                           ///< how many allocations failed
  /// Of what went wrong: functions of the engine, innermost first, and more for people to read.
  std::array<char, 600> engine{};
  std::array<char, 1400> details{};
};

/// Which of the k allocations of an operation fail.
struct Sampling {
  std::size_t first = 0;   ///< each of the first ones
  std::size_t spread = 0;  ///< and so many of the others
  [[nodiscard]] std::vector<std::size_t> of(std::size_t allocations) const;
};

/// Runs the attempts of an operation in processes of their own, and tells of each.
class Attempts {
 public:
  using Told = void (*)(const Report& report);
  Attempts(std::uint32_t number, const Operation& operation, const Sampling& sampling, Told told)
      : number_(number), operation_(operation), sampling_(sampling), told_(told) {}

  void run();

 private:
  /// Runs attempts from a number on in another process, until all are made or it crashes. Returns
  /// the number of the next one; `none` when all are made.
  std::size_t run_from(std::size_t next);
  void run_cold(const Plan& plan);
  void run_traced(const Report& report);
  template <class Child>
  void in_child(const Child& child, const Told& told);

  std::uint32_t number_;
  const Operation& operation_;
  Sampling sampling_;
  Told told_;
  std::array<std::uint32_t, heap_count> allocations_{};
};

/// An attempt in this process, traced, whose details go to standard output.
void attempt_here(const Operation& operation, const Plan& plan);

}  // namespace quip::test
