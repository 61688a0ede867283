// Many runtimes with a thread each: jobs go in, results come out.
#pragma once

#include <quip/async/promise.hpp>
#include <quip/async/task.hpp>
#include <quip/core/limits.hpp>
#include <quip/core/runtime.hpp>
#include <quip/function/function.hpp>
#include <quip/module/bundle.hpp>
#include <quip/thread/message.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace quip {

/// What a RuntimePool is made with; every member may be left out.
struct RuntimePoolOptions {
  /// How many runtimes, each with its thread; 0 for as many as the machine has cores.
  std::size_t threads = 0;
  /// Of each of the runtimes.
  RuntimeOptions runtime = {};
  /// The text of an ES module that every runtime gets: it is compiled once, and each runtime loads
  /// the bytecode. `call` finds the functions that it exports.
  std::string script = {};
  std::string script_name = "pool.js";  ///< its name in stacks
  /// The same of modules that were compiled before, whose entry is the script (see Bundle).
  std::optional<Bundle> bundle = {};
  /// Called in each runtime before the script runs there, on its thread: several at once.
  std::function<void(Ctx)> setup = {};
  /// The most time for a job; 0 for no limit (see JobOptions).
  std::chrono::nanoseconds job_limit{0};
  /// How many jobs that await something one runtime may have at once: with 1, a job has the runtime
  /// for itself until its promise is settled.
  std::size_t jobs_per_runtime = 1;
  /// Whether scripts may call Atomics.wait (see Runtime::set_can_block).
  bool can_block = false;
};

/// What is said about one job.
struct JobOptions {
  /// The most time that it may take from its beginning on, instead of the pool's; 0 for no limit.
  /// A script that runs longer is stopped with an Error of ErrorKind::interrupted; a job that waits
  /// longer ends with a "TimeoutError".
  std::optional<std::chrono::nanoseconds> limit = {};
};

namespace detail {

class PoolState;
class PoolWorker;

/// Work for one of the runtimes. Once it was begun it is destroyed there.
class PoolJob {
 public:
  PoolJob() = default;
  PoolJob(const PoolJob&) = delete;
  PoolJob& operator=(const PoolJob&) = delete;
  virtual ~PoolJob() = default;
  /// Does it; what is returned, if anything, has to be awaited yet. Nothing is thrown.
  virtual Task<> start(const Ctx& ctx, PoolWorker& worker) noexcept = 0;

  std::optional<std::chrono::nanoseconds> limit;
  std::optional<Error> reason;  ///< why it is stopped
};

/// An exception as it leaves its runtime: without handles.
std::exception_ptr leaving(const std::exception_ptr& exception) noexcept;
/// What is left of a job that did not end.
std::exception_ptr job_stopped() noexcept;
/// The function that the pool's script exports, or a global one.
Function pool_function(PoolWorker& worker, const std::string& name);
/// Tells the runtime's error handler.
void report_in_pool(const std::exception_ptr& exception) noexcept;
/// Hands a job to the pool; false, and it is destroyed, when that is closed.
bool add_job(PoolState* pool, std::unique_ptr<PoolJob> job);

/// Whether a T holds handles, as far as its type says so: they must not leave their runtime.
template <class T>
inline constexpr bool holds_handle = std::is_base_of_v<Value, T> || std::is_same_v<T, Context> ||
                                     std::is_same_v<T, Ctx> || std::is_same_v<T, Atom>;
template <template <class...> class C, class... A>
inline constexpr bool holds_handle<C<A...>> =
    std::is_base_of_v<Value, C<A...>> || (... || holds_handle<std::remove_cv_t<A>>);

/// What a future is of whose job returns an R.
template <class R>
struct JobResultOf {
  using type = R;
};
template <class T>
struct JobResultOf<Task<T>> : JobResultOf<T> {};
template <class T>
struct JobResultOf<Promise<T>> : JobResultOf<T> {};
template <class T>
struct JobResultOf<Result<T>> : JobResultOf<T> {};
template <class F>
using JobResult = typename JobResultOf<std::decay_t<std::invoke_result_t<F&, Ctx>>>::type;

/// One whose end is a future.
template <class R>
class PromisedJob : public PoolJob {
 public:
  static_assert(!holds_handle<R>,
                "a job's result leaves its runtime: return a C++ value or a quip::Message");
  ~PromisedJob() override {
    if (!is_done_) promise_.set_exception(job_stopped());
  }
  [[nodiscard]] std::future<R> future() { return promise_.get_future(); }

