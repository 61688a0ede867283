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
#include <thread>
#include <type_traits>
#include <utility>

namespace quip {

namespace detail {

/// A promise that C++ settles. When the last owner of an unsettled one goes, it is rejected.
class Settler {
 public:
  /// Throws Error.
  explicit Settler(Realm* realm) : Settler(realm, make(realm)) {}
  Settler(const Settler&) = delete;
  Settler& operator=(const Settler&) = delete;
  ~Settler();

  [[nodiscard]] const Handle& promise() const noexcept { return promise_; }
  /// Whether this call is the one that settles it.
  [[nodiscard]] bool claim() noexcept { return !is_claimed_.exchange(true); }
  /// Settles it with what `make(ctx)` makes (an exception: rejects it with that), on a thread that
  /// uses the runtime: now if this one does, else as soon as the loop comes to it. After `claim`.
  /// (It is owned here: a script that is asked for `then` may drop the other owners.)
  template <class Make>
  static void settle(std::shared_ptr<Settler> self, Make make) {
    if (entered == self->core_) {
      self->unsettled_.settle(make);
    } else {
      // kept: once it is posted, the loop may settle it and the runtime be gone
      const std::shared_ptr<Mailbox> mailbox = self->unsettled_.operation.mailbox();
      mailbox->post([self = std::move(self), make = std::move(make)]() mutable {
        self->unsettled_.settle(make);
      });
    }
  }

 private:
  /// What it takes to settle it, once.
  struct Unsettled {
    template <class Make>
    void settle(Make& make) noexcept {
      JSContext* ctx = resolve.realm()->context;
      settle_with(contained(ctx, [&]() -> JSValue { return make(ctx); }));
    }
    void settle_with(JSValue value) noexcept;
    Handle resolve;
    Handle reject;
    Operation operation;
  };
  struct Made {
    JSValue promise;
    JSValue resolve;
    JSValue reject;
  };
  static Made make(Realm* realm);
  Settler(Realm* realm, const Made& made);
  Core* core_;
  Handle promise_;
  Unsettled unsettled_;
  std::atomic<bool> is_claimed_ = false;
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
  explicit Deferred(const Ctx& ctx) : settler_(make(ctx)) {}

  /// The promise, on a thread that uses the runtime.
  [[nodiscard]] Promise<T> promise() const {
    return Promise<T>(detail::Handle(settler_->promise()));
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
    if (!settler_->claim()) return false;
    detail::Settler::settle(settler_, [kept = Kept(std::forward<U>(value))](JSContext* to) mutable {
      return detail::into_js(to, std::move(kept));
    });
    return true;
  }
  bool resolve() const
    requires(std::is_void_v<T>)
  {
    if (!settler_->claim()) return false;
    detail::Settler::settle(settler_, [](JSContext*) { return engine::undefined(); });
    return true;
  }
  /// Rejects it; false when it was settled before.
  bool reject(Error error) const {
    if (!settler_->claim()) return false;
    detail::Settler::settle(settler_, [kept = std::move(error)](JSContext* to) {
      return detail::throw_error(to, kept);
    });
    return true;
  }
  /// Rejects it with what the C++ exception is to scripts (see Error::from); C++ that awaits the
  /// promise gets the very same exception.
  bool reject(std::exception_ptr exception) const {
    if (!settler_->claim()) return false;
    detail::Settler::settle(settler_, [kept = std::move(exception)](JSContext* to) -> JSValue {
      return detail::throw_error(to, Error::from(kept));
    });
    return true;
  }

 private:
  static std::shared_ptr<detail::Settler> make(const Ctx& ctx) {
    const detail::Entry entry(ctx.realm());
    if (!entry) detail::refusal(ctx.realm()).raise();
    return std::make_shared<detail::Settler>(ctx.realm());
  }
  std::shared_ptr<detail::Settler> settler_;
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
