// Fuzzes what waits. The bytes of an input are steps of a machine with a runtime, its loop or one
// of another kind, and a few promises, deferreds, completions, stop sources, tasks and generators,
// which it makes, settles, awaits, stops and drops in any order, on this thread or another.
// Whatever runs meanwhile, a coroutine, a reaction, a script, a handler, takes the next steps of
// the same machine; so that a runtime also ends inside of a coroutine of its own.
//
// A use is a result or an Error; at the end no C++ object and no frame is left.
//
// QUIP_FUZZ_SHOW=1 in the environment prints the steps.
#include "common/coroutines.hpp"
#include "common/counted.hpp"
#include "common/input.hpp"

#include <array>
#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace quip;
using namespace quip::fuzz;
using namespace std::chrono_literals;

constexpr const char* snippets[] = {
    "undefined",
    "new Promise(() => {})",
    "Promise.resolve(1)",
    "Promise.reject(new Error('nobody listens'))",
    "Promise.reject(2).catch(step)",
    "(async () => { await null; step(); await null; return last })()",
    "(async () => { for (let i = 0; i < 5; ++i) await task(i); return 1 })()",
    "(async () => { try { await task(7) } catch (e) { step(); throw e } finally { await task(1) } "
    "})()",
    "(async () => { for await (const x of yields()) step(); })()",
    "(async () => { for await (const x of yields()) { step(); break } })()",
    "(i => [i.next(), i.next(), i.return(), i.next()])(yields())",
    "(i => [i.next(), i.throw(new Error('in')), i.next()])(yields())",
    "[...counts(2)]",
    "(() => { for (const x of counts(4)) { step(); if (x === 1) break } })()",
    "(i => { globalThis.last = i; i.next(); return i })(counts(5))",
    "last.next()",
    "last.return()",
    "Promise.all([task(1), task(2), last])",
    "Promise.race([task(3), new Promise(step)])",
    "new Promise((resolve, reject) => { globalThis.last = resolve; step() })",
    "last(1)",
    "({then(resolve, reject) { step(); resolve(task(1)) }})",
    "(async () => last = await ({then(resolve) { step(); globalThis.last = resolve }}))()",
    "iterate((async function* () { yield 1; step(); yield await task(2) })())",
    "iterate([task(1), 2, Promise.reject(3)])",
    "iterate({[Symbol.asyncIterator]: (n = 0) => ({next: () => ({done: step(n) ?? n++ > 3})})})",
    "iterate({[Symbol.asyncIterator]: () => ({next: () => step() ?? last, return: () => "
    "task(1)})})",
    "Promise.prototype.then = function () { step(); throw 1 }",
    "Object.defineProperty(Promise.prototype, 'constructor', {get() { step(); return last }})",
    "globalThis.last = undefined",
    "deferred()",
    "task(9).then(step, step).finally(step)",
    "setTimeout(step, 0)",
    "globalThis.last = setInterval(step, 1)",
    "clearInterval(last)",
    "queueMicrotask(step)",
    "step(); task(4)",
    "AbortSignal.timeout(1).addEventListener('abort', step)",
};

class Machine {
 public:
  explicit Machine(Input& input) noexcept : input_(input) {}
  void run() {
    make_runtime();
    while (input_.left() > 0 && steps_ < 300) take_step();
    is_over_ = true;
  }
  void take_step() noexcept;

 private:
  using Action = void (Machine::*)();
  struct Step {
    const char* name;
    Action action;
  };
  static const std::array<Step, 31> all;

