// Promises: looked at, reacted to and awaited from C++.
#pragma once

#include <quip/async/coroutine.hpp>
#include <quip/async/mailbox.hpp>
#include <quip/core/runtime.hpp>
#include <quip/function/native.hpp>
#include <quip/value/object.hpp>

#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace quip {

/// A promise's state (ECMA-262 27.2).
enum class PromiseState { pending, fulfilled, rejected };

namespace detail {

/// The part of the promises that is the same whatever their values are.
class PromiseObject : public Object {
 public:
  PromiseObject() noexcept = default;

  [[nodiscard]] PromiseState state() const { return try_state().value(); }
  [[nodiscard]] Result<PromiseState> try_state() const;
  /// Says that somebody has seen to its rejection, so that it is not reported as unhandled.
  void mark_handled() const;

  static constexpr std::string_view type_name = "promise";
  static bool accepts(ValueRef value) noexcept {
    return engine::is_promise(value.context(), value.raw());
  }

 protected:
  explicit PromiseObject(Handle handle) noexcept : Object(std::move(handle)) {}
  /// Whether it is; false where this thread does not use the runtime.
  [[nodiscard]] bool is_fulfilled() const noexcept {
    return inside(handle().realm()) &&
           ::JS_PromiseState(handle().realm()->context, engine::take_ownership(raw())) ==
               JS_PROMISE_FULFILLED;
  }
  /// What it was fulfilled with, owned.
  [[nodiscard]] JSValue take_value() const noexcept {
    return ::JS_PromiseResult(handle().realm()->context, engine::take_ownership(raw()));
  }
  [[nodiscard]] Result<Value> try_settled() const;
  /// Runs the runtime's loop until it is settled.
  [[nodiscard]] Result<Value> try_finished() const;
  /// Its `then` with functions, which are taken over (undefined for none); an exception among them
  /// is the outcome.
  [[nodiscard]] Result<Value> try_react(JSValue on_fulfilled, JSValue on_rejected) const;
  /// The same of its `finally`.
  [[nodiscard]] Result<Value> try_finally(JSValue on_settled) const;
};

/// A promise that has settled already; owned, or an exception. Takes the value over.
JSValue settled_promise(JSContext* ctx, bool is_rejected, JSValue value) noexcept;
/// Promise.all and its kin (ECMA-262 27.2.4) of promises.
enum class Combinator { all, all_settled, any, race };
JSValue combine(Realm* realm, Combinator how, const std::vector<Value>& promises) noexcept;

struct Reaction;

/// A coroutine's wait for a promise that is pending, or that cannot be waited for.
class PromiseWait final : public Waiter {
 public:
  PromiseWait(Handle promise, Chain& chain) noexcept
      : Waiter(chain), promise_(std::move(promise)) {}
  ~PromiseWait() override;
  [[nodiscard]] const Handle& promise() const noexcept { return promise_; }
  /// Notes why it cannot be waited for.
  void refuse() noexcept;
  bool await_suspend(std::coroutine_handle<> frame) noexcept;
  void stop() noexcept override;
  /// What it was fulfilled with, or why there is nothing.
  Result<Value> take() noexcept;

 private:
  friend struct Reaction;
  void settle() noexcept;
  Handle promise_;
  Reaction* reaction_ = nullptr;
  std::optional<Error> failure_;
};

/// Awaits a promise. One that is fulfilled already costs no more than a look.
class PromiseAwaiterBase {
 public:
  /// Of a handle that lives until the coroutine is suspended.
  PromiseAwaiterBase(const Handle& promise, Chain& chain) noexcept
      : chain_(chain), promise_(&promise) {}
  PromiseAwaiterBase(Handle&& promise, Chain& chain) noexcept : chain_(chain) {
    promise_ = &wait_.emplace(std::move(promise), chain).promise();
  }
  /// True when it need not wait.
  bool await_ready() noexcept {
    const Realm* realm = promise_->realm();
    if (chain_.is_stopped || realm->core != chain_.core || entered != realm->core) [[unlikely]] {
      refuse();
      return true;
    }
    state_ = ::JS_PromiseState(realm->context, engine::take_ownership(promise_->get()));
    return state_ != JS_PROMISE_PENDING;
  }
  bool await_suspend(std::coroutine_handle<> frame) noexcept;

