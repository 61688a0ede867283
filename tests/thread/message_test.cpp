// Values as messages: every kind, from one runtime to another; transferred and shared buffers.
#include "support/js.hpp"
#include <quip/quip.hpp>

#include <atomic>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace quip::test {
namespace {

/// A sender and a receiver.
class Messages : public ::testing::Test {
 protected:
  Value sent(const std::string& script) const {
    return a.with([&](Ctx ctx) { return ctx.eval(script); });
  }
  /// Sends what a script makes, and runs `check`, which sees it as `b` and should give true.
  void expect_arrives(const std::string& script, const std::string& check) const {
    Result<Message> message = Message::try_from(sent("(" + script + ")"));
    ASSERT_TRUE(message) << script << ": " << message.error().what();
    for (int i = 0; i < 2; ++i) {  // as often as one likes
      b.with([&](Ctx ctx) {
        const Result<Value> value = message->try_to(ctx);
        ASSERT_TRUE(value) << script << ": " << value.error().what();
        ctx.globals().set("b", *value);
        EXPECT_EQ(show(ctx.try_eval(check)), (Shown{"boolean", "true"})) << script << "\n" << check;
      });
    }
  }
  void expect_refused(const std::string& script, const std::string& message) const {
    const Result<Message> made = Message::try_from(sent("(" + script + ")"));
    ASSERT_FALSE(made) << script;
    EXPECT_EQ(made.error().name(), "DataCloneError") << script;
    EXPECT_EQ(made.error().message(), message) << script;
  }

