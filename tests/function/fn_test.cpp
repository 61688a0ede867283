// quip::fn: names, defaults, what errors and descriptions make of them.
#include "support/counted.hpp"
#include "support/js.hpp"

namespace quip::test {
namespace {

const std::string an_int = "expected an integer from -2147483648 to 2147483647, got ";

std::string greet(std::string_view name, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += "hello " + std::string(name) + "! ";
  return text;
}

TEST_F(JsTest, DefaultsStandInForAbsentAndUndefined) {
  define("greet", fn(&greet, arg("name") = "you", arg("times") = 1));
  expect_eval("greet()", "string", "hello you! ");
  expect_eval("greet('Ada')", "string", "hello Ada! ");
  expect_eval("greet('Ada', 2)", "string", "hello Ada! hello Ada! ");
  expect_eval("greet(undefined, 2)", "string", "hello you! hello you! ");
  expect_eval("greet('Ada', undefined, 5)", "string", "hello Ada! ");
  expect_eval("greet(null)", "throws",
              "TypeError: Failed to execute 'greet': parameter 1 ('name'): expected string, got "
              "null");
  expect_eval(
      "greet('Ada', 'x')", "throws",
      "TypeError: Failed to execute 'greet': parameter 2 ('times'): " + an_int + "\"x\" (string)");
  expect_eval("greet.name + greet.length", "string", "greet0");
}

TEST_F(JsTest, RequiredParametersStayRequired) {
  define("f", fn([](int a, int b, int c) { return a * 100 + b * 10 + c; }, arg("a"), arg("b") = 5,
                 arg("c")));
  expect_eval("f(1, undefined, 2)", "number", "152");
  expect_eval("f(1, 2)", "throws",
              "TypeError: Failed to execute 'f': 3 arguments required, but only 2 present");
  expect_eval("f.length", "number", "1");
  define("g", fn([](int a, int b) { return a + b; }, arg("a"), arg("b") = 5));
  expect_eval("g()", "throws",
              "TypeError: Failed to execute 'g': 1 argument required, but only 0 present");
  expect_eval("g(1) + g(1, 1)", "number", "8");
}

struct Point {
  double x = 0;
  double y = 0;
};

TEST_F(JsTest, DefaultsOfEveryKindOfParameter) {
  const NoneLeft none_left;
  define("f",
         fn(
             [](const std::string& a, std::string b, std::string_view c, const Point& d,
                std::optional<int> e, const std::vector<int>& f, Value g, Ctx, This<> self) {
               return a + b + std::string(c) + std::to_string(static_cast<int>(d.x + d.y)) +
                      std::to_string(e.value_or(-1)) + std::to_string(f.size()) +
                      std::string(to_string(g.type())) + std::string(to_string(self.value.type()));
             },
             arg("a") = "A", arg("b") = std::string("B"), arg("c") = "C", arg("d") = Point{1, 2},
             arg("e") = 7, arg("f") = std::vector<int>{1, 2}, arg("g") = Value()));
  expect_eval("f('x', 'y', 'z', {x: 4, y: 4}, null, [], 1n)", "string", "xyz8-10bigintundefined");
  expect_eval("f.call({}, 'x')", "string", "xBC372undefinedobject");
  expect_eval("f() + f()", "string", "ABC372undefinedundefinedABC372undefinedundefined");
  // a default is not used up
  define("take", fn([](std::string text) { return std::move(text) + "!"; },
                    arg("text") = "a long text that is not kept inside of the string itself"));
  expect_eval("take() === take()", "boolean", "true");
  define("held", fn([counted = Counted()](int n) { return n; }, arg("n") = 3));
  expect_eval("held()", "number", "3");
  EXPECT_EQ(Counted::live(), 1);
  eval("held = null");
}

TEST_F(JsTest, NamesWithoutDefaults) {
  define("area", fn([](double width, double height) { return width * height; }, arg("width"),
                    arg("height"), doc("The area of a rectangle.")));
  expect_eval("area(2, 3)", "number", "6");
  expect_eval("area.length", "number", "2");
  expect_eval("area(2, 'x')", "throws",
              "TypeError: Failed to execute 'area': parameter 2 ('height'): expected number, got "
              "\"x\" (string)");
  // the same function under the same name, its parameters called otherwise
  define("other", [](double, double) { return 0; });
  eval("globalThis.first = area");
  define("area", fn([](double a, double b) { return a * b; }, arg("a"), arg("b")));
  expect_eval("area(2)", "throws",
              "TypeError: Failed to execute 'area': 2 arguments required, but only 1 present");
  expect_eval("area('x', 2)", "throws",
              "TypeError: Failed to execute 'area': parameter 1 ('a'): expected number, got \"x\" "
              "(string)");
  expect_eval("first('x', 2)", "throws",
              "TypeError: Failed to execute 'area': parameter 1 ('width'): expected number, got "
              "\"x\" (string)");
}

TEST_F(JsTest, ANameOfItsOwn) {
  define("key", fn("own", &greet));
  expect_eval("key.name", "string", "own");
  expect_eval("key()", "throws",
              "TypeError: Failed to execute 'own': 2 arguments required, but only 0 present");
  with([](Ctx ctx) {
    EXPECT_EQ(Value(ctx, fn("own", &greet)).as<Function>().name(), "own");
    EXPECT_EQ(Value(ctx, fn(&greet)).as<Function>().name(), "");
    EXPECT_EQ(Function(ctx, "given", fn("own", &greet)).name(), "given");
    const Function with_extras(ctx, "greet", &greet, arg("name"), arg("times") = 2, doc("Greets."));
    EXPECT_EQ(with_extras.call<std::string>("A"), "hello A! hello A! ");
    EXPECT_EQ(with_extras.length(), 1);
    const auto again = fn("greet", &greet, arg("name"), arg("times") = 1);
    ctx.globals().set("a", again);
    ctx.globals().set("b", again);
    expect_eval(ctx, "a('x') + b('y')", "string", "hello x! hello y! ");
  });
}

TEST_F(JsTest, FunctionsWithoutANameSayTheRestAlone) {
  with([](Ctx ctx) {
    ctx.globals().set("list",
                      std::vector<Value>{Value(ctx, [](int n) { return n; }),
                                         Value(ctx, fn([](int n) { return n; }, arg("n")))});
    expect_eval(ctx, "list[0]()", "throws", "TypeError: 1 argument required, but only 0 present");
    expect_eval(ctx, "list[0]('x')", "throws",
                "TypeError: parameter 1: " + an_int + "\"x\" (string)");
    expect_eval(ctx, "list[1]('x')", "throws",
                "TypeError: parameter 1 ('n'): " + an_int + "\"x\" (string)");
  });
}

TEST_F(JsTest, EmptyFunctionsAreRefusedInsideToo) {
  with([](Ctx ctx) {
    EXPECT_EQ(show(ctx.globals().try_set("f", fn(std::function<int(int)>(), arg("n") = 1))).text,
              "TypeError: an empty function cannot be bound");
    EXPECT_EQ(
        show(ctx.globals().try_set("f", fn(static_cast<int (*)(int)>(nullptr), arg("n")))).text,
        "TypeError: an empty function cannot be bound");
  });
}

TEST_F(JsTest, NamesOfManyFunctions) {
  // as many as there are numbers, and more: later ones are nameless in errors, and work
  with([](Ctx ctx) {
    const Object all(ctx);
    const int count = is_gc_stress() ? 100 : 33000;  // there, so many would take minutes
    for (int i = 0; i < count; ++i) {
      all.set("f" + std::to_string(i), [](int n) { return n; });
    }
    all.set("last", all.get<Value>("f" + std::to_string(count - 1)));
    ctx.globals().set("all", all);
    expect_eval(ctx, "all.f5()", "throws",
                "TypeError: Failed to execute 'f5': 1 argument required, but only 0 present");
    expect_eval(ctx, "all.last()", "throws",
                is_gc_stress()
                    ? "TypeError: Failed to execute 'f99': 1 argument required, but only 0 present"
                    : "TypeError: 1 argument required, but only 0 present");
    expect_eval(ctx, "all.last(3)", "number", "3");
    // one that is known keeps its name
    ctx.globals().set("f7", [](int n) { return n; });
    expect_eval(ctx, "f7()", "throws",
                "TypeError: Failed to execute 'f7': 1 argument required, but only 0 present");
  });
}

TEST_F(JsTest, TheCollectorSeesThroughWrappers) {
  const NoneLeft none_left;
  const auto in_a_ring = [](Ctx ctx, const auto& wrap) {
    const Object object(ctx);
    object.set("f", wrap(traced([counted = Counted()](const Value& self, int) { return self; },
                                Value(object))));
  };
  with([&](Ctx ctx) {
    in_a_ring(ctx, [](auto f) { return fn(std::move(f), arg("n") = 1); });
    in_a_ring(ctx, [](auto f) { return fn("own", std::move(f), arg("n")); });
    in_a_ring(ctx, [](auto f) { return once(std::move(f)); });
    in_a_ring(ctx, [](auto f) { return guarded(std::move(f)); });
    in_a_ring(ctx, [](auto f) { return overload(std::move(f), [] {}); });
    in_a_ring(ctx, [](auto f) { return constructor(std::move(f)); });
    // a default may be part of it
    const Object object(ctx);
    object.set("f",
               fn([counted = Counted()](const Value& v) { return v; }, arg("v") = Value(object)));
  });
  if (!is_gc_stress()) {  // there the first ones are collected while the last are made
    EXPECT_EQ(Counted::live(), 7);
  }
  runtime.run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST(FnDescription, TellsWhatWasSaid) {
  const auto described =
      fn("greet", &greet, arg("name") = "a \"b\"\n", arg("times") = 1, doc("Greets somebody."));
  const FunctionInfo info = described.info();
  EXPECT_EQ(info.name, "greet");
  EXPECT_EQ(info.doc, "Greets somebody.");
  ASSERT_EQ(info.signatures.size(), 1U);
  ASSERT_EQ(info.signatures[0].parameters.size(), 2U);
  EXPECT_EQ(info.signatures[0].parameters[0].name, "name");
  EXPECT_EQ(info.signatures[0].parameters[0].default_value, R"("a \"b\"\n")");
  EXPECT_EQ(info.signatures[0].parameters[1].default_value, "1");
  EXPECT_TRUE(info.signatures[0].parameters[1].optional);
  EXPECT_EQ(to_string(info), R"(greet(name: string = "a \"b\"\n", times: number = 1): string)");
  const auto values = fn([](bool, double, std::optional<int>) {}, arg("a") = false, arg("b") = 0.5,
                         arg("c") = std::nullopt)
                          .info()
                          .signatures[0]
                          .parameters;
  EXPECT_EQ(values[0].default_value, "false");
  EXPECT_EQ(values[1].default_value, "0.5");
  EXPECT_EQ(values[2].default_value, "undefined");
}

}  // namespace
}  // namespace quip::test
