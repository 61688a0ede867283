#include "../diagnostics/diagnostics.hpp"
#include "core_state.hpp"
#include "limits_state.hpp"
#include <quip/core/context.hpp>
#include <quip/core/limits.hpp>
#include <quip/core/runtime.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <new>
#include <string_view>
#include <utility>

namespace quip {

namespace detail {

namespace {

Core* owner_of(const Realm* realm) {
  if (realm->owner == nullptr) refusal(realm).raise();
  return realm->owner;
}

/// In the largest unit that it is a whole number of: "50 ms".
std::string spelled(std::chrono::nanoseconds span) {
  struct Unit {
    std::int64_t size;
    std::string_view name;
  };
  std::int64_t count = span.count();
  std::string_view name = "ns";
  for (const Unit& unit : {Unit{1000, "us"}, Unit{1000, "ms"}, Unit{1000, "s"}}) {
    if (count % unit.size != 0) break;
    count /= unit.size;
    name = unit.name;
  }
  return std::to_string(count) + " " + std::string(name);
}

/// While the user's handler is asked, the thread is outside of the runtime and cannot enter it.
class Asking {
 public:
  explicit Asking(CoreState& core) noexcept : core_(core), no_script_(core) { ++core_.asking; }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;
  ~Asking() { --core_.asking; }

