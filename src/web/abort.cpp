#include "../async/scheduler.hpp"
#include <quip/class/class_def.hpp>
#include <quip/convert/coerced.hpp>
#include <quip/convert/sequence.hpp>
#include <quip/web/abort.hpp>
#include <quip/web/dom_exception.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <utility>

namespace quip::web {

namespace {
/// What a weak reference refers to, if it still is there.
std::optional<Object> target_of(const WeakRef& reference) {
  return reference.try_deref<Object>().value_or(std::nullopt);
}
}  // namespace

/// Leaves the abortion of a signal to the runtime's loop, on whatever thread the token stops.
struct AbortSignal::Relay {
  struct Post {
    std::shared_ptr<detail::Mailbox> mailbox;
    std::weak_ptr<Slot> slot;
    void operator()() const noexcept {
      try {
        mailbox->post([found = slot] { arrive(found); });
      } catch (...) {
        // no memory to say it with: the signal is not aborted
      }
    }
  };
  Relay(std::stop_token token, Post post) : callback(std::move(token), std::move(post)) {}
  std::stop_callback<Post> callback;

  static void arrive(const std::weak_ptr<Slot>& found) {
    const std::shared_ptr<Slot> slot = found.lock();
    if (slot == nullptr) return;
    const std::optional<Object> signal = target_of(slot->signal);
    if (!signal) return;
    if (Result<void> aborted = try_abort(*signal); !aborted) aborted.error().raise();
  }
};

namespace {

Result<AbortSignal*> signal_in(const Object& object) {
  if (object.handle().empty()) return Error::type("the value is not of type 'AbortSignal'");
  return object.try_as<AbortSignal*>();
}
/// The object behind a handle that was good a moment ago, and that nobody can take away: null when
/// somebody did.
AbortSignal* still(const Object& object) noexcept {
  const Result<AbortSignal*> found = signal_in(object);
  return found ? *found : nullptr;
}

/// Aborted without a reason, it is this one.
Result<Value> reason_or_default(const Ctx& ctx, const Value& reason) {
  if (!reason.handle().empty() && !reason.is_undefined()) {
    return detail::from_owned<Value>(ctx.realm(), detail::give_handle(ctx.raw(), reason.handle()));
  }
  Result<DOMException> made =
      DOMException::try_make(ctx, "This operation was aborted", "AbortError");
  if (!made) return std::move(made).error();
  return Value(*std::move(made));
}

/// As Web IDL converts with [EnforceRange] to an unsigned long long (3.3.6).
Result<Clock::duration> milliseconds_of(double number) {
  constexpr double most = 9007199254740991;
  const double whole = std::trunc(number);
  if (!(whole >= 0 && whole <= most)) {
    return Error::type("parameter 1 is outside of the range of milliseconds");
  }
  return std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double, std::milli>(std::min(
          whole, std::chrono::duration<double, std::milli>(Clock::duration::max()).count() / 4)));
}

}  // namespace

// ---- who keeps whom
// ------------------------------------------------------------------------------

void AbortSignal::trace(Tracer& tracer) const {
  EventTarget::trace(tracer);
  tracer(reason_, sources_);
  for (const Dependent& dependent : dependents_) {
    tracer(dependent.signal, dependent.kept);
  }
  // what is kept in the slot is kept in any case: the token may stop
  if (slot_ != nullptr && slot_.use_count() == 1) tracer(slot_->signal);
}

bool AbortSignal::is_listened_to() const noexcept {
  return has_listeners("abort") || stops_.has_value() || !algorithms_.empty();
}

void AbortSignal::listeners_changed(const Object& self) {
  if (is_aborted_) return;
  const Object kept = is_listened_to() ? self : Object();
  if (slot_ != nullptr) slot_->kept = kept;
  for (const Instance<AbortSignal>& source : sources_) {
    AbortSignal* signal = still(source);
    if (signal == nullptr) continue;
    for (Dependent& dependent : signal->dependents_) {
      if (dependent.number == number_) dependent.kept = kept;
    }
  }
}

