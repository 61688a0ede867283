// Promises and coroutines: C++ awaits a script, a script awaits C++, another thread settles.
//
// The C++ that quip is judged by knows one engine, one context and one loop, and stops at nothing:
// it has no stop tokens, no other runtimes, and nobody destroys its runtime. Its coroutines are
// resumed by its loop, never inside of a job, as quip's are.
#include "rows.hpp"

#include <coroutine>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <utility>

namespace bench {

namespace {

// ---- coroutines by hand -------------------------------------------------------------------------

/// A coroutine that begins at once and destroys itself.
struct Detached {
  struct promise_type {
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

/// The coroutines that can go on.
std::deque<std::coroutine_handle<>>& ready_by_hand() {
  static std::deque<std::coroutine_handle<>> ready;
  return ready;
}

void pump_by_hand(JSContext* ctx) {
  JSRuntime* rt = JS_GetRuntime(ctx);
  auto& ready = ready_by_hand();
  for (;;) {
    JSContext* job = nullptr;
    while (JS_ExecutePendingJob(rt, &job) > 0) {
    }
    if (ready.empty()) return;
    const std::coroutine_handle<> next = ready.front();
    ready.pop_front();
    next.resume();
  }
}

/// The function that a promise calls when it is settled: an object with a call function, which both
/// engines call without a frame.
JSClassID reaction_class = 0;

// the engines declare the parameter differently
template <class Id>
Id class_id_of(JSValue (*)(JSContext*, Id));
using ClassId = decltype(class_id_of(&JS_NewObjectClass));

JSValue call_reaction(JSContext*, JSValueConst function, JSValueConst, int, JSValueConst*, int) {
  JSClassID id = 0;
  void* address = JS_GetAnyOpaque(function, &id);
  ready_by_hand().push_back(std::coroutine_handle<>::from_address(address));
  return engine::undefined();
}

/// What a coroutine awaits a promise of an int with.
class IntAwaiter {
 public:
  IntAwaiter(JSContext* ctx, JSValueConst promise) : ctx_(ctx), promise_(promise) {}
  [[nodiscard]] bool await_ready() const noexcept {
    return JS_PromiseState(ctx_, engine::take_ownership(promise_)) != JS_PROMISE_PENDING;
  }
  void await_suspend(std::coroutine_handle<> frame) const {
    JSValue function =
        checked(JS_NewObjectClass(ctx_, static_cast<ClassId>(reaction_class)), "reaction");
    JS_SetOpaque(function, frame.address());
    JSValue next = react(function);
    JS_FreeValue(ctx_, function);
    JS_FreeValue(ctx_, checked(next, "then"));
  }
  [[nodiscard]] std::int32_t await_resume() const {
    JSValue result = JS_PromiseResult(ctx_, engine::take_ownership(promise_));
    if (JS_PromiseState(ctx_, engine::take_ownership(promise_)) != JS_PROMISE_FULFILLED) {
      fail("rejected");
    }
    std::int32_t number = 0;
    if (JS_VALUE_GET_TAG(result) == JS_TAG_INT) {
      number = JS_VALUE_GET_INT(result);
    } else if (JS_ToInt32(ctx_, &number, result) != 0) {
      fail("a number");
    }
    JS_FreeValue(ctx_, result);
    return number;
  }

  inline static JSValue then{};  // Promise.prototype.then, where the engine has no function for it

