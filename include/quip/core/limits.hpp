// Scripts that must not run for ever: deadlines, budgets and stop tokens for a scope of C++. What
// is set for a runtime as a whole is in runtime.hpp: set_interrupt_handler and set_turn_limit.
//
// The engine asks from time to time, while a script or a regular expression runs, whether it is to
// go on. A script that is to stop gets an error that it cannot catch: no `catch` and no `finally`
// of it runs. In C++ that is an Error of ErrorKind::interrupted, whose message says what stopped
// it; a bound function that passes it on leaves it as it is. The runtime can be used as before.
//
// How often it asks is the engine's business, and much the same in both: each context counts the
// calls and the jumps of its scripts (a turn of a loop is one or two, an `if` at most one), in
// quickjs-ng the turns of array methods too, and asks at its first and then at every 10 000th; each
// run of a regular expression asks at its every 10 000th jump or step back.
//
// The engine does not ask within one call of a built-in function: `'x'.repeat(2 **
// 28).indexOf('y')` ends when it ends. A promise's executor and, in Bellard's engine, an async
// function make a rejected promise of the error; the script that goes on is stopped at the next
// opportunity.
#pragma once

#include <quip/core/lifetime.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <thread>

namespace quip {

class Context;
class Ctx;
class Runtime;

namespace detail {

class Limits;

/// A duration in nanoseconds; the nearest there is for what does not fit.
template <class Rep, class Period>
constexpr std::chrono::nanoseconds to_nanoseconds(
    std::chrono::duration<Rep, Period> span) noexcept {
  using Seconds = std::chrono::duration<long double>;
  const Seconds seconds(span);
  if (seconds >= Seconds(std::chrono::nanoseconds::max())) return std::chrono::nanoseconds::max();
  if (!(seconds > Seconds(0))) return std::chrono::nanoseconds(0);
  return std::chrono::duration_cast<std::chrono::nanoseconds>(span);
}

/// The runtime that a scope is for, from whatever leads to it. Throws RuntimeGone for what does
/// not.
class Within {
 public:
  // NOLINTBEGIN(google-explicit-constructor): they are to convert
  Within(const Ctx& ctx);
  Within(const Context& context);
  Within(const Runtime& runtime);
  // NOLINTEND(google-explicit-constructor)
  [[nodiscard]] Core* core() const noexcept { return core_; }

 private:
  Core* core_;
};

/// Something that stops the scripts of one thread in one runtime while it is alive.
class LimitScope {
 public:
  using Clock = std::chrono::steady_clock;
  LimitScope(const LimitScope&) = delete;
  LimitScope& operator=(const LimitScope&) = delete;

 protected:
  enum class Kind : unsigned char { deadline, token, turn, budget };
  /// One that stops nothing.
  LimitScope() noexcept = default;
  /// `span` is what messages tell of the time; 0 for none.
  LimitScope(Core* core, Kind kind, std::chrono::nanoseconds span, Clock::time_point end,
             std::stop_token token);
  /// One that the engine may ask so many times.
  LimitScope(Core* core, std::uint64_t budget);
  ~LimitScope();
  [[nodiscard]] std::uint64_t budget() const noexcept { return budget_; }
  [[nodiscard]] std::uint64_t used() const noexcept {
    return used_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] Clock::time_point end() const noexcept { return end_; }
  [[nodiscard]] const std::stop_token& token() const noexcept { return token_; }
  /// So much later than now, or as late as can be.
  static Clock::time_point after(std::chrono::nanoseconds span) noexcept;

 private:
  friend class Limits;
  std::shared_ptr<Limits> limits_;  // null for one that stops nothing
  LimitScope* previous_ = nullptr;
  LimitScope* next_ = nullptr;
  std::thread::id thread_;
  Clock::time_point end_ = Clock::time_point::max();
  std::stop_token token_;
  std::chrono::nanoseconds span_{0};
  std::uint64_t budget_ = 0;
  std::atomic<std::uint64_t> used_ = 0;  // written by the scope's thread alone
  Kind kind_ = Kind::deadline;
};

}  // namespace detail

/// While alive, scripts that this thread runs in the runtime have to end in time:
///
///     const quip::Deadline deadline(ctx, 50ms);
///     const quip::Result<int> result = ctx.try_eval<int>(source);
///
/// A script that runs on behind the deadline is stopped with an Error of ErrorKind::interrupted; so
/// is each later one of the scope that runs long enough to be asked. Of deadlines in each other the
/// earliest counts. Inside of it Runtime::run and its kin begin no job any more and end with the
/// same error. The deadline may be destroyed before or after the runtime, and on any thread.
class [[nodiscard]] Deadline : private detail::LimitScope {
 public:
  /// So much later than now; not later than now if `span` is no more than 0. `within` is a Ctx, a
  /// Context or a Runtime. Throws RuntimeGone.
  template <class Rep, class Period>
  Deadline(detail::Within within, std::chrono::duration<Rep, Period> span)
      : Deadline(within, detail::to_nanoseconds(span), Exactly()) {}
  /// At a time.
  Deadline(detail::Within within, std::chrono::steady_clock::time_point end)
      : LimitScope(within.core(), Kind::deadline, std::chrono::nanoseconds(0), end, {}) {}

  /// Whether the time is over, whatever runs.
  [[nodiscard]] bool expired() const noexcept { return Clock::now() >= end(); }

 private:
  struct Exactly {};
  Deadline(detail::Within within, std::chrono::nanoseconds span, Exactly)
      : LimitScope(within.core(), Kind::deadline, span, after(span), {}) {}
};

/// While alive, scripts that this thread runs in the runtime stop when the token says so, as for a
/// Deadline. Any thread may request it.
class [[nodiscard]] StopScope : private detail::LimitScope {
 public:
  /// `within` is a Ctx, a Context or a Runtime. Throws RuntimeGone.
  StopScope(detail::Within within, std::stop_token token)
      : LimitScope(within.core(), Kind::token, std::chrono::nanoseconds(0),
                   Clock::time_point::max(), std::move(token)) {}

  /// Whether the token was told to stop.
  [[nodiscard]] bool stop_requested() const noexcept { return token().stop_requested(); }
};

/// While alive, scripts that this thread runs in the runtime may be asked so many times whether
/// they are to go on:
///
///     const quip::Budget budget(ctx, 1000);  // ten million calls and jumps
///     const quip::Result<int> result = ctx.try_eval<int>(source);
///
/// Each time that the engine asks takes one of it; the time that finds nothing left stops the
/// script as a Deadline does, and each later one of the scope. What an engine's counting makes of a
/// script does not depend on the machine or its load: in a new context, the same script stops at
/// the same place. Each budget around a script counts; the first that is used up stops it, and its
/// message names the budget. Inside of one that is used up Runtime::run and its kin begin no job.
class [[nodiscard]] Budget : private detail::LimitScope {
 public:
  /// `within` is a Ctx, a Context or a Runtime; of 0 a script is stopped when it is asked first.
  /// Throws RuntimeGone.
  Budget(detail::Within within, std::uint64_t interrupts) : LimitScope(within.core(), interrupts) {}

  /// How many times the engine has asked: no more than the budget.
  [[nodiscard]] std::uint64_t used() const noexcept { return LimitScope::used(); }
  /// How many times it may still ask.
  [[nodiscard]] std::uint64_t remaining() const noexcept { return budget() - used(); }
};

}  // namespace quip
