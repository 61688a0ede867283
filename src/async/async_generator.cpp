// AsyncGenerator as scripts see it: ECMA-262 27.6.
#include "../core/core_state.hpp"
#include "../core/foreign.hpp"
#include "../value/native_iterator.hpp"
#include "settle.hpp"
#include <quip/async/async_generator.hpp>
#include <quip/async/promise.hpp>
#include <quip/core/custom_context.hpp>
#include <quip/core/intrinsic.hpp>
#include <quip/value/atom.hpp>

#include <array>
#include <deque>

namespace quip::detail {

void throw_generator_is_running() {
  Error::plain("somebody waits for the async generator's next value already").raise();
}

namespace {

enum class Request : unsigned char { next, end, fail };

/// A call of `next`, `return` or `throw` that was not answered yet, and its promise's functions.
class Asked {
 public:
  Asked(Request what, Handle argument, Handle resolve, Handle reject) noexcept
      : request(what),
        value(std::move(argument)),
        resolve_(std::move(resolve)),
        reject_(std::move(reject)) {}
  Request request;
  Handle value;

  [[nodiscard]] Realm* realm() const noexcept { return resolve_.realm(); }
  /// Takes the value over.
  void answer(JSValue result, bool done) const noexcept {
    JSValue made = iterator_result(realm(), result, done);
    if (engine::is_exception(made)) {
      reject(::JS_GetException(realm()->context));
    } else {
      call(resolve_, made);
    }
  }
  void reject(JSValue reason) const noexcept { call(reject_, reason); }

 private:
  static void call(const Handle& function, JSValue argument) noexcept {
    call_settler(function.realm()->context, function, argument);
  }
  Handle resolve_;
  Handle reject_;
};

class GeneratorRun;

/// What the JS object has, and who runs the coroutine for it.
class AsyncIteration : public std::enable_shared_from_this<AsyncIteration> {
 public:
  AsyncIteration(std::unique_ptr<AsyncSource> source, KeptCall&& call)
      : kept_(std::move(call)), source_(std::move(source)) {}

  /// A script asks.
  void ask(Asked&& asked) {
    asked_.push_back(std::move(asked));
    if (!is_busy_) serve(nullptr);
  }
  /// The coroutine gave control back.
  void step(GeneratorRun& run) noexcept;
  /// The runtime ends.
  void end() noexcept {
    finish();
    asked_.clear();
  }
  void trace(Tracer& tracer) const noexcept {
    // while it runs, the runtime owns it too
    if (!is_busy_) kept_.trace(tracer);
  }

 private:
  /// Answers in order, until none is left or something has to be waited for. `run` is the one that
  /// the coroutine ran in, and called this; it takes that over.
  void serve(GeneratorRun* run) noexcept;
  Asked take() noexcept {
    Asked first = std::move(asked_.front());
    asked_.pop_front();
    return first;
  }
  /// Answers the first one when the generator has ended; false when that is waited for.
  bool answer_ended() noexcept;
  void finish() noexcept {
    const bool was_busy = std::exchange(is_busy_, true);
    source_.reset();
    kept_ = {};
    is_busy_ = was_busy;
  }
  KeptCall kept_;
  std::unique_ptr<AsyncSource> source_;  // ends before what it refers to; null when it has ended
  std::deque<Asked> asked_;
  bool has_begun_ = false;
  bool is_busy_ = false;  // runs, or waits for something
};

/// The chain of the coroutine while a script waits for its next value.
class GeneratorRun final : public Root {
 public:
  GeneratorRun(Core* runtime, std::shared_ptr<AsyncIteration> iteration)
      : Root(runtime), iteration_(std::move(iteration)) {}
  void finish() noexcept override { iteration_->step(*this); }
  void end_with_runtime() noexcept override {
    iteration_->end();
    delete this;
  }
  [[nodiscard]] const std::shared_ptr<AsyncIteration>& iteration() const noexcept {
    return iteration_;
  }

