// What parses source text: scripts with much of the language in them.
#include "operation.hpp"

#include <string>

namespace quip::test {
namespace {

using enum Source;
using enum Where;

/// A script, and what its last value is as text.
Operation script(std::string_view name, std::string_view source, std::string_view expected) {
  return {name, evaluated, inside, [source, expected](World& world) {
            return [ctx = world.ctx(), source, expected] {
              expect_text(ctx.eval(source).to_display_string(), expected);
            };
          }};
}
/// The same with the loop run behind it; the script leaves its result in `result`.
Operation async_script(std::string_view name, std::string_view source, std::string_view expected) {
  return {name, evaluated, outside, [source, expected](World& world) {
            (void)world.context();
            return [&world, source, expected] {
              world.ctx().eval<void>(source);
              world.run();
              const Value result = world.ctx().globals().get("result");
              expect(world.was_told() || result.to_display_string() == expected);
            };
          }};
}

}  // namespace

Operations script_operations() {
  return {
      script("Ctx::eval, an expression", "1 + 2", "3"),
      script("Ctx::eval, variables and strings", "let a = 'x' + 1; var b = a + a; b.length * 2",
             "8"),
      script("Ctx::eval, functions and closures",
             "function f(n) { return n ? f(n - 1) + 1 : (() => n)() } f(5)", "5"),
      script("Ctx::eval, classes",
             "class A { #p = 1; static s = 2; get x() { return this.#p } }"
             "class B extends A { constructor() { super(); this.q = { ...{ z: 1 } } } }"
             "new B().x + A.s + new B().q.z",
             "4"),
      script("Ctx::eval, generators and iteration",
             "function* g() { yield 1; yield* [2, 3] } [...g()].map(x => `v${x}`).join()",
             "v1,v2,v3"),
      script("Ctx::eval, destructuring and defaults",
             "const { a: [b, c = 5], ...rest } = { a: [1], d: 2, e: 3 };"
             "b + c + Object.keys(rest).length",
             "8"),
      script("Ctx::eval, exceptions",
             "try { (function f(n) { if (n) f(n - 1); else null.x })(5) }"
             "catch (e) { e instanceof TypeError } finally { }",
             "true"),
      script("Ctx::eval, loops and labels",
             "let n = 0; outer: for (const i of [1, 2, 3]) { for (const k in { a: 1, b: 2 })"
             "{ if (i == 2) continue outer; n += i } } switch (n) { case 8: n = 9 } n",
             "9"),
      script("Ctx::eval, regular expressions",
             "'hello world foo'.replace(/(?<w>o+)/g, m => m.toUpperCase()).match(/O+$/)[0]", "OO"),
      script("Ctx::eval, collections",
             "const m = new Map([[1, {}], ['a', 2]]); const s = new Set(m.keys());"
             "const w = new WeakMap(); const k = {}; w.set(k, 1); m.size + s.size + w.get(k)",
             "5"),
      script("Ctx::eval, numbers and bigints",
             "(2n ** 100n).toString().length + (0.1 + 0.2).toFixed(3)", "310.300"),
      script("Ctx::eval, typed arrays",
             "new Float64Array([3, 1, 2]).sort().join() + new Uint8Array(100).length", "1,2,3100"),
      script("Ctx::eval, proxies and Reflect",
             "const p = new Proxy({}, { get: (t, k) => k }); p.foo + Reflect.ownKeys({ a: 1 })",
             "fooa"),
      script("Ctx::eval, JSON",
             "JSON.stringify(JSON.parse('{\"a\":[1,2,{\"b\":\"ccc\"}],\"e\":1.5}'))",
             "{\"a\":[1,2,{\"b\":\"ccc\"}],\"e\":1.5}"),
      script("Ctx::eval, eval and Function", "eval('1 + 1') + new Function('a', 'return a')(3)",
             "5"),
      script("Ctx::eval, array methods",
             "[5, 3, 9].sort().flatMap(x => [x, x]).filter(x => x > 3).reduce((a, b) => a + b)",
             "28"),
      async_script("Ctx::eval, async functions",
                   "var result; (async () => { try { await null; throw new Error('z') }"
                   "catch (e) { result = e.message } })()",
                   "z"),
      async_script("Ctx::eval, async generators",
                   "var result = 0; (async () => { async function* g() { yield 1; yield 2 }"
                   "for await (const x of g()) result += x })()",
                   "3"),
      async_script("Ctx::eval, Promise.all",
                   "var result; Promise.all([1, Promise.resolve(2)]).then(v => { result = v })",
                   "1,2"),
      {"Ctx::eval with options", evaluated, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const EvalOptions options{.filename = "a/file/with/a/rather/long/name.js",
                                     .strict = true,
                                     .backtrace_barrier = true};
           expect(ctx.eval<int>("'use strict'; [1, 2].length", options) == 2);
         };
       }},
      {"Ctx::try_eval, a syntax error", evaluated, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           const Result<Value> outcome = ctx.try_eval("let a = (1 +; b", {.filename = "bad.js"});
           expect(!outcome, "a syntax error that is none");
         };
       }},
      {"Ctx::try_eval, a script that throws", evaluated, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           expect(!ctx.try_eval("(function f() { throw new RangeError('far') })()"));
         };
       }},
      {"Ctx::eval, from outside", evaluated, outside,
       [](World& world) {
         return [ctx = world.ctx()] { expect(ctx.eval<std::string>("'a' + 'b'") == "ab"); };
       }},
      {"Ctx::eval_file", evaluated, inside,
       [](World& world) {
         return [ctx = world.ctx()] {
           expect(ctx.eval_file<int>(QUIP_ALLOCATION_FILES "/script.js") == 6);
         };
       }},
      {"Ctx::eval, a declaration that is there already", evaluated, inside,
       [](World& world) {
         world.eval<void>("let declared = 1");
         return [ctx = world.ctx()] { expect(!ctx.try_eval("let declared = 2")); };
       }},
      {"Ctx::eval, in a base context", evaluated, outside,
       [](World& world) {
         const Context base = Context::base(world.runtime());
         return [base] {
           expect(base.with([](Ctx ctx) { return ctx.eval<int>("[1, 2, 3].length"); }) == 3);
         };
       }},
  };
}

}  // namespace quip::test
