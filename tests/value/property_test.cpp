// Descriptions of properties for Object::define.
#include "support/counted.hpp"
#include "support/js.hpp"
#include <quip/value/property.hpp>

#include <memory>
#include <string>
#include <utility>

namespace quip::test {
namespace {

class Properties : public JsTest {
 protected:
  /// The property's flags as a script sees them.
  static std::string flags(const Object& object, const char* key) {
    const std::optional<PropertyDescriptor> own = object.own_property(key);
    if (!own) return "none";
    return std::string(own->is_accessor() ? "accessor" : "data") + (own->writable ? " w" : "") +
           (own->enumerable ? " e" : "") + (own->configurable ? " c" : "");
  }
};

TEST_F(Properties, AreFixedAndHiddenUnlessSaid) {
  with([](Ctx ctx) {
    const Object object(ctx);
    object.define("none", property(1));
    object.define("plain", 2);
    object.define("w", property(3).writable());
    object.define("e", property(4).enumerable());
    object.define("c", property(5).configurable());
    object.define("all", property(6).writable().enumerable().configurable());
    object.define("off", property(7).writable().writable(false).enumerable(false));
    EXPECT_EQ(flags(object, "none"), "data");
    EXPECT_EQ(flags(object, "plain"), "data");
    EXPECT_EQ(flags(object, "w"), "data w");
    EXPECT_EQ(flags(object, "e"), "data e");
    EXPECT_EQ(flags(object, "c"), "data c");
    EXPECT_EQ(flags(object, "all"), "data w e c");
    EXPECT_EQ(flags(object, "off"), "data");
    EXPECT_EQ(object.get<int>("all"), 6);
    EXPECT_EQ(object.try_set("none", 9).error().name(), "TypeError");
    object.set("w", 9);
    EXPECT_EQ(object.get<int>("w"), 9);
    EXPECT_EQ(object.keys<std::string>(), (std::vector<std::string>{"e", "all"}));
    EXPECT_FALSE(object.remove("w"));
    EXPECT_TRUE(object.remove("c"));
  });
}

TEST_F(Properties, WhatIsNotSaidOfAnOldOneStays) {
  with([](Ctx ctx) {
    const Object object = ctx.eval<Object>("({ a: 1, b: 1, c: 1 })");
    object.define("a", property(2));
    EXPECT_EQ(flags(object, "a"), "data w e c");
    EXPECT_EQ(object.get<int>("a"), 2);
    object.define("b", property(2).enumerable(false));
    EXPECT_EQ(flags(object, "b"), "data w c");
    object.define("c", 2);  // a plain value says all
    EXPECT_EQ(flags(object, "c"), "data");
    EXPECT_EQ(object.try_define("c", property(3)).error().name(), "TypeError");
    EXPECT_EQ(object.try_define("c", property(2).configurable()).error().name(), "TypeError");
    EXPECT_TRUE(object.try_define("c", property(2)));  // no change
  });
}

TEST_F(Properties, GettersAndSettersAreCalled) {
  with([](Ctx ctx) {
    const Object object(ctx);
    int stored = 5;
    object.define(
        "n", accessor([&stored] { return stored; }, [&stored](int n) { stored = n; }).enumerable());
    object.define("read", accessor([] { return "text"; }).configurable());
    object.define("write", accessor(nullptr, [&stored](int n) { stored = -n; }));
    EXPECT_EQ(flags(object, "n"), "accessor e");
    EXPECT_EQ(flags(object, "read"), "accessor c");
    EXPECT_EQ(flags(object, "write"), "accessor");
    ctx.globals().set("o", object);
    EXPECT_EQ(ctx.eval<int>("o.n = 7; o.n"), 7);
    EXPECT_EQ(stored, 7);
    EXPECT_EQ(ctx.eval<std::string>("o.read"), "text");
    EXPECT_EQ(ctx.try_eval("'use strict'; o.read = 1").error().name(), "TypeError");
    EXPECT_TRUE(ctx.eval("o.write = 3; o.write").is_undefined());
    EXPECT_EQ(stored, -3);
    EXPECT_EQ(ctx.try_eval("o.n = 'x'").error().name(), "TypeError");
    EXPECT_EQ(ctx.eval<std::string>("const d = Object.getOwnPropertyDescriptor(o, 'n');"
                                    "d.get.name + ',' + d.set.name"),
              "get n,set n");
    ctx.eval("globalThis.o = null; undefined");  // the lambdas refer to a local
  });
}

TEST_F(Properties, GettersAndSettersHaveAThis) {
  with([](Ctx ctx) {
    const Object object = ctx.eval<Object>("({ first: 'A', last: 'B' })");
    object.define("full", accessor(
                              [](This<Object> self) {
                                return self.value.get<std::string>("first") + " " +
                                       self.value.get<std::string>("last");
                              },
                              [](This<Object> self, const std::string& text) {
                                self.value.set("first", text);
                              }));
    EXPECT_EQ(object.get<std::string>("full"), "A B");
    object.set("full", "C");
    EXPECT_EQ(object.get<std::string>("full"), "C B");
    ctx.globals().set("o", object);
    EXPECT_EQ(ctx.eval<std::string>("Object.create(o, { first: { value: 'D' } }).full"), "D B");
  });
}

TEST_F(Properties, TakeWhateverBecomesAFunction) {
  with([](Ctx ctx) {
    const Object object(ctx);
    const Function script = ctx.eval<Function>("(function () { return this.x })");
    object.define("x", 4);
    object.define("y", accessor(script));
    EXPECT_EQ(object.get<int>("y"), 4);
    object.define("owned", accessor([p = std::make_unique<int>(6)] { return *p; }));
    EXPECT_EQ(object.get<int>("owned"), 6);
    object.define("f", property([] { return 8; }).enumerable());
    EXPECT_EQ(object.get<Function>("f").call<int>(), 8);
    EXPECT_EQ(object.get<Function>("f").name(), "f");
    object.define(key<"k">, [] { return 9; });
    EXPECT_EQ(object.get<Function>("k").name(), "k");
    object.define(Symbol(ctx, "s"), accessor([] { return 1; }));
    object.define(3, property(std::string("three")));
    EXPECT_EQ(object.get<std::string>(3), "three");
    object.define("moved", property(std::make_unique<int>(1) ? 1 : 0));
    EXPECT_EQ(object.try_define("bad", accessor(Value(ctx, 5))).error().name(), "TypeError");
    EXPECT_EQ(object.try_define("bad", accessor(nullptr, Value(ctx, "x"))).error().name(),
              "TypeError");
    EXPECT_EQ(object.try_define("bad", accessor(std::function<int()>())).error().name(),
              "TypeError");
    EXPECT_EQ(object.try_define("bad", property(Value())).error().name(), "TypeError");
    EXPECT_FALSE(object.has("bad"));
  });
}

TEST_F(Properties, WhatGettersThrowComesThrough) {
  with([](Ctx ctx) {
    const Object object(ctx);
    struct Mine {};
    object.define("a", accessor([]() -> int { throw Mine(); }, [](int) { throw Mine(); }));
    EXPECT_THROW((void)object.get("a"), Mine);
    EXPECT_THROW(object.set("a", 1), Mine);
    object.define("b", accessor([]() -> Result<int> { return Error::range("no"); }));
    EXPECT_EQ(show(object.try_get("b")).text, "RangeError: no");
  });
}

TEST_F(Properties, DescriptorsAreCopied) {
  with([](Ctx ctx) {
    const Object from = ctx.eval<Object>(
        "Object.defineProperties({ a: 1 }, { b: { get: () => 2, enumerable: true }, c: { value: 3 }"
        ", d: { set(v) {} } })");
    const Object to(ctx);
    for (const Atom& name : from.keys({.enumerable_only = false})) {
      to.define(name, from.own_property(name).value());
    }
    for (const char* name : {"a", "b", "c", "d"}) {
      EXPECT_EQ(flags(to, name), flags(from, name)) << name;
    }
    EXPECT_EQ(to.get<int>("b"), 2);
    EXPECT_EQ(to.get<int>("c"), 3);
    to.define("made", PropertyDescriptor{.value = Value(ctx, 5), .enumerable = true});
    EXPECT_EQ(flags(to, "made"), "data e");
    to.define("none", PropertyDescriptor{.configurable = true, .accessor = true});
    EXPECT_EQ(flags(to, "none"), "accessor c");
    EXPECT_TRUE(to.get("none").is_undefined());
    EXPECT_FALSE(
        to.try_define("bad", PropertyDescriptor{.getter = Value(ctx, 5), .accessor = true}));
  });
}

TEST_F(Properties, RefusalsAreErrors) {
  for (const char* script : {"Object.freeze({})", "Object.preventExtensions({})",
                             "new Proxy({}, { defineProperty: () => false })", "Object.freeze([])",
                             "Object.seal(function () {})"}) {
    const Object object = eval<Object>("(" + std::string(script) + ")");
    EXPECT_EQ(object.try_define("x", 1).error().name(), "TypeError") << script;
    EXPECT_EQ(object.try_define("x", accessor([] { return 1; })).error().name(), "TypeError")
        << script;
    EXPECT_THROW(object.define("x", 1), Error) << script;
  }
  const Object throwing =
      eval<Object>("new Proxy({}, { defineProperty() { throw new EvalError('trap') } })");
  EXPECT_EQ(show(throwing.try_define("x", 1)).text, "EvalError: trap");
  EXPECT_EQ(eval<Array>("[]").try_define("length", -1).error().name(), "RangeError");
  EXPECT_EQ(
      eval<Object>("new Uint8Array(1)").try_define(0, accessor([] { return 1; })).error().name(),
      "TypeError");
}

TEST_F(Properties, ATrapMayDropTheHandle) {
  with([](Ctx ctx) {
    Object object = ctx.eval<Object>(
        "new Proxy({}, { defineProperty(t, k, d) { drop(); return Reflect.defineProperty(t, k, d) "
        "},"
        "getOwnPropertyDescriptor(t, k) { drop(); return Reflect.getOwnPropertyDescriptor(t, k) } "
        "})");
    const Object kept = object;
    ctx.globals().set("drop", [&object] { object = Object(); });
    object.define("x", property(1).configurable());
    object = kept;
    EXPECT_EQ(object.own_property("x")->value.as<int>(), 1);
    object = ctx.eval<Object>("new Proxy({}, { preventExtensions(t) { drop(); return false } })");
    EXPECT_FALSE(object.try_freeze());
    EXPECT_EQ(object, Value());
  });
}

TEST_F(Properties, OfAnotherRuntimeAreRefused) {
  const Runtime other;
  const Object foreign = Context(other).with([](Ctx ctx) { return Object(ctx); });
  with([&](Ctx ctx) {
    EXPECT_EQ(Object(ctx).try_define("x", foreign).error().name(), "TypeError");
    EXPECT_EQ(Object(ctx).try_define("x", PropertyDescriptor{.value = foreign}).error().name(),
              "TypeError");
  });
}

}  // namespace
}  // namespace quip::test
