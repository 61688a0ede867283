// What any value can be asked.
#include "support/js.hpp"
#include <quip/value/value.hpp>

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

class Values : public JsTest {};

struct Kind {
  const char* script;
  Type type;
  const char* name;
};

TEST_F(Values, EveryValueHasAType) {
  const Kind kinds[] = {
      {"undefined", Type::undefined, "undefined"},
      {"null", Type::null, "null"},
      {"true", Type::boolean, "boolean"},
      {"7", Type::integer, "number"},
      {"-2147483648", Type::integer, "number"},
      {"1.5", Type::number, "number"},
      {"2 ** 40", Type::number, "number"},
      {"NaN", Type::number, "number"},
      {"1n", Type::bigint, "bigint"},
      {"2n ** 100n", Type::bigint, "bigint"},
      {"'text'", Type::string, "string"},
      {"'a'.repeat(9000) + 'b'.repeat(9000)", Type::string, "string"},
      {"Symbol('s')", Type::symbol, "symbol"},
      {"Symbol.iterator", Type::symbol, "symbol"},
      {"({})", Type::object, "object"},
      {"Object.create(null)", Type::object, "object"},
      {"new Number(1)", Type::object, "object"},
      {"new WeakMap()", Type::object, "object"},
      {"(function () { return arguments })()", Type::object, "object"},
      {"globalThis", Type::object, "object"},
      {"({ __proto__: Map.prototype, [Symbol.toStringTag]: 'Map' })", Type::object, "object"},
      {"[]", Type::array, "array"},
      {"new (class extends Array {})", Type::array, "array"},
      {"() => 1", Type::function, "function"},
      {"(class {})", Type::function, "function"},
      {"new Proxy(() => 1, {})", Type::function, "function"},
      {"new Error('e')", Type::error, "error"},
      {"new (class extends TypeError {})", Type::error, "error"},
      {"Promise.resolve()", Type::promise, "promise"},
      {"new Date()", Type::date, "date"},
      {"/x/", Type::regexp, "regexp"},
      {"new Map()", Type::map, "map"},
      {"Object.setPrototypeOf(new Map(), null)", Type::map, "map"},
      {"new (class extends Set {})", Type::set, "set"},
      {"new WeakRef({})", Type::weak_ref, "weak ref"},
      {"new ArrayBuffer(2)", Type::array_buffer, "array buffer"},
      {"new SharedArrayBuffer(2)", Type::array_buffer, "array buffer"},
      {"new Uint8Array(2)", Type::typed_array, "typed array"},
      {"new Float64Array(2)", Type::typed_array, "typed array"},
      {"new BigInt64Array(2)", Type::typed_array, "typed array"},
      {"new DataView(new ArrayBuffer(2))", Type::data_view, "data view"},
      {"new Proxy([], {})", Type::proxy, "proxy"},
      {"new Proxy(Promise.resolve(), {})", Type::proxy, "proxy"},
      {"(() => { const p = Proxy.revocable({}, {}); p.revoke(); return p.proxy })()", Type::proxy,
       "proxy"},
  };
  for (const Kind& kind : kinds) {
    const Value value = eval(kind.script);
    EXPECT_EQ(value.type(), kind.type) << kind.script;
    EXPECT_EQ(to_string(value.type()), kind.name) << kind.script;
    EXPECT_EQ(value.is_undefined(), kind.type == Type::undefined) << kind.script;
    EXPECT_EQ(value.is_null(), kind.type == Type::null) << kind.script;
    EXPECT_EQ(value.is_nullish(), kind.type == Type::null || kind.type == Type::undefined);
    EXPECT_EQ(value.is_bool(), kind.type == Type::boolean) << kind.script;
    EXPECT_EQ(value.is_number(), kind.type == Type::integer || kind.type == Type::number);
    EXPECT_EQ(value.is_bigint(), kind.type == Type::bigint) << kind.script;
    EXPECT_EQ(value.is_string(), kind.type == Type::string) << kind.script;
    EXPECT_EQ(value.is_symbol(), kind.type == Type::symbol) << kind.script;
    EXPECT_EQ(value.is_array(), kind.type == Type::array) << kind.script;
    EXPECT_EQ(value.is_function(), kind.type == Type::function) << kind.script;
    EXPECT_EQ(value.is_error(), kind.type == Type::error) << kind.script;
    EXPECT_EQ(value.is_promise(), kind.type == Type::promise) << kind.script;
    EXPECT_EQ(value.is_object(), kind.type >= Type::object) << kind.script;
    // inside the runtime as outside
    EXPECT_EQ(with([&](Ctx) { return value.type(); }), kind.type) << kind.script;
  }
}

