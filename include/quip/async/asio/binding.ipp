// Part of quip/async/asio.hpp and boost_asio.hpp, each of which includes it in a namespace of its
// own, in which `net` is that Asio.

using detail::Chain;
using detail::Core;
using detail::Mailbox;

// ---- what ends with an execution context
// ---------------------------------------------------------

/// Something that refers to an execution context, and lets go of it when that ends.
class Attached {
 public:
  Attached() = default;
  Attached(const Attached&) = delete;
  Attached& operator=(const Attached&) = delete;
  virtual ~Attached() = default;
  /// The context ends. Called at most once.
  virtual void end() noexcept = 0;
};

/// What is attached to one execution context: it outlives that, so that who is late finds it
/// closed.
class Attachments {
 public:
  /// Held while the context is used from a thread that it may end without: it does not meanwhile.
  std::recursive_mutex lock;

  /// False when the context has ended.
  bool add(const std::shared_ptr<Attached>& attached) {
    const std::scoped_lock guard(lock);
    if (has_ended_) return false;
    attached_.emplace(attached.get(), attached);
    return true;
  }
  void remove(const Attached* attached) noexcept {
    const std::scoped_lock guard(lock);
    attached_.erase(attached);
  }
  void end() noexcept {
    for (;;) {
      std::shared_ptr<Attached> last;  // what goes with it may look here
      {
        const std::scoped_lock guard(lock);
        has_ended_ = true;
        if (attached_.empty()) return;
        last = attached_.begin()->second.lock();
        attached_.erase(attached_.begin());
      }
      if (last != nullptr) last->end();
    }
  }
  static std::shared_ptr<Attachments> of(net::execution_context& context);

 private:
  bool has_ended_ = false;
  std::unordered_map<const Attached*, std::weak_ptr<Attached>> attached_;
};

/// Hears of the context's end, before what it has queued is destroyed.
class RuntimeService final : public net::execution_context::service {
 public:
  using key_type = RuntimeService;
  static inline net::execution_context::id id;
  explicit RuntimeService(net::execution_context& context) : service(context) {}
  void shutdown() override { attachments->end(); }
  std::shared_ptr<Attachments> attachments = std::make_shared<Attachments>();
};
inline std::shared_ptr<Attachments> Attachments::of(net::execution_context& context) {
  return net::use_service<RuntimeService>(context).attachments;
}

// ---- the executor
// --------------------------------------------------------------------------------

/// Drives a runtime in an event loop of Asio; see asio_executor.
class AsioExecutor final : public Executor,
                           public Attached,
                           public std::enable_shared_from_this<AsioExecutor> {
 public:
  /// What the runtime runs on, one thing at a time: coroutines that use it belong there, too. Empty
  /// when the loop has ended.
  [[nodiscard]] net::any_io_executor strand() const {
    const std::scoped_lock guard(attachments_->lock);
    return loop_ ? loop_->strand : net::any_io_executor();
  }

  void post(std::function<void()> work) override { on_strand(std::move(work)); }

  void post_after(Clock::duration delay, std::function<void()> work) override {
    const std::scoped_lock guard(attachments_->lock);
    if (!loop_) return;
    // the one before may be on its way already: it finds that it is not the last
    const std::uint64_t number = ++last_timer_;
    if (work == nullptr) {
      loop_->timer.cancel();
      return;
    }
    loop_->timer.expires_after(delay);
    loop_->timer.async_wait(
        [weak = weak_from_this(), number, due = std::move(work)](const auto& failure) {
          const std::shared_ptr<AsioExecutor> self = weak.lock();
          if (!failure && self != nullptr && self->is_last_timer(number)) due();
        });
  }

  [[nodiscard]] bool owns_thread() const noexcept override {
    const std::scoped_lock guard(attachments_->lock);
    return loop_ && loop_->is_here();
  }

  void hold() noexcept override {
    const std::scoped_lock guard(attachments_->lock);
    if (loop_) {
      loop_->work = net::prefer(loop_->strand, net::execution::outstanding_work.tracked);
    }
  }
  void release() noexcept override {
    const std::scoped_lock guard(attachments_->lock);
    if (loop_) loop_->work.reset();
  }

  void end() noexcept override {
    std::optional<Loop> gone;  // what goes with it may look here
    const std::scoped_lock guard(attachments_->lock);
    if (!loop_) return;
    gone.emplace(std::move(*loop_));
    loop_.reset();
  }

  /// Has the strand do something soon; when the loop has ended it is destroyed.
  template <class Work>
  void on_strand(Work work) {
    const std::scoped_lock guard(attachments_->lock);
    if (loop_) net::post(loop_->strand, std::move(work));
  }

  /// @param is_here whether the calling thread is running something on the strand.
  static std::shared_ptr<AsioExecutor> make(net::any_io_executor strand,
                                            std::function<bool()> is_here) {
    std::shared_ptr<Attachments> attachments =
        Attachments::of(net::query(strand, net::execution::context));
    const std::shared_ptr<AsioExecutor> made(
        new AsioExecutor(std::move(attachments), std::move(strand), std::move(is_here)));
    made->attachments_->add(made);
    return made;
  }
  ~AsioExecutor() override { attachments_->remove(this); }

 private:
  struct Loop {
    Loop(net::any_io_executor on, std::function<bool()> here)
        : strand(std::move(on)), is_here(std::move(here)), timer(strand) {}
    net::any_io_executor strand;
    std::function<bool()> is_here;
    net::steady_timer timer;
    std::optional<net::any_io_executor> work = std::nullopt;
  };
  AsioExecutor(std::shared_ptr<Attachments> attachments, net::any_io_executor strand,
               std::function<bool()> is_here)
      : attachments_(std::move(attachments)) {
    loop_.emplace(std::move(strand), std::move(is_here));
  }
  [[nodiscard]] bool is_last_timer(std::uint64_t number) const {
    const std::scoped_lock guard(attachments_->lock);
    return number == last_timer_;
  }
  std::shared_ptr<Attachments> attachments_;
  std::optional<Loop> loop_;  // until the context ends
  std::uint64_t last_timer_ = 0;
};

