// Deep copies: every kind, rings, and what has no copy.
#include "support/lifetime.hpp"
#include <quip/value/clone.hpp>

#include <string>

namespace quip::test {
namespace {

class Clones : public JsTest {
 protected:
  /// Runs `check`, a script that sees `a` and its copy `b` and should give true.
  void expect_clone(const std::string& script, const std::string& check) {
    with([&](Ctx ctx) {
      const Value value = ctx.eval("globalThis.a = (" + script + ")");
      const Result<Value> copy = try_structured_clone(value);
      ASSERT_TRUE(copy) << script << ": " << copy.error().what();
      ctx.globals().set("b", *copy);
      EXPECT_EQ(show(ctx.try_eval(check)), (Shown{"boolean", "true"})) << script << "\n" << check;
    });
  }
  void expect_refused(const std::string& script, const std::string& message) {
    const Result<Value> copy = try_structured_clone(eval("(" + script + ")"));
    ASSERT_FALSE(copy) << script;
    EXPECT_EQ(copy.error().name(), "DataCloneError") << script;
    EXPECT_EQ(copy.error().message(), message) << script;
  }
};

TEST_F(Clones, PrimitivesStayWhatTheyAre) {
  for (const char* script : {"undefined", "null", "true", "5", "-0", "NaN", "2n ** 70n", "'text'",
                             "'\\ud800'", "'a'.repeat(5000) + 'b'"}) {
    const Value value = eval(script);
    EXPECT_TRUE(structured_clone(value).same_value(value)) << script;
  }
}

TEST_F(Clones, ObjectsAreCopiedDeeply) {
  expect_clone("{ n: 1, s: 'x', o: { deep: [1, { x: 2 }] }, '': 0, 7: 8 }",
               "a !== b && a.o !== b.o && a.o.deep[1] !== b.o.deep[1] &&"
               "JSON.stringify(a) === JSON.stringify(b) && Object.keys(b).join() === '7,n,s,o,'");
  expect_clone("Object.defineProperty({ [Symbol('s')]: 1, shown: 2 }, 'hidden', { value: 1 })",
               "Reflect.ownKeys(b).join() === 'shown'");
  expect_clone(
      "new (class A { x = 1; #y = 2; get z() { return 3 } })",
      "Object.getPrototypeOf(b) === Object.prototype && Reflect.ownKeys(b).join() === 'x'");
  expect_clone("{ get a() { return [1] } }",
               "Object.getOwnPropertyDescriptor(b, 'a').value.length === 1");
  expect_clone("JSON.parse('{\"__proto__\": 1}')",
               "Object.hasOwn(b, '__proto__') && Object.getPrototypeOf(b) === Object.prototype");
}

TEST_F(Clones, ArraysKeepTheirHoles) {
  expect_clone("[1, , 'x', undefined]",
               "Array.isArray(b) && b.length === 4 && !(1 in b) && 3 in b && b[2] === 'x'");
  expect_clone("Object.assign([1], { extra: 2 })", "b.length === 1 && b.extra === 2");
  expect_clone("(() => { const l = []; l.length = 4294967295; l[4294967294] = 1; return l })()",
               "b.length === 4294967295 && b[4294967294] === 1 && Object.keys(b).length === 1");
}

TEST_F(Clones, BuiltInObjectsAreCopied) {
  expect_clone("new Date(1234.5)", "b instanceof Date && b !== a && b.getTime() === 1234");
  expect_clone("new Date(NaN)", "isNaN(b.getTime())");
  expect_clone("(() => { const r = /a(b)/giy; r.lastIndex = 2; r.x = 1; return r })()",
               "b instanceof RegExp && b.source === 'a(b)' && b.flags === 'giy' &&"
               "b.lastIndex === 0 && !('x' in b)");
  expect_clone("new Map([['k', { v: 1 }], [{ key: 1 }, 'v']])",
               "b instanceof Map && b.size === 2 && b.get('k').v === 1 && b.get('k') !== a.get('k')"
               "&& [...b.keys()][1].key === 1 && b.get([...b.keys()][1]) === 'v'");
  expect_clone("new Set([1, { x: 1 }, NaN])",
               "b instanceof Set && b.size === 3 && b.has(1) && b.has(NaN) && [...b][1].x === 1");
  expect_clone("Object(5)", "b instanceof Number && b.valueOf() === 5 && b !== a");
  expect_clone("Object('text')", "b instanceof String && b.valueOf() === 'text'");
  expect_clone("Object(false)", "b instanceof Boolean && b.valueOf() === false");
  expect_clone("Object(5n)", "b instanceof BigInt && b.valueOf() === 5n");
}

TEST_F(Clones, BuffersAndTheirViewsStayTogether) {
  expect_clone("new Uint8Array([1, 2, 3]).buffer",
               "b instanceof ArrayBuffer && b !== a && new Uint8Array(b).join() === '1,2,3'");
  expect_clone("new ArrayBuffer(0)", "b.byteLength === 0");
  expect_clone(
      "(() => { const x = new ArrayBuffer(16); return { x, y: new Uint8Array(x, 4, 3),"
      "z: new DataView(x, 2, 8), w: new Float64Array(x, 8) } })()",
      "b.y.buffer === b.x && b.z.buffer === b.x && b.w.buffer === b.x && b.x !== a.x &&"
      "b.y.byteOffset === 4 && b.y.length === 3 && b.z.byteOffset === 2 &&"
      "b.z.byteLength === 8 && b.w.length === 1 && (b.y[0] = 7, b.z.getUint8(2) === 7) &&"
      "a.y[0] === 0");
  for (const char* name : {"Int8", "Uint8", "Uint8Clamped", "Int16", "Uint16", "Int32", "Uint32",
                           "Float32", "Float64"}) {
    expect_clone(
        "new " + std::string(name) + "Array([1, 2, 100])",
        "b instanceof " + std::string(name) + "Array && b.join() === '1,2,100' && b !== a");
  }
  expect_clone("new BigInt64Array([-1n])", "b instanceof BigInt64Array && b[0] === -1n");
  expect_clone("new BigUint64Array([5n])", "b instanceof BigUint64Array && b[0] === 5n");
  expect_clone("typeof Float16Array === 'function' ? new Float16Array([1.5]) : 0",
               "b === 0 || (b instanceof Float16Array && b[0] === 1.5)");
}

TEST_F(Clones, ResizableBuffersStayResizable) {
  // an engine without them makes a fixed one of the same script
  expect_clone(
      "(() => { const x = new ArrayBuffer(4, { maxByteLength: 16 });"
      "new Uint8Array(x).fill(7); return x })()",
      "b.byteLength === 4 && b.resizable === a.resizable &&"
      "b.maxByteLength === a.maxByteLength && new Uint8Array(b).join() === '7,7,7,7'");
  expect_clone(
      "(() => { const x = new ArrayBuffer(4, { maxByteLength: 16 });"
      "const t = new Uint16Array(x); if (x.resizable) x.resize(8); return t })()",
      "b.length === a.length && b.buffer.byteLength === a.buffer.byteLength");
}

TEST_F(Clones, ErrorsAreCopied) {
  for (const char* name : {"Error", "TypeError", "RangeError", "ReferenceError", "SyntaxError",
                           "EvalError", "URIError"}) {
    expect_clone(
        "new " + std::string(name) + "('m')",
        "b !== a && Object.getPrototypeOf(b) === " + std::string(name) +
            ".prototype && b.message === 'm' && b.name === a.name && b.stack === a.stack &&"
            "!Object.keys(b).length");
  }
  expect_clone("new (class MyError extends TypeError { name = 'MyError' })('m')",
               "Object.getPrototypeOf(b) === Error.prototype && b.message === 'm'");
  expect_clone("new Error", "!Object.hasOwn(b, 'message') && b instanceof Error");
  expect_clone("Object.defineProperty(new Error('m'), 'message', { get() { throw 1 } })",
               "b.message === ''");
  expect_clone("new TypeError('outer', { cause: { why: new Error('inner') } })",
               "b.cause.why.message === 'inner' && b.cause !== a.cause &&"
               "!Object.keys(b).includes('cause')");
  expect_clone("(() => { const e = new Error('ring'); e.cause = e; return e })()", "b.cause === b");
}

TEST_F(Clones, RingsAndSharedPartsStay) {
  expect_clone("(() => { const o = { list: [] }; o.self = o; o.list.push(o, o.list); return o })()",
               "b.self === b && b.list[0] === b && b.list[1] === b.list && b !== a");
  expect_clone("(() => { const x = {}; return { p: x, q: [x], m: new Map([[x, x]]) } })()",
               "b.p === b.q[0] && b.m.get(b.p) === b.p && b.p !== a.p");
  expect_clone("(() => { const m = new Map; m.set(m, m); return m })()", "b.get(b) === b");
  expect_clone("(() => { const s = new Set; s.add(s); return s })()", "b.has(b)");
  expect_clone("(() => { const d = new Date(5); return [d, d] })()", "b[0] === b[1]");
}

TEST_F(Clones, AnyDepthWillDo) {
  const std::string depth = std::to_string(very_deep());
  expect_clone(
      "(() => { let o = {}; for (let i = 0; i < " + depth + "; ++i) o = { o }; return o })()",
      "(() => { let n = 0; for (let o = b; o.o; o = o.o) ++n; return n === " + depth + " })()");
  expect_clone("(() => { let m = new Map; for (let i = 0; i < " + depth +
                   " / 10; ++i) m = new Map([[m, [m]]]); return m })()",
               "b.size === 1");
}

TEST_F(Clones, TheRestIsRefusedWithItsPlace) {
  expect_refused("() => 1", "a function cannot be cloned");
  expect_refused("class {}", "a function cannot be cloned");
  expect_refused("Symbol('s')", "a symbol cannot be cloned");
  expect_refused("Object(Symbol('s'))", "an object of a native class cannot be cloned");
  expect_refused("new WeakMap", "an object of a native class cannot be cloned");
  expect_refused("(function* () {})()", "an object of a native class cannot be cloned");
  expect_refused("new WeakRef({})", "a weak ref cannot be cloned");
  expect_refused("Promise.resolve()", "a promise cannot be cloned");
  expect_refused("new Proxy({}, {})", "a proxy cannot be cloned");
  expect_refused("new SharedArrayBuffer(4)", "a shared array buffer cannot be cloned");
  expect_refused("{ list: [1, 2, { callback() {} }] }",
                 "list[2].callback: a function cannot be cloned");
  expect_refused("[[() => 1]]", "[0][0]: a function cannot be cloned");
  expect_refused("{ m: new Map([[1, 2], [3, { f() {} }]]) }",
                 "m[entry 1].value.f: a function cannot be cloned");
  expect_refused("new Map([[Symbol(), 1]])", "[entry 0].key: a symbol cannot be cloned");
  expect_refused("new Set([1, parseInt])", "[element 1]: a function cannot be cloned");
  expect_refused("new Error('e', { cause: parseInt })", "cause: a function cannot be cloned");
  expect_refused("{ a: { b: 1 }, c: [1], d: parseInt }", "d: a function cannot be cloned");
}

TEST_F(Clones, DetachedBuffersAreRefused) {
  if (!eval<bool>("'transfer' in ArrayBuffer.prototype")) {
    with([](Ctx ctx) {
      const Value buffer = ctx.eval("globalThis.v = new Uint8Array(4); v.buffer");
      ::JS_DetachArrayBuffer(ctx.raw(), engine::take_ownership(buffer.raw()));
    });
  } else {
    eval("globalThis.v = new Uint8Array(4); v.buffer.transfer()");
  }
  expect_refused("v.buffer", "a detached array buffer cannot be cloned");
  expect_refused("{ v }", "v: a typed array without its buffer cannot be cloned");
}

TEST_F(Clones, GettersRunAndMayThrow) {
  EXPECT_EQ(show(try_structured_clone(eval("({ get a() { throw new EvalError('g') } })"))).text,
            "EvalError: g");
  expect_clone("{ get a() { delete this.b; return 1 }, b: 2, c: 3 }",
               "JSON.stringify(b) === '{\"a\":1,\"c\":3}'");
  expect_clone("{ get a() { this.b = 1; return 1 } }", "!('b' in b)");
  // objects that only a getter knew, one after the other at the same address
  expect_clone(
      "(() => { const o = {}; for (let i = 0; i < 100; ++i)"
      "Object.defineProperty(o, 'k' + i, { enumerable: true, get: () => ({ i }) });"
      "return o })()",
      "Object.keys(b).every((k, i) => b[k].i === i)");
}

TEST_F(Clones, ScriptsCannotInterfere) {
  // all of it once, so that the context knows the engine's own
  expect_clone(
      "[new Date(5), /x/g, new Map([[1, new Set([2])]]), Object(5), Object('s'),"
      "Object(true), Object(5n), new Uint8Array([1]), new DataView(new ArrayBuffer(1))]",
      "b.length === 9");
  expect_clone(R"((() => {
    const list = [new Date(5), /x/g, new Map([[1, new Set([2])]]), Object(5), Object('s'),
      Object(true), Object(5n), new Uint8Array([1]), new DataView(new ArrayBuffer(1))];
    const bad = () => { throw new Error('patched') };
    for (const c of [Date, RegExp, Map, Set, Number, String, Boolean, BigInt, Uint8Array,
        Object.getPrototypeOf(Uint8Array), DataView, ArrayBuffer]) {
      for (const k of Reflect.ownKeys(c.prototype)) {
        if (k !== 'constructor') try { Object.defineProperty(c.prototype, k, { get: bad }) } catch {}
      }
    }
    for (const n of ['Date', 'RegExp', 'Map', 'Set', 'DataView', 'ArrayBuffer', 'Uint8Array']) {
      globalThis[n] = bad;
    }
    Object.defineProperty(Array.prototype, 0, { set: bad });
    Object.defineProperty(Object.prototype, 'x', { set: bad });
    list.push({ x: 1 });
    return list })())",
               "b.length === 10 && b[9].x === 1 && a[0] !== b[0]");
}

