// Function: calling scripts' functions, and how a bound one looks from outside.
#include "support/counted.hpp"
#include "support/js.hpp"

namespace quip::test {
namespace {

// ---- calls from C++
// ------------------------------------------------------------------------------

TEST_F(JsTest, CallsConvertArgumentsAndResult) {
  with([](Ctx ctx) {
    const Function join = ctx.eval<Function>("(...a) => a.map(x => `${typeof x}:${x}`).join()");
    EXPECT_EQ(join.call<std::string>(), "");
    EXPECT_EQ(join.call<std::string>(1, 2.5, true, "text", std::string("string"),
                                     std::string_view("view")),
              "number:1,number:2.5,boolean:true,string:text,string:string,string:view");
    EXPECT_EQ(
        join.call<std::string>(std::optional<int>(), std::vector<int>{1, 2}, ctx.eval("null")),
        "undefined:undefined,object:1,2,object:null");
    EXPECT_EQ(join("é").as<std::string>(), "string:é");
    join.call<void>(1);
    EXPECT_EQ(join.try_call<int>(1).error().kind(), ErrorKind::conversion);
  });
}

TEST_F(JsTest, CallsWithThis) {
  with([](Ctx ctx) {
    const Function strict =
        ctx.eval<Function>("(function (...a) { return [this, ...a]; })", {.strict = true});
    EXPECT_TRUE(strict.call<Array>().get(0).is_undefined());
    const Object object(ctx);
    EXPECT_TRUE(strict.call<Array>(This(object)).get(0) == object);
    const Array with_all = strict.call<Array>(This{5}, 6, 7);
    EXPECT_EQ(with_all.get<int>(0), 5);
    EXPECT_EQ(with_all.get<int>(2), 7);
    const Function method = ctx.eval<Function>("[].slice");
    EXPECT_EQ(method.call<std::vector<int>>(This(std::vector<int>{1, 2, 3}), 1),
              (std::vector<int>{2, 3}));
    EXPECT_EQ(strict.try_call<Array>(This(Object())).error().name(), "TypeError");
  });
}

TEST_F(JsTest, Construct) {
  with([](Ctx ctx) {
    const Function date = ctx.globals().get<Function>("Date");
    EXPECT_EQ(date.construct(0).get<Function>("toISOString").name(), "toISOString");
    const Function point =
        ctx.eval<Function>("(class Point { constructor(x, y) { this.x = x; this.y = y; } })");
    const Object made = point.construct(1, 2);
    EXPECT_EQ(made.get<int>("y"), 2);
    EXPECT_TRUE(made.is_instance_of(point));
    EXPECT_EQ(ctx.globals().get<Function>("Array").construct<Array>(3).size(), 3U);
    EXPECT_EQ(point.try_call(1, 2).error().name(), "TypeError");
    EXPECT_EQ(ctx.eval<Function>("() => 1").try_construct().error().name(), "TypeError");
    EXPECT_EQ(ctx.eval<Function>("(class { constructor() { throw new RangeError('no'); } })")
                  .try_construct()
                  .error()
                  .message(),
              "no");
  });
}

TEST_F(JsTest, CallsOfWhatThrows) {
  with([](Ctx ctx) {
    const Function thrower = ctx.eval<Function>("(x) => { throw x; }");
    EXPECT_EQ(thrower.try_call(5).error().value().as<int>(), 5);
    EXPECT_THROW(thrower(5), Error);
    EXPECT_EQ(show(thrower.try_call<int>("text")).text, "text");
  });
}

TEST_F(JsTest, ProxiesBoundAndOtherCallables) {
  with([](Ctx ctx) {
    EXPECT_EQ(ctx.eval<Function>("new Proxy(n => n + 1, {})").call<int>(1), 2);
    EXPECT_EQ(ctx.eval<Function>("((a, b) => a + b).bind(null, 10)").call<int>(1), 11);
    EXPECT_TRUE(ctx.eval<Function>("(async () => 1)").call<Promise<>>().is_promise());
    EXPECT_TRUE(ctx.eval<Function>("(function* () {})").call<Object>().is_object());
    EXPECT_EQ(show(ctx.try_eval<Function>("({})")).text,
              "TypeError: expected function, got object");
  });
}

TEST_F(JsTest, AnArgumentThatHasNoJsValueStopsTheCall) {
  with([](Ctx ctx) {
    ctx.eval("globalThis.calls = 0; globalThis.f = () => ++calls");
    const Function f = ctx.globals().get<Function>("f");
    EXPECT_FALSE(f.try_call(1, Value(), 2));
    EXPECT_FALSE(f.try_call(static_cast<const char*>(nullptr)));
    EXPECT_FALSE(f.try_call("text", std::int64_t{1} << 60));
    EXPECT_FALSE(f.try_construct("text", Object()));
    expect_eval(ctx, "calls", "number", "0");
  });
}

// ---- how bound functions look
// -----------------------------------------------------------------------

int add(int a, int b) { return a + b; }

TEST_F(JsTest, BoundFunctionsLookLikeFunctions) {
  define("stateless", [](int a, int b) { return a + b; });
  define("stateful", [n = 1](int a, int b) { return a + b + n; });
  define("pointer", &add);
  define("reference", add);
  for (const std::string name : {"stateless", "stateful", "pointer", "reference"}) {
    expect_eval("typeof " + name, "string", "function");
    expect_eval(name + " instanceof Function", "boolean", "true");
    expect_eval("Object.getPrototypeOf(" + name + ") === Function.prototype", "boolean", "true");
    expect_eval(name + ".name", "string", name);
    expect_eval(name + ".length", "number", "2");
    expect_eval("JSON.stringify(Object.getOwnPropertyDescriptor(" + name + ", 'length'))", "string",
                R"({"value":2,"writable":false,"enumerable":false,"configurable":true})");
    expect_eval("Object.keys(" + name + ").length", "number", "0");
    expect_eval(
        "/^function[^]*\\[native code\\]/.test(Function.prototype.toString.call(" + name + "))",
        "boolean", "true");
    const std::string sum = name == "stateful" ? "6" : "5";
    expect_eval(name + ".call(null, 2, 3)", "number", sum);
    expect_eval(name + ".apply(null, [2, 3])", "number", sum);
    expect_eval(name + ".bind(null, 2)(3)", "number", sum);
    expect_eval("Reflect.apply(" + name + ", null, [2, 3])", "number", sum);
    expect_eval("[2].reduce((a, b) => " + name + "(a, b), 3)", "number", sum);
    expect_eval("try { new " + name + "(2, 3) } catch (e) { e.name }", "string", "TypeError");
    expect_eval("try { Reflect.construct(Object, [], " + name + ") } catch (e) { e.name }",
                "string", "TypeError");
    expect_eval("try { class C extends " + name + " {} } catch (e) { e.name }", "string",
                "TypeError");
    expect_eval("typeof " + name + ".prototype", "string", "undefined");
    expect_eval(name + ".extra = 5; " + name + ".extra", "number", "5");
    expect_eval("Object.isExtensible(" + name + ") && !Array.isArray(" + name + ")", "boolean",
                "true");
  }
  EXPECT_TRUE(eval("stateful").is_function());
  EXPECT_EQ(eval<Function>("stateful").call<int>(2, 3), 6);
}

TEST_F(JsTest, LengthCountsTheParametersBeforeTheFirstOptional) {
  with([](Ctx ctx) {
    const auto length = [&](auto f) { return Function(ctx, "f", f).template get<int>("length"); };
    EXPECT_EQ(length([] {}), 0);
    EXPECT_EQ(length([](int) {}), 1);
    EXPECT_EQ(length([](int, std::optional<int>) {}), 1);
    EXPECT_EQ(length([](std::optional<int>, int) {}), 0);  // as of (a = 1, b) => …
    EXPECT_EQ(length([](int, Rest<int>) {}), 1);
    EXPECT_EQ(length([](Ctx, This<>, int) {}), 1);
  });
}

TEST_F(JsTest, NamesOfFunctions) {
  with([](Ctx ctx) {
    EXPECT_EQ(Function(ctx, "näme", [] {}).name(), "näme");
    EXPECT_EQ(Function(ctx, "", [] {}).name(), "");
    const Object object(ctx);
    object.set("by_name", [] {});
    object.set(std::string("by_string"), [s = 1] { return s; });
    object["by_index"] = [] {};
    expect_eval(ctx, "1", "number", "1");
    EXPECT_EQ(object.get<Function>("by_name").name(), "by_name");
    EXPECT_EQ(object.get<Function>("by_string").name(), "by_string");
    EXPECT_EQ(object.get<Function>("by_index").name(), "by_index");
    // a function that goes through a conversion has no name of its own
    EXPECT_EQ(Value(ctx, [] {}).as<Function>().name(), "");
  });
}

TEST_F(JsTest, CallbacksGoBothWays) {
  define("apply", [](const Function& f, int n) { return f.call<int>(n); });
  define("twice",
         [](const Function& f) { return [f](int n) { return f.call<int>(f.call<int>(n)); }; });
  expect_eval("apply(n => n * 2, 21)", "number", "42");
  expect_eval("twice(n => n + 3)(10)", "number", "16");
  expect_eval("twice(twice(n => n * 2))(1)", "number", "16");
  expect_eval("apply(twice(n => n + 1), 0)", "number", "2");
  expect_eval(
      "apply(5, 1)", "throws",
      "TypeError: Failed to execute 'apply': parameter 1: expected function, got 5 (number)");
  expect_eval("apply(() => 'x', 1)", "throws",
              "TypeError: expected an integer from -2147483648 to 2147483647, got \"x\" (string)");
}

TEST_F(JsTest, FunctionsAreReentrant) {
  define("fib", [depth = std::make_shared<int>(0)](Ctx ctx, int n) -> int {
    if (n < 2) return n;
    const Function fib = ctx.globals().get<Function>("fib");
    return fib.call<int>(n - 1) + fib.call<int>(n - 2);
  });
  expect_eval("fib(10)", "number", "55");
}

TEST_F(JsTest, ValuesOfAnotherRuntimeAreRefused) {
  const Runtime other;
  const Context other_context(other);
  const Value foreign = other_context.with([](Ctx ctx) { return ctx.eval("({a: 1})"); });
  const Value foreign_text = other_context.with([](Ctx ctx) { return ctx.eval("'text'"); });
  const Atom foreign_atom = other_context.with([](Ctx ctx) { return Atom(ctx, "a"); });
  with([&](Ctx ctx) {
    const Function f = ctx.eval<Function>("(a) => a");
    const Object object(ctx);
    const std::string refused = "TypeError: a value of one runtime cannot be used in another";
    EXPECT_EQ(show(f.try_call(foreign)).text, refused);
    EXPECT_EQ(show(f.try_call(foreign_text)).text, refused);
    EXPECT_EQ(show(f.try_call(This(foreign))).text, refused);
    EXPECT_EQ(show(f.try_construct(foreign)).text, refused);
    EXPECT_EQ(show(object.try_set("a", foreign)).text, refused);
    EXPECT_EQ(show(object.try_set("a", std::vector<Value>{foreign})).text, refused);
    EXPECT_EQ(show(object.try_get(foreign_text)).text, refused);
    EXPECT_FALSE(object.try_get(foreign_atom));
    EXPECT_FALSE(object.try_set_prototype(foreign));
    EXPECT_FALSE(object.try_is_instance_of(foreign));
    ctx.globals().set("give", [foreign] { return foreign; });
    expect_eval(ctx, "give()", "throws", refused);
    EXPECT_FALSE(object == foreign);
    // from inside the other runtime as well
    other_context.with([&](Ctx) {
      EXPECT_EQ(show(object.try_set("a", foreign)).text, refused);
      EXPECT_EQ(f.call<int>(1), 1);
    });
    EXPECT_FALSE(object.has("a"));
  });
}

// ---- more ways to call -------------------------------------------------------------------------

TEST_F(JsTest, CallsWithARange) {
  with([](Ctx ctx) {
    const Function join = ctx.eval<Function>("(...a) => a.join()");
    const std::vector<int> numbers{1, 2, 3};
    EXPECT_EQ(join.call<std::string>(spread(numbers)), "1,2,3");
    EXPECT_EQ(join.call<std::string>("a", spread(numbers), "b", spread(std::vector<int>())),
              "a,1,2,3,b");
    EXPECT_EQ(join.call<std::string>(spread(std::vector<std::string>{"x", "y"})), "x,y");
    EXPECT_EQ(join.call<std::string>(
                  spread(numbers | std::views::transform([](int n) { return n * n; }))),
              "1,4,9");
    EXPECT_EQ(join.call<std::string>(Rest<int>{{4, 5}}), "4,5");
    EXPECT_EQ(join.try_call<std::string>(spread(numbers)).value(), "1,2,3");
    const Function strict = ctx.eval<Function>("(function (...a) { return this.n + a.length; })");
    EXPECT_EQ(strict.call<int>(This(ctx.eval("({n: 10})")), spread(numbers)), 13);
    EXPECT_EQ(ctx.globals().get<Function>("Array").construct<Array>(spread(numbers)).size(), 3U);
    // a part that has no JS value
    EXPECT_FALSE(join.try_call(1, spread(std::vector<Value>{Value(ctx, 1), Value()})));
    EXPECT_EQ(join.try_call(spread(std::vector<int>(70000))).error().message(),
              "too many arguments");
  });
  const Function kept = eval<Function>("(...a) => a.length");
  EXPECT_EQ(kept.call<int>(spread(std::vector<int>{1, 2})), 2);
}

TEST_F(JsTest, RestIsPassedOn) {
  define("log", [](const Function& to, Rest<> rest) { return to.call(rest); });
  expect_eval("log((...a) => a.join(), 1, 'x', true)", "string", "1,x,true");
}

TEST_F(JsTest, CallsWithADynamicList) {
  with([](Ctx ctx) {
    const Function f =
        ctx.eval<Function>("(function (...a) { return [this, ...a].join(); })", {.strict = true});
    const std::vector<Value> arguments{Value(ctx, 1), Value(ctx, "x")};
    EXPECT_EQ(f.call_with<std::string>(Value(ctx, 0), arguments), "0,1,x");
    EXPECT_EQ(f.call_with(ctx.eval("undefined"), {}).as<std::string>(), "");
    EXPECT_EQ(f.try_call_with<std::string>(Value(ctx, 0), {Value(ctx, 2)}).value(), "0,2");
    EXPECT_EQ(f.try_call_with<int>(Value(ctx, 0), {}).error().kind(), ErrorKind::conversion);
    EXPECT_FALSE(f.try_call_with(Value(), arguments));
    EXPECT_FALSE(f.try_call_with(Value(ctx, 0), {Value()}));
    EXPECT_THROW(Function().call_with(Value(ctx, 0), {}), RuntimeGone);
    EXPECT_EQ(ctx.eval<Function>("() => { throw new RangeError('no') }")
                  .try_call_with(Value(ctx, 0), {})
                  .error()
                  .message(),
              "no");
    EXPECT_FALSE(f.try_call_with(Value(ctx, 0), std::vector<Value>(70000, Value(ctx, 1))));
  });
}

TEST_F(JsTest, AListThatChangesDuringTheCall) {
  with([](Ctx ctx) {
    std::vector<Value> arguments{ctx.eval("({n: 1})"), ctx.eval("({n: 2})")};
    const Function clear(ctx, "clear", [&](const Object& a, const Object& b) {
      arguments.clear();
      return a.get<int>("n") + b.get<int>("n");
    });
    EXPECT_EQ(clear.call_with<int>(Value(ctx, 0), arguments), 3);
  });
}

TEST_F(JsTest, DeferredCallsAreJobs) {
  with([](Ctx ctx) {
    ctx.eval(
        "globalThis.log = []; globalThis.note = function (...a) { log.push(`${this}:${a}`); }");
    const Function note = ctx.eval<Function>("note");
    note.defer(1, "x");
    note.defer(This(Value(ctx, "self")), spread(std::vector<int>{2, 3}));
    EXPECT_EQ(ctx.eval<std::string>("log.join()"), "");
    EXPECT_FALSE(note.try_defer(1, Value()));
    EXPECT_FALSE(note.try_defer(This(Value()), 1));
    EXPECT_THROW(Function().defer(), RuntimeGone);
    ctx.eval("Promise.resolve().then(() => log.push('promise'))");
  });
  EXPECT_TRUE(runtime.is_job_pending());
  runtime.run();
  expect_eval("log.length + log[1] + log[2]", "string", "3self:2,3promise");
}

TEST_F(JsTest, WhatADeferredCallThrows) {
  const NoneLeft none_left;
  with([](Ctx ctx) {
    ctx.eval<Function>("() => { throw new RangeError('later') }").defer();
    Function(ctx, "f", [counted = Counted()] { throw std::invalid_argument("native"); }).defer();
    ctx.eval<Function>("() => { globalThis.ran = true }").defer();
  });
  EXPECT_EQ(show(runtime.try_run()).text, "RangeError: later");
  EXPECT_THROW(runtime.run(), std::invalid_argument);
  runtime.run();
  expect_eval("ran", "boolean", "true");
  EXPECT_EQ(Counted::live(), 0);
}

TEST(FunctionJobs, DieWithTheRuntime) {
  const NoneLeft none_left;
  Function function;
  {
    Runtime runtime;
    Context context(runtime);
    context.with([&](Ctx ctx) {
      function = Function(ctx, "f", [counted = Counted()](int) {});
      function.defer(1);
      function.defer(2);
    });
  }
  EXPECT_FALSE(function.try_defer(1));
  EXPECT_FALSE(function.try_bind(1));
  EXPECT_FALSE(function.try_call_with(Value(), {}));
  EXPECT_FALSE(function.try_set_name("x"));
  EXPECT_FALSE(function.is_constructor());
}

TEST_F(JsTest, BoundThis) {
  with([](Ctx ctx) {
    const Function f =
        ctx.eval<Function>("(function f(a, b, c) { return [this.n, a, b, c].join(); })");
    const Object self = ctx.eval<Object>("({n: 1})");
    const Function bound = f.bind(self, 2, "x");
    EXPECT_EQ(bound.call<std::string>(3), "1,2,x,3");
    EXPECT_EQ(bound.call<std::string>(This(ctx.eval("({n: 9})")), 3), "1,2,x,3");
    EXPECT_EQ(bound.name(), "bound f");
    EXPECT_EQ(bound.length(), 1);
    EXPECT_EQ(f.bind(self, spread(std::vector<int>{4, 5, 6})).call<std::string>(), "1,4,5,6");
    const Function native(ctx, "add", [](int a, int b) { return a + b; });
    EXPECT_EQ(native.bind(Undefined(), 40).call<int>(2), 42);
    EXPECT_FALSE(f.try_bind(Value()));
    // a script that changes Function.prototype changes nothing
    ctx.eval("Function.prototype.bind = () => 5");
    EXPECT_EQ(f.bind(self).call<std::string>(1), "1,1,,");
  });
}

TEST_F(JsTest, NameAndLengthCanBeSet) {
  with([](Ctx ctx) {
    for (const Function& f : {Function(ctx, "f", [](int) {}), ctx.eval<Function>("(a) => a"),
                              ctx.eval<Function>("(class A { constructor(a) {} })")}) {
      f.set_name("näme");
      f.set_length(7);
      EXPECT_EQ(f.name(), "näme");
      EXPECT_EQ(f.length(), 7);
      ctx.globals().set("f", f);
      expect_eval(ctx, "JSON.stringify(Object.getOwnPropertyDescriptor(f, 'name'))", "string",
                  R"({"value":"näme","writable":false,"enumerable":false,"configurable":true})");
    }
    const Function f(ctx, "f", [] {});
    EXPECT_EQ(f.try_set_length(-1).error().name(), "RangeError");
    f.freeze();
    EXPECT_EQ(f.try_set_name("g").error().name(), "TypeError");
    EXPECT_EQ(f.name(), "f");
  });
}

TEST_F(JsTest, PlainFunctionsAreNoConstructors) {
  define("stateless", [](int n) { return n; });
  define("stateful", [n = 1] { return n; });
  define("named", fn([](int n) { return n; }, arg("n") = 1));
  define("set", overload([](int) {}, [](bool) {}));
  define("once", once([] {}));
  for (const std::string name : {"stateless", "stateful", "named", "set", "once"}) {
    expect_eval("try { new " + name + "(1) } catch (e) { e.name }", "string", "TypeError");
    expect_eval(name + " instanceof Function && typeof " + name + " === 'function'", "boolean",
                "true");
    expect_eval("'prototype' in " + name, "boolean", "false");
    expect_eval(name + ".name", "string", name);
  }
}

}  // namespace
}  // namespace quip::test