 private:
  std::shared_ptr<AsyncIteration> iteration_;
};

void AsyncIteration::step(GeneratorRun& run) noexcept {
  const std::shared_ptr<AsyncIteration> keep = run.iteration();
  const Asked first = take();
  JSContext* ctx = first.realm()->context;
  JSValue value = contained(ctx, [&] { return source_->take(ctx); });
  const bool has_failed = engine::is_exception(value);
  if (has_failed) value = ::JS_GetException(ctx);
  const bool has_ended = has_failed || source_->has_ended();
  if (has_ended) finish();
  if (has_failed) {
    first.reject(value);
  } else {
    first.answer(value, has_ended);
  }
  serve(&run);
}

void AsyncIteration::serve(GeneratorRun* run) noexcept {
  is_busy_ = true;
  std::unique_ptr<GeneratorRun> owned(run);
  while (!asked_.empty()) {
    const Asked& first = asked_.front();
    if (source_ == nullptr) {
      if (!answer_ended()) return;
    } else if (first.request == Request::end || (first.request == Request::fail && !has_begun_)) {
      finish();
    } else {
      const bool is_new = owned == nullptr;
      try {
        std::exception_ptr thrown;
        if (first.request == Request::fail) {
          thrown = std::make_exception_ptr(Error::of(Value(first.value)));
        }
        if (is_new) {
          owned = std::make_unique<GeneratorRun>(first.realm()->core, shared_from_this());
        }
        has_begun_ = true;
        const std::coroutine_handle<> frame = source_->ready(*owned, std::move(thrown));
        // it calls `step` when it has the value, and that goes on here
        (void)owned.release();  // NOLINT(bugprone-unused-return-value): the core owns it
        if (is_new) {
          run_frames(frame);
        } else {
          run_next(frame);
        }
        return;
      } catch (...) {
        const Asked refused = take();
        JSContext* ctx = refused.realm()->context;
        (void)throw_current(ctx);
        refused.reject(::JS_GetException(ctx));
      }
    }
  }
  is_busy_ = false;
}

/// ECMA-262 27.6.3.9 AsyncGeneratorAwaitReturn, and what 27.6.1.2 and 27.6.1.4 do.
bool AsyncIteration::answer_ended() noexcept {
  Realm* realm = asked_.front().realm();
  JSContext* ctx = realm->context;
  if (asked_.front().request == Request::next) {
    take().answer(engine::undefined(), true);
    return true;
  }
  if (asked_.front().request == Request::fail) {
    Asked first = take();
    first.reject(first.value.take());
    return true;
  }
  // what `return` is given is awaited
  const Handle value = asked_.front().value;
  JSValue failed = contained(ctx, [&]() -> JSValue {
    const Promise<Value> promise(Handle(try_as_promise(Value(value)).value().handle()));
    const auto settle = [self = shared_from_this()](bool is_rejected) {
      return [self, is_rejected](const Value& settled) {
        Asked first = self->take();
        JSValue outcome = engine::duplicate(first.realm()->context, settled.raw());
        if (is_rejected) {
          first.reject(outcome);
        } else {
          first.answer(outcome, true);
        }
        self->serve(nullptr);
      };
    };
    promise.then(settle(false), settle(true)).mark_handled();
    return engine::undefined();
  });
  if (!engine::is_exception(failed)) return false;
  const Asked first = take();
  first.reject(::JS_GetException(ctx));
  return true;
}

/// The C++ side of the JS object.
struct NativeAsyncIterator final : Payload {
  explicit NativeAsyncIterator(std::shared_ptr<AsyncIteration> of) noexcept
      : iteration(std::move(of)) {}
  void trace(Tracer& tracer) const noexcept override { iteration->trace(tracer); }
  std::shared_ptr<AsyncIteration> iteration;
};

/// Every failure is one of the promise (ECMA-262 27.6.3.7): 27.6.1.2 to 27.6.1.4.
JSValue ask(JSContext* ctx, JSValueConst this_value, int argc, JSValueConst* argv,
            int request) noexcept {
  const CalledEntry entry(ctx);
  if (!entry) return throw_left(ctx);
  Realm* realm = realm_of(ctx);
  if (!has_part(realm, engine::Part::promise)) return engine::exception();
  std::array<JSValue, 2> functions{};
  JSValue promise = ::JS_NewPromiseCapability(ctx, functions.data());
  if (engine::is_exception(promise)) return promise;
  Asked asked(static_cast<Request>(request),
              Handle(realm, argc > 0 ? engine::duplicate(ctx, argv[0]) : engine::undefined()),
              Handle(realm, functions[0]), Handle(realm, functions[1]));
  auto* payload = payload_of<NativeAsyncIterator>(this_value, realm->core->async_iterator_class);
  if (payload == nullptr) {
    ::JS_ThrowTypeError(ctx, "'this' is not an async iterator of C++ values");
    asked.reject(::JS_GetException(ctx));
    return promise;
  }
  // the script that the coroutine calls may drop the iterator
  const std::shared_ptr<AsyncIteration> iteration = payload->iteration;
  JSValue failed = contained(ctx, [&]() -> JSValue {
    iteration->ask(std::move(asked));
    return engine::undefined();
  });
  if (engine::is_exception(failed)) {  // short memory
    engine::release(ctx, promise);
    return failed;
  }
  return promise;
}

JSValue make_prototype(Realm* realm) noexcept {
  JSContext* ctx = realm->context;
  JSValue parent = intrinsic(realm, Intrinsic::async_iterator_prototype);
  if (engine::is_exception(parent)) return parent;
  // a script that changed the prototype of the async generators may have led it astray
  if (!engine::is_object(parent)) {
    return ::JS_ThrowTypeError(ctx, "this context has no async iterator prototype any more");
  }
  PrototypeBuilder builder(ctx, ::JS_NewObjectProto(ctx, parent));
  builder.method(Key<"next">::atom(realm), "next", &ask, static_cast<int>(Request::next));
  builder.method(Key<"return">::atom(realm), "return", &ask, static_cast<int>(Request::end));
  builder.method(Key<"throw">::atom(realm), "throw", &ask, static_cast<int>(Request::fail));
  builder.tag("Native Async Iterator");
  return builder.finish();
}

}  // namespace

JSValue give_async_iterator(JSContext* ctx, std::unique_ptr<AsyncSource> source, KeptCall&& call) {
  auto iteration = std::make_shared<AsyncIteration>(std::move(source), std::move(call));
  return give(ctx, realm_of(ctx)->core->async_iterator_class, &make_prototype,
              std::make_unique<NativeAsyncIterator>(std::move(iteration)));
}

}  // namespace quip::detail
