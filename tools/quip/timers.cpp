#include "timers.hpp"

#include <cmath>
#include <cstdio>
#include <thread>

namespace quip::program {

namespace {

/// The delay in whole milliseconds: 1 for what is less, no number, or more than 2^31 - 1.
std::chrono::milliseconds delay_of(const Value& value) {
  constexpr double longest = 2147483647;
  double number = 0;
  if (value.is_number()) {
    number = value.as<double>();
  } else if (value.is_string() || value.is_bool()) {
    // as a script's Number(value) would
    try {
      number = value.is_bool() ? double(value.as<bool>()) : std::stod(value.as<std::string>());
    } catch (const std::exception&) {
      number = 0;
    }
  }
  if (std::isnan(number) || number < 1 || number > longest) {
    number = 1;
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(number));
}

}  // namespace

void EventLoop::install(const Ctx& ctx) {
  const Object globals = ctx.globals();
  // fetched before a script can replace it
  apply_ = ctx.eval<Function>("Reflect.apply");
  globals.set("setTimeout", [this](const Function& function, const Rest<Value>& rest) {
    return start(function, rest, false);
  });
  globals.set("setInterval", [this](const Function& function, const Rest<Value>& rest) {
    return start(function, rest, true);
  });
  globals.set("setImmediate", [this](const Function& function, Rest<Value> rest) {
    immediates_.emplace(++last_id_, Callback{function, std::move(rest.values)});
    return last_id_;
  });
  for (const char* name : {"clearTimeout", "clearInterval", "clearImmediate"}) {
    globals.set(name, [this](const Rest<Value>& rest) {
      if (rest.size() > 0) stop(rest.values.front());
    });
  }
  if (!globals.has("queueMicrotask")) {
    const auto queue = ctx.eval<Function>(
        "const promise = Promise.resolve();"
        "const then = Function.prototype.call.bind(promise.then);"
        "(job) => { then(promise, job); }");
    globals.set("queueMicrotask", [queue](const Function& job) {
      queue.call<void>(Function(job.ctx(), "job", [job] { job.call<void>(); }));
    });
  }
}

EventLoop::Id EventLoop::start(const Function& function, const Rest<Value>& rest, bool repeats) {
  Timer timer;
  const bool has_delay = rest.size() > 0;
  const Milliseconds delay = has_delay ? delay_of(rest.values.front()) : Milliseconds(1);
  timer.callback.function = function;
  if (has_delay) timer.callback.arguments.assign(rest.begin() + 1, rest.end());
  timer.deadline = Clock::now() + delay;
  if (repeats) timer.interval = delay;
  arm(++last_id_, std::move(timer));
  return last_id_;
}

void EventLoop::arm(Id id, Timer timer) {
  queue_.emplace(Due(timer.deadline, id), id);
  timers_.insert_or_assign(id, std::move(timer));
}

void EventLoop::stop(const Value& id) {
  const Result<Id> number = id.try_as<Id>();
  if (!number) return;  // as everywhere, clearing nothing is no error
  immediates_.erase(*number);
  const auto timer = timers_.find(*number);
  if (timer == timers_.end()) return;
  queue_.erase(Due(timer->second.deadline, *number));
  timers_.erase(timer);
}

bool EventLoop::take_turn(const Callback* callback, const Turn& turn) {
  if (callback != nullptr) {
    const Result<void> called =
        apply_.try_call<void>(callback->function, std::nullopt, callback->arguments);
    if (!called && !turn(&called.error())) return false;
  }
  for (;;) {
    const Result<void> ran = runtime_.try_run();
    if (!turn(ran ? nullptr : &ran.error())) return false;
    if (ran) return true;
  }
}

bool EventLoop::run_due_timers(const Turn& turn) {
  // what becomes due meanwhile waits for the next round, so that immediates are not starved
  const Clock::time_point now = Clock::now();
  while (!queue_.empty() && queue_.begin()->first.first <= now) {
    const Id id = queue_.begin()->second;
    queue_.erase(queue_.begin());
    const auto found = timers_.find(id);
    Timer timer = std::move(found->second);
    timers_.erase(found);
    const Callback callback = timer.callback;
    if (timer.interval.count() > 0) {
      // armed before the callback, which may clear it; counted from when it ran
      timer.deadline = Clock::now() + timer.interval;
      arm(id, std::move(timer));
    }
    if (!take_turn(&callback, turn)) return false;
  }
  return true;
}

bool EventLoop::run_immediates(const Turn& turn) {
  // those that callbacks add wait for the next round; they have higher numbers
  const Id last = last_id_;
  while (!immediates_.empty() && immediates_.begin()->first <= last) {
    const Callback callback = std::move(immediates_.begin()->second);
    immediates_.erase(immediates_.begin());
    if (!take_turn(&callback, turn)) return false;
  }
  return true;
}

void EventLoop::run(const Turn& turn) {
  if (!take_turn(nullptr, turn)) return;
  while (!queue_.empty() || !immediates_.empty()) {
    if (immediates_.empty()) {
      std::fflush(stdout);  // nobody should wait for output while we sleep
      std::this_thread::sleep_until(queue_.begin()->first.first);
    }
    if (!run_due_timers(turn) || !run_immediates(turn)) return;
  }
}

}  // namespace quip::program
