// What the coroutines of a fuzz target are made of: everything that can be awaited.
#pragma once

#include "counted.hpp"
#include "input.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <utility>
#include <vector>

namespace quip::fuzz {

/// Takes a step of the machine that runs, if one does.
void step();

/// A loop of another kind: it keeps what was posted until somebody calls it.
class Loop final : public Executor {
 public:
  void post(std::function<void()> work) override { works_.push_back(std::move(work)); }
  void post_after(Clock::duration, std::function<void()> work) override {
    const auto replaced = std::exchange(timer_, std::move(work));
  }
  [[nodiscard]] bool owns_thread() const noexcept override { return true; }
  /// Calls what waits now, and the timer if it is `late`.
  void pump(bool late) {
    for (std::size_t left = works_.size(); left > 0 && !works_.empty(); --left) {
      const auto work = std::move(works_.front());
      works_.pop_front();
      work();
    }
    if (const auto timer = late ? std::exchange(timer_, nullptr) : nullptr) timer();
  }

 private:
  Counted counted_;
  std::deque<std::function<void()>> works_;
  std::function<void()> timer_;
};

// ---- coroutines
// ----------------------------------------------------------------------------------

/// In the frame of a coroutine: its end takes a step too.
class Local {
 public:
  Local() = default;
  Local(const Local&) = delete;
  Local& operator=(const Local&) = delete;
  ~Local() { step(); }

 private:
  Counted counted_;
};

inline Task<Value> ends(Value result, Counted) {
  step();
  co_return result;
}
inline Task<Value> throws(bool std_exception, Counted) {
  const Local local;
  step();
  if (std_exception) throw std::runtime_error("thrown");
  Error::range("returned").raise();
  co_return Value();
}
inline Task<Value> sleeps(Clock::duration duration, Counted) {
  const Local local;
  co_await sleep(duration);
  step();
  co_return Value();
}
inline Task<Value> pauses(bool until_idle, Counted) {
  const Local local;
  for (int i = 0; i < 3; ++i) {
    if (until_idle) {
      co_await idle();
    } else {
      co_await yield();
    }
    step();
  }
  const std::stop_token token = co_await this_task::stop_token();
  if (token.stop_requested()) Error::plain("stopped").raise();
  co_return Value();
}
inline Task<Value> awaits(Promise<Value> promise, Counted) {
  const Local local;
  Value value = co_await promise;
  step();
  co_return value;
}
inline Task<Value> looks(Promise<Value> promise, Counted) {
  const Local local;
  const Result<Value> value = co_await promise.as_result();
  step();
  if (!value) check(value.error(), true);
  co_return value ? *value : Value();
}
inline Task<Value> completes(Completion<int> completion, Counted) {
  const Local local;
  (void)co_await completion;
  step();
  co_return Value();
}
inline Task<Value> parent(Task<Value> child, Counted) {
  const Local local;
  Value value = co_await std::move(child);
  step();
  co_return value;
}
inline Task<Value> both(Task<Value> first, Task<Value> second, Counted) {
  const Local local;
  auto values = co_await when_all(std::move(first), std::move(second));
  step();
  co_return std::get<0>(std::move(values));
}
inline Task<Value> either(Task<Value> first, Task<Value> second, Counted) {
  const Local local;
  auto value = co_await when_any(std::move(first), std::move(second));
  step();
  co_return value.index == 0 ? std::get<0>(std::move(value.value))
                             : std::get<1>(std::move(value.value));
}
inline Task<Value> all_of(std::vector<Task<Value>> tasks, Counted) {
  const Local local;
  const std::vector<Value> values = co_await when_all(std::move(tasks));
  step();
  co_return values.empty() ? Value() : values.front();
}
inline Task<Value> in_time(Task<Value> task, Clock::duration limit, Counted) {
  const Local local;
  Task<Value> limited = with_timeout(std::move(task), limit);
  Value value = co_await std::move(limited);
  step();
  co_return value;
}
inline Generator<int> counts(int count, Counted) {
  const Local local;
  for (int i = 0; i < count; ++i) {
    step();
    co_yield i;
  }
  if (count == 3) throw std::runtime_error("three");
}
inline AsyncGenerator<Value> yields(Task<Value> first, Promise<Value> second, Counted) {
  const Local local;
  Value value = co_await std::move(first);
  step();
  co_yield value;
  value = co_await second;
  step();
  co_yield value;
}
/// Of a generator that others have too.
inline Task<Value> asks(std::shared_ptr<AsyncGenerator<Value>> generator, Counted) {
  const Local local;
  Value last;
  while (auto value = co_await generator->next()) {
    last = *std::move(value);
    step();
  }
  co_return last;
}
inline Task<Value> iterates(AsyncIterator<Value> iterator, Counted) {
  const Local local;
  Value last;
  while (auto value = co_await iterator.next()) {
    last = *std::move(value);
    step();
  }
  co_await iterator.close();
  co_return last;
}

}  // namespace quip::fuzz
