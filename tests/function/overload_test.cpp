// quip::overload: which function of a set a call goes to, and what is said when it is none.
#include "support/counted.hpp"
#include "support/js.hpp"

namespace quip::test {
namespace {

enum class Color { red, green };
struct Point {
  double x = 0;
  double y = 0;
};

TEST_F(JsTest, OverloadsByArity) {
  define("f",
         overload([] { return "none"; }, [](int) { return "one"; }, [](int, int) { return "two"; },
                  [](int, int, int, Rest<int>) { return "many"; }));
  expect_eval("f()", "string", "none");
  expect_eval("f(1)", "string", "one");
  expect_eval("f(1, 2)", "string", "two");
  expect_eval("f(1, 2, 3)", "string", "many");
  expect_eval("f(1, 2, 3, 4, 5)", "string", "many");
  expect_eval("f.name + f.length", "string", "f0");
}

TEST_F(JsTest, OverloadsByType) {
  define("f",
         overload([](bool) { return "bool"; }, [](int) { return "int"; },
                  [](double) { return "double"; }, [](std::string_view) { return "string"; },
                  [](const std::vector<int>&) { return "vector"; },
                  [](const Function&) { return "function"; }, [](const Point&) { return "Point"; },
                  [](const std::map<int, int>&) { return "map"; },
                  [](const Date&) { return "Date"; }, [](const BigInt&) { return "BigInt"; },
                  [](const Symbol&) { return "Symbol"; }, [](Null) { return "null"; },
                  [](const TypedArray<std::uint8_t>&) { return "Uint8Array"; }));
  for (const auto& [argument, chosen] : std::vector<std::pair<const char*, const char*>>{
           {"true", "bool"},
           {"1", "int"},
           {"-0", "int"},
           {"1.5", "double"},
           {"2 ** 31", "double"},
           {"-(2 ** 31)", "int"},
           {"NaN", "double"},
           {"Infinity", "double"},
           {"1.5 + 1.5", "int"},
           {"'x'", "string"},
           {"'a' + 1", "string"},
           {"[1]", "vector"},
           {"() => 1", "function"},
           {"class {}", "function"},
           {"({x: 1, y: 2})", "Point"},
           {"new Map([[1, 2]])", "map"},
           {"new Date(0)", "Date"},
           {"5n", "BigInt"},
           {"Symbol()", "Symbol"},
           {"null", "null"},
           {"new Uint8Array(2)", "Uint8Array"},
           {"new Set([1])", "vector"},
           {"(function* () { yield 1 })()", "vector"},
       }) {
    expect_eval("f(" + std::string(argument) + ")", "string", chosen);
  }
}

TEST_F(JsTest, ExactIsBeforeWideningIsBeforeOrder) {
  define("f", overload([](double) { return "double"; }, [](int) { return "int"; }));
  expect_eval("f(1) + f(1.5) + f(2 ** 40)", "string", "intdoubledouble");
  // the fewest arguments by widening
  define("g", overload([](double, double) { return "dd"; }, [](int, double) { return "id"; },
                       [](double, int) { return "di"; }));
  expect_eval("g(1, 2)", "string", "id");
  expect_eval("g(1.5, 2)", "string", "di");
  expect_eval("g(1, 2.5)", "string", "id");
  expect_eval("g(1.5, 2.5)", "string", "dd");
  // equals: the first
  define("h", overload([](const Value&) { return "value"; }, [](const Object&) { return "object"; },
                       [](const Array&) { return "array"; }, [](Color) { return "color"; },
                       [](const std::string&) { return "string"; }));
  expect_eval("h([])", "string", "array");
  expect_eval("h({})", "string", "object");
  expect_eval("h(new Date(0))", "string", "value");
  expect_eval("h('red')", "string", "color");
  expect_eval("h('blue')", "string", "string");
  expect_eval("h(5)", "string", "value");
}

TEST_F(JsTest, OverloadsWithOptionalsAndOptions) {
  define("f", overload([](int, std::optional<std::string>) { return "a"; },
                       [](const std::string&, Flat<Point> options) {
                         return "b" + std::to_string(static_cast<int>(options->x));
                       },
                       [](Opt<bool>) { return "c"; },
                       [](std::variant<Null, std::vector<int>>) { return "d"; }));
  expect_eval("f(1)", "string", "a");
  expect_eval("f(1, 'x')", "string", "a");
  expect_eval("f(1, null)", "string", "a");
  expect_eval("f('x')", "string", "b0");
  expect_eval("f('x', {x: 3})", "string", "b3");
  expect_eval("f('x', undefined)", "string", "b0");
  expect_eval("f()", "string", "c");
  expect_eval("f(undefined)", "string", "c");
  expect_eval("f(false)", "string", "c");
  expect_eval("f(null)", "string", "d");
  expect_eval("f([1])", "string", "d");
}

TEST_F(JsTest, OverloadsWithThisCtxAndState) {
  const NoneLeft none_left;
  define("f",
         overload([](This<Object> self, int n) { return self.value.get<int>("n") + n; },
                  [p = std::make_unique<int>(9), counted = Counted()](
                      Ctx ctx, const std::string& script) { return ctx.eval<int>(script) + *p; }));
  expect_eval("({n: 5, f}).f(1)", "number", "6");
  expect_eval("f('2')", "number", "11");
  expect_eval("f.call(3, 1)", "throws",
              "TypeError: Failed to execute 'f': 'this': expected object, got 3 (number)");
  eval("f = null");
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(JsTest, OverloadsMadeByFn) {
  define("f", overload(fn([](int from, int to) { return to - from; }, arg("from"), arg("to") = 10),
                       fn([](const std::string& text) { return static_cast<int>(text.size()); },
                          arg("text"))));
  expect_eval("f(3)", "number", "7");
  expect_eval("f(3, undefined)", "number", "7");
  expect_eval("f(3, 4)", "number", "1");
  expect_eval("f('four')", "number", "4");
  expect_eval("f({})", "throws",
              "TypeError: Failed to execute 'f': no overload matches (object)\n"
              "  1. f(from: number, to?: number): parameter 1 ('from') is not an integer from "
              "-2147483648 to 2147483647\n"
              "  2. f(text: string): parameter 1 ('text') is not a string");
}

TEST_F(JsTest, NoOverloadSaysOfEachWhy) {
  define("parse", overload([](std::string_view) { return 1; }, [](double, double) { return 2; },
                           [](const std::vector<int>&, bool, bool) { return 3; },
                           [](const Function&) { return 4; }, [](Color) { return 5; },
                           [](TypedArray<std::uint8_t>) { return 6; }));
  expect_eval("parse(true)", "throws",
              "TypeError: Failed to execute 'parse': no overload matches (boolean)\n"
              "  1. parse(string): parameter 1 is not a string\n"
              "  2. parse(number, number): 2 arguments required\n"
              "  3. parse(number[], boolean, boolean): 3 arguments required\n"
              "  4. parse(Function): parameter 1 is not a function\n"
              "  5. parse(\"red\" | \"green\"): parameter 1 is not of type '\"red\" | \"green\"'\n"
              "  6. parse(Uint8Array): parameter 1 is not of type 'Uint8Array'");
  expect_eval("try { parse() } catch (e) { e.message.split('\\n')[0] }", "string",
              "Failed to execute 'parse': no overload matches ()");
  expect_eval("try { parse([], 1, 2) } catch (e) { e.message.split('\\n')[3] }", "string",
              "  3. parse(number[], boolean, boolean): parameter 2 is not a boolean");
  expect_eval("try { parse([], 1, 2) } catch (e) { e.message.split('\\n')[1] }", "string",
              "  1. parse(string): at most 1 argument allowed");
  with([](Ctx ctx) {
    ctx.globals().set("list", std::vector<Value>{Value(ctx, overload([](int) {}, [](bool) {}))});
    expect_eval(ctx, "list[0]('x')", "throws",
                "TypeError: no overload matches (string)\n"
                "  1. function(number): parameter 1 is not an integer from -2147483648 to "
                "2147483647\n"
                "  2. function(boolean): parameter 1 is not a boolean");
  });
}

TEST_F(JsTest, MoreArgumentsThanAnyTakesAreIgnored) {
  define("f", overload([](int) { return 1; }, [](int, int) { return 2; }));
  expect_eval("f(1, 2, 3)", "number", "2");
  expect_eval("f(1, 'x', 3)", "throws",
              "TypeError: Failed to execute 'f': no overload matches (number, string)\n"
              "  1. f(number): at most 1 argument allowed\n"
              "  2. f(number, number): parameter 2 is not an integer from -2147483648 to "
              "2147483647");
  define("g", overload([](int, Exhaustive) { return 1; }, [](const std::string&) { return 2; }));
  expect_eval("g('x', 2)", "number", "2");
  expect_eval("g(1, 2)", "throws",
              "TypeError: Failed to execute 'g': at most 1 argument allowed, got 2");
}

TEST_F(JsTest, AFunctionThatRanIsNotTriedAgain) {
  int calls = 0;
  define("f",
         overload(
             [&calls](int) -> int {
               ++calls;
               throw std::invalid_argument("no");
             },
             [&calls](double) { return ++calls; }, [&calls](const Value&) { return ++calls; }));
  expect_eval("f(1)", "throws", "TypeError: no");
  EXPECT_EQ(calls, 1);
  // nor one whose arguments turn out not to convert
  define("g", overload([](const std::vector<int>&) { return "vector"; },
                       [](const Value&) { return "value"; }));
  expect_eval("g(['x'])", "throws",
              "TypeError: Failed to execute 'g': parameter 1[0]: expected an integer from "
              "-2147483648 to 2147483647, got \"x\" (string)");
}

TEST_F(JsTest, ToChooseRunsNoScript) {
  eval(R"(
    globalThis.log = '';
    globalThis.watched = target => new Proxy(target, new Proxy({}, {get(_, name) {
      log += name + ' ';
      return undefined;
    }}));
    globalThis.trapped = {get x() { log += 'x '; return 1; }, get y() { log += 'y '; return 2; },
                          get [Symbol.iterator]() { log += 'iterator '; return undefined; },
                          [Symbol.toPrimitive]() { log += 'primitive '; return 1; },
                          get length() { log += 'length '; return 1; }};
  )");
  define("f", overload([](int) { return "int"; }, [](const std::string&) { return "string"; },
                       [](const std::vector<int>&, int) { return "vector"; },
                       [](std::tuple<int, int>, int) { return "tuple"; },
                       [](const std::map<std::string, int>&, bool) { return "map"; },
                       [](const Value&) { return "value"; }));
  expect_eval("f(trapped)", "string", "value");
  expect_eval("f(watched({})) + f(watched([])) + f(watched(() => 1))", "string", "valuevaluevalue");
  expect_eval("log", "string", "");
  expect_eval("try { f(watched([]), 1) } catch (e) { e.name }", "string", "TypeError");
  expect_eval("log", "string", "");
  // a revoked one as well
  expect_eval("const r = Proxy.revocable([], {}); r.revoke(); f(r.proxy)", "string", "value");
}

TEST_F(JsTest, OverloadsOfEnumsIntegersAndTuples) {
  define("f",
         overload([](std::uint8_t) { return "u8"; }, [](std::int64_t) { return "i64"; },
                  [](std::uint64_t) { return "u64"; }, [](std::pair<int, int>) { return "pair"; },
                  [](std::tuple<int, int, int>) { return "triple"; },
                  [](std::monostate) { return "nothing"; },
                  [](const std::vector<std::byte>&) { return "bytes"; },
                  [](const std::map<std::string, int>&) { return "record"; },
                  [](const std::function<int()>&) { return "callback"; }));
  expect_eval("f(255) + f(256) + f(-1)", "string", "u8i64i64");
  expect_eval("f(2n ** 62n) + f(2n ** 63n)", "string", "i64u64");
  expect_eval("f([1, 2]) + f([1, 2, 3])", "string", "pairtriple");
  expect_eval("f(undefined)", "string", "nothing");
  expect_eval("f(new ArrayBuffer(2)) + f({a: 1}) + f(() => 1)", "string", "bytesrecordcallback");
  expect_eval("try { f(2n ** 64n) } catch (e) { e.message.split('\\n')[0] }", "string",
              "Failed to execute 'f': no overload matches (bigint)");
  expect_eval("try { f([1]) } catch (e) { e.message.split('\\n')[4] }", "string",
              "  4. f([number, number]): parameter 1 is not of type '[number, number]'");
}

struct Meters {
  double value = 0;
};
struct Feet {
  double value = 0;
};

}  // namespace
}  // namespace quip::test

template <>
struct quip::Convert<quip::test::Meters> {
  static Result<test::Meters> from_js(const Value& value) {
    return test::Meters{value.as<Object>().get<double>("m")};
  }
};
template <>
struct quip::Convert<quip::test::Feet> {
  static Result<test::Feet> from_js(const Value& value) {
    return test::Feet{value.as<Object>().get<double>("ft")};
  }
};
template <>
struct quip::Fit<quip::test::Feet> {
  static FitRank of(ValueRef value) noexcept {
    return engine::is_object(value.raw()) ? FitRank::exact : FitRank::none;
  }
};

namespace quip::test {
namespace {

TEST_F(JsTest, TypesWithAConversionOfTheirOwn) {
  define("f", overload([](Meters m) { return m.value; },
                       [](const std::string& text) { return static_cast<double>(text.size()); }));
  expect_eval("f({m: 2})", "number", "2");
  expect_eval("f('four')", "number", "4");
  // one that says how it fits is before one that may be anything
  define("g", overload([](Meters) { return "meters"; }, [](Feet) { return "feet"; }));
  expect_eval("g({ft: 1})", "string", "feet");
  expect_eval("g(1)", "throws", "TypeError: expected object, got 1 (number)");
}

TEST(OverloadDescription, TellsOfEach) {
  const auto set = overload(fn([](int) {}, arg("n"), doc("By number.")),
                            [](const std::string&) { return true; });
  const FunctionInfo info = set.info();
  ASSERT_EQ(info.signatures.size(), 2U);
  EXPECT_EQ(info.doc, "By number.");
  EXPECT_EQ(info.signatures[0].parameters[0].name, "n");
  EXPECT_EQ(to_string(info.signatures[1]), "(arg1: string): boolean");
}

}  // namespace
}  // namespace quip::test
