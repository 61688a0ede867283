// Coroutines of C++ that scripts see as promises.
#pragma once

#include <quip/async/coroutine.hpp>
#include <quip/async/promise.hpp>
#include <quip/core/context.hpp>
#include <quip/core/runtime.hpp>
#include <quip/function/native.hpp>

#include <concepts>
#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace quip {

namespace detail {

struct Cell;

/// What a coroutine ended with: a value, or an exception.
template <class T>
class Outcome {
 public:
  template <class U>
  void set(U&& value) {
    ended_.template emplace<1>(std::forward<U>(value));
  }
  void fail(std::exception_ptr exception) noexcept {
    ended_.template emplace<2>(std::move(exception));
  }
  /// Once, when it has ended.
  T take() {
    if (ended_.index() == 2) std::rethrow_exception(std::get<2>(std::move(ended_)));
    return std::get<1>(std::move(ended_));
  }
  [[nodiscard]] bool has_ended() const noexcept { return ended_.index() != 0; }
  [[nodiscard]] bool has_failed() const noexcept { return ended_.index() == 2; }
  /// The exception; null when it has not failed.
  [[nodiscard]] std::exception_ptr failure() const noexcept {
    return has_failed() ? std::get<2>(ended_) : nullptr;
  }

 private:
  std::variant<std::monostate, T, std::exception_ptr> ended_;
};
template <>
class Outcome<void> {
 public:
  void set() noexcept { has_ended_ = true; }
  void fail(std::exception_ptr exception) noexcept {
    has_ended_ = true;
    exception_ = std::move(exception);
  }
  void take() {
    if (exception_ != nullptr) std::rethrow_exception(std::exchange(exception_, nullptr));
  }
  [[nodiscard]] bool has_ended() const noexcept { return has_ended_; }
  [[nodiscard]] bool has_failed() const noexcept { return exception_ != nullptr; }
  [[nodiscard]] std::exception_ptr failure() const noexcept { return exception_; }

 private:
  bool has_ended_ = false;
  std::exception_ptr exception_;
};

/// What the coroutine of a Task keeps beside its frame.
template <class T>
class TaskLinkBase : public Link {
 public:
  void unhandled_exception() noexcept { outcome.fail(std::current_exception()); }
  Outcome<T> outcome;
};
template <class T>
class TaskLink : public TaskLinkBase<T> {
 public:
  Task<T> get_return_object() noexcept;
  template <class U = T>
    requires std::convertible_to<U&&, T>
  void return_value(U&& value) {
    this->outcome.set(std::forward<U>(value));
  }
};
template <>
class TaskLink<void> : public TaskLinkBase<void> {
 public:
  Task<void> get_return_object() noexcept;
  void return_void() noexcept { outcome.set(); }
};

template <class T>
class TaskAwaiter;

}  // namespace detail

/// A coroutine of C++ that has not begun: it runs when it is awaited by another, given to
/// Ctx::spawn or Runtime::run_until, or returned from a bound function, where it is a promise.
///
///     quip::Task<std::string> greet(std::string name) {
///       co_await quip::sleep(100ms);
///       co_return "hello " + name;
///     }
///     ctx.globals().set("greet", &greet);  // JavaScript: await greet("you")
///
/// It may hold handles and a Ctx, and runs on the thread that uses the runtime, one coroutine at a
/// time. What it throws rejects the promise: the same exception comes out where C++ awaits that.
/// The runtime owns what was spawned: when it is destroyed, so are the frames that are suspended,
/// the last spawned first; their local variables are, too. A Task that never ran only is destroyed.
///
/// The parameters of a bound coroutine are copies (its caller has gone when it goes on), or
/// references to objects of native classes, which are kept alive until it ends, as is `this`.
template <class T>
class [[nodiscard]] Task {
  static_assert(!std::is_reference_v<T>,
                "a Task's result is a value: return a pointer or a handle");

 public:
  using value_type = T;
  using promise_type = detail::TaskLink<T>;
  using Frame = std::coroutine_handle<promise_type>;

  /// No coroutine; awaiting it is an error.
  Task() noexcept = default;
  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    Task moved(std::move(other));
    std::swap(frame_, moved.frame_);
    return *this;
  }
  ~Task() {
    if (frame_ == nullptr) return;
    if (frame_.promise().awaited != nullptr) [[unlikely]]
      detail::end_awaited(frame_.promise());
    frame_.destroy();
  }
  /// Whether there is a coroutine.
  explicit operator bool() const noexcept { return frame_ != nullptr; }

  /// @internal
  explicit Task(Frame frame) noexcept : frame_(frame) {}
  [[nodiscard]] Frame frame() const noexcept { return frame_; }
  Frame release() noexcept { return std::exchange(frame_, nullptr); }
  /// `co_await task`: begins the coroutine and waits for its end.
  [[nodiscard]] detail::TaskAwaiter<T> await_in(detail::Chain& chain) && {
    return detail::TaskAwaiter<T>(std::move(*this), chain);
  }

 private:
  Frame frame_ = nullptr;
};

