// The event loop that a runtime lives in: the one concept, and what each adapter implements.
#pragma once

#include <chrono>
#include <functional>

namespace quip {

/// The clock of timers and deadlines.
using Clock = std::chrono::steady_clock;

/// An event loop that drives a runtime (see Runtime::set_executor). A runtime asks it for nothing
/// but to be called: at once, or at its next timer. Nothing is called when there is nothing to do.
/// The adapters are in asio.hpp, uv.hpp and glib.hpp; a loop of your own needs these few members:
///
///     class GameLoop : public quip::Executor {
///       void post(std::function<void()> work) override;
///       void post_after(quip::Clock::duration delay, std::function<void()> work) override;
///       bool owns_thread() const noexcept override;
///     };
class Executor {
 public:
  Executor() = default;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  virtual ~Executor() = default;

  /// Has the loop call `work` soon, on its thread, never inside of this call. From any thread. What
  /// the loop never comes to call it may destroy. Throws when memory is short.
  virtual void post(std::function<void()> work) = 0;
  /// Has the loop call `work` once after that time, on its thread. It replaces the work of the call
  /// before it, which is then not called: each runtime has an executor and so one timer of its own.
  /// An empty function only takes that back. On the loop's thread, or while the loop does not run.
  virtual void post_after(Clock::duration delay, std::function<void()> work) = 0;
  /// Whether the calling thread is the one on which the loop calls now what was posted: whoever
  /// owns the thread may use the runtime without asking anybody.
  [[nodiscard]] virtual bool owns_thread() const noexcept = 0;

  /// Between `hold` and `release` the runtime waits for something that the loop does not know of (a
  /// result from another thread): a loop that ends by itself when it has nothing to do must not.
  /// From any thread; not nested.
  virtual void hold() noexcept {}
  virtual void release() noexcept {}
};

}  // namespace quip