void AbortSignal::on_abort(const Object& self, std::weak_ptr<void> owner,
                           std::function<void()> work) {
  if (algorithms_.size() >= prune_at_) {
    std::erase_if(algorithms_, [](const Algorithm& known) { return known.owner.expired(); });
    prune_at_ = std::max<std::size_t>(16, 2 * algorithms_.size());
  }
  algorithms_.push_back({std::move(owner), std::move(work)});
  listeners_changed(self);
}

Result<void> AbortSignal::depend_on(const Object& self, const Instance<AbortSignal>& source) {
  const bool is_known = std::find(sources_.begin(), sources_.end(), source) != sources_.end();
  AbortSignal* signal = still(source);
  if (is_known || signal == nullptr) return {};
  Result<WeakRef> weak = WeakRef::try_make(self.ctx(), self);
  if (!weak) return std::move(weak).error();
  signal->prune_dependents();
  signal->dependents_.push_back({number_, *std::move(weak), Object()});
  sources_.push_back(source);
  return {};
}

/// Forgets those that are gone. (Asking runs a script where one has replaced WeakRef's methods
/// before anybody used them: the list is looked at apart.)
void AbortSignal::prune_dependents() {
  std::vector<Dependent> all = std::exchange(dependents_, {});
  std::erase_if(all, [](const Dependent& dependent) { return !target_of(dependent.signal); });
  all.insert(all.end(), dependents_.begin(), dependents_.end());
  dependents_ = std::move(all);
}

void AbortSignal::forget_sources() {
  for (const Instance<AbortSignal>& source : std::exchange(sources_, {})) {
    if (AbortSignal* signal = still(source)) {
      std::erase_if(signal->dependents_,
                    [this](const Dependent& dependent) { return dependent.number == number_; });
    }
  }
}

std::uint64_t AbortSignal::next_number() noexcept {
  static std::atomic<std::uint64_t> last = 0;
  return ++last;
}

// ---- making them
// ---------------------------------------------------------------------------------

Result<Instance<AbortSignal>> AbortSignal::try_make_aborted(const Ctx& ctx, const Value& reason) {
  const detail::Entry entry(ctx.realm());
  if (!entry) return detail::refusal(ctx.realm());
  Result<Value> why = reason_or_default(ctx, reason);
  if (!why) return std::move(why).error();
  Result<Instance<AbortSignal>> made = Instance<AbortSignal>::try_make(ctx);
  if (made) (*made)->mark_aborted(*made, *why);
  return made;
}

Result<Instance<AbortSignal>> AbortSignal::try_timeout(const Ctx& ctx, Clock::duration delay) {
  const detail::Entry entry(ctx.realm());
  if (!entry) return detail::refusal(ctx.realm());
  Result<Instance<AbortSignal>> made = Instance<AbortSignal>::try_make(ctx);
  if (!made) return made;
  const Clock::time_point now = Clock::now();
  const Clock::time_point due =
      delay > Clock::time_point::max() - now ? Clock::time_point::max() : now + delay;
  detail::Scheduler::of(ctx.realm()->core).add_timer(due, [signal = *made] {
    Result<DOMException> reason = DOMException::try_make(
        signal.ctx(), "The operation was aborted due to timeout", "TimeoutError");
    Result<void> aborted =
        reason ? try_abort(signal, *reason) : Result<void>(std::move(reason).error());
    if (!aborted) aborted.error().raise();
  });
  return made;
}