 protected:
  template <class... V>
  void succeed(V&&... value) {
    promise_.set_value(std::forward<V>(value)...);
    is_done_ = true;
  }
  void fail(const std::exception_ptr& exception) noexcept {
    if (is_done_) return;
    is_done_ = true;
    promise_.set_exception(reason ? std::make_exception_ptr(*reason) : leaving(exception));
  }
  // What may fail, or is to be awaited.
  Task<> take(Result<R>&& result) {
    if constexpr (std::is_void_v<R>) {
      result.value();
      succeed();
    } else {
      succeed(std::move(result).value());
    }
    return {};
  }
  Task<> take(Task<R>&& task) { return wait(std::move(task)); }
  Task<> take(Promise<R>&& promise) { return wait(std::move(promise)); }

 private:
  template <class Awaited>
  Task<> wait(Awaited awaited) {
    try {
      if constexpr (std::is_void_v<R>) {
        co_await std::move(awaited);
        succeed();
      } else {
        R value = co_await std::move(awaited);
        succeed(std::move(value));
      }
    } catch (...) {
      fail(std::current_exception());
    }
  }
  std::promise<R> promise_;
  bool is_done_ = false;
};

/// A job of C++.
template <class F>
class FunctionJob final : public PromisedJob<JobResult<F>> {
 public:
  explicit FunctionJob(F function) : function_(std::move(function)) {}
  Task<> start(const Ctx& ctx, PoolWorker&) noexcept override {
    try {
      using Returned = std::decay_t<std::invoke_result_t<F&, Ctx>>;
      if constexpr (std::is_void_v<Returned>) {
        std::invoke(function_, ctx);
        this->succeed();
        return {};
      } else if constexpr (std::is_same_v<Returned, JobResult<F>>) {
        this->succeed(std::invoke(function_, ctx));
        return {};
      } else {
        return this->take(std::invoke(function_, ctx));
      }
    } catch (...) {
      this->fail(std::current_exception());
      return {};
    }
  }

 private:
  F function_;
};

/// A call of a function of JavaScript.
template <class R, class... A>
class CallJob final : public PromisedJob<R> {
 public:
  template <class... B>
  explicit CallJob(std::string name, B&&... arguments)
      : name_(std::move(name)), arguments_(std::forward<B>(arguments)...) {}
  Task<> start(const Ctx& ctx, PoolWorker& worker) noexcept override {
    try {
      const Function function = pool_function(worker, name_);
      Value value = std::apply(
          [&](auto&... arguments) { return function.call<Value>(argument(ctx, arguments)...); },
          arguments_);
      if (value.is_promise()) return settle(value.as<Promise<Value>>());
      finish(value);
    } catch (...) {
      this->fail(std::current_exception());
    }
    return {};
  }

 private:
  template <class T>
  static decltype(auto) argument(const Ctx& ctx, T& value) {
    if constexpr (std::is_same_v<T, Message>) {
      return value.template to<Value>(ctx);
    } else {
      return std::move(value);
    }
  }
  void finish(const Value& value) {
    if constexpr (std::is_void_v<R>) {
      this->succeed();
    } else if constexpr (std::is_same_v<R, Message>) {
      this->succeed(Message::from(value));
    } else {
      this->succeed(value.template as<R>());
    }
  }
  Task<> settle(Promise<Value> promise) {
    try {
      const Value value = co_await promise;
      finish(value);
    } catch (...) {
      this->fail(std::current_exception());
    }
  }
  std::string name_;
  std::tuple<A...> arguments_;
};

/// A job whose end nobody waits for.
template <class F>
class PostedJob final : public PoolJob {
 public:
  explicit PostedJob(F function) : function_(std::move(function)) {}
  Task<> start(const Ctx& ctx, PoolWorker&) noexcept override {
    try {
      using Returned = std::decay_t<std::invoke_result_t<F&, Ctx>>;
      if constexpr (std::is_same_v<Returned, Task<>>) {
        return wait(std::invoke(function_, ctx));
      } else {
        static_assert(std::is_void_v<Returned>, "a posted job returns nothing, or a quip::Task<>");
        std::invoke(function_, ctx);
      }
    } catch (...) {
      report_in_pool(std::current_exception());
    }
    return {};
  }