/// For `runtime.set_executor`: drives the runtime in an execution context of Asio's (an io_context,
/// a thread_pool), or on an executor. However many threads run that, one at a time uses the
/// runtime: it has a strand of its own, or is on the strand that is given. `io.run()` returns by
/// itself when neither Asio nor the runtime waits for anything. Runtime and loop may be destroyed
/// in either order: what the one waits for in the other is given up. Each runtime needs an executor
/// of its own.
template <class Inner>
std::shared_ptr<AsioExecutor> asio_executor(const net::strand<Inner>& strand) {
  return AsioExecutor::make(strand, [strand] { return strand.running_in_this_thread(); });
}
template <class E>
std::shared_ptr<AsioExecutor> asio_executor(const E& executor)
  requires(std::is_convertible_v<const E&, net::any_io_executor>)
{
  return asio_executor(net::make_strand(executor));
}
template <class Context>
std::shared_ptr<AsioExecutor> asio_executor(Context& context)
  requires(std::is_base_of_v<net::execution_context, Context>)
{
  return asio_executor(net::make_strand(context.get_executor()));
}

/// That of the runtime; null when another, or none, drives it.
inline std::shared_ptr<AsioExecutor> asio_executor_of(const Mailbox& mailbox) {
  return std::dynamic_pointer_cast<AsioExecutor>(mailbox.executor());
}

// ---- a coroutine of Asio that one of quip waits for
// --------------------------------------------------

template <class T>
struct AwaitedState final : detail::CompletionState {
  detail::Outcome<T> outcome;
  Canceller canceller;
};

/// Completes the wait, also when the coroutine is destroyed with its loop.
template <class T>
class Delivery {
 public:
  explicit Delivery(std::shared_ptr<AwaitedState<T>> state) noexcept : state_(std::move(state)) {}
  Delivery(Delivery&&) noexcept = default;
  Delivery& operator=(Delivery&&) = delete;
  ~Delivery() {
    if (state_ == nullptr || state_->is_complete()) return;
    try {
      fail(std::make_exception_ptr(
          Error::plain("the event loop has ended, and the coroutine with it")));
    } catch (...) {
      // no memory to say it: the wait goes on
    }
  }
  template <class... A>
  void set(A&&... value) {
    state_->complete([&] { state_->outcome.set(std::forward<A>(value)...); });
  }
  void fail(std::exception_ptr exception) {
    state_->complete([&] { state_->outcome.fail(std::move(exception)); });
  }

 private:
  std::shared_ptr<AwaitedState<T>> state_;
};

template <class T>
net::awaitable<void> deliver(detail::KeptCall, net::awaitable<T> awaited, Delivery<T> delivery) {
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(awaited);
      delivery.set();
    } else {
      T value = co_await std::move(awaited);
      delivery.set(std::move(value));
    }
  } catch (...) {
    delivery.fail(std::current_exception());
  }
}

