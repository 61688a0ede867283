// Structs as their reflection has them.
#include "convert/record_fixture.hpp"

#include <array>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace quip;
using test::RecordTest;

struct Server {
  std::string host;
  std::uint16_t port;
  bool tls = false;
  std::optional<std::string> note;
};
struct Config {
  std::string name;
  std::vector<Server> servers;
  Server fallback{"localhost", 80, false, {}};
};
struct Node {
  int value = 0;
  std::vector<Node> children = {};
};
struct Chain {
  int value;
  std::unique_ptr<Chain> next;
};
enum class Level { low, high };
struct Initialized {
  int number = 5;
  int zero = 0;
  double plain;
  Level level = Level::low;
  const char* unused_text = nullptr;
};
struct Defaults {
  int number = 5;
  int zero = 0;
  bool flag = true;
  Level level = Level::low;
  std::string text = "abc";
  std::vector<int> list = {1, 2};
  std::array<int, 2> pair = {3, 4};
  std::map<std::string, int> map = {{"a", 1}};
  std::optional<int> maybe = 7;
  Server server{"h", 1, false, {}};
};
struct Bare {
  int number;
  double real;
  bool flag;
  Level level;
  std::string text;
  std::vector<int> list;
  std::array<int, 2> pair;
  Node node;
};
struct Strict {
  const int a;
  const std::optional<std::string> b;
  std::string c;
};
struct MoveOnly {
  std::unique_ptr<int> owned;
  std::string name;
};
struct Handles {
  Value any;
  std::optional<Object> object;
};
struct One {
  int a;
};
struct Wide {
  int f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20,
      f21, f22, f23, f24, f25, f26, f27, f28, f29, f30, f31, f32, f33, f34, f35, f36, f37, f38, f39,
      f40, f41, f42, f43, f44, f45, f46, f47, f48, f49, f50, f51, f52, f53, f54, f55, f56, f57, f58,
      f59, f60, f61, f62, f63;
};
struct Proto {
  int __proto__;  // NOLINT: a name that a script may have
  int b;
};

TEST_F(RecordTest, ReadsAnObject) {
  const auto config = eval<Config>(
      "({name: 'main', servers: [{host: 'a', port: 80, tls: true}, "
      "{host: 'b', port: 65535, note: 'x'}], extra: 1})");
  EXPECT_EQ(config.name, "main");
  ASSERT_EQ(config.servers.size(), 2U);
  EXPECT_TRUE(config.servers[0].tls);
  EXPECT_EQ(config.servers[0].note, std::nullopt);
  EXPECT_EQ(config.servers[1].port, 65535);
  EXPECT_FALSE(config.servers[1].tls);
  EXPECT_EQ(config.servers[1].note, "x");
  EXPECT_EQ(config.fallback.host, "localhost");
}

TEST_F(RecordTest, WritesAnObject) {
  expect_json(Server{"a", 80, true, {}}, R"({"host":"a","port":80,"tls":true})");
  expect_json(Config{"n", {{"b", 1, false, "x"}}},
              R"({"name":"n","servers":[{"host":"b","port":1,"tls":false,"note":"x"}],)"
              R"("fallback":{"host":"localhost","port":80,"tls":false}})");
  expect_eval("JSON.stringify(Object.getOwnPropertyDescriptors(value.fallback).port)", "string",
              R"({"value":80,"writable":true,"enumerable":true,"configurable":true})");
  expect_eval("Object.getPrototypeOf(value) === Object.prototype", "boolean", "true");
}

