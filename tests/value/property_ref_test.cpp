// Places in objects: what can be done with `obj["a"]["b"]` besides reading and writing (see
// object_test.cpp for these).
#include "support/js.hpp"
#include <quip/value/property_ref.hpp>

#include <string>

namespace quip::test {
namespace {

class Places : public JsTest {};

TEST_F(Places, AreReadAsAType) {
  const Object object = eval<Object>("({ a: { n: 5, t: 'x' } })");
  EXPECT_EQ(object["a"]["n"].as<int>(), 5);
  EXPECT_EQ(object["a"]["t"].try_as<std::string>().value(), "x");
  EXPECT_EQ(object["a"]["t"].try_as<int>().error().message().substr(0, 4), "a.t:");
}

TEST_F(Places, AreComparedWithValues) {
  with([](Ctx ctx) {
    const Object object = ctx.eval<Object>("({ n: 5, t: 'x', o: {}, u: undefined, nil: null })");
    EXPECT_TRUE(object["n"] == 5);
    EXPECT_TRUE(object["n"] == 5.0);
    EXPECT_FALSE(object["n"] == 6);
    EXPECT_TRUE(object["n"] != 6);
    EXPECT_TRUE(object["t"] == "x");
    EXPECT_TRUE(object["t"] == std::string("x"));
    EXPECT_TRUE("x" == object["t"]);
    EXPECT_FALSE(object["t"] == 5);  // nothing is coerced
    EXPECT_FALSE(object["n"] == "5");
    EXPECT_TRUE(object["o"] == object.get("o"));
    EXPECT_TRUE(object["o"] == object.get<Object>("o"));
    EXPECT_FALSE(object["o"] == Object(ctx));
    EXPECT_FALSE(object["u"] == 0);
    EXPECT_TRUE(object["missing"] == object.get("u"));
    EXPECT_THROW((void)(object["nil"]["x"] == 1), Error);
  });
}

TEST_F(Places, ExistOrNot) {
  const Object object = eval<Object>(
      "({ a: { u: undefined }, nil: null, get bad() { throw new EvalError('getter') },"
      "p: new Proxy({}, { has() { throw new EvalError('has') } }) })");
  EXPECT_TRUE(object["a"]["u"].exists());
  EXPECT_FALSE(object["a"]["x"].exists());
  EXPECT_FALSE(object["nil"]["x"].exists());
  EXPECT_FALSE(object["none"]["x"]["y"].exists());
  EXPECT_EQ(show(object["bad"]["x"].try_exists().error()).text, "EvalError: getter");
  EXPECT_EQ(show(object["p"]["x"].try_exists().error()).text, "EvalError: has");
  EXPECT_THROW((void)object["p"]["x"].exists(), Error);
  EXPECT_TRUE(object["a"]["u"].try_remove().value());
  EXPECT_FALSE(object["a"]["u"].exists());
  EXPECT_EQ(object["nil"]["x"].try_remove().error().kind(), ErrorKind::conversion);
}

TEST_F(Places, AreCalledAsMethods) {
  with([](Ctx ctx) {
    const Object object = ctx.eval<Object>(
        "({ n: 3, times(k) { return this.n * k }, deep: { self() { return this } },"
        "fail() { throw new RangeError('no') } })");
    EXPECT_EQ(object["times"].call<int>(4), 12);
    EXPECT_EQ(object["times"](5).as<int>(), 15);
    EXPECT_EQ(object["deep"]["self"](), object.get("deep"));
    EXPECT_EQ(object[key<"times">].call<int>(1), 3);
    object["times"].call<void>(1);
    EXPECT_EQ(ctx.globals()["Math"]["max"].call<int>(1, 7, 3), 7);
    EXPECT_EQ(show(object["fail"].try_call()).text, "RangeError: no");
    EXPECT_EQ(object["deep"]["n"].try_call().error().message(),
              "deep.n: expected function, got undefined");
    EXPECT_EQ(object["none"]["f"].try_call().error().message(),
              "none: expected object, got undefined");
    EXPECT_THROW(object["n"](), Error);
    EXPECT_FALSE(object["times"].try_call<std::string>(2));
    EXPECT_EQ(object["times"].try_call(Value()).error().name(), "TypeError");
  });
}

TEST_F(Places, OfSymbolsAndNumbers) {
  with([](Ctx ctx) {
    const Object array = ctx.eval<Object>("[1, 2]");
    EXPECT_TRUE(array[symbol::iterator].exists());
    EXPECT_TRUE(array[symbol::iterator]().is_object());
    EXPECT_EQ(array[1].as<int>(), 2);
    EXPECT_EQ(array[symbol::species].try_get<int>().error().message().substr(0, 17),
              "[Symbol.species]:");
  });
}

TEST_F(Places, EndWithTheRuntime) {
  Object object;
  {
    const Runtime other;
    object = Context(other).with([](Ctx ctx) { return ctx.eval<Object>("({ a() {} })"); });
  }
  EXPECT_EQ(object["a"].try_call().error().kind(), ErrorKind::runtime_gone);
  EXPECT_EQ(object["a"].try_exists().error().kind(), ErrorKind::runtime_gone);
  EXPECT_EQ(object["a"]["b"].try_exists().error().kind(), ErrorKind::runtime_gone);
  EXPECT_EQ(object["a"].try_remove().error().kind(), ErrorKind::runtime_gone);
}

}  // namespace
}  // namespace quip::test
