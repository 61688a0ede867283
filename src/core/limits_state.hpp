// What stops scripts: the deadlines, budgets and stop tokens of each thread, and what the runtime
// as a whole has. Private to src/.
#pragma once

#include <quip/core/error.hpp>
#include <quip/core/limits.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace quip::detail {

class CoreState;

/// Why a script is stopped.
struct Stop {
  std::string reason;         // "stopped by a deadline of 50 ms"
  std::exception_ptr origin;  // what the interrupt handler threw
  ErrorKind kind = ErrorKind::interrupted;
};

/// A core's limits. Scopes may outlive the core, so they own it too.
class Limits {
 public:
  void add(LimitScope& scope) noexcept;
  void remove(LimitScope& scope) noexcept;
  /// Why the scopes of this thread say to stop, if one does. May throw when memory is short.
  [[nodiscard]] std::optional<Stop> look() const;
  /// The same when the engine asks, which the budgets of this thread count.
  [[nodiscard]] std::optional<Stop> count();
  /// Whether any scope may say to stop, or a script was told to.
  [[nodiscard]] bool has_any() const noexcept {
    return raised || count_.load(std::memory_order_relaxed) > 0;
  }
  /// When the first deadline of this thread ends, if there is one: no loop need sleep longer.
  [[nodiscard]] std::optional<LimitScope::Clock::time_point> earliest() const noexcept;

  // What follows belongs to the thread that holds the core's lock.
  std::shared_ptr<const std::function<bool()>> handler;  // null for none
  std::chrono::nanoseconds turn{0};                      // 0 for none
  // Calls of an executor on the stack: scripts that run too long are stopped there too, but the
  // executor goes on, so that no job is refused for being late.
  int pumps = 0;
  // The engine was told to stop a script, and C++ has not seen the error yet: until then, it is
  // told so again each time that it asks.
  std::optional<Stop> raised;
  // The same after C++ has seen it, while the outermost entry lasts: if what the interrupt handler
  // threw comes to a script again, it is to stop that one too.
  std::optional<Stop> last;

  void forget() noexcept {
    raised.reset();
    const std::optional<Stop> ended = std::exchange(last, std::nullopt);
  }

 private:
  static std::string reason(const LimitScope& scope);
  std::atomic<std::size_t> count_ = 0;
  mutable std::mutex lock_;
  LimitScope* first_ = nullptr;
};

/// While alive, what the loop of a runtime runs must end in time (Runtime::set_turn_limit): to be
/// put around each job, each posted callback and each timer. The thread has entered the runtime.
class [[nodiscard]] TurnLimit {
 public:
  explicit TurnLimit(CoreState& core);

 private:
  struct Scope : LimitScope {
    Scope(CoreState& core, std::chrono::nanoseconds span);
  };
  std::optional<Scope> scope_;
};

}  // namespace quip::detail