TEST_F(RecordTest, ErrorsTellThePlace) {
  EXPECT_EQ(
      problem<Config>("({name: 'n', servers: [{host: 'a', port: 1}, {host: 'b', port: 70000}]})"),
      "RangeError: servers[1].port: expected an integer from 0 to 65535, got 70000 (number)");
  EXPECT_EQ(problem<Config>("({name: 'n', servers: [], fallback: {port: 1}})"),
            "TypeError: fallback.host: missing, expected string");
  EXPECT_EQ(problem<Server>("({host: 'a'})"),
            "TypeError: port: missing, expected an integer from 0 to 65535");
  EXPECT_EQ(problem<Server>("({host: 'a', port: undefined})"),
            "TypeError: port: missing, expected an integer from 0 to 65535");
  EXPECT_EQ(problem<Server>("({host: 'a', port: null})"),
            "TypeError: port: expected an integer from 0 to 65535, got null");
  EXPECT_EQ(problem<Server>("({host: 'a', port: 1, tls: null})"),
            "TypeError: tls: expected boolean, got null");
  EXPECT_EQ(problem<Server>("({host: 'a', port: 1, note: 5})"),
            "TypeError: note: expected string, got 5 (number)");
  EXPECT_EQ(problem<Config>("({name: 'n', servers: [[]]})"),
            "TypeError: servers[0]: expected object, got array");
}

TEST_F(RecordTest, OnlyObjectsHaveMembers) {
  for (const char* script :
       {"[]", "() => 1", "'text'", "1", "null", "undefined", "true", "Symbol()", "new Map",
        "new Date", "new Uint8Array(1)", "class { static a = 1 }"}) {
    EXPECT_NE(problem<One>("(" + std::string(script) + ")"), "converted") << script;
  }
  EXPECT_EQ(problem<One>("[]"), "TypeError: expected object, got array");
  EXPECT_EQ(problem<One>("(() => 1)"), "TypeError: expected object, got function");
  EXPECT_EQ(problem<One>("5"), "TypeError: expected object, got 5 (number)");
  for (const char* script :
       {"({a: 1})", "new (class { a = 1 })", "new (class { get a() { return 1 } })",
        "({__proto__: null, a: 1})", "({__proto__: {a: 1}})", "new Proxy({a: 1}, {})",
        "new Proxy({}, {get: (target, key) => key === 'a' ? 1 : undefined})",
        "Object.freeze({a: 1})", "Object.assign(new Error('x'), {a: 1})"}) {
    EXPECT_EQ(eval<One>("(" + std::string(script) + ")").a, 1) << script;
  }
}

TEST_F(RecordTest, ScriptsErrorsComeOutAsTheyAre) {
  const Result<Config> result =
      try_eval<Config>("var thrown = new RangeError('mine'); ({get name() { throw thrown }})");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind(), ErrorKind::thrown);
  EXPECT_EQ(result.error().message(), "mine");
  with([&](Ctx ctx) { EXPECT_EQ(result.error().value(), ctx.globals().get<Value>("thrown")); });
  EXPECT_EQ(problem<One>("new Proxy({}, {get() { throw new SyntaxError('trap') }})"),
            "SyntaxError: trap");
  EXPECT_EQ(
      problem<One>("let {proxy, revoke} = Proxy.revocable({}, {}); revoke(); proxy").substr(0, 10),
      "TypeError:");
}

TEST_F(RecordTest, MembersWithAnInitializerMayBeMissing) {
  const auto all = eval<Defaults>("({})");
  EXPECT_EQ(all.number, 5);
  EXPECT_EQ(all.zero, 0);
  EXPECT_TRUE(all.flag);
  EXPECT_EQ(all.level, Level::low);
  EXPECT_EQ(all.text, "abc");
  EXPECT_EQ(all.list, (std::vector{1, 2}));
  EXPECT_EQ(all.pair, (std::array{3, 4}));
  EXPECT_EQ(all.map.at("a"), 1);
  EXPECT_EQ(all.maybe, 7);
  EXPECT_EQ(all.server.host, "h");
  const auto given = eval<Defaults>("({number: 6, maybe: null, level: 'high', list: []})");
  EXPECT_EQ(given.number, 6);
  EXPECT_EQ(given.maybe, std::nullopt);
  EXPECT_EQ(given.level, Level::high);
  EXPECT_TRUE(given.list.empty());
}