 private:
  CoreState& core_;
  CoreState::NoScript no_script_;
};

std::optional<Stop> ask(CoreState& core, const std::function<bool()>& handler) {
  const Asking asking(core);
  try {
    if (!handler()) return std::nullopt;
    return Stop{"stopped by the interrupt handler", {}};
  } catch (const std::exception& exception) {
    return Stop{std::string("stopped by the interrupt handler: ") + exception.what(),
                std::current_exception()};
  } catch (...) {
    return Stop{"stopped by the interrupt handler", std::current_exception()};
  }
}

/// In the largest unit that it is a whole number of: "64 MiB".
std::string spelled(std::size_t bytes) {
  constexpr std::string_view units[] = {"bytes", "KiB", "MiB", "GiB"};
  std::size_t unit = 0;
  for (; bytes != 0 && bytes % 1024 == 0 && unit + 1 < std::size(units); ++unit) bytes /= 1024;
  return std::to_string(bytes) + " " + std::string(units[unit]);
}

/// Whether the heap is above a limit although its garbage is collected.
std::optional<Stop> look_at_memory(CoreState& core) {
  if (core.heap == nullptr) return std::nullopt;
  Quota& quota = core.heap->quota();
  if (!quota.is_due() || core.collecting > 0) [[likely]]
    return std::nullopt;
  ::JS_RunGC(core.runtime);
  const std::size_t limit = quota.exceeded();
  if (limit == 0) return std::nullopt;
  return Stop{(limit == core.soft_memory_limit ? "stopped by the soft memory limit of "
                                               : "stopped by the memory limit of ") +
                  spelled(limit),
              {},
              ErrorKind::out_of_memory};
}

/// What the engine calls now and then while a script runs: not 0 stops it.
int poll(JSRuntime*, void* opaque) noexcept {
  auto& core = *static_cast<CoreState*>(opaque);
  if (core.diagnostics != nullptr) [[unlikely]] {
    if (core.diagnostics->is_reading())
      return 0;  // a call that reads the stack: no script is asked
    core.diagnostics->polled(core);
  }
  Limits& limits = *core.limits;
  if (limits.raised) return 1;
  try {
    // a script that runs while its runtime is being destroyed must end
    if (core.closing) {
      limits.raised = Stop{"stopped by the end of its runtime", {}};
      return 1;
    }
    limits.raised = limits.count();
    if (!limits.raised) limits.raised = look_at_memory(core);
    if (!limits.raised) {
      const auto handler = limits.handler;  // it may replace itself
      if (handler != nullptr) limits.raised = ask(core, *handler);
    }
  } catch (const std::bad_alloc&) {
    // no memory to say why; short texts need none
    limits.raised = Stop{"stopped", {}};
  }
  return limits.raised ? 1 : 0;
}

}  // namespace

Within::Within(const Ctx& ctx) : core_(owner_of(ctx.realm())) {}
Within::Within(const Context& context) : core_(owner_of(context.handle().realm())) {}
Within::Within(const Runtime& runtime) : core_(runtime.core()) {
  if (core_ == nullptr) throw RuntimeGone();
}

LimitScope::LimitScope(Core* core, Kind kind, std::chrono::nanoseconds span, Clock::time_point end,
                       std::stop_token token)
    : limits_(core == nullptr ? nullptr : CoreState::of(core).limits),
      thread_(std::this_thread::get_id()),
      end_(end),
      token_(std::move(token)),
      span_(span),
      kind_(kind) {
  if (core != nullptr) CoreState::of(core).check_interrupts();
  if (limits_ != nullptr) limits_->add(*this);
}

LimitScope::LimitScope(Core* core, std::uint64_t budget)
    : limits_(CoreState::of(core).limits),
      thread_(std::this_thread::get_id()),
      budget_(budget),
      kind_(Kind::budget) {
  limits_->add(*this);
}

LimitScope::~LimitScope() {
  if (limits_ != nullptr) limits_->remove(*this);
}

LimitScope::Clock::time_point LimitScope::after(std::chrono::nanoseconds span) noexcept {
  const Clock::time_point now = Clock::now();
  return span < Clock::time_point::max() - now
             ? now + std::chrono::duration_cast<Clock::duration>(span)
             : Clock::time_point::max();
}

void Limits::add(LimitScope& scope) noexcept {
  const std::scoped_lock guard(lock_);
  scope.next_ = first_;
  if (first_ != nullptr) first_->previous_ = &scope;
  first_ = &scope;
  count_.fetch_add(1, std::memory_order_relaxed);
}

void Limits::remove(LimitScope& scope) noexcept {
  const std::scoped_lock guard(lock_);
  (scope.previous_ != nullptr ? scope.previous_->next_ : first_) = scope.next_;
  if (scope.next_ != nullptr) scope.next_->previous_ = scope.previous_;
  count_.fetch_sub(1, std::memory_order_relaxed);
}

std::string Limits::reason(const LimitScope& scope) {
  switch (scope.kind_) {
    case LimitScope::Kind::token:
      return "stopped by its stop_token";
    case LimitScope::Kind::turn:
      return "stopped by the turn limit of " + spelled(scope.span_);
    case LimitScope::Kind::budget:
      return "stopped by a budget of " + std::to_string(scope.budget_) + " interrupts";
    case LimitScope::Kind::deadline:
      break;
  }
  return scope.span_.count() == 0 ? "stopped by a deadline"
                                  : "stopped by a deadline of " + spelled(scope.span_);
}

std::optional<Stop> Limits::look() const {
  // this thread's own scopes are counted for sure
  if (count_.load(std::memory_order_relaxed) == 0) return std::nullopt;
  const std::thread::id thread = std::this_thread::get_id();
  const LimitScope::Clock::time_point now = LimitScope::Clock::now();
  const std::scoped_lock guard(lock_);
  // of deadlines the earliest, of budgets the outermost: the list begins with the innermost
  const LimitScope* over = nullptr;
  for (const LimitScope* scope = first_; scope != nullptr; scope = scope->next_) {
    if (scope->thread_ != thread) continue;
    if (scope->token_.stop_requested()) return Stop{reason(*scope), {}};
    const bool is_over = scope->kind_ == LimitScope::Kind::budget ? scope->used() >= scope->budget_
                                                                  : scope->end_ <= now;
    if (is_over && (over == nullptr || scope->end_ <= over->end_)) over = scope;
  }
  if (over == nullptr) return std::nullopt;
  return Stop{reason(*over), {}};
}

std::optional<Stop> Limits::count() {
  std::optional<Stop> stop = look();
  if (stop || count_.load(std::memory_order_relaxed) == 0) return stop;
  const std::thread::id thread = std::this_thread::get_id();
  const std::scoped_lock guard(lock_);
  for (LimitScope* scope = first_; scope != nullptr; scope = scope->next_) {
    if (scope->thread_ == thread && scope->kind_ == LimitScope::Kind::budget) {
      scope->used_.store(scope->used() + 1, std::memory_order_relaxed);
    }
  }
  return stop;
}

std::optional<LimitScope::Clock::time_point> Limits::earliest() const noexcept {
  if (count_.load(std::memory_order_relaxed) == 0) return std::nullopt;
  const std::thread::id thread = std::this_thread::get_id();
  LimitScope::Clock::time_point end = LimitScope::Clock::time_point::max();
  const std::scoped_lock guard(lock_);
  for (const LimitScope* scope = first_; scope != nullptr; scope = scope->next_) {
    if (scope->thread_ == thread) end = std::min(end, scope->end_);
  }
  if (end == LimitScope::Clock::time_point::max()) return std::nullopt;
  return end;
}

TurnLimit::Scope::Scope(CoreState& core, std::chrono::nanoseconds span)
    : LimitScope(&core, Kind::turn, span, after(span), {}) {}

bool CoreState::set_up_limits() noexcept {
  try {
    limits = std::make_shared<Limits>();
  } catch (const std::bad_alloc&) {
    return false;
  }
  if (takes_interrupts) ::JS_SetInterruptHandler(runtime, &poll, this);
  return true;
}

std::optional<Error> CoreState::stop_due() noexcept {
  if (limits->raised) return take_stop();
  if (limits->pumps > 0) return std::nullopt;
  try {
    const std::optional<Stop> stop = limits->look();
    if (stop) return interrupted(this, *stop);
  } catch (const std::bad_alloc&) {
    return Error::from(std::current_exception());
  }
  return std::nullopt;
}

std::optional<Error> CoreState::take_stop() noexcept {
  std::optional<Stop>& raised = limits->raised;
  if (!raised) [[likely]]
    return std::nullopt;
  Stop stop = std::move(*raised);
  raised.reset();
  Error error = interrupted(this, stop);
  limits->last = std::move(stop);
  return error;
}

}  // namespace detail

void Runtime::set_interrupt_handler(std::function<bool()> handler) {
  std::shared_ptr<const std::function<bool()>> replaced;  // ends last: it is the user's
  if (handler) replaced = std::make_shared<const std::function<bool()>>(std::move(handler));
  const detail::Work work(owned_core());
  if (replaced != nullptr) work->check_interrupts();
  std::swap(work->limits->handler, replaced);
}

void Runtime::set_turn_limit(std::chrono::nanoseconds most) {
  const detail::Work work(owned_core());
  if (most.count() > 0) work->check_interrupts();
  work->limits->turn = std::max(most, std::chrono::nanoseconds(0));
}

}  // namespace quip