Result<Instance<AbortSignal>> AbortSignal::try_any(const Ctx& ctx,
                                                   std::span<const Instance<AbortSignal>> signals) {
  const detail::Entry entry(ctx.realm());
  if (!entry) return detail::refusal(ctx.realm());
  Result<Instance<AbortSignal>> made = Instance<AbortSignal>::try_make(ctx);
  if (!made) return made;
  AbortSignal& result = **made;
  for (const Instance<AbortSignal>& signal : signals) {
    const Result<Value> given =
        detail::from_owned<Value>(ctx.realm(), detail::give_handle(ctx.raw(), signal.handle()));
    if (!given) return given.error();
    const Result<AbortSignal*> source = signal_in(signal);
    if (!source) return source.error();
    if ((*source)->is_aborted_) {
      result.mark_aborted(*made, (*source)->reason_);
      return made;
    }
  }
  for (const Instance<AbortSignal>& signal : signals) {
    const AbortSignal* source = still(signal);
    if (source == nullptr) continue;
    // one that depends on others stands for them (DOM 3.2.1)
    const std::vector<Instance<AbortSignal>> sources =
        source->sources_.empty() ? std::vector{signal} : source->sources_;
    for (const Instance<AbortSignal>& each : sources) {
      if (Result<void> done = result.depend_on(*made, each); !done) return std::move(done).error();
    }
  }
  return made;
}

Result<Instance<AbortSignal>> AbortSignal::try_of(const Ctx& ctx, std::stop_token token) {
  const detail::Entry entry(ctx.realm());
  if (!entry) return detail::refusal(ctx.realm());
  if (token.stop_requested()) return try_make_aborted(ctx);
  Result<Instance<AbortSignal>> made = Instance<AbortSignal>::try_make(ctx);
  if (!made || !token.stop_possible()) return made;
  Result<WeakRef> weak = WeakRef::try_make(ctx, *made);
  if (!weak) return std::move(weak).error();
  AbortSignal& signal = **made;
  signal.slot_ = std::make_shared<Slot>(Slot{*std::move(weak), {}});
  signal.relay_ = std::make_shared<Relay>(
      std::move(token), Relay::Post{detail::Mailbox::of(ctx.realm()->core), signal.slot_});
  return made;
}

// ---- aborting
// ------------------------------------------------------------------------------------

/// Sets the reason, of those that depend on it too; returns all whose steps are to be run.
std::vector<Object> AbortSignal::mark_aborted(const Object& self, const Value& reason) {
  is_aborted_ = true;
  reason_ = reason;
  std::vector<Object> marked{self};
  for (const Dependent& dependent : std::exchange(dependents_, {})) {
    const std::optional<Object> target = target_of(dependent.signal);
    if (!target) continue;
    AbortSignal* signal = still(*target);
    if (signal == nullptr || signal->is_aborted_) continue;
    signal->is_aborted_ = true;
    signal->reason_ = reason;
    signal->forget_sources();
    marked.push_back(*target);
  }
  forget_sources();
  if (slot_ != nullptr) slot_->kept = Object();
  return marked;
}

Result<void> AbortSignal::run_steps(const Object& self) {
  AbortSignal* signal = still(self);
  if (signal == nullptr) return {};
  const std::vector<Algorithm> algorithms = std::exchange(signal->algorithms_, {});
  std::stop_source stops = signal->stops_.value_or(std::stop_source(std::nostopstate));
  for (const Algorithm& algorithm : algorithms) {
    algorithm.run();
  }
  stops.request_stop();
  const Result<Instance<Event>> event = Instance<Event>::try_make(self.ctx(), std::string("abort"));
  const Result<bool> told = event ? dispatch_as(self, *event, true) : Result<bool>(event.error());
  if (told) return {};
  return told.error();
}

Result<void> AbortSignal::try_abort(const Object& signal, const Value& reason) {
  detail::Realm* realm = signal.handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): a listener may drop the handle
  const Object self = signal;
  const Result<AbortSignal*> found = signal_in(self);
  if (!found) return found.error();
  if ((*found)->is_aborted_) return {};
  const Result<Value> why = reason_or_default(Ctx(realm), reason);
  if (!why) return why.error();
  Result<void> outcome;
  for (const Object& marked : (*found)->mark_aborted(self, *why)) {
    const Result<void> run = run_steps(marked);
    if (!run && outcome) outcome = run;
  }
  return outcome;
}

