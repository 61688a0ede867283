// Promises in coroutines that are not quip's.
#pragma once

#include <quip/async/promise.hpp>
#include <quip/async/task.hpp>

#include <coroutine>
#include <optional>
#include <type_traits>
#include <utility>

namespace quip {

namespace detail {

/// What ends a foreign coroutine's wait when the runtime ends first.
class ForeignChain final : public Root {
 public:
  using End = void (*)(void* of) noexcept;
  ForeignChain(Core* runtime, End end, void* of) : Root(runtime), end_(end), of_(of) {}
  void finish() noexcept override {}
  void end_with_runtime() noexcept override { end_(of_); }

 private:
  End end_;
  void* of_;
};

template <class T>
class ForeignAwaiter {
 public:
  explicit ForeignAwaiter(Handle promise) noexcept : promise_(std::move(promise)) {}
  ForeignAwaiter(const ForeignAwaiter&) = delete;
  ForeignAwaiter& operator=(const ForeignAwaiter&) = delete;
  ~ForeignAwaiter() {
    const Entry entry(promise_.realm());  // refused at the runtime's end, when nobody else uses it
    wait_.reset();
    chain_.reset();
  }
  [[nodiscard]] bool await_ready() {
    const Entry entry(promise_.realm());
    if (!entry) {
      failure_ = refusal(promise_.realm());
      return true;
    }
    chain_.emplace(promise_.realm()->core, &ForeignAwaiter::end, this);
    wait_.emplace(promise_, *chain_);
    return wait_->await_ready();
  }
  bool await_suspend(std::coroutine_handle<> frame) {
    const Entry entry(promise_.realm());
    frame_ = frame;
    return wait_->await_suspend(frame);
  }
  T await_resume() {
    if (failure_) failure_->raise();
    const Entry entry(promise_.realm());  // refused: then the wait says so
    return wait_->await_resume();
  }

 private:
  static void end(void* of) noexcept {
    auto& self = *static_cast<ForeignAwaiter*>(of);
    self.wait_.reset();
    self.failure_ = refusal(self.promise_.realm());
    if (self.frame_ != nullptr) self.frame_.resume();  // which may be the end of this, too
  }
  Handle promise_;
  std::optional<ForeignChain> chain_;
  std::optional<PromiseAwaiter<T>> wait_;
  std::optional<Error> failure_;
  std::coroutine_handle<> frame_;
};

}  // namespace detail

/// `co_await promise` in a coroutine of any kind, whose promise type leaves awaiting to the
/// awaited: it goes on from the runtime's loop, on that one's thread and inside of the runtime, and
/// gets RuntimeGone when the runtime ends first. Its frame must be destroyed on the thread that
/// uses the runtime. (A Task does not need this, nor does an asio::awaitable: see asio.hpp.)
template <class T>
[[nodiscard]] detail::ForeignAwaiter<T> operator co_await(const Promise<T>& promise) noexcept {
  return detail::ForeignAwaiter<T>(promise.handle());
}

}  // namespace quip
