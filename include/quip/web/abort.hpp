// AbortController and AbortSignal (WHATWG DOM, section 3), and their way from and to
// std::stop_token.
#pragma once

#include <quip/async/executor.hpp>
#include <quip/convert/type_info.hpp>
#include <quip/function/params.hpp>
#include <quip/value/weak_ref.hpp>
#include <quip/web/events.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

namespace quip::web {

class AbortSignal;
void define(ClassDef<AbortSignal>& def);

/// Tells whoever looks or listens that what was asked for is not wanted any more: the JavaScript
/// class `AbortSignal`. `signal` is its object everywhere; another one is a TypeError.
///
/// A std::stop_token as the parameter of a bound function, or as a member of its options, is a
/// signal that scripts give; see Convert<std::stop_token> below.
class AbortSignal final : public EventTarget {
 public:
  /// One that nobody aborts but `abort`.
  AbortSignal() = default;
  ~AbortSignal() override = default;

  /// A new one that is aborted already. Without a reason, it is a DOMException "AbortError".
  static Instance<AbortSignal> make_aborted(const Ctx& ctx, const Value& reason = {}) {
    return try_make_aborted(ctx, reason).value();
  }
  static Result<Instance<AbortSignal>> try_make_aborted(const Ctx& ctx, const Value& reason = {});
  /// A new one that is aborted after that time, by the runtime's loop, with a DOMException
  /// "TimeoutError". The loop waits for it.
  static Instance<AbortSignal> timeout(const Ctx& ctx, Clock::duration delay) {
    return try_timeout(ctx, delay).value();
  }
  static Result<Instance<AbortSignal>> try_timeout(const Ctx& ctx, Clock::duration delay);
  /// A new one that is aborted as soon as one of these is, for the same reason.
  static Instance<AbortSignal> any(const Ctx& ctx, std::span<const Instance<AbortSignal>> signals) {
    return try_any(ctx, signals).value();
  }
  static Result<Instance<AbortSignal>> try_any(const Ctx& ctx,
                                               std::span<const Instance<AbortSignal>> signals);
  /// A new one that is aborted when the token stops, from whatever thread: by the runtime's loop
  /// then. The loop does not wait for that.
  static Instance<AbortSignal> of(const Ctx& ctx, std::stop_token token) {
    return try_of(ctx, std::move(token)).value();
  }
  static Result<Instance<AbortSignal>> try_of(const Ctx& ctx, std::stop_token token);

  /// Aborts it, and those that depend on it; nothing when it is aborted already. The reason is as
  /// of `make_aborted`. Listeners run before this returns.
  static void abort(const Object& signal, const Value& reason = {}) {
    try_abort(signal, reason).value();
  }
  static Result<void> try_abort(const Object& signal, const Value& reason = {});
  /// A token that stops when the signal is aborted, within `abort` and before the listeners of
  /// scripts hear of it. It may be looked at on any thread.
  static std::stop_token token(const Object& signal) { return try_token(signal).value(); }
  static Result<std::stop_token> try_token(const Object& signal);

  [[nodiscard]] bool aborted() const noexcept { return is_aborted_; }
  /// Why; an empty handle when it is not aborted.
  [[nodiscard]] const Value& reason() const noexcept { return reason_; }

  void trace(Tracer& tracer) const override;

  /// @internal What is done when it is aborted, as long as `owner` is there.
  void on_abort(const Object& self, std::weak_ptr<void> owner, std::function<void()> work);

 private:
  struct Algorithm {
    std::weak_ptr<void> owner;
    std::function<void()> run;
  };
  /// A signal that any() made of this one. It stays when somebody listens to it.
  struct Dependent {
    std::uint64_t number;
    WeakRef signal;
    Object kept;
  };
  /// What the stop_callback of a token finds the signal by.
  struct Slot {
    WeakRef signal;
    Object kept;
  };
  struct Relay;

  void listeners_changed(const Object& self) override;
  [[nodiscard]] bool is_listened_to() const noexcept;
  std::vector<Object> mark_aborted(const Object& self, const Value& reason);
  static Result<void> run_steps(const Object& self);
  void forget_sources();
  void prune_dependents();
  Result<void> depend_on(const Object& self, const Instance<AbortSignal>& source);

  static std::uint64_t next_number() noexcept;

  std::uint64_t number_ = next_number();
  bool is_aborted_ = false;
  Value reason_;
  std::vector<Algorithm> algorithms_;
  std::size_t prune_at_ = 16;
  std::optional<std::stop_source> stops_;
  std::vector<Instance<AbortSignal>> sources_;
  std::vector<Dependent> dependents_;
  std::shared_ptr<Slot> slot_;
  std::shared_ptr<Relay> relay_;  // holds the stop_callback; destroyed before the slot
};

/// Who aborts a signal: the JavaScript class `AbortController`.
class AbortController {
 public:
  /// With a new signal in the context. Throws Error when memory is short.
  explicit AbortController(const Ctx& ctx) : signal_(Instance<AbortSignal>::make(ctx)) {}

  [[nodiscard]] const Instance<AbortSignal>& signal() const noexcept { return signal_; }
  /// See AbortSignal::abort.
  void abort(const Value& reason = {}) const { AbortSignal::abort(signal_, reason); }
  Result<void> try_abort(const Value& reason = {}) const {
    return AbortSignal::try_abort(signal_, reason);
  }

  void trace(Tracer& tracer) const { tracer(signal_); }

 private:
  Instance<AbortSignal> signal_;
};
void define(ClassDef<AbortController>& def);

}  // namespace quip::web

namespace quip {

/// An AbortSignal as a token that stops when it is aborted; undefined and null, and an argument
/// that is left out, are one that never stops. Into JavaScript a new AbortSignal that is aborted
/// when the token stops, see AbortSignal::of.
///
///     globals.set("download", [](std::string url, std::stop_token stop) { … });
///     // download("…", AbortSignal.timeout(1000))
template <>
struct Convert<std::stop_token> {
  static constexpr std::string_view type_name = "AbortSignal";
  static Result<std::stop_token> from_js(const Value& value);
  static Result<Value> into_js(const Ctx& ctx, const std::stop_token& token);
};

/// It may be left out.
template <>
struct ParameterInfoOf<std::stop_token> : detail::OptionalParameter<std::stop_token> {};

namespace detail {

extern template void define_class<web::AbortSignal>(ClassSpec& spec);
extern template void define_class<web::AbortController>(ClassSpec& spec);

template <>
class Parameter<std::stop_token> {
 public:
  static constexpr bool takes_argument = true;
  static constexpr bool required = false;
  bool load(const NativeCall& call, int index);
  std::stop_token get() noexcept { return std::move(token_); }

 private:
  std::stop_token token_;
};
template <>
class Parameter<const std::stop_token&> : public Parameter<std::stop_token> {};

}  // namespace detail
}  // namespace quip
