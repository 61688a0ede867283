// g++ 12 compiles some expressions with co_await wrongly (docs/guide/async.md lists them): what
// they are to be replaced with destroys each object once, whether the coroutine ends or is
// destroyed.
#include "support/counted.hpp"
#include "support/js.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

using namespace std::chrono_literals;

/// An object that sees when it was moved without its constructor.
class Whole : public Counted {
 public:
  explicit Whole(int number) noexcept : value(number), self_(this) {}
  Whole(const Whole& other) noexcept : Counted(other), value(other.value), self_(this) {}
  Whole(Whole&& other) noexcept : Whole(std::as_const(other)) {}
  Whole& operator=(const Whole& other) noexcept {
    value = other.value;
    return *this;
  }
  ~Whole() { EXPECT_EQ(self_, this); }
  int value;

 private:
  Whole* self_;
};

Clock::duration pause_length{};

Task<int> take(Whole whole) {
  co_await sleep(pause_length);
  co_return whole.value;
}
template <class F>
Task<int> call(F function) {
  co_await sleep(pause_length);
  co_return function();
}
Task<int> call_any(std::function<int()> function) {
  co_await sleep(pause_length);
  co_return function();
}
Task<int> count(std::vector<Whole> list) {
  co_await sleep(pause_length);
  co_return static_cast<int>(list.size());
}
struct Options {
  Whole a;
  Whole b;
  std::string text = "a text that is longer than a small string";
};
Task<int> take_options(Options options) {
  co_await sleep(pause_length);
  co_return options.a.value + options.b.value;
}
class Settings {
 public:
  Settings(Whole a, Whole b) : a_(std::move(a)), b_(std::move(b)) {}
  [[nodiscard]] int sum() const { return a_.value + b_.value; }

 private:
  Whole a_;
  Whole b_;
};
Task<int> take_settings(Settings settings) {
  co_await sleep(pause_length);
  co_return settings.sum();
}
AsyncGenerator<Whole> wholes(int to) {
  for (int n = 1; n <= to; ++n) {
    co_await sleep(pause_length);
    co_yield Whole(n);
  }
}

class CompilerFaults : public ::testing::Test {
 protected:
  /// The coroutine comes to 5; another of it is destroyed where it first waits.
  template <class F>
  void expect_sound(const F& make) {
    const NoneLeft none_left;
    pause_length = {};
    {
      Runtime runtime;
      EXPECT_EQ(runtime.run_until(make()), 5);
    }
    EXPECT_EQ(Counted::live(), 0);
    pause_length = 1h;
    Runtime runtime;
    const Context context(runtime);
    context.with([&](Ctx ctx) { (void)ctx.spawn(make()); });
    (void)runtime.poll();
  }
};

// ---- instead of a lambda with captures in the expression: its name
// -------------------------------

TEST_F(CompilerFaults, NamedLambdas) {
  expect_sound([]() -> Task<int> {
    const Whole captured(5);
    auto function = [captured] { return captured.value; };
    co_return co_await call(function);
  });
  expect_sound([]() -> Task<int> {
    const Whole captured(5);
    auto function = [captured] { return captured.value; };
    co_return co_await call(std::move(function));
  });
  expect_sound([]() -> Task<int> {
    const Whole captured(5);
    std::function<int()> function = [captured] { return captured.value; };
    co_return co_await call_any(std::move(function));
  });
  // or the task's
  expect_sound([]() -> Task<int> {
    const Whole captured(5);
    Task<int> task = call([captured] { return captured.value; });
    co_return co_await std::move(task);
  });
  // captures by reference and of plain data are fine
  expect_sound([]() -> Task<int> {
    const Whole captured(5);
    const int plain = captured.value - 5;
    co_return co_await call([&captured, plain] { return captured.value + plain; });
  });
}

// ---- instead of an aggregate: a class with a constructor, or its name
// ----------------------------

