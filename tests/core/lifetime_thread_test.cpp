// Threads: runtimes on several, one runtime on several, handles dropped on others, small stacks.
#include "support/counted.hpp"
#include "support/js.hpp"

#include <pthread.h>

#include <atomic>
#include <latch>
#include <thread>

namespace quip::test {
namespace {

/// Runs f on a thread with a stack of that size, and waits for it.
void on_stack_of(std::size_t bytes, std::function<void()> f) {
  pthread_attr_t attributes;
  ASSERT_EQ(::pthread_attr_init(&attributes), 0);
  ASSERT_EQ(::pthread_attr_setstacksize(&attributes, bytes), 0);
  pthread_t thread{};
  const auto start = [](void* function) -> void* {
    (*static_cast<std::function<void()>*>(function))();
    return nullptr;
  };
  ASSERT_EQ(::pthread_create(&thread, &attributes, start, &f), 0);
  ASSERT_EQ(::pthread_join(thread, nullptr), 0);
  ::pthread_attr_destroy(&attributes);
}

int script_depth(const Ctx& ctx) {
  return ctx.eval<int>(
      "(() => { let n = 0; function down() { ++n; down(); } try { down(); } catch {} return n; "
      "})()");
}

/// Recursions of every kind end in an error, again and again.
void recurse_everywhere(const Context& context) {
  context.with([&](Ctx ctx) {
    ctx.globals().set("native", [](Ctx inner, int depth) {
      return inner.globals().get<Function>("script").call<int>(depth + 1);
    });
    ctx.globals().set("held", [one = 1](Ctx inner, int depth) {
      return inner.globals().get<Function>("held").call<int>(depth + one);
    });
    ctx.globals().set("nested", [&context](int depth) {
      return context.with(
          [&](Ctx inner) { return inner.eval<int>("nested(" + std::to_string(depth + 1) + ")"); });
    });
    ctx.eval("globalThis.script = n => native(n)");
    EXPECT_GT(script_depth(ctx), 5);
    EXPECT_FALSE(ctx.try_eval("script(0)"));
    EXPECT_FALSE(ctx.try_eval("held(0)"));
    EXPECT_FALSE(ctx.try_eval("nested(0)"));
    EXPECT_FALSE(ctx.try_eval("JSON.parse('['.repeat(100000))"));
    expect_eval(ctx, "1 + 1", "number", "2");
  });
}

class StackSizeTest : public ::testing::TestWithParam<std::size_t> {};

TEST_P(StackSizeTest, RecursionEndsInAnErrorOnAThreadOfThatStack) {
  on_stack_of(GetParam(), [] {
    const Runtime runtime;
    const Context context(runtime);
    recurse_everywhere(context);
  });
}

TEST_P(StackSizeTest, ARuntimeOfAnotherThreadFitsTheStack) {
  const Runtime runtime({.stack_size = std::size_t{2} << 20});
  const Context context(runtime);
  recurse_everywhere(context);
  on_stack_of(GetParam(), [&] { recurse_everywhere(context); });
  recurse_everywhere(context);
}

INSTANTIATE_TEST_SUITE_P(Kilobytes, StackSizeTest,
                         ::testing::Values(std::size_t{256} << 10, std::size_t{1} << 20,
                                           std::size_t{8} << 20),
                         [](const auto& test) { return std::to_string(test.param >> 10); });

/// Calls f with that much more of the stack in use.
void deep_in_the_stack(std::size_t bytes, const std::function<void()>& f) {
  constexpr std::size_t step = std::size_t{80} << 10;
  [[maybe_unused]] volatile char used[step];
  used[0] = 0;
  used[step - 1] = 0;
  if (bytes > step) {
    deep_in_the_stack(bytes - step, f);
  } else {
    f();
  }
  used[0] = 1;
}

TEST(StackThreadTest, EnteringDeepInTheStackIsNoOverflow) {
  on_stack_of(std::size_t{16} << 20, [] {
    const Runtime runtime;
    const Context context(runtime);
    const int shallow = context.with(&script_depth);
    deep_in_the_stack(std::size_t{6} << 20, [&] {
      EXPECT_NEAR(context.with(&script_depth), shallow, shallow / 4.0 + 2);
      expect_eval(context, "1 + 1", "number", "2");
    });
    EXPECT_NEAR(context.with(&script_depth), shallow, shallow / 4.0 + 2);
  });
}

TEST(StackThreadTest, ARuntimeMadeDeepInTheStackIsUsedFurtherUp) {
  on_stack_of(std::size_t{16} << 20, [] {
    std::optional<Runtime> runtime;
    std::optional<Context> context;
    deep_in_the_stack(std::size_t{6} << 20, [&] {
      runtime.emplace();
      context.emplace(*runtime);
    });
    recurse_everywhere(*context);
  });
}

// ---- several runtimes
// ------------------------------------------------------------------------------

TEST(ThreadTest, RuntimesOnTheirOwnThreadsAtOnce) {
  constexpr int threads = 4;
  const NoneLeft none_left;
  std::latch start(threads);
  std::vector<std::jthread> workers;
  std::array<int, threads> results{};
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back([&, i] {
      start.arrive_and_wait();
      for (int round = 0; round < 3; ++round) {
        Runtime runtime;
        const Context context(runtime);
        context.with([&](Ctx ctx) {
          ctx.globals().set("add", [counted = Counted()](int a, int b) { return a + b; });
          ctx.globals().set(key<"keyed_on_many_threads">, i);
          Object object(ctx);
          object.set(key<"another_key">, ctx.eval("[1, 2, 3]"));
          ctx.globals().set("object", object);
          results[static_cast<std::size_t>(i)] = ctx.eval<int>(
              "let s = 0; for (let i = 0; i < 200; ++i) s = add(s, i); "
              "s + keyed_on_many_threads + object.another_key.length");
          const Result<Value> error = ctx.try_eval("add('x')");
          EXPECT_EQ(error.error().name(), "TypeError");
          ctx.eval("Promise.resolve(1).then(n => add(n, n))");
        });
        runtime.run();
        runtime.run_gc();
      }
    });
  }
  workers.clear();
  for (int i = 0; i < threads; ++i) EXPECT_EQ(results[static_cast<std::size_t>(i)], 19900 + i + 3);
}

TEST(ThreadTest, ARuntimeMovesBetweenThreads) {
  const NoneLeft none_left;
  auto runtime = std::make_unique<Runtime>();
  std::optional<Context> context(*runtime);
  Value value = context->with([](Ctx ctx) {
    ctx.globals().set("f", [counted = Counted()] { return 1; });
    return ctx.eval("({n: 1})");
  });
  for (int i = 0; i < 3; ++i) {
    std::thread([&] {
      Runtime mine(std::move(*runtime));
      context->with([&](Ctx ctx) {
        value.as<Object>().set("n", value.as<Object>().get<int>("n") + ctx.eval<int>("f()"));
        EXPECT_GT(script_depth(ctx), 5);
      });
      mine.run();
      runtime = std::make_unique<Runtime>(std::move(mine));
    }).join();
  }
  EXPECT_EQ(value.as<Object>().get<int>("n"), 4);
  std::thread([&] { runtime.reset(); }).join();
  EXPECT_THROW(context->with([](Ctx) {}), RuntimeGone);
}

// ---- one runtime
// -----------------------------------------------------------------------------------

TEST(ThreadTest, WithFromTwoThreadsTakesTurns) {
  const Runtime runtime;
  const Context context(runtime);
  context.with([](Ctx ctx) { ctx.eval("globalThis.n = 0"); });
  int inside = 0;  // guarded by the runtime's lock alone
  std::latch start(2);
  const auto work = [&] {
    start.arrive_and_wait();
    for (int i = 0; i < 100; ++i) {
      context.with([&](Ctx ctx) {
        EXPECT_EQ(++inside, 1);
        ctx.eval("{ const before = n; for (let i = 0; i < 50; ++i) ; n = before + 1 }");
        context.with([](Ctx nested) { nested.eval("n += 1"); });
        EXPECT_EQ(--inside, 0);
      });
    }
  };
  std::jthread first(work);
  std::jthread second(work);
  first.join();
  second.join();
  expect_eval(context, "n", "number", "400");
}

TEST(ThreadTest, HandlesAreUsedOnOtherThreadsOutsideWith) {
  const Runtime runtime;
  const Context context(runtime);
  const Function add =
      context.with([](Ctx ctx) { return ctx.eval<Function>("globalThis.n = 0; (m => n += m)"); });
  std::vector<std::jthread> workers;
  for (int i = 0; i < 3; ++i) {
    workers.emplace_back([&] {
      const Function mine =
          add;  // NOLINT(performance-unnecessary-copy-initialization): what is tested
      for (int round = 0; round < 50; ++round) {
        mine.call(1);
        const Value kept = mine;
        EXPECT_TRUE(kept.is_function());
      }
    });
  }
  workers.clear();
  expect_eval(context, "n", "number", "150");
}

TEST(ThreadTest, HandlesAreDestroyedOnAnotherThreadWhileTheRuntimeRuns) {
  const NoneLeft none_left;
  Runtime runtime;
  const Context context(runtime);
  std::vector<Value> values;
  std::vector<Atom> atoms;
  context.with([&](Ctx ctx) {
    for (int i = 0; i < 200; ++i) {
      values.push_back(Function(ctx, "f", [counted = Counted(), value = ctx.eval("({})")] {}));
      values.push_back(ctx.eval("'text' + " + std::to_string(i)));
      values.push_back(ctx.eval("Symbol('s')"));
      atoms.emplace_back(ctx, "atom " + std::to_string(i));
    }
  });
  EXPECT_EQ(Counted::live(), 200);
  std::latch start(2);
  std::jthread dropper([&] {
    start.arrive_and_wait();
    while (!values.empty()) {
      values.pop_back();
      if (!atoms.empty()) atoms.pop_back();
    }
  });
  context.with([&](Ctx ctx) {
    start.arrive_and_wait();
    ctx.eval("for (let i = 0; i < 4000; ++i) ({}).x = [i]");
    // what the other thread gave up while this one held the lock is dropped at the end
  });
  dropper.join();
  runtime.run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST(ThreadTest, HandlesAreDestroyedOnAnotherThreadWhichNeverWaits) {
  const NoneLeft none_left;
  const Runtime runtime;
  const Context context(runtime);
  context.with([&](Ctx ctx) {
    std::optional<Value> value = Function(ctx, "f", [counted = Counted()] {});
    std::thread([&] { value.reset(); }).join();  // while this thread holds the lock
    EXPECT_EQ(Counted::live(), 1);
    ctx.eval("1");
  });
  EXPECT_EQ(Counted::live(), 0);
}

TEST(ThreadTest, HandlesAreDestroyedOnAnotherThreadAfterTheRuntime) {
  const NoneLeft none_left;
  std::vector<Value> values;
  std::optional<Context> context;
  {
    const Runtime runtime;
    context.emplace(runtime);
    context->with([&](Ctx ctx) {
      for (int i = 0; i < 50; ++i) {
        values.push_back(Function(ctx, "f", [counted = Counted()] {}));
        values.push_back(ctx.eval("({ring: [globalThis]})"));
      }
    });
  }
  EXPECT_EQ(Counted::live(), 0);
  std::thread([&] {
    EXPECT_EQ(values[0].try_as<Function>().error().kind(), ErrorKind::runtime_gone);
    values.clear();
    context.reset();
  }).join();
}

TEST(ThreadTest, TheRuntimeIsDestroyedWhileHandlesAreUsedAndDroppedElsewhere) {
  for (int round = 0; round < 20; ++round) {
    const NoneLeft none_left;
    std::optional<Runtime> runtime(std::in_place);
    std::latch start(4);  // ends after those who wait for it
    std::vector<std::jthread> workers;
    {
      const Context context(*runtime);
      for (int i = 0; i < 3; ++i) {
        std::vector<Object> objects;
        context.with([&](Ctx ctx) {
          for (int j = 0; j < 20; ++j) {
            objects.emplace_back(ctx);
            objects.back().set("f", [counted = Counted()] { return 1; });
          }
        });
        workers.emplace_back([&start, mine = std::move(objects)]() mutable {
          start.arrive_and_wait();
          while (!mine.empty()) {
            const Result<Function> got = mine.back().try_get<Function>("f");
            if (!got) {
              EXPECT_EQ(got.error().kind(), ErrorKind::runtime_gone);
            }
            mine.pop_back();
          }
        });
      }
    }
    start.arrive_and_wait();
    runtime.reset();
    workers.clear();
  }
}

TEST(ThreadTest, TwoThreadsDropTheLastHandlesOfADestroyedRuntime) {
  for (int round = 0; round < 30; ++round) {
    std::vector<Value> first;
    std::vector<Value> second;
    {
      const Runtime runtime;
      Context(runtime).with([&](Ctx ctx) {
        for (int i = 0; i < 30; ++i) {
          first.push_back(ctx.eval("({})"));
          second.push_back(first.back());
        }
      });
    }
    std::latch start(2);
    const auto drop = [&start](std::vector<Value>& values) {
      start.arrive_and_wait();
      while (!values.empty()) {
        EXPECT_FALSE(values.back().try_as<Object>());
        values.pop_back();
      }
    };
    std::jthread other([&] { drop(first); });
    drop(second);
  }
}

TEST(ThreadTest, ErrorsTravelBetweenThreads) {
  const Runtime runtime;
  const Context context(runtime);
  std::exception_ptr pointer;
  std::thread([&] {
    try {
      context.with([](Ctx ctx) { ctx.eval("throw new TypeError('from another thread')"); });
    } catch (...) {
      pointer = std::current_exception();
    }
  }).join();
  try {
    std::rethrow_exception(std::exchange(pointer, nullptr));
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "from another thread");
    EXPECT_TRUE(error.value().is_error());
    // the script gets the very object, on whichever thread
    context.with([&](Ctx ctx) {
      ctx.globals().set("fail", [&]() -> Result<void> { return error; });
      ctx.globals().set("thrown", error.value());
      expect_eval(ctx, "try { fail() } catch (e) { e === thrown }", "boolean", "true");
    });
  }
}

TEST(ThreadTest, KeysAreMadeOnceForAllThreads) {
  std::latch start(4);  // ends after those who wait for it
  std::vector<std::jthread> workers;
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back([&] {
      const Runtime runtime;
      Context(runtime).with([&](Ctx ctx) {
        start.arrive_and_wait();
        const Object object(ctx);
        object.set(key<"first_used_here_1">, 1);
        object.set(key<"first_used_here_2">, 2);
        object.set(key<"first_used_here_3">, 3);
        EXPECT_EQ(object.get<int>("first_used_here_2"), 2);
        EXPECT_EQ(object.get<int>(key<"first_used_here_3">), 3);
      });
    });
  }
}

}  // namespace
}  // namespace quip::test
