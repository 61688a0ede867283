// Promises, and C++ that settles them.
#include "operation.hpp"

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace quip::test {
namespace {

using enum Source;
using enum Where;

/// A promise of a script, and what it is settled with when the loop has run.
template <class T>
Operation settles(std::string_view name,
                  std::function<Promise<T>(Ctx ctx, const Function& script)> make,
                  std::string_view script, T expected) {
  return {name, none, outside, [make, script, expected](World& world) {
            const auto function = world.eval<Function>(script);
            return [&world, make, function, expected] {
              const Promise<T> promise =
                  world.context().with([&](Ctx ctx) { return make(ctx, function); });
              world.run();
              expect(promise.result() == expected);
            };
          }};
}

}  // namespace

Operations promise_operations() {
  return {
      {"Promise::resolved and rejected", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           expect(Promise<int>::resolved(ctx, 5).result() == 5);
           const auto rejected = Promise<int>::rejected(ctx, Error::range("far"));
           rejected.mark_handled();
           expect(rejected.state() == PromiseState::rejected);
         };
       }},
      settles<int>(
          "Promise::then",
          [](const Ctx&, const Function& script) {
            return script.call<Promise<int>>().then([](int n) { return n + 1; });
          },
          "async () => 4", 5),
      settles<int>(
          "Promise::then with both functions",
          [](const Ctx&, const Function& script) {
            return script.call<Promise<int>>().then([](int n) { return n; },
                                                    [](const Value&) { return 7; });
          },
          "async () => { throw new Error('no') }", 7),
      settles<std::string>(
          "Promise::catch_",
          [](const Ctx&, const Function& script) {
            return script.call<Promise<std::string>>().catch_([](const Object& reason) {
              const auto message = reason.get<std::string>("message");
              return message == "out of memory" ? "a reason" : message;
            });
          },
          "async () => { throw new Error('a reason') }", "a reason"),
      settles<int>(
          "Promise::finally",
          [](const Ctx&, const Function& script) {
            return script.call<Promise<int>>().finally([] {});
          },
          "async () => 4", 4),
      settles<std::vector<int>>("Promise::all",
                                [](const Ctx& ctx, const Function& script) {
                                  return Promise<int>::all(ctx, {script.call<Promise<int>>(),
                                                                 script.call<Promise<int>>()});
                                },
                                "async () => 4", {4, 4}),
      settles<int>(
          "Promise::any and race",
          [](const Ctx& ctx, const Function& script) {
            return Promise<int>::any(ctx, {Promise<int>::race(ctx, {script.call<Promise<int>>()})});
          },
          "async () => 4", 4),
      {"Promise::all_settled", none, outside,
       [](World& world) {
         const auto function = world.eval<Function>("async n => { if (n) throw n; return 1 }");
         return [&world, function] {
           const auto all = world.context().with([&](Ctx ctx) {
             return Promise<int>::all_settled(
                 ctx, {function.call<Promise<int>>(0), function.call<Promise<int>>(1)});
           });
           world.run();
           expect(all.result().size() == 2);
         };
       }},
      {"Promise::finish", none, outside,
       [](World& world) {
         const auto function = world.eval<Function>("async () => { await null; return 4 }");
         return [function] { expect(function.call<Promise<int>>().finish() == 4); };
       }},
      {"a rejected promise as an error", none, outside,
       [](World& world) {
         const auto function = world.eval<Function>("async () => { throw new TypeError('x') }");
         return [function] { expect(!function.call<Promise<int>>().try_finish()); };
       }},
      settles<int>(
          "Deferred::resolve",
          [](const Ctx& ctx, const Function& script) {
            const Deferred<int> deferred(ctx);
            const Promise<int> next = script.call<Promise<int>>(deferred);
            deferred.resolve(4);
            return next;
          },
          "async p => await p + 1", 5),
      settles<std::string>(
          "Deferred::reject",
          [](const Ctx& ctx, const Function& script) {
            const Deferred<int> deferred(ctx);
            const auto next = script.call<Promise<std::string>>(deferred);
            deferred.reject(Error::range("far"));
            return next;
          },
          "async p => { try { await p } catch (e) { return e.name == 'InternalError' ?"
          "'RangeError' : e.name } }",
          "RangeError"),
      {"Deferred::resolve by another thread", none, outside,
       [](World& world) {
         return [&world] {
           const Deferred<std::string> deferred(world.ctx());
           const Promise<std::string> promise = deferred.promise();
           std::thread([deferred] { deferred.resolve("from elsewhere"); }).join();
           world.run();
           expect(promise.result() == "from elsewhere");
         };
       }},
      {"MaybePromise", none, outside,
       [](World& world) {
         const auto function = world.eval<Function>("() => 5");
         return [&world, function] {
           const auto promise = function.call<MaybePromise<int>>().promise();
           world.run();
           expect(promise.result() == 5);
         };
       }},
      {"a chain of awaits in a script", none, outside,
       [](World& world) {
         const auto function = world.eval<Function>(
             "async () => { let n = 0; for (let i = 0; i < 5; ++i) n += await i;"
             "try { await Promise.reject(new Error('x')) } catch { n += 10 } return n }");
         return [&world, function] {
           const auto promise = function.call<Promise<int>>();
           world.run();
           expect(promise.result() == 20);
         };
       }},
  };
}

}  // namespace quip::test