  Runtime sender;
  Context a{sender};
  Runtime receiver;
  Context b{receiver};
};

TEST_F(Messages, Primitives) {
  expect_arrives("undefined", "b === undefined");
  expect_arrives("null", "b === null");
  expect_arrives("[true, false]", "b[0] === true && b[1] === false");
  expect_arrives("[0, -1, 2147483647, -0, 1.5, NaN, Infinity]",
                 "b.join() === '0,-1,2147483647,0,1.5,NaN,Infinity' && Object.is(b[3], -0)");
  expect_arrives("[0n, -1n, 2n ** 64n, -(2n ** 200n) + 7n, 18446744073709551615n]",
                 "b.join() === [0n, -1n, 2n ** 64n, -(2n ** 200n) + 7n, 2n ** 64n - 1n].join()");
  expect_arrives("['', 'text', '\\u0000x', 'äöü€', '😀', '\\ud800', 'x\\udc00y', 'a'.repeat(5000)]",
                 "b[0] === '' && b[1] === 'text' && b[2] === '\\u0000x' && b[3] === 'äöü€' &&"
                 "b[4] === '😀' && b[5] === '\\ud800' && b[6] === 'x\\udc00y' &&"
                 "b[7] === 'a'.repeat(5000)");
}

TEST_F(Messages, Objects) {
  expect_arrives("{ n: 1, s: 'x', o: { deep: [1, { x: 2 }] }, '': 0, 7: 8, '\\ud800': 1 }",
                 "JSON.stringify(b) === JSON.stringify({ 7: 8, n: 1, s: 'x',"
                 "o: { deep: [1, { x: 2 }] }, '': 0, '\\ud800': 1 })");
  expect_arrives("new (class A { x = 1; #y = 2; get z() { return 3 } })",
                 "Object.getPrototypeOf(b) === Object.prototype && Object.keys(b).join() === 'x'");
  expect_arrives("JSON.parse('{\"__proto__\": 1}')",
                 "Object.hasOwn(b, '__proto__') && Object.getPrototypeOf(b) === Object.prototype");
  expect_arrives("[1, , 'x', undefined]",
                 "Array.isArray(b) && b.length === 4 && !(1 in b) && 3 in b && b[2] === 'x'");
  expect_arrives("Object.assign([1], { extra: 2 })", "b.length === 1 && b.extra === 2");
  expect_arrives("(() => { const l = []; l.length = 4294967295; l[4294967294] = 1; return l })()",
                 "b.length === 4294967295 && b[4294967294] === 1");
  expect_arrives("Array.from({ length: 300 }, (_, i) => ({ id: i, name: 'n' + i }))",
                 "b.length === 300 && b[299].id === 299 && b[299].name === 'n299'");
}

TEST_F(Messages, BuiltInObjects) {
  expect_arrives("new Date(1234.5)", "b instanceof Date && b.getTime() === 1234");
  expect_arrives("new Date(NaN)", "isNaN(b.getTime())");
  expect_arrives("/a(b)\\/c/giy",
                 "b instanceof RegExp && b.source === 'a(b)\\\\/c' && b.flags === 'giy'");
  expect_arrives(
      "new Map([['k', { v: 1 }], [{ key: 1 }, 'v']])",
      "b instanceof Map && b.size === 2 && b.get('k').v === 1 && [...b.keys()][1].key === 1");
  expect_arrives("new Set([1, { x: 1 }, NaN])",
                 "b instanceof Set && b.size === 3 && b.has(NaN) && [...b][1].x === 1");
  expect_arrives(
      "[Object(5), Object('text'), Object(false), Object(5n)]",
      "b[0] instanceof Number && b[0] == 5 && b[1] instanceof String && b[1] == 'text' &&"
      "b[2] instanceof Boolean && b[2] == false && b[3] instanceof BigInt && b[3] == 5n");
  expect_arrives("[new Map, new Set, {}, []]",
                 "b[0].size === 0 && b[1].size === 0 && Object.keys(b[2]).length === 0 &&"
                 "b[3].length === 0");
}

TEST_F(Messages, Errors) {
  expect_arrives("new RangeError('far', { cause: { x: new TypeError('in') } })",
                 "b instanceof RangeError && b.name === 'RangeError' && b.message === 'far' &&"
                 "typeof b.stack === 'string' && b.cause.x instanceof TypeError &&"
                 "!Object.keys(b).includes('cause')");
  expect_arrives("Object.assign(new Error('m'), { name: 'Mine', more: 1 })",
                 "b instanceof Error && b.name === 'Error' && b.message === 'm' && !('more' in b)");
  expect_arrives("[new EvalError('e'), new URIError]",
                 "b[0] instanceof EvalError && b[1] instanceof URIError &&"
                 "!Object.hasOwn(b[1], 'message')");
  a.with([](Ctx ctx) { web::DOMException::install(ctx); });
  b.with([](Ctx ctx) { web::DOMException::install(ctx); });
  expect_arrives("new DOMException('gone', 'AbortError')",
                 "b instanceof DOMException && b.name === 'AbortError' && b.message === 'gone'");
}

TEST_F(Messages, RingsAndIdentity) {
  expect_arrives(
      "(() => { const o = { list: [] }; o.self = o; o.list.push(o, o.list); return o })()",
      "b.self === b && b.list[0] === b && b.list[1] === b.list");
  expect_arrives("(() => { const x = {}, m = new Map([[x, x]]); m.set('m', m); return [x, m] })()",
                 "b[1].get(b[0]) === b[0] && b[1].get('m') === b[1]");
  expect_arrives("(() => { const e = new Error('x'); e.cause = e; return e })()", "b.cause === b");
  expect_arrives("(() => { let o = {}; for (let i = 0; i < 20000; ++i) o = { o }; return o })()",
                 "(() => { let n = 0; for (let o = b; o.o; o = o.o) ++n; return n === 20000 })()");
}

TEST_F(Messages, BuffersAndViews) {
  expect_arrives("new Uint8Array([1, 2, 3]).buffer",
                 "b instanceof ArrayBuffer && new Uint8Array(b).join() === '1,2,3'");
  expect_arrives(
      "(() => { const m = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;"
      "return [new Uint16Array(m, 2, 2), new DataView(m, 4, 3), m] })()",
      "b[0].buffer === b[2] && b[1].buffer === b[2] && b[0] instanceof Uint16Array &&"
      "b[0].length === 2 && b[0].byteOffset === 2 && b[1].byteOffset === 4 &&"
      "b[1].byteLength === 3 && b[1].getUint8(0) === 5");
  for (const char* type : {"Int8Array", "Uint8ClampedArray", "Int16Array", "Int32Array",
                           "Uint32Array", "Float32Array", "Float64Array"}) {
    expect_arrives(std::string("new ") + type + "([1, 2, 3])",
                   std::string("b instanceof ") + type + " && b.join() === '1,2,3'");
  }
  expect_arrives("new BigInt64Array([-1n, 2n])", "b instanceof BigInt64Array && b[0] === -1n");
  expect_arrives("new BigUint64Array(0)", "b instanceof BigUint64Array && b.length === 0");
  expect_refused("(() => { const x = new ArrayBuffer(8); return x })().constructor",
                 "a function cannot be cloned");
}

TEST_F(Messages, ResizableBuffersStayResizable) {
  const bool has = sent("'resize' in ArrayBuffer.prototype").as<bool>();
  expect_arrives(
      "(() => { const x = new ArrayBuffer(4, { maxByteLength: 16 });"
      "new Uint8Array(x)[3] = 9; return x })()",
      has ? "b.byteLength === 4 && b.resizable && b.maxByteLength === 16 &&"
            "new Uint8Array(b)[3] === 9"
          : "b.byteLength === 4 && new Uint8Array(b)[3] === 9");
  const Value buffer =
      sent("globalThis.t = new ArrayBuffer(4, { maxByteLength: 16 }); new Uint8Array(t)[0] = 5; t");
  Message message = Message::from(buffer, {.transfer = {buffer}});
  EXPECT_TRUE(buffer.as<ArrayBuffer>().is_detached());
  b.with([&](Ctx ctx) {
    const auto arrived = message.to<ArrayBuffer>(ctx);
    EXPECT_EQ(arrived.size(), 4U);
    EXPECT_EQ(arrived.is_resizable(), has);
    EXPECT_EQ(arrived.to_vector()[0], std::byte{5});
  });
}

TEST_F(Messages, WhatCannotBeSentIsToldWithItsPlace) {
  expect_refused("{ list: [1, 2, { callback() {} }] }",
                 "list[2].callback: a function cannot be cloned");
  expect_refused("Symbol('s')", "a symbol cannot be cloned");
  expect_refused("{ p: Promise.resolve() }", "p: a promise cannot be cloned");
  expect_refused("[new Proxy({}, {})]", "[0]: a proxy cannot be cloned");
  expect_refused("new Map([[1, new WeakMap]])",
                 "[entry 0].value: an object of a native class cannot be cloned");
  expect_refused("new Set([new WeakRef({})])", "[element 0]: a weak ref cannot be cloned");
  expect_refused("new Error('x', { cause: () => 1 })", "cause: a function cannot be cloned");
  expect_refused("(function* () {})()", "an object of a native class cannot be cloned");
}

TEST_F(Messages, GettersMayDoWhatTheyLike) {
  expect_arrives(
      "(() => { const o = { get a() { delete o.b; o.c = 1; return [1] }, b: 2 }; return o })()",
      "b.a[0] === 1 && !('b' in b) && !('c' in b)");
  const Result<Message> thrown =
      Message::try_from(sent("({ get x() { throw new RangeError('no') } })"));
  ASSERT_FALSE(thrown);
  EXPECT_EQ(thrown.error().name(), "RangeError");
  // a buffer that goes while it is read
  if (sent("'transfer' in ArrayBuffer.prototype").as<bool>()) {
    expect_refused(
        "(() => { const m = new ArrayBuffer(8);"
        "return { get x() { m.transfer(); return 1 }, m } })()",
        "m: a detached array buffer cannot be cloned");
    const Value value = sent(
        "globalThis.m = new ArrayBuffer(8);"
        "({ m, get x() { m.transfer(); return 1 } })");
    const Result<Message> gone = Message::try_from(value, {.transfer = {sent("m")}});
    ASSERT_FALSE(gone);
    EXPECT_EQ(gone.error().message(), "transfer: an ArrayBuffer was detached meanwhile");
  }
  // what is only reachable while the getter runs
  expect_arrives("{ get a() { return { x: {} } }, get b() { return { x: {} } } }",
                 "b.a.x !== b.b.x && b.a !== b.b");
}

TEST_F(Messages, ScriptsThatReplaceTheLibraryBreakNothing) {
  a.with([](Ctx ctx) {
    ctx.eval(
        "Date.prototype.getTime = () => ({}); String.prototype.valueOf = () => ({});"
        "Object.defineProperty(DataView.prototype, 'buffer', { get: () => 5 });");
  });
  for (const char* script : {"new Date(1)", "Object('x')", "new DataView(new ArrayBuffer(8))"}) {
    const Result<Message> message = Message::try_from(sent(script));
    ASSERT_FALSE(message) << script;
    EXPECT_EQ(message.error().name(), "TypeError") << script;
  }
  b.with([](Ctx ctx) { ctx.eval("globalThis.Map = globalThis.Date = class {}"); });
  for (const char* script : {"[1, new Map]", "[1, new Set]"}) {
    Message message = Message::from(sent(script));
    b.with([&](Ctx ctx) {
      EXPECT_EQ(message.try_to(ctx).has_value(), std::string(script) == "[1, new Set]") << script;
    });
  }
}

TEST_F(Messages, TransferredBuffersAreDetachedAndReadOnce) {
  for (const int size : {0, 5, 1 << 20}) {
    const Value value = sent("globalThis.m = new ArrayBuffer(" + std::to_string(size) +
                             "); globalThis.view = new Uint8Array(m); view[4] = 7; ({ m, view })");
    Message message = Message::from(value, {.transfer = {sent("m")}});
    EXPECT_EQ(sent("m.byteLength + view.length").as<int>(), 0);
    EXPECT_LT(message.size(), 200U);
    b.with([&](Ctx ctx) {
      const auto arrived = message.to<Object>(ctx);
      EXPECT_EQ(arrived.get<ArrayBuffer>("m").size(), static_cast<std::size_t>(size));
      ctx.globals().set("b", arrived);
      EXPECT_TRUE(ctx.eval<bool>("b.view.buffer === b.m"));
      if (size > 0) EXPECT_EQ(ctx.eval<int>("b.view[4]"), 7);
      EXPECT_TRUE(message.is_taken());
      const Result<Value> again = message.try_to(ctx);
      ASSERT_FALSE(again);
      EXPECT_EQ(again.error().name(), "DataCloneError");
    });
  }
}

TEST_F(Messages, BytesThatCxxGaveAreNotCopied) {
  std::vector<std::byte> bytes(100, std::byte{3});
  const void* where = bytes.data();
  const ArrayBuffer buffer =
      a.with([&](Ctx ctx) { return ArrayBuffer::from(ctx, std::move(bytes)); });
  Message message = Message::from(buffer, {.transfer = {buffer}});
  EXPECT_TRUE(buffer.is_detached());
  const auto look = [&](std::span<const std::byte> found) {
    EXPECT_EQ(found.data(), where);
    EXPECT_EQ(found.size(), 100U);
    EXPECT_EQ(found[99], std::byte{3});
  };
  const ArrayBuffer arrived = b.with([&](Ctx ctx) { return message.to<ArrayBuffer>(ctx); });
  arrived.with_const_bytes(look);
  // and back
  Message back = Message::from(arrived, {.transfer = {arrived}});
  a.with([&](Ctx ctx) { back.to<ArrayBuffer>(ctx).with_const_bytes(look); });
}

TEST_F(Messages, BorrowedBytesStayWhereTheyAre) {
  alignas(8) std::array<std::byte, 16> bytes{};
  int released = 0;
  const ArrayBuffer buffer = a.with([&](Ctx ctx) {
    return ArrayBuffer::borrow(ctx, std::span<std::byte>(bytes), [&] { ++released; });
  });
  Message message = Message::from(buffer, {.transfer = {buffer}});
  EXPECT_EQ(released, 1);
  b.with([&](Ctx ctx) {
    message.to<ArrayBuffer>(ctx).with_bytes(
        [&](std::span<std::byte> found) { EXPECT_NE(found.data(), bytes.data()); });
  });
}

TEST_F(Messages, ManyBytesOfAnEngineOutliveTheirRuntime) {
  ArrayBuffer kept;
  {
    Runtime brief;
    const Context context(brief);
    Message message = context.with([](Ctx ctx) {
      const Value buffer = ctx.eval("const x = new Uint8Array(200000); x[199999] = 8; x.buffer");
      return Message::from(buffer, {.transfer = {buffer}});
    });
    kept = b.with([&](Ctx ctx) { return message.to<ArrayBuffer>(ctx); });
  }
  EXPECT_EQ(kept.to_vector()[199999], std::byte{8});
  b.with([&](Ctx ctx) {
    ctx.globals().set("kept", kept);
    kept = ArrayBuffer();
    EXPECT_EQ(ctx.eval<int>("new Uint8Array(kept)[199999]"), 8);
    ctx.eval("kept = null");
  });
}

TEST_F(Messages, WhatCannotBeTransferred) {
  const auto refused = [&](const std::string& list) {
    const auto values =
        sent("globalThis.m = new ArrayBuffer(4); [" + list + "]").as<std::vector<Value>>();
    const Result<Message> message = Message::try_from(sent("m"), {.transfer = values});
    EXPECT_FALSE(message) << list;
    EXPECT_EQ(sent("m.byteLength").as<int>(), 4) << list;
    return message ? std::string() : message.error().message();
  };
  EXPECT_EQ(refused("m, m"), "transfer: an ArrayBuffer is listed twice");
  EXPECT_EQ(refused("m, {}"), "transfer: the value cannot be transferred");
  EXPECT_EQ(refused("m, new SharedArrayBuffer(8)"), "transfer: the value cannot be transferred");
  EXPECT_EQ(refused("m, 5"), "transfer: the value cannot be transferred");
  const Value other = b.with([](Ctx ctx) { return ctx.eval("new ArrayBuffer(4)"); });
  const Result<Message> foreign = Message::try_from(sent("1"), {.transfer = {other}});
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().message(), "transfer: the value is not of the same runtime");
  const ArrayBuffer gone = sent("new ArrayBuffer(4)").as<ArrayBuffer>();
  gone.detach();
  EXPECT_EQ(Message::try_from(gone, {.transfer = {gone}}).error().message(),
            "transfer: an ArrayBuffer is detached");
  EXPECT_EQ(Message::try_from(gone).error().message(), "a detached array buffer cannot be cloned");
  // an error elsewhere leaves what was listed alone
  const Value listed = sent("globalThis.m = new ArrayBuffer(4)");
  EXPECT_FALSE(Message::try_from(sent("() => 1"), {.transfer = {listed}}));
  EXPECT_FALSE(listed.as<ArrayBuffer>().is_detached());
}