TEST_F(Clones, WhatAScriptHasReplacedBeforeIsAnError) {
  for (const char* script : {"globalThis.Date = class {}; a", "globalThis.Date = 5; a"}) {
    Context patched(runtime);
    patched.with([&](Ctx ctx) {
      const Value date = ctx.eval("const a = new Date(5); " + std::string(script));
      EXPECT_EQ(try_structured_clone(date).error().name(), "TypeError") << script;
    });
  }
}

TEST_F(Clones, TypedHandlesKeepTheirType) {
  with([](Ctx ctx) {
    const auto map = ctx.eval<Map>("new Map([[1, 2]])");
    const Map copy = structured_clone(map);
    copy.set(1, 3);
    EXPECT_EQ(map.get<int>(1), 2);
    EXPECT_EQ(structured_clone(ctx.eval<Array>("[1, 2]")).size(), 2U);
    EXPECT_THROW((void)structured_clone(ctx.eval<Function>("() => 1")), Error);
  });
}

TEST_F(Clones, MayGoToAnotherContext) {
  const Value value = eval("[{ d: new Date(5) }]");
  Context other(runtime);
  other.with([&](Ctx ctx) {
    ctx.globals().set("b", structured_clone(ctx, value));
    EXPECT_TRUE(ctx.eval<bool>("b instanceof Array && b[0].d instanceof Date"));
  });
  Context::base(runtime).with([&](Ctx ctx) {
    for (const char* script :
         {"new Date", "/x/", "new Map", "new Set", "new ArrayBuffer(1)", "new Uint8Array(1)",
          "new DataView(new ArrayBuffer(1))", "[new Date]"}) {
      EXPECT_EQ(try_structured_clone(ctx, eval(script)).error().name(), "TypeError") << script;
    }
    EXPECT_TRUE(try_structured_clone(ctx, eval("[{ a: Object('s') }, new TypeError('x')]")));
  });
}

