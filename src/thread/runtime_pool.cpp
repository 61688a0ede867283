#include "../async/scheduler.hpp"
#include "../core/core_state.hpp"
#include <quip/thread/runtime_pool.hpp>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <stop_token>
#include <thread>
#include <vector>

namespace quip {

namespace detail {

/// One of the threads, with its runtime. What is not said to be otherwise is that thread's.
class PoolWorker {
 public:
  explicit PoolWorker(PoolState& pool) noexcept : pool_(pool) {}

  /// What the thread does.
  void main() noexcept;
  /// Has the runtime's loop look for a job. From any thread, once it is ready.
  void schedule() {
    (void)mailbox_->post([this] { take(); });
  }
  /// Has a thread that waits look whether it is over. From any thread.
  void wake() noexcept {
    if (mailbox_ != nullptr) mailbox_->wake();
  }
  [[nodiscard]] Function find(const std::string& name) const;

  std::thread thread;

 private:
  /// A job that is awaited.
  struct Pending {
    std::stop_source stop;
    std::optional<TimerKey> timer;
    std::optional<std::multiset<std::chrono::nanoseconds>::iterator> limit;
  };
  void set_up(Runtime& runtime, const Context& context);
  void take();
  void run(std::unique_ptr<PoolJob> job);
  static Task<> follow(PoolWorker* worker, std::unique_ptr<PoolJob> job, Task<> rest,
                       std::shared_ptr<Pending> pending);
  void limit(PoolJob* job, Pending& pending, std::chrono::nanoseconds span, Clock::time_point due);
  void finish(Pending& pending);
  void limit_turns();

  PoolState& pool_;
  std::shared_ptr<Mailbox> mailbox_;  // set before the worker is ready
  Runtime* runtime_ = nullptr;
  Realm* realm_ = nullptr;
  std::optional<Object> exports_;
  std::size_t awaited_ = 0;                         // jobs
  bool is_full_ = false;                            // and therefore looks for no more
  std::multiset<std::chrono::nanoseconds> limits_;  // of these
};

class PoolState {
 public:
  explicit PoolState(RuntimePoolOptions given) : options(std::move(given)) {}

  void start();
  bool add(std::unique_ptr<PoolJob> job);
  void close();
  void stop() noexcept;
  [[nodiscard]] std::size_t size() const noexcept {
    const std::scoped_lock guard(lock_);
    return is_stopping_ ? 0 : workers_.size();
  }
  [[nodiscard]] std::size_t pending() const noexcept {
    const std::scoped_lock guard(lock_);
    return queue_.size() + active_;
  }

  // ---- the workers' side
  void ready(std::exception_ptr failure) noexcept;
  /// The next job, which is active then; without one the worker is idle.
  std::unique_ptr<PoolJob> next(PoolWorker* worker) noexcept;
  void job_ended() noexcept;
  [[nodiscard]] bool is_stopping() const noexcept {
    const std::scoped_lock guard(lock_);
    return is_stopping_;
  }

  RuntimePoolOptions options;
  std::stop_source stop_scripts;

