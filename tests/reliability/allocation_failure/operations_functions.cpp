// Functions of C++ for scripts and of scripts for C++.
#include "operation.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

using enum Source;
using enum Where;

int add(int a, int b) { return a + b; }
std::string join(const std::string& a, std::string_view b) { return a + std::string(b); }

struct Greeter {
  std::string greeting;
  [[nodiscard]] std::string greet(const std::string& name) const { return greeting + name; }
};

/// A function of a script that is given one of C++ and calls it.
Operation called_by_script(std::string_view name, std::string_view script,
                           std::function<void(const Function& script)> call) {
  return {name, none, inside, [script, call](World& world) {
            const auto function = world.eval<Function>(script);
            return [function, call] { call(function); };
          }};
}

}  // namespace

Operations function_operations() {
  return {
      {"Function(ctx, name, a function pointer)", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const Function function(ctx, "add", &add);
           expect(function.call<int>(2, 3) == 5);
         };
       }},
      {"Function(ctx, name, a lambda with captures)", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const std::string text = "captured text that takes a block of its own";
           const Function function(ctx, "captures", [text] { return text; });
           expect(function.call<std::string>() == text && function.name() == "captures");
         };
       }},
      {"Function with names and defaults", none, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const Function function(ctx, "add", &add, arg("a"), arg("b") = 10, Doc("adds"));
           expect(function.call<int>(2) == 12 && function.length() == 1);
         };
       }},
      {"Function::call with strings", none, inside,
       [](World& world) {
         const auto function = world.eval<Function>("(a, b) => a + b");
         return [function] {
           expect(function.call<std::string>(std::string("one text"), "another") ==
                  "one textanother");
         };
       }},
      {"Function::call, from outside", none, outside,
       [](World& world) {
         const auto function = world.eval<Function>("(a, b) => [a, b]");
         return [function] { expect(function.call<std::vector<int>>(1, 2).size() == 2); };
       }},
      {"Function::call with This", none, inside,
       [](World& world) {
         const auto function = world.eval<Function>("(function () { return this.n })");
         const auto object = world.eval<Object>("({ n: 4 })");
         return [function, object] { expect(function.call<int>(This(object)) == 4); };
       }},
      {"Function::call_with many arguments", none, inside,
       [](World& world) {
         const auto function = world.eval<Function>("(...all) => all.length");
         return [ctx = world.ctx(), function] {
           const std::vector<Value> arguments(40, Value(ctx, 1));
           expect(function.call_with<int>(Value(ctx, std::nullopt), arguments) == 40);
         };
       }},
      {"Function::construct", none, inside,
       [](World& world) {
         const auto map = world.eval<Function>("Map");
         return [map] { expect(map.construct<Map>().empty()); };
       }},
      {"Constructor::construct_as", none, inside,
       [](World& world) {
         const auto base = world.eval<Constructor>("class A { constructor() { this.n = 1 } }; A");
         const auto derived = world.eval<Constructor>("class B { }; B");
         return [base, derived] { expect(base.construct_as(derived).get<int>("n") == 1); };
       }},
      {"Function::bind", none, inside,
       [](World& world) {
         const auto function = world.eval<Function>("(function (a) { return this.n + a })");
         const auto object = world.eval<Object>("({ n: 4 })");
         return [function, object] { expect(function.bind(object, 3).call<int>() == 7); };
       }},
      {"Function::defer", none, outside,
       [](World& world) {
         const auto function = world.eval<Function>("(a, b) => { done = a + b }");
         return [&world, function] {
           function.defer(1, "x");
           world.run();
           expect(world.was_told() ||
                  world.ctx().globals().get("done").to_display_string() == "1x");
         };
       }},
      {"Function::set_name and set_length", none, inside,
       [](World& world) {
         const auto function = world.eval<Function>("() => {}");
         return [function] {
           function.set_name("another_name");
           function.set_length(3);
           expect(function.name() == "another_name" && function.length() == 3);
         };
       }},
      {"Function::set_instance_prototype", none, inside,
       [](World& world) {
         const auto function = world.eval<Function>("(function () {})");
         const auto prototype = world.eval<Object>("({ n: 1 })");
         return [function, prototype] {
           function.set_instance_prototype(prototype);
           expect(function.construct().get<int>("n") == 1);
         };
       }},
      called_by_script("a function pointer as a value", "f => f(1, 2)",
                       [](const Function& script) { expect(script.call<int>(&add) == 3); }),
      called_by_script("text as parameter and result", "f => f('first ', 'second')",
                       [](const Function& script) {
                         expect(script.call<std::string>(&join) == "first second");
                       }),
      called_by_script(
          "Rest, Opt and std::optional parameters", "f => f(1, undefined, null, 4, 5)",
          [](const Function& script) {
            expect(script.call<int>([](int first, Opt<int> second, std::optional<int> third,
                                       const Rest<int>& rest) {
              return first + second.value_or(0) + third.value_or(0) + static_cast<int>(rest.size());
            }) == 3);
          }),
      called_by_script(
          "Ctx, This and CallArgs parameters", "f => ({ f, n: 3 }).f(1, 'two')",
          [](const Function& script) {
            expect(script.call<int>([](const Ctx&, const This<Object>& self, const CallArgs& args) {
              return self.value.get<int>("n") + args.get<int>(0) +
                     static_cast<int>(args.get<std::string>(1).size());
            }) == 7);
          }),
      called_by_script("an argument of the wrong type",
                       "f => { try { f('x', 1) } catch (e) {"
                       "return e.constructor.name } }",
                       [](const Function& script) {
                         const auto name = script.call<std::string>(&add);
                         expect(name == "TypeError" || name == "InternalError");
                       }),
      called_by_script("an argument too few", "f => { try { f(1) } catch (e) { return e.name } }",
                       [](const Function& script) {
                         const auto name = script.call<std::string>(&add);
                         expect(name == "TypeError" || name == "InternalError");
                       }),
      called_by_script("overload", "f => f(1) + f('x') + f([1, 2])",
                       [](const Function& script) {
                         expect(script.call<std::string>(
                                    overload([](int n) { return "int" + std::to_string(n); },
                                             [](const std::string& text) { return "text" + text; },
                                             [](const std::vector<int>& all) {
                                               return std::to_string(all.size());
                                             })) == "int1textx2");
                       }),
      called_by_script(
          "overload that nothing fits", "f => { try { f({}) } catch (e) { return e.name } }",
          [](const Function& script) {
            const auto name = script.call<std::string>(
                overload([](int n) { return n; }, [](const std::string& text) { return text; }));
            expect(name == "TypeError" || name == "InternalError");
          }),
      called_by_script("once and guarded", "(f, g) => f() + g()",
                       [](const Function& script) {
                         expect(script.call<int>(once([] { return 1; }),
                                                 guarded([] { return 2; })) == 3);
                       }),
      called_by_script("method of a shared object", "f => f('world')",
                       [](const Function& script) {
                         auto greeter = std::make_shared<Greeter>(Greeter{"hello "});
                         expect(script.call<std::string>(method(greeter, &Greeter::greet)) ==
                                "hello world");
                       }),
      called_by_script("constructor(callable)", "F => new F(4).n",
                       [](const Function& script) {
                         expect(script.call<int>(constructor([](const This<Object>& self, int n) {
                           self.value.set("n", n);
                         })) == 4);
                       }),
      called_by_script("std::function into a script and back", "f => f",
                       [](const Function& script) {
                         const std::function<int(int)> twice = [](int n) { return n * 2; };
                         expect(script.call<std::function<int(int)>>(twice)(4) == 8);
                       }),
      {"CCallback", none, inside,
       [](World& world) {
         const auto function = world.eval<Function>("(a, b) => a + b");
         return [function] {
           const CCallback<int(int, int)> callback(function);
           const int sum = callback.function()(1, 2, callback.data());
           callback.rethrow();
           expect(sum == 3);
         };
       }},
      {"ProxyHandler and Proxy", none, inside,
       [](World& world) {
         const auto target = world.eval<Object>("({ a: 1 })");
         return [ctx = world.ctx(), target] {
           const ProxyHandler handler =
               ProxyHandler(ctx).get([](const Object&, const Value&, const Value&) { return 42; });
           expect(Proxy(ctx, target, handler).get<int>("anything") == 42);
         };
       }},
      {"fn and its description", none, outside,
       [](World&) {
         return [] {
           const auto described = fn("add", &add, arg("a"), arg("b") = 10, Doc("adds"));
           expect(described.info().signatures.size() == 1);
         };
       }},
      {"describe a Function", none, inside,
       [](World& world) {
         const Function function(world.ctx(), "add", &add, arg("first"), arg("second"));
         return [function] { expect(function.length() == 2 && function.name() == "add"); };
       }},
  };
}

}  // namespace quip::test