TEST_F(Values, TypesHaveNames) {
  for (Type type = Type::uninitialized; type <= Type::proxy;
       type = static_cast<Type>(static_cast<int>(type) + 1)) {
    const std::string_view name = to_string(type);
    EXPECT_EQ(type_from_string(name), type == Type::integer ? Type::number : type) << name;
  }
  EXPECT_EQ(type_from_string("integer"), Type::integer);
  EXPECT_EQ(type_from_string("Map"), std::nullopt);
  EXPECT_EQ(type_from_string(""), std::nullopt);
}

TEST_F(Values, TypesStandForOthers) {
  static_assert(is_void(Type::undefined) && is_void(Type::null) && is_void(Type::uninitialized));
  static_assert(!is_void(Type::boolean) && !is_void(Type::object));
  static_assert(quip::is_object(Type::proxy) && !quip::is_object(Type::symbol));
  static_assert(interpretable_as(Type::integer, Type::number));
  static_assert(!interpretable_as(Type::number, Type::integer));
  static_assert(interpretable_as(Type::map, Type::map));
  static_assert(interpretable_as(Type::map, Type::object));
  static_assert(interpretable_as(Type::function, Type::object));
  static_assert(!interpretable_as(Type::object, Type::function));
  static_assert(!interpretable_as(Type::bigint, Type::number));
  static_assert(!interpretable_as(Type::undefined, Type::null));
}

TEST_F(Values, IsAsAndTryAsAgree) {
  const Value array = eval("[1, 2]");
  EXPECT_TRUE(array.is<Array>());
  EXPECT_TRUE(array.is<Object>());
  EXPECT_TRUE(array.is<Value>());
  EXPECT_TRUE(array.is<std::vector<int>>());
  EXPECT_FALSE(array.is<Function>());
  EXPECT_FALSE(array.is<String>());
  EXPECT_FALSE(array.is<std::vector<std::string>>());
  EXPECT_EQ(array.as<Array>().size(), 2U);
  EXPECT_EQ(array.try_as<std::vector<int>>()->back(), 2);
  const Result<Function> function = array.try_as<Function>();
  ASSERT_FALSE(function);
  EXPECT_EQ(show(function), (Shown{"throws", "TypeError: expected function, got array"}));
  try {
    (void)array.as<Function>();
    ADD_FAILURE() << "an array is no function";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), function.error().message());
    EXPECT_EQ(error.kind(), ErrorKind::conversion);
  }
}

TEST_F(Values, AsNamesWhatIsThere) {
  const std::pair<const char*, const char*> got[] = {
      {"undefined", "undefined"},
      {"null", "null"},
      {"true", "true (boolean)"},
      {"-3", "-3 (number)"},
      {"1.5", "1.5 (number)"},
      {"Infinity", "Infinity (number)"},
      {"12345678901234567890n", "12345678901234567890 (bigint)"},
      {"'text'", "\"text\" (string)"},
      {"''", "\"\" (string)"},
      {"Symbol('s')", "symbol"},
      {"({})", "object"},
      {"[]", "array"},
      {"() => 1", "function"},
      {"new Error('e')", "error"},
      {"Promise.resolve()", "promise"},
      {"0.5 + 0.5", "1 (number)"},
      {"new Map", "map"},
      {"/x/", "regexp"},
      {"new Uint8Array(1)", "Uint8Array"},
      {"new Proxy({}, {})", "proxy"},
      {"({ toString() { throw 1 } })", "object"}};
  for (const auto& [script, text] : got) {
    if (eval(script).is_promise()) continue;
    EXPECT_EQ(show(try_eval<Promise<>>(script)).text,
              "TypeError: expected promise, got " + std::string(text));
  }
  EXPECT_EQ(show(try_eval<Array>("Promise.resolve()")).text,
            "TypeError: expected array, got promise");
}

