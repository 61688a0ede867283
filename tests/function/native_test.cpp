// C++ callables as JavaScript functions: which there are, and what happens to them.
#include "support/counted.hpp"
#include "support/js.hpp"

#include <numeric>

namespace quip::test {
namespace {

int plain(int n) { return n + 1; }
int no_throw(int n) noexcept { return n + 2; }
void nothing() {}

struct Adder {
  int base = 0;
  int operator()(int n) const { return base + n; }
};

struct EmptyWithConstructor {
  EmptyWithConstructor() : state(7) {}
  int operator()() const { return state; }
  int state;
};

TEST_F(JsTest, EveryKindOfCallable) {
  define("f", plain);
  expect_eval("f(1)", "number", "2");
  define("f", &plain);
  expect_eval("f(1)", "number", "2");
  define("f", no_throw);
  expect_eval("f(1)", "number", "3");
  define("f", &nothing);
  expect_eval("f()", "undefined", "undefined");
  define("f", [](int n) { return n * 2; });
  expect_eval("f(4)", "number", "8");
  define("f", [](int n) noexcept { return n * 3; });
  expect_eval("f(4)", "number", "12");
  define("f", +[](int n) { return n * 4; });
  expect_eval("f(4)", "number", "16");
  define("f", Adder{100});
  expect_eval("f(4)", "number", "104");
  define("f", EmptyWithConstructor());
  expect_eval("f()", "number", "7");
  define("f", std::function<int(int)>(Adder{5}));
  expect_eval("f(4)", "number", "9");
  const Adder named{50};
  define("f", named);
  expect_eval("f(4)", "number", "54");
  define("f", [n = 0]() mutable { return ++n; });
  expect_eval("f() + f() * 10 + f() * 100", "number", "321");
  define("f", [p = std::make_unique<int>(9)] { return *p; });
  expect_eval("f()", "number", "9");
}

TEST_F(JsTest, EmptyCallablesAreErrors) {
  with([](Ctx ctx) {
    const std::string refused = "TypeError: an empty function cannot be bound";
    EXPECT_EQ(show(ctx.globals().try_set("f", std::function<int(int)>())).text, refused);
    EXPECT_EQ(show(ctx.globals().try_set("f", static_cast<int (*)(int)>(nullptr))).text, refused);
    EXPECT_EQ(show(Function::try_make(ctx, "f", std::function<void()>())).text, refused);
    expect_eval(ctx, "typeof f", "string", "undefined");
  });
}

TEST_F(JsTest, AStatelessLambdaIsTheSameWhereverItIsBound) {
  const auto lambda = [](int n) { return n; };
  define("a", lambda);
  define("b", lambda);
  expect_eval("a(1) + b(2)", "number", "3");
  expect_eval("a === b", "boolean", "false");
}

struct Game {
  int score = 0;
  Counted counted;
  void add(int points) { score += points; }
  [[nodiscard]] int total(std::optional<int> bonus) const { return score + bonus.value_or(0); }
  int steady() noexcept { return score; }
  [[nodiscard]] int steady_const() const noexcept { return score * 2; }
  [[nodiscard]] std::string name(std::string_view prefix) const {
    return std::string(prefix) + "game";
  }
};

TEST_F(JsTest, MemberFunctionsByPointer) {
  Game game;
  define("add", method(&game, &Game::add));
  define("total", method(&game, &Game::total));
  define("steady", method(&game, &Game::steady));
  define("steady_const", method(&game, &Game::steady_const));
  define("name", method(&game, &Game::name));
  expect_eval("add(5); add(6); total()", "number", "11");
  expect_eval("total(100) + steady() + steady_const()", "number", "144");
  expect_eval("name('é')", "string", "égame");
  expect_eval("total('x')", "throws",
              "TypeError: Failed to execute 'total': parameter 1: expected an integer from "
              "-2147483648 to 2147483647, got "
              "\"x\" (string)");
  expect_eval("add()", "throws",
              "TypeError: Failed to execute 'add': 1 argument required, but only 0 present");
  EXPECT_EQ(game.score, 11);
  const Game& constant = game;
  define("total", method(&constant, &Game::total));
  expect_eval("total(1)", "number", "12");
}

TEST_F(JsTest, MemberFunctionsShareAndOwnTheirObject) {
  const NoneLeft none_left;
  {
    const auto shared = std::make_shared<Game>();
    define("add", method(shared, &Game::add));
    define("total", method(shared, &Game::total));
  }
  EXPECT_EQ(Counted::live(), 1);
  expect_eval("add(3); total()", "number", "3");
  define("owned", method(std::make_unique<Game>(Game{.score = 8, .counted = {}}), &Game::steady));
  EXPECT_EQ(Counted::live(), 2);
  expect_eval("owned()", "number", "8");
  eval("add = total = owned = null");
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(JsTest, ManyArguments) {
  define("f", [](int a, double b, bool c, const std::string& d, std::string_view e,
                 std::optional<int> f, const std::vector<int>& g, Value h, const Object& i,
                 const Function& j, std::int64_t k, const std::map<std::string, int>& l) {
    return std::to_string(a) + std::to_string(static_cast<int>(b * 2)) + (c ? "t" : "f") + d +
           std::string(e) + std::to_string(f.value_or(-1)) +
           std::to_string(std::accumulate(g.begin(), g.end(), 0)) +
           std::string(to_string(h.type())) + i.get<std::string>("x") + j.call<std::string>() +
           std::to_string(k) + std::to_string(l.at("m"));
  });
  expect_eval(
      "f(1, 2.5, true, 'd', 'e', undefined, [1, 2], null, {x: 'X'}, () => 'J', 2n ** 40n, {m: 6})",
      "string", "15tde-13nullXJ10995116277766");
  expect_eval("f(1, 2.5, true, 'd', 'e', 7, [1, 2], null, {x: 'X'}, () => 'J', 3)", "throws",
              "TypeError: Failed to execute 'f': 12 arguments required, but only 11 present");
  expect_eval("f(1, 2.5, true, 'd', 'e', 7, [1, 2], null, {x: 'X'}, () => 'J', 3, {m: 'x'})",
              "throws",
              "TypeError: Failed to execute 'f': parameter 12.m: expected an integer from "
              "-2147483648 to 2147483647, got "
              "\"x\" (string)");
  expect_eval("f.length", "number", "5");
}

template <std::size_t>
using Text = const std::string&;
template <std::size_t>
using Whole = int;

TEST_F(JsTest, AnyArity) {
  [this]<std::size_t... I>(std::index_sequence<I...>) {
    define("sum", [](Whole<I>... n) { return (0 + ... + (n * static_cast<int>(I + 1))); });
    define("join", [separator = std::string("-")](Text<I>... text) {
      return (std::string() + ... + (separator + text));
    });
  }(std::make_index_sequence<24>());
  expect_eval("sum.length + join.length", "number", "48");
  expect_eval("sum(...Array.from({length: 24}, (_, i) => i))", "number", "4600");
  expect_eval("join(...'abcdefghijklmnopqrstuvwx')", "string",
              "-a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r-s-t-u-v-w-x");
  expect_eval("sum(...Array.from({length: 23}, (_, i) => i))", "throws",
              "TypeError: Failed to execute 'sum': 24 arguments required, but only 23 present");
  expect_eval("sum(...Array.from({length: 23}, (_, i) => i), 'x')", "throws",
              "TypeError: Failed to execute 'sum': parameter 24: expected an integer from "
              "-2147483648 to 2147483647, got \"x\" (string)");
}

struct Qualified {
  int n = 1;
  int plain() & { return n; }
  [[nodiscard]] int constant() const& { return n + 1; }
  int quiet() & noexcept { return n + 2; }
  [[nodiscard]] int quiet_constant() const& noexcept { return n + 3; }
};
struct CallsByReference {
  int operator()(int n) & noexcept { return n; }
};

TEST_F(JsTest, QualifiedMembers) {
  Qualified object;
  define("a", [&object] { return object.plain(); });
  define("f", CallsByReference());
  expect_eval("f(3) + a()", "number", "4");
}

TEST_F(JsTest, ResultsOfEveryKind) {
  define("f", [] { return std::optional<int>(); });
  expect_eval("f()", "undefined", "undefined");
  define("f", [] { return std::vector<std::string>{"a", "b"}; });
  expect_eval("f()", "array", "a,b");
  define("f", [] { return std::map<std::string, int>{{"a", 1}}; });
  expect_eval("JSON.stringify(f())", "string", R"({"a":1})");
  define("f", [] { return "literal"; });
  expect_eval("f()", "string", "literal");
  define("f", [] { return std::int64_t{1} << 60; });
  expect_eval("try { f() } catch (e) { e.name }", "string", "RangeError");
  define("f", [](Ctx ctx) { return Object(ctx); });
  expect_eval("f()", "object", "[object Object]");
  define("f", [] { return [](int n) { return n + 1; }; });
  expect_eval("f()(1)", "number", "2");
  define("f", [] { return Value(); });
  expect_eval("f()", "throws", "TypeError: an empty handle is no value");
  define("f", []() -> Result<void> { return {}; });
  expect_eval("f()", "undefined", "undefined");
  define("f", []() -> Result<std::optional<int>> { return std::optional<int>(4); });
  expect_eval("f()", "number", "4");
  define("f", [](bool ok) -> Result<std::string> {
    if (ok) return std::string("fine");
    return Error::range("not fine");
  });
  expect_eval("f(true)", "string", "fine");
  expect_eval("f(false)", "throws", "RangeError: not fine");
}

TEST_F(JsTest, CapturesDieWithTheFunction) {
  const NoneLeft none_left;
  with([](Ctx ctx) {
    {
      const Function f(ctx, "f", [counted = Counted()] {});
      EXPECT_EQ(Counted::live(), 1);
    }
    EXPECT_EQ(Counted::live(), 0);
    (void)Function::try_make(ctx, "f",
                             [counted = Counted(), p = std::make_unique<int>(1)] { return *p; });
    EXPECT_EQ(Counted::live(), 0);
  });
}

TEST_F(JsTest, ArgumentsDieWithTheCall) {
  const NoneLeft none_left;
  define("make", [] { return [counted = Counted()] {}; });
  define("take", [](const Function&, Rest<Value>, This<Value>) {});
  define("fail", [](const Function&, int) {});
  eval("take(make(), make(), make()); take.call(make(), make())");
  EXPECT_EQ(Counted::live(), 0);
  EXPECT_FALSE(try_eval("fail(make(), make())"));
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(JsTest, DeepRecursionDoesNotLoseCaptures) {
  const NoneLeft none_left;
  define("f", [counted = Counted()](Ctx ctx, Value keep) {
    return ctx.globals().get<Function>("f").try_call(std::move(keep));
  });
  EXPECT_FALSE(try_eval("f({})"));
  expect_eval("1 + 1", "number", "2");
  eval("f = null");
}

}  // namespace
}  // namespace quip::test
