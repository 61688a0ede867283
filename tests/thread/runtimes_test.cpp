// Runtimes and threads: one on several, several at once, what they have in common, and handles
// that end elsewhere.
#include "support/js.hpp"
#include <quip/quip.hpp>

#include <atomic>
#include <latch>
#include <string>
#include <thread>
#include <vector>

namespace quip::test {
namespace {

/// Runs f(i) on so many threads at once.
template <class F>
void on_threads(int count, const F& f) {
  std::latch start(count);
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      f(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

template <int>
struct Point {
  int x = 0;
  [[nodiscard]] int twice() const { return 2 * x; }
};
template <int N>
void define(ClassDef<Point<N>>& def) {
  def.template constructor<int>()
      .template field<&Point<N>::x>("x")
      .template method<&Point<N>::twice>("twice");
}

TEST(RuntimesOnThreads, ARuntimeMovesFromThreadToThread) {
  Runtime runtime;
  Context context(runtime);
  context.with([](Ctx ctx) { ctx.eval("globalThis.n = 0"); });
  for (int i = 0; i < 5; ++i) {
    std::thread([moved = std::move(runtime), &context, &runtime]() mutable {
      context.with([](Ctx ctx) {
        ctx.eval("++n; Promise.resolve().then(() => ++n)");
        // the stack limit is that of this thread
        EXPECT_FALSE(ctx.try_eval("(function down() { down() })()"));
      });
      moved.run();
      runtime = std::move(moved);
    }).join();
  }
  EXPECT_EQ(context.with([](Ctx ctx) { return ctx.eval<int>("n"); }), 10);
}

TEST(RuntimesOnThreads, ThreadsTakeTurnsWithOne) {
  Runtime runtime;
  const Context context(runtime);
  context.with([](Ctx ctx) { ctx.eval("globalThis.n = 0; globalThis.step = () => ++n"); });
  const Function step = context.with([](Ctx ctx) { return ctx.eval<Function>("step"); });
  on_threads(8, [&](int) {
    const Context own = context;
    for (int i = 0; i < 50; ++i) {
      own.with([&](Ctx ctx) {
        const int before = ctx.eval<int>("n");
        EXPECT_EQ(step.call<int>(), before + 1);  // nobody comes in between
      });
      step.call();  // takes the lock by itself
    }
  });
  EXPECT_EQ(context.with([](Ctx ctx) { return ctx.eval<int>("n"); }), 800);
}

TEST(RuntimesOnThreads, ClassesAreRegisteredOnAllAtOnce) {
  std::atomic<int> right = 0;
  on_threads(8, [&](int i) {
    Runtime runtime;
    const Context context(runtime);
    context.with([&](Ctx ctx) {
      ctx.globals().set("A", Instance<Point<0>>::constructor(ctx));
      ctx.globals().set("B", Instance<Point<1>>::constructor(ctx));
      ctx.globals().set("c", Point<2>{i});
      ctx.globals().set("d", Point<3>{i});
      if (ctx.eval<int>("new A(1).twice() + new B(2).twice() + c.twice() + d.x") == 6 + 3 * i) {
        ++right;
      }
    });
  });
  EXPECT_EQ(right, 8);
}

TEST(RuntimesOnThreads, KeysAndConversionsAreNumberedOnAllAtOnce) {
  struct Fields {
    int first_of_threads = 0;
    std::string second_of_threads;
  };
  std::atomic<int> right = 0;
  on_threads(8, [&](int i) {
    Runtime runtime;
    const Context context(runtime);
    context.with([&](Ctx ctx) {
      const Object object(ctx);
      object.set(key<"on many threads">, i);
      object.set(key<"on many more">, i);
      const auto fields = ctx.eval<Fields>("({ first_of_threads: 1, second_of_threads: 'x' })");
      if (object.get<int>(key<"on many threads">) == i && fields.first_of_threads == 1) ++right;
    });
  });
  EXPECT_EQ(right, 8);
}

TEST(RuntimesOnThreads, HandlesEndOnOtherThreads) {
  Runtime runtime;
  const Context context(runtime);
  std::vector<std::vector<Value>> handles(8);
  std::vector<std::vector<Atom>> atoms(8);
  context.with([&](Ctx ctx) {
    for (std::size_t i = 0; i < 8; ++i) {
      for (int n = 0; n < 50; ++n) {
        handles[i].push_back(ctx.eval("({ x: [] })"));
        atoms[i].push_back(Atom::try_make(ctx, "key " + std::to_string(n)).value());
      }
    }
  });
  std::atomic<bool> is_over = false;
  std::thread user([&] {
    while (!is_over) context.with([](Ctx ctx) { ctx.eval("({ y: 1 })"); });
  });
  on_threads(8, [&](int i) {
    const auto mine = static_cast<std::size_t>(i);
    const std::vector<Value> copies = handles[mine];
    handles[mine].clear();
    atoms[mine].clear();
  });
  is_over = true;
  user.join();
  EXPECT_EQ(context.with([](Ctx ctx) { return ctx.eval<int>("1 + 1"); }), 2);
}

TEST(RuntimesOnThreads, HandlesEndAfterTheirRuntimeOnOtherThreads) {
  std::vector<Value> handles;
  {
    Runtime runtime;
    const Context context(runtime);
    context.with([&](Ctx ctx) {
      for (int i = 0; i < 8; ++i) handles.push_back(ctx.eval("({})"));
    });
  }
  on_threads(8, [&](int i) { handles[static_cast<std::size_t>(i)] = Value(); });
}

TEST(RuntimesOnThreads, AtomicsCountOnAll) {
  Message shared;
  {
    Runtime runtime;
    const Context context(runtime);
    shared =
        context.with([](Ctx ctx) { return Message::from(ctx.eval("new SharedArrayBuffer(16)")); });
  }
  // each thread needs a message of its own: one thread at a time reads one
  Runtime first;
  const Context context(first);
  std::vector<Message> messages;
  context.with([&](Ctx ctx) {
    ctx.globals().set("s", shared.to(ctx));
    for (int i = 0; i < 8; ++i) messages.push_back(Message::from(ctx.eval("s")));
  });
  on_threads(8, [&](int i) {
    Runtime runtime;
    const Context own(runtime);
    own.with([&](Ctx ctx) {
      ctx.globals().set("s", messages[static_cast<std::size_t>(i)].to(ctx));
      ctx.eval(
          "const v = new Int32Array(s);"
          "for (let i = 0; i < 500; ++i) { Atomics.add(v, 0, 1); Atomics.sub(v, 1, 1) }"
          "for (;;) { const old = Atomics.load(v, 2);"
          "  if (Atomics.compareExchange(v, 2, old, old + 1) === old) break }");
    });
  });
  context.with([](Ctx ctx) {
    EXPECT_EQ(ctx.eval<std::string>("new Int32Array(s).join()"), "4000,-4000,8,0");
  });
}

TEST(RuntimesOnThreads, OneWaitsUntilAnotherNotifies) {
  Runtime first;
  const Context context(first);
  Message shared = context.with([](Ctx ctx) {
    ctx.eval("globalThis.s = new SharedArrayBuffer(4)");
    return Message::from(ctx.eval("s"));
  });
  std::string woken;
  std::thread waiter([&] {
    Runtime runtime;
    runtime.set_can_block(true);
    const Context own(runtime);
    own.with([&](Ctx ctx) {
      ctx.globals().set("s", shared.to(ctx));
      woken = ctx.eval<std::string>(
          "const v = new Int32Array(s); Atomics.add(v, 0, 1); Atomics.wait(v, 0, 1)");
    });
  });
  // until it is known to wait
  context.with([](Ctx ctx) { ctx.eval("while (Atomics.notify(new Int32Array(s), 0) === 0);"); });
  waiter.join();
  EXPECT_EQ(woken, "ok");
  // where blocking is not allowed
  const Result<Value> refused = context.with(
      [](Ctx ctx) { return ctx.try_eval("Atomics.wait(new Int32Array(s), 0, 0, 1)"); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().name(), "TypeError");
}

TEST(RuntimesOnThreads, DetachedErrorsMeanTheSameEverywhere) {
  Error error = Error::plain("none");
  {
    Runtime runtime;
    const Context context(runtime);
    const Result<Value> thrown = context.with([](Ctx ctx) {
      return ctx.try_eval("\n throw new RangeError('far', { cause: new TypeError('why') })",
                          {.filename = "file.js"});
    });
    error = thrown.error().detached();
    EXPECT_FALSE(thrown.error().value().handle().empty());
    EXPECT_EQ(error.stack(), thrown.error().stack());
  }
  EXPECT_EQ(error.kind(), ErrorKind::thrown);
  EXPECT_EQ(std::string(error.what()).substr(0, 15), "RangeError: far");
  EXPECT_EQ(error.file(), "file.js");
  EXPECT_EQ(error.line(), 2);
  ASSERT_NE(error.cause(), nullptr);
  EXPECT_EQ(error.cause()->name(), "TypeError");
  EXPECT_TRUE(error.value().handle().empty());
  // it can be thrown in another runtime
  Runtime other;
  const Context context(other);
  context.with([&](Ctx ctx) {
    ctx.globals().set("f", [&]() -> Result<int> { return error; });
    EXPECT_TRUE(
        ctx.eval<bool>("try { f() } catch (e) { e instanceof RangeError && e.message === 'far' }"));
  });
}

}  // namespace
}  // namespace quip::test
