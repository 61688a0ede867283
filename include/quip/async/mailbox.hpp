// How other threads reach a runtime: they leave work that its loop then does.
#pragma once

#include <quip/async/executor.hpp>
#include <quip/async/move_only_function.hpp>
#include <quip/core/lifetime.hpp>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace quip::detail {

/// What of a core outlives it, so that any thread may look whether it still is there.
class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  using Work = MoveOnlyFunction;

  explicit Mailbox(Core* core) : core_(core) {}

  /// The core's mailbox, made at its first use; the thread uses the runtime. Throws when memory is
  /// short.
  static std::shared_ptr<Mailbox> of(Core* core);

  /// Leaves work for the loop; false, and the work is destroyed, when the runtime is gone. From any
  /// thread.
  bool post(Work&& work);
  /// An operation begins that the loop has to wait for; the thread uses the runtime.
  void begin_operation() noexcept;
  /// It ends. From any thread.
  void end_operation() noexcept;
  /// Has the loop call `pump` soon. From any thread.
  void wake() noexcept;

  // ---- the scheduler's side ----
  /// The oldest work, if any.
  std::optional<Work> take();
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// Whether the runtime is there.
  [[nodiscard]] bool is_open() const;
  [[nodiscard]] bool has_operations() const noexcept { return operations_ > 0; }
  /// Waits for work or a `wake`, until that time at most.
  void wait(const std::optional<Clock::time_point>& until);
  void set_executor(std::shared_ptr<Executor> executor);
  [[nodiscard]] std::shared_ptr<Executor> executor() const;
  /// What the executor calls at the time of the next timer.
  void timer() noexcept;
  /// The runtime is gone. Destroys what was posted.
  void close() noexcept;

 private:
  /// What was posted to the executor of that number; of one that was replaced meanwhile it does
  /// nothing, on whatever thread that may be.
  void pump(std::uint64_t executor) noexcept;
  void wake_locked() noexcept;
  mutable std::mutex lock_;
  std::condition_variable changed_;
  Core* core_;  // null once it is gone
  std::deque<Work> works_;
  std::atomic<std::size_t> size_ = 0;   // of these; written under the lock, as the next
  std::shared_ptr<Executor> executor_;  // changes on a thread that uses the runtime
  std::uint64_t executors_ = 0;         // how many there have been
  std::atomic<std::size_t> operations_ = 0;
  bool is_pump_posted_ = false;
  int waiting_ = 0;  // threads that wait for a change
};

/// An operation of another thread or of the loop, as long as this lives.
class Operation {
 public:
  explicit Operation(std::shared_ptr<Mailbox> mailbox) noexcept : mailbox_(std::move(mailbox)) {
    mailbox_->begin_operation();
  }
  Operation(Operation&& other) noexcept = default;
  Operation& operator=(Operation&&) = delete;
  ~Operation() { end(); }
  /// Ends it now.
  void end() noexcept {
    if (mailbox_ != nullptr) mailbox_->end_operation();
    mailbox_.reset();
  }
  /// Null once it has ended.
  [[nodiscard]] const std::shared_ptr<Mailbox>& mailbox() const noexcept { return mailbox_; }

 private:
  std::shared_ptr<Mailbox> mailbox_;
};

}  // namespace quip::detail

namespace quip {

/// Leaves work for a runtime's loop, from any thread, also when the runtime is gone: then the work
/// is destroyed. For a value that a script awaits a Deferred is simpler.
class Poster {
 public:
  /// Has the loop call `work`, which takes nothing and need not be copyable, soon, on its thread,
  /// inside of the runtime; false when that is gone.
  /// What it throws goes to whoever runs the loop: out of Runtime::run, or to the error handler.
  bool post(detail::MoveOnlyFunction work) const {  // NOLINT(modernize-use-nodiscard)
    return mailbox_->post(std::move(work));
  }

  /// @internal
  explicit Poster(std::shared_ptr<detail::Mailbox> mailbox) noexcept
      : mailbox_(std::move(mailbox)) {}

 private:
  std::shared_ptr<detail::Mailbox> mailbox_;
};

}  // namespace quip
