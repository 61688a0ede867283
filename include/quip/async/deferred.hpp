// Promises that C++ settles, from any thread.
#pragma once

#include <quip/async/mailbox.hpp>
#include <quip/async/promise.hpp>
#include <quip/core/context.hpp>

#include <atomic>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

namespace quip {

namespace detail {

/// A promise's two functions, until one of them was called.
class Settler : public std::enable_shared_from_this<Settler> {
 public:
  /// Throws Error.
  explicit Settler(Realm* realm);
  ~Settler();
  Settler(const Settler&) = delete;
  Settler& operator=(const Settler&) = delete;

  [[nodiscard]] const Handle& promise() const noexcept { return promise_; }
  /// Whether this call is the one that settles it.
  [[nodiscard]] bool claim() noexcept { return !is_claimed_.exchange(true); }
  /// Settles it with what `make` makes (an exception: rejects it with that), on a thread that uses
  /// the runtime: now if this one does, else as soon as the loop comes to it. After `claim`.
  template <class Make>
  void settle(Make make) {
    if (entered == core_) {
      finish(contained(context(), make));
    } else if (operation_) {
      // copyable, as std::function asks of it
      auto shared = std::make_shared<Make>(std::move(make));
      operation_->mailbox().post([self = this->shared_from_this(), shared] {
        self->finish(contained(self->context(), *shared));
      });
    }
  }
  /// The context; the thread has entered the runtime.
  [[nodiscard]] JSContext* context() const noexcept { return resolve_.realm()->context; }

 private:
  void finish(JSValue value) noexcept;
  Core* core_;
  std::optional<Operation> operation_;
  Handle promise_;
  Handle resolve_;
  Handle reject_;
  std::atomic<bool> is_claimed_ = false;
};

/// Rejects the promise when the last Deferred of it is gone.
struct Promisor {
  explicit Promisor(Realm* realm) : settler(std::make_shared<Settler>(realm)) {}
  Promisor(const Promisor&) = delete;
  Promisor& operator=(const Promisor&) = delete;
  ~Promisor();
  std::shared_ptr<Settler> settler;
};

}  // namespace detail

/// A promise and the right to settle it, once, from any thread.
///
///     quip::Deferred<int> answer(ctx);
///     std::thread([answer] { answer.resolve(think()); }).detach();
///     return answer.promise();
///
/// Copies are of the same promise. The runtime's loop does not end while one is unsettled; when the
/// last copy goes without having settled it, the promise is rejected. After the runtime's end there
/// is nothing to settle: then nothing happens.
///
/// @tparam T what it is fulfilled with; void for nothing.
template <class T = Value>
class Deferred {
 public:
  /// Makes the promise. Throws Error when memory is short.
  explicit Deferred(const Ctx& ctx) : promisor_(make(ctx)) {}

  /// The promise, on a thread that uses the runtime.
  [[nodiscard]] Promise<T> promise() const {
    return Promise<T>(detail::Handle(promisor_->settler->promise()));
  }
  /// Fulfils it; false when it was settled before. The value becomes a JavaScript value on the
  /// thread of the loop, unless this one uses the runtime now; one that has none rejects the
  /// promise. Like a script's `resolve`, it follows a promise that is given to it.
  template <class U = T>
  bool resolve(U&& value) const
    requires(!std::is_void_v<T>)
  {
    // any value will do where the promise is of any
    using Kept = std::conditional_t<std::is_same_v<T, Value>, std::decay_t<U>, T>;
    static_assert(std::is_constructible_v<Kept, U&&>, "the promise is of another type");
    if (!promisor_->settler->claim()) return false;
    promisor_->settler->settle(
        [settler = promisor_->settler.get(), kept = Kept(std::forward<U>(value))]() mutable {
          return detail::into_js(settler->context(), std::move(kept));
        });
    return true;
  }
  bool resolve() const
    requires(std::is_void_v<T>)
  {
    if (!promisor_->settler->claim()) return false;
    promisor_->settler->settle([]() { return engine::undefined(); });
    return true;
  }
  /// Rejects it; false when it was settled before.
  bool reject(Error error) const {
    if (!promisor_->settler->claim()) return false;
    promisor_->settler->settle([settler = promisor_->settler.get(), kept = std::move(error)] {
      return detail::throw_error(settler->context(), kept);
    });
    return true;
  }
  /// Rejects it with what the C++ exception is to scripts (see Error::from); C++ that awaits the
  /// promise gets the very same exception.
  bool reject(std::exception_ptr exception) const {
    if (!promisor_->settler->claim()) return false;
    promisor_->settler->settle(
        [settler = promisor_->settler.get(), kept = std::move(exception)]() -> JSValue {
          return detail::throw_error(settler->context(), Error::from(kept));
        });
    return true;
  }

 private:
  static std::shared_ptr<detail::Promisor> make(const Ctx& ctx) {
    const detail::Entry entry(ctx.realm());
    if (!entry) detail::refusal(ctx.realm()).raise();
    return std::make_shared<detail::Promisor>(ctx.realm());
  }
  std::shared_ptr<detail::Promisor> promisor_;
};

/// A Deferred becomes its promise.
template <class T>
struct Convert<Deferred<T>> {
  static JSValue into_js(JSContext* ctx, const Deferred<T>& deferred) {
    return detail::give_handle(ctx, deferred.promise().handle());
  }
};

/// A std::future becomes a promise of its value. Nobody calls back when a future is ready, so that
/// a thread waits for it: where that is too much, use a Deferred. (What std::async started is
/// waited for by that thread, not by the runtime's.)
template <class T>
struct Convert<std::future<T>> {
  static JSValue into_js(JSContext* ctx, std::future<T>&& future) {
    if (!future.valid()) {
      return detail::throw_error(ctx, Error::type("an empty std::future is no promise"));
    }
    const Deferred<T> deferred(detail::HandleForm<std::future<T>>::ctx(ctx));
    std::thread([deferred, waited = std::move(future)]() mutable {
      try {
        if constexpr (std::is_void_v<T>) {
          waited.get();
          deferred.resolve();
        } else {
          deferred.resolve(waited.get());
        }
      } catch (...) {
        deferred.reject(std::current_exception());
      }
    }).detach();
    return detail::give_handle(ctx, deferred.promise().handle());
  }
};

}  // namespace quip