TEST_F(Messages, SharedBuffersAreTheSameMemory) {
  const Value shared = sent("globalThis.s = new SharedArrayBuffer(8); s");
  Message message = Message::from(shared);
  b.with([&](Ctx ctx) {
    ctx.globals().set("s", message.to(ctx));
    EXPECT_EQ(ctx.eval<int>("s.byteLength"), 8);
    ctx.eval("new Int32Array(s)[1] = 42");
  });
  EXPECT_EQ(sent("new Int32Array(s)[1]").as<int>(), 42);
  sent("Atomics.add(new Int32Array(s), 1, 1)");
  b.with([&](Ctx ctx) { EXPECT_EQ(ctx.eval<int>("Atomics.load(new Int32Array(s), 1)"), 43); });
  // and views over it; twice read, it still is the same
  Message view = Message::from(sent("new Int32Array(s, 4, 1)"));
  b.with([&](Ctx ctx) {
    ctx.globals().set("v", view.to(ctx));
    EXPECT_TRUE(ctx.eval<bool>("v.buffer instanceof SharedArrayBuffer && v[0] === 43"));
    ctx.globals().set("v", view.to(ctx));
    EXPECT_EQ(ctx.eval<int>("Atomics.exchange(v, 0, 7)"), 43);
  });
  EXPECT_EQ(sent("new Int32Array(s)[1]").as<int>(), 7);
}