TEST_F(CompilerFaults, ClassesWithConstructors) {
  expect_sound(
      []() -> Task<int> { co_return co_await take_settings(Settings(Whole(2), Whole(3))); });
  expect_sound([]() -> Task<int> {
    Options options{Whole(2), Whole(3)};
    co_return co_await take_options(std::move(options));
  });
}

// ---- instead of a braced list: a named container
// -------------------------------------------------

TEST_F(CompilerFaults, NamedContainers) {
  expect_sound([]() -> Task<int> {
    std::vector<Whole> list(5, Whole(1));
    co_return co_await count(std::move(list));
  });
  expect_sound([]() -> Task<int> {
    const int first = co_await take(Whole(2));
    const int second = co_await take(Whole(3));
    const std::vector<int> both{first, second};
    co_return both[0] + both[1];
  });
}

// ---- instead of `condition ? temporary : variable`: an if
// ----------------------------------------

TEST_F(CompilerFaults, ConditionsByIf) {
  expect_sound([]() -> Task<int> {
    Whole chosen(3);
    if (chosen.value == 3) chosen = Whole(5);
    co_return co_await take(chosen);
  });
}

// ---- instead of co_await in the head of switch or while: a variable before ----------------------

TEST_F(CompilerFaults, SwitchOnAVariable) {
  expect_sound([]() -> Task<int> {
    const int which = co_await take(Whole(2));
    switch (which) {
      case 2:
        co_return co_await take(Whole(5));
      default:
        co_return 0;
    }
  });
}

TEST_F(CompilerFaults, LoopsThatTestAVariable) {
  expect_sound([]() -> Task<int> {
    for (;;) {
      const int value = co_await take(Whole(5));
      if (value == 5) co_return value;
    }
  });
  // what is declared in the head of `while` is fine as long as the loop's body does not return
  expect_sound([]() -> Task<int> {
    AsyncGenerator<Whole> all = wholes(5);
    int last = 0;
    while (std::optional<Whole> each = co_await all.next()) last = each->value;
    co_return last;
  });
  expect_sound([]() -> Task<int> {
    AsyncGenerator<Whole> all = wholes(9);
    int last = 0;
    while (std::optional<Whole> each = co_await all.next()) {
      last = each->value;
      if (last == 5) break;
    }
    co_return last;
  });
  expect_sound([]() -> Task<int> {
    AsyncGenerator<Whole> all = wholes(9);
    for (;;) {
      const std::optional<Whole> each = co_await all.next();
      if (!each) break;
      if (each->value == 5) co_return each->value;
    }
    co_return 0;
  });
}

// ---- what is fine as it is
// -----------------------------------------------------------------------

TEST_F(CompilerFaults, WhatIsFine) {
  expect_sound([]() -> Task<int> { co_return co_await take(Whole(5)); });
  expect_sound([]() -> Task<int> {
    co_return co_await take(Whole(1)) + co_await take(Whole(2)) * co_await take(Whole(2));
  });
  expect_sound([]() -> Task<int> {
    if (const int value = co_await take(Whole(4)); value > 3) co_return value + 1;
    co_return 0;
  });
  expect_sound([]() -> Task<int> {
    auto throws = [](Whole whole) -> Task<int> {
      co_await sleep(pause_length);
      throw whole.value;
    };
    int caught = 0;
    try {
      caught = co_await throws(Whole(5));
    } catch (int value) {
      caught = value;
    }
    co_return caught;
  });
  expect_sound([]() -> Task<int> {
    auto [first, second] = co_await when_all(take(Whole(2)), take(Whole(3)));
    co_return first + second;
  });
  expect_sound([]() -> Task<int> {
    auto [index, value] = co_await when_any(take(Whole(5)), sleep(2h));
    co_return std::get<0>(value) + static_cast<int>(index);
  });
  expect_sound([]() -> Task<int> { co_return co_await with_timeout(take(Whole(5)), 2h); });
}

}  // namespace
}  // namespace quip::test
