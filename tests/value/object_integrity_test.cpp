// Own properties as they are described, and objects that are closed to changes.
#include "support/js.hpp"
#include <quip/value/object.hpp>

#include <string>

namespace quip::test {
namespace {

using Objects = JsTest;

TEST_F(Objects, OwnPropertiesAreTold) {
  with([](Ctx ctx) {
    const Object object = ctx.eval<Object>(
        "Object.defineProperties({ plain: 1, __proto__: { inherited: 2 } }, {"
        "fixed: { value: 'v' }, both: { get() { throw new Error('ran') }, set(v) {}, enumerable: "
        "true },"
        "read: { get: () => 7, configurable: true }, write: { set(v) {} } })");
    const PropertyDescriptor plain = object.own_property("plain").value();
    EXPECT_FALSE(plain.is_accessor());
    EXPECT_EQ(plain.value.as<int>(), 1);
    EXPECT_TRUE(plain.writable && plain.enumerable && plain.configurable);
    const PropertyDescriptor fixed = object.own_property(key<"fixed">).value();
    EXPECT_EQ(fixed.value.as<std::string>(), "v");
    EXPECT_FALSE(fixed.writable || fixed.enumerable || fixed.configurable);
    const PropertyDescriptor both = object.own_property("both").value();
    EXPECT_TRUE(both.is_accessor() && both.enumerable && !both.configurable && !both.writable);
    EXPECT_TRUE(both.getter.is_function() && both.setter.is_function());
    EXPECT_TRUE(both.value.is_undefined());
    const PropertyDescriptor read = object.own_property("read").value();
    EXPECT_EQ(read.getter.as<Function>().call<int>(), 7);
    EXPECT_TRUE(read.setter.is_undefined() && read.configurable);
    const PropertyDescriptor write = object.own_property("write").value();
    EXPECT_TRUE(write.is_accessor() && write.getter.is_undefined() && write.setter.is_function());
    EXPECT_FALSE(object.own_property("inherited"));
    EXPECT_FALSE(object.own_property("missing"));
    EXPECT_TRUE(object.has("inherited") && !object.has_own("inherited"));
    EXPECT_TRUE(object.has_own("both") && !object.has_own("toString"));
    EXPECT_TRUE(ctx.eval<Object>("[1]").has_own(0) && ctx.eval<Object>("[1]").has_own("length"));
    EXPECT_EQ(ctx.eval<Object>("new String('ab')").own_property(1)->value.as<std::string>(), "b");
    EXPECT_EQ(ctx.eval<Object>("new Uint8Array([5])").own_property(0)->value.as<int>(), 5);
  });
}

TEST_F(Objects, OwnPropertiesOfProxiesAreTheirTraps) {
  const Object proxy = eval<Object>(R"(new Proxy({}, { getOwnPropertyDescriptor(target, key) {
    if (key === 'data') return { value: 5, configurable: true, enumerable: true };
    if (key === 'getter') return { get: () => 6, configurable: true };
    if (key === 'bad') return 5;
    if (key === 'lie') return { value: 1, configurable: false };
    if (key === 'throw') throw new EvalError('trap');
  } }))");
  const PropertyDescriptor data = proxy.own_property("data").value();
  EXPECT_EQ(data.value.as<int>(), 5);
  EXPECT_TRUE(!data.is_accessor() && data.enumerable && data.configurable && !data.writable);
  const PropertyDescriptor getter = proxy.own_property("getter").value();
  EXPECT_TRUE(getter.is_accessor() && !getter.enumerable);
  EXPECT_EQ(getter.getter.as<Function>().call<int>(), 6);
  EXPECT_FALSE(proxy.own_property("none"));
  EXPECT_EQ(proxy.try_own_property("bad").error().name(), "TypeError");
  EXPECT_EQ(proxy.try_own_property("lie").error().name(), "TypeError");
  EXPECT_EQ(show(proxy.try_own_property("throw").error()).text, "EvalError: trap");
  EXPECT_EQ(show(proxy.try_has_own("throw").error()).text, "EvalError: trap");
  EXPECT_TRUE(proxy.has_own("data"));
}

TEST_F(Objects, AreClosedStepByStep) {
  with([](Ctx ctx) {
    const Object object =
        ctx.eval<Object>("({ a: 1, get g() { return 2 }, [Symbol.iterator]: 3 })");
    EXPECT_TRUE(object.is_extensible() && !object.is_sealed() && !object.is_frozen());
    object.prevent_extensions();
    EXPECT_FALSE(object.is_extensible() || object.is_sealed() || object.is_frozen());
    EXPECT_FALSE(object.try_set("fresh", 1));
    EXPECT_TRUE(object.try_set("a", 2));
    object.seal();
    EXPECT_TRUE(object.is_sealed() && !object.is_frozen());
    EXPECT_FALSE(object.remove("a"));
    EXPECT_TRUE(object.try_set("a", 3));
    object.freeze();
    EXPECT_TRUE(object.is_sealed() && object.is_frozen());
    EXPECT_EQ(object.try_set("a", 4).error().name(), "TypeError");
    EXPECT_EQ(object.try_set(symbol::iterator, 4).error().name(), "TypeError");
    EXPECT_EQ(object.get<int>("a"), 3);
    EXPECT_EQ(object.get<int>("g"), 2);
    ctx.globals().set("o", object);
    EXPECT_TRUE(ctx.eval<bool>("Object.isFrozen(o)"));
    object.freeze();  // again is nothing
  });
}