  // ---- places ----------------------------------------------------------------------------------
  template <class T, std::size_t N>
  T& any(std::array<T, N>& places) {
    return places[input_.below(N)];
  }
  Promise<Value>& promise() { return any(promises_); }
  template <class T>
  void look(const Result<T>& result) {
    if (!result) check(result.error(), true);
  }
  template <class T>
  void put(Result<Promise<T>> result) {
    if (!result) return check(result.error(), true);
    promise() = Promise<Value>(detail::Handle(result->handle()));
  }
  template <class F>
  void inside(const F& f) {
    const std::optional<Context> context = context_;
    if (context) context->with(f);
  }
  Clock::duration duration() {
    static constexpr Clock::duration durations[] = {0ms, 10us, 1h, -1s, Clock::duration::max()};
    return input_.one_of(durations);
  }
  Task<Value> task() {
    if (++depth_of_task_ > 4) {
      --depth_of_task_;
      return ends(Value(), Counted());
    }
    Task<Value> made = make_task();
    --depth_of_task_;
    return made;
  }
  Task<Value> make_task() {
    switch (input_.below(14)) {
      case 0:
        return ends(promise(), Counted());
      case 1:
        return throws(input_.once_in(2), Counted());
      case 2:
        return sleeps(duration(), Counted());
      case 3:
        return pauses(input_.once_in(2), Counted());
      case 4:
        return awaits(promise(), Counted());
      case 5:
        return looks(promise(), Counted());
      case 6:
        return completes(any(completions_), Counted());
      case 7:
        return parent(task(), Counted());
      case 8: {
        Task<Value> first = task();
        return both(std::move(first), task(), Counted());
      }
      case 9: {
        Task<Value> first = task();
        return either(std::move(first), task(), Counted());
      }
      case 10: {
        std::vector<Task<Value>> tasks;
        for (std::size_t left = input_.below(4); left > 0; --left) tasks.push_back(task());
        return all_of(std::move(tasks), Counted());
      }
      case 11:
        return in_time(task(), duration(), Counted());
      case 12: {
        std::shared_ptr<AsyncGenerator<Value>>& generator = any(generators_);
        if (generator == nullptr) return Task<Value>();
        return asks(generator, Counted());
      }
      default:
        return std::move(any(tasks_));
    }
  }