 protected:
  /// Whether it was when it was looked at, and need not be waited for; then nothing has run since.
  [[nodiscard]] bool is_fulfilled() const noexcept { return state_ == JS_PROMISE_FULFILLED; }
  /// What it was fulfilled with, owned.
  [[nodiscard]] JSValue take() const noexcept {
    return ::JS_PromiseResult(promise_->realm()->context, engine::take_ownership(promise_->get()));
  }
  [[nodiscard]] Realm* realm() const noexcept { return promise_->realm(); }
  /// The same of one that was waited for, rejected, or refused.
  [[nodiscard]] Result<Value> take_slowly() noexcept;

 private:
  void refuse() noexcept;
  Chain& chain_;
  const Handle* promise_;
  JSPromiseStateEnum state_ = JS_PROMISE_PENDING;
  std::optional<PromiseWait> wait_;  // which has a handle of its own
};

template <class T>
class PromiseAwaiter final : public PromiseAwaiterBase {
 public:
  using PromiseAwaiterBase::PromiseAwaiterBase;
  T await_resume() {
    if (is_fulfilled()) [[likely]]
      return finish_or_throw<T>(realm(), take());
    return resume_slowly();
  }

 private:
  [[gnu::noinline]] T resume_slowly() {
    const Value value = take_slowly().value();
    if constexpr (!std::is_void_v<T>) return value.template as<T>();
  }
};
template <class T>
class PromiseResultAwaiter final : public PromiseAwaiterBase {
 public:
  using PromiseAwaiterBase::PromiseAwaiterBase;
  Result<T> await_resume() {
    if (is_fulfilled()) [[likely]]
      return quip::detail::finish<T>(realm(), take());
    return resume_slowly();
  }

 private:
  [[gnu::noinline]] Result<T> resume_slowly() {
    const Result<Value> value = take_slowly();
    if (!value) return value.error();
    if constexpr (std::is_void_v<T>) {
      return {};
    } else {
      return value->template try_as<T>();
    }
  }
};

/// See Promise::as_result.
template <class T>
class PromiseResult {
 public:
  explicit PromiseResult(Handle promise) noexcept : promise_(std::move(promise)) {}
  [[nodiscard]] PromiseResultAwaiter<T> await_in(Chain& chain) && {
    return PromiseResultAwaiter<T>(std::move(promise_), chain);
  }

 private:
  Handle promise_;
};

/// What a promise is of whose reaction returns an R.
template <class R>
struct PromisedBy {
  using type = R;
};
template <class T>
struct PromisedBy<Promise<T>> : PromisedBy<T> {};
template <class T>
struct PromisedBy<Task<T>> : PromisedBy<T> {};
template <class T>
struct PromisedBy<Result<T>> : PromisedBy<T> {};
template <class F>
using PromisedByCall =
    typename PromisedBy<std::decay_t<typename SignatureOf<std::decay_t<F>>::Returned>>::type;

}  // namespace detail

/// A JavaScript promise of a T (ECMA-262 27.2). That its value is a T is found out when it is
/// settled: awaiting one of another type is a conversion error.
///
///     std::string body = co_await ctx.eval<quip::Promise<std::string>>("load('x')");
///
/// Scripts may have replaced `Promise.prototype.then`: C++ never asks it.
///
/// @tparam T what it is fulfilled with; void for a promise whose value does not matter.
template <class T>
class Promise : public detail::PromiseObject {
 public:
  using value_type = T;

  /// An empty handle.
  Promise() noexcept = default;

  /// A promise that is fulfilled with the value. Like a script's `resolve`, it follows a promise
  /// that is given to it.
  template <class U = T>
  static Promise resolved(const Ctx& ctx, U&& value)
    requires(!std::is_void_v<T>)
  {
    return settled(ctx, false, std::forward<U>(value)).value();
  }
  static Promise resolved(const Ctx& ctx)
    requires std::is_void_v<T>
  {
    return settled(ctx, false, engine::undefined()).value();
  }
  /// A promise that is rejected with the reason: an Error, or any value.
  template <class U>
  static Promise rejected(const Ctx& ctx, U&& reason) {
    return settled(ctx, true, std::forward<U>(reason)).value();
  }