namespace detail {

template <class T>
Task<T> TaskLink<T>::get_return_object() noexcept {
  return Task<T>(Task<T>::Frame::from_promise(*this));
}
inline Task<void> TaskLink<void>::get_return_object() noexcept {
  return Task<void>(Task<void>::Frame::from_promise(*this));
}

/// Throws the error of a Task without a coroutine.
[[noreturn]] void throw_empty_task();

template <class T>
class TaskAwaiter {
 public:
  TaskAwaiter(Task<T> task, Chain& chain) noexcept : chain_(chain) {
    if (!task) return;
    child_.link = &task.frame().promise();
    child_.frame = task.release();
  }
  TaskAwaiter(const TaskAwaiter&) = delete;
  TaskAwaiter& operator=(const TaskAwaiter&) = delete;
  ~TaskAwaiter() {
    if (child_.owner != nullptr) child_.owner->awaited = nullptr;
    if (child_.frame == nullptr) return;
    if (child_.link->awaited != nullptr) [[unlikely]]
      end_awaited(*child_.link);
    child_.frame.destroy();
  }
  [[nodiscard]] bool await_ready() const {
    if (child_.frame == nullptr) throw_empty_task();
    return false;
  }
  template <class P>
  void await_suspend(std::coroutine_handle<P> parent) noexcept {
    child_.link->chain = &chain_;
    child_.link->parent = parent;
    if constexpr (std::is_base_of_v<Link, P>) {
      child_.owner = &parent.promise();
      child_.owner->awaited = &child_;
      child_.link->held_by = &child_;
    }
    run_next(child_.frame);
  }
  T await_resume() { return static_cast<TaskLink<T>*>(child_.link)->outcome.take(); }

 private:
  Child child_;
  Chain& chain_;
};

// ---- chains that the runtime owns
// -----------------------------------------------------------------

/// A chain that nobody awaits in C++; its core knows it and destroys it at its end.
class Root : public Chain {
 public:
  /// Throws when memory is short.
  explicit Root(Core* runtime);
  ~Root() override;
  /// Has it stopped when the token says so, from whatever thread.
  void stop_by(std::stop_token by);
  /// The runtime is being destroyed, and does not know of it any more: it has to end its
  /// coroutines.
  virtual void end_with_runtime() noexcept { delete this; }

 private:
  friend class Scheduler;
  struct Relay {
    std::shared_ptr<Mailbox> mailbox;
    std::uint64_t number;
    void operator()() const noexcept;
  };
  std::uint64_t number_ = 0;
  Root* previous_ = nullptr;
  Root* next_ = nullptr;
  bool is_listed_ = false;
  std::optional<std::stop_callback<Relay>> relay_;
};

/// What a call was made with, kept alive for what goes on after it: `this`, the arguments and the
/// function. May end on any thread.
class KeptCall {
 public:
  KeptCall() noexcept = default;
  /// Nobody may take the C++ objects away meanwhile. Throws when memory is short.
  explicit KeptCall(const NativeCall& call) : KeptCall() { keep(call); }
  /// The same of one that keeps nothing yet.
  void keep(const NativeCall& call);
  KeptCall(KeptCall&&) noexcept = default;
  KeptCall& operator=(KeptCall&& other) noexcept {
    function_.swap(other.function_);
    std::swap(values_, other.values_);
    std::swap(used_, other.used_);
    std::swap(objects_, other.objects_);
    return *this;
  }
  ~KeptCall();
  /// For a payload that owns this. Objects that could be taken away are not shown: to allow that
  /// again they have to be there at the end.
  void trace(Tracer& tracer) const noexcept;
  /// Has the C++ objects outlive the runtime too, as far as they can be shared: those that a
  /// unique_ptr holds, and what a lambda captures, end with it.
  void keep_beyond_runtime();

 private:
  /// An object that C++ could take away.
  struct Used {
    Used(Handle used, Cell* of) noexcept : value(std::move(used)), cell(of) {}
    Handle value;
    Cell* cell;
  };
  void keep(JSContext* ctx, JSValueConst value);
  Handle function_;  // most calls have nothing else to keep
  std::vector<Handle> values_;
  std::vector<Used> used_;
  std::vector<std::shared_ptr<void>> objects_;
};

/// One whose end settles a JS promise, and which keeps alive what the call was made with.
class PromisedRoot : public Root {
 public:
  using Root::Root;
  /// Makes the promise, then runs the coroutine until it waits for the first time. Takes `root`
  /// over in any case. Owned, or an exception. `call` may be null.
  static JSValue start(JSContext* ctx, PromisedRoot* root, const NativeCall* call) noexcept;

