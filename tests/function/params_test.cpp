// Parameters: how many, which, in what order.
#include "support/js.hpp"

namespace quip::test {
namespace {

const std::string an_int = "expected an integer from -2147483648 to 2147483647, got ";

TEST_F(JsTest, TooFewArgumentsAreErrorsAndMoreAreIgnored) {
  define("none", [] { return 0; });
  define("one", [](int a) { return a; });
  define("two", [](int a, int b) { return a + b; });
  define("held", [n = 1](int a, int b) { return a + b + n; });
  expect_eval("none()", "number", "0");
  expect_eval("none(1, 2, 'x')", "number", "0");
  expect_eval("one()", "throws",
              "TypeError: Failed to execute 'one': 1 argument required, but only 0 present");
  expect_eval("one(1, 2)", "number", "1");
  expect_eval("two()", "throws",
              "TypeError: Failed to execute 'two': 2 arguments required, but only 0 present");
  expect_eval("two(1)", "throws",
              "TypeError: Failed to execute 'two': 2 arguments required, but only 1 present");
  expect_eval("two(1, 2)", "number", "3");
  expect_eval("two(1, 2, {})", "number", "3");
  expect_eval("two(...[1, 2])", "number", "3");
  expect_eval("two(1, undefined)", "throws",
              "TypeError: Failed to execute 'two': parameter 2: " + an_int + "undefined");
  expect_eval("held(1)", "throws",
              "TypeError: Failed to execute 'held': 2 arguments required, but only 1 present");
  expect_eval("held(1, 2, 3)", "number", "4");
  expect_eval("two.call()", "throws",
              "TypeError: Failed to execute 'two': 2 arguments required, but only 0 present");
}

TEST_F(JsTest, ArgumentsAreNotCoerced) {
  define("i", [](int n) { return n; });
  define("u", [](std::uint8_t n) { return n; });
  define("d", [](double n) { return n; });
  define("b", [](bool n) { return n; });
  define("s", [](const std::string& n) { return n; });
  for (const auto& [script, type, text] :
       std::vector<std::tuple<const char*, const char*, std::string>>{
           {"i(5)", "number", "5"},
           {"i(5.0)", "number", "5"},
           {"i(-0)", "number", "0"},
           {"i(2 ** 31 - 1)", "number", "2147483647"},
           {"i('5')", "throws",
            "TypeError: Failed to execute 'i': parameter 1: " + an_int + "\"5\" (string)"},
           {"i(null)", "throws",
            "TypeError: Failed to execute 'i': parameter 1: " + an_int + "null"},
           {"i(true)", "throws",
            "TypeError: Failed to execute 'i': parameter 1: " + an_int + "true (boolean)"},
           {"i([1])", "throws",
            "TypeError: Failed to execute 'i': parameter 1: " + an_int + "array"},
           {"i({valueOf() { return 1; }})", "throws",
            "TypeError: Failed to execute 'i': parameter 1: " + an_int + "object"},
           {"i(2 ** 31)", "throws",
            "RangeError: Failed to execute 'i': parameter 1: " + an_int + "2147483648 (number)"},
           {"i(1.5)", "throws",
            "RangeError: Failed to execute 'i': parameter 1: " + an_int + "1.5 (number)"},
           {"i(NaN)", "throws",
            "RangeError: Failed to execute 'i': parameter 1: " + an_int + "NaN (number)"},
           {"u(255)", "number", "255"},
           {"u(256)", "throws",
            "RangeError: Failed to execute 'u': parameter 1: expected an integer from 0 to 255, "
            "got 256 (number)"},
           {"u(-1)", "throws",
            "RangeError: Failed to execute 'u': parameter 1: expected an integer from 0 to 255, "
            "got -1 (number)"},
           {"d(1.5)", "number", "1.5"},
           {"d(NaN)", "number", "NaN"},
           {"d('1.5')", "throws",
            "TypeError: Failed to execute 'd': parameter 1: expected number, got \"1.5\" (string)"},
           {"b(true)", "boolean", "true"},
           {"b(1)", "throws",
            "TypeError: Failed to execute 'b': parameter 1: expected boolean, got 1 (number)"},
           {"s('é')", "string", "é"},
           {"s(5)", "throws",
            "TypeError: Failed to execute 's': parameter 1: expected string, got 5 (number)"},
           {"s(null)", "throws",
            "TypeError: Failed to execute 's': parameter 1: expected string, got null"},
           {"s(new String('x'))", "throws",
            "TypeError: Failed to execute 's': parameter 1: expected string, got object"},
       }) {
    expect_eval(script, type, text);
  }
}

TEST_F(JsTest, OptionalParameters) {
  define("f", [](std::optional<int> a, std::optional<std::string> b) {
    return (a ? std::to_string(*a) : "-") + b.value_or("-");
  });
  expect_eval("f()", "string", "--");
  expect_eval("f(1)", "string", "1-");
  expect_eval("f(undefined, 'x')", "string", "-x");
  expect_eval("f(null, null)", "string", "--");
  expect_eval("f(1, 'x', 2)", "string", "1x");
  expect_eval("f('x')", "throws",
              "TypeError: Failed to execute 'f': parameter 1: " + an_int + "\"x\" (string)");
  expect_eval("f(1, 2)", "throws",
              "TypeError: Failed to execute 'f': parameter 2: expected string, got 2 (number)");
  define("between", [](int a, std::optional<int> b, int c) { return a + b.value_or(10) + c; });
  expect_eval("between(1, undefined, 2)", "number", "13");
  expect_eval("between(1, 2)", "throws",
              "TypeError: Failed to execute 'between': 3 arguments required, but only 2 present");
  define("by_reference", [](const std::optional<int>& a) { return a.has_value(); });
  expect_eval("by_reference()", "boolean", "false");
  expect_eval("by_reference(0)", "boolean", "true");
}

TEST_F(JsTest, RestParameters) {
  define("f", [](const std::string& first, Rest<int> rest) {
    std::string text = first;
    for (const int n : rest) text += ":" + std::to_string(n);
    return text + "/" + std::to_string(rest.size());
  });
  expect_eval("f('a')", "string", "a/0");
  expect_eval("f('a', 1, 2, 3)", "string", "a:1:2:3/3");
  expect_eval("f()", "throws",
              "TypeError: Failed to execute 'f': 1 argument required, but only 0 present");
  expect_eval("f('a', 1, 'x')", "throws",
              "TypeError: Failed to execute 'f': parameter 3: " + an_int + "\"x\" (string)");
  expect_eval("f('a', undefined)", "throws",
              "TypeError: Failed to execute 'f': parameter 2: " + an_int + "undefined");
  expect_eval("f('a', ...new Array(500).fill(1)).endsWith('/500')", "boolean", "true");
  define("any", [](const Rest<>& rest) {
    std::string text;
    for (const Value& value : rest) text += std::string(to_string(value.type())) + " ";
    return text;
  });
  expect_eval("any(1, 'a', null, undefined, {}, [])", "string",
              "number string null undefined object array ");
  define("after", [](std::optional<int> a, Rest<std::optional<int>> rest) {
    return static_cast<int>(rest.size()) * 10 + a.value_or(0);
  });
  expect_eval("after(undefined, undefined, 1)", "number", "20");
}

TEST_F(JsTest, ThisParameters) {
  define("any", [](This<> self) { return std::string(to_string(self.value.type())); });
  expect_eval("any.call(5) + any.call(undefined) + any.call('x') + any.call([])", "string",
              "numberundefinedstringarray");
  define("object", [](const This<Object>& self, int n) { return self.value.get<int>("n") + n; });
  expect_eval("({n: 40, object}).object(2)", "number", "42");
  expect_eval("object.call(5, 2)", "throws",
              "TypeError: Failed to execute 'object': 'this': expected object, got 5 (number)");
  expect_eval("object.call({n: 1})", "throws",
              "TypeError: Failed to execute 'object': 1 argument required, but only 0 present");
  define("typed", [](int a, This<std::string> self, int b) {
    return self.value + std::to_string(a * 10 + b);
  });
  expect_eval("typed.call('s', 1, 2)", "string", "s12");
  expect_eval("typed.length", "number", "2");
}

TEST_F(JsTest, CtxParameters) {
  define("f", [](Ctx ctx, int n) { return ctx.eval<int>("globalThis.offset") + n; });
  define("g", [](int n, const Ctx& ctx) { return ctx.eval<int>("globalThis.offset") * n; });
  eval("globalThis.offset = 100");
  expect_eval("f(1) + g(2)", "number", "301");
  expect_eval("f.length + g.length", "number", "2");
  expect_eval("g()", "throws",
              "TypeError: Failed to execute 'g': 1 argument required, but only 0 present");
}

TEST_F(JsTest, TextParametersLiveForTheCall) {
  define("f", [](std::string_view a, const std::string& b, std::string_view c) {
    return std::string(c) + "|" + b + "|" + std::string(a);
  });
  expect_eval("f('ascii', 'grüße', '世界🎉')", "string", "世界🎉|grüße|ascii");
  expect_eval("f('a'.repeat(10) + 'é'.repeat(3), '', 'b' + 1)", "string", "b1||aaaaaaaaaaééé");
  expect_eval("f('lone \\ud800', 'lone \\udc00', '\\ud83c\\udf89')", "string",
              "🎉|lone \uFFFD|lone \uFFFD");
  expect_eval("f('a\\0b', 'c\\0', '\\0').length", "number", "8");
  expect_eval("f('a', 'b', 5)", "throws",
              "TypeError: Failed to execute 'f': parameter 3: expected string, got 5 (number)");
  // also when the script lets go of them, and the collector runs, during the call
  define("g", [this](std::string_view text, const Function& drop) {
    drop.call();
    runtime.run_gc();
    return std::string(text);
  });
  expect_eval("{ let o = {s: 'é'.repeat(50) + 'x'}; g(o.s, () => { o.s = null; o = null; }) }",
              "string", [] {
                std::string text;
                for (int i = 0; i < 50; ++i) text += "é";
                return text + "x";
              }());
}

TEST_F(JsTest, ArgumentsConvertFromLeftToRight) {
  define("f", [](const std::vector<int>&, const std::vector<int>&, int) {});
  eval(R"(
    globalThis.order = '';
    globalThis.watched = (name, value) =>
      Object.defineProperty([0], 0, {get() { order += name; return value; }});
  )");
  eval("order = ''; f(watched('a', 1), watched('b', 2), 3)");
  expect_eval("order", "string", "ab");
  // the first that does not convert ends it
  expect_eval("order = ''; f(watched('a', 'x'), watched('b', 2), 3)", "throws",
              "TypeError: Failed to execute 'f': parameter 1[0]: " + an_int + "\"x\" (string)");
  expect_eval("order", "string", "a");
  expect_eval("order = ''; f(watched('a', 1), watched('b', 'x'), 'y')", "throws",
              "TypeError: Failed to execute 'f': parameter 2[0]: " + an_int + "\"x\" (string)");
  expect_eval("order", "string", "ab");
  // too few arguments are found before any is looked at
  expect_eval("order = ''; try { f(watched('a', 1)) } catch { order + 'none' }", "string", "none");
}

TEST_F(JsTest, AnArgumentsGetterThatThrows) {
  define("f", [](const std::map<std::string, int>&, int) {});
  expect_eval("f({get a() { throw new RangeError('mine'); }}, 1)", "throws", "RangeError: mine");
  expect_eval("f({get a() { throw 5; }}, 1)", "throws", "5");
}

TEST_F(JsTest, MovedParameters) {
  define("f", [](std::string text, std::vector<std::string> list, Value value, Object object,
                 Function function) {
    list.push_back(std::move(text));
    object.set("list", list);
    object.set("value", std::move(value));
    object.set("function", std::move(function));
    return object;
  });
  expect_eval("JSON.stringify(f('a', ['b'], [1], {}, () => 1))", "string",
              R"({"list":["b","a"],"value":[1]})");
}

TEST_F(JsTest, OptParametersTakeNoNull) {
  define("f", [](Opt<int> a, const Opt<std::string>& b) {
    return (a ? std::to_string(*a) : "-") + b.value_or("-");
  });
  expect_eval("f()", "string", "--");
  expect_eval("f(undefined, undefined)", "string", "--");
  expect_eval("f(1, 'x')", "string", "1x");
  expect_eval("f(undefined, 'x')", "string", "-x");
  expect_eval("f(null)", "throws",
              "TypeError: Failed to execute 'f': parameter 1: " + an_int + "null");
  expect_eval("f(1, null)", "throws",
              "TypeError: Failed to execute 'f': parameter 2: expected string, got null");
  expect_eval("f.length", "number", "0");
  define("g", [](int, Opt<Value> v) { return v ? std::string(to_string(v->type())) : "none"; });
  expect_eval("g(1) + g(1, undefined) + g(1, null)", "string", "nonenonenull");
  expect_eval("g.length", "number", "1");
}

struct Listen {
  std::string host = "localhost";
  int port = 80;
  std::vector<int> retries = {1};
};
struct Closed {
  int a = 1;
};
struct Needed {
  int port;
};

}  // namespace
}  // namespace quip::test

