#include "../core/core_state.hpp"
#include "scheduler.hpp"
#include <quip/async/mailbox.hpp>

#include <utility>

namespace quip::detail {

std::shared_ptr<Mailbox> Mailbox::of(Core* core) { return Scheduler::of(core).shared_mailbox(); }

bool Mailbox::post(Work&& work) {
  const std::scoped_lock guard(lock_);
  if (core_ == nullptr) return false;
  works_.push_back(std::move(work));
  ++size_;
  wake_locked();
  return true;
}

void Mailbox::wake() noexcept {
  const std::scoped_lock guard(lock_);
  wake_locked();
}

void Mailbox::wake_locked() noexcept {
  if (core_ == nullptr || is_pump_posted_) return;
  if (executor_ == nullptr) {
    is_pump_posted_ = true;
    if (waiting_ > 0) changed_.notify_all();
    return;
  }
  try {
    // under the lock, so that another thread is never the last one to hold an executor
    executor_->post([self = shared_from_this(), of = executors_] { self->pump(of); });
    is_pump_posted_ = true;
  } catch (...) {
    // no memory to say it: the next one does
  }
}

void Mailbox::pump(std::uint64_t executor) noexcept {
  CoreState* core = nullptr;
  {
    const std::scoped_lock guard(lock_);
    if (core_ == nullptr || executor != executors_) return;
    is_pump_posted_ = false;
    core = &CoreState::of(core_);
    ++core->scheduler->pins;
  }
  core->scheduler->pump();
  core->begin();
  --core->scheduler->pins;
  core->end();
}

void Mailbox::timer() noexcept {
  std::uint64_t executor = 0;
  {
    const std::scoped_lock guard(lock_);
    if (core_ == nullptr) return;
    CoreState::of(core_).scheduler->has_fired = true;
    executor = executors_;
  }
  pump(executor);
}

void Mailbox::begin_operation() noexcept {
  // `executor_` stays what it is meanwhile, and so does `core_`
  if (operations_++ > 0 || executor_ == nullptr) return;
  const std::scoped_lock guard(lock_);
  executor_->hold();
}

void Mailbox::end_operation() noexcept {
  const std::scoped_lock guard(lock_);
  if (--operations_ > 0) return;
  if (executor_ != nullptr) {
    executor_->release();
  } else {
    is_pump_posted_ = true;  // who waits for the last one has to look again
    if (waiting_ > 0) changed_.notify_all();
  }
}

std::optional<Mailbox::Work> Mailbox::take() {
  const std::scoped_lock guard(lock_);
  if (works_.empty()) return std::nullopt;
  std::optional<Work> work(std::move(works_.front()));
  works_.pop_front();
  --size_;
  return work;
}

void Mailbox::wait(const std::optional<Clock::time_point>& until) {
  std::unique_lock guard(lock_);
  const auto is_over = [this] { return is_pump_posted_ || core_ == nullptr || !works_.empty(); };
  ++waiting_;
  if (until) {
    changed_.wait_until(guard, *until, is_over);
  } else {
    changed_.wait(guard, is_over);
  }
  --waiting_;
  is_pump_posted_ = false;
}

bool Mailbox::is_open() const {
  const std::scoped_lock guard(lock_);
  return core_ != nullptr;
}

std::shared_ptr<Executor> Mailbox::executor() const {
  const std::scoped_lock guard(lock_);
  return executor_;
}

void Mailbox::set_executor(std::shared_ptr<Executor> executor) {
  bool is_held = false;
  {
    const std::scoped_lock guard(lock_);
    if (executor == executor_) return;
    std::swap(executor_, executor);
    ++executors_;
    is_pump_posted_ = false;
    is_held = operations_ > 0;
    if (is_held && executor_ != nullptr) executor_->hold();
  }
  if (executor != nullptr) {
    executor->post_after({}, nullptr);
    if (is_held) executor->release();
  }
}

void Mailbox::close() noexcept {
  std::deque<Work> works;
  std::shared_ptr<Executor> executor;
  bool is_held = false;
  {
    const std::scoped_lock guard(lock_);
    core_ = nullptr;
    works.swap(works_);
    size_ = 0;
    executor.swap(executor_);
    is_held = operations_ > 0;
  }
  changed_.notify_all();
  if (executor == nullptr) return;
  try {
    executor->post_after({}, nullptr);
  } catch (...) {
    // then it is called once more, and finds nothing
  }
  if (is_held) executor->release();
}

}  // namespace quip::detail