  // ---- steps -----------------------------------------------------------------------------------
  void make_runtime() {
    context_.reset();
    runtime_ = std::make_unique<Runtime>(RuntimeOptions{.memory_limit = std::size_t{64} << 20U,
                                                        .stack_size = std::size_t{256} << 10U});
    if (runtime_ == nullptr) return;  // a destructor of the one before has taken steps
    runtime_->set_unhandled_rejection_handler(
        [this, counted = Counted()](Ctx, const Error& error, const Value& rejected) {
          check(error, true);
          if (auto as = rejected.try_as<Promise<Value>>()) promise() = *std::move(as);
          step();
        });
    runtime_->set_error_handler([counted = Counted()](const Error& error) {
      check(error, true);
      step();
    });
    // a script may do without end what never waits: iterators of its own, thenables
    runtime_->set_interrupt_handler([asked = 0]() mutable { return ++asked > 3; });
    Result<Context> made = Context::try_make(*runtime_);
    if (!made) return check(made.error(), true);
    made->with([&](const Ctx& ctx) {
      const Object globals = ctx.globals();
      look(web::try_install(ctx, {.console = false}));
      look(globals.try_set("step", &step));
      look(globals.try_set("task", [this](std::optional<int>) { return task(); }));
      look(globals.try_set("counts", [](int count) { return counts(count, Counted()); }));
      look(globals.try_set("yields", [this] {
        Task<Value> first = task();
        return yields(std::move(first), promise(), Counted());
      }));
      look(globals.try_set("iterate", [](AsyncIterator<Value> iterator) {
        return iterates(std::move(iterator), Counted());
      }));
      look(globals.try_set("deferred", [this](Ctx inner) {
        const Deferred<Value> made_now(inner);
        any(deferreds_) = made_now;
        return made_now;
      }));
    });
    context_ = *std::move(made);
  }
  void drop_runtime() { const auto dropped = std::exchange(runtime_, nullptr); }
  void renew_runtime() {
    drop_runtime();
    make_runtime();
  }
  void evaluate() {
    const char* snippet = input_.one_of(snippets);
    if (shows()) std::fprintf(stderr, "%*s%s\n", depth_ * 2, "", snippet);
    inside([&](const Ctx& ctx) {
      const Result<Value> value = ctx.try_eval(snippet);
      look(value);
      if (value && value->is_promise()) promise() = value->as<Promise<Value>>();
    });
  }
  void spawn() {
    Task<Value> task_now = task();
    const std::stop_token token = input_.once_in(2) ? any(stops_).get_token() : std::stop_token();
    inside([&](const Ctx& ctx) { put(ctx.try_spawn(std::move(task_now), token)); });
  }
  void keep_task() { any(tasks_) = task(); }
  void make_generator() {
    Task<Value> first = task();
    any(generators_) =
        std::make_shared<AsyncGenerator<Value>>(yields(std::move(first), promise(), Counted()));
  }
  void drop_generator() { const auto dropped = std::exchange(any(generators_), nullptr); }
  void run_until() {
    Task<Value> task_now = in_time(task(), 0ms, Counted());
    if (Runtime* runtime = runtime_.get()) (void)runtime->run_until(std::move(task_now));
  }
  void poll() {
    if (Runtime* runtime = runtime_.get()) look(runtime->try_poll());
  }
  void run_a_while() {
    if (Runtime* runtime = runtime_.get()) look(runtime->try_run_until(Clock::now() + 20us));
  }
  void run_job() {
    if (Runtime* runtime = runtime_.get()) look(runtime->try_execute_pending_job());
  }
  void run_one() {
    Runtime* runtime = runtime_.get();
    if (runtime != nullptr && runtime->is_job_pending()) look(runtime->try_run_one());
  }
  void use_loop() {
    loop_ = std::make_shared<Loop>();
    if (Runtime* runtime = runtime_.get()) runtime->set_executor(loop_);
  }
  void use_own_loop() {
    if (Runtime* runtime = runtime_.get()) runtime->set_executor(nullptr);
  }
  void pump() {
    if (const std::shared_ptr<Loop> loop = loop_) loop->pump(input_.once_in(2));
  }
  void drop_loop() { const auto dropped = std::exchange(loop_, nullptr); }
  void make_deferred() {
    inside([&](const Ctx& ctx) {
      const Deferred<Value> made(ctx);
      promise() = made.promise();
      any(deferreds_) = made;
    });
  }
  /// Settles one in some way.
  static void settle(const Deferred<Value>& deferred, std::size_t way, Value value) {
    switch (way) {
      case 0:
        deferred.resolve(std::move(value));
        break;
      case 1:
        deferred.reject(Error::type("rejected"));
        break;
      case 2:
        deferred.reject(std::make_exception_ptr(std::runtime_error("rejected")));
        break;
      default:
        deferred.resolve(std::string("resolved"));
    }
  }
  void settle_deferred() {
    const std::optional<Deferred<Value>> deferred = any(deferreds_);
    if (deferred) settle(*deferred, input_.below(4), promise());
  }
  void settle_elsewhere() {
    const std::optional<Deferred<Value>> deferred = std::exchange(any(deferreds_), std::nullopt);
    const std::size_t way = input_.below(4);
    Value value = promise();  // which cannot be copied there: this thread may hold the lock
    elsewhere([&] {
      if (deferred) settle(*deferred, way, std::move(value));
    });
  }
  void drop_deferred() { const auto dropped = std::exchange(any(deferreds_), std::nullopt); }
  void complete() {
    const Completion<int> completion = any(completions_);
    if (input_.once_in(2)) {
      elsewhere([&] { completion.set(1); });
    } else if (!completion.fail(Error::range("failed"))) {
      any(completions_) = Completion<int>();
    }
  }
  void react() {
    const Promise<Value> of = promise();
    const Counted counted;
    switch (input_.below(4)) {
      case 0:
        promise() = of.then([counted](Value value) { return step(), value; });
        break;
      case 1:
        promise() = of.catch_([counted, kept = promise()](const Value&) -> Value {
          step();
          return kept;
        });
        break;
      case 2:
        promise() = of.then([this, counted](Value) { return task(); },
                            [counted](Value reason) { return step(), reason; });
        break;
      default:
        promise() = of.finally([counted] { step(); });
    }
  }
  void combine() {
    const std::vector<Promise<Value>> of = {promise(), promise()};
    inside([&](const Ctx& ctx) {
      switch (input_.below(4)) {
        case 0:
          put<std::vector<Value>>(Promise<Value>::all(ctx, of));
          break;
        case 1:
          put<std::vector<Object>>(Promise<Value>::all_settled(ctx, of));
          break;
        case 2:
          put<Value>(Promise<Value>::any(ctx, of));
          break;
        default:
          put<Value>(Promise<Value>::race(ctx, of));
      }
    });
  }
  void look_at_promise() {
    const Promise<Value>& of = promise();
    look(of.try_state());
    look(of.try_result());
  }
  void drop_promise() { promise() = Promise<Value>(); }
  void stop() {
    const std::stop_source source = std::exchange(any(stops_), std::stop_source());
    if (input_.once_in(2)) {
      source_request(source);
    } else {
      elsewhere([source] { source_request(source); });
    }
  }
  static void source_request(std::stop_source source) { source.request_stop(); }
  void post() {
    if (Runtime* runtime = runtime_.get()) {
      const Poster poster = runtime->poster();
      const bool is_elsewhere = input_.once_in(2);
      const auto post_now = [poster] {
        poster.post([counted = Counted(), local = std::make_unique<Local>()] { step(); });
      };
      if (is_elsewhere) {
        elsewhere(post_now);
      } else {
        post_now();
      }
    }
  }
  void collect() {
    if (Runtime* runtime = runtime_.get()) runtime->run_gc();
  }
  void drop_context() { context_.reset(); }

