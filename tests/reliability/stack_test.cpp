// Scripts that nest too deeply get an error, whatever the thread's stack: of the main thread, of
// small and large threads, and of coroutines, which run on the stack of whoever resumes them.
#include "support/js.hpp"
#include <quip/class/class_def.hpp>

#include <pthread.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace quip::test {
namespace {

using namespace std::chrono_literals;

struct StackBox {
  double call(const Function& function) {
    function.call<Value>();
    return 1;
  }
};
void define(ClassDef<StackBox>& def) { def.constructor<>().method<&StackBox::call>(); }

/// A list of lists of …; read by conversions, which call themselves.
struct Nested {
  std::vector<Nested> inner;
};

void define_natives(const Ctx& ctx) {
  ctx.globals().set("call", [](const Function& function) { return function.call(); });
  ctx.globals().set("evaluate",
                    [](Ctx inner, const std::string& text) { return inner.eval(text); });
  ctx.globals().set("nested", [](const Nested& nested) { return nested.inner.size(); });
  ctx.globals().set("table", [](const std::map<std::string, int>& table) { return table.size(); });
  ctx.globals().set("json", [](const Value& value) { return json::stringify(value).value_or(""); });
  ctx.globals().set("parse",
                    [](Ctx inner, const std::string& text) { return json::parse(inner, text); });
  ctx.globals().set("clone", [](const Value& value) { return structured_clone(value); });
  ctx.globals().set("inspect", [](const Value& value) { return web::inspect(value); });
  ctx.globals().set("iterate", [](const Value& value) {
    int count = 0;
    for (const Value& element : iterate<Value>(value)) count += element.is_undefined() ? 0 : 1;
    return count;
  });
  ctx.globals().set("Box", Instance<StackBox>::constructor(ctx));
}

/// Scripts that do not end but by the end of the stack.
constexpr std::string_view endless[] = {
    "(function f() { f(); })()",
    "(function f(...a) { return 1 + f(1, 2, 3, 4, 5, 6, 7, 8, ...a.slice(0, 8)); })()",
    "(function f() { f.apply(null, [1]); })()",
    "(function F() { new F(); })()",
    "class A { b = new A(); } new A()",
    "globalThis.f = () => eval('f()'); f()",
    "globalThis.f = () => evaluate('f()'); f()",
    "const f = () => call(f); f()",
    "const b = new Box(); const f = () => b.call(f); f()",
    "const o = {get a() { return table(o); }}; table(o)",
    "const a = {toString() { return '' + a; }}; '' + a",
    "const a = {toString() { return [a].join(); }}; '' + a",
    "const a = {valueOf() { return +a; }}; +a",
    "const a = {get x() { return a.x; }}; a.x",
    "const p = new Proxy({}, {get(t, k) { return p[k]; }}); p.x",
    "const p = new Proxy({}, {has(t, k) { return k in p; }}); 'x' in p",
    "const p = new Proxy({}, {ownKeys() { return Reflect.ownKeys(p); }}); table(p)",
    "const f = () => [2, 1].sort(f); f()",
    "const f = () => new Float64Array([2, 1]).sort(f); f()",
    "const f = () => [1].map(f); f()",
    "const f = () => 'a'.replace(/a/, f); f()",
    "const f = () => 'a'.replace({[Symbol.replace]: f}, 1); f()",
    "const a = {toJSON() { return JSON.stringify(a); }}; JSON.stringify(a)",
    "const a = {toJSON() { return json(a); }}; json(a)",
    "const f = () => JSON.parse('[1]', f); f()",
    "function* f() { yield* f(); } f().next()",
    "function* f() { yield iterate(f()); } iterate(f())",
    "const f = ({a = f({})}) => a; f({})",
    "const f = ([a = f([])]) => a; f([])",
    "const i = {[Symbol.iterator]() { return [...i]; }}; [...i]",
    "const a = {[Symbol.hasInstance](x) { return x instanceof a; }}; 1 instanceof a",
    "class A { static get [Symbol.species]() { return [1].map.call(A.list, x => x); } }"
    "A.list = [1]; A.list.constructor = A; A[Symbol.species]",
};

/// Texts and values that are nested much deeper than any stack.
constexpr std::string_view deep[] = {
    "JSON.parse('['.repeat(DEPTH) + ']'.repeat(DEPTH))",
    "parse('['.repeat(DEPTH) + ']'.repeat(DEPTH))",
    "parse('{\"a\":'.repeat(DEPTH) + '1' + '}'.repeat(DEPTH))",
    "let a = []; for (let i = 0; i < DEPTH; ++i) a = [a]; JSON.stringify(a)",
    "let a = []; for (let i = 0; i < DEPTH; ++i) a = [a]; json(a)",
    "let a = []; for (let i = 0; i < DEPTH; ++i) a = [a]; String(a)",
    "let a = []; for (let i = 0; i < DEPTH; ++i) a = [a]; a.flat(Infinity)",
    "let a = {inner: []}; for (let i = 0; i < DEPTH; ++i) a = {inner: [a]}; nested(a)",
    "eval('('.repeat(DEPTH) + ')'.repeat(DEPTH))",
    "eval('['.repeat(DEPTH) + ']'.repeat(DEPTH))",
    "eval('{'.repeat(DEPTH) + '}'.repeat(DEPTH))",
    "eval('`${'.repeat(DEPTH) + '1' + '}`'.repeat(DEPTH))",
    "eval('({a:'.repeat(DEPTH) + '1' + '})'.repeat(DEPTH))",
    "eval('(function () {'.repeat(DEPTH) + '})'.repeat(DEPTH))",
    "eval('x => '.repeat(DEPTH) + '1')",
    "eval('class A { static x = '.repeat(DEPTH) + '1' + '}'.repeat(DEPTH))",
    "eval('if (1) '.repeat(DEPTH) + '1')",
};

/// As `deep`, but an engine may also get along without its stack.
constexpr std::string_view maybe_deep[] = {
    "eval('var ' + '['.repeat(DEPTH) + 'a' + ']'.repeat(DEPTH) + ' = 1')",
    "eval('!'.repeat(DEPTH) + '1')",
    "eval('typeof '.repeat(DEPTH) + '1')",
    "eval('1' + '-1'.repeat(DEPTH))",
    "eval('1' + '**1'.repeat(DEPTH))",
    "eval('1 ? 1 : '.repeat(DEPTH) + '1')",
    "new RegExp('('.repeat(DEPTH / 200) + ')'.repeat(DEPTH / 200))",
    "new RegExp('(?:'.repeat(DEPTH) + ')'.repeat(DEPTH))",
    "new RegExp('(?='.repeat(DEPTH) + ')'.repeat(DEPTH))",
    // (the names of bound functions grow with their number)
    "let f = () => 1; for (let i = 0; i < 3000; ++i) f = f.bind(); f()",
    "let f = class {}; for (let i = 0; i < 3000; ++i) f = f.bind(); new f()",
    "let p = {}; for (let i = 0; i < DEPTH; ++i) p = new Proxy(p, {}); p.x",
    "let p = []; for (let i = 0; i < DEPTH; ++i) p = new Proxy(p, {}); Array.isArray(p)",
    "let p = {}; for (let i = 0; i < DEPTH; ++i) p = Object.create(p); p.x",
    "let A = class {}; for (let i = 0; i < 3000; ++i) A = class extends A {}; new A()",
    "let g = [1]; for (let i = 0; i < 3000; ++i) g = (function* (g) { yield* g; })(g); g.next()",
    "let a = 1; for (let i = 0; i < DEPTH; ++i) a = {a}; clone(a); inspect(a)",
    "let e = 1; for (let i = 0; i < DEPTH; ++i) e = new Error('x', {cause: e}); throw e",
};

bool is_overflow(const Error& error) {
  return error.kind() != ErrorKind::interrupted && error.kind() != ErrorKind::out_of_memory &&
         (error.name() == "RangeError" || error.name() == "InternalError" ||
          // the parsers of regular expressions say so by a SyntaxError
          (error.name() == "SyntaxError" && error.message().find("stack") != std::string::npos));
}

std::string with_depth(std::string_view script) {
  constexpr std::string_view depth = "DEPTH";
  std::string text(script);
  for (std::size_t at = text.find(depth); at != std::string::npos; at = text.find(depth)) {
    text.replace(at, depth.size(), "20000");
  }
  return text;
}

/// The error of a script, which it catches too, and a context that works.
void expect_overflow(const Ctx& ctx, std::string_view script) {
  const std::string text = with_depth(script);
  const Result<Value> result = ctx.try_eval("{" + text + "}", {.filename = "deep.js"});
  EXPECT_FALSE(result) << script;
  if (!result) {
    EXPECT_TRUE(is_overflow(result.error())) << script << '\n' << result.error().what();
  }
  EXPECT_EQ(show(ctx.try_eval("try {" + text + "} catch (e) { e instanceof Error }")),
            (Shown{"boolean", "true"}))
      << script;
  EXPECT_EQ(ctx.eval<int>("(function f(n) { return n && 1 + f(n - 1); })(10)"), 10) << script;
}

void run_all() {
  Runtime runtime;
  const auto in_new_context = [&](auto&& function) {
    const Context context(runtime);
    context.with([&](Ctx ctx) {
      define_natives(ctx);
      function(ctx);
    });
  };
  in_new_context([](const Ctx& ctx) {
    for (const std::string_view script : endless) expect_overflow(ctx, script);
  });
  in_new_context([](const Ctx& ctx) {
    for (const std::string_view script : deep) expect_overflow(ctx, script);
  });
  in_new_context([](const Ctx& ctx) {
    for (const std::string_view script : maybe_deep) {
      const Result<Value> result = ctx.try_eval("{" + with_depth(script) + "}");
      if (!result && result.error().message() != "x") {
        EXPECT_TRUE(is_overflow(result.error()) || result.error().name() == "SyntaxError")
            << script << '\n'
            << result.error().what();
      }
      EXPECT_EQ(ctx.eval<int>("(function f(n) { return n && 1 + f(n - 1); })(10)"), 10) << script;
    }
  });
  runtime.run_gc();
}

/// Runs the function on a thread with a stack of so many bytes.
void on_thread(std::size_t stack, const std::function<void()>& function) {
  pthread_attr_t attributes;
  ASSERT_EQ(::pthread_attr_init(&attributes), 0);
  ASSERT_EQ(::pthread_attr_setstacksize(&attributes, stack), 0);
  pthread_t thread{};
  const auto enter = [](void* opaque) -> void* {
    (*static_cast<const std::function<void()>*>(opaque))();
    return nullptr;
  };
  ASSERT_EQ(::pthread_create(&thread, &attributes, enter,
                             const_cast<void*>(static_cast<const void*>(&function))),  // NOLINT
            0);
  ::pthread_join(thread, nullptr);
  ::pthread_attr_destroy(&attributes);
}

TEST(HostileStackTest, OnTheMainThread) { run_all(); }

TEST(HostileStackTest, OnASmallThread) { on_thread(std::size_t{256} << 10, &run_all); }

TEST(HostileStackTest, OnAThreadOfTheUsualSize) { std::thread(&run_all).join(); }

TEST(HostileStackTest, OnALargeThread) { on_thread(std::size_t{64} << 20, &run_all); }

TEST(HostileStackTest, DeepInAThread) {
  // what the thread has used already is not there for the script
  struct Deep {
    static void descend(int levels) {
      volatile char used[4096] = {};
      if (levels > 0) {
        descend(levels - 1);
      } else {
        Runtime runtime;
        Context(runtime).with([](Ctx ctx) {
          define_natives(ctx);
          expect_overflow(ctx, "const f = () => call(f); f()");
          expect_overflow(ctx, "JSON.parse('['.repeat(DEPTH))");
        });
      }
      used[0] = used[1];
    }
  };
  on_thread(std::size_t{512} << 10, [] { Deep::descend(40); });
}

TEST(HostileStackTest, OneRuntimeOnManyThreads) {
  Runtime runtime;
  const Context context(runtime);
  const auto overflow = [&] {
    context.with([](Ctx ctx) {
      define_natives(ctx);
      expect_overflow(ctx, "(function f() { f(); })()");
      expect_overflow(ctx, "const f = () => call(f); f()");
    });
  };
  overflow();
  on_thread(std::size_t{256} << 10, overflow);
  on_thread(std::size_t{16} << 20, overflow);
  overflow();
}

TEST(HostileStackTest, ASizeOfTheHostsOwn) {
  std::vector<double> depths;
  on_thread(std::size_t{16} << 20, [&] {
    for (const std::size_t size : {std::size_t{1} << 18, std::size_t{1} << 20, std::size_t{1} << 22,
                                   // as much as there is
                                   std::size_t{1} << 30}) {
      Runtime runtime({.stack_size = size});
      depths.push_back(Context(runtime).with([](Ctx ctx) {
        return ctx.eval<double>("let n = 0; try { (function f() { ++n; f(); })() } catch {} n");
      }));
    }
  });
  ASSERT_EQ(depths.size(), 4U);
  EXPECT_GT(depths[1], depths[0] * 2);
  EXPECT_GT(depths[2], depths[1] * 2);
  EXPECT_GT(depths[3], depths[2] * 2);
}

Task<> overflows_in_a_task(Ctx ctx, int& caught) {
  const Context context = ctx.context();
  for (int i = 0; i < 3; ++i) {
    expect_overflow(ctx, "const f = () => call(f); f()");
    expect_overflow(ctx, "JSON.parse('['.repeat(DEPTH))");
    expect_overflow(ctx, "(function f() { f(); })()");
    ++caught;
    co_await yield();
    co_await sleep(1ms);
  }
}

TEST(HostileStackTest, InCoroutines) {
  const auto run = [] {
    Runtime runtime;
    const Context context(runtime);
    int caught = 0;
    context.with([&](Ctx ctx) {
      define_natives(ctx);
      (void)ctx.spawn(overflows_in_a_task(ctx, caught));
      (void)ctx.spawn(overflows_in_a_task(ctx, caught));
    });
    runtime.run();
    EXPECT_EQ(caught, 6);
  };
  run();
  on_thread(std::size_t{256} << 10, run);
}

Task<int> recursive_task(Ctx ctx, Function again) {
  const int result = again.call<int>();
  co_await yield();
  co_return result + static_cast<int>(ctx.globals().get<double>("depth"));
}

TEST(HostileStackTest, CoroutinesThatScriptsBegin) {
  const auto run = [] {
    Runtime runtime;
    const Context context(runtime);
    context.with([&](Ctx ctx) {
      ctx.globals().set("task", &recursive_task);
      ctx.globals().set("depth", 0);
      // each task begins the next one before it waits for the first time
      const auto promise = ctx.eval<Promise<>>(
          "function f() { ++depth; task(f).catch(e => { globalThis.e = e; }); return 1; }"
          "(async () => f())()");
      runtime.run();
      EXPECT_TRUE(ctx.eval<bool>("e instanceof Error && depth > 5"));
      EXPECT_EQ(promise.state(), PromiseState::fulfilled);
    });
  };
  run();
  on_thread(std::size_t{256} << 10, run);
}

TEST(HostileStackTest, ChainsOfModules) {
  const auto run = [] {
    Runtime runtime;
    const Context context(runtime);
    int loaded = 0;
    runtime.set_loader(
        [](std::string_view, std::string_view specifier) { return std::string(specifier); },
        [&loaded](std::string_view name) {
          return "import '" +
                 std::to_string(std::stoi(std::string(name)) + (++loaded > 0 ? 1 : 0)) + "'";
        });
    context.with([&](Ctx ctx) {
      const auto promise = ctx.try_eval_module("import '1'", "main");
      ASSERT_FALSE(promise);
      EXPECT_TRUE(is_overflow(promise.error())) << promise.error().what();
      EXPECT_GT(loaded, 5);
      EXPECT_EQ(ctx.eval<int>("1 + 1"), 2);
    });
  };
  run();
  on_thread(std::size_t{256} << 10, run);
}

TEST(HostileStackTest, DeepValuesEndWithoutTheStack) {
  on_thread(std::size_t{256} << 10, [] {
    Runtime runtime;
    const Context context(runtime);
    context.with([](Ctx ctx) {
      // by their reference counts, by the collector, and with the context
      ctx.eval("let a = null; for (let i = 0; i < 100000; ++i) a = {a}; a = null");
      ctx.eval(
          "{ let b = {}; const first = b; for (let i = 0; i < 100000; ++i) b = {b};"
          "first.b = b; }");
      ctx.eval("let f = null; for (let i = 0; i < 50000; ++i) { const g = f; f = () => g; }");
      ctx.eval("let e; for (let i = 0; i < 20000; ++i) e = new Error('x', {cause: e});");
      EXPECT_EQ(ctx.try_eval("throw e").error().message(), "x");
    });
    runtime.run_gc();
  });
}

}  // namespace
}  // namespace quip::test
