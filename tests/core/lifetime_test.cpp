// Ownership and teardown: what lives how long, and every order in which it may end.
#include "support/counted.hpp"
#include "support/js.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <tuple>

namespace quip::test {
namespace {

template <class T>
void expect_gone(const Result<T>& result,
                 std::source_location where = std::source_location::current()) {
  const ::testing::ScopedTrace trace(where.file_name(), static_cast<int>(where.line()), "");
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind(), ErrorKind::runtime_gone);
}

/// What a script's function of one's own often holds: an object of C++ with handles in it.
struct Keeper {
  Counted counted;
  std::vector<Value> values;
  std::vector<Context> contexts;
};

/// Runs a function in its destructor.
class AtDestruction {
 public:
  explicit AtDestruction(std::function<void()> action) : action_(std::move(action)) {}
  AtDestruction(AtDestruction&& other) noexcept : action_(std::exchange(other.action_, nullptr)) {}
  AtDestruction(const AtDestruction&) = delete;
  AtDestruction& operator=(const AtDestruction&) = delete;
  AtDestruction& operator=(AtDestruction&&) = delete;
  ~AtDestruction() {
    if (action_) action_();
  }

 private:
  std::function<void()> action_;
};

/// A runtime and a context that may end in any order; whatever C++ object a test gives to
/// JavaScript must be gone when both are.
class LifetimeTest : public ::testing::Test {
 protected:
  template <class F>
  decltype(auto) with(F&& f) {
    return context->with(std::forward<F>(f));
  }