  /// The value that it was fulfilled with. A rejected promise throws its reason; a pending one
  /// throws an Error of kind usage. To be waited for it has to be awaited, or `finish`ed.
  template <class U = T>
  [[nodiscard]] U result() const {
    return try_result<U>().value();
  }
  template <class U = T>
  [[nodiscard]] Result<U> try_result() const {
    const detail::Entry entry(handle().realm());
    if (is_fulfilled()) [[likely]]
      return detail::finish<U>(handle().realm(), take_value());
    return converted<U>(try_settled());
  }
  /// Runs the runtime's own loop until it is settled, then as `result`. Throws an Error of kind
  /// usage when nothing is left that could settle it, and where the loop is an executor's or is
  /// running already: there it has to be awaited.
  template <class U = T>
  U finish() const {
    return try_finish<U>().value();
  }
  template <class U = T>
  Result<U> try_finish() const {
    return converted<U>(try_finished());
  }

  /// Calls `on_fulfilled` with the value when it is fulfilled; a promise of what that returns, or
  /// of what this one is rejected with. What a Task, Promise or Result stands for is waited for.
  template <class F>
  auto then(F&& on_fulfilled) const {
    using Next = Promise<detail::PromisedByCall<F>>;
    const detail::Entry entry(handle().realm());
    return react<Next>(function(std::forward<F>(on_fulfilled)), engine::undefined());
  }
  /// The same, with a function that is called with the reason when it is rejected.
  template <class F, class G>
  auto then(F&& on_fulfilled, G&& on_rejected) const {
    using Next = Promise<detail::PromisedByCall<F>>;
    const detail::Entry entry(handle().realm());
    JSValue first = function(std::forward<F>(on_fulfilled));
    return react<Next>(first, engine::is_exception(first) ? engine::undefined()
                                                          : function(std::forward<G>(on_rejected)));
  }
  /// Calls `on_rejected` with the reason when it is rejected: `then(undefined, on_rejected)`.
  template <class G>
  auto catch_(G&& on_rejected) const {
    using Next = Promise<detail::PromisedByCall<G>>;
    const detail::Entry entry(handle().realm());
    return react<Next>(engine::undefined(), function(std::forward<G>(on_rejected)));
  }
  /// Calls `on_settled` with nothing when it is settled in either way; a promise that is settled as
  /// this one, after what the function returns was waited for (ECMA-262 27.2.5.3). What that throws
  /// or is rejected with is the reason instead.
  template <class F>
  Promise finally(F&& on_settled) const {
    const detail::Entry entry(handle().realm());
    const Value next = try_finally(function(std::forward<F>(on_settled))).value();
    return Promise(detail::Handle(next.handle()));
  }

  /// Promises of all values, of the first that settles, of the first that is fulfilled, of how each
  /// ended (ECMA-262 27.2.4).
  static auto all(const Ctx& ctx, const std::vector<Promise>& promises) {
    using All = std::conditional_t<std::is_void_v<T>, Value, T>;
    return combined<Promise<std::vector<All>>>(ctx, detail::Combinator::all, promises);
  }
  static Promise<std::vector<Object>> all_settled(const Ctx& ctx,
                                                  const std::vector<Promise>& promises) {
    return combined<Promise<std::vector<Object>>>(ctx, detail::Combinator::all_settled, promises);
  }
  static Promise any(const Ctx& ctx, const std::vector<Promise>& promises) {
    return combined<Promise>(ctx, detail::Combinator::any, promises);
  }
  static Promise race(const Ctx& ctx, const std::vector<Promise>& promises) {
    return combined<Promise>(ctx, detail::Combinator::race, promises);
  }

  /// `co_await promise.as_result()` is a Result: nothing is thrown for a rejection.
  [[nodiscard]] detail::PromiseResult<T> as_result() const& {
    return detail::PromiseResult<T>(handle());
  }
  [[nodiscard]] detail::PromiseResult<T> as_result() && {
    return detail::PromiseResult<T>(detail::Handle(handle()));
  }