template <>
inline constexpr auto quip::description<quip::test::Closed> = quip::record(quip::deny_unknown);

namespace quip::test {
namespace {

TEST_F(JsTest, FlatParametersAreOptions) {
  define("f", [](const std::string& text, Flat<Listen> options) {
    return text + options->host + std::to_string((*options).port) +
           std::to_string(options.value.retries.size());
  });
  expect_eval("f('a')", "string", "alocalhost801");
  expect_eval("f('a', undefined)", "string", "alocalhost801");
  expect_eval("f('a', {})", "string", "alocalhost801");
  expect_eval("f('a', {host: 'h', retries: [1, 2], unknown: 5})", "string", "ah802");
  expect_eval("f('a', {port: 'x'})", "throws",
              "TypeError: Failed to execute 'f': parameter 2.port: " + an_int + "\"x\" (string)");
  expect_eval(
      "f('a', {retries: [1, 'x']})", "throws",
      "TypeError: Failed to execute 'f': parameter 2.retries[1]: " + an_int + "\"x\" (string)");
  expect_eval("f('a', null)", "throws",
              "TypeError: Failed to execute 'f': parameter 2: expected object, got null");
  expect_eval("f('a', {get host() { throw new RangeError('mine'); }})", "throws",
              "RangeError: mine");
  expect_eval("f.length", "number", "1");
  // what a script does to prototypes is not an option that it gave
  eval("Object.prototype.port = 5");
  expect_eval("f('a')", "string", "alocalhost801");
  eval("delete Object.prototype.port");
  define("g", [](const Flat<Closed>& options) { return options->a; });
  expect_eval("g() + g({a: 4})", "number", "5");
  expect_eval("try { g({b: 1}) } catch (e) { e.name }", "string", "TypeError");
  define("h", [](Flat<Needed> options) { return options->port; });
  expect_eval("h()", "throws",
              "TypeError: Failed to execute 'h': parameter 1.port: missing, expected an integer "
              "from -2147483648 to "
              "2147483647");
  expect_eval("h({port: 6})", "number", "6");
}

TEST_F(JsTest, ExhaustiveRefusesMoreArguments) {
  define("f", [](int a, std::optional<int> b, Exhaustive) { return a + b.value_or(0); });
  expect_eval("f(1) + f(1, 2)", "number", "4");
  expect_eval("f(1, 2, 3)", "throws",
              "TypeError: Failed to execute 'f': at most 2 arguments allowed, got 3");
  expect_eval("f(1, 2, undefined)", "throws",
              "TypeError: Failed to execute 'f': at most 2 arguments allowed, got 3");
  expect_eval("f()", "throws",
              "TypeError: Failed to execute 'f': 1 argument required, but only 0 present");
  define("quick", [](Exhaustive, int a) { return a; });
  expect_eval("quick(1)", "number", "1");
  expect_eval("quick(1, 2)", "throws",
              "TypeError: Failed to execute 'quick': at most 1 argument allowed, got 2");
  define("g", [](This<> self, const Exhaustive&) { return self.value; });
  expect_eval("g.call(5)", "number", "5");
  expect_eval("g.call(5, 6)", "throws",
              "TypeError: Failed to execute 'g': no arguments allowed, got 1");
  define("h", fn([](int a, Exhaustive) { return a; }, arg("a") = 3));
  expect_eval("h() + h(4)", "number", "7");
  expect_eval("h(1, 2)", "throws",
              "TypeError: Failed to execute 'h': at most 1 argument allowed, got 2");
}

TEST_F(JsTest, CallArgsShowTheCall) {
  define("f", [](const CallArgs& call) {
    std::string text = std::to_string(call.size()) + (call.empty() ? "e" : "");
    for (std::size_t i = 0; i <= call.size(); ++i) text += " " + call[i].to_display_string();
    return text + " " + std::string(to_string(call.this_value().type()));
  });
  expect_eval("f()", "string", "0e undefined undefined");
  expect_eval("f(1, 'x', null)", "string", "3 1 x null undefined undefined");
  expect_eval("({f}).f({})", "string", "1 [object Object] undefined object");
  expect_eval("f.length", "number", "0");
  define("sum", [](int first, CallArgs call) {
    int sum = first * 100;
    for (std::size_t i = 1; i < call.size(); ++i) sum += call.get<int>(i);
    return sum;
  });
  expect_eval("sum(1, 2, 3)", "number", "105");
  expect_eval("sum(1, 2, 'x')", "throws", "TypeError: parameter 3: " + an_int + "\"x\" (string)");
  expect_eval("sum()", "throws",
              "TypeError: Failed to execute 'sum': 1 argument required, but only 0 present");
  define("g", [](CallArgs call) { return call.ctx().eval("this.constructor.name"); });
  expect_eval("g()", "string", "Object");
}

TEST_F(JsTest, ThisThatDoesNotConvert) {
  define("f", [](This<int> self) { return self.value; });
  expect_eval("f.call(5)", "number", "5");
  expect_eval("f.call('x')", "throws",
              "TypeError: Failed to execute 'f': 'this': " + an_int + "\"x\" (string)");
  define("g", [](This<Listen> self) { return self.value.port; });
  expect_eval("g.call({port: 'x'})", "throws",
              "TypeError: Failed to execute 'g': 'this'.port: " + an_int + "\"x\" (string)");
}

}  // namespace
}  // namespace quip::test