Result<std::stop_token> AbortSignal::try_token(const Object& signal) {
  detail::Realm* realm = signal.handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const Result<AbortSignal*> found = signal_in(signal);
  if (!found) return found.error();
  AbortSignal& self = **found;
  if (!self.stops_) {
    self.stops_.emplace();
    if (self.is_aborted_) self.stops_->request_stop();
    self.listeners_changed(signal);
  }
  return self.stops_->get_token();
}

// ---- the classes
// ---------------------------------------------------------------------------------

void define(ClassDef<AbortSignal>& def) {
  def.extends<EventTarget>()
      .static_method("abort",
                     [](Ctx ctx, const Opt<Value>& reason) {
                       return AbortSignal::try_make_aborted(ctx, reason.value_or(Value()));
                     })
      .static_method("timeout",
                     [](Ctx ctx, Coerced<double> delay) -> Result<Instance<AbortSignal>> {
                       const Result<Clock::duration> duration = milliseconds_of(delay.get());
                       if (!duration) return duration.error();
                       return AbortSignal::try_timeout(ctx, *duration);
                     })
      .static_method("any",
                     [](Ctx ctx, const std::vector<Instance<AbortSignal>>& signals) {
                       return AbortSignal::try_any(ctx, signals);
                     })
      .property<&AbortSignal::aborted>()
      .property("reason",
                [](const AbortSignal& signal, Ctx ctx) {
                  return signal.aborted() ? signal.reason() : Value(ctx, undefined);
                })
      .method("throwIfAborted",
              [](const AbortSignal& signal) -> Result<void> {
                if (signal.aborted()) return Error::of(signal.reason());
                return {};
              })
      .property(
          "onabort",
          [](const AbortSignal& signal, Ctx ctx) {
            const std::optional<Object> handler = signal.handler("abort");
            return handler ? Value(*handler) : Value(ctx, null);
          },
          [](const This<Instance<AbortSignal>>& self, const Value& handler) {
            return EventTarget::try_set_handler(self.value, "abort", handler);
          })
      .prototype_constant(symbol::to_string_tag, "AbortSignal");
}

void define(ClassDef<AbortController>& def) {
  def.constructor([](Ctx ctx) { return AbortController(ctx); })
      .property("signal", [](const AbortController& controller) { return controller.signal(); })
      .method("abort",
              [](const AbortController& controller, const Opt<Value>& reason) {
                // the script may take the controller away
                // NOLINTNEXTLINE(performance-unnecessary-copy-initialization)
                const Instance<AbortSignal> signal = controller.signal();
                return AbortSignal::try_abort(signal, reason.value_or(Value()));
              })
      .prototype_constant(symbol::to_string_tag, "AbortController");
}

}  // namespace quip::web

namespace quip {

Result<std::stop_token> Convert<std::stop_token>::from_js(const Value& value) {
  if (value.is_nullish()) return std::stop_token();
  if (!value.is<Instance<web::AbortSignal>>()) {
    return detail::not_of_type(type_name, describe(ValueRef(value.ctx().raw(), value.raw())));
  }
  return web::AbortSignal::try_token(Object(value.handle()));
}

Result<Value> Convert<std::stop_token>::into_js(const Ctx& ctx, const std::stop_token& token) {
  Result<Instance<web::AbortSignal>> made = web::AbortSignal::try_of(ctx, token);
  if (!made) return std::move(made).error();
  return Value(*std::move(made));
}

namespace detail {

bool Parameter<std::stop_token>::load(const NativeCall& call, int index) {
  if (index >= call.argc) return true;
  Result<std::stop_token> token =
      quip::detail::from_js<std::stop_token>(ValueRef(call.ctx, call.argv[index]));
  if (!token) [[unlikely]] {
    throw_argument(call, index, std::move(token).error());
    return false;
  }
  token_ = *std::move(token);
  return true;
}

template void define_class<web::AbortSignal>(ClassSpec&);
template void define_class<web::AbortController>(ClassSpec&);

}  // namespace detail
}  // namespace quip
