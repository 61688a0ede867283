// Runtimes in a libuv loop. Not a part of quip.hpp: it needs libuv (1.x), and who includes it links
// that.
#pragma once

#include <quip/async/executor.hpp>
#include <quip/core/error.hpp>

#include <uv.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace quip {

/// The error of libuv's number for it, worded as Node does: "ENOENT: no such file or directory,
/// open 'x'".
/// @param status a negative result of a libuv function.
/// @param what what failed, e.g. "open 'x'".
inline Error uv_error(int status, std::string_view what) {
  std::string text = uv_err_name(status);
  text += ": ";
  text += uv_strerror(status);
  text += ", ";
  text += what;
  return Error::plain(std::move(text));
}

namespace detail {

/// An executor's handles in a loop. libuv wants their memory until it has closed them, which is
/// after the executor's end.
class UvHandles : public std::enable_shared_from_this<UvHandles> {
 public:
  using Work = std::function<void()>;

  /// On the loop's thread, or while the loop does not run. Throws Error.
  static std::shared_ptr<UvHandles> open(uv_loop_t* loop) {
    auto made = std::make_shared<UvHandles>();
    const int status = uv_async_init(loop, &made->async_, &on_async);
    if (status < 0) uv_error(status, "uv_async_init").raise();
    uv_timer_init(loop, &made->timer_);
    made->async_.data = made.get();
    made->timer_.data = made.get();
    made->in_libuv_ = made;
    // The first turn of the loop finds out which thread runs it, and lets go of the loop.
    uv_async_send(&made->async_);
    return made;
  }

  void post(Work work) {
    const std::scoped_lock guard(lock_);
    if (is_closing()) return;
    works_.push_back(std::move(work));
    hold_loop();
    uv_async_send(&async_);
  }

  void post_after(Clock::duration delay, Work work) {
    Work replaced;  // it goes without the lock
    const std::scoped_lock guard(lock_);
    thread_ = std::this_thread::get_id();  // nobody else may call this
    replaced = std::exchange(at_time_, std::move(work));
    if (is_closing()) return;
    if (at_time_ == nullptr) {
      uv_timer_stop(&timer_);
    } else {
      uv_timer_start(&timer_, &on_timer, timeout(delay), 0);
    }
  }

  void set_held(bool is_held) noexcept {
    const std::scoped_lock guard(lock_);
    is_held_ = is_held;
    if (is_closing()) return;
    if (owns_thread()) {
      hold_loop();
    } else {
      uv_async_send(&async_);
    }
  }

  [[nodiscard]] bool owns_thread() const noexcept { return thread_ == std::this_thread::get_id(); }

  /// The executor is gone.
  void close() noexcept {
    std::deque<Work> dropped;
    Work dropped_too;
    const std::shared_ptr<UvHandles> keep = shared_from_this();
    const std::scoped_lock guard(lock_);
    has_ended_ = true;
    dropped.swap(works_);
    dropped_too.swap(at_time_);
    if (is_closed()) {
      in_libuv_.reset();
    } else if (owns_thread()) {
      close_handles();
    } else if (!is_closing()) {
      uv_async_send(&async_);  // uv_close is for the loop's thread
    }
  }

 private:
  /// Milliseconds of the loop's clock until that time is over; the loop's "now" may be long ago.
  [[nodiscard]] std::uint64_t timeout(Clock::duration delay) const noexcept {
    constexpr std::uint64_t in_ms = 1'000'000;
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(delay).count();
    const std::uint64_t due = uv_hrtime() + (ns > 0 ? static_cast<std::uint64_t>(ns) : 0);
    const std::uint64_t due_ms = due / in_ms + (due % in_ms != 0 ? 1 : 0);
    const std::uint64_t now_ms = uv_now(timer_.loop);
    return due_ms > now_ms ? due_ms - now_ms : 0;
  }

  // ---- under the lock ----

  /// Whether the handles are of no use any more: the loop's owner may have closed them, too.
  [[nodiscard]] bool is_closing() const noexcept {
    return uv_is_closing(handle(async_)) != 0 || uv_is_closing(handle(timer_)) != 0;
  }
  /// Whether libuv has let go of both. Then there may be no loop any more.
  [[nodiscard]] bool is_closed() const noexcept {
    constexpr unsigned closed = 2;  // UV_HANDLE_CLOSED, since 1.0; there is no function that tells
    return (async_.flags & closed) != 0 && (timer_.flags & closed) != 0;
  }
  /// Has the handle keep the loop running, or not. On another thread than the loop's it does not;
  /// but there the handle keeps it running until its thread is known.
  void hold_loop() noexcept {
    const bool wanted = is_held_ || !works_.empty();
    if (wanted == holds_loop_ || !owns_thread() || is_closing()) return;
    holds_loop_ = wanted;
    if (wanted) {
      uv_ref(handle(async_));
    } else {
      uv_unref(handle(async_));
    }
  }
  void close_handles() noexcept {
    if (!is_closing()) {
      open_ = 2;
      uv_close(handle(async_), &on_close);
      uv_close(handle(timer_), &on_close);
      return;
    }
    // Somebody else has closed them, so that libuv will not tell when it lets go of them. What is
    // closed in its answer to a close that comes later is closed after them.
    if (uv_is_closing(handle(async_)) == 0) uv_close(handle(async_), nullptr);
    if (uv_is_closing(handle(timer_)) == 0) uv_close(handle(timer_), nullptr);
    open_ = 2;
    close_last();
  }
  void close_last() noexcept {
    uv_timer_init(async_.loop, &last_);
    last_.data = this;
    uv_close(handle(last_), [](uv_handle_t* closed) noexcept {
      auto* self = static_cast<UvHandles*>(closed->data);
      if (--self->open_ > 0) {
        self->close_last();
      } else {
        const auto last = std::move(self->in_libuv_);
      }
    });
  }