TEST_F(Messages, SharedMemoryOutlivesWhoMadeIt) {
  Message message;
  {
    Runtime brief;
    const Context context(brief);
    message = context.with([](Ctx ctx) {
      return Message::from(
          ctx.eval("const s = new SharedArrayBuffer(16); new Uint8Array(s)[15] = 6; s"));
    });
  }
  b.with([&](Ctx ctx) {
    ctx.globals().set("s", message.to(ctx));
    message = Message();
    EXPECT_EQ(ctx.eval<int>("new Uint8Array(s)[15]"), 6);
  });
}

TEST_F(Messages, SharedMemoryKeepsTheLimit) {
  Runtime small({.memory_limit = 1 << 20});
  const Context context(small);
  context.with([](Ctx ctx) {
    EXPECT_EQ(
        ctx.eval<std::string>("try { new SharedArrayBuffer(1 << 21) } catch (e) { e.message }"),
        "out of memory");
    const Result<Value> many =
        ctx.try_eval("const all = []; for (;;) all.push(new SharedArrayBuffer(100000))");
    ASSERT_FALSE(many);
    EXPECT_EQ(many.error().kind(), ErrorKind::out_of_memory);
  });
  small.run_gc();
  context.with([](Ctx ctx) { EXPECT_EQ(ctx.eval<int>("new SharedArrayBuffer(8).byteLength"), 8); });
}