TEST_F(Objects, AreClosedAsScriptsCloseThem) {
  // one script makes the object, quip and the engine close a copy each and must agree
  for (const char* make :
       {"({})", "[]", "[1, 2, 3]", "new Array(5)", "(function () {})", "new Map([[1, 2]])", "/x/",
        "(class { static x = 1 })", "new String('ab')", "new Uint8Array(0)", "(() => arguments)",
        "Object.defineProperty({}, 'x', { get() { return 1 } })", "new Proxy({ a: 1 }, {})",
        "new Proxy([1], {})", "new Uint8Array(2)", "Object.create(null)"}) {
    const Object ours = try_eval<Object>("(" + std::string(make) + ")").value_or(Object());
    if (ours == Value()) continue;  // no `arguments` here
    for (const bool freeze : {false, true}) {
      const Object mine = eval<Object>("(" + std::string(make) + ")");
      const Result<void> closed = freeze ? mine.try_freeze() : mine.try_seal();
      const std::string verb = freeze ? "freeze" : "seal";
      const Result<Object> theirs =
          try_eval<Object>("Object." + verb + "((" + std::string(make) + "))");
      EXPECT_EQ(closed.has_value(), theirs.has_value()) << verb << ' ' << make;
      if (!closed || !theirs) {
        EXPECT_EQ(closed.error().name(), "TypeError") << make;
        continue;
      }
      with([&](Ctx ctx) {
        for (const Object& each : {mine, *theirs}) {
          EXPECT_EQ(each.is_frozen(), ctx.eval<Function>("Object.isFrozen").call<bool>(each))
              << make;
          EXPECT_EQ(each.is_sealed(), ctx.eval<Function>("Object.isSealed").call<bool>(each))
              << make;
          EXPECT_TRUE(freeze ? each.is_frozen() : each.is_sealed()) << make;
        }
      });
    }
  }
}

TEST_F(Objects, WhatRefusesToBeClosedIsAnError) {
  const Object proxy = eval<Object>(R"(new Proxy({ a: 1 }, {
    preventExtensions: () => false, isExtensible() { throw new EvalError('is') } }))");
  EXPECT_EQ(proxy.try_prevent_extensions().error().name(), "TypeError");
  EXPECT_EQ(proxy.try_freeze().error().name(), "TypeError");
  EXPECT_EQ(show(proxy.try_is_extensible().error()).text, "EvalError: is");
  EXPECT_EQ(show(proxy.try_is_frozen().error()).text, "EvalError: is");
  EXPECT_EQ(show(proxy.try_is_sealed().error()).text, "EvalError: is");
  const Object late = eval<Object>(R"(new Proxy({ a: 1 }, {
    defineProperty() { throw new EvalError('define') } }))");
  EXPECT_EQ(show(late.try_freeze().error()).text, "EvalError: define");
  EXPECT_EQ(show(late.try_seal().error()).text, "EvalError: define");
  const Object keys = eval<Object>(
      "new Proxy(Object.preventExtensions({ a: 1 }), { ownKeys() { throw new EvalError('k') } })");
  EXPECT_EQ(show(keys.try_is_frozen().error()).text, "EvalError: k");
  const Object revoked =
      eval<Object>("const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); proxy");
  for (const Result<void>& result :
       {revoked.try_freeze(), revoked.try_seal(), revoked.try_prevent_extensions()}) {
    EXPECT_EQ(result.error().name(), "TypeError");
  }
  EXPECT_EQ(revoked.try_is_extensible().error().name(), "TypeError");
  EXPECT_EQ(revoked.try_own_property("a").error().name(), "TypeError");
  EXPECT_EQ(revoked.try_define("a", 1).error().name(), "TypeError");
  EXPECT_EQ(revoked.try_entries().error().name(), "TypeError");
}

TEST_F(Objects, PatchedGlobalsDoNotStopThem) {
  eval(
      "for (const name of Object.getOwnPropertyNames(Object))"
      "  if (typeof Object[name] === 'function') Object[name] = () => { throw 1 };"
      "globalThis.Reflect = undefined");
  with([](Ctx ctx) {
    const Object object(ctx);
    object.define("a", property(1));
    object.freeze();
    EXPECT_TRUE(object.is_frozen() && object.has_own("a") && !object.is_extensible());
    EXPECT_EQ(object.own_property("a")->value.as<int>(), 1);
  });
}

}  // namespace
}  // namespace quip::test