  /// @internal
  explicit Promise(detail::Handle handle) noexcept : PromiseObject(std::move(handle)) {}
  [[nodiscard]] detail::PromiseAwaiter<T> await_in(detail::Chain& chain) const {
    return detail::PromiseAwaiter<T>(handle(), chain);
  }

 private:
  template <class U>
  static Result<U> converted(Result<Value> settled) {
    if (!settled) return std::move(settled).error();
    if constexpr (std::is_void_v<U>) {
      return {};
    } else {
      return settled->template try_as<U>();
    }
  }
  template <class U>
  static Result<Promise> settled(const Ctx& ctx, bool is_rejected, U&& value) {
    const detail::Entry entry(ctx.realm());
    if (!entry) return detail::refusal(ctx.realm());
    JSContext* raw = ctx.realm()->context;
    JSValue given = detail::contained(raw, [&]() -> JSValue {
      if constexpr (std::is_same_v<std::decay_t<U>, JSValue>) {
        return value;
      } else if constexpr (std::is_base_of_v<Error, std::decay_t<U>>) {
        detail::throw_error(raw, value);
        return ::JS_GetException(raw);
      } else {
        return detail::into_js(raw, std::forward<U>(value));
      }
    });
    return detail::from_owned<Promise>(ctx.realm(),
                                       detail::settled_promise(raw, is_rejected, given));
  }
  template <class F>
  [[nodiscard]] JSValue function(F&& callable) const {
    const detail::Entry entry(handle().realm());
    if (!entry) detail::refusal(handle().realm()).raise();
    JSContext* raw = handle().realm()->context;
    return detail::contained(raw, [&] { return detail::into_js(raw, std::forward<F>(callable)); });
  }
  template <class Next>
  [[nodiscard]] Next react(JSValue on_fulfilled, JSValue on_rejected) const {
    return Next(detail::Handle(try_react(on_fulfilled, on_rejected).value().handle()));
  }
  template <class Next>
  static Next combined(const Ctx& ctx, detail::Combinator how,
                       const std::vector<Promise>& promises) {
    const detail::Entry entry(ctx.realm());
    if (!entry) detail::refusal(ctx.realm()).raise();
    const std::vector<Value> values(promises.begin(), promises.end());
    return detail::from_owned<Next>(ctx.realm(), detail::combine(ctx.realm(), how, values)).value();
  }
};

template <class T>
struct Convert<Promise<T>> : detail::ConvertHandle<Promise<T>> {};

/// What may be a promise and may be the value itself: as a parameter it takes either from the
/// script, other thenables included, and is awaited like a promise.
template <class T>
class MaybePromise {
 public:
  using value_type = T;
  MaybePromise() noexcept = default;
  /// @param value a promise, a thenable or the value.
  explicit MaybePromise(Value value) noexcept : value_(std::move(value)) {}

  [[nodiscard]] bool is_promise() const { return value_.template is<Promise<T>>(); }
  /// What the script gave.
  [[nodiscard]] const Value& value() const noexcept { return value_; }
  /// It as a promise: what is none is one that is fulfilled. ECMA-262 27.2.4.7.
  [[nodiscard]] Promise<T> promise() const { return try_promise().value(); }
  [[nodiscard]] Result<Promise<T>> try_promise() const;

  /// @internal
  [[nodiscard]] detail::PromiseAwaiter<T> await_in(detail::Chain& chain) const {
    return detail::PromiseAwaiter<T>(detail::Handle(promise().handle()), chain);
  }

 private:
  Value value_;
};

namespace detail {
/// Promise.resolve (ECMA-262 27.2.4.7).
Result<Value> try_as_promise(const Value& value);
}  // namespace detail

template <class T>
Result<Promise<T>> MaybePromise<T>::try_promise() const {
  Result<Value> made = detail::try_as_promise(value_);
  if (!made) return std::move(made).error();
  return Promise<T>(detail::Handle(made->handle()));
}

template <class T>
struct Convert<MaybePromise<T>> {
  static Result<MaybePromise<T>> from_js(ValueRef value) {
    return MaybePromise<T>(detail::HandleForm<MaybePromise<T>>::own(value));
  }
  static JSValue into_js(JSContext* ctx, const MaybePromise<T>& maybe) {
    return detail::give_handle(ctx, maybe.value().handle());
  }
};

}  // namespace quip