  NoneLeft none_left;
  std::unique_ptr<Runtime> runtime = std::make_unique<Runtime>();
  std::optional<Context> context{*runtime};
};

// ---- every order of runtime, context and a handle of each kind ----------------------------------

enum class Part { runtime, context, handle };

std::string to_string(Part part) {
  return part == Part::runtime ? "runtime" : part == Part::context ? "context" : "handle";
}

struct Kind {
  const char* name;
  const char* script;
};

class TeardownOrder : public ::testing::TestWithParam<std::tuple<std::array<Part, 3>, Kind>> {};

TEST_P(TeardownOrder, IsClean) {
  const auto& [order, kind] = GetParam();
  const NoneLeft none_left;
  std::optional<Runtime> runtime(std::in_place);
  std::optional<Context> context(*runtime);
  std::optional<Value> handle = context->with([&](Ctx ctx) {
    ctx.globals().set("native", [counted = Counted()](int n) { return n; });
    return ctx.eval(kind.script);
  });
  const Type type = handle->type();
  for (const Part part : order) {
    switch (part) {
      case Part::runtime:
        runtime.reset();
        break;
      case Part::context:
        context.reset();
        break;
      case Part::handle:
        handle.reset();
        break;
    }
    if (handle && runtime) {
      EXPECT_EQ(handle->type(), type);
      EXPECT_TRUE(handle->as<Value>() == *handle);
    }
    if (handle && !runtime) {
      expect_gone(handle->try_as<Value>());
      expect_gone(handle->try_as<int>());
      expect_gone(handle->try_to_display_string());
      const Value copy = *handle;
      expect_gone(copy.try_as<Object>());
    }
    if (context && !runtime) {
      EXPECT_THROW(context->with([](Ctx) {}), RuntimeGone);
    }
  }
}

std::string order_name(const ::testing::TestParamInfo<TeardownOrder::ParamType>& test) {
  std::string name;
  for (const Part part : std::get<0>(test.param)) name += to_string(part) + "_";
  return name + std::get<1>(test.param).name;
}

INSTANTIATE_TEST_SUITE_P(
    All, TeardownOrder,
    ::testing::Combine(
        ::testing::Values(std::array{Part::runtime, Part::context, Part::handle},
                          std::array{Part::runtime, Part::handle, Part::context},
                          std::array{Part::context, Part::runtime, Part::handle},
                          std::array{Part::context, Part::handle, Part::runtime},
                          std::array{Part::handle, Part::runtime, Part::context},
                          std::array{Part::handle, Part::context, Part::runtime}),
        ::testing::Values(Kind{"object", "({a: {b: [1, {}]}})"},
                          Kind{"ring", "const r = {}; r.r = r"}, Kind{"global", "globalThis"},
                          Kind{"string", "'x'.repeat(1000) + 'é'"},
                          Kind{"rope", "let s = ''; for (let i = 0; i < 3000; ++i) s += 'abc'; s"},
                          Kind{"symbol", "Symbol('s')"}, Kind{"bigint", "2n ** 200n"},
                          Kind{"number", "1.5"}, Kind{"array", "[[], {}, 'text']"},
                          Kind{"closure", "(() => { const big = [{}]; return () => big })()"},
                          Kind{"native", "native"}, Kind{"bound", "native.bind(null, 1)"},
                          Kind{"promise", "new Promise(() => {})"},
                          Kind{"settled", "Promise.reject(1).catch(native)"},
                          Kind{"error", "new Error('e', {cause: new Error('c')})"},
                          Kind{"generator", "(function* () { yield native; })()"},
                          Kind{"proxy", "new Proxy({}, {get: native})"},
                          Kind{"weak", "new WeakMap([[globalThis, native]])"})),
    &order_name);

// ---- handles in places that live longer
// ----------------------------------------------------------

// destroyed at exit in the reverse of this order
Value value_in_a_static;
std::vector<Value> values_after_their_runtime;
std::optional<Runtime> runtime_in_a_static;
std::vector<Value> values_before_their_runtime;
std::optional<Context> context_before_its_runtime;

TEST_F(LifetimeTest, HandleInAGlobalStatic) {
  value_in_a_static = with([](Ctx ctx) { return ctx.eval("({a: 1})"); });
  runtime.reset();
  expect_gone(value_in_a_static.try_as<Object>());
}

TEST(LifetimeStaticTest, RuntimeAndVectorsOfValuesDestroyedAtExit) {
  runtime_in_a_static.emplace();
  context_before_its_runtime.emplace(*runtime_in_a_static);
  context_before_its_runtime->with([](Ctx ctx) {
    for (const char* script : {"({})", "'text' + 1", "[1, [2]]", "() => 1", "Symbol('s')"}) {
      values_after_their_runtime.push_back(ctx.eval(script));
      values_before_their_runtime.push_back(ctx.eval(script));
    }
    ctx.globals().set("keep", [values = values_after_their_runtime] { return values.size(); });
  });
  // that it ends well shows at the exit of the program, which each test has for itself
  EXPECT_EQ(values_after_their_runtime.size(), values_before_their_runtime.size());
}

TEST_F(LifetimeTest, EveryKindOfHandleOutlivesTheRuntime) {
  Object object;
  Array array;
  String string;
  Symbol symbol;
  Atom atom;
  Function function;
  Promise promise;
  Value value;
  with([&](Ctx ctx) {
    object = Object(ctx);
    array = Array(ctx);
    string = String(ctx, "text");
    symbol = Symbol(ctx, "symbol");
    atom = Atom(ctx, "an atom that nothing else has");
    function = Function(ctx, "f", [](int n) { return n; });
    promise = ctx.eval<Promise>("Promise.resolve(1)");
    value = ctx.eval("1");
  });
  runtime.reset();

  expect_gone(object.try_get("a"));
  expect_gone(object.try_set("a", 1));
  expect_gone(object.try_has("a"));
  expect_gone(object.try_remove("a"));
  expect_gone(object.try_keys());
  expect_gone(object.try_prototype());
  expect_gone(object.try_set_prototype(object));
  expect_gone(object.try_get(key<"a">));
  expect_gone(object.try_get(atom));
  expect_gone(object.try_set("f", [] {}));
  expect_gone(array.try_size());
  expect_gone(array.try_push(1));
  expect_gone(string.try_to_string());
  expect_gone(string.try_size());
  expect_gone(symbol.try_description());
  expect_gone(atom.try_to_string());
  expect_gone(atom.try_to_value());
  expect_gone(function.try_call(1));
  expect_gone(function.try_construct(1));
  expect_gone(promise.try_state());
  expect_gone(promise.try_result());
  expect_gone(value.try_as<int>());
  expect_gone(value.try_is_instance_of(function));
  EXPECT_THROW(function.call(1), RuntimeGone);
  EXPECT_THROW((void)value.ctx(), RuntimeGone);
  EXPECT_THROW((void)object["a"]["b"].get<int>(), RuntimeGone);
  EXPECT_EQ(object.type(), Type::object);
  EXPECT_FALSE(object == Object());

  // copies, moves and swaps need no engine
  Object copy = object;
  Atom atom_copy = atom;
  std::swap(copy, object);
  atom_copy = atom;
  const Object moved = std::move(copy);
  expect_gone(moved.try_get("a"));
}

TEST(HandleTest, EmptyAndMovedFromHandlesGiveErrors) {
  expect_gone(Value().try_as<int>());
  expect_gone(Object().try_get("a"));
  expect_gone(Function().try_call());
  expect_gone(Array().try_size());
  expect_gone(Atom().try_to_string());
  EXPECT_EQ(Value().type(), Type::undefined);
  EXPECT_TRUE(Value() == Object());
  const Runtime runtime;
  Context context(runtime);
  context.with([](Ctx ctx) {
    Object object(ctx);
    const Object moved = std::move(object);
    expect_gone(object.try_get("a"));  // NOLINT(bugprone-use-after-move): what is tested
    EXPECT_TRUE(moved.try_get("a").has_value());
    // an empty handle is no value to give to a script
    EXPECT_EQ(show(moved.try_set("a", Value())).text, "TypeError: an empty handle is no value");
  });
  const Context other = std::move(context);
  EXPECT_THROW(context.with([](Ctx) {}), RuntimeGone);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(other.with([](Ctx ctx) { return ctx.eval<int>("1"); }), 1);
}

// ---- handles that JavaScript owns
// ------------------------------------------------------------------

TEST_F(LifetimeTest, HandleInALambdaHeldByJs) {
  with([](Ctx ctx) {
    Value value = ctx.eval("({n: 7})");
    ctx.globals().set("get", [value, counted = Counted()] { return value; });
    expect_eval(ctx, "get().n", "number", "7");
  });
  EXPECT_EQ(Counted::live(), 1);
  runtime.reset();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, HandleInASharedObjectHeldByJsAndByCpp) {
  auto keeper = std::make_shared<Keeper>();
  with([&](Ctx ctx) {
    keeper->values.push_back(ctx.eval("({})"));
    ctx.globals().set("get", [keeper] { return keeper->values[0]; });
    ctx.globals().set("put", [keeper](Value value) { keeper->values.push_back(std::move(value)); });
    ctx.eval("put(get()); put([get])");
  });
  runtime.reset();
  EXPECT_EQ(keeper.use_count(), 1);
  ASSERT_EQ(keeper->values.size(), 3U);
  expect_gone(keeper->values[2].try_as<Array>());
}

TEST_F(LifetimeTest, CycleFromJsThroughCppToJs) {
  with([](Ctx ctx) {
    Object object(ctx);
    object.set("self", [object, counted = Counted()] { return object; });
    ctx.globals().set("object", object);
    expect_eval(ctx, "object.self() === object", "boolean", "true");
  });
  EXPECT_EQ(Counted::live(), 1);
}

TEST_F(LifetimeTest, FunctionThatHoldsItself) {
  auto keeper = std::make_shared<Keeper>();
  with([&](Ctx ctx) {
    const Function function(ctx, "f", [keeper] { return keeper->values.size(); });
    keeper->values.push_back(function);
    keeper.reset();  // now held by its own function alone
    EXPECT_EQ(function.call<int>(), 1);
  });
  EXPECT_EQ(Counted::live(), 1);
}

TEST_F(LifetimeTest, RingOfFunctionsThatHoldEachOther) {
  with([](Ctx ctx) {
    auto first = std::make_shared<Keeper>();
    auto second = std::make_shared<Keeper>();
    first->values.push_back(Function(ctx, "a", [second] { return second->values[0]; }));
    second->values.push_back(Function(ctx, "b", [first] { return first->values[0]; }));
    EXPECT_TRUE(first->values[0].as<Function>().call() == second->values[0]);
  });
  EXPECT_EQ(Counted::live(), 2);
}

TEST_F(LifetimeTest, FunctionThatHoldsGlobalsAndItsContext) {
  with([](Ctx ctx) {
    ctx.globals().set("f", [globals = ctx.globals(), context = ctx.context(), counted = Counted()] {
      return context.with([&](Ctx inner) { return inner.globals() == globals; });
    });
    expect_eval(ctx, "f()", "boolean", "true");
  });
  context.reset();
  EXPECT_EQ(Counted::live(), 1);
  runtime.reset();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, CollectedCycleThatAloneHoldsAnotherObject) {
  // the captured handle is let go while the collector frees the cycle around the function
  with([&](Ctx ctx) {
    for (int i = 0; i < 10; ++i) {
      const Object object(ctx);
      object.set("f", [held = ctx.eval("({deep: {deeper: []}})"), counted = Counted()] {});
      object.get<Object>("f").set("owner", object);
    }
    runtime->run_gc();
    EXPECT_EQ(Counted::live(), 0);
  });
  runtime->run_gc();
  with([&](Ctx ctx) { ctx.eval("globalThis.ok = 1"); });
}

TEST_F(LifetimeTest, CollectedCycleGivesItsMemoryBack) {
  const auto objects = [&] {
    runtime->run_gc();
    return runtime->memory_usage().object_count;
  };
  const auto round = [&] {
    with([&](Ctx ctx) {
      const Object object(ctx);
      object.set("f", [held = ctx.eval("({deep: {deeper: []}})"), counted = Counted()] {});
      object.get<Object>("f").set("owner", object);
    });
    runtime->run_gc();
  };
  round();
  const std::int64_t before = objects();
  for (int i = 0; i < 10; ++i) round();
  EXPECT_EQ(objects(), before);
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, UnreachableFunctionsAreCollectedWhileTheRuntimeLives) {
  with([](Ctx ctx) {
    ctx.globals().set("f", [counted = Counted()] {});
    ctx.eval(
        "f.self = f; { const ring = {f}; ring.ring = ring; f.ring = ring } delete globalThis.f");
  });
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, PropertiesOfEveryKindHoldAFunction) {
  with([](Ctx ctx) {
    ctx.globals().set("f", [counted = Counted()](Rest<>) { return 1; });
    ctx.eval(R"(
      globalThis.a = [f, f.bind(f), new Proxy(f, {apply: f}), Object.create(f)];
      globalThis.b = new Map([[f, f]]);
      globalThis.c = {get x() { return f(); }, [Symbol.iterator]: f};
      class C extends Array { static s = f; p = f; }
      globalThis.d = new C();
      globalThis.e = (async () => { await new Promise(() => {}); f(); })();
      globalThis.w = new WeakRef(f);
      globalThis.r = new FinalizationRegistry(f);
      r.register({}, f);
      delete globalThis.f;
    )");
  });
  EXPECT_EQ(Counted::live(), 1);
}

TEST_F(LifetimeTest, CapturesAreDestroyedOnceWhateverIsCopied) {
  with([](Ctx ctx) {
    const auto lambda = [counted = Counted()] { return 1; };
    ctx.globals().set("a", lambda);
    ctx.globals().set("b", lambda);
    const Function function(ctx, "c", lambda);
    const Function copy = function;
    ctx.globals().set("c", copy);
    EXPECT_EQ(Counted::live(), 4);
    ctx.eval("a = b = c = null");
    EXPECT_EQ(Counted::live(), 2);
  });
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, AFailedSetDestroysTheCallable) {
  with([](Ctx ctx) {
    const Object frozen = ctx.eval<Object>("Object.freeze({})");
    EXPECT_FALSE(frozen.try_set("f", [counted = Counted()] {}));
    EXPECT_EQ(Counted::live(), 0);
    const Object throwing = ctx.eval<Object>("({set f(value) { throw new Error('no'); }})");
    EXPECT_FALSE(throwing.try_set("f", [counted = Counted()] {}));
    EXPECT_EQ(Counted::live(), 0);
  });
}

// ---- jobs, exceptions and errors in flight
// ---------------------------------------------------------

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
  const Promise promise = with([](Ctx ctx) {
    ctx.globals().set("f", [counted = Counted()](Rest<>) {});
    return ctx.eval<Promise>("Promise.resolve(f).then(f).then(f)");
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

// ---- the runtime destroyed from inside
// -------------------------------------------------------------

TEST_F(LifetimeTest, RuntimeDestroyedInsideWith) {
  with([&](Ctx ctx) {
    const Object object(ctx);
    ctx.globals().set("f", [counted = Counted()] {});
    runtime.reset();
    EXPECT_EQ(Counted::live(), 1);  // it ends when the outermost entry does
    expect_gone(object.try_get("a"));
    expect_gone(ctx.try_eval("1"));
    expect_gone(Object::try_make(ctx));
    EXPECT_THROW((void)ctx.globals(), RuntimeGone);
  });
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, RuntimeDestroyedInsideACallback) {
  std::optional<Value> kept;
  with([&](Ctx ctx) {
    ctx.globals().set("end", [&, counted = Counted()](Ctx inner) {
      const Object object(inner);
      kept = object;
      runtime.reset();
      expect_gone(inner.try_eval("1"));
      expect_gone(object.try_set("a", 1));
      EXPECT_THROW(context->with([](Ctx) {}), RuntimeGone);
    });
    // a script that runs on ends too
    const Result<Value> result = ctx.try_eval("end(); for (;;) {}");
    EXPECT_FALSE(result);
    expect_gone(ctx.try_eval("1"));
  });
  EXPECT_EQ(Counted::live(), 0);
  expect_gone(kept->try_as<Object>());
}

TEST_F(LifetimeTest, AScriptCannotCatchTheEndOfItsRuntime) {
  int reached = 0;
  with([&](Ctx ctx) {
    ctx.globals().set("end", [&] { runtime.reset(); });
    ctx.globals().set("reached", [&] { ++reached; });
    (void)ctx.try_eval("end(); try { for (;;) {} } catch { reached(); } finally { reached(); }");
  });
  EXPECT_EQ(reached, 0);
}

TEST_F(LifetimeTest, RuntimeDestroyedInsideANestedCallback) {
  with([&](Ctx ctx) {
    ctx.globals().set("outer", [counted = Counted()](Ctx inner, int depth) -> Result<Value> {
      Result<Value> result = inner.globals().get<Function>("js").try_call(depth);
      if (depth == 0) return result;
      expect_gone(inner.try_eval("1"));
      return result;
    });
    ctx.globals().set("end", [this, counted = Counted()] { runtime.reset(); });
    ctx.eval(
        "function js(depth) { if (depth > 5) { end(); for (;;) {} } return outer(depth + 1); }");
    EXPECT_FALSE(ctx.try_eval("js(0)"));
    EXPECT_EQ(Counted::live(), 2);
  });
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, RuntimeDestroyedInsideAJob) {
  int calls = 0;
  with([&](Ctx ctx) {
    ctx.globals().set("end", [&, counted = Counted()] {
      ++calls;
      runtime.reset();
    });
    ctx.eval("Promise.resolve(1).then(() => end()); Promise.resolve(1).then(() => end())");
  });
  (void)runtime->try_run();
  EXPECT_EQ(runtime, nullptr);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, RuntimeDestroyedInsideASingleJob) {
  with([&](Ctx ctx) {
    ctx.globals().set("end", [this, counted = Counted()] { runtime.reset(); });
    ctx.eval("Promise.resolve(1).then(() => { end(); throw 1; })");
  });
  (void)runtime->try_execute_pending_job();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, RuntimeDestroyedInADestructorThatTheCollectorRuns) {
  with([&](Ctx ctx) {
    ctx.globals().set("f",
                      [end = AtDestruction([this] { runtime.reset(); }), counted = Counted()] {});
    ctx.eval("f.ring = f; delete globalThis.f");
  });
  runtime->run_gc();
  EXPECT_EQ(runtime, nullptr);
  EXPECT_EQ(Counted::live(), 0);
  EXPECT_THROW(context->with([](Ctx) {}), RuntimeGone);
}

TEST_F(LifetimeTest, RuntimeDestroyedInADestructorThatAScriptRuns) {
  with([&](Ctx ctx) {
    ctx.globals().set("f",
                      [end = AtDestruction([this] { runtime.reset(); }), counted = Counted()] {});
    EXPECT_FALSE(ctx.try_eval("delete globalThis.f; for (;;) {}"));
    EXPECT_EQ(runtime, nullptr);
  });
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, AFunctionIsTheLastOwnerOfItsOwnRuntime) {
  std::shared_ptr<Runtime> shared(std::move(runtime));
  const std::weak_ptr<Runtime> weak = shared;
  with([&](Ctx ctx) {
    ctx.globals().set(
        "f", [shared, counted = Counted()] { return shared->memory_usage().malloc_size > 0; });
    shared.reset();
    expect_eval(ctx, "f()", "boolean", "true");
    ctx.eval("delete globalThis.f");
    EXPECT_TRUE(weak.expired());
    expect_gone(ctx.try_eval("1"));
  });
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, RuntimeDestroyedInsideTheResolverAndTheLoader) {
  for (const bool in_resolver : {true, false}) {
    runtime = std::make_unique<Runtime>();
    context.emplace(*runtime);
    runtime->set_loader(
        [&, counted = Counted()](std::string_view,
                                 std::string_view specifier) -> Result<std::string> {
          if (in_resolver) runtime.reset();
          return std::string(specifier);
        },
        [&, counted = Counted()](std::string_view) -> Result<std::string> {
          runtime.reset();
          return std::string("export default 1");
        });
    with([](Ctx ctx) { (void)ctx.try_eval_module("import x from 'other'", "main"); });
    EXPECT_EQ(runtime, nullptr);
    EXPECT_EQ(Counted::live(), 0);
  }
}

TEST_F(LifetimeTest, RuntimeDestroyedInsideTheRejectionHandler) {
  runtime->set_rejection_handler(
      [this, counted = Counted()](Ctx, const Value& promise, const Value&, bool) {
        runtime.reset();
        expect_gone(promise.try_as<Promise>());
      });
  with([](Ctx ctx) { (void)ctx.try_eval("Promise.reject(1); 1"); });
  EXPECT_EQ(runtime, nullptr);
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, RuntimeDestroyedInsideAGetterSetterAndTrap) {
  for (const char* script :
       {"({get a() { end(); return {}; }})", "({set a(v) { end(); }})",
        "new Proxy({}, {get() { end(); return 1; }, set() { end(); return true; }, "
        "has() { end(); return true; }, ownKeys() { end(); return []; }})",
        "({toString() { end(); return 'text'; }})"}) {
    runtime = std::make_unique<Runtime>();
    context.emplace(*runtime);
    with([&](Ctx ctx) {
      ctx.globals().set("end", [this, counted = Counted()] { runtime.reset(); });
      const Object object = ctx.eval<Object>(script);
      (void)object.try_get("a");
      (void)object.try_set("a", 1);
      (void)object.try_has("a");
      (void)object.try_keys();
      (void)object.try_to_display_string();
      EXPECT_EQ(runtime, nullptr) << script;
    });
    EXPECT_EQ(Counted::live(), 0);
  }
}

TEST_F(LifetimeTest, RuntimesDestroyedInsideEachOther) {
  auto other = std::make_unique<Runtime>();
  const Context other_context(*other);
  with([&](Ctx ctx) {
    ctx.globals().set("f", [counted = Counted()] {});
    other_context.with([&](Ctx inner) {
      inner.globals().set("f", [counted = Counted()] {});
      runtime.reset();  // the outer one, from inside the inner one
      expect_gone(ctx.try_eval("1"));
      expect_eval(inner, "1 + 1", "number", "2");
      other.reset();
      expect_gone(inner.try_eval("1"));
    });
    EXPECT_EQ(Counted::live(), 1);
    expect_gone(ctx.try_eval("1"));
  });
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, TheInnerOfTwoRuntimesDestroyedThenTheOuterRunsOn) {
  auto other = std::make_unique<Runtime>();
  with([&](Ctx ctx) {
    Context(*other).with([&](Ctx inner) {
      inner.eval("globalThis.a = 1");
      other.reset();
    });
    expect_eval(ctx, "1 + 1", "number", "2");
    const Object object(ctx);
    object.set("a", object);
    EXPECT_TRUE(object.get("a") == object);
  });
}

// ---- functions and objects that go while they are in use
// -------------------------------------------

TEST_F(LifetimeTest, AFunctionDropsItsOwnLastHandleWhileRunning) {
  auto keeper = std::make_shared<Keeper>();
  with([&](Ctx ctx) {
    keeper->values.push_back(Function(
        ctx, "f", [keeper = keeper.get(), text = std::string(100, 'x'), counted = Counted()] {
          keeper->values.clear();
          return text;  // still there
        }));
    const Function& function = static_cast<const Function&>(keeper->values[0]);
    EXPECT_EQ(function.call<std::string>(), std::string(100, 'x'));
    EXPECT_TRUE(keeper->values.empty());
  });
  EXPECT_EQ(Counted::live(), 1);  // the keeper's own
}

TEST_F(LifetimeTest, AScriptFunctionDropsItsOwnLastHandleWhileRunning) {
  std::optional<Function> function;
  with([&](Ctx ctx) {
    ctx.globals().set("drop", [&] { function.reset(); });
    function = ctx.eval<Function>(
        "(() => { const big = [1, 2]; return () => { drop(); return big[1]; }; })()");
    EXPECT_EQ(function->call<int>(), 2);
    EXPECT_FALSE(function.has_value());
    function = ctx.eval<Function>("(class { constructor() { drop(); this.a = 3; } })");
    EXPECT_EQ(function->construct().get<int>("a"), 3);
  });
}

TEST_F(LifetimeTest, AFunctionDeletesItselfFromGlobalsWhileRunning) {
  with([](Ctx ctx) {
    ctx.globals().set("f", [text = std::string(100, 'x'), counted = Counted()](Ctx inner) {
      inner.globals().remove("f");
      inner.eval("1");
      EXPECT_EQ(Counted::live(), 1);
      return text;
    });
    expect_eval(ctx, "f().length + typeof f", "string", "100undefined");
  });
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, AFunctionDeletesItselfFromARecursiveCall) {
  with([](Ctx ctx) {
    ctx.globals().set(
        "f", [text = std::string("still here"), counted = Counted()](Ctx inner, int depth) {
          if (depth > 0) {
            inner.globals().get<Function>("f").call(depth - 1);
          } else {
            inner.globals().remove("f");
          }
          EXPECT_EQ(text, "still here");
        });
    ctx.eval("f(5)");
  });
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(LifetimeTest, AnObjectIsDroppedInsideItsOwnGetterSetterAndTrap) {
  std::optional<Object> object;
  with([&](Ctx ctx) {
    ctx.globals().set("drop", [&] { object.reset(); });
    object = ctx.eval<Object>("({get a() { drop(); return this.b; }, b: 7})");
    EXPECT_EQ(object->get<int>("a"), 7);
    object = ctx.eval<Object>("({set a(v) { drop(); this.b = v; }, b: 7})");
    object->set("a", 8);
    object = ctx.eval<Object>("new Proxy({}, {has() { drop(); return true; }})");
    EXPECT_TRUE(object->has("a"));
    object = ctx.eval<Object>("new Proxy({}, {deleteProperty() { drop(); return true; }})");
    EXPECT_TRUE(object->remove("a"));
    object = ctx.eval<Object>("new Proxy({}, {ownKeys() { drop(); return ['a']; }})");
    EXPECT_TRUE(object->keys({.enumerable_only = false}).size() == 1);
    object = ctx.eval<Object>("new Proxy({}, {getPrototypeOf() { drop(); return null; }})");
    EXPECT_TRUE(object->prototype().is_null());
    object = ctx.eval<Object>("({toString() { drop(); return 'text'; }})");
    EXPECT_EQ(object->to_display_string(), "text");
    object = ctx.eval<Object>("(class { static [Symbol.hasInstance]() { drop(); return true; } })");
    EXPECT_TRUE(Object(ctx).is_instance_of(*object));
    EXPECT_FALSE(object.has_value());
  });
}

TEST_F(LifetimeTest, AnArgumentIsDroppedDuringTheCall) {
  std::optional<Object> object;
  with([&](Ctx ctx) {
    object = Object(ctx);
    object->set("n", 5);
    ctx.globals().set("drop", [&] { object.reset(); });
    const Function function = ctx.eval<Function>("(a) => { drop(); return a.n; }");
    EXPECT_EQ(function.call<int>(*object), 5);
    object = Object(ctx);
    object->set("n", 6);
    EXPECT_EQ(
        ctx.eval<Function>("(function () { drop(); return this.n; })").call<int>(This(*object)), 6);
    EXPECT_FALSE(object.has_value());
  });
}

// ---- several contexts
// ---------------------------------------------------------------------------------

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
// ---------------------------------------------------------------

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
// ---------------------------------------------------------------------

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
