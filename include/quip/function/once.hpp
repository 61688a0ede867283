// Callables that watch how they are called: once at most, never again while they run.
#pragma once

#include <quip/function/native.hpp>

#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace quip {

/// A callable that can be called once: see once.
template <class F>
class Once {
 public:
  template <class U>
    requires std::is_constructible_v<F, U>
  explicit Once(std::in_place_t, U&& callable) : function_(std::forward<U>(callable)) {}
  /// Whether it has been called.
  [[nodiscard]] bool is_used() const noexcept { return !function_.has_value(); }

  template <class... A>
  decltype(auto) operator()(A&&... arguments) {
    if (is_used()) [[unlikely]] {
      throw Error::type(used);  // since its arguments were read
    }
    // out of here first: it is gone when it throws, too, and while it runs
    F function = *std::move(function_);
    function_.reset();
    if constexpr (detail::outlives_its_call<std::invoke_result_t<F, A...>>) {
      // a coroutine refers to what is captured: that stays as long as the JS function, which it
      // keeps
      F& called = running_.emplace(std::move(function));
      return std::invoke(std::move(called), std::forward<A>(arguments)...);
    } else {
      return std::invoke(std::move(function), std::forward<A>(arguments)...);
    }
  }
  /// @internal
  [[nodiscard]] const std::optional<F>& function() const noexcept { return function_; }
  static constexpr const char* used = "it can be called only once";

 private:
  std::optional<F> function_;
  std::optional<F> running_;
};

/// A callable that does its work one time: a second call is a TypeError. What it captures may be
/// moved from, and is destroyed as soon as the first call returns (of a coroutine, with the
/// function: it needs that until it ends). A call whose arguments do not convert is none.
///
///     globals.set("finish", quip::once([file = std::move(file)]() mutable { file.close(); }));
template <class F>
  requires detail::HasSignature<std::decay_t<F>>
Once<std::decay_t<F>> once(F&& callable) {
  return Once<std::decay_t<F>>(std::in_place, std::forward<F>(callable));
}

/// A callable that is not entered again while it runs: see guarded.
template <class F>
class Guarded {
 public:
  template <class U>
    requires std::is_constructible_v<F, U>
  explicit Guarded(std::in_place_t, U&& callable) : function_(std::forward<U>(callable)) {}
  Guarded(Guarded&& other) noexcept(std::is_nothrow_move_constructible_v<F>)
      : function_(std::move(other.function_)) {}
  Guarded(const Guarded& other) : function_(other.function_) {}
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() = default;
  [[nodiscard]] bool is_running() const noexcept { return is_running_; }

  template <class... A>
  decltype(auto) operator()(A&&... arguments) {
    struct Run {
      bool& is_running;
      explicit Run(bool& flag) noexcept : is_running(flag) { is_running = true; }
      Run(const Run&) = delete;
      Run& operator=(const Run&) = delete;
      ~Run() { is_running = false; }
    };
    if (is_running_) [[unlikely]] {
      throw Error::type(busy);
    }
    const Run run(is_running_);
    return std::invoke(function_, std::forward<A>(arguments)...);
  }
  /// @internal
  [[nodiscard]] const F& function() const noexcept { return function_; }
  static constexpr const char* busy = "it is already running";

 private:
  F function_;
  bool is_running_ = false;
};

/// A callable for which being called again, by a script that it calls, is a TypeError: for
/// functions that change what they capture and call scripts meanwhile.
///
///     globals.set("each", quip::guarded([items](const quip::Function& visit) mutable { … }));
template <class F>
  requires detail::HasSignature<std::decay_t<F>>
Guarded<std::decay_t<F>> guarded(F&& callable) {
  return Guarded<std::decay_t<F>>(std::in_place, std::forward<F>(callable));
}

namespace detail {

/// A wrapper W around a callable F that does something besides; `refusal` says why it cannot be
/// called now, or null.
template <class W, class F>
struct WatchedInvocation {
  using Plain = SignedInvocation<W, SignatureOf<F>>;
  static constexpr int length = Plain::length;
  using Signed = F;
  static bool quickly(W& watched, const NativeCall& call, JSValue& result) noexcept {
    return Invocation<W>::refusal(watched) == nullptr && Plain::quickly(watched, call, result);
  }
  static JSValue slowly(W& watched, const NativeCall& call) noexcept {
    if (const char* why = Invocation<W>::refusal(watched); why != nullptr) [[unlikely]] {
      return throw_failure(call, why);
    }
    return Plain::slowly(watched, call);
  }
};
template <class F>
struct Invocation<Once<F>> : WatchedInvocation<Once<F>, F> {
  static bool is_empty(const Once<F>& once) {
    return !once.is_used() && is_empty_function(*once.function());
  }
  static const char* refusal(const Once<F>& once) noexcept {
    return once.is_used() ? Once<F>::used : nullptr;
  }
};
template <class F>
struct Invocation<Guarded<F>> : WatchedInvocation<Guarded<F>, F> {
  static const F& inner(const Guarded<F>& guarded) noexcept { return guarded.function(); }
  static const char* refusal(const Guarded<F>& guarded) noexcept {
    return guarded.is_running() ? Guarded<F>::busy : nullptr;
  }
};
/// They may be wrapped again: `fn(once(f), …)`.
template <class F>
struct SignatureOf<Once<F>> : SignatureOf<F> {};
template <class F>
struct SignatureOf<Guarded<F>> : SignatureOf<F> {};

}  // namespace detail

template <class F>
struct Trace<Once<F>> {
  using parts = detail::Parts<F>;
  static void visit(const Once<F>& once, Tracer& tracer) { tracer(once.function()); }
};
template <class F>
struct Trace<Guarded<F>> {
  using parts = detail::Parts<F>;
  static void visit(const Guarded<F>& guarded, Tracer& tracer) { tracer(guarded.function()); }
};

}  // namespace quip