 private:
  [[nodiscard]] JSValue react(JSValueConst function) const {
    if constexpr (engine::has_promise_then) {
      return engine::promise_then(ctx_, promise_, function, function);
    } else {
      JSValueConst functions[2] = {function, function};
      return engine::call(ctx_, then, promise_, 2, functions);
    }
  }
  JSContext* ctx_;
  JSValueConst promise_;
};

void define_reactions(CHost& host) {
  static const JSClassDef definition = [] {
    JSClassDef it{};
    it.class_name = "Reaction";
    it.call = call_reaction;
    return it;
  }();
  if (reaction_class == 0) reaction_class = engine::new_class_id(host.runtime());
  JS_NewClass(host.runtime(), reaction_class, &definition);
  IntAwaiter::then = host.eval("Promise.prototype.then");
}

Detached await_one(JSContext* ctx, JSValueConst promise, std::int64_t n, std::int32_t& sum) {
  for (std::int64_t i = 0; i < n; ++i) sum += co_await IntAwaiter(ctx, promise);
}
Detached await_each(JSContext* ctx, JSValueConst make, std::int64_t n, std::int32_t& sum) {
  for (std::int64_t i = 0; i < n; ++i) {
    JSValue promise = checked(engine::call(ctx, make, engine::undefined(), 0, nullptr), "make");
    sum += co_await IntAwaiter(ctx, promise);
    JS_FreeValue(ctx, promise);
  }
}

// ---- the same with quip -------------------------------------------------------------------------

quip::Task<int> quip_await_one(quip::Promise<int> promise, std::int64_t n) {
  int sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum += co_await promise;
  co_return sum;
}
quip::Task<int> quip_await_each(quip::Function make, std::int64_t n) {
  int sum = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    const quip::Promise<int> promise = make.call<quip::Promise<int>>();
    sum += co_await promise;
  }
  co_return sum;
}

void poll_to_end(quip::Runtime& runtime) {
  while (runtime.poll()) {
  }
}

void add_awaits(Rows& rows, const Sides& sides) {
  JSContext* c = sides.c.context();
  quip::Runtime& runtime = sides.runtime;
  const quip::Ctx ctx = sides.ctx;
  // the result is one and the same, so that the engine makes nothing of it
  JSValue resolved = sides.c.eval("Promise.resolve(1)");
  const auto promise = ctx.eval<quip::Promise<int>>("Promise.resolve(1)");
  const auto run_quip = [&runtime](const quip::Promise<int>& task, std::int64_t n) {
    poll_to_end(runtime);
    if (task.result() != n) fail("the sum");
  };
  rows.push_back(
      {"await_resolved",
       1.15,
       1000,
       {{"quip", [=](std::int64_t n) { run_quip(ctx.spawn(quip_await_one(promise, n)), n); }},
        {"c", [=](std::int64_t n) {
           std::int32_t sum = 0;
           await_one(c, resolved, n, sum);
           pump_by_hand(c);
           if (sum != n) fail("the sum");
         }}}});

  const char* later = "(() => { const f = async () => { await null; return 1 }; return f })()";
  JSValue make = sides.c.eval(later);
  const auto quip_make = ctx.eval<quip::Function>(later);
  rows.push_back(
      {"await_pending",
       1.15,
       200,
       {{"quip", [=](std::int64_t n) { run_quip(ctx.spawn(quip_await_each(quip_make, n)), n); }},
        {"c", [=](std::int64_t n) {
           std::int32_t sum = 0;
           await_each(c, make, n, sum);
           pump_by_hand(c);
           if (sum != n) fail("the sum");
         }}}});
}

// ---- a script awaits C++ ------------------------------------------------------------------------

JSValue promised_by_hand(JSContext* ctx, JSValueConst, int, JSValueConst*) {
  JSValue functions[2];
  JSValue promise = JS_NewPromiseCapability(ctx, functions);
  if (JS_IsException(promise)) return promise;
  JSValue argument = engine::int32(1);
  JSValue done = engine::call(ctx, functions[0], engine::undefined(), 1, &argument);
  JS_FreeValue(ctx, functions[0]);
  JS_FreeValue(ctx, functions[1]);
  JS_FreeValue(ctx, done);
  return promise;
}

quip::Task<int> quip_promised() { co_return 1; }

void add_bound_tasks(Rows& rows, const Sides& sides) {
  JSContext* c = sides.c.context();
  quip::Runtime& runtime = sides.runtime;
  const char* awaits =
      "(function(f,x,n){return (async function(){var r=0;"
      "for(var i=0;i<n;i++)r+=await f();return r})()})";
  JSValue loop = sides.c.eval(awaits);
  const Run by_hand =
      script_loop(c, loop, sides.c.function(promised_by_hand, 0), engine::undefined());
  const quip::Function bound(sides.ctx, "promised", &quip_promised);
  const Run by_quip = quip_loop(sides.ctx, awaits, bound);
  rows.push_back({"await_bound_task",
                  1.15,
                  200,
                  {{"quip",
                    [=, &runtime](std::int64_t n) {
                      by_quip(n);
                      poll_to_end(runtime);
                    }},
                   {"c", [=](std::int64_t n) {
                      by_hand(n);
                      pump_by_hand(c);
                    }}}});
}

// ---- settled by posted work ---------------------------------------------------------------------

/// The queue that a program has for the results of its threads.
class Inbox {
 public:
  void post(std::function<void()> work) {
    const std::scoped_lock guard(lock_);
    works_.push_back(std::move(work));
  }
  bool take(std::function<void()>& work) {
    const std::scoped_lock guard(lock_);
    if (works_.empty()) return false;
    work = std::move(works_.front());
    works_.pop_front();
    return true;
  }

 private:
  std::mutex lock_;
  std::deque<std::function<void()>> works_;
};

void add_cross_thread(Rows& rows, const Sides& sides) {
  JSContext* c = sides.c.context();
  quip::Runtime& runtime = sides.runtime;
  const quip::Ctx ctx = sides.ctx;
  const auto poster = runtime.poster();
  static Inbox inbox;
  rows.push_back({"resolve_posted",
                  1.15,
                  200,
                  {{"quip",
                    [=, &runtime](std::int64_t n) {
                      repeat(n, [&](std::int32_t i) {
                        quip::Deferred<int> deferred(ctx);
                        poster.post([deferred, i] { deferred.resolve(i); });
                        runtime.poll();
                        if (deferred.promise().result() != i) fail("the result");
                      });
                    }},
                   {"c", [=](std::int64_t n) {
                      repeat(n, [&](std::int32_t i) {
                        JSValue functions[2];
                        JSValue promise = checked(JS_NewPromiseCapability(c, functions), "promise");
                        struct Settle {
                          JSContext* ctx;
                          JSValue resolve;
                          JSValue reject;
                          std::int32_t result;
                        };
                        auto* settle = new Settle{c, functions[0], functions[1], i};
                        inbox.post([settle] {
                          JSValue argument = engine::int32(settle->result);
                          JSValue done = engine::call(settle->ctx, settle->resolve,
                                                      engine::undefined(), 1, &argument);
                          JS_FreeValue(settle->ctx, checked(done, "resolve"));
                          JS_FreeValue(settle->ctx, settle->resolve);
                          JS_FreeValue(settle->ctx, settle->reject);
                          delete settle;
                        });
                        std::function<void()> work;
                        while (inbox.take(work)) work();
                        pump_by_hand(c);
                        JSValue result = JS_PromiseResult(c, promise);
                        if (JS_VALUE_GET_INT(result) != i) fail("the result");
                        JS_FreeValue(c, result);
                        JS_FreeValue(c, promise);
                      });
                    }}}});
}

}  // namespace

void add_async_rows(Rows& rows, const Sides& sides) {
  define_reactions(sides.c);
  add_awaits(rows, sides);
  add_bound_tasks(rows, sides);
  add_cross_thread(rows, sides);
}

}  // namespace bench