TEST_F(RecordTest, MembersWithoutAnInitializerMayNot) {
  const std::string full =
      "number: 1, real: 1, flag: true, level: 'low', text: '', list: [], pair: [1, 2], node: "
      "{children: []}";
  EXPECT_EQ(problem<Bare>("({" + full + "})"), "converted");
  for (const std::string name :
       {"number", "real", "flag", "level", "text", "list", "pair", "node"}) {
    const std::string text =
        problem<Bare>("(() => { let o = {" + full + "}; delete o." + name + "; return o })()");
    EXPECT_EQ(text.substr(0, text.find("expected")), "TypeError: " + name + ": missing, ");
  }
}

TEST_F(RecordTest, InitializersOfScalarsAreToldFromNone) {
  const std::uint64_t found = detail::initialized_members<Initialized>();
  EXPECT_EQ(found, 0b11011U) << "all but `plain`";
  EXPECT_EQ(detail::initialized_members<Defaults>(), 0b1111111111U);
  EXPECT_EQ(detail::initialized_members<Bare>(), 0U);
}

TEST_F(RecordTest, AnEmptyOptionalRoundTrips) {
  expect_json(Server{"a", 1, false, {}}, R"({"host":"a","port":1,"tls":false})");
  expect_eval("'note' in value", "boolean", "false");
  Defaults defaults;
  defaults.maybe.reset();
  define("value", defaults);
  // left out it would read as 7
  expect_eval("value.maybe", "null", "null");
  EXPECT_EQ(eval<Defaults>("value").maybe, std::nullopt);
}

TEST_F(RecordTest, StructsThatCannotBeFilled) {
  const auto strict = eval<Strict>("({a: 1, c: 'x'})");
  EXPECT_EQ(strict.a, 1);
  EXPECT_EQ(strict.b, std::nullopt);
  EXPECT_EQ(strict.c, "x");
  EXPECT_EQ(problem<Strict>("({c: 'x'})"),
            "TypeError: a: missing, expected an integer from -2147483648 to 2147483647");
  EXPECT_EQ(problem<Strict>("({a: 1, b: 2, c: 'x'})"),
            "TypeError: b: expected string, got 2 (number)");
  expect_json(Strict{1, "b", "c"}, R"({"a":1,"b":"b","c":"c"})");
}

TEST_F(RecordTest, MoveOnlyMembers) {
  const auto read = eval<MoveOnly>("({owned: 5, name: 'n'})");
  ASSERT_NE(read.owned, nullptr);
  EXPECT_EQ(*read.owned, 5);
  expect_json(MoveOnly{std::make_unique<int>(3), "m"}, R"({"owned":3,"name":"m"})");
  const auto chain = eval<Chain>("({value: 1, next: {value: 2, next: null}})");
  EXPECT_EQ(chain.next->value, 2);
  EXPECT_EQ(chain.next->next, nullptr);
}

TEST_F(RecordTest, HandlesAsMembers) {
  const auto handles = eval<Handles>("({any: Symbol.iterator, object: {a: 1}})");
  EXPECT_TRUE(handles.any.is_symbol());
  EXPECT_EQ(handles.object->get<int>("a"), 1);
  EXPECT_TRUE(eval<Handles>("({})").any.is_undefined());
  define("value", handles);
  expect_eval("value.any === Symbol.iterator", "boolean", "true");
  const Runtime other;
  const Context foreign(other);
  with([&](Ctx ctx) {
    Result<Value> refused = Value::try_make(
        ctx, Handles{foreign.with([](Ctx c) { return c.eval<Value>("({})"); }), {}});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message(), "a value of one runtime cannot be used in another");
  });
}

TEST_F(RecordTest, SixtyFourMembers) {
  const auto wide = eval<Wide>("let o = {}; for (let i = 0; i < 64; i++) o['f' + i] = i * i; o");
  EXPECT_EQ(wide.f0, 0);
  EXPECT_EQ(wide.f63, 63 * 63);
  for (int times = 0; times < 4; ++times) define("value", wide);
  expect_eval("Object.entries(value).every(([k, v], i) => k === 'f' + i && v === i * i)", "boolean",
              "true");
  EXPECT_EQ(
      problem<Wide>("({...value, f63: 'x'})"),
      "TypeError: f63: expected an integer from -2147483648 to 2147483647, got \"x\" (string)");
}

