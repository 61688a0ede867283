// What is no promise but calls back: awaited by coroutines, completed from any thread.
#pragma once

#include <quip/async/coroutine.hpp>
#include <quip/async/mailbox.hpp>
#include <quip/async/task.hpp>

#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

namespace quip {

namespace detail {

class CompletionWait;

/// Who waits for a Completion, and whether it is complete.
class CompletionState : public std::enable_shared_from_this<CompletionState> {
 public:
  /// Notes that it is complete, and wakes who waits; false when it was before. `store` puts the
  /// value down, under the lock. From any thread.
  template <class Store>
  bool complete(const Store& store) {
    std::unique_lock guard(lock_);
    if (is_complete_) return false;
    store();
    is_complete_ = true;
    const std::shared_ptr<Mailbox> mailbox = mailbox_;
    guard.unlock();
    if (mailbox != nullptr) wake(mailbox);
    return true;
  }
  [[nodiscard]] bool is_complete() const;

 private:
  friend class CompletionWait;
  void wake(const std::shared_ptr<Mailbox>& mailbox);
  mutable std::mutex lock_;
  bool is_complete_ = false;
  std::shared_ptr<Mailbox> mailbox_;  // of the runtime of who waits
  CompletionWait* wait_ = nullptr;    // on that runtime's thread alone
};

class CompletionWait : public Waiter {
 public:
  CompletionWait(std::shared_ptr<CompletionState> state, Chain& chain) noexcept
      : Waiter(chain), state_(std::move(state)) {}
  ~CompletionWait() override;
  [[nodiscard]] bool await_ready() const { return state_->is_complete(); }
  bool await_suspend(std::coroutine_handle<> frame);
  void stop() noexcept override;

 protected:
  /// Throws when it was stopped.
  void check() const;
  void leave() noexcept;

 private:
  friend class CompletionState;
  std::shared_ptr<CompletionState> state_;
  std::optional<Operation> operation_;
  bool is_stopped_ = false;
  bool is_busy_ = false;  // somebody else waits for it
};

}  // namespace detail

/// A value that comes once, from a callback or another thread, to a coroutine that awaits it.
///
///     quip::Completion<Reply> reply;
///     client.get(url, [reply](Reply got) { reply.set(std::move(got)); });
///     const Reply got = co_await reply;
///
/// Copies are of the same. It may be set before it is awaited; one coroutine awaits it, once. The
/// runtime's loop does not end while one waits for it.
template <class T = void>
class Completion {
 public:
  Completion() : state_(std::make_shared<State>()) {}

  /// Completes it; false when it was complete before. From any thread.
  template <class... A>
  bool set(A&&... value) const {
    return state_->complete([&] { state_->outcome.set(std::forward<A>(value)...); });
  }
  /// Completes it with an exception, which is thrown where it is awaited.
  bool fail(std::exception_ptr exception) const {
    return state_->complete([&] { state_->outcome.fail(std::move(exception)); });
  }
  bool fail(const Error& error) const { return fail(std::make_exception_ptr(error)); }
  [[nodiscard]] bool is_complete() const { return state_->is_complete(); }

 private:
  struct State final : detail::CompletionState {
    detail::Outcome<T> outcome;
  };
  class Awaiter final : public detail::CompletionWait {
   public:
    Awaiter(const std::shared_ptr<State>& state, detail::Chain& chain) noexcept
        : CompletionWait(state, chain), own_(state.get()) {}
    T await_resume() {
      check();
      return own_->outcome.take();
    }

   private:
    State* own_;
  };

 public:
  /// @internal
  [[nodiscard]] Awaiter await_in(detail::Chain& chain) const { return Awaiter(state_, chain); }

 private:
  std::shared_ptr<State> state_;
};

}  // namespace quip
