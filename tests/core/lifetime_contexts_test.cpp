// Teardown with jobs and errors in flight, with several contexts, and with destructors that look
// back at JavaScript.
#include "support/lifetime.hpp"

#include <array>
#include <chrono>

namespace quip::test {
namespace {

// ---- jobs, exceptions and errors in flight
// -------------------------------------------------------

TEST_F(LifetimeTest, JobsPendingAtDestruction) {
  with([](Ctx ctx) {
    ctx.globals().set("f",
                      [counted = Counted(), value = ctx.eval("({})")](Rest<>) { return value; });
    ctx.eval(
        "for (let i = 0; i < 10; ++i) Promise.resolve(f).then(f).then(f); delete globalThis.f");
  });
  EXPECT_TRUE(runtime->is_job_pending());
  EXPECT_EQ(Counted::live(), 1);
}

TEST_F(LifetimeTest, JobsPendingAtDestructionWithHandlesLeft) {
  const Promise<> promise = with([](Ctx ctx) {
    ctx.globals().set("f", [counted = Counted()](Rest<>) {});
    return ctx.eval<Promise<>>("Promise.resolve(f).then(f).then(f)");
  });
  runtime.reset();
  EXPECT_EQ(Counted::live(), 0);
  expect_gone(promise.try_state());
}

TEST_F(LifetimeTest, SuspendedAsyncFunctionsAndGenerators) {
  const Value generator = with([](Ctx ctx) {
    ctx.globals().set("f", [counted = Counted()] { return 1; });
    ctx.eval("globalThis.p = (async () => { for (;;) { f(); await null; } })()");
    return ctx.eval("(function* () { for (;;) yield f(); })()");
  });
  with([&](Ctx) {
    EXPECT_EQ(generator.as<Object>().get<Object>("constructor").type(), Type::object);
  });
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(runtime->execute_pending_job());
  EXPECT_TRUE(runtime->is_job_pending());
}

TEST_F(LifetimeTest, ContextDroppedWithJobsPendingWhichThenRun) {
  int calls = 0;
  with([&](Ctx ctx) {
    ctx.globals().set("f", [&calls, counted = Counted()](Rest<>) { ++calls; });
    ctx.eval("Promise.resolve(1).then(f).then(f).then(f)");
  });
  context.reset();
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 1);
  runtime->run();
  EXPECT_EQ(calls, 3);
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, ContextDroppedByAJobOfIts) {
  with([&](Ctx ctx) {
    ctx.globals().set("drop", [this, counted = Counted()] { context.reset(); });
    ctx.eval("Promise.resolve(1).then(drop).then(() => { globalThis.after = 1; })");
  });
  runtime->run();
  EXPECT_FALSE(context.has_value());
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, AnErrorLeftPendingWhenTheRuntimeEnds) {
  with([&](Ctx ctx) {
    ctx.globals().set("end", [this, counted = Counted()] {
      runtime.reset();
      throw std::out_of_range("thrown into what ends");
    });
    EXPECT_FALSE(ctx.try_eval("end()"));
  });
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, ErrorsOutliveTheRuntime) {
  std::optional<Error> error;
  with([&](Ctx ctx) {
    const Result<Value> result =
        ctx.try_eval("throw new TypeError('bad', {cause: new RangeError('deep')})");
    ASSERT_FALSE(result);
    error = result.error();
  });
  context.reset();
  runtime.reset();
  EXPECT_EQ(error->name(), "TypeError");
  EXPECT_EQ(error->message(), "bad");
  ASSERT_NE(error->cause(), nullptr);
  EXPECT_EQ(error->cause()->message(), "deep");
  expect_gone(error->value().try_as<Object>());
  const Error copy = *error;
  error.reset();
  EXPECT_STREQ(copy.message().c_str(), "bad");
}

TEST_F(LifetimeTest, ExceptionPtrOutlivesTheRuntime) {
  std::exception_ptr pointer;
  try {
    with([](Ctx ctx) { ctx.eval("throw {not: 'an error'}"); });
  } catch (...) {
    pointer = std::current_exception();
  }
  runtime.reset();
  try {
    std::rethrow_exception(pointer);
  } catch (const Error& error) {
    expect_gone(error.value().try_as<Object>());
  }
}

TEST_F(LifetimeTest, AnErrorObjectHoldsAnExceptionThatHoldsIt) {
  struct WithValue : std::runtime_error {
    WithValue() : std::runtime_error("with a value") {}
    Counted counted;
    std::shared_ptr<Value> value = std::make_shared<Value>();
  };
  with([](Ctx ctx) {
    ctx.globals().set("fail", [](Value holder) {
      WithValue exception;
      *exception.value = std::move(holder);
      throw exception;
    });
    // object -> Error -> C++ exception -> object
    ctx.eval("globalThis.o = {}; try { fail(o); } catch (e) { o.e = e; }");
  });
  EXPECT_EQ(Counted::live(), 1);
  runtime.reset();
  EXPECT_EQ(Counted::live(), 0);
}

// ---- several contexts
// ----------------------------------------------------------------------------

TEST_F(LifetimeTest, ContextBeforeItsValuesWhichStayUsable) {
  Object object;
  Function function;
  with([&](Ctx ctx) {
    object = ctx.eval<Object>("({a: {b: 3}})");
    ctx.globals().set("twice", [counted = Counted()](int n) { return 2 * n; });
    function = ctx.eval<Function>("n => twice(n) + [1].concat(2).length");
  });
  context.reset();
  runtime->run_gc();
  EXPECT_EQ(object["a"]["b"].get<int>(), 3);
  EXPECT_EQ(function.call<int>(4), 10);
  object = Object();
  function = Function();
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, TwoContextsWhoseObjectsReferenceEachOther) {
  for (const bool first_goes_first : {true, false}) {
    std::optional<Context> first(*runtime);
    std::optional<Context> second(*runtime);
    first->with([&](Ctx a) {
      second->with([&](Ctx b) {
        a.globals().set("f", [counted = Counted()] { return 1; });
        b.globals().set("f", [counted = Counted()] { return 2; });
        a.globals().set("other", b.globals());
        b.globals().set("other", a.globals());
        expect_eval(a, "other.f() + other.other.f()", "number", "3");
      });
    });
    (first_goes_first ? first : second).reset();
    runtime->run_gc();
    EXPECT_EQ(Counted::live(), 2);
    expect_eval(first_goes_first ? *second : *first, "other.f() * 10 + f()", "number",
                first_goes_first ? "12" : "21");
    (first_goes_first ? second : first).reset();
    runtime->run_gc();
    EXPECT_EQ(Counted::live(), 0);
  }
}

TEST_F(LifetimeTest, TwoContextsThatReferenceEachOtherWhenTheRuntimeGoes) {
  const Context second(*runtime);
  with([&](Ctx a) {
    second.with([&](Ctx b) {
      a.globals().set("f", [globals = b.globals(), counted = Counted()] { return globals; });
      b.globals().set("f", [globals = a.globals(), counted = Counted()] { return globals; });
    });
    expect_eval(a, "f().f() === globalThis", "boolean", "true");
  });
  runtime.reset();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, ValuesMoveBetweenContexts) {
  const Context second(*runtime);
  Value value = with([](Ctx ctx) { return ctx.eval("({list: [1, 2]})"); });
  second.with([&](Ctx ctx) {
    ctx.globals().set("value", value);
    expect_eval(ctx, "value.list.length + (value instanceof Object)", "number", "2");
    value = ctx.eval("value.list.push(3); value");
  });
  with([&](Ctx ctx) {
    ctx.globals().set("value", std::move(value));
    expect_eval(ctx, "value.list.length", "number", "3");
  });
}

TEST_F(LifetimeTest, AFunctionOfADroppedContextIsCalledFromAnother) {
  std::optional<Context> second(*runtime);
  with([&](Ctx ctx) {
    ctx.globals().set("f", second->with([](Ctx other) {
      other.globals().set("native", [counted = Counted()](Ctx inner, Value value) {
        // the realm is the function's own, and usable
        inner.globals().set("seen", value);
        return inner.eval<int>("seen + 1");
      });
      return other.eval("(n) => native(n)");
    }));
    second.reset();
  });
  runtime->run_gc();
  for (int i = 0; i < 3; ++i) {
    expect_eval(*context, "f(41)", "number", "42");
    runtime->run_gc();
  }
  EXPECT_EQ(Counted::live(), 1);
  with([](Ctx ctx) { ctx.eval("delete globalThis.f"); });
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, AContextIsDroppedInsideItsOwnCallback) {
  with([&](Ctx ctx) {
    ctx.globals().set("drop", [this, counted = Counted()](Ctx inner) {
      context.reset();
      inner.eval("globalThis.a = 1");
    });
    expect_eval(ctx, "drop(); a + 1", "number", "2");
  });
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, AContextHandleOutlivesTheRuntime) {
  const Context copy = *context;
  EXPECT_TRUE(copy == *context);
  runtime.reset();
  EXPECT_THROW(copy.with([](Ctx) {}), RuntimeGone);
  const Context another = copy;
  EXPECT_THROW(another.with([](Ctx) {}), RuntimeGone);
}

TEST_F(LifetimeTest, ManyContextsGiveTheirMemoryBack) {
  const auto used = [&] {
    runtime->run_gc();
    return runtime->memory_usage().malloc_size;
  };
  const auto round = [&] {
    const Context another(*runtime);
    another.with([](Ctx ctx) {
      ctx.globals().set("f", [counted = Counted()] {});
      ctx.eval("f.globals = globalThis; globalThis.big = new Array(1000).fill({})");
      ctx.eval("Promise.resolve(1).then(f)");
    });
    runtime->run();
  };
  round();
  round();
  const std::int64_t before = used();
  for (int i = 0; i < 12; ++i) round();
  EXPECT_LT(used(), before + 16384)
      << "twelve contexts of ten times that size were made and dropped";
  EXPECT_EQ(Counted::live(), 0);
}

// ---- destructors that look at JavaScript
// ---------------------------------------------------------

TEST_F(LifetimeTest, DestructorsUnderTheCollectorAreRefused) {
  int refused = 0;
  int destroyed = 0;
  with([&](Ctx ctx) {
    const Object object(ctx);
    const auto look = [&, object, context = *context] {
      ++destroyed;
      const Result<void> set = object.try_set("a", 1);
      if (!set && set.error().kind() == ErrorKind::runtime_gone) ++refused;
      try {
        context.with([](Ctx inner) { inner.eval("1"); });
      } catch (const RuntimeGone&) {
        ++refused;
      }
      const Object copy = object;  // handles may still be copied and dropped
      EXPECT_EQ(copy.type(), Type::object);
    };
    const Function function(ctx, "f", [at = AtDestruction(look), counted = Counted()] {});
    function.set("ring", function);
  });
  runtime->run_gc();
  EXPECT_EQ(destroyed, 1);
  EXPECT_EQ(refused, 2);
  expect_eval(*context, "1 + 1", "number", "2");
}

TEST_F(LifetimeTest, DestructorsAtTheEndOfTheRuntimeAreRefused) {
  int destroyed = 0;
  with([&](Ctx ctx) {
    for (int i = 0; i < 3; ++i) {
      const Object object(ctx);
      ctx.globals().set("f" + std::to_string(i), [at = AtDestruction([&destroyed, object] {
                                                    ++destroyed;
                                                    expect_gone(object.try_get("a"));
                                                    const Object copy = object;
                                                    expect_gone(copy.try_as<Value>());
                                                  }),
                                                  counted = Counted()] {});
    }
  });
  runtime.reset();
  EXPECT_EQ(destroyed, 3);
}

TEST_F(LifetimeTest, ADestructorAtTheEndOfTheRuntimeMakesAnother) {
  int result = 0;
  with([&](Ctx ctx) {
    ctx.globals().set(
        "f", [at = AtDestruction([&result] {
                const Runtime another;
                result = Context(another).with([](Ctx inner) { return inner.eval<int>("6 * 7"); });
              })] {});
  });
  runtime.reset();
  EXPECT_EQ(result, 42);
}

TEST_F(LifetimeTest, ADestructorDropsHandlesThatOwnMoreOfItsKind) {
  with([](Ctx ctx) {
    Value chain = ctx.eval("null");
    for (int i = 0; i < 20; ++i) {
      Object link(ctx);
      link.set("f", [chain, counted = Counted()] { return chain; });
      chain = std::move(link);
    }
    ctx.globals().set("chain", chain);
    EXPECT_EQ(Counted::live(), 20);
    chain = Value();
    ctx.eval("chain = null");
  });
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, ADestructorDropsHandlesThatOwnMoreOfItsKindAtTheEnd) {
  with([](Ctx ctx) {
    Value chain = ctx.eval("null");
    for (int i = 0; i < 20; ++i) {
      Object link(ctx);
      link.set("f", [chain, counted = Counted()] { return chain; });
      chain = std::move(link);
    }
    ctx.globals().set("chain", std::move(chain));
  });
  EXPECT_EQ(Counted::live(), 20);
}

// ---- reactions, moves, out of memory
// -------------------------------------------------------------

TEST_F(LifetimeTest, PromiseReactionsHoldNativeLambdas) {
  int calls = 0;
  with([&](Ctx ctx) {
    const Object promise =
        ctx.eval<Object>("globalThis.p = new Promise(r => globalThis.resolve = r)");
    promise.get<Function>("then").call(This(promise),
                                       [&calls, counted = Counted()](int n) { calls += n; });
    EXPECT_EQ(Counted::live(), 1);
    ctx.eval("resolve(5)");
  });
  runtime->run();
  EXPECT_EQ(calls, 5);
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
  with([&](Ctx ctx) {
    const Object promise = ctx.eval<Object>("globalThis.p = new Promise(() => {})");
    promise.get<Function>("then").call(This(promise), [promise, counted = Counted()](int) {});
  });
  EXPECT_EQ(Counted::live(), 1);
}

TEST_F(LifetimeTest, TheLoaderAndTheRejectionHandlerHoldHandles) {
  with([&](Ctx ctx) {
    runtime->set_loader(
        [value = ctx.eval("({})"), counted = Counted()](std::string_view, std::string_view name)
            -> Result<std::string> { return std::string(name); },
        [context = *context, counted = Counted()](std::string_view) -> Result<std::string> {
          return std::string();
        });
    runtime->set_rejection_handler(
        [value = ctx.eval("({})"), counted = Counted()](Ctx, const Value&, const Value&, bool) {});
  });
  context.reset();
  EXPECT_GE(Counted::live(), 3);
  runtime.reset();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, MovedAndMoveAssignedRuntimes) {
  with([](Ctx ctx) { ctx.globals().set("f", [counted = Counted()] { return 1; }); });
  Runtime moved(std::move(*runtime));
  runtime.reset();
  expect_eval(*context, "f()", "number", "1");

  Runtime other;
  const Context other_context(other);
  other_context.with([](Ctx ctx) { ctx.globals().set("f", [counted = Counted()] { return 2; }); });
  moved = std::move(other);  // ends the first
  EXPECT_EQ(Counted::live(), 1);
  EXPECT_THROW(context->with([](Ctx) {}), RuntimeGone);
  expect_eval(other_context, "f()", "number", "2");
  moved = Runtime();
  EXPECT_EQ(Counted::live(), 0);
  EXPECT_THROW(other_context.with([](Ctx) {}), RuntimeGone);
}

TEST_F(LifetimeTest, RuntimesInAContainer) {
  std::vector<Runtime> runtimes;
  std::vector<Context> contexts;
  for (int i = 0; i < 3; ++i) {
    runtimes.emplace_back();
    contexts.emplace_back(runtimes.back());
    contexts.back().with(
        [&](Ctx ctx) { ctx.globals().set("f", [i, counted = Counted()] { return i; }); });
  }
  runtimes.erase(runtimes.begin());
  EXPECT_EQ(Counted::live(), 2);
  EXPECT_THROW(contexts[0].with([](Ctx) {}), RuntimeGone);
  expect_eval(contexts[2], "f()", "number", "2");
}

TEST_F(LifetimeTest, TeardownAfterOutOfMemory) {
  std::optional<Error> error;
  with([&](Ctx ctx) {
    ctx.globals().set("f", [value = ctx.eval("({})"), counted = Counted()] { return value; });
    runtime->set_memory_limit(static_cast<std::size_t>(runtime->memory_usage().malloc_size) +
                              200000);
    const Result<Value> result =
        ctx.try_eval("globalThis.list = []; for (;;) list.push(f, new Uint8Array(10000))");
    ASSERT_FALSE(result);
    error = result.error();
  });
  EXPECT_EQ(error->kind(), ErrorKind::out_of_memory);
  runtime.reset();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, ARuntimeWithoutContexts) {
  const Runtime unused;
  Runtime collected;
  collected.run_gc();
  collected.run();
  EXPECT_FALSE(collected.is_job_pending());
}

}  // namespace
}  // namespace quip::test
