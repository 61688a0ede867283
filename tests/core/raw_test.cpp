// The engine's own pointers, both ways: quip in a C program that has a QuickJS already.
#include "support/js.hpp"

#include <thread>

namespace quip::test {
namespace {

// ---- the program: an engine with opaque pointers, handlers and a class of its own --------------

struct Host {
  int interrupts = 0;
  int rejections = 0;
  int finalized = 0;
  int loads = 0;
  JSClassID class_id = 0;
};

int count_interrupt(JSRuntime*, void* opaque) {
  ++static_cast<Host*>(opaque)->interrupts;
  return 0;
}
/// `handled` is an int in one engine and a bool in the other.
template <class Handled>
void count_rejection(JSContext*, JSValueConst, JSValueConst, Handled, void* opaque) {
  ++static_cast<Host*>(opaque)->rejections;
}
void finalize_point(JSRuntime* rt, JSValue) {
  ++static_cast<Host*>(::JS_GetRuntimeOpaque(rt))->finalized;
}
JSModuleDef* load(JSContext* ctx, const char* name, void* opaque) {
  ++static_cast<Host*>(opaque)->loads;
  constexpr std::string_view text = "export const x = 5;";
  JSValue module = ::JS_Eval(ctx, text.data(), text.size(), name,
                             JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
  if (engine::is_exception(module)) return nullptr;
  auto* definition = static_cast<JSModuleDef*>(engine::get_pointer(module));
  ::JS_FreeValue(ctx, module);
  return definition;
}
JSValue double_it(JSContext* ctx, JSValueConst, int argc, JSValueConst* argv) {
  std::int32_t n = 0;
  if (argc < 1 || ::JS_ToInt32(ctx, &n, argv[0]) != 0) return engine::exception();
  const auto* name = static_cast<const char*>(::JS_GetContextOpaque(ctx));
  if (name == nullptr || std::string_view(name) != "theirs") return engine::int32(-1);
  return engine::int32(2 * n);
}

class RawTest : public ::testing::Test {
 protected:
  RawTest() {
    ::JS_SetRuntimeOpaque(rt, &host);
    ::JS_SetContextOpaque(ctx, name);
    ::JS_SetInterruptHandler(rt, &count_interrupt, &host);
    ::JS_SetHostPromiseRejectionTracker(rt, &count_rejection, &host);
    ::JS_SetModuleLoaderFunc(rt, nullptr, &load, &host);
    host.class_id = engine::new_class_id(rt);
    static const JSClassDef point = [] {
      JSClassDef made{};
      made.class_name = "Point";
      made.finalizer = &finalize_point;
      return made;
    }();
    EXPECT_EQ(::JS_NewClass(rt, host.class_id, &point), 0);
    ::JS_SetClassProto(ctx, host.class_id, ::JS_NewObject(ctx));
    set("double", ::JS_NewCFunction(ctx, &double_it, "double", 1));
    set("point", engine::new_object(ctx, host.class_id));
  }
  ~RawTest() override {
    if (ctx != nullptr) ::JS_FreeContext(ctx);
    if (rt != nullptr) ::JS_FreeRuntime(rt);
  }
  void set(const char* key, JSValue value) {
    JSValue global = ::JS_GetGlobalObject(ctx);
    EXPECT_GE(::JS_SetPropertyStr(ctx, global, key, value), 0);
    ::JS_FreeValue(ctx, global);
  }
  /// What the program itself evaluates, as text.
  std::string run(const std::string& script, JSContext* where = nullptr) {
    JSContext* in = where == nullptr ? ctx : where;
    JSValue value = ::JS_Eval(in, script.c_str(), script.size(), "<host>", JS_EVAL_TYPE_GLOBAL);
    std::string prefix;
    if (engine::is_exception(value)) {
      value = ::JS_GetException(in);
      prefix = "throws ";
    }
    const char* text = ::JS_ToCString(in, value);
    std::string result = prefix + (text == nullptr ? "?" : text);
    if (text != nullptr) ::JS_FreeCString(in, text);
    ::JS_FreeValue(in, value);
    return result;
  }
  void run_jobs() {
    JSContext* unused = nullptr;
    while (::JS_ExecutePendingJob(rt, &unused) > 0) continue;
  }
  /// That of the program nothing was touched.
  void expect_untouched() {
    EXPECT_EQ(::JS_GetRuntimeOpaque(rt), &host);
    EXPECT_EQ(::JS_GetContextOpaque(ctx), name);
    const int interrupts = host.interrupts;
    EXPECT_EQ(run("var i = 0; for (i = 0; i < 100000; ++i); double(i)"), "200000");
    EXPECT_GT(host.interrupts, interrupts);
    const int rejections = host.rejections;
    EXPECT_EQ(run("Promise.reject(1); 0"), "0");
    EXPECT_EQ(host.rejections, rejections + 1);
    EXPECT_EQ(run("String(point)"), "[object Object]");
  }

  static inline char name[] = "theirs";
  Host host;
  JSRuntime* rt = ::JS_NewRuntime();
  JSContext* ctx = ::JS_NewContext(rt);
};

struct Box {
  int n;
  explicit Box(int of) : n(of) {}
  [[nodiscard]] int get() const { return n; }
};
void define(ClassDef<Box>& def) { def.constructor<int>().method<&Box::get>(); }

// ---- borrowing ---------------------------------------------------------------------------------

TEST_F(RawTest, BorrowsAContext) {
  {
    const raw::Borrowed js = raw::borrow(ctx);
    EXPECT_EQ(js.runtime.raw(), rt);
    js.context.with([&](Ctx here) {
      EXPECT_EQ(here.raw(), ctx);
      EXPECT_EQ(here.eval<int>("double(4)"), 8);
      EXPECT_EQ(here.globals().get<Function>("double").call<int>(5), 10);
      here.globals().set("list", std::vector<int>{1, 2});
      EXPECT_FALSE(here.try_eval("throw new Error('x')"));
      EXPECT_EQ(here.eval<std::string>("String(point)"), "[object Object]");
    });
    expect_untouched();
  }
  EXPECT_EQ(run("list.join()"), "1,2");
  expect_untouched();
}

TEST_F(RawTest, TheProgramsScriptsCallCpp) {
  auto held = std::make_shared<int>(7);
  const std::weak_ptr<int> watch = held;
  {
    const raw::Borrowed js = raw::borrow(ctx);
    js.context.with([&](Ctx here) {
      here.globals().set("stateless", [](int n) { return n + 1; });
      here.globals().set("stateful", [held = std::move(held)](int n) { return n + *held; });
      here.globals().set("calls", [](const Function& f) { return f.call<int>(3); });
      here.globals().set("throws", [] { throw std::out_of_range("far"); });
      here.globals().set("where", [](Ctx inner) { return inner.globals().has("point"); });
      here.globals().set("items", iterable(std::vector<int>{1, 2}));
      here.globals().set("bytes", ArrayBuffer::from(here, std::vector<std::uint8_t>{1, 2, 3}));
      here.globals().set("Box", Instance<Box>::constructor(here));
    });
    // outside of any `with`, as the program does it
    EXPECT_EQ(run("stateless(1) + stateful(1)"), "10");
    EXPECT_EQ(run("calls(n => n * 2)"), "6");
    EXPECT_EQ(run("throws()"), "throws RangeError: far");
    EXPECT_EQ(run("stateless('x')").substr(0, 16), "throws TypeError");
    EXPECT_EQ(run("where()"), "true");
    EXPECT_EQ(run("[...items].join()"), "1,2");
    EXPECT_EQ(run("globalThis.box = new Box(4); box.get()"), "4");
    EXPECT_EQ(run("Box(4)").substr(0, 16), "throws TypeError");
    EXPECT_EQ(run("new Uint8Array(bytes).join()"), "1,2,3");
    ::JS_RunGC(rt);
    EXPECT_FALSE(watch.expired());
  }
  EXPECT_TRUE(watch.expired());
  // what is left of it fails, and does no harm
  const std::string left = "throws TypeError: the C++ of this function is gone";
  EXPECT_EQ(run("stateless(1)").substr(0, left.size()), left);
  EXPECT_EQ(run("stateful(1)").substr(0, left.size()), left);
  EXPECT_EQ(run("[...items]").substr(0, left.size()), left);
  EXPECT_EQ(run("box.get()").substr(0, left.size()), left);
  EXPECT_EQ(run("new Box(1)").substr(0, left.size()), left);
  EXPECT_EQ(run("new Uint8Array(bytes).join()"), "1,2,3");
  run("delete globalThis.bytes");
  ::JS_RunGC(rt);
  expect_untouched();
}

TEST_F(RawTest, MemoryOfBuffersStaysUntilTheEngineLetsGo) {
  struct Watch {
    std::shared_ptr<int> alive;
    std::vector<std::uint8_t> bytes;
  };
  const auto alive = std::make_shared<int>(1);
  {
    const raw::Borrowed js = raw::borrow(ctx);
    js.context.with([&](Ctx here) {
      auto owner = std::make_shared<Watch>(Watch{alive, std::vector<std::uint8_t>(64, 7)});
      auto* data = owner->bytes.data();
      here.globals().set("bytes", ArrayBuffer::borrow(here, std::span(data, 64),
                                                      [owner]() mutable { owner.reset(); }));
    });
  }
  EXPECT_EQ(alive.use_count(), 2);
  EXPECT_EQ(run("new Uint8Array(bytes)[63]"), "7");
  run("delete globalThis.bytes");
  ::JS_RunGC(rt);
  EXPECT_EQ(alive.use_count(), 1);
}

TEST_F(RawTest, BorrowsAgain) {
  for (int i = 0; i < 3; ++i) {
    const raw::Borrowed js = raw::borrow(ctx);
    js.context.with([&](Ctx here) {
      here.globals().set("again", [i] { return i; });
      here.globals().set("range", iterable(std::vector<int>{i}));
    });
    EXPECT_EQ(run("again() + [...range].join()"), std::to_string(i) + std::to_string(i));
  }
  expect_untouched();
}

TEST_F(RawTest, QuipLetsGoWhileHandlesLive) {
  Value object;
  Value text;
  Context context{Runtime()};
  {
    raw::Borrowed js = raw::borrow(ctx);
    object = js.context.with([](Ctx here) { return here.eval("({ n: 1 })"); });
    text = js.context.with([](Ctx here) { return here.eval("'text' + 1"); });
    context = js.context;
  }
  EXPECT_EQ(object.try_as<Object>().error().kind(), ErrorKind::runtime_gone);
  EXPECT_FALSE(raw::try_borrow(ctx));  // not before they are gone
  expect_untouched();
  object = Value();
  text = Value();
  EXPECT_FALSE(raw::try_borrow(ctx));
  {
    const Context last = std::move(context);
  }
  EXPECT_TRUE(raw::try_borrow(ctx));
}

TEST_F(RawTest, HandlesOfPlainDataEndAfterTheEngine) {
  // no engine aborts for a string that somebody holds, and quip must not touch it then
  auto text = std::make_unique<Value>();
  auto number = std::make_unique<Value>();
  {
    const raw::Borrowed js = raw::borrow(ctx);
    *number = js.context.with([](Ctx here) { return here.eval("1.5"); });
  }
  ::JS_FreeContext(std::exchange(ctx, nullptr));
  ::JS_FreeRuntime(std::exchange(rt, nullptr));
  EXPECT_FALSE(number->try_as<double>());
  number.reset();
}

// Its memory is not counted as quip counts.
TEST_F(RawTest, SharedMemoryStaysInIt) {
  const raw::Borrowed js = raw::borrow(ctx);
  js.context.with([](Ctx inside) {
    const Result<Message> sent = Message::try_from(inside.eval("new SharedArrayBuffer(8)"));
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().name(), "DataCloneError");
  });
  const Runtime own;
  Message message = Context(own).with(
      [](Ctx there) { return Message::from(there.eval("new SharedArrayBuffer(8)")); });
  js.context.with([&message](Ctx inside) {
    const Result<Value> received = message.try_to<Value>(inside);
    ASSERT_FALSE(received);
    EXPECT_EQ(received.error().name(), "DataCloneError");
  });
}

TEST_F(RawTest, ContextsThatQuipMakesInIt) {
  {
    const raw::Borrowed js = raw::borrow(ctx);
    const Context own(js.runtime);
    const Context small = Context::custom<intrinsic::Eval>(js.runtime);
    quip::with(js.context, own, small, [](Ctx a, Ctx b, Ctx c) {
      b.globals().set("f", [](int n) { return n; });
      a.globals().set("theirs", b.eval("({ f })"));
      EXPECT_EQ(a.eval<int>("theirs.f(3)"), 3);
      EXPECT_EQ(c.eval<int>("1 + 1"), 2);
      a.data().set(std::string("data"));
      b.runtime_data().set(5);
      EXPECT_EQ(*a.runtime_data().get<int>(), 5);
    });
    EXPECT_EQ(run("theirs.f(4)"), "4");
  }
  EXPECT_EQ(run("typeof theirs.f"), "function");
  expect_untouched();
}

TEST_F(RawTest, ContextsThatQuipWasNotToldOf) {
  JSContext* second = ::JS_NewContext(rt);
  char own[] = "second";
  ::JS_SetContextOpaque(second, own);
  {
    raw::Borrowed js = raw::borrow(ctx);
    js.context.with([&](Ctx here) {
      here.globals().set("f", [](const std::vector<int>& list) { return list; });
      here.globals().set("items", iterable(std::vector<int>{1, 2}));
    });
    for (const char* key : {"f", "items"}) {
      JSValue from = ::JS_GetGlobalObject(ctx);
      JSValue to = ::JS_GetGlobalObject(second);
      ::JS_SetPropertyStr(second, to, key, ::JS_GetPropertyStr(ctx, from, key));
      ::JS_FreeValue(second, to);
      ::JS_FreeValue(ctx, from);
    }
    EXPECT_EQ(run("f([1, 2]).concat([...items]).join()", second), "1,2,1,2");
    EXPECT_EQ(raw::with(second, [](Ctx here) { return here.eval<int>("6 * 7"); }), 42);
    const Context known = raw::borrow(js.runtime, second);
    known.with([&](Ctx here) { EXPECT_EQ(here.raw(), second); });
    EXPECT_EQ(::JS_GetContextOpaque(second), own);
  }
  ::JS_FreeContext(second);
}

TEST_F(RawTest, JobsAreInOneQueue) {
  raw::Borrowed js = raw::borrow(ctx);
  js.context.with([&](Ctx here) {
    here.eval("globalThis.log = []; Promise.resolve().then(() => log.push('job'))");
    here.globals().set("task", []() -> Task<int> { co_return 5; });
    here.eval("task().then(n => log.push(n))");
  });
  js.runtime.run();
  EXPECT_EQ(run("log.join()"), "job,5");
  run("Promise.resolve().then(() => log.push('theirs'))");
  run_jobs();
  EXPECT_EQ(run("log.join()"), "job,5,theirs");
}

TEST_F(RawTest, CoroutinesEndWhenQuipLetsGo) {
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = held;
  {
    raw::Borrowed js = raw::borrow(ctx);
    js.context.with([&](Ctx here) {
      here.globals().set("wait", [held = std::move(held)](Ctx inner) -> Task<> {
        const auto mine = held;
        co_await inner.eval<Promise<>>("new Promise(() => {})");
      });
    });
    run("wait(); 0");
    js.runtime.poll();
    EXPECT_FALSE(watch.expired());
  }
  EXPECT_TRUE(watch.expired());
  run_jobs();
}

// ---- what is the owner's -----------------------------------------------------------------------

TEST_F(RawTest, LimitsAreRefusedUnlessLeftToQuip) {
  raw::Borrowed js = raw::borrow(ctx);
  EXPECT_THROW(js.runtime.set_turn_limit(std::chrono::seconds(1)), Error);
  EXPECT_THROW(js.runtime.set_interrupt_handler([] { return true; }), Error);
  EXPECT_THROW(js.runtime.set_stack_size(1 << 20), Error);
  EXPECT_THROW(const Deadline refused(js.runtime, std::chrono::hours(1)), Error);
  EXPECT_NO_THROW(js.runtime.set_turn_limit(std::chrono::seconds(0)));
  EXPECT_THROW(js.runtime.set_rejection_handler([](auto&&...) {}), Error);
  EXPECT_THROW(js.runtime.set_unhandled_rejection_handler([](auto&&...) {}), Error);
  EXPECT_THROW(js.runtime.set_loader({}, {}), Error);
  js.context.with([](Ctx here) {
    EXPECT_FALSE(here.try_eval_module("1", "m"));
    EXPECT_FALSE(here.try_import("m"));
  });
  expect_untouched();
}

TEST_F(RawTest, TheProgramsLoaderLoads) {
  const raw::Borrowed js = raw::borrow(ctx);
  js.context.with([](Ctx here) { here.eval("import('m').then(m => globalThis.x = m.x); 0"); });
  run_jobs();
  EXPECT_EQ(host.loads, 1);
  EXPECT_EQ(run("x"), "5");
}

TEST_F(RawTest, LeftToQuipTheyWork) {
  {
    raw::Borrowed js = raw::borrow(ctx, {.interrupts = true, .rejections = true});
    js.context.with([&](Ctx here) {
      const Deadline deadline(js.runtime, std::chrono::milliseconds(20));
      EXPECT_EQ(here.try_eval("for (;;);").error().kind(), ErrorKind::interrupted);
    });
    js.runtime.set_turn_limit(std::chrono::milliseconds(20));
    js.context.with([](Ctx here) { here.eval("Promise.resolve().then(() => { for (;;); }); 0"); });
    EXPECT_EQ(js.runtime.try_run().error().kind(), ErrorKind::interrupted);
    std::string heard;
    js.runtime.set_unhandled_rejection_handler(
        [&](Ctx, const Error& error, const Value&) { heard = error.message(); });
    run("Promise.reject(new Error('nobody')); 0");
    js.runtime.run();
    EXPECT_EQ(heard, "nobody");
    EXPECT_EQ(host.rejections, 0);
  }
  EXPECT_EQ(run("Promise.reject(1); let j = 0; for (; j < 100000; ++j); j"), "100000");
}

TEST_F(RawTest, TheMemoryLimitOfTheOwnerStays) {
  engine::set_memory_limit(rt, std::size_t{4} << 20);
  const raw::Borrowed js = raw::borrow(ctx);
  const Context second(js.runtime);
  EXPECT_EQ(run("'x'.repeat(1 << 24).length").substr(0, 6), "throws");
}

TEST_F(RawTest, DeepRecursionThroughCppIsAnError) {
  const raw::Borrowed js = raw::borrow(ctx);
  js.context.with([](Ctx here) {
    here.globals().set("again", [](const Function& f) { return f.call<int>(f); });
  });
  EXPECT_EQ(run("again(f => again(f))").substr(0, 6), "throws");
  EXPECT_EQ(run("1"), "1");
}

TEST_F(RawTest, WhatCannotBeBorrowed) {
  EXPECT_FALSE(raw::try_borrow(static_cast<JSContext*>(nullptr)));
  EXPECT_FALSE(raw::try_borrow(static_cast<JSRuntime*>(nullptr)));
  EXPECT_FALSE(raw::try_adopt(nullptr));
  const Runtime own;
  EXPECT_EQ(raw::try_borrow(own.raw()).error().message(), "the JSRuntime is quip's own");
  EXPECT_FALSE(raw::try_borrow(own, ctx));
  EXPECT_FALSE(raw::try_borrow(own, nullptr));
  const raw::Borrowed js = raw::borrow(ctx);
  EXPECT_EQ(raw::try_borrow(ctx).error().message(), "the JSRuntime is borrowed or adopted already");
  EXPECT_THROW((void)raw::with(static_cast<JSContext*>(nullptr), [](Ctx) {}), Error);
}

TEST_F(RawTest, HandlesMayEndOnOtherThreads) {
  const raw::Borrowed js = raw::borrow(ctx);
  Value object = js.context.with([](Ctx here) { return here.eval("({})"); });
  std::thread([moved = std::move(object)]() mutable {
    const Value last = std::move(moved);
  }).join();
  js.context.with([](Ctx) {});
  expect_untouched();
}

TEST_F(RawTest, QuipLetsGoInsideOfACallback) {
  auto js = std::make_unique<raw::Borrowed>(raw::borrow(ctx));
  js->context.with([&](Ctx here) {
    here.globals().set("leave", [&] { js.reset(); });
    here.globals().set("f", [] { return 1; });
  });
  EXPECT_EQ(run("leave(); 5"), "5");
  EXPECT_EQ(run("f()").substr(0, 6), "throws");
  expect_untouched();
}

// ---- C code that calls C++ ---------------------------------------------------------------------

JSValue plus_one(JSContext* ctx, JSValueConst, int argc, JSValueConst* argv) {
  return raw::call(ctx, [&](Ctx here) {
    if (argc < 1) throw Error::type("a number, please");
    return Value::borrow(here, argv[0]).as<int>() + 1;
  });
}

TEST_F(RawTest, CppAsTheBodyOfACFunction) {
  set("plusOne", ::JS_NewCFunction(ctx, &plus_one, "plusOne", 1));
  EXPECT_EQ(run("plusOne(1)").substr(0, 29), "throws TypeError: quip does n");
  const raw::Borrowed js = raw::borrow(ctx);
  EXPECT_EQ(run("plusOne(1)"), "2");
  EXPECT_EQ(run("plusOne('x')").substr(0, 16), "throws TypeError");
  JSValue nothing = raw::call(ctx, [](Ctx) {});
  EXPECT_TRUE(engine::is_undefined(nothing));
  JSValue failed = raw::call(ctx, [](Ctx) -> Result<int> { return Error::plain("no"); });
  EXPECT_TRUE(engine::is_exception(failed));
  ::JS_FreeValue(ctx, ::JS_GetException(ctx));
  JSValue thrown = raw::call(ctx, [](Ctx) -> int { throw 5; });
  EXPECT_TRUE(engine::is_exception(thrown));
  ::JS_FreeValue(ctx, ::JS_GetException(ctx));
}

TEST_F(RawTest, ItWorksInQuipsOwnRuntimesToo) {
  Runtime own;
  const Context context(own);
  context.with([](Ctx here) {
    const Value function =
        Value::adopt(here, ::JS_NewCFunction(here.raw(), &plus_one, "plusOne", 1));
    here.globals().set("plusOne", function);
    EXPECT_EQ(here.eval<int>("plusOne(4)"), 5);
  });
}

// ---- single values -----------------------------------------------------------------------------

TEST_F(RawTest, ValuesBothWays) {
  const raw::Borrowed js = raw::borrow(ctx);
  js.context.with([&](Ctx here) {
    const Value adopted = Value::adopt(here, ::JS_NewString(ctx, "text"));
    EXPECT_EQ(adopted.as<std::string>(), "text");
    JSValue mine = ::JS_NewObject(ctx);
    const Value borrowed = Value::borrow(here, mine);
    ::JS_FreeValue(ctx, mine);
    EXPECT_TRUE(borrowed.is_object());
    Value given = here.eval("({ n: 5 })");
    JSValue taken = given.take_raw();
    EXPECT_TRUE(given.is_undefined());
    JSValue n = ::JS_GetPropertyStr(ctx, taken, "n");
    EXPECT_EQ(engine::get_int32(n), 5);
    ::JS_FreeValue(ctx, taken);
    const Result<Value> failed = Value::try_adopt(here, ::JS_ThrowTypeError(ctx, "%s", "theirs"));
    ASSERT_FALSE(failed);
    EXPECT_EQ(show(failed).text, "TypeError: theirs");
    EXPECT_FALSE(::JS_HasException(ctx));
    EXPECT_FALSE(Value().try_take_raw());
  });
}

// ---- adopting ----------------------------------------------------------------------------------

TEST_F(RawTest, AdoptsTheWholeEngine) {
  {
    Runtime runtime = raw::adopt(std::exchange(rt, nullptr));
    Context context = raw::adopt(runtime, std::exchange(ctx, nullptr));
    context.with([&](Ctx here) {
      EXPECT_EQ(here.eval<int>("double(4)"), 8);
      here.globals().set("f", [n = 1](int m) { return n + m; });
      EXPECT_EQ(here.eval<int>("f(2)"), 3);
      EXPECT_EQ(::JS_GetContextOpaque(here.raw()), name);
      const Deadline deadline(runtime, std::chrono::milliseconds(20));
      EXPECT_FALSE(here.try_eval("for (;;);"));
    });
    EXPECT_EQ(::JS_GetRuntimeOpaque(runtime.raw()), &host);
    context.with([](Ctx here) { here.eval("import('nowhere').catch(e => globalThis.e = 1); 0"); });
    runtime.run();
    EXPECT_EQ(host.loads, 0);
    const Context second(runtime);
    expect_eval(second, "1 + 1", "number", "2");
  }
  EXPECT_EQ(host.finalized, 1);
}

TEST_F(RawTest, AnAdoptedEngineOutlivesNobody) {
  Value left;
  {
    const Runtime runtime = raw::adopt(std::exchange(rt, nullptr));
    const Context context = raw::adopt(runtime, std::exchange(ctx, nullptr));
    left = context.with([](Ctx here) { return here.eval("({})"); });
  }
  EXPECT_EQ(left.try_as<Object>().error().kind(), ErrorKind::runtime_gone);
}

}  // namespace
}  // namespace quip::test