 private:
  static Task<> wait(Task<> task) {
    try {
      co_await std::move(task);
    } catch (...) {
      report_in_pool(std::current_exception());
    }
  }
  F function_;
};

/// Arguments are kept until the job runs: text by value.
template <class T>
using KeptArgument = std::conditional_t<std::is_convertible_v<const T&, std::string_view>,
                                        std::string, std::decay_t<T>>;

}  // namespace detail

/// N runtimes, each with a context and a thread of its own, that share the work:
///
///     quip::RuntimePool pool({.script = "export function area(w, h) { return w * h; }"});
///     std::future<int> area = pool.call<int>("area", 6, 7);
///     std::future<std::string> text = pool.submit([](quip::Ctx ctx) {
///       return ctx.eval<std::string>("JSON.stringify([1, 2])");
///     });
///
/// Jobs begin in the order in which they came, each in the runtime that is free first. What a job
/// leaves in its runtime (globals, timers, listening ports) stays there for the jobs behind it, and
/// the runtime's loop goes on with it in between.
///
/// What goes in and out belongs to no runtime: C++ values and Messages. A job's exception comes out
/// of its future: an Error without handles (see Error::detached), or the very C++ exception.
///
/// A pool may be used on any thread but those of its jobs, which must neither wait for it nor
/// destroy it: they may submit and post.
class RuntimePool {
 public:
  /// Starts the threads and waits until each has run `setup` and the script. Throws what one of
  /// them throws, or the script's SyntaxError; then none is left.
  explicit RuntimePool(RuntimePoolOptions options = {});
  /// As the constructor, with the error as a value.
  static Result<RuntimePool> try_make(RuntimePoolOptions options = {});
  RuntimePool(RuntimePool&& other) noexcept;
  RuntimePool& operator=(RuntimePool&& other) noexcept;
  /// As `stop`.
  ~RuntimePool();

  /// Has f(ctx) called in one of the runtimes, and its result put into the future. A Task or
  /// Promise that it returns is awaited there, a Result is its value or its error. The result must
  /// not hold handles: that is refused at compile time as far as its type tells. `f` need not be
  /// copyable. The future of a pool that is closed has an "AbortError".
  template <class F>
  std::future<detail::JobResult<std::decay_t<F>>> submit(F&& f, const JobOptions& options = {}) {
    return add(std::make_unique<detail::FunctionJob<std::decay_t<F>>>(std::forward<F>(f)), options);
  }
  /// Calls a function that the script exports, or a global one, with those arguments: C++ values
  /// that convert, and Messages. A promise that it returns is awaited. R is what a value converts
  /// to, a Message for a clone of it, or void.
  template <class R = void, class... A>
  std::future<R> call(std::string name, A&&... arguments) {
    static_assert((... && !detail::holds_handle<std::decay_t<A>>),
                  "arguments go to another runtime: pass C++ values or quip::Messages");
    return add(std::make_unique<detail::CallJob<R, detail::KeptArgument<A>...>>(
                   std::move(name), std::forward<A>(arguments)...),
               {});
  }
  /// Has f(ctx) called like `submit` does, and tells nobody of its end; f returns nothing, or a
  /// Task<>. What it throws goes to the runtime's error handler (see Runtime::set_error_handler).
  /// False, and f is destroyed, when the pool is closed.
  template <class F>
  bool post(F&& f, const JobOptions& options = {}) {
    auto job = std::make_unique<detail::PostedJob<std::decay_t<F>>>(std::forward<F>(f));
    job->limit = options.limit;
    return detail::add_job(state_.get(), std::move(job));
  }

  /// Takes no job any more, waits until all that it has are done, and ends the threads.
  void close();
  /// Ends the threads at once: scripts that run are stopped (see StopScope), jobs that wait are
  /// ended, those that did not begin never will. Their futures have an "AbortError".
  void stop() noexcept;

  /// How many runtimes it has; 0 once it was closed.
  [[nodiscard]] std::size_t size() const noexcept;
  /// How many jobs have not ended yet.
  [[nodiscard]] std::size_t pending() const noexcept;

 private:
  explicit RuntimePool(std::unique_ptr<detail::PoolState> state) noexcept;
  template <class J>
  auto add(std::unique_ptr<J> job, const JobOptions& options) {
    auto future = job->future();
    job->limit = options.limit;
    (void)detail::add_job(state_.get(), std::move(job));
    return future;
  }
  std::unique_ptr<detail::PoolState> state_;
};

}  // namespace quip
