#include "../core/core_state.hpp"
#include "scheduler.hpp"
#include <quip/core/runtime.hpp>

#include <memory>
#include <string>
#include <utility>

namespace quip {

namespace {

/// Keeps a core that is closed from going away.
class Pin {
 public:
  /// The thread has entered it.
  explicit Pin(detail::CoreState& core) noexcept : core_(core) { ++core_.scheduler->pins; }
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;
  ~Pin() {
    core_.begin();
    --core_.scheduler->pins;
    core_.end();
  }

 private:
  detail::CoreState& core_;
};

}  // namespace

Result<bool> detail::run_loop(Core* core, const Loop& how) {
  std::shared_ptr<Mailbox> mailbox;
  std::optional<Pin> pin;  // between the rounds another thread may destroy the Runtime
  bool did = false;
  for (;;) {
    std::optional<Clock::time_point> next;
    bool goes_on = true;
    bool has_more = false;
    {
      // a callback may destroy the Runtime; the core lives until the entry ends
      const Entry entry(core);
      if (!entry) return RuntimeGone();
      Scheduler& scheduler = Scheduler::of(core);
      if (scheduler.has_executor()) {
        return Error::plain("this runtime is driven by its executor: let that one's loop run");
      }
      if (!pin) {
        mailbox = scheduler.shared_mailbox();
        pin.emplace(CoreState::of(core));
      }
      Result<bool> done = scheduler.turn(how.most, how.until);
      if (!done) return done;
      did = did || *done;
      goes_on = how.goes_on == nullptr || how.goes_on();
      has_more = scheduler.has_ready() || !scheduler.idle.is_empty();
      next = scheduler.next_timer();
      const auto deadline = CoreState::of(core).limits->earliest();
      if (deadline && (!next || *deadline < *next)) next = deadline;
      if (!has_more && scheduler.is_idle()) goes_on = false;
      if (did && how.most == 1) goes_on = false;
      if (goes_on && !has_more) {
        if (std::optional<Error> stop = CoreState::of(core).stop_due()) return *std::move(stop);
        scheduler.fall_asleep();
      }
    }
    if (!goes_on) return did;
    const bool is_late = how.until && Clock::now() >= *how.until;
    if (is_late) return did;
    if (!has_more) {
      if (how.until && (!next || *how.until < *next)) next = how.until;
      mailbox->wait(next);
    }
  }
}

Error detail::stuck_error(Core* core, std::string_view what) {
  std::string text(what);
  text +=
      " is pending, and nothing is left that could settle it: no job, no timer, and no "
      "operation of C++ or of another thread";
  auto& state = CoreState::of(core);
  state.begin();
  const std::size_t waiting = state.scheduler == nullptr ? 0 : state.scheduler->root_count();
  state.end();
  if (waiting > 0) {
    text += "; " + std::to_string(waiting) + (waiting == 1 ? " task is" : " tasks are") +
            " waiting for promises";
  }
  return Error::plain(std::move(text));
}

void Runtime::raise_stuck(detail::Core* core) { detail::stuck_error(core, "the task").raise(); }

Result<void> Runtime::try_run() {
  if (core_ == nullptr) return RuntimeGone();
  Result<bool> ran = detail::run_loop(core_, {});
  if (!ran) return std::move(ran).error();
  return {};
}

Result<bool> Runtime::try_run_one() {
  if (core_ == nullptr) return RuntimeGone();
  return detail::run_loop(core_, {.most = 1});
}

Result<bool> Runtime::try_poll() {
  if (core_ == nullptr) return RuntimeGone();
  // a callback may destroy the Runtime; the core lives until the entry ends
  const detail::Entry entry(core_);
  if (!entry) return RuntimeGone();
  return detail::Scheduler::of(core_).turn();
}

Result<bool> Runtime::try_run_until(Clock::time_point time) {
  if (core_ == nullptr) return RuntimeGone();
  return detail::run_loop(core_, {.until = time});
}

void Runtime::run_while(detail::Core* core, const std::function<bool()>& goes_on) {
  (void)detail::run_loop(core, {.goes_on = goes_on}).value();
}

void Runtime::set_executor(std::shared_ptr<Executor> executor) {
  const detail::Work work(owned_core());
  detail::Scheduler::of(core_).set_executor(std::move(executor));
}

std::optional<Clock::time_point> Runtime::next_timer() const {
  const detail::Work work(owned_core());
  return work->scheduler == nullptr ? std::nullopt : work->scheduler->next_timer();
}

Poster Runtime::poster() const {
  const detail::Work work(owned_core());
  return Poster(detail::Mailbox::of(core_));
}

}  // namespace quip
