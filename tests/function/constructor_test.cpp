// quip::constructor and the handle Constructor: functions that `new` may call.
#include "support/counted.hpp"
#include "support/js.hpp"

namespace quip::test {
namespace {

const std::string needs_new =
    "TypeError: Failed to construct 'Point': it must be called with 'new'";

struct Pair {
  int x = 0;
  int y = 0;
};

TEST_F(JsTest, ConstructorsFillTheNewObject) {
  const NoneLeft none_left;
  define("Plain", constructor([](This<Object> self, int x, std::optional<int> y) {
           self.value.set("x", x);
           self.value.set("y", y.value_or(2));
         }));
  define("Held",
         constructor([counted = Counted()](This<Object> self, int x) { self.value.set("x", x); }));
  for (const std::string name : {"Plain", "Held"}) {
    expect_eval("typeof " + name, "string", "function");
    expect_eval(name + ".name + " + name + ".length", "string", name + "1");
    expect_eval("new " + name + "(5).x", "number", "5");
    expect_eval("new " + name + "(5) instanceof " + name, "boolean", "true");
    expect_eval("new " + name + "(5).constructor === " + name, "boolean", "true");
    expect_eval("Object.getPrototypeOf(new " + name + "(5)) === " + name + ".prototype", "boolean",
                "true");
    expect_eval("Object.keys(" + name + ".prototype).length + Object.keys(" + name + ").length",
                "number", "0");
    const std::string prefix = "TypeError: Failed to construct '" + name + "': ";
    expect_eval(name + "(5)", "throws", prefix + "it must be called with 'new'");
    expect_eval(name + ".call({}, 5)", "throws", prefix + "it must be called with 'new'");
    expect_eval("Reflect.apply(" + name + ", {}, [5])", "throws",
                prefix + "it must be called with 'new'");
    expect_eval("new " + name, "throws", prefix + "1 argument required, but only 0 present");
    expect_eval("new " + name + "('a')", "throws",
                prefix +
                    "parameter 1: expected an integer from -2147483648 to 2147483647, got \"a\" "
                    "(string)");
    // subclasses, private fields included
    expect_eval("{ class B extends " + name +
                    " { #z = 7; constructor(x) { super(x + 1); } get z() { return this.#z; } }"
                    " const b = new B(1); [b.x, b.z, b instanceof B, b instanceof " +
                    name + "].join() }",
                "string", "2,7,true,true");
    expect_eval("Reflect.construct(" + name + ", [3], Map) instanceof Map", "boolean", "true");
    expect_eval("new (" + name + ".bind(null, 8))().x", "number", "8");
    expect_eval("new (new Proxy(" + name + ", {}))(9).x", "number", "9");
  }
  eval("Held = null");
  runtime.run_gc();  // it and its prototype refer to each other
}

TEST_F(JsTest, ConstructorsReturnTheObject) {
  define("Point", constructor([](int x, int y) { return Pair{x, y}; }));
  expect_eval("JSON.stringify(new Point(1, 2))", "string", R"({"x":1,"y":2})");
  expect_eval("new Point(1, 2) instanceof Point", "boolean", "true");
  expect_eval("class Sub extends Point { get sum() { return this.x + this.y; } } new Sub(1, 2).sum",
              "number", "3");
  expect_eval("Point(1, 2)", "throws", needs_new);
  // what is no object is not the result
  define("Five", constructor([] { return 5; }));
  expect_eval("typeof new Five", "string", "object");
  expect_eval("new Five instanceof Five", "boolean", "true");
  // of one that fills an object, a returned object stays as it is
  define("Other", constructor([](Ctx ctx, This<Object>) { return ctx.eval<Object>("[1]"); }));
  expect_eval("new Other", "array", "1");
  expect_eval("new Other instanceof Other", "boolean", "false");
}

TEST_F(JsTest, AConstructorThatMayBeCalledToo) {
  define("f", constructor(
                  [](const CallArgs& call, int n) {
                    return std::string(call.new_target().is_undefined() ? "called" : "made") +
                           std::to_string(n);
                  },
                  called_too));
  expect_eval("f(1)", "string", "called1");
  expect_eval("typeof new f(1)", "string", "object");
  define("This", constructor([](This<Value> self) { return self.value.is_object(); }, called_too));
  expect_eval("This.call({}) + ',' + This()", "string", "true,false");
  expect_eval("new This instanceof This", "boolean", "true");
}

TEST_F(JsTest, NewTargetIsKnown) {
  define("Point", constructor([](const CallArgs& call, This<Object> self) {
           self.value.set("target", call.new_target());
           self.value.set("same", call.this_value() == self.value);
         }));
  expect_eval("const p = new Point; [p.target === Point, p.same].join()", "string", "true,true");
  expect_eval("class Q extends Point {} new Q().target === Q", "boolean", "true");
  define("f", [](const CallArgs& call) {
    return call.new_target().is_undefined() && call.this_value().is_object();
  });
  expect_eval("f.call({})", "boolean", "true");
}

TEST_F(JsTest, AThrowingPrototypeGetter) {
  define("Point", constructor([](This<Object>) {}));
  define("Pair", constructor([] { return Pair{}; }));
  eval(R"(
    globalThis.evil = new Proxy(function () {}, {get(_, name) {
      if (name === 'prototype') throw new RangeError('no prototype');
    }});
    globalThis.odd = new Proxy(function () {}, {get(_, name) { return 5; }});
  )");
  expect_eval("Reflect.construct(Point, [], evil)", "throws", "RangeError: no prototype");
  expect_eval("Reflect.construct(Pair, [], evil)", "throws", "RangeError: no prototype");
  expect_eval("Object.getPrototypeOf(Reflect.construct(Point, [], odd)) === Object.prototype",
              "boolean", "true");
  expect_eval("Object.getPrototypeOf(Reflect.construct(Pair, [], odd)) === Object.prototype",
              "boolean", "true");
  define("Throws", constructor([](This<Object>) { throw std::out_of_range("no"); }));
  expect_eval("new Throws", "throws", "RangeError: no");
}

TEST_F(JsTest, OverloadedConstructors) {
  define("Point", constructor(overload([](int x) { return Pair{x, x}; },
                                       [](int x, int y) { return Pair{x, y}; })));
  expect_eval("JSON.stringify([new Point(1), new Point(1, 2)])", "string",
              R"([{"x":1,"y":1},{"x":1,"y":2}])");
  expect_eval("new Point(2) instanceof Point", "boolean", "true");
  expect_eval("Point(1)", "throws", needs_new);
  expect_eval("new Point('a')", "throws",
              "TypeError: Failed to construct 'Point': no overload matches (string)\n"
              "  1. Point(number): parameter 1 is not an integer from -2147483648 to 2147483647\n"
              "  2. Point(number, number): 2 arguments required");
}

TEST_F(JsTest, TheHandle) {
  with([](Ctx ctx) {
    const auto base = ctx.eval<Constructor>("(class Base { constructor(n) { this.n = n; } })");
    const auto derived = ctx.eval<Constructor>("globalThis.Derived = class Derived {}; Derived");
    EXPECT_TRUE(base.is_constructor());
    EXPECT_EQ(base.construct(5).get<int>("n"), 5);
    const Object made = base.construct_as(derived, 6);
    EXPECT_EQ(made.get<int>("n"), 6);
    EXPECT_TRUE(made.is_instance_of(derived));
    EXPECT_FALSE(made.is_instance_of(base));
    EXPECT_EQ(base.construct_as(derived, spread(std::vector<int>{7, 8})).get<int>("n"), 7);
    EXPECT_TRUE(base.instance_prototype() == made.prototype() ||
                derived.instance_prototype() == made.prototype());
    EXPECT_EQ(show(ctx.try_eval<Constructor>("() => 1")).text,
              "TypeError: expected constructor, got function");
    EXPECT_EQ(show(ctx.try_eval<Constructor>("({})")).text,
              "TypeError: expected constructor, got object");
    EXPECT_FALSE(base.try_construct_as(Constructor(), 1));
    EXPECT_EQ(show(ctx.eval<Constructor>("(class { constructor() { throw 5; } })")
                       .try_construct_as(derived))
                  .text,
              "5");
    const Function made_here(ctx, "Made", constructor([](This<Object>) {}));
    EXPECT_TRUE(made_here.is_constructor());
    EXPECT_TRUE(made_here.is<Constructor>());
    EXPECT_FALSE(Function(ctx, "f", [] {}).is_constructor());
    EXPECT_FALSE(Function().is_constructor());
  });
}

TEST_F(JsTest, InstancePrototypes) {
  with([](Ctx ctx) {
    const Function made(ctx, "Made", constructor([](This<Object>) {}));
    const Object methods = ctx.eval<Object>("({ double() { return this.n * 2; } })");
    made.set_instance_prototype(methods);
    EXPECT_TRUE(made.instance_prototype() == methods);
    ctx.globals().set("Made", made);
    expect_eval(ctx, "Object.assign(new Made, {n: 4}).double()", "number", "8");
    EXPECT_TRUE(ctx.eval<Function>("() => 1").instance_prototype().is_undefined());
    EXPECT_EQ(ctx.eval<Function>("(class {})").try_set_instance_prototype(methods).error().name(),
              "TypeError");
  });
}

}  // namespace
}  // namespace quip::test
