// What ends while it is in use: runtimes destroyed and handles dropped from inside a call.
#include "support/lifetime.hpp"

#include <chrono>

namespace quip::test {
namespace {

// ---- the runtime destroyed from inside
// -----------------------------------------------------------

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
        expect_gone(promise.try_as<Promise<>>());
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
// -----------------------------------------

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

struct Person {
  std::string name;
  int age = 0;
};

TEST_F(LifetimeTest, AnObjectIsGivenAwayWhileItIsRead) {
  std::optional<Value> person;
  with([&](Ctx ctx) {
    ctx.globals().set("take", [&] { return std::move(*person); });
    person = ctx.eval("({get name() { take(); return 'x'.repeat(30); }, age: 3})");
    EXPECT_EQ(person->as<Person>().age, 3);
  });
}

TEST_F(LifetimeTest, ADestructorAsksForACollection) {
  const auto collects = [&] {
    return [at_end = AtDestruction([&] {
              runtime->run_gc();
              EXPECT_GT(runtime->memory_usage().object_count, 0);
            }),
            counted = Counted()] {};
  };
  with([&](Ctx ctx) {
    // of an object that goes with its last handle, and others with it
    Object object(ctx);
    object.set("before", Object(ctx));
    object.set("f", collects());
    object.set("after", Object(ctx));
    ctx.eval<Function>("o => { o.async = (async () => { await null; return o.f })() }")
        .call(object);
  });
  runtime->run();
  runtime->run_gc();
  EXPECT_EQ(Counted::live(), 0);
  with([&](Ctx ctx) {
    // of garbage, while it is collected
    ctx.eval<Function>("f => { const ring = {f, other: {}}; ring.self = ring }").call(collects());
    runtime->run_gc();
    EXPECT_EQ(Counted::live(), 0);
    // what is asked for is done when it can be
    ctx.eval<Function>("f => { const ring = {f}; ring.self = ring }").call([counted = Counted()] {
    });
    const Function last(ctx, "last", collects());
    EXPECT_EQ(Counted::live(), 2);
  });
  EXPECT_EQ(Counted::live(), 0);
}

}  // namespace
}  // namespace quip::test