TEST_F(Messages, GrowableSharedBuffersAreRefused) {
  if (!sent("'grow' in SharedArrayBuffer.prototype").as<bool>()) {
    expect_arrives("new SharedArrayBuffer(4, { maxByteLength: 8 })", "b.byteLength === 4");
    return;
  }
  expect_refused("[new SharedArrayBuffer(4, { maxByteLength: 8 })]",
                 "[0]: a growable shared array buffer cannot be cloned");
}

TEST_F(Messages, EmptyOnesAndCxxValues) {
  Message none;
  EXPECT_EQ(none.size(), 1U);
  b.with([&](Ctx ctx) {
    EXPECT_TRUE(none.to(ctx).is_undefined());
    EXPECT_TRUE(Message::from(Value()).to(ctx).is_undefined());
    Message list = Message::from(ctx, std::vector<int>{1, 2, 3});
    EXPECT_EQ(list.to<std::vector<int>>(ctx), (std::vector<int>{1, 2, 3}));
    const Result<std::string> wrong = list.try_to<std::string>(ctx);
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().kind(), ErrorKind::conversion);
  });
  Message moved = Message::from(sent("'here'"));
  none = std::move(moved);
  b.with([&](Ctx ctx) { EXPECT_EQ(none.to<std::string>(ctx), "here"); });
}

