#include "scheduler.hpp"

#include <algorithm>
#include <utility>

namespace quip::detail {

// ---- lists of waiters --------------------------------------------------------------------------

void WaiterList::add(Waiter& waiter) noexcept {
  waiter.place_ = end_;
  waiter.next_ = nullptr;
  waiter.list_ = this;
  *end_ = &waiter;
  end_ = &waiter.next_;
}

void WaiterList::remove(Waiter& waiter) noexcept {
  if (waiter.place_ == nullptr) return;
  *waiter.place_ = waiter.next_;
  if (waiter.next_ != nullptr) {
    waiter.next_->place_ = waiter.place_;
  } else {
    waiter.list_->end_ = waiter.place_;
  }
  waiter.place_ = nullptr;
  waiter.next_ = nullptr;
}

Waiter& WaiterList::take() noexcept {
  Waiter& waiter = *first_;
  remove(waiter);
  return waiter;
}

void WaiterList::add(WaiterList& others) noexcept {
  while (!others.is_empty()) add(others.take());
}

void WaiterList::clear() noexcept {
  while (!is_empty()) take();
}

// ---- the scheduler -----------------------------------------------------------------------------

Scheduler& Scheduler::make(Core* core) {
  auto& state = CoreState::of(core);
  state.scheduler = std::make_unique<Scheduler>(state);
  return *state.scheduler;
}

Scheduler::Scheduler(CoreState& core) : core_(core), mailbox_(std::make_shared<Mailbox>(&core)) {}
Scheduler::~Scheduler() = default;

TimerKey Scheduler::add_timer(Clock::time_point due, Work work) {
  const TimerKey key{std::max(due, earliest_), ++last_timer_};
  timers_.emplace(key, std::move(work));
  return key;
}

bool Scheduler::cancel_timer(const TimerKey& key) noexcept {
  const auto found = timers_.find(key);
  if (found == timers_.end()) return false;
  const auto gone = timers_.extract(found);  // what it holds may look at the timers when it goes
  return true;
}

std::optional<Clock::time_point> Scheduler::next_timer() const noexcept {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first.due;
}

void Scheduler::add(Root& root) noexcept {
  root.number_ = ++last_root_;
  root.is_listed_ = true;
  root.next_ = roots_;
  if (roots_ != nullptr) roots_->previous_ = &root;
  roots_ = &root;
  ++root_count_;
}

void Scheduler::remove(Root& root) noexcept {
  root.is_listed_ = false;
  (&root == roots_ ? roots_ : root.previous_->next_) = root.next_;
  if (root.next_ != nullptr) root.next_->previous_ = root.previous_;
  root.previous_ = nullptr;
  root.next_ = nullptr;
  --root_count_;
  if (root.relay_) stoppable_.erase(root.number_);
}

void Scheduler::note_stoppable(Root& root) { stoppable_.emplace(root.number_, &root); }

void Scheduler::stop(std::uint64_t number) noexcept {
  const auto found = stoppable_.find(number);
  if (found != stoppable_.end()) found->second->stop();
}

// ---- doing it ----------------------------------------------------------------------------------

bool Scheduler::is_due(Clock::time_point now) const noexcept {
  return !timers_.empty() && timers_.begin()->first.due <= now;
}

bool Scheduler::has_ready() const {
  return !ready.is_empty() || !later.is_empty() || ::JS_IsJobPending(core_.runtime) ||
         mailbox_->size() > 0 || (!timers_.empty() && is_due(Clock::now()));
}

void Scheduler::resume(Waiter& waiter) noexcept {
  waiter.chain_.waiting = nullptr;  // it runs: there is nothing to stop
  const TurnLimit turn(core_);
  run_frames(waiter.frame_);
}

Result<void> Scheduler::do_work(Work& work) {
  const TurnLimit turn(core_);
  try {
    work();
    if (core_.limits->raised) {
      if (std::optional<Error> stop = core_.take_stop()) return *std::move(stop);
    }
    return {};
  } catch (...) {
    return Error::from(std::current_exception());
  }
}

/// Jobs first, as JavaScript does; then one coroutine, and what jobs it made.
Result<bool> Scheduler::drain(const std::optional<Clock::time_point>& until) {
  constexpr int jobs_between_looks = 64;
  int jobs = 0;
  bool did = false;
  while (!core_.closing) {
    if (::JS_IsJobPending(core_.runtime)) {
      if (Result<bool> ran = execute_job(core_); !ran) return ran;
    } else {
      if (ready.is_empty()) break;
      resume(ready.take());
    }
    did = true;
    if (until && ++jobs % jobs_between_looks == 0 && Clock::now() >= *until) break;
  }
  return did;
}

Result<bool> Scheduler::round(std::size_t most, const std::optional<Clock::time_point>& until) {
  const auto is_over = [&] {
    return core_.closing || most == 0 || (until && Clock::now() >= *until);
  };
  Result<bool> outcome = has_next() ? drain(until) : false;
  if (!outcome) return outcome;
  bool did = *outcome;
  if (did) --most;
  // what follows from something that was done; false when that or this has failed
  const auto follow = [&](Result<void> done) {
    did = true;
    --most;
    if (!done) {
      outcome = std::move(done).error();
    } else if (has_next()) {
      outcome = drain(until);
    }
    return outcome.has_value();
  };
  for (std::size_t left = mailbox_->size(); left > 0 && !is_over(); --left) {
    std::optional<Work> work = mailbox_->take();
    if (!work) break;
    if (!follow(do_work(*work))) return outcome;
  }
  if (!timers_.empty()) {
    // those that a timer makes have their turn in the next round
    const Clock::time_point now = Clock::now();
    const std::uint64_t last = last_timer_;
    const Clock::time_point before = std::exchange(earliest_, std::max(earliest_, now));
    const struct Restore {
      Clock::time_point& earliest;
      Clock::time_point to;
      ~Restore() { earliest = to; }
    } restore{earliest_, before};
    for (auto next = timers_.begin(); next != timers_.end() && !is_over(); next = timers_.begin()) {
      // what was made meanwhile is behind all that were due
      if (next->first.due > now || next->first.number > last) break;
      auto timer = timers_.extract(next);
      if (!follow(do_work(timer.mapped()))) return outcome;
    }
  }
  // those that wait for their turn anew have the next one
  const std::uint64_t turn = ++turn_;
  while (!later.is_empty() && later.first().turn_ < turn && !is_over()) {
    resume(later.take());
    if (!follow({})) return outcome;
  }
  if (core_.closing) return did;
  if (!has_next()) {
    if (core_.rejections->size() > 0) core_.report_rejections();
    if (!did && !idle.is_empty() && !core_.closing && !has_ready()) {
      ready.add(idle);
      return round(most, until);
    }
  }
  return did;
}

Result<bool> Scheduler::turn(std::size_t most, const std::optional<Clock::time_point>& until) {
  wake_up();
  const bool was_running = std::exchange(is_running, true);
  Result<bool> done = round(most, until);
  is_running = was_running;
  if (done && core_.closing) return RuntimeGone();
  return done;
}

bool Scheduler::is_idle() const { return timers_.empty() && !mailbox_->has_operations(); }

void Scheduler::pump() noexcept {
  // how long others of the loop wait for their turn at most, but for what cannot be divided
  constexpr auto longest = std::chrono::milliseconds(10);
  Core* previous = nullptr;
  if (!core_.enter(previous)) return;
  if (is_running) {  // in a loop further up this stack
    core_.leave(previous);
    return;
  }
  is_running = true;
  ++core_.limits->pumps;
  try {
    const Clock::time_point until = Clock::now() + longest;
    for (;;) {
      const Result<bool> did = round(all, until);
      if (!did) core_.report_error(did.error());
      if (core_.closing || !has_ready()) break;
      if (Clock::now() >= until) {
        mailbox_->wake();
        break;
      }
    }
    if (!core_.closing) arm();
  } catch (...) {
    core_.report_error(Error::from(std::current_exception()));
  }
  --core_.limits->pumps;
  is_running = false;
  core_.leave(previous);
}

void Scheduler::arm() {
  if (has_fired.exchange(false)) armed_.reset();
  const std::optional<Clock::time_point> next = next_timer();
  if (next == armed_) return;
  const std::shared_ptr<Executor> executor = mailbox_->executor();
  if (executor == nullptr) return;
  if (!next) {
    executor->post_after({}, nullptr);
    armed_.reset();
    return;
  }
  const Clock::duration delay = std::max(*next - Clock::now(), Clock::duration::zero());
  executor->post_after(delay, [mailbox = std::weak_ptr<Mailbox>(mailbox_)] {
    if (const auto open = mailbox.lock()) open->timer();
  });
  armed_ = next;  // when it has not thrown
}

void Scheduler::left() noexcept {
  // what is in the mailbox, and the timers that were armed, woke the loop by themselves
  if (is_running || !(has_executor_ || is_asleep)) return;
  if (::JS_IsJobPending(core_.runtime) || !ready.is_empty() || !later.is_empty() ||
      !idle.is_empty() || next_timer() != armed_) {
    mailbox_->wake();
  }
}

void Scheduler::set_executor(std::shared_ptr<Executor> executor) {
  if (executor == mailbox_->executor()) return;
  has_executor_ = executor != nullptr;
  armed_.reset();
  mailbox_->set_executor(std::move(executor));
}

void Scheduler::close() noexcept {
  mailbox_->close();
  ready.clear();
  later.clear();
  idle.clear();
  // the last one first: it may be a part of what an earlier one does
  while (roots_ != nullptr) {
    Root& root = *roots_;
    remove(root);
    root.end_with_runtime();
  }
  while (!timers_.empty()) timers_.extract(timers_.begin());
}

// ---- coroutines --------------------------------------------------------------------------------

namespace {

/// What the innermost run_frames does next.
struct Run {
  std::coroutine_handle<> next;
  Chain* ended = nullptr;
};
constinit thread_local Run* running = nullptr;

}  // namespace

void run_frames(std::coroutine_handle<> first) noexcept {
  Run run{first, nullptr};
  Run* outer = std::exchange(running, &run);
  while (run.next != nullptr || run.ended != nullptr) {
    if (run.ended != nullptr) {
      std::exchange(run.ended, nullptr)->finish();
    } else {
      std::exchange(run.next, nullptr).resume();
    }
  }
  running = outer;
}

void run_next(std::coroutine_handle<> frame) noexcept { running->next = frame; }
void finish_next(Chain& chain) noexcept { running->ended = &chain; }

void Chain::stop() noexcept {
  if (std::exchange(is_stopped, true)) return;
  if (waiting != nullptr) waiting->stop();
}

void end_awaited(Link& link) noexcept {
  Link* innermost = &link;
  while (innermost->awaited != nullptr) innermost = innermost->awaited->link;
  for (Link* ending = innermost; ending != &link;) {
    Child& child = *ending->held_by;
    ending = child.owner;
    ending->awaited = nullptr;
    std::exchange(child.frame, nullptr).destroy();
  }
}

Error stopped_error() { return Error::named("AbortError", "the task was stopped"); }
void throw_empty_task() { Error::type("a Task without a coroutine cannot run").raise(); }

void Waiter::leave_list() noexcept { WaiterList::remove(*this); }

void Waiter::begin(std::coroutine_handle<> frame) noexcept {
  frame_ = frame;
  chain_.waiting = this;
}
void Waiter::begin_not() noexcept { chain_.waiting = nullptr; }
void Waiter::go_on() noexcept {
  WaiterList::remove(*this);
  if (chain_.core->closing) return;  // its frame is destroyed with the runtime
  CoreState::of(chain_.core).scheduler->ready.add(*this);
}
void Waiter::go_on_later() noexcept {
  Scheduler& scheduler = *CoreState::of(chain_.core).scheduler;
  turn_ = scheduler.turn_;
  scheduler.later.add(*this);
}
void Waiter::go_on_when_idle() noexcept { CoreState::of(chain_.core).scheduler->idle.add(*this); }

Root::Root(Core* runtime) : Chain(runtime) { Scheduler::of(runtime).add(*this); }
Root::~Root() {
  if (is_listed_) CoreState::of(core).scheduler->remove(*this);
}

void Root::stop_by(std::stop_token by) {
  token = by;
  is_stopped = by.stop_requested();
  Scheduler& scheduler = Scheduler::of(core);
  scheduler.note_stoppable(*this);
  relay_.emplace(std::move(by), Relay{scheduler.shared_mailbox(), number_});
}

void Root::Relay::operator()() const noexcept {
  try {
    mailbox->post([stopped = number] { CoreState::of(entered).scheduler->stop(stopped); });
  } catch (...) {
    // no memory to say it: the task goes on
  }
}

}  // namespace quip::detail