  /// Does something on another thread, which takes no steps, and waits for that.
  template <class F>
  void elsewhere(const F& work) {
    ++pauses_;
    std::thread(work).join();
    --pauses_;
  }

  Input& input_;
  int depth_ = 0;
  int depth_of_task_ = 0;
  int pauses_ = 0;
  int steps_ = 0;
  bool is_over_ = false;
  std::unique_ptr<Runtime> runtime_;
  std::optional<Context> context_;
  std::shared_ptr<Loop> loop_;
  std::array<Promise<Value>, 6> promises_;
  std::array<std::optional<Deferred<Value>>, 3> deferreds_;
  std::array<Completion<int>, 3> completions_;
  std::array<std::stop_source, 3> stops_;
  std::array<Task<Value>, 3> tasks_;
  std::array<std::shared_ptr<AsyncGenerator<Value>>, 2> generators_;
};

const std::array<Machine::Step, 31> Machine::all = {{
    {"evaluate", &Machine::evaluate},
    {"spawn", &Machine::spawn},
    {"poll", &Machine::poll},
    {"drop_runtime", &Machine::drop_runtime},
    {"renew_runtime", &Machine::renew_runtime},
    {"keep_task", &Machine::keep_task},
    {"make_generator", &Machine::make_generator},
    {"drop_generator", &Machine::drop_generator},
    {"run_until", &Machine::run_until},
    {"run_a_while", &Machine::run_a_while},
    {"run_job", &Machine::run_job},
    {"run_one", &Machine::run_one},
    {"use_loop", &Machine::use_loop},
    {"use_own_loop", &Machine::use_own_loop},
    {"pump", &Machine::pump},
    {"drop_loop", &Machine::drop_loop},
    {"make_deferred", &Machine::make_deferred},
    {"settle_deferred", &Machine::settle_deferred},
    {"settle_elsewhere", &Machine::settle_elsewhere},
    {"drop_deferred", &Machine::drop_deferred},
    {"complete", &Machine::complete},
    {"react", &Machine::react},
    {"combine", &Machine::combine},
    {"look_at_promise", &Machine::look_at_promise},
    {"drop_promise", &Machine::drop_promise},
    {"stop", &Machine::stop},
    {"post", &Machine::post},
    {"collect", &Machine::collect},
    {"drop_context", &Machine::drop_context},
    {"spawn", &Machine::spawn},
    {"poll", &Machine::poll},
}};

void Machine::take_step() noexcept {
  if (is_over_ || pauses_ > 0 || depth_ >= 6 || input_.left() == 0 || ++steps_ > 300) return;
  ++depth_;
  const Step& next = all[input_.below(all.size())];
  if (shows()) std::fprintf(stderr, "%*s%s\n", depth_ * 2, "", next.name);
  try {
    (this->*next.action)();
  } catch (const Error& error) {
    check(error, true);
  } catch (const std::runtime_error&) {  // a task's own
  }
  --depth_;
}

Machine* running = nullptr;

}  // namespace

void quip::fuzz::step() {
  if (running != nullptr) running->take_step();
}

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  Input input(data, size);
  {
    Machine machine(input);
    running = &machine;
    machine.run();
    running = nullptr;
  }
  if (Counted::live() != 0) fail(std::to_string(Counted::live()) + " objects are left");
  return 0;
}