TEST_F(Values, EqualityIsStrict) {
  const std::pair<const char*, bool> pairs[] = {{"[1, 1]", true},
                                                {"[1, 0.5 + 0.5]", true},
                                                {"[0, -0]", true},
                                                {"[NaN, NaN]", false},
                                                {"['ab', 'a' + 'b']", true},
                                                {"['1', 1]", false},
                                                {"[null, undefined]", false},
                                                {"[null, null]", true},
                                                {"[{}, {}]", false},
                                                {"[[], []]", false},
                                                {"[1n, 1]", false},
                                                {"[2n ** 70n, 2n ** 70n]", true},
                                                {"[Symbol.for('a'), Symbol.for('a')]", true},
                                                {"[Symbol('a'), Symbol('a')]", false},
                                                {"[Math, Math]", true},
                                                {"[true, 1]", false},
                                                {"[2 ** 31, 2147483648]", true},
                                                {"['\\ud800', '\\ud800']", true}};
  for (const auto& [script, equal] : pairs) {
    const Array both = eval<Array>(script);
    EXPECT_EQ(both.get(0) == both.get(1), equal) << script;
    EXPECT_EQ(both.get(1) == both.get(0), equal) << script;
    EXPECT_EQ(both.get(0) != both.get(1), !equal) << script;
  }
  const std::string rope = "'a'.repeat(3000) + 'b'.repeat(3000)";
  EXPECT_EQ(eval(rope), eval(rope));
}

TEST_F(Values, OtherEqualities) {
  struct Equalities {
    const char* script;
    bool same;
    bool same_zero;
    bool loose;
  };
  const Equalities table[] = {
      {"[1, 1]", true, true, true},
      {"[1, 0.5 + 0.5]", true, true, true},
      {"[0, -0]", false, true, true},
      {"[NaN, NaN]", true, true, false},
      {"['ab', 'a' + 'b']", true, true, true},
      {"['1', 1]", false, false, true},
      {"[' 0x10 ', 16]", false, false, true},
      {"[true, 1]", false, false, true},
      {"[null, undefined]", false, false, true},
      {"[null, 0]", false, false, false},
      {"[1n, 1]", false, false, true},
      {"['5', 5n]", false, false, true},
      {"['x', 5n]", false, false, false},
      {"[{}, {}]", false, false, false},
      {"[[5], 5]", false, false, true},
      {"[Object('s'), 's']", false, false, true},
      {"[Math, Math]", true, true, true},
      {"[Symbol.iterator, Object(Symbol.iterator)]", false, false, true},
      {"[new Date(0), 0]", false, false, false},
  };
  for (const auto& [script, same, same_zero, loose] : table) {
    const Array both = eval<Array>(script);
    const auto a = both.get<Value>(0);
    const auto b = both.get<Value>(1);
    EXPECT_EQ(a.same_value(b), same) << script;
    EXPECT_EQ(b.same_value(a), same) << script;
    EXPECT_EQ(a.same_value_zero(b), same_zero) << script;
    EXPECT_EQ(b.same_value_zero(a), same_zero) << script;
    EXPECT_EQ(a.loosely_equals(b), loose) << script;
    EXPECT_EQ(b.loosely_equals(a), loose) << script;
  }
  const Value throws = eval("({ valueOf() { throw new EvalError('v') } })");
  EXPECT_EQ(show(throws.try_loosely_equals(eval("1")).error()).text, "EvalError: v");
  EXPECT_THROW((void)eval("1").loosely_equals(throws), Error);
  EXPECT_FALSE(throws.same_value(eval("1")));
}

