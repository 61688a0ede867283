// Weak references.
#include "support/lifetime.hpp"
#include <quip/value/weak_ref.hpp>

#include <optional>
#include <string>

namespace quip::test {
namespace {

class WeakRefs : public JsTest {};

TEST_F(WeakRefs, DoNotKeepTheirTarget) {
  with([this](Ctx ctx) {
    auto target = ctx.eval<Object>("({ n: 5 })");
    const WeakRef weak(ctx, target);
    EXPECT_EQ(weak.type(), Type::weak_ref);
    EXPECT_EQ(weak.deref(), target);
    EXPECT_EQ(weak.deref<Object>()->get<int>("n"), 5);
    target = Object();
    runtime.run_gc();
    EXPECT_EQ(weak.deref(), std::nullopt);
    EXPECT_EQ(weak.deref<Object>(), std::nullopt);
  });
}

TEST_F(WeakRefs, GoToScriptsAndBack) {
  with([](Ctx ctx) {
    const auto target = ctx.eval<Object>("globalThis.target = { n: 5 }");
    ctx.globals().set("weak", WeakRef(ctx, target));
    EXPECT_TRUE(ctx.eval<bool>("weak instanceof WeakRef && weak.deref() === target"));
    EXPECT_EQ(ctx.eval<WeakRef>("new WeakRef(target)").deref<Object>(), target);
    EXPECT_EQ(ctx.eval<WeakRef>("weak").try_deref<Array>().error().message(),
              "expected array, got object");
  });
}

TEST_F(WeakRefs, TakeObjectsAlone) {
  with([](Ctx ctx) {
    for (const char* script : {"5", "'text'", "null", "undefined", "Symbol.for('registered')"}) {
      EXPECT_EQ(WeakRef::try_make(ctx, ctx.eval(script)).error().name(), "TypeError") << script;
    }
    EXPECT_THROW(WeakRef(ctx, Value()), Error);
    EXPECT_EQ(show(ctx.try_eval<WeakRef>("({})")).text, "TypeError: expected weak ref, got object");
  });
}

TEST_F(WeakRefs, ScriptsCannotChangeTheMethod) {
  with([](Ctx ctx) {
    const auto target = ctx.eval<Object>("globalThis.target = {}");
    const WeakRef weak(ctx, target);
    EXPECT_EQ(weak.deref(), target);
    ctx.eval("WeakRef.prototype.deref = () => 5; globalThis.WeakRef = class {}");
    EXPECT_EQ(weak.deref(), target);
    EXPECT_EQ(WeakRef(ctx, target).deref(), target);
  });
}

TEST_F(WeakRefs, NeedAContextAndARuntime) {
  WeakRef left;
  Runtime other;
  const Context elsewhere(other);
  const Value foreign = elsewhere.with([](Ctx ctx) { return ctx.eval("({})"); });
  with([&](Ctx ctx) { EXPECT_EQ(WeakRef::try_make(ctx, foreign).error().name(), "TypeError"); });
  Context::base(runtime).with([](Ctx ctx) {
    EXPECT_EQ(show(WeakRef::try_make(ctx, Object(ctx))).text,
              "TypeError: this context has no 'WeakRef': it was made without intrinsic::WeakRef");
  });
  {
    Runtime third;
    const Context there(third);
    left = there.with([](Ctx ctx) { return WeakRef(ctx, ctx.globals()); });
  }
  expect_gone(left.try_deref());
}

}  // namespace
}  // namespace quip::test
