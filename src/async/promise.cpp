#include "../core/core_state.hpp"
#include "scheduler.hpp"
#include "settle.hpp"
#include <quip/async/promise.hpp>
#include <quip/core/custom_context.hpp>
#include <quip/core/intrinsic.hpp>

#include <array>

namespace quip::detail {

namespace {

/// The promise that `then` returns, whatever scripts did to Promise.prototype (ECMA-262 27.2.5.4);
/// owned, or an exception.
JSValue promise_then(Realm* realm, JSValueConst promise, JSValueConst on_fulfilled,
                     JSValueConst on_rejected) noexcept {
  if constexpr (engine::has_promise_then) {
    return engine::promise_then(realm->context, promise, on_fulfilled, on_rejected);
  } else {
    return call_intrinsic(realm, Intrinsic::promise_then, promise, on_fulfilled, on_rejected);
  }
}

/// What `then` returned, or a promise of it: scripts may have given a promise a constructor of
/// which something else comes (ECMA-262 7.3.22). Takes it over.
JSValue certainly_promise(Realm* realm, JSValue next) noexcept {
  if (engine::is_exception(next) || engine::is_promise(realm->context, next)) return next;
  const Handle thenable(realm, next);
  JSValue constructor = intrinsic(realm, Intrinsic::promise);
  if (engine::is_exception(constructor)) return constructor;
  return call_intrinsic(realm, Intrinsic::promise_resolve, constructor, thenable.get());
}

JSPromiseStateEnum state_of(const Handle& promise) noexcept {
  return ::JS_PromiseState(promise.realm()->context, engine::take_ownership(promise.get()));
}

/// What a promise that is not pending was settled with.
Value outcome_of(const Handle& promise) noexcept {
  Realm* realm = promise.realm();
  return Value(
      Handle(realm, ::JS_PromiseResult(realm->context, engine::take_ownership(promise.get()))));
}

/// Somebody listens to it from here on.
void note_handled(const Handle& promise) noexcept {
  Realm* realm = promise.realm();
  JSContext* ctx = realm->context;
  // Function.prototype is a function that does nothing (ECMA-262 20.2.3)
  JSValue nothing = ::JS_GetClassProto(ctx, realm->core->function_class);
  JSValue ignored = promise_then(realm, promise.get(), engine::undefined(), nothing);
  discard(ctx, ignored);
  engine::release(ctx, nothing);
}

}  // namespace

// ---- the handle --------------------------------------------------------------------------------

Result<PromiseState> PromiseObject::try_state() const {
  const Entry entry(handle().realm());
  if (!entry) return refusal(handle().realm());
  switch (static_cast<int>(state_of(handle()))) {
    case JS_PROMISE_PENDING:
      return PromiseState::pending;
    case JS_PROMISE_FULFILLED:
      return PromiseState::fulfilled;
    default:
      return PromiseState::rejected;
  }
}

void PromiseObject::mark_handled() const {
  const Entry entry(handle().realm());
  if (!entry) refusal(handle().realm()).raise();
  note_handled(handle());
}

Result<Value> PromiseObject::try_settled() const {
  const Entry entry(handle().realm());
  if (!entry) return refusal(handle().realm());
  switch (static_cast<int>(state_of(handle()))) {
    case JS_PROMISE_PENDING:
      return Error::plain(
          "the promise is pending: it has no result before Runtime::run settles it");
    case JS_PROMISE_FULFILLED:
      return outcome_of(handle());
    default:
      return Error::of(outcome_of(handle()));
  }
}

Result<Value> PromiseObject::try_finished() const {
  const Handle keep(handle());
  Result<PromiseState> state = try_state();
  if (!state) return std::move(state).error();
  Core* core = keep.realm()->core;
  if (*state == PromiseState::pending) {
    if (CoreState::of(core).scheduler != nullptr && CoreState::of(core).scheduler->is_running) {
      return Error::plain(
          "the runtime's loop is running: await the promise instead of finishing it");
    }
    {
      const Entry entry(keep.realm());
      if (!entry) return refusal(keep.realm());
      note_handled(keep);  // who waits for it hears of its rejection
    }
    const auto is_pending = [&] { return state_of(keep) == JS_PROMISE_PENDING; };
    Result<bool> ran = run_loop(core, {.goes_on = is_pending});
    if (!ran) return std::move(ran).error();
    state = try_state();
    if (!state) return std::move(state).error();
    if (*state == PromiseState::pending) return stuck_error(core, "the promise");
  }
  return try_settled();
}

Result<Value> PromiseObject::try_react(JSValue on_fulfilled, JSValue on_rejected) const {
  Realm* realm = handle().realm();
  const Entry entry(realm);
  if (!entry) return refusal(realm);
  JSContext* ctx = realm->context;
  const Handle keep(handle());
  const bool has_failed = engine::is_exception(on_fulfilled) || engine::is_exception(on_rejected);
  JSValue next =
      has_failed ? engine::exception() : promise_then(realm, keep.get(), on_fulfilled, on_rejected);
  engine::release(ctx, on_fulfilled);
  engine::release(ctx, on_rejected);
  return from_owned<Value>(realm, certainly_promise(realm, next));
}

namespace {

/// Settles as the promise did whose `finally` it is of.
struct SettledAgain final : Callable {
  SettledAgain(Handle settled_with, bool rejected) noexcept
      : Callable(&call), value(std::move(settled_with)), is_rejected(rejected) {}
  static JSValue call(Callable* self, JSValueConst, int, JSValueConst*, int) noexcept {
    const auto* again = static_cast<SettledAgain*>(self);
    JSContext* ctx = again->realm->context;
    JSValue value = engine::duplicate(ctx, again->value.get());
    return again->is_rejected ? ::JS_Throw(ctx, value) : value;
  }
  void trace(Tracer& tracer) const noexcept override { tracer(value); }
  Handle value;
  bool is_rejected;
};

/// What `finally` reacts with (ECMA-262 27.2.5.3.1 and .2).
struct Finally final : Callable {
  Finally(Handle on_settled, bool rejected) noexcept
      : Callable(&call), function(std::move(on_settled)), is_rejected(rejected) {}
  static JSValue call(Callable* self, JSValueConst, int argc, JSValueConst* argv, int) noexcept {
    const auto* step = static_cast<Finally*>(self);
    Realm* realm = step->realm;
    JSContext* ctx = realm->context;
    const bool is_rejected = step->is_rejected;
    const Handle function = step->function;
    const Handle settled_with(realm,
                              argc > 0 ? engine::duplicate(ctx, argv[0]) : engine::undefined());
    JSValue returned = engine::call(ctx, function.get(), engine::undefined(), 0, nullptr);
    if (engine::is_exception(returned)) return returned;
    if (!engine::is_object(returned)) {  // nothing to wait for, and nobody else to ask
      engine::release(ctx, returned);
      JSValue value = engine::duplicate(ctx, settled_with.get());
      return is_rejected ? ::JS_Throw(ctx, value) : value;
    }
    const Handle awaited(realm, returned);
    JSValue constructor = intrinsic(realm, Intrinsic::promise);
    if (engine::is_exception(constructor)) return constructor;
    JSValue promise = call_intrinsic(realm, Intrinsic::promise_resolve, constructor, awaited.get());
    if (engine::is_exception(promise)) return promise;
    const Handle wait(realm, promise);
    auto* again = new (std::nothrow) SettledAgain(settled_with, is_rejected);
    JSValue after = again == nullptr ? ::JS_ThrowOutOfMemory(ctx)
                                     : own(realm, realm->core->function_class, again);
    if (engine::is_exception(after)) return after;
    JSValue next = promise_then(realm, wait.get(), after, engine::undefined());
    engine::release(ctx, after);
    return next;
  }
  void trace(Tracer& tracer) const noexcept override { tracer(function); }
  Handle function;
  bool is_rejected;
};

}  // namespace

Result<Value> PromiseObject::try_finally(JSValue on_settled) const {
  Realm* realm = handle().realm();
  const Entry entry(realm);
  if (!entry) return refusal(realm);
  if (engine::is_exception(on_settled)) return caught(realm);
  JSContext* ctx = realm->context;
  const Handle function(realm, on_settled);
  const auto step = [&](bool is_rejected) {
    auto* made = new (std::nothrow) Finally(function, is_rejected);
    return made == nullptr ? ::JS_ThrowOutOfMemory(ctx)
                           : own(realm, realm->core->function_class, made);
  };
  JSValue fulfilled = step(false);
  return try_react(fulfilled, engine::is_exception(fulfilled) ? engine::undefined() : step(true));
}

JSValue settled_promise(JSContext* ctx, bool is_rejected, JSValue value) noexcept {
  if (engine::is_exception(value)) return value;
  if (!has_part(realm_of(ctx), engine::Part::promise)) {
    engine::release(ctx, value);
    return engine::exception();
  }
  std::array<JSValue, 2> functions{};
  JSValue promise = ::JS_NewPromiseCapability(ctx, functions.data());
  if (!engine::is_exception(promise)) {
    JSValueConst argument = value;
    JSValue done =
        engine::call(ctx, functions[is_rejected ? 1 : 0], engine::undefined(), 1, &argument);
    engine::release(ctx, functions[0]);
    engine::release(ctx, functions[1]);
    if (engine::is_exception(done)) {
      engine::release(ctx, promise);
      promise = done;
    }
  }
  engine::release(ctx, value);
  return promise;
}

JSValue combine(Realm* realm, Combinator how, const std::vector<Value>& promises) noexcept {
  JSContext* ctx = realm->context;
  JSValue constructor = intrinsic(realm, Intrinsic::promise);
  if (engine::is_exception(constructor)) return constructor;
  const Handle list(realm, ::JS_NewArray(ctx));
  if (engine::is_exception(list.get())) return engine::exception();
  std::uint32_t index = 0;
  for (const Value& promise : promises) {
    JSValue given = give_handle(ctx, promise.handle());
    if (engine::is_exception(given) ||
        ::JS_DefinePropertyValueUint32(ctx, list.get(), index++, given, JS_PROP_C_W_E) < 0) {
      return engine::exception();
    }
  }
  const Intrinsic function = how == Combinator::all           ? Intrinsic::promise_all
                             : how == Combinator::all_settled ? Intrinsic::promise_all_settled
                             : how == Combinator::any         ? Intrinsic::promise_any
                                                              : Intrinsic::promise_race;
  return call_intrinsic(realm, function, constructor, list.get());
}

Result<Value> try_as_promise(const Value& value) {
  Realm* realm = value.handle().realm();
  const Entry entry(realm);
  if (!entry) return refusal(realm);
  JSValue constructor = intrinsic(realm, Intrinsic::promise);
  if (engine::is_exception(constructor)) return caught(realm);
  // a getter may drop the last other handle
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
  const Handle keep(value.handle());
  return from_owned<Value>(
      realm, call_intrinsic(realm, Intrinsic::promise_resolve, constructor, keep.get()));
}

// ---- a coroutine's wait ------------------------------------------------------------------------

/// The function that the engine calls when the promise is settled, in either way: what it was
/// settled with the promise tells.
struct Reaction final : Callable {
  explicit Reaction(PromiseWait* waiting) noexcept : Callable(&call), wait(waiting) {}
  static JSValue call(Callable* self, JSValueConst, int, JSValueConst*, int) noexcept {
    auto* reaction = static_cast<Reaction*>(self);
    if (PromiseWait* wait = std::exchange(reaction->wait, nullptr)) wait->settle();
    return engine::undefined();
  }
  void destroy() noexcept override {
    if (wait != nullptr) wait->reaction_ = nullptr;
    delete this;
  }
  PromiseWait* wait;
};

PromiseWait::~PromiseWait() {
  if (reaction_ != nullptr) reaction_->wait = nullptr;
}

void PromiseWait::refuse() noexcept {
  Realm* realm = promise_.realm();
  if (chain().is_stopped) {
    failure_ = stopped_error();
  } else if (promise_.empty() || realm->core == &no_core || realm->core->closing ||
             realm->core == chain().core) {
    failure_ = refusal(realm);
  } else {
    failure_ = Error::type("the promise is of another runtime than the coroutine");
  }
}

bool PromiseWait::await_suspend(std::coroutine_handle<> frame) noexcept {
  Realm* realm = promise_.realm();
  JSContext* ctx = realm->context;
  auto* reaction = new (std::nothrow) Reaction(this);
  if (reaction == nullptr) {
    ::JS_ThrowOutOfMemory(ctx);
    failure_ = caught(realm);
    return false;
  }
  JSValue function = own(realm, realm->core->function_class, reaction);
  JSValue next = engine::is_exception(function)
                     ? function
                     : promise_then(realm, promise_.get(), function, function);
  engine::release(ctx, function);
  if (engine::is_exception(next)) {
    failure_ = caught(realm);
    return false;
  }
  engine::release(ctx, next);
  if (chain().is_stopped) {  // by a script that was asked for the promise's constructor
    reaction->wait = nullptr;
    failure_ = stopped_error();
    return false;
  }
  reaction_ = reaction;
  begin(frame);
  return true;
}

void PromiseWait::settle() noexcept {
  reaction_ = nullptr;
  go_on();
}

void PromiseWait::stop() noexcept {
  if (reaction_ != nullptr) std::exchange(reaction_, nullptr)->wait = nullptr;
  failure_ = stopped_error();
  go_on();
}

Result<Value> PromiseWait::take() noexcept {
  if (failure_) return *std::move(failure_);
  const Entry entry(promise_.realm());
  if (!entry) return refusal(promise_.realm());
  switch (static_cast<int>(state_of(promise_))) {
    case JS_PROMISE_FULFILLED:
      return outcome_of(promise_);
    case JS_PROMISE_REJECTED:
      note_handled(promise_);
      return Error::of(outcome_of(promise_));
    default:
      return Error::plain("nothing can settle the promise any more");
  }
}

void PromiseAwaiterBase::refuse() noexcept {
  if (!wait_) promise_ = &wait_.emplace(*promise_, chain_).promise();
  wait_->refuse();
}
bool PromiseAwaiterBase::await_suspend(std::coroutine_handle<> frame) noexcept {
  // whoever has the handle may give it another promise meanwhile
  if (!wait_) promise_ = &wait_.emplace(*promise_, chain_).promise();
  return wait_->await_suspend(frame);
}
Result<Value> PromiseAwaiterBase::take_slowly() noexcept {
  if (!wait_) promise_ = &wait_.emplace(*promise_, chain_).promise();
  return wait_->take();
}

}  // namespace quip::detail