TEST_F(Values, EqualityAcrossRuntimesAndAfterThem) {
  Value left;
  {
    Runtime other;
    const Context elsewhere(other);
    left = elsewhere.with([](Ctx ctx) { return ctx.eval("5"); });
    EXPECT_FALSE(left.same_value(eval("5")));
    EXPECT_FALSE(left.same_value_zero(eval("5")));
    EXPECT_EQ(left.try_loosely_equals(eval("5")).error().name(), "TypeError");
    EXPECT_EQ(eval("5").try_loosely_equals(Value()).error().name(), "TypeError");
  }
  EXPECT_FALSE(left.same_value(left));
  EXPECT_EQ(left.try_loosely_equals(left).error().kind(), ErrorKind::runtime_gone);
  EXPECT_TRUE(Value().same_value(Value()));
  EXPECT_FALSE(Value().same_value(eval("undefined")));
}

TEST_F(Values, LooseEqualityIsTheEngines) {
  eval("globalThis.BigInt = globalThis.Number = globalThis.String = undefined");
  EXPECT_TRUE(eval("'5'").loosely_equals(eval("5n")));
  Context::base(runtime).with(
      [](Ctx ctx) { EXPECT_TRUE(ctx.eval("'5'").loosely_equals(ctx.eval("5"))); });
}

TEST_F(Values, EmptyHandles) {
  Value empty;
  EXPECT_EQ(empty.type(), Type::undefined);
  EXPECT_FALSE(empty.is_object());
  EXPECT_EQ(empty.try_as<int>().error().kind(), ErrorKind::runtime_gone);
  EXPECT_EQ(empty.try_as<Value>().error().kind(), ErrorKind::runtime_gone);
  EXPECT_THROW((void)empty.as<int>(), RuntimeGone);
  EXPECT_THROW((void)empty.to_display_string(), RuntimeGone);
  EXPECT_THROW((void)empty.ctx(), RuntimeGone);
  EXPECT_THROW((void)Object().get("a"), RuntimeGone);
  EXPECT_THROW(Object().set("a", 1), RuntimeGone);
  EXPECT_THROW((void)Object().has("a"), RuntimeGone);
  EXPECT_THROW((void)Object().remove("a"), RuntimeGone);
  EXPECT_THROW((void)Object().keys(), RuntimeGone);
  EXPECT_THROW((void)Array().size(), RuntimeGone);
  EXPECT_THROW((void)Function().call(), RuntimeGone);
  EXPECT_THROW((void)String().to_string(), RuntimeGone);
  EXPECT_THROW((void)Symbol().description(), RuntimeGone);
  EXPECT_THROW((void)Atom().to_string(), RuntimeGone);
  EXPECT_EQ(empty, Value());
  EXPECT_NE(empty, eval("null"));
  with([&](Ctx ctx) {
    // an empty handle is no value that a script could get
    const Result<void> set = ctx.globals().try_set("x", empty);
    ASSERT_FALSE(set);
    EXPECT_EQ(set.error().name(), "TypeError");
    EXPECT_FALSE(ctx.eval<Function>("x => x").try_call(empty));
  });
  Value moved = eval("'text'");
  const Value target = std::move(moved);
  EXPECT_EQ(moved.type(), Type::undefined);  // NOLINT(bugprone-use-after-move): that is the test
  EXPECT_EQ(target.as<std::string>(), "text");
}

