// JSON text to values and back.
#include "support/lifetime.hpp"
#include <quip/value/json.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace quip::test {
namespace {

using namespace std::string_literals;

class Json : public JsTest {};

TEST_F(Json, IsParsed) {
  with([](Ctx ctx) {
    EXPECT_EQ(json::parse<int>(ctx, "5"), 5);
    EXPECT_EQ(json::parse<std::vector<int>>(ctx, " [1, 2]\n"), (std::vector<int>{1, 2}));
    EXPECT_EQ((json::parse<std::map<std::string, bool>>(ctx, R"({"a": true, "b": false})")),
              (std::map<std::string, bool>{{"a", true}, {"b", false}}));
    EXPECT_TRUE(json::parse(ctx, "null").is_null());
    EXPECT_EQ(json::parse<std::string>(ctx, R"("\u20ac\u0000\ud83d\ude00")"),
              "\xe2\x82\xac\0\xf0\x9f\x98\x80"s);
    // a property, not the prototype
    const auto object = json::parse<Object>(ctx, R"({"__proto__": 5})");
    EXPECT_EQ(object.keys().size(), 1U);
    // only so much of the text as is given
    EXPECT_EQ(json::parse<int>(ctx, std::string_view("123456", 3)), 123);
  });
}

TEST_F(Json, WhatIsNoneIsASyntaxError) {
  with([](Ctx ctx) {
    const std::string texts[] = {"",         " ",    "{",         "[1,]",  "{'a': 1}", "01",
                                 "nul",      "NaN",  "undefined", "1 2",   "\"",       "\"\xff\"",
                                 "\"\xc3\"", "1\0"s, "\0"s,       "/**/1", "\"a\nb\""};
    for (const std::string& text : texts) {
      const Result<Value> parsed = json::try_parse(ctx, text, "conf.json");
      ASSERT_FALSE(parsed) << text;
      EXPECT_EQ(parsed.error().name(), "SyntaxError") << text;
    }
    EXPECT_EQ(json::try_parse(ctx, "[\n1,\n}", "conf.json").error().file(), "conf.json");
    EXPECT_EQ(json::try_parse(ctx, "[\n1,\n}", "conf.json").error().line(), 3);
    EXPECT_THROW((void)json::parse(ctx, "{"), Error);
    EXPECT_EQ(json::try_parse<int>(ctx, "\"5\"").error().kind(), ErrorKind::conversion);
  });
}

TEST_F(Json, DeepTextIsAnError) {
  with([](Ctx ctx) {
    const Result<Value> parsed = json::try_parse(ctx, std::string(200000, '['));
    ASSERT_FALSE(parsed);
    EXPECT_FALSE(json::try_parse(ctx, std::string(100000, '[') + std::string(100000, ']')));
    EXPECT_EQ(json::parse<int>(ctx, "5"), 5);
  });
}

TEST_F(Json, IsWritten) {
  with([](Ctx ctx) {
    EXPECT_EQ(json::stringify(ctx.eval("({ a: [1, 'x', null], b: undefined, c() {} })")),
              R"({"a":[1,"x",null]})");
    EXPECT_EQ(json::stringify(ctx.eval("new Date(0)")), R"("1970-01-01T00:00:00.000Z")");
    EXPECT_EQ(json::stringify(ctx, std::vector<std::string>{"a", "b\"\n"}), R"(["a","b\"\n"])");
    EXPECT_EQ(json::stringify(ctx, 1.5), "1.5");
    EXPECT_EQ(json::stringify(ctx, "\xe2\x82\xac"), "\"\xe2\x82\xac\"");
    EXPECT_EQ(json::stringify(ctx.eval("'\\ud800'")), R"("\ud800")");
    for (const char* script : {"undefined", "() => 1", "Symbol()"}) {
      EXPECT_EQ(json::stringify(ctx.eval(script)), std::nullopt) << script;
    }
  });
}

TEST_F(Json, IsIndented) {
  with([](Ctx ctx) {
    const Value value = ctx.eval("({ a: [1] })");
    EXPECT_EQ(json::stringify(value, {.space = 2}), "{\n  \"a\": [\n    1\n  ]\n}");
    EXPECT_EQ(json::stringify(value, {.space = "\t"}), "{\n\t\"a\": [\n\t\t1\n\t]\n}");
    EXPECT_EQ(json::stringify(value, {.space = 100}),
              json::stringify(value, {.space = std::string(10, ' ')}));
    EXPECT_EQ(json::stringify(value, {.space = -1}), R"({"a":[1]})");
  });
}