template <class T>
class AwaitableWait final : public detail::CompletionWait {
 public:
  AwaitableWait(std::shared_ptr<AwaitedState<T>> state, net::awaitable<T> awaited,
                detail::KeptCall kept, Chain& chain) noexcept
      : CompletionWait(state, chain),
        own_(std::move(state)),
        awaited_(std::move(awaited)),
        kept_(std::move(kept)) {}
  ~AwaitableWait() override { cancel(); }

  bool await_suspend(std::coroutine_handle<> frame) {
    if (chain().is_stopped) return CompletionWait::await_suspend(frame);
    executor_ = asio_executor_of(*Mailbox::of(chain().core));
    if (executor_ == nullptr) {
      Error::plain(
          "a coroutine of Asio runs in a runtime that an event loop of Asio drives: "
          "runtime.set_executor(quip::asio_executor(io))")
          .raise();
    }
    executor_->on_strand([executor = executor_, state = own_, kept = std::move(kept_),
                          awaited = std::move(awaited_), delivery = Delivery<T>(own_)]() mutable {
      // it is kept by the handler, for its canceller
      auto done = [state](const std::exception_ptr&) noexcept {};
      net::co_spawn(executor->strand(),
                    deliver(std::move(kept), std::move(awaited), std::move(delivery)),
                    state->canceller.bind(std::move(done)));
    });
    return CompletionWait::await_suspend(frame);
  }
  T await_resume() {
    check();
    try {
      return own_->outcome.take();
    } catch (const SystemError& failure) {
      if (!chain().is_stopped || failure.code() != net::error::operation_aborted) throw;
    }
    detail::stopped_error().raise();
  }
  /// What the coroutine refers to may be this one's: it has to end first.
  void stop() noexcept override {
    if constexpr (can_cancel) {
      cancel();
    } else {
      CompletionWait::stop();
    }
  }

 private:
  void cancel() noexcept {
    if (!can_cancel || executor_ == nullptr || own_->is_complete()) return;
    try {
      executor_->on_strand([state = own_] { state->canceller.cancel(); });
    } catch (...) {
      // no memory to say it: it goes on
    }
  }
  std::shared_ptr<AwaitedState<T>> own_;
  std::shared_ptr<AsioExecutor> executor_;
  net::awaitable<T> awaited_;
  detail::KeptCall kept_;
};

/// A coroutine of Asio, and what has to live as long.
template <class T>
class AwaitableOf {
 public:
  AwaitableOf(net::awaitable<T> awaited, detail::KeptCall kept) noexcept
      : awaited_(std::move(awaited)), kept_(std::move(kept)) {}
  /// @internal
  [[nodiscard]] AwaitableWait<T> await_in(Chain& chain) && {
    return AwaitableWait<T>(std::make_shared<AwaitedState<T>>(), std::move(awaited_),
                            std::move(kept_), chain);
  }

 private:
  net::awaitable<T> awaited_;
  detail::KeptCall kept_;
};

/// `co_await` of an awaitable in a quip::Task: it runs on the runtime's strand. When the task is
/// stopped it is cancelled (cancellation_type::terminal), and the task goes on, with an AbortError,
/// when it has ended; when the runtime ends it is cancelled and its result dropped, so that it must
/// not refer to variables of the task unless the runtime outlives it.
template <class T>
struct AwaitAwaitable {
  static auto awaiter(net::awaitable<T>&& awaited, Chain& chain) {
    return AwaitableOf<T>(std::move(awaited), detail::KeptCall()).await_in(chain);
  }
};

template <class T>
Task<T> as_task(net::awaitable<T> awaited, detail::KeptCall kept) {
  AwaitableOf<T> both(std::move(awaited), std::move(kept));
  co_return co_await std::move(both);
}

template <class T>
struct ConvertAwaitable {
  static JSValue into_js(JSContext* ctx, net::awaitable<T>&& awaited) {
    return detail::promise_of_task(ctx, as_task(std::move(awaited), detail::KeptCall()), nullptr);
  }
};
template <class T>
struct ResultOfAwaitable {
  static JSValue into_js(const detail::NativeCall& call, net::awaitable<T>&& awaited) {
    detail::KeptCall kept(call);
    kept.keep_beyond_runtime();
    return detail::promise_of_task(call.ctx, as_task(std::move(awaited), std::move(kept)), nullptr);
  }
};

// ---- operations of Asio that the runtime completes
// -------------------------------------------------

template <class T>
struct CompletionSignature {
  using type = void(std::exception_ptr, T);
};
template <>
struct CompletionSignature<void> {
  using type = void(std::exception_ptr);
};