 protected:
  [[nodiscard]] virtual std::coroutine_handle<> frame() noexcept = 0;
  [[nodiscard]] JSContext* context() const noexcept { return resolve_.realm()->context; }
  /// Settles with a value, which it takes over, or with the pending exception.
  void settle(JSValue value) noexcept;

 private:
  Handle resolve_;
  Handle reject_;
  KeptCall kept_;
};

template <class T>
class PromisedTask final : public PromisedRoot {
 public:
  PromisedTask(Core* runtime, Task<T> task) : PromisedRoot(runtime), task_(std::move(task)) {
    task_.frame().promise().chain = this;
  }
  void finish() noexcept override {
    settle(contained(context(), [&]() -> JSValue {
      if constexpr (std::is_void_v<T>) {
        task_.frame().promise().outcome.take();
        return engine::undefined();
      } else {
        return into_js(context(), task_.frame().promise().outcome.take());
      }
    }));
    delete this;
  }

 private:
  std::coroutine_handle<> frame() noexcept override { return task_.frame(); }
  Task<T> task_;
};

template <class T>
JSValue promise_of_task(JSContext* ctx, Task<T>&& task, const NativeCall* call,
                        std::stop_token token = {}) {
  if (!task) throw_empty_task();
  auto root = std::make_unique<PromisedTask<T>>(realm_of(ctx)->core, std::move(task));
  if (token.stop_possible()) root->stop_by(std::move(token));
  return PromisedRoot::start(ctx, root.release(), call);
}

/// One that Runtime::run_until waits for.
template <class T>
class AwaitedTask final : public Root {
 public:
  AwaitedTask(Core* runtime, Task<T> task) : Root(runtime), task_(std::move(task)) {
    task_.frame().promise().chain = this;
  }
  AwaitedTask(const AwaitedTask&) = delete;
  AwaitedTask& operator=(const AwaitedTask&) = delete;
  /// What ends with the frame may destroy the runtime, which ends the task if it is there.
  ~AwaitedTask() override { const Task<T> last = std::move(task_); }
  void finish() noexcept override {}
  void end_with_runtime() noexcept override { task_ = Task<T>(); }
  [[nodiscard]] bool is_gone() const noexcept { return !task_; }
  [[nodiscard]] bool has_ended() const noexcept {
    return is_gone() || task_.frame().promise().outcome.has_ended();
  }
  T take() { return task_.frame().promise().outcome.take(); }
  [[nodiscard]] std::coroutine_handle<> frame() const noexcept { return task_.frame(); }

 private:
  Task<T> task_;
};

/// What a bound coroutine returns is a promise; it keeps the objects of the call.
template <class T>
struct ResultOf<Task<T>> {
  static JSValue into_js(const NativeCall& call, Task<T>&& task) {
    return promise_of_task(call.ctx, std::move(task), &call);
  }
};
template <class T>
inline constexpr bool outlives_its_call<Task<T>> = true;

}  // namespace detail

/// A Task becomes a promise, and begins.
template <class T>
struct Convert<Task<T>> {
  static JSValue into_js(JSContext* ctx, Task<T>&& task) {
    return detail::promise_of_task(ctx, std::move(task), nullptr);
  }
};

template <class T>
Promise<T> Ctx::spawn(Task<T> task, std::stop_token token) const {
  return try_spawn(std::move(task), std::move(token)).value();
}
template <class T>
Result<Promise<T>> Ctx::try_spawn(Task<T> task, std::stop_token token) const {
  const detail::Entry entry(realm_);
  if (!entry) return detail::refusal(realm_);
  return detail::from_owned<Promise<T>>(
      realm_, detail::contained(realm_->context, [&] {
        return detail::promise_of_task(realm_->context, std::move(task), nullptr, std::move(token));
      }));
}

template <class T>
T Runtime::run_until(Task<T> task) {
  if (!task) detail::throw_empty_task();
  detail::Core* core = owned_core();
  std::optional<detail::AwaitedTask<T>> awaited;
  {
    const detail::Entry entry(core);
    if (!entry) throw RuntimeGone();
    awaited.emplace(core, std::move(task));
    detail::run_frames(awaited->frame());
    // the task may have destroyed this Runtime, and the core goes with the entry
    if (core->closing) throw RuntimeGone();
  }
  run_while(core, [&]() noexcept { return !awaited->has_ended(); });
  if (awaited->is_gone()) throw RuntimeGone();
  if (!awaited->has_ended()) raise_stuck(core);
  return awaited->take();
}

}  // namespace quip
