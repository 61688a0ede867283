// Coroutines: tasks, generators, what they wait for.
#include "operation.hpp"

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

using namespace std::chrono_literals;
using enum Source;
using enum Where;

Task<int> at_once(int n) { co_return n; }
Task<int> later(int n) {
  co_await sleep(1ms);
  co_return n;
}
Task<int> paused(int n) {
  co_await yield();
  co_return n;
}
Task<int> nested(int depth) {
  if (depth == 0) co_return 1;
  const int below = co_await nested(depth - 1);
  co_return below + 1;
}
Task<int> of_promise(Promise<int> promise) {
  const int n = co_await promise;
  co_return n * 2;
}
Task<int> of_result(Promise<int> promise) {
  const Result<int> n = co_await promise.as_result();
  co_return n.value() * 2;
}
Task<int> of_completion(Completion<int> completion) { co_return co_await completion; }
Task<int> of_all() {
  auto [a, b] = co_await when_all(later(1), at_once(2));
  co_return a + b;
}
Task<int> of_list() {
  std::vector<Task<int>> tasks;
  for (int i = 0; i < 4; ++i) tasks.push_back(paused(i));
  const std::vector<int> all = co_await when_all(std::move(tasks));
  co_return all.at(1) + all.at(3);
}
Task<int> of_first() {
  auto first = co_await when_any(at_once(5), sleep(1h));
  co_return static_cast<int>(first.index) + 5;
}
Task<int> timed() { co_return co_await with_timeout(later(5), 1h); }
Generator<int> numbers(int to) {
  for (int i = 0; i < to; ++i) co_yield i;
}
AsyncGenerator<int> slow_numbers(int to) {
  for (int i = 0; i < to; ++i) {
    co_await yield();
    co_yield i;
  }
}
Task<int> sum_of(AsyncGenerator<int> generator) {
  int sum = 0;
  for (;;) {
    const std::optional<int> n = co_await generator.next();
    if (!n) break;
    sum += *n;
  }
  co_return sum;
}
Task<int> sum_of_script(AsyncIterator<int> iterator) {
  int sum = 0;
  for (;;) {
    const std::optional<int> n = co_await iterator.next();
    if (!n) break;
    sum += *n;
  }
  co_return sum;
}
Task<int> first_of_script(AsyncIterator<int> iterator) {
  const std::optional<int> n = co_await iterator.next();
  co_await iterator.close();
  co_return n.value_or(-1);
}

/// A task that is run to its end by the runtime.
Operation run_until(std::string_view name, std::function<Task<int>(World& world)> make,
                    int expected) {
  return {name, none, outside, [make, expected](World& world) {
            (void)world.context();
            return [&world, make, expected] {
              expect(world.runtime().run_until(make(world)) == expected);
            };
          }};
}
/// A coroutine that a script calls; what it becomes is the function's result.
template <class F>
Operation for_script(std::string_view name, F function, std::string_view script, int expected) {
  return {name, none, outside, [function, script, expected](World& world) {
            const auto call = world.eval<Function>(script);
            return [&world, function, call, expected] {
              const auto promise = call.call<Promise<int>>(function);
              world.run();
              expect(promise.result() == expected);
            };
          }};
}
/// A script's value that a task is made of.
template <class T, class F>
Operation of_script(std::string_view name, F make, std::string_view script, int expected) {
  return {name, none, outside, [make, script, expected](World& world) {
            const auto call = world.eval<Function>(script);
            return [&world, make, call, expected] {
              expect(world.runtime().run_until(make(call.call<T>())) == expected);
            };
          }};
}

}  // namespace

Operations task_operations() {
  return {
      {"Ctx::spawn", none, outside,
       [](World& world) {
         return [&world] {
           const Promise<int> promise = world.ctx().spawn(later(4));
           world.run();
           expect(promise.result() == 4);
         };
       }},
      {"Ctx::spawn with a token that is stopped", none, outside,
       [](World& world) {
         return [&world] {
           std::stop_source source;
           const Promise<int> promise = world.ctx().spawn(later(4), source.get_token());
           source.request_stop();
           world.run();
           expect(!promise.try_result());
         };
       }},
      run_until(
          "Runtime::run_until, a task that ends at once", [](World&) { return at_once(3); }, 3),
      run_until(
          "co_await sleep", [](World&) { return later(3); }, 3),
      run_until(
          "co_await yield", [](World&) { return paused(3); }, 3),
      run_until(
          "co_await a task, ten deep", [](World&) { return nested(10); }, 11),
      run_until(
          "when_all", [](World&) { return of_all(); }, 3),
      run_until(
          "when_all of a list", [](World&) { return of_list(); }, 4),
      run_until(
          "when_any", [](World&) { return of_first(); }, 5),
      run_until(
          "with_timeout", [](World&) { return timed(); }, 5),
      run_until(
          "co_await a Completion",
          [](World& world) {
            Completion<int> completion;
            (void)world.runtime().poster().post([completion] { completion.set(9); });
            return of_completion(completion);
          },
          9),
      run_until(
          "AsyncGenerator in C++", [](World&) { return sum_of(slow_numbers(4)); }, 6),
      of_script<Promise<int>>(
          "co_await a promise", [](auto p) { return of_promise(std::move(p)); },
          "async () => { await null; return 4 }", 8),
      of_script<Promise<int>>(
          "co_await a promise as a Result", [](auto p) { return of_result(std::move(p)); },
          "async () => 4", 8),
      of_script<AsyncIterator<int>>(
          "AsyncIterator::next", [](auto i) { return sum_of_script(std::move(i)); },
          "async function* f() { yield 1; yield 2 } f", 3),
      of_script<AsyncIterator<int>>(
          "AsyncIterator::close", [](auto i) { return first_of_script(std::move(i)); },
          "async function* f() { yield 1; yield 2 } f", 1),
      of_script<AsyncIterator<int>>(
          "AsyncIterator over an array", [](auto i) { return sum_of_script(std::move(i)); },
          "() => [1, Promise.resolve(2)]", 3),
      for_script("a bound coroutine", &later, "async f => await f(4) + 1", 5),
      for_script("a bound coroutine that ends at once", &at_once, "async f => await f(4) + 1", 5),
      for_script("a bound generator", &numbers,
                 "async f => { let n = 0; for (const i of f(4)) n += i; return n }", 6),
      for_script("a bound AsyncGenerator", &slow_numbers,
                 "async f => { let n = 0; for await (const i of f(4)) n += i; return n }", 6),
      for_script("a bound AsyncGenerator that is left early", &slow_numbers,
                 "async f => { for await (const i of f(4)) if (i == 2) return i }", 2),
  };
}

}  // namespace quip::test
