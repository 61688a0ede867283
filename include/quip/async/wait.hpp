// What a coroutine waits for without a promise: time, its turn, quiet.
#pragma once

#include <quip/async/coroutine.hpp>
#include <quip/async/executor.hpp>

#include <coroutine>
#include <cstdint>
#include <stop_token>

namespace quip {

namespace detail {

/// A timer of the scheduler: they run by their time, those of one time in the order of their
/// making.
struct TimerKey {
  Clock::time_point due;
  std::uint64_t number = 0;
  friend auto operator<=>(const TimerKey&, const TimerKey&) = default;
};

class SleepWait final : public Waiter {
 public:
  SleepWait(Clock::time_point due, Chain& chain) noexcept : Waiter(chain), key_{due} {}
  ~SleepWait() override;
  [[nodiscard]] bool await_ready() const noexcept { return chain().is_stopped; }
  void await_suspend(std::coroutine_handle<> frame);
  void await_resume();
  void stop() noexcept override;

 private:
  TimerKey key_;
  bool is_armed_ = false;
};

enum class Pause : unsigned char { until_others_ran, until_idle };

class PauseWait final : public Waiter {
 public:
  PauseWait(Pause until, Chain& chain) noexcept : Waiter(chain), until_(until) {}
  [[nodiscard]] bool await_ready() const noexcept { return chain().is_stopped; }
  void await_suspend(std::coroutine_handle<> frame) noexcept;
  void await_resume() const;
  void stop() noexcept override;

 private:
  Pause until_;
};

class TokenAwaiter {
 public:
  explicit TokenAwaiter(const Chain& chain) noexcept : chain_(chain) {}
  [[nodiscard]] bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  [[nodiscard]] std::stop_token await_resume() const noexcept { return chain_.token; }

 private:
  const Chain& chain_;
};

}  // namespace detail

/// Waits until a time: `co_await quip::sleep_until(time)`.
class SleepUntil {
 public:
  explicit SleepUntil(Clock::time_point due) noexcept : due_(due) {}
  /// @internal
  [[nodiscard]] detail::SleepWait await_in(detail::Chain& chain) const noexcept {
    return detail::SleepWait(due_, chain);
  }

 private:
  Clock::time_point due_;
};

/// `co_await quip::sleep(100ms)`: goes on after that time, from the runtime's loop. Not before the
/// others have had their turn, however short it is. The coroutine that was stopped meanwhile gets
/// an AbortError.
inline SleepUntil sleep(Clock::duration duration) {
  // the longest that can be added to now
  const Clock::time_point now = Clock::now();
  return SleepUntil(duration > Clock::time_point::max() - now ? Clock::time_point::max()
                                                              : now + duration);
}
inline SleepUntil sleep_until(Clock::time_point time) { return SleepUntil(time); }

/// What `yield` and `idle` return.
class PauseUntil {
 public:
  explicit PauseUntil(detail::Pause until) noexcept : until_(until) {}
  /// @internal
  [[nodiscard]] detail::PauseWait await_in(detail::Chain& chain) const noexcept {
    return detail::PauseWait(until_, chain);
  }

 private:
  detail::Pause until_;
};

/// `co_await quip::yield()`: goes on when everything else that can run has run once, jobs included.
inline PauseUntil yield() noexcept { return PauseUntil(detail::Pause::until_others_ran); }
/// `co_await quip::idle()`: goes on when nothing can run: no job is pending, no coroutine can go
/// on, no timer is due. What waits for a timer or for another thread is not waited for.
inline PauseUntil idle() noexcept { return PauseUntil(detail::Pause::until_idle); }

namespace this_task {

/// See stop_token.
class Token {
 public:
  /// @internal
  [[nodiscard]] detail::TokenAwaiter await_in(detail::Chain& chain) const noexcept {
    return detail::TokenAwaiter(chain);
  }
};
/// `co_await quip::this_task::stop_token()`: the token that the coroutine, or the one that awaits
/// it, was spawned with; one that never stops if there was none. Waits for nothing.
inline Token stop_token() noexcept { return {}; }

}  // namespace this_task
}  // namespace quip
