// What a runtime has to do: coroutines that can go on, timers, work that other threads left, jobs
// of the engine; and in which order it does it. Private to src/.
#pragma once

#include "../core/core_state.hpp"
#include <quip/async/coroutine.hpp>
#include <quip/async/mailbox.hpp>
#include <quip/async/task.hpp>
#include <quip/async/wait.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

namespace quip::detail {

/// Waiters in the order in which they came.
class WaiterList {
 public:
  WaiterList() = default;
  WaiterList(const WaiterList&) = delete;
  WaiterList& operator=(const WaiterList&) = delete;
  ~WaiterList() { clear(); }

  [[nodiscard]] bool is_empty() const noexcept { return first_ == nullptr; }
  void add(Waiter& waiter) noexcept;
  [[nodiscard]] const Waiter& first() const noexcept { return *first_; }
  /// The first one, which is in no list then. Not empty.
  Waiter& take() noexcept;
  /// All of another, behind what is here.
  void add(WaiterList& others) noexcept;
  void clear() noexcept;
  /// Out of whatever list it is in.
  static void remove(Waiter& waiter) noexcept;

 private:
  Waiter* first_ = nullptr;
  Waiter** end_ = &first_;
  friend class Scheduler;
};

class Scheduler {
 public:
  using Work = Mailbox::Work;
  static constexpr auto all = static_cast<std::size_t>(-1);

  /// The core's, made at its first use. The thread uses the runtime. Throws when memory is short.
  static Scheduler& of(Core* core) {
    const auto& made = CoreState::of(core).scheduler;
    return made != nullptr ? *made : make(core);
  }
  explicit Scheduler(CoreState& core);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // ---- what there is to do ----
  WaiterList ready;  // coroutines that can go on
  WaiterList later;  // when the others have had their turn
  WaiterList idle;   // when nothing can

  /// Has `work` done at that time.
  TimerKey add_timer(Clock::time_point due, Work work);
  /// False when there is no such timer any more.
  bool cancel_timer(const TimerKey& key) noexcept;
  [[nodiscard]] std::optional<Clock::time_point> next_timer() const noexcept;

  void add(Root& root) noexcept;
  void remove(Root& root) noexcept;
  /// Roots that a stop_token may stop, by their numbers.
  void note_stoppable(Root& root);
  void stop(std::uint64_t number) noexcept;
  [[nodiscard]] std::size_t root_count() const noexcept { return root_count_; }

  // ---- doing it; the thread has entered the runtime, and no script runs further up ----
  /// Whether anything can be done at once.
  [[nodiscard]] bool has_ready() const;
  /// Whether there is nothing to wait for: no timer, no operation of others.
  [[nodiscard]] bool is_idle() const;
  /// One round: all that can go on, then each work of the mailbox, each timer that is due and each
  /// of `later`, with what follows from it; `most` of them, and no new one after `until`. The first
  /// failure ends it, and what is left stays.
  Result<bool> round(std::size_t most, const std::optional<Clock::time_point>& until = {});
  /// A round of the runtime's own loop; RuntimeGone when the Runtime was destroyed in it.
  Result<bool> turn(std::size_t most = all, const std::optional<Clock::time_point>& until = {});

  /// What an executor calls: rounds until nothing can be done, or others should have their turn.
  void pump() noexcept;
  /// After the runtime was left: has the executor call `pump` when there is something to do.
  void left() noexcept;

  [[nodiscard]] Mailbox& mailbox() const noexcept { return *mailbox_; }
  [[nodiscard]] const std::shared_ptr<Mailbox>& shared_mailbox() const noexcept { return mailbox_; }
  void set_executor(std::shared_ptr<Executor> executor);
  [[nodiscard]] bool has_executor() const noexcept { return has_executor_; }

  /// The runtime is being destroyed: ends all coroutines.
  void close() noexcept;

  /// Threads that are about to enter the core on their own account: it must not go meanwhile.
  std::atomic<int> pins = 0;
  std::atomic<bool> has_fired = false;  // the executor has called at the time of the next timer
  bool is_asleep = false;               // the runtime's own loop waits for something to do
  /// It begins to wait, until the next timer at most, and it no longer does.
  void fall_asleep() noexcept {
    is_asleep = true;
    armed_ = next_timer();
  }
  void wake_up() noexcept {
    is_asleep = false;
    if (!has_executor_) armed_.reset();
  }
  bool is_running = false;  // a `round` further up this stack

 private:
  static Scheduler& make(Core* core);
  [[nodiscard]] bool is_due(Clock::time_point now) const noexcept;
  /// Whether a job or a coroutine can go on.
  [[nodiscard]] bool has_next() const noexcept {
    return ::JS_IsJobPending(core_.runtime) || !ready.is_empty();
  }
  Result<bool> drain(const std::optional<Clock::time_point>& until);
  void resume(Waiter& waiter) noexcept;
  Result<void> do_work(Work& work);
  void arm();

  CoreState& core_;
  std::shared_ptr<Mailbox> mailbox_;
  std::map<TimerKey, Work> timers_;
  std::uint64_t last_timer_ = 0;
  std::uint64_t turn_ = 0;  // of those that let others have theirs
  friend class Waiter;
  Clock::time_point earliest_ = Clock::time_point::min();  // for timers made while timers run
  Root* roots_ = nullptr;                                  // the last one first
  std::size_t root_count_ = 0;
  std::unordered_map<std::uint64_t, Root*> stoppable_;
  std::uint64_t last_root_ = 0;
  bool has_executor_ = false;
  std::optional<Clock::time_point> armed_;  // when the executor will call `pump`
};

/// How long the runtime's own loop runs.
struct Loop {
  std::function<bool()> goes_on = nullptr;  ///< asked after each round
  std::optional<Clock::time_point> until = {};
  std::size_t most = Scheduler::all;  ///< works of a round
};
/// Runs it, waiting where there is nothing to do at once; tells whether there was anything to do.
/// Ends when nothing is left to do or to wait for.
Result<bool> run_loop(Core* core, const Loop& how);
/// That something cannot end, because nothing is left that could be waited for.
Error stuck_error(Core* core, std::string_view what);

}  // namespace quip::detail