  // ---- what libuv calls, on the loop's thread ----

  static void on_async(uv_async_t* async) noexcept {
    const auto self = static_cast<UvHandles*>(async->data)->shared_from_this();
    std::unique_lock guard(self->lock_);
    self->thread_ = std::this_thread::get_id();
    if (self->has_ended_) {
      if (!self->is_closing()) self->close_handles();
      return;
    }
    // what is posted meanwhile comes when others have had their turn
    for (std::size_t left = self->works_.size(); left > 0 && !self->works_.empty(); --left) {
      Work work = std::move(self->works_.front());
      self->works_.pop_front();
      guard.unlock();
      work();
      work = nullptr;
      guard.lock();
    }
    self->hold_loop();
  }

  static void on_timer(uv_timer_t* timer) noexcept {
    const auto self = static_cast<UvHandles*>(timer->data)->shared_from_this();
    Work work;
    {
      const std::scoped_lock guard(self->lock_);
      self->thread_ = std::this_thread::get_id();
      work.swap(self->at_time_);
    }
    if (work != nullptr) work();
  }

  static void on_close(uv_handle_t* closed) noexcept {
    auto* self = static_cast<UvHandles*>(closed->data);
    if (--self->open_ == 0) {
      const auto last = std::move(self->in_libuv_);
    }
  }

  template <class H>
  static uv_handle_t* handle(H& of) noexcept {
    return reinterpret_cast<uv_handle_t*>(&of);
  }
  template <class H>
  static const uv_handle_t* handle(const H& of) noexcept {
    return reinterpret_cast<const uv_handle_t*>(&of);
  }

  uv_async_t async_{};
  uv_timer_t timer_{};
  uv_timer_t last_{};  // see close_handles
  std::mutex lock_;
  // who ran the loop last; before it has run, who made the executor
  std::atomic<std::thread::id> thread_ = std::this_thread::get_id();
  std::deque<Work> works_;
  Work at_time_;
  bool is_held_ = false;
  bool holds_loop_ = true;
  bool has_ended_ = false;
  int open_ = 0;  // closings that libuv has not answered yet
  std::shared_ptr<UvHandles> in_libuv_;
};

class UvExecutor final : public Executor {
 public:
  explicit UvExecutor(uv_loop_t* loop) : handles_(UvHandles::open(loop)) {}
  UvExecutor(const UvExecutor&) = delete;
  UvExecutor& operator=(const UvExecutor&) = delete;
  ~UvExecutor() override { handles_->close(); }

  void post(std::function<void()> work) override { handles_->post(std::move(work)); }
  void post_after(Clock::duration delay, std::function<void()> work) override {
    handles_->post_after(delay, std::move(work));
  }
  [[nodiscard]] bool owns_thread() const noexcept override { return handles_->owns_thread(); }
  void hold() noexcept override { handles_->set_held(true); }
  void release() noexcept override { handles_->set_held(false); }

 private:
  std::shared_ptr<UvHandles> handles_;
};

}  // namespace detail

/// Has a libuv loop drive one runtime:
///
///     runtime.set_executor(quip::uv_executor(uv_default_loop()));
///     context.eval("main()");
///     uv_run(uv_default_loop(), UV_RUN_DEFAULT);
///
/// `uv_run` returns by itself when the runtime has nothing left to do or to wait for, and the
/// program's own handles have not either. A Poster's work from another thread only is waited for if
/// something else keeps the loop running.
///
/// Callbacks of libuv settle promises:
///
///     quip::Deferred<std::string> resolve_host(const quip::Ctx& ctx, std::string name) {
///       struct Request { uv_getaddrinfo_t uv; quip::Deferred<std::string> answer; };
///       auto* request = new Request{{}, quip::Deferred<std::string>(ctx)};
///       request->uv.data = request;
///       … uv_getaddrinfo(loop, &request->uv, [](uv_getaddrinfo_t* uv, int status, addrinfo* found)
///       {
///         const std::unique_ptr<Request> done(static_cast<Request*>(uv->data));
///         if (status < 0) {
///           done->answer.reject(quip::uv_error(status, "getaddrinfo"));
///         } else {
///           done->answer.resolve(text_of(found));
///         }
///       }, name.c_str(), nullptr, nullptr);
///       return request->answer;
///     }
///
/// Either may go first. When the runtime goes first, libuv closes the executor's two handles in the
/// next `uv_run`, as it does with any handle: `uv_loop_close` succeeds after that. The program may
/// also close all handles of the loop with `uv_walk`, those of the executor included (their `data`
/// is not the program's), then the loop; the runtime does nothing more by itself then. No other
/// thread may use the runtime's Deferreds and Posters while the loop is being closed.
///
/// @param loop it outlives the executor, unless its handles were closed. A loop may drive many
///   runtimes, each by an executor of its own.
/// @return throws Error when libuv cannot make the handles. It is made and set on the loop's
/// thread,
///   or while the loop does not run; so are runtimes destroyed that have one.
inline std::shared_ptr<Executor> uv_executor(uv_loop_t* loop) {
  return std::make_shared<detail::UvExecutor>(loop);
}

}  // namespace quip