TEST_F(Values, CopiesAndMovesReferToTheSameValue) {
  Value a = eval("({ n: 1 })");
  Value b = a;
  EXPECT_EQ(a, b);
  b.as<Object>().set("n", 2);
  EXPECT_EQ(a.as<Object>().get<int>("n"), 2);
  const Value& alias = a;
  a = alias;
  EXPECT_EQ(a, b);
  Value c = std::move(a);
  a = c;
  EXPECT_EQ(a, c);
  std::vector<Value> list(10, a);
  list.resize(3);
  list.insert(list.begin(), eval("5"));
  EXPECT_EQ(list.front().as<int>(), 5);
  EXPECT_EQ(list.back(), b);
}

TEST_F(Values, DisplayStringIsJavaScripts) {
  const std::pair<const char*, const char*> texts[] = {
      {"undefined", "undefined"},
      {"null", "null"},
      {"-0", "0"},
      {"1e21", "1e+21"},
      {"0.1 + 0.2", "0.30000000000000004"},
      {"[1, [2, 3]]", "1,2,3"},
      {"({})", "[object Object]"},
      {"10n ** 20n", "100000000000000000000"},
      {"'a\\ud800'", "a\ufffd"},
      {"({ toString() { return 'mine' } })", "mine"},
      {"({ [Symbol.toPrimitive](hint) { return hint } })", "string"},
      {"new Error('e')", "Error: e"}};
  for (const auto& [script, text] : texts) {
    EXPECT_EQ(eval(script).to_display_string(), text) << script;
  }
  EXPECT_EQ(show(eval("({ toString() { throw new RangeError('t') } })").try_to_display_string()),
            (Shown{"throws", "RangeError: t"}));
  EXPECT_FALSE(eval("Object.create(null)").try_to_display_string());
}

TEST_F(Values, DisplayStringOfASymbolIsItsText) {
  // String(symbol) does not throw, other than `symbol + ''`
  EXPECT_EQ(eval("Symbol('s')").to_display_string(), "Symbol(s)");
  EXPECT_EQ(eval("Symbol()").to_display_string(), "Symbol()");
}

TEST_F(Values, InstanceOf) {
  with([](Ctx ctx) {
    const Value array = ctx.eval("[]");
    EXPECT_TRUE(array.is_instance_of(ctx.eval("Array")));
    EXPECT_TRUE(array.is_instance_of(ctx.eval("Object")));
    EXPECT_FALSE(array.is_instance_of(ctx.eval("Map")));
    EXPECT_FALSE(ctx.eval("5").is_instance_of(ctx.eval("Number")));
    EXPECT_TRUE(
        ctx.eval("5").is_instance_of(ctx.eval("({ [Symbol.hasInstance]: (v) => v === 5 })")));
    EXPECT_FALSE(array.try_is_instance_of(ctx.eval("({})")));
    EXPECT_FALSE(array.try_is_instance_of(ctx.eval("5")));
    EXPECT_EQ(show(array
                       .try_is_instance_of(
                           ctx.eval("({ [Symbol.hasInstance]() { throw new EvalError('h') } })"))
                       .error())
                  .text,
              "EvalError: h");
  });
}

TEST_F(Values, AreMadeOfCppValues) {
  with([](Ctx ctx) {
    EXPECT_EQ(Value(ctx, 5).as<int>(), 5);
    EXPECT_EQ(Value(ctx, "text").as<std::string>(), "text");
    EXPECT_EQ(Value(ctx, std::vector<int>{1, 2}).as<Array>().size(), 2U);
    EXPECT_EQ(Value(ctx, [](int a) { return a + 1; }).as<Function>().call<int>(1), 2);
    EXPECT_TRUE(Value(ctx, std::nullopt).is_undefined());
  });
}