TEST_F(Clones, ShortMemoryIsAnErrorOrSuccess) {
  const Value value = eval(
      "[{ list: [1, 2, 3], text: 'x' }, new Map([[1, { a: 1 }]]), new Set([[1]]),"
      "new Date(5), Object('s')]");
  EXPECT_TRUE(try_structured_clone(value));  // what the context keeps is there now
  int failed = 0;
  for (std::int64_t left = 12000; left >= 0; left -= left > 4000 ? 500 : 100) {
    runtime.run_gc();
    runtime.set_memory_limit(static_cast<std::size_t>(runtime.memory_usage().malloc_size + left));
    const Result<Value> copy = try_structured_clone(value);
    failed += copy ? 0 : 1;
    runtime.set_memory_limit(0);
  }
  EXPECT_GT(failed, 0);
  expect_clone("[{ a: 1 }]", "b[0].a === 1");
}

TEST_F(Clones, RefuseOtherRuntimesAndOutliveNone) {
  Value left;
  {
    Runtime other;
    const Context elsewhere(other);
    left = elsewhere.with([](Ctx ctx) { return ctx.eval("({})"); });
    with([&](Ctx ctx) { EXPECT_EQ(try_structured_clone(ctx, left).error().name(), "TypeError"); });
  }
  expect_gone(try_structured_clone(left));
  expect_gone(try_structured_clone(Value()));
}

}  // namespace
}  // namespace quip::test
