// setTimeout and its kin, and the loop that serves them.
#pragma once

#include <quip/quip.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <unordered_map>
#include <utility>
#include <vector>

namespace quip::program {

/// The program's event loop: timers by deadline and then by creation, immediates after the timers
/// that are due, all promise jobs after every callback.
class EventLoop {
 public:
  /// Called after every callback and its jobs, with the error if there was one; false ends the
  /// loop.
  using Turn = std::function<bool(const Error* error)>;

  /// Must outlive the scripts that it is installed for.
  explicit EventLoop(Runtime& runtime) : runtime_(runtime) {}
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Defines setTimeout, setInterval, setImmediate, their clear functions, and queueMicrotask
  /// where the engine has none.
  void install(const Ctx& ctx);
  /// Runs what is pending and then every timer, until nothing is left to do.
  void run(const Turn& turn);

 private:
  using Clock = std::chrono::steady_clock;
  using Milliseconds = std::chrono::milliseconds;
  using Id = std::int64_t;
  /// When a timer is due, and its number: timers of one deadline run in the order of creation.
  using Due = std::pair<Clock::time_point, Id>;

  struct Callback {
    Function function;
    std::vector<Value> arguments;
  };
  struct Timer {
    Callback callback;
    Clock::time_point deadline;
    Milliseconds interval{0};  ///< 0 for one that runs once
  };

  Id start(const Function& function, const Rest<Value>& rest, bool repeats);
  void stop(const Value& id);
  /// Calls, drains the jobs, and tells `turn`.
  bool take_turn(const Callback* callback, const Turn& turn);
  bool run_due_timers(const Turn& turn);
  bool run_immediates(const Turn& turn);
  void arm(Id id, Timer timer);

  Runtime& runtime_;
  Function apply_;
  Id last_id_ = 0;
  std::unordered_map<Id, Timer> timers_;
  std::map<Due, Id> queue_;
  std::map<Id, Callback> immediates_;
};

}  // namespace quip::program