TEST_F(Values, TravelBetweenTheContextsOfARuntime) {
  const Context other(runtime);
  const Value object = eval("({ n: 1 })");
  const Value array = eval("[1, 2]");
  other.with([&](Ctx ctx) {
    ctx.globals().set("o", object);
    ctx.globals().set("a", array);
    EXPECT_EQ(ctx.eval<int>("o.n += 1"), 2);
    EXPECT_EQ(ctx.eval<std::vector<int>>("a"), (std::vector<int>{1, 2}));
    EXPECT_TRUE(ctx.eval("a").is_array());
    EXPECT_EQ(ctx.eval("o"), object);
    // the realms stay what they are
    EXPECT_FALSE(ctx.eval<bool>("a instanceof Array"));
    EXPECT_TRUE(ctx.eval<bool>("Array.isArray(a)"));
  });
  EXPECT_EQ(object.as<Object>().get<int>("n"), 2);
  const Function function =
      other.with([](Ctx ctx) { return ctx.eval<Function>("(v) => v.n * 10"); });
  EXPECT_EQ(function.call<int>(object), 20);
}

TEST_F(Values, AreRefusedByOtherRuntimes) {
  Runtime second;
  const Context elsewhere(second);
  const Value here = eval("({ n: 1 })");
  const Value there = elsewhere.with([](Ctx ctx) { return ctx.eval("({ n: 1 })"); });
  EXPECT_FALSE(here == there);
  elsewhere.with([&](Ctx ctx) {
    for (const Result<void>& result :
         {ctx.globals().try_set("x", here), ctx.eval<Object>("({})").try_set(here, 1),
          ctx.eval<Function>("(v) => v").try_call<void>(here),
          ctx.eval<Function>("(v) => v").try_call<void>(This(here)),
          ctx.eval<Object>("({})").try_set_prototype(here)}) {
      ASSERT_FALSE(result);
      EXPECT_EQ(result.error().name(), "TypeError");
    }
    EXPECT_FALSE(Value::try_make(ctx, std::vector<Value>{here}));
    EXPECT_FALSE(there.try_is_instance_of(here));
    EXPECT_FALSE(ctx.globals().has("x"));
    EXPECT_EQ(ctx.eval<int>("1"), 1);
  });
  // each stays usable where it is from
  EXPECT_EQ(here.as<Object>().get<int>("n"), 1);
  EXPECT_EQ(there.as<Object>().get<int>("n"), 1);
}

TEST_F(Values, CtxIsTheContextThatTheyAreUsedIn) {
  const Value value = eval("5");
  with([&](Ctx ctx) { EXPECT_EQ(value.ctx().raw(), ctx.raw()); });
}

TEST_F(Values, ResultsCombine) {
  const Result<int> two = try_eval<int>("2");
  const Result<int> bad = try_eval<int>("'2'");
  EXPECT_EQ(two.value_or(9), 2);
  EXPECT_EQ(bad.value_or(9), 9);
  EXPECT_EQ(Result<int>(two).transform([](int n) { return n * 1.5; }).value(), 3.0);
  EXPECT_FALSE(Result<int>(bad).transform([](int n) { return n; }));
  const auto halve = [](int n) -> Result<int> {
    if (n % 2 != 0) return Error::range("odd");
    return n / 2;
  };
  EXPECT_EQ(Result<int>(two).and_then(halve).and_then(halve).error().message(), "odd");
  EXPECT_EQ(Result<int>(bad).and_then(halve).error().name(), "TypeError");
  EXPECT_THROW((void)bad.value(), Error);
}

TEST_F(Values, HandlesAddNoDataToValue) {
  static_assert(sizeof(Object) == sizeof(Value) && sizeof(Array) == sizeof(Value));
  static_assert(sizeof(Function) == sizeof(Value) && sizeof(String) == sizeof(Value));
  static_assert(sizeof(Symbol) == sizeof(Value) && sizeof(Promise<>) == sizeof(Value));
  static_assert(std::is_nothrow_move_constructible_v<Value> &&
                std::is_nothrow_copy_constructible_v<Value>);
  const std::vector<Value> mixed{eval<Object>("({})"), eval<Array>("[]"), eval<String>("'s'")};
  EXPECT_EQ(mixed[1].type(), Type::array);
}

}  // namespace
}  // namespace quip::test
