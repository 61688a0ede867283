// Ownership and teardown: what lives how long, and every order in which it may end.
#include "support/lifetime.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <tuple>

namespace quip::test {
namespace {

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
  Promise<> promise;
  Value value;
  with([&](Ctx ctx) {
    object = Object(ctx);
    array = Array(ctx);
    string = String(ctx, "text");
    symbol = Symbol(ctx, "symbol");
    atom = Atom(ctx, "an atom that nothing else has");
    function = Function(ctx, "f", [](int n) { return n; });
    promise = ctx.eval<Promise<>>("Promise.resolve(1)");
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
// ----------------------------------------------------------------

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

}  // namespace
}  // namespace quip::test