TEST_F(Json, ReplacersChooseAndChange) {
  with([](Ctx ctx) {
    const Value value = ctx.eval("({ a: 1, b: 2, c: { a: 3, d: 4 } })");
    EXPECT_EQ(json::stringify(value, {.replacer = std::vector<std::string>{"a", "c"}}),
              R"({"a":1,"c":{"a":3}})");
    EXPECT_EQ(json::stringify(value, {.replacer = std::vector<std::string>{}}), "{}");
    const Function doubled(ctx, "doubled", [](const std::string&, const Value& part) {
      return part.is_number() ? Value(part.ctx(), part.as<int>() * 2) : part;
    });
    EXPECT_EQ(json::stringify(value, {.replacer = doubled}), R"({"a":2,"b":4,"c":{"a":6,"d":8}})");
    const auto throws = ctx.eval<Function>("() => { throw new EvalError('replacer') }");
    EXPECT_EQ(json::try_stringify(value, {.replacer = throws}).error().message(), "replacer");
    EXPECT_FALSE(json::try_stringify(value, {.replacer = Function()}));
  });
}

TEST_F(Json, WhatHasNoTextIsAnError) {
  with([](Ctx ctx) {
    const std::pair<const char*, const char*> failures[] = {
        {"const ring = {}; ring.self = ring; ring", "TypeError"},
        {"5n", "TypeError"},
        {"({ toJSON() { throw new EvalError('t') } })", "EvalError"},
        {"({ get a() { throw new EvalError('t') } })", "EvalError"},
        {"const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); proxy", "TypeError"},
    };
    for (const auto& [script, name] : failures) {
      const auto written = json::try_stringify(ctx.eval("{" + std::string(script) + "}"));
      ASSERT_FALSE(written) << script;
      EXPECT_EQ(written.error().name(), name) << script;
    }
    EXPECT_FALSE(
        json::try_stringify(ctx.eval("let deep = []; for (let i = 0; i < " +
                                     std::to_string(very_deep()) + "; ++i) deep = [deep]; deep")));
    EXPECT_THROW((void)json::stringify(ctx, std::uint64_t{1} << 60), Error);
    EXPECT_EQ(json::stringify(ctx, 1), "1");
  });
}

TEST_F(Json, ScriptsCannotChangeIt) {
  eval(
      "JSON.parse = JSON.stringify = () => 'patched'; globalThis.JSON = undefined;"
      "Object.defineProperty(Array.prototype, 0, { set() { throw 1 } });"
      "Object.defineProperty(Object.prototype, 'a', { set() { throw 1 } })");
  with([](Ctx ctx) {
    const auto value = json::parse<Object>(ctx, R"({"a":[1]})");
    EXPECT_EQ(value["a"][0].get<int>(), 1);
  });
  Context other(runtime);
  other.with([](Ctx ctx) {
    ctx.eval("JSON.stringify = () => 'patched'; globalThis.JSON = undefined");
    EXPECT_EQ(json::stringify(ctx, std::vector<int>{1}), "[1]");
  });
}

TEST_F(Json, RefusesOtherRuntimesAndOutlivesNone) {
  Value left;
  {
    Runtime other;
    const Context elsewhere(other);
    left = elsewhere.with([](Ctx ctx) { return ctx.eval("({})"); });
    const auto function = elsewhere.with([](Ctx ctx) { return ctx.eval<Function>("() => 1"); });
    with([&](Ctx ctx) {
      EXPECT_EQ(json::try_stringify(ctx, left).error().name(), "TypeError");
      EXPECT_EQ(json::try_stringify(ctx, std::vector<Value>{left}).error().name(), "TypeError");
      EXPECT_EQ(json::try_stringify(ctx, 1, {.replacer = function}).error().name(), "TypeError");
    });
  }
  expect_gone(json::try_stringify(left));
  expect_gone(json::try_stringify(Value()));
}

}  // namespace
}  // namespace quip::test
