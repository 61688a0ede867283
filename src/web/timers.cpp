#include "../async/scheduler.hpp"
#include "report.hpp"
#include <quip/convert/coerced.hpp>
#include <quip/function/function.hpp>
#include <quip/web/timers.hpp>

#include <chrono>
#include <cmath>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace quip::web {

namespace {

/// The timers of a context by their numbers.
class TimerTable : public std::enable_shared_from_this<TimerTable> {
 public:
  using Id = std::int64_t;

  Id start(const Ctx& ctx, Function callback, std::vector<Value> arguments, Clock::duration delay,
           bool repeats) {
    const Id id = ++last_;
    auto timer = std::make_shared<Timer>(Timer{std::move(callback), std::move(arguments),
                                               repeats ? std::optional(delay) : std::nullopt,
                                               arm(ctx, id, delay)});
    timers_.emplace(id, std::move(timer));
    return id;
  }

  void stop(const Ctx& ctx, Id id) noexcept {
    const auto found = timers_.find(id);
    if (found == timers_.end()) return;
    const std::shared_ptr<Timer> timer = found->second;
    timers_.erase(found);
    const std::optional<detail::TimerKey>& armed = timer->key;
    if (armed) detail::Scheduler::of(ctx.realm()->core).cancel_timer(*armed);
  }

 private:
  struct Timer {
    Function callback;
    std::vector<Value> arguments;
    std::optional<Clock::duration> interval;  // of one that repeats
    std::optional<detail::TimerKey> key;      // nothing while its callback runs
  };

  detail::TimerKey arm(const Ctx& ctx, Id id, Clock::duration delay) {
    return detail::Scheduler::of(ctx.realm()->core)
        .add_timer(Clock::now() + delay, [table = shared_from_this(), id] { table->fire(id); });
  }

  void fire(Id id) {
    const auto found = timers_.find(id);
    if (found == timers_.end()) return;
    // the callback may clear it
    const std::shared_ptr<Timer> timer = found->second;
    timer->key.reset();
    if (!timer->interval) timers_.erase(found);
    const Ctx ctx = timer->callback.ctx();
    const detail::Entry entry(ctx.realm());
    if (!entry) return;
    const Result<Object> globals = ctx.try_globals();
    const Result<void> called =
        globals ? timer->callback.try_call_with<void>(*globals, timer->arguments)
                : Result<void>(globals.error());
    if (!called) {
      if (ends_all(called.error())) {
        timers_.erase(id);
        called.error().raise();
      }
      report(ctx.realm(), called.error());
    }
    const auto& interval = timer->interval;
    if (interval && timers_.contains(id)) timer->key = arm(ctx, id, *interval);
  }

  std::unordered_map<Id, std::shared_ptr<Timer>> timers_;
  Id last_ = 0;
};

/// In whole milliseconds: 1 for what is less, no number, or more than 2^31 - 1.
Clock::duration delay_of(double number) noexcept {
  constexpr double longest = 2147483647;
  if (!(number >= 1 && number <= longest)) number = 1;
  return std::chrono::milliseconds(static_cast<std::int64_t>(number));
}

/// What clearTimeout was given, if it may be a timer's number.
std::optional<TimerTable::Id> id_of(const Value& value) {
  if (!value.is_number() && !value.is_string()) return std::nullopt;
  const Result<Coerced<double>> number = value.try_as<Coerced<double>>();
  constexpr double most = 9007199254740991;
  if (!number || !(number->get() >= 1 && number->get() <= most)) return std::nullopt;
  return static_cast<TimerTable::Id>(number->get());
}

}  // namespace

void install_timers(const Ctx& ctx) {
  const Object globals = ctx.globals();
  const auto define = [&globals](std::string_view name, auto&& function) {
    globals.define(name, property(std::forward<decltype(function)>(function))
                             .writable()
                             .enumerable()
                             .configurable());
  };
  const auto table = std::make_shared<TimerTable>();
  const auto starter = [table](bool repeats) {
    return [table, repeats](Ctx at, Function callback, const Opt<Coerced<double>>& delay,
                            Rest<Value> arguments) {
      return table->start(at, std::move(callback), std::move(arguments.values),
                          delay_of(delay ? delay->get() : 0), repeats);
    };
  };
  define("setTimeout", starter(false));
  define("setInterval", starter(true));
  define("setImmediate", [table](Ctx at, Function callback, Rest<Value> arguments) {
    return table->start(at, std::move(callback), std::move(arguments.values),
                        Clock::duration::zero(), false);
  });
  for (const std::string_view name : {"clearTimeout", "clearInterval", "clearImmediate"}) {
    define(name, [table](Ctx at, const Opt<Value>& timer) {
      const std::optional<TimerTable::Id> id = timer ? id_of(*timer) : std::nullopt;
      if (id) table->stop(at, *id);
    });
  }
}

void install_microtasks(const Ctx& ctx) {
  const Object globals = ctx.globals();
  if (globals.has("queueMicrotask")) return;
  globals.define("queueMicrotask", property([](const Function& callback) { callback.defer(); })
                                       .writable()
                                       .enumerable()
                                       .configurable());
}

}  // namespace quip::web
