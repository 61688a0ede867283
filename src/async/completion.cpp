#include "../core/core_state.hpp"
#include "scheduler.hpp"
#include <quip/async/completion.hpp>

namespace quip::detail {

bool CompletionState::is_complete() const {
  const std::scoped_lock guard(lock_);
  return is_complete_;
}

void CompletionState::wake(const std::shared_ptr<Mailbox>& mailbox) {
  mailbox->post([self = shared_from_this()] {
    if (CompletionWait* wait = std::exchange(self->wait_, nullptr)) wait->go_on();
  });
}

CompletionWait::~CompletionWait() { leave(); }

bool CompletionWait::await_suspend(std::coroutine_handle<> frame) {
  if (chain().is_stopped) {
    is_stopped_ = true;
    return false;
  }
  const std::shared_ptr<Mailbox> mailbox = Mailbox::of(chain().core);
  {
    const std::scoped_lock guard(state_->lock_);
    if (state_->is_complete_) return false;
    if (state_->mailbox_ != nullptr) {
      is_busy_ = true;
      return false;
    }
    state_->mailbox_ = mailbox;
  }
  operation_.emplace(mailbox);
  state_->wait_ = this;
  begin(frame);
  return true;
}

void CompletionWait::leave() noexcept {
  if (state_->wait_ == this) state_->wait_ = nullptr;
  operation_.reset();
}

void CompletionWait::stop() noexcept {
  is_stopped_ = !state_->is_complete();
  leave();
  go_on();
}

void CompletionWait::check() const {
  if (is_busy_) Error::plain("a coroutine awaits this Completion already").raise();
  if (is_stopped_) stopped_error().raise();
}

}  // namespace quip::detail