TEST_F(Messages, AfterTheRuntime) {
  Value value;
  Message message;
  Context gone(receiver);
  {
    Runtime brief;
    const Context context(brief);
    value = context.with([](Ctx ctx) { return ctx.eval("({ x: [1] })"); });
    message = Message::from(value);
    gone = context;
  }
  EXPECT_EQ(Message::try_from(value).error().kind(), ErrorKind::runtime_gone);
  EXPECT_THROW(gone.with([&](Ctx ctx) { message.to(ctx); }), RuntimeGone);
  b.with([&](Ctx ctx) {
    EXPECT_EQ(message.to<Object>(ctx).get<std::vector<int>>("x"), std::vector<int>{1});
  });
}

TEST_F(Messages, ShortMemoryIsAnError) {
  Message large =
      Message::from(sent("Array.from({ length: 8000 }, (_, i) => ({ i, s: 'text ' + i }))"));
  Runtime small({.memory_limit = 800 << 10});
  const Context context(small);
  const Result<Value> read = context.with([&](Ctx ctx) { return large.try_to(ctx); });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind(), ErrorKind::out_of_memory) << read.error().what();
  Message few = Message::from(sent("[1, 2]"));
  context.with([&](Ctx ctx) { EXPECT_EQ(few.to<std::vector<int>>(ctx).size(), 2U); });
}

TEST_F(Messages, ContextsWithoutTheLibrary) {
  const Context bare = Context::base(receiver);
  for (const char* script : {"[1, { x: 'y' }, 2n ** 80n]", "new Error('e')"}) {
    Message message = Message::from(sent(script));
    bare.with([&](Ctx ctx) { EXPECT_TRUE(message.try_to(ctx)) << script; });
  }
  for (const char* script : {"new Map", "new Date", "new ArrayBuffer(4)", "new Uint8Array(4)",
                             "new SharedArrayBuffer(4)", "new DataView(new ArrayBuffer(4))"}) {
    Message message = Message::from(sent(script));
    bare.with([&](Ctx ctx) { EXPECT_FALSE(message.try_to(ctx)) << script; });
  }
}

TEST_F(Messages, OnOtherThreads) {
  std::vector<Message> messages;
  for (int i = 0; i < 8; ++i) {
    const Value value =
        sent("globalThis.m = new ArrayBuffer(100000); new Uint8Array(m)[0] = " + std::to_string(i) +
             "; [m, " + std::to_string(i) + "]");
    messages.push_back(Message::from(value, {.transfer = {sent("m")}}));
  }
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back(
        [&right, i, message = std::move(messages[static_cast<std::size_t>(i)])]() mutable {
          Runtime runtime;
          const Context context(runtime);
          context.with([&](Ctx ctx) {
            ctx.globals().set("b", message.to(ctx));
            if (ctx.eval<int>("new Uint8Array(b[0])[0] === b[1] ? b[1] : -1") == i) ++right;
          });
        });
  }
  sent("for (let i = 0; i < 2000; ++i) globalThis.x = { i }");  // while they let go of its bytes
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 8);
}

}  // namespace
}  // namespace quip::test