/// What a task of quip completes: once, with its end, or with the runtime's; dropped when the
/// context ends first.
template <class T>
class TaskOperation : public Attached {
 public:
  virtual void complete(detail::Outcome<T> outcome) noexcept = 0;
  void fail(std::exception_ptr exception) noexcept {
    detail::Outcome<T> outcome;
    outcome.fail(std::move(exception));
    complete(std::move(outcome));
  }
  bool is_stoppable = false;
  std::stop_source stop;
};

template <class T, class Handler>
class HandlerOperation final : public TaskOperation<T> {
 public:
  static std::shared_ptr<HandlerOperation> make(Handler handler,
                                                const net::any_io_executor& fallback) {
    const auto made = std::make_shared<HandlerOperation>(std::move(handler), fallback);
    made->attachments_->add(made);
    if (is_cancellable(*made->handler_)) {
      made->is_stoppable = true;
      on_cancel(*made->handler_, [weak = std::weak_ptr<HandlerOperation>(made)] {
        if (const auto self = weak.lock()) self->stop.request_stop();
      });
    }
    return made;
  }
  HandlerOperation(Handler handler, const net::any_io_executor& fallback)
      : executor_(working(net::get_associated_executor(handler, fallback))),
        attachments_(Attachments::of(context_of(*executor_))),
        handler_(std::move(handler)) {}
  ~HandlerOperation() override { attachments_->remove(this); }

  void complete(detail::Outcome<T> outcome) noexcept override {
    const std::scoped_lock guard(attachments_->lock);
    if (!handler_) return;
    if (this->stop.stop_requested() && is_abort(outcome.failure())) {
      outcome.fail(std::make_exception_ptr(SystemError(net::error::operation_aborted)));
    }
    try {
      net::post(*executor_, [handler = std::move(*handler_), ended = std::move(outcome)]() mutable {
        forget_cancel(handler);
        std::exception_ptr failure = ended.failure();
        if constexpr (std::is_void_v<T>) {
          std::move(handler)(failure);
        } else if (failure != nullptr) {
          std::move(handler)(failure, T());
        } else {
          std::move(handler)(nullptr, ended.take());
        }
      });
    } catch (...) {
      // no memory to say it: it is dropped
    }
    handler_.reset();
    executor_.reset();
  }
  void end() noexcept override {
    std::optional<Handler> handler;  // what goes with it may look here
    std::optional<HandlersExecutor> executor;
    const std::scoped_lock guard(attachments_->lock);
    if (!handler_) return;
    handler.emplace(std::move(*handler_));
    handler_.reset();
    executor.emplace(std::move(*executor_));
    executor_.reset();
  }

 private:
  /// An executor that keeps its loop running.
  template <class E>
  static auto working(const E& executor) {
    return net::prefer(executor, net::execution::outstanding_work.tracked);
  }
  template <class E>
  static net::execution_context& context_of(const E& executor) {
    if constexpr (net::can_query<const E&, net::execution::context_t>::value) {
      return net::query(executor, net::execution::context);
    } else {
      return net::query(net::system_executor(), net::execution::context);
    }
  }
  using HandlersExecutor = std::decay_t<decltype(working(net::get_associated_executor(
      std::declval<const Handler&>(), std::declval<const net::any_io_executor&>())))>;
  static bool is_abort(const std::exception_ptr& failure) noexcept {
    try {
      if (failure != nullptr) std::rethrow_exception(failure);
    } catch (const Error& error) {
      return error.name() == "AbortError";
    } catch (...) {
      return false;
    }
    return false;
  }
  std::optional<HandlersExecutor> executor_;
  std::shared_ptr<Attachments> attachments_;
  std::optional<Handler> handler_;
};

/// Completes the operation also when the task is destroyed with the runtime.
template <class T>
class Feeder {
 public:
  explicit Feeder(std::shared_ptr<TaskOperation<T>> operation) noexcept
      : operation_(std::move(operation)) {}
  Feeder(Feeder&&) noexcept = default;
  Feeder& operator=(Feeder&&) = delete;
  ~Feeder() {
    if (operation_ != nullptr) operation_->fail(std::make_exception_ptr(RuntimeGone()));
  }
  void complete(detail::Outcome<T> outcome) noexcept {
    std::exchange(operation_, nullptr)->complete(std::move(outcome));
  }
  [[nodiscard]] const TaskOperation<T>& operation() const noexcept { return *operation_; }

 private:
  std::shared_ptr<TaskOperation<T>> operation_;
};

template <class T, class A>
Task<> feed(A awaited, Feeder<T> feeder) {
  detail::Outcome<T> outcome;
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(awaited);
      outcome.set();
    } else {
      T value = co_await std::move(awaited);
      outcome.set(std::move(value));
    }
  } catch (...) {
    outcome.fail(std::current_exception());
  }
  feeder.complete(std::move(outcome));
}