 private:
  [[noreturn]] static void refuse_own_thread();
  void check_thread() const;
  mutable std::mutex lock_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<PoolWorker>> workers_;
  std::deque<std::unique_ptr<PoolJob>> queue_;
  std::vector<PoolWorker*> idle_;  // has room for all
  std::size_t active_ = 0;         // jobs that have begun
  std::size_t ready_ = 0;
  std::exception_ptr failure_;  // the first of those that could not start
  bool is_closed_ = false;
  bool is_stopping_ = false;
};

// ---- jobs --------------------------------------------------------------------------------------

std::exception_ptr leaving(const std::exception_ptr& exception) noexcept {
  const Error error = Error::from(exception);
  if (error.origin() != nullptr) return error.origin();
  return std::make_exception_ptr(error.detached());
}

std::exception_ptr job_stopped() noexcept {
  try {
    return std::make_exception_ptr(
        Error::named("AbortError", "the pool was stopped before the job was done"));
  } catch (...) {
    return std::current_exception();
  }
}

Function pool_function(PoolWorker& worker, const std::string& name) { return worker.find(name); }

void report_in_pool(const std::exception_ptr& exception) noexcept {
  if (entered != nullptr) CoreState::of(entered).report_error(Error::from(exception));
}

bool add_job(PoolState* pool, std::unique_ptr<PoolJob> job) {
  return pool != nullptr && pool->add(std::move(job));
}

// ---- a worker ----------------------------------------------------------------------------------

void PoolWorker::set_up(Runtime& runtime, const Context& context) {
  const RuntimePoolOptions& options = pool_.options;
  runtime.set_can_block(options.can_block);
  if (options.bundle) runtime.set_loader(*options.bundle, *options.bundle);
  if (options.setup) context.with([&](const Ctx& ctx) { options.setup(ctx); });
  if (options.bundle) {
    const auto entry = options.bundle->entry();
    const Promise<> loaded = context.with([&](const Ctx& ctx) { return ctx.import(entry); });
    exports_ = loaded.finish<Object>();
  }
  const Work work(runtime.core());
  Scheduler& scheduler = Scheduler::of(runtime.core());
  if (scheduler.has_executor()) {
    Error::plain("the runtimes of a pool have loops of their own: no executor can drive one")
        .raise();
  }
  mailbox_ = scheduler.shared_mailbox();
}

void PoolWorker::main() noexcept {
  std::exception_ptr failure;
  try {
    Runtime runtime(pool_.options.runtime);
    const Context context(runtime);
    const StopScope stop(context, pool_.stop_scripts.get_token());
    try {
      set_up(runtime, context);
    } catch (...) {
      const Entry entry(runtime.core());
      failure = leaving(std::current_exception());
    }
    if (failure == nullptr) {
      runtime_ = &runtime;
      realm_ = context.handle().realm();
      std::optional<Operation> until_stopped;  // the loop waits for jobs
      {
        const Entry entry(runtime.core());
        until_stopped.emplace(mailbox_);
      }
      pool_.ready(nullptr);
      while (!pool_.is_stopping()) {
        std::optional<Error> failed;
        try {
          if (Result<void> ran = runtime.try_run(); !ran) failed = std::move(ran).error();
        } catch (...) {
          failed = Error::from(std::current_exception());
        }
        if (!failed || pool_.is_stopping()) continue;
        const Entry entry(runtime.core());
        if (entry) CoreState::of(runtime.core()).report_error(*failed);
      }
    }
    exports_.reset();
  } catch (...) {
    failure = leaving(std::current_exception());
  }
  if (failure != nullptr) pool_.ready(failure);
}

Function PoolWorker::find(const std::string& name) const {
  Value found;
  if (exports_ && exports_->has(name)) {
    found = exports_->get(name);
  } else {
    found = Ctx(realm_).globals().get(name);
  }
  if (!found.is_function()) {
    Error::reference("'" + name + "' is no function that the pool's script exports, and no global")
        .raise();
  }
  return found.as<Function>();
}

void PoolWorker::take() {
  // Each job has a turn of its own, so that what follows from it is done before the next.
  for (;;) {
    std::unique_ptr<PoolJob> job = pool_.next(this);
    if (job == nullptr) return;
    run(std::move(job));
    if (awaited_ >= std::max<std::size_t>(pool_.options.jobs_per_runtime, 1)) {
      is_full_ = true;
      return;
    }
    try {
      schedule();
      return;
    } catch (...) {
      // no memory to say it: the next one has this turn
    }
  }
}

void PoolWorker::run(std::unique_ptr<PoolJob> job) {
  const Ctx ctx(realm_);
  const std::chrono::nanoseconds span = job->limit.value_or(pool_.options.job_limit);
  const Clock::time_point begin = Clock::now();
  Task<> rest;
  {
    std::optional<Deadline> deadline;
    if (span.count() > 0) deadline.emplace(ctx, span);
    rest = job->start(ctx, *this);
  }
  if (!rest) {
    job.reset();
    pool_.job_ended();
    return;
  }
  ++awaited_;
  auto pending = std::make_shared<Pending>();
  if (span.count() > 0) limit(job.get(), *pending, span, begin + span);
  const std::stop_token token = pending->stop.get_token();
  const auto begun = ctx.try_spawn(follow(this, std::move(job), std::move(rest), pending), token);
  // memory was short: the job is gone
  if (!begun) finish(*pending);
}

Task<> PoolWorker::follow(PoolWorker* worker, std::unique_ptr<PoolJob> job, Task<> rest,
                          std::shared_ptr<Pending> pending) {
  co_await std::move(rest);
  job.reset();
  worker->finish(*pending);
}

void PoolWorker::limit(PoolJob* job, Pending& pending, std::chrono::nanoseconds span,
                       Clock::time_point due) {
  pending.limit = limits_.insert(span);
  limit_turns();
  pending.timer =
      Scheduler::of(realm_->core).add_timer(due, [job, span, stop = pending.stop]() mutable {
        const auto milliseconds =
            std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
        job->reason = Error::named("TimeoutError", "the job took longer than its limit of " +
                                                       std::to_string(milliseconds) + " ms");
        stop.request_stop();
      });
}

/// A job that is awaited has ended.
void PoolWorker::finish(Pending& pending) {
  if (pending.timer) Scheduler::of(realm_->core).cancel_timer(*pending.timer);
  if (pending.limit) {
    limits_.erase(*pending.limit);
    limit_turns();
  }
  --awaited_;
  pool_.job_ended();
  if (std::exchange(is_full_, false)) schedule();
}

void PoolWorker::limit_turns() {
  runtime_->set_turn_limit(limits_.empty() ? std::chrono::nanoseconds(0) : *limits_.begin());
}

// ---- the pool ----------------------------------------------------------------------------------

void PoolState::start() {
  if (!options.script.empty()) {
    if (options.bundle) {
      Error::type("a pool has a script or a bundle, not both").raise();
    }
    const auto bytes = std::make_shared<const std::vector<std::byte>>(
        compile_module(options.script, options.script_name));
    options.bundle = Bundle::try_read(*bytes, bytes).value();
  }
  std::size_t threads = options.threads;
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  workers_.reserve(threads);
  idle_.reserve(threads);
  std::exception_ptr failure;
  try {
    for (std::size_t i = 0; i < threads; ++i) {
      auto worker = std::make_unique<PoolWorker>(*this);
      worker->thread = std::thread([made = worker.get()] { made->main(); });
      workers_.push_back(std::move(worker));
    }
  } catch (...) {
    failure = std::current_exception();
  }
  {
    std::unique_lock guard(lock_);
    changed_.wait(guard, [this] { return ready_ == workers_.size(); });
    if (failure == nullptr) failure = failure_;
    for (const auto& worker : workers_) idle_.push_back(worker.get());
  }
  if (failure != nullptr) {
    stop();
    std::rethrow_exception(failure);
  }
}

void PoolState::ready(std::exception_ptr failure) noexcept {
  const std::scoped_lock guard(lock_);
  ++ready_;
  if (failure_ == nullptr) failure_ = std::move(failure);
  changed_.notify_all();
}

bool PoolState::add(std::unique_ptr<PoolJob> job) {
  PoolWorker* worker = nullptr;
  {
    const std::scoped_lock guard(lock_);
    if (is_closed_) return false;
    queue_.push_back(std::move(job));
    if (!idle_.empty()) {
      worker = idle_.back();
      idle_.pop_back();
    }
  }
  if (worker == nullptr) return true;
  try {
    worker->schedule();
  } catch (...) {
    // the job stays, for who comes next
    const std::scoped_lock guard(lock_);
    idle_.push_back(worker);
    throw;
  }
  return true;
}

std::unique_ptr<PoolJob> PoolState::next(PoolWorker* worker) noexcept {
  const std::scoped_lock guard(lock_);
  if (queue_.empty() || is_stopping_) {
    idle_.push_back(worker);
    return nullptr;
  }
  std::unique_ptr<PoolJob> job = std::move(queue_.front());
  queue_.pop_front();
  ++active_;
  return job;
}

void PoolState::job_ended() noexcept {
  const std::scoped_lock guard(lock_);
  --active_;
  if (active_ == 0 && queue_.empty()) changed_.notify_all();
}

void PoolState::check_thread() const {
  for (const auto& worker : workers_) {
    if (worker->thread.get_id() == std::this_thread::get_id()) {
      Error::plain("a job cannot close the pool that it runs in").raise();
    }
  }
}

void PoolState::close() {
  check_thread();
  {
    std::unique_lock guard(lock_);
    is_closed_ = true;
    changed_.wait(guard, [this] { return is_stopping_ || (active_ == 0 && queue_.empty()); });
  }
  stop();
}

void PoolState::stop() noexcept {
  std::deque<std::unique_ptr<PoolJob>> dropped;  // ends when nothing is locked
  {
    const std::scoped_lock guard(lock_);
    is_closed_ = true;
    if (std::exchange(is_stopping_, true)) return;
    dropped.swap(queue_);
    changed_.notify_all();
  }
  stop_scripts.request_stop();
  for (const auto& worker : workers_) worker->wake();
  for (const auto& worker : workers_) {
    if (worker->thread.joinable()) worker->thread.join();
  }
}

}  // namespace detail

RuntimePool::RuntimePool(RuntimePoolOptions options)
    : state_(std::make_unique<detail::PoolState>(std::move(options))) {
  state_->start();
}
RuntimePool::RuntimePool(std::unique_ptr<detail::PoolState> state) noexcept
    : state_(std::move(state)) {}

Result<RuntimePool> RuntimePool::try_make(RuntimePoolOptions options) {
  try {
    auto state = std::make_unique<detail::PoolState>(std::move(options));
    state->start();
    return RuntimePool(std::move(state));
  } catch (...) {
    return Error::from(std::current_exception());
  }
}

RuntimePool::RuntimePool(RuntimePool&& other) noexcept = default;
RuntimePool& RuntimePool::operator=(RuntimePool&& other) noexcept {
  RuntimePool moved(std::move(other));
  std::swap(state_, moved.state_);
  return *this;
}
RuntimePool::~RuntimePool() { stop(); }

void RuntimePool::close() {
  if (state_ != nullptr) state_->close();
}
void RuntimePool::stop() noexcept {
  if (state_ != nullptr) state_->stop();
}
std::size_t RuntimePool::size() const noexcept { return state_ == nullptr ? 0 : state_->size(); }
std::size_t RuntimePool::pending() const noexcept {
  return state_ == nullptr ? 0 : state_->pending();
}

}  // namespace quip
