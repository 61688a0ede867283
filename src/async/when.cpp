#include <quip/async/when.hpp>

namespace quip::detail {

Branch::Branch(BranchesWait& group) noexcept : Chain(group.chain().core), group_(group) {
  token = group.chain().token;
}

void Branch::finish() noexcept { group_.note_end(*this); }

Branch::Start::Start(Branch& branch) noexcept : Waiter(branch) {
  begin(branch.frame());
  go_on();
}

void BranchesWait::add(Branch& branch) noexcept {
  branch.index_ = count_++;
  *last_ = &branch;
  last_ = &branch.next_;
}

bool BranchesWait::await_ready() noexcept {
  is_stopped_ = chain().is_stopped;
  return is_stopped_ || count_ == 0;
}

void BranchesWait::await_suspend(std::coroutine_handle<> frame) noexcept {
  waiting_ = frame;
  running_ = count_;
  begin(frame);
  for (Branch* each = branches_; each != nullptr; each = each->next_) each->start_.emplace(*each);
}

void BranchesWait::note_end(Branch& branch) noexcept {
  branch.has_ended_ = true;
  --running_;
  if (decisive_ == nullptr && !is_stopped_ &&
      (until_ == Until::first_ended || branch.has_failed())) {
    decisive_ = &branch;
    end_others();
  }
  if (running_ == 0 && !is_ending_) go_on();
}

void BranchesWait::end_others() noexcept {
  // what the frames hold may run anything when it goes, so that more of them end, or that somebody
  // wants this coroutine to end: meanwhile it is as one that runs
  is_ending_ = true;
  begin_not();
  for (Branch* each = branches_; each != nullptr; each = each->next_) {
    if (each->has_ended_) continue;
    if (!each->can_end()) {
      each->Chain::stop();  // it runs further up this stack: it ends by itself, where it next waits
      continue;
    }
    each->has_ended_ = true;
    --running_;
    each->start_.reset();
    each->drop();
  }
  is_ending_ = false;
  begin(waiting_);
}

void BranchesWait::stop() noexcept {
  if (decisive_ != nullptr) return;  // it goes on by itself
  is_stopped_ = true;
  for (Branch* each = branches_; each != nullptr; each = each->next_) {
    if (!each->has_ended_) each->Chain::stop();
  }
}

bool BranchesWait::can_end() const noexcept {
  for (const Branch* each = branches_; each != nullptr; each = each->next_) {
    if (!each->has_ended_ && !each->can_end()) return false;
  }
  return true;
}

void BranchesWait::check() const {
  if (is_stopped_) stopped_error().raise();
  if (decisive_ != nullptr && decisive_->has_failed()) decisive_->rethrow();
}

void throw_nothing_to_await() { Error::type("when_any of nothing would never end").raise(); }
Error timeout_error() { return Error::named("TimeoutError", "the time was up"); }

}  // namespace quip::detail
