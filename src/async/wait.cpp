#include "../core/core_state.hpp"
#include "scheduler.hpp"
#include <quip/async/wait.hpp>

namespace quip::detail {

SleepWait::~SleepWait() {
  if (is_armed_) CoreState::of(chain().core).scheduler->cancel_timer(key_);
}
void SleepWait::await_suspend(std::coroutine_handle<> frame) {
  key_ = Scheduler::of(chain().core).add_timer(key_.due, [this] {
    is_armed_ = false;
    go_on();
  });
  is_armed_ = true;
  begin(frame);
}
void SleepWait::await_resume() {
  if (chain().is_stopped) stopped_error().raise();
}
void SleepWait::stop() noexcept {
  if (is_armed_) CoreState::of(chain().core).scheduler->cancel_timer(key_);
  is_armed_ = false;
  go_on();
}

void PauseWait::await_suspend(std::coroutine_handle<> frame) noexcept {
  begin(frame);
  if (until_ == Pause::until_idle) {
    go_on_when_idle();
  } else {
    go_on_later();
  }
}
void PauseWait::await_resume() const {
  if (chain().is_stopped) stopped_error().raise();
}
void PauseWait::stop() noexcept { go_on(); }

}  // namespace quip::detail