TEST_F(RecordTest, NoSetterRunsAndNoPrototypeChanges) {
  expect_eval(
      "var calls = 0; for (const name of ['host', 'port', 'tls']) "
      "Object.defineProperty(Object.prototype, name, {set() { calls++ }, configurable: true}); 0",
      "number", "0");
  for (int times = 0; times < 4; ++times) {
    expect_json(Server{"a", 1, false, {}}, R"({"host":"a","port":1,"tls":false})");
  }
  expect_eval("calls", "number", "0");
  define("value", Proto{1, 2});
  expect_eval("Object.keys(value).join() + (Object.getPrototypeOf(value) === Object.prototype)",
              "string", "__proto__,btrue");
  EXPECT_EQ(eval<Proto>("value").b, 2);
}

TEST_F(RecordTest, ObjectsAreIndependentOfTheShapesKept) {
  for (int times = 0; times < 5; ++times) {
    define("value", Server{"a", 1, false, "n"});
    expect_eval(
        "value.added = 1; delete value.host; Object.freeze(value); Object.keys(value).join()",
        "string", "port,tls,note,added");
  }
  const Context second(runtime);
  second.with([&](Ctx ctx) {
    for (int times = 0; times < 3; ++times) {
      ctx.globals().set("value", Server{"b", 2, true, {}});
      EXPECT_EQ(ctx.eval<std::string>("JSON.stringify(value)"),
                R"({"host":"b","port":2,"tls":true})");
    }
  });
}

TEST_F(RecordTest, OtherRuntimesHaveTheirOwnNames) {
  for (int times = 0; times < 3; ++times) {
    const Runtime other;
    const Context fresh(other);
    fresh.with([](Ctx ctx) {
      EXPECT_EQ(ctx.eval<One>("({a: 4})").a, 4);
      ctx.globals().set("value", One{5});
      ctx.globals().set("again", One{6});
      EXPECT_EQ(ctx.eval<int>("value.a + again.a"), 11);
    });
  }
}

TEST_F(RecordTest, CyclesAndDeepValuesAreErrors) {
  const std::string deep = "the value is nested too deeply, or contains itself";
  EXPECT_EQ(problem<Node>("let n = {value: 1, children: []}; n.children.push(n); n"),
            "RangeError: " + deep);
  EXPECT_EQ(problem<Chain>("let c = {value: 1}; c.next = c; c"), "RangeError: " + deep);
  EXPECT_EQ(problem<Chain>("let d = null; for (let i = 0; i < 50; i++) d = {value: i, next: d}; d"),
            "converted");
  with([&](Ctx ctx) {
    Chain chain{0, nullptr};
    for (int i = 0; i < 20000; ++i) {
      auto next = std::make_unique<Chain>(Chain{i, std::move(chain.next)});
      chain.next = std::move(next);
    }
    Result<Value> made = Value::try_make(ctx, chain);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().message(), deep);
    while (chain.next != nullptr) {  // its destructor would recurse as deep
      chain.next = std::move(chain.next->next);
    }
  });
}

TEST_F(RecordTest, AllProblemsAtOnce) {
  with([&](Ctx ctx) {
    const Value value = ctx.eval<Value>(
        "({name: 1, servers: [{host: 'a', port: -1}, {host: 2}], fallback: {host: 'x', port: 1}})");
    const Result<Config> result = value.try_as<Config>(Problems::all);
    ASSERT_FALSE(result);
    std::vector<std::string> found;
    for (const Error& problem : result.error().problems()) {
      found.push_back(problem.message());
    }
    EXPECT_EQ(found, (std::vector<std::string>{
                         "name: expected string, got 1 (number)",
                         "servers[0].port: expected an integer from 0 to 65535, got -1 (number)",
                         "servers[1].host: expected string, got 2 (number)",
                         "servers[1].port: missing, expected an integer from 0 to 65535",
                     }));
    const Result<Strict> strict = ctx.eval<Value>("({b: 1})").try_as<Strict>(Problems::all);
    ASSERT_FALSE(strict);
    found.clear();
    for (const Error& problem : strict.error().problems()) {
      found.push_back(problem.message());
    }
    EXPECT_EQ(found, (std::vector<std::string>{
                         "a: missing, expected an integer from -2147483648 to 2147483647",
                         "b: expected string, got 1 (number)",
                         "c: missing, expected string",
                     }));
  });
}