/// The chain of a task whose promise nobody wants.
class FedTask final : public detail::Root {
 public:
  FedTask(Core* runtime, Task<> task) : Root(runtime), task_(std::move(task)) {
    task_.frame().promise().chain = this;
  }
  void finish() noexcept override { delete this; }
  [[nodiscard]] std::coroutine_handle<> frame() const noexcept { return task_.frame(); }

 private:
  Task<> task_;
};

/// The thread has entered the runtime.
template <class T, class A>
void begin_feeding(A awaited, Feeder<T> feeder) {
  std::stop_token token;
  if (feeder.operation().is_stoppable) token = feeder.operation().stop.get_token();
  auto root =
      std::make_unique<FedTask>(detail::entered, feed<T, A>(std::move(awaited), std::move(feeder)));
  if (token.stop_possible()) root->stop_by(std::move(token));
  detail::run_frames(root.release()->frame());
}

/// The strand of the runtime's own loop; for a runtime in another loop, no particular thread.
inline net::any_io_executor usual_executor(const Mailbox& mailbox) {
  const std::shared_ptr<AsioExecutor> executor = asio_executor_of(mailbox);
  net::any_io_executor strand;
  if (executor != nullptr) strand = executor->strand();
  return strand ? strand : net::any_io_executor(net::system_executor());
}

/// Has a runtime await something and completes with what it comes to.
template <class T>
struct BeginAwaiting {
  template <class Handler, class A>
  void operator()(Handler&& handler, detail::Handle where, A awaited) const {
    const detail::Entry entry(where.realm());
    using Operation = HandlerOperation<T, std::decay_t<Handler>>;
    const auto operation = Operation::make(
        std::forward<Handler>(handler),
        entry ? usual_executor(*Mailbox::of(detail::entered)) : net::system_executor());
    try {
      if (!entry) detail::refusal(where.realm()).raise();
      begin_feeding<T>(std::move(awaited), Feeder<T>(operation));
    } catch (...) {
      operation->fail(std::current_exception());
    }
  }
};
struct BeginIdling {
  template <class Handler>
  void operator()(Handler&& handler, std::shared_ptr<Mailbox> mailbox) const {
    using Operation = HandlerOperation<void, std::decay_t<Handler>>;
    const auto operation =
        Operation::make(std::forward<Handler>(handler), usual_executor(*mailbox));
    const auto feeder = std::make_shared<Feeder<void>>(operation);
    mailbox->post([feeder] { begin_feeding<void>(idle(), std::move(*feeder)); });
  }
};

/// An operation of Asio that completes when the promise is settled: `co_await` in an
/// asio::awaitable, or any other completion token.
///
///     std::string body = co_await
///     quip::async_await(handler.call<quip::Promise<std::string>>(request));
///
/// Completes, once and never inside of this call, with `void(std::exception_ptr, T)` (of a
/// Promise<void> without the T): with what the promise was rejected with (where that came from a
/// C++ exception with that one), with RuntimeGone when the runtime ends first, with
/// operation_aborted when it is cancelled. When the handler's execution context ends first, the
/// handler is destroyed. As any operation of Asio it keeps its loop running, also when nothing can
/// settle the promise. The handler runs on its own executor, or else on the runtime's. T is
/// default-constructible.
template <class T, class Token = net::use_awaitable_t<>>
auto async_await(Promise<T> promise, Token&& token = {}) {
  using Signature = typename CompletionSignature<T>::type;
  detail::Handle where(promise.handle());
  return net::async_initiate<Token, Signature>(BeginAwaiting<T>(), token, std::move(where),
                                               std::move(promise));
}

/// The same for a Task, which begins at once, when the operation does.
template <class T, class Token = net::use_awaitable_t<>>
auto async_spawn(const Ctx& ctx, Task<T> task, Token&& token = {}) {
  using Signature = typename CompletionSignature<T>::type;
  detail::Handle where(ctx.globals().handle());
  return net::async_initiate<Token, Signature>(BeginAwaiting<T>(), token, std::move(where),
                                               std::move(task));
}

/// Completes when the runtime has nothing to do at once (see idle), with
/// `void(std::exception_ptr)`.
template <class Token = net::use_awaitable_t<>>
auto async_idle(const Runtime& runtime, Token&& token = {}) {
  (void)runtime.poster();  // throws when there is none
  const detail::Entry entry(runtime.core());
  if (!entry) throw RuntimeGone();
  return net::async_initiate<Token, CompletionSignature<void>::type>(BeginIdling(), token,
                                                                     Mailbox::of(runtime.core()));
}