TEST_F(RecordTest, AsParametersAndResults) {
  define("next", [](const Server& server, One one) {
    return Server{server.host + "!", static_cast<std::uint16_t>(server.port + one.a), true, {}};
  });
  expect_eval("JSON.stringify(next({host: 'h', port: 1}, {a: 2}))", "string",
              R"({"host":"h!","port":3,"tls":true})");
  expect_eval("next({host: 'h', port: 1}, {a: 'x'})", "throws",
              "TypeError: Failed to execute 'next': parameter 2.a: expected an integer from "
              "-2147483648 to 2147483647, "
              "got \"x\" (string)");
}

TEST_F(RecordTest, IntegersAndNumbersInMembers) {
  struct Numbers {
    std::int64_t large;
    std::uint64_t natural;
    float real;
  };
  const auto numbers = eval<Numbers>("({large: 1700000000000, natural: 2n ** 63n, real: 1})");
  EXPECT_EQ(numbers.large, 1700000000000);
  EXPECT_EQ(numbers.natural, 1ULL << 63U);
  EXPECT_EQ(numbers.real, 1);
  EXPECT_EQ(eval<Numbers>("({large: -(2 ** 63), natural: 0, real: NaN})").large,
            std::numeric_limits<std::int64_t>::min());
  for (const char* large : {"2 ** 63", "1.5", "NaN", "'1'", "2n ** 63n"}) {
    EXPECT_NE(problem<Numbers>("({natural: 0, real: 0, large: " + std::string(large) + "})"),
              "converted")
        << large;
  }
  with([](Ctx ctx) {
    Result<Value> made = Value::try_make(ctx, Numbers{(std::int64_t{1} << 53) + 1, 0, 0});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().name(), "RangeError");
  });
}

TEST_F(RecordTest, TextInMembers) {
  struct Text {
    std::string text;
  };
  EXPECT_EQ(eval<Text>("({text: 'grün\\0ß'})").text, std::string("grün\0ß", 8));
  EXPECT_EQ(eval<Text>("({text: 'a\\ud800b'})").text,
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(eval<Text>("({text: 'ab'.repeat(500) + 'c'})").text.size(), 1001U);
}

TEST_F(RecordTest, ShortMemoryIsAnError) {
  int failed = 0;
  for (std::size_t left = 0; left < 4000; left += 100) {
    Runtime small;
    const Context fresh(small);
    fresh.with([&](Ctx ctx) {
      // from the second time on the shapes are kept, which needs memory too
      for (int times = 0; times < 2; ++times) {
        const auto used = static_cast<std::size_t>(small.memory_usage().malloc_size);
        small.set_memory_limit(used + left);
        const Result<Value> made = Value::try_make(ctx, Config{"n", {Server{"a", 1, true, "x"}}});
        small.set_memory_limit(0);
        failed += made ? 0 : 1;
        if (made) {
          EXPECT_EQ(made->as<Config>().servers.at(0).note, "x");
        }
      }
    });
  }
  EXPECT_GT(failed, 0);
}

struct Three {
  int first;
  int second;
  std::string third;
};

TEST_F(RecordTest, TheValueMayBeDroppedWhileItIsRead) {
  with([](Ctx ctx) {
    Value value;
    ctx.globals().set("drop", [&value] {
      value = Value();
      return 1;
    });
    value = ctx.eval("({ get first() { return drop() }, second: 2, third: 'x'.repeat(100) })");
    const Three read = value.as<Three>();
    EXPECT_EQ(read.second, 2);
    EXPECT_EQ(read.third.size(), 100U);
    EXPECT_TRUE(value.handle().empty());
  });
}

}  // namespace
