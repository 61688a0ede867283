// Properties: read, written, listed and removed, by every kind of key.
#include "support/js.hpp"
#include <quip/value/object.hpp>

#include <cstdint>
#include <map>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

using namespace std::string_literals;

using Objects = JsTest;
using Texts = std::vector<std::string>;

Texts texts(const std::vector<Atom>& keys) {
  Texts result;
  for (const Atom& key : keys) {
    result.push_back(key.to_string());
  }
  return result;
}

TEST_F(Objects, NewOnesArePlain) {
  with([](Ctx ctx) {
    const Object object(ctx);
    EXPECT_TRUE(object.keys().empty());
    EXPECT_EQ(object.prototype(), ctx.eval("Object.prototype"));
    EXPECT_EQ(object.type(), Type::object);
  });
}

TEST_F(Objects, EveryKindOfKeyNamesTheSameProperty) {
  with([](Ctx ctx) {
    const Object object(ctx);
    object.set("n", 1);
    const std::string text = "n";
    const std::string_view view = text;
    const Atom atom(ctx, "n");
    const String string(ctx, "n");
    const char* pointer = "n";
    EXPECT_EQ(object.get<int>("n"), 1);
    EXPECT_EQ(object.get<int>(text), 1);
    EXPECT_EQ(object.get<int>(view), 1);
    EXPECT_EQ(object.get<int>(pointer), 1);
    EXPECT_EQ(object.get<int>(atom), 1);
    EXPECT_EQ(object.get<int>(string), 1);
    EXPECT_EQ(object.get<int>(key<"n">), 1);
    EXPECT_EQ(object["n"].get<int>(), 1);
    EXPECT_EQ(object[atom].get<int>(), 1);
    EXPECT_EQ(object[key<"n">].get<int>(), 1);
    EXPECT_TRUE(object.has(key<"n">) && object.has(atom) && object.has(text) && object.has(string));
    object.set(key<"m">, 2);
    object.set(atom, 3);
    EXPECT_EQ(object.get<int>("m"), 2);
    EXPECT_EQ(object.get<int>("n"), 3);
    EXPECT_TRUE(object.remove(atom));
    EXPECT_FALSE(object.has("n"));
  });
}

TEST_F(Objects, IndicesAreKeysToo) {
  with([](Ctx ctx) {
    const Object object(ctx);
    object.set(0, "zero");
    object.set(7U, "seven");
    object.set(std::int64_t{4294967295}, "large");
    object.set(-1, "negative");
    object.set(std::uint64_t{18446744073709551615ULL}, "largest");
    ctx.globals().set("o", object);
    EXPECT_EQ(ctx.eval<std::string>(
                  "[o[0], o['7'], o[4294967295], o[-1], o['18446744073709551615']].join()"),
              "zero,seven,large,negative,largest");
    EXPECT_EQ(object.get<std::string>("0"), "zero");
    EXPECT_EQ(object.get<std::string>(-1), "negative");
  });
}

TEST_F(Objects, SymbolsAreKeysOfTheirOwn) {
  with([](Ctx ctx) {
    const Object object(ctx);
    const Symbol a(ctx, "same");
    const Symbol b(ctx, "same");
    object.set(a, 1);
    object.set(b, 2);
    object.set("same", 3);
    EXPECT_EQ(object.get<int>(a), 1);
    EXPECT_EQ(object.get<int>(b), 2);
    EXPECT_EQ(object.get<int>("same"), 3);
    EXPECT_EQ(object.keys().size(), 1U);
    EXPECT_EQ(object.keys({.strings = false, .symbols = true}).size(), 2U);
    const Object iterable = ctx.eval<Object>("({ *[Symbol.iterator]() { yield 1 } })");
    EXPECT_TRUE(iterable.has(ctx.eval("Symbol.iterator")));
    EXPECT_TRUE(object.remove(a));
    EXPECT_FALSE(object.has(a));
    EXPECT_TRUE(object.has(b));
  });
}

TEST_F(Objects, KeysMayHaveAnyText) {
  with([](Ctx ctx) {
    const Object object(ctx);
    const Texts names{"",          "a b", "\u20ac", "n\0x"s, "\U0001f600", std::string(5000, 'k'),
                      "__proto__x"};
    for (const std::string& name : names) {
      object.set(name, name);
    }
    EXPECT_EQ(texts(object.keys()), names);
    for (const std::string& name : names) {
      EXPECT_EQ(object.get<std::string>(name), name);
    }
    EXPECT_FALSE(object.has("n"));
  });
}

TEST_F(Objects, MissingIsUndefined) {
  const Object object = eval<Object>("({ u: undefined })");
  EXPECT_TRUE(object.get("nothing").is_undefined());
  EXPECT_TRUE(object.get("u").is_undefined());
  EXPECT_FALSE(object.has("nothing"));
  EXPECT_TRUE(object.has("u"));
  EXPECT_EQ(object.get<std::optional<int>>("nothing"), std::nullopt);
  EXPECT_EQ(show(object.try_get<int>("nothing")),
            (Shown{"throws",
                   "TypeError: nothing: expected an integer from -2147483648 to 2147483647, got "
                   "undefined"}));
}

TEST_F(Objects, TheChainOfPrototypesIsSeen) {
  with([](Ctx ctx) {
    const Object object = ctx.eval<Object>(
        "({ own: 1, __proto__: { inherited: 2, get sum() { return this.own + 10 } } })");
    EXPECT_EQ(object.get<int>("inherited"), 2);
    EXPECT_EQ(object.get<int>("sum"), 11);
    EXPECT_TRUE(object.has("inherited"));
    EXPECT_EQ(texts(object.keys()), Texts{"own"});
    EXPECT_TRUE(object.remove("inherited"));  // it is not its own: nothing happens
    EXPECT_TRUE(object.has("inherited"));
  });
}

TEST_F(Objects, KeysAreInJavaScriptsOrder) {
  const Object object = eval<Object>(
      "const o = { b: 1, 10: 1, a: 1, 2: 1 }; o[Symbol('s')] = 1;"
      "Object.defineProperty(o, 'hidden', { value: 1 }); o");
  EXPECT_EQ(texts(object.keys()), (Texts{"2", "10", "b", "a"}));
  EXPECT_EQ(texts(object.keys({.symbols = true})), (Texts{"2", "10", "b", "a", "s"}));
  EXPECT_EQ(texts(object.keys({.enumerable_only = false})), (Texts{"2", "10", "b", "a", "hidden"}));
  EXPECT_EQ(texts(object.keys({.strings = false, .symbols = true})), Texts{"s"});
  EXPECT_TRUE(object.keys({.strings = false}).empty());
}

TEST_F(Objects, CallablesAreNamedAfterTheirKey) {
  with([](Ctx ctx) {
    const Object object(ctx);
    object.set("twice", [](int n) { return 2 * n; });
    object.set(std::string("thrice"), [](int n) { return 3 * n; });
    object["half"] = [](double n) { return n / 2; };
    ctx.globals().set("o", object);
    EXPECT_EQ(ctx.eval<std::string>("[o.twice.name, o.thrice.name, o.half.name].join()"),
              "twice,thrice,half");
    EXPECT_EQ(ctx.eval<int>("o.half(o.twice(3))"), 3);
  });
}

TEST_F(Objects, WritingFailsAsInStrictMode) {
  const std::pair<const char*, const char*> refusals[] = {
      {"Object.freeze({ a: 1 })", "a"},
      {"Object.freeze({})", "fresh"},
      {"Object.preventExtensions({})", "fresh"},
      {"({ get a() { return 1 } })", "a"},
      {"Object.defineProperty({}, 'a', { value: 1 })", "a"},
      {"new Proxy({}, { set: () => false })", "a"},
  };
  for (const auto& [script, name] : refusals) {
    const Object object = eval<Object>("(" + std::string(script) + ")");
    const Result<void> set = object.try_set(name, 2);
    ASSERT_FALSE(set) << script;
    EXPECT_EQ(set.error().name(), "TypeError") << script;
    EXPECT_THROW(object.set(name, 2), Error) << script;
    EXPECT_THROW(object[name] = 2, Error) << script;
  }
  EXPECT_EQ(eval<Object>("Object.freeze({ a: 1 })").get<int>("a"), 1);
}

TEST_F(Objects, RemovingTellsWhetherItIsGone) {
  const Object object = eval<Object>("Object.defineProperty({ a: 1 }, 'fixed', { value: 1 })");
  EXPECT_TRUE(object.remove("a"));
  EXPECT_FALSE(object.has("a"));
  EXPECT_TRUE(object.remove("never"));
  EXPECT_FALSE(object.remove("fixed"));
  EXPECT_TRUE(object.has("fixed"));
}

TEST_F(Objects, WhatGettersSettersAndTrapsThrowComesThrough) {
  const Object accessor = eval<Object>(
      "({ get a() { throw new RangeError('get') }, set a(v) { throw new RangeError('set') } })");
  EXPECT_EQ(show(accessor.try_get("a")).text, "RangeError: get");
  EXPECT_EQ(show(accessor.try_set("a", 1)).text, "RangeError: set");
  const Object proxy = eval<Object>(R"(new Proxy({ a: 1 }, {
    get() { throw new EvalError('get') }, set() { throw new EvalError('set') }, has() { throw new EvalError('has') },
    deleteProperty() { throw new EvalError('delete') }, ownKeys() { throw new EvalError('keys') },
    getPrototypeOf() { throw new EvalError('prototype') }, setPrototypeOf() { throw new EvalError('set prototype') } }))");
  EXPECT_EQ(show(proxy.try_get("a")).text, "EvalError: get");
  EXPECT_EQ(show(proxy.try_set("a", 1)).text, "EvalError: set");
  EXPECT_EQ(show(proxy.try_has("a").error()).text, "EvalError: has");
  EXPECT_EQ(show(proxy.try_remove("a").error()).text, "EvalError: delete");
  EXPECT_EQ(show(proxy.try_keys().error()).text, "EvalError: keys");
  EXPECT_EQ(show(proxy.try_prototype()).text, "EvalError: prototype");
  EXPECT_EQ(show(proxy.try_set_prototype(eval("null"))).text, "EvalError: set prototype");
  EXPECT_EQ(
      show(eval<Object>("({})").try_get(eval("({ toString() { throw new EvalError('key') } })")))
          .text,
      "EvalError: key");
  expect_eval("1", "number", "1");
}

TEST_F(Objects, RevokedProxiesAreErrors) {
  const Object proxy =
      eval<Object>("const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); proxy");
  EXPECT_EQ(proxy.try_get("a").error().name(), "TypeError");
  EXPECT_EQ(proxy.try_set("a", 1).error().name(), "TypeError");
  EXPECT_EQ(proxy.try_has("a").error().name(), "TypeError");
  EXPECT_EQ(proxy.try_keys().error().name(), "TypeError");
  EXPECT_EQ(proxy.type(), Type::proxy);
}

TEST_F(Objects, TrapsSeeTheKeys) {
  with([](Ctx ctx) {
    const Object proxy =
        ctx.eval<Object>("new Proxy({}, { get: (target, key) => typeof key + ':' + String(key) })");
    EXPECT_EQ(proxy.get<std::string>("name"), "string:name");
    EXPECT_EQ(proxy.get<std::string>(5), "string:5");
    EXPECT_EQ(proxy.get<std::string>(Symbol(ctx, "s")), "symbol:Symbol(s)");
  });
}

TEST_F(Objects, PrototypesAreReadAndSet) {
  with([](Ctx ctx) {
    const Object base = ctx.eval<Object>("({ hello: 'from base' })");
    const Object object(ctx);
    object.set_prototype(base);
    EXPECT_EQ(object.prototype(), base);
    EXPECT_EQ(object.get<std::string>("hello"), "from base");
    object.set_prototype(ctx.eval("null"));
    EXPECT_TRUE(object.prototype().is_null());
    EXPECT_FALSE(object.has("toString"));
    EXPECT_FALSE(object.try_set_prototype(ctx.eval("5")));
    EXPECT_FALSE(base.try_set_prototype(base));  // a ring
    EXPECT_FALSE(ctx.eval<Object>("Object.freeze({})").try_set_prototype(base));
  });
}

TEST_F(Objects, ChainsReadAndWrite) {
  eval("var config = { servers: [{ ports: { http: 80 } }] }");
  with([](Ctx ctx) {
    const Object globals = ctx.globals();
    EXPECT_EQ(globals["config"]["servers"][0]["ports"]["http"].get<int>(), 80);
    globals["config"]["servers"][0]["ports"]["https"] = 443;
    globals["config"]["name"].set("main");
    EXPECT_EQ(ctx.eval<int>("config.servers[0].ports.https"), 443);
    EXPECT_EQ(ctx.eval<std::string>("config.name"), "main");
    EXPECT_TRUE(globals["config"]["name"].exists());
    EXPECT_FALSE(globals["config"]["missing"].exists());
    EXPECT_TRUE(globals["config"]["name"].remove());
    EXPECT_FALSE(globals["config"]["name"].exists());
    const Value servers = globals["config"]["servers"];
    EXPECT_TRUE(servers.is_array());
  });
}

TEST_F(Objects, ChainsNameThePlaceOfAnError) {
  eval("var config = { servers: [{ host: 'a' }, { host: 5 }], text: 't', nothing: null }");
  with([](Ctx ctx) {
    const Object globals = ctx.globals();
    const auto config = globals["config"];
    EXPECT_EQ(config["servers"][1]["host"].try_get<std::string>().error().message(),
              "config.servers[1].host: expected string, got 5 (number)");
    EXPECT_EQ(config["servers"][2]["host"].try_get<std::string>().error().message(),
              "config.servers[2]: expected object, got undefined");
    EXPECT_EQ(config["text"]["length"]["x"].try_get<int>().error().message(),
              "config.text: expected object, got \"t\" (string)");
    EXPECT_EQ(config["nothing"]["more"].try_get<int>().error().message(),
              "config.nothing: expected object, got null");
    using Servers = std::vector<std::map<std::string, std::string>>;
    EXPECT_EQ(config["servers"].try_get<Servers>().error().message(),
              "config.servers[1].host: expected string, got 5 (number)");
    EXPECT_EQ(config["missing"]["a"].try_set(1).error().message(),
              "config.missing: expected object, got undefined");
    EXPECT_THROW(config["missing"]["a"] = 1, Error);
    EXPECT_THROW((void)config["nothing"]["more"].get(), Error);
  });
}

TEST_F(Objects, APlaceKeepsItsObjectAlive) {
  with([](Ctx ctx) {
    const auto place = [ctx] { return ctx.eval<Object>("({ a: { b: 5 } })")["a"]["b"]; }();
    ctx.eval("undefined");
    EXPECT_EQ(place.get<int>(), 5);
  });
}

TEST_F(Objects, APlaceIsAssignedAsAValue) {
  with([](Ctx ctx) {
    const Object object = ctx.eval<Object>("({ a: 1, b: 2 })");
    object["a"] = object["b"];
    EXPECT_EQ(object.get<int>("a"), 2);
    object["c"] = object["missing"];
    EXPECT_TRUE(object.has("c"));
  });
}

TEST_F(Objects, AGetterMayDropTheLastHandle) {
  with([this](Ctx ctx) {
    Object object = ctx.eval<Object>("({ get a() { drop(); return 5 }, set a(v) { drop() } })");
    ctx.globals().set("drop", [&object] { object = Object(); });
    EXPECT_EQ(object.get<int>("a"), 5);
    object = ctx.eval<Object>("({ set a(v) { drop(); this.late = v } })");
    object.set("a", 1);
    EXPECT_EQ(object, Value());
    runtime.run_gc();
  });
}

TEST_F(Objects, ManyPropertiesAndKeys) {
  with([](Ctx ctx) {
    const Object object(ctx);
    for (int i = 0; i < 2000; ++i) {
      object.set("key" + std::to_string(i), i);
    }
    EXPECT_EQ(object.keys().size(), 2000U);
    EXPECT_EQ(object.get<int>("key1999"), 1999);
  });
}

TEST_F(Objects, AreMadeWithAPrototype) {
  with([](Ctx ctx) {
    const Object base = ctx.eval<Object>("({ hello: 'from base', set trap(v) { throw 1 } })");
    const Object derived = Object::with_prototype(ctx, base);
    EXPECT_EQ(derived.prototype(), base);
    EXPECT_EQ(derived.get<std::string>("hello"), "from base");
    EXPECT_TRUE(derived.keys().empty());
    const Object bare = Object::null_prototype(ctx);
    EXPECT_TRUE(bare.prototype().is_null());
    EXPECT_FALSE(bare.has("toString"));
    EXPECT_TRUE(Object::with_prototype(ctx, ctx.eval("null")).prototype().is_null());
    for (const char* script : {"undefined", "5", "'text'", "Symbol()"}) {
      const Result<Object> refused = Object::try_with_prototype(ctx, ctx.eval(script));
      ASSERT_FALSE(refused) << script;
      EXPECT_EQ(refused.error().kind(), ErrorKind::conversion) << script;
    }
    EXPECT_FALSE(Object::try_with_prototype(ctx, Value()));
    const Runtime other;
    const Object foreign = Context(other).with([](Ctx there) { return Object(there); });
    EXPECT_EQ(Object::try_with_prototype(ctx, foreign).error().name(), "TypeError");
  });
}

TEST_F(Objects, AreMadeOfPairs) {
  eval("Object.defineProperty(Object.prototype, 'a', { set() { throw 1 }, configurable: true })");
  with([](Ctx ctx) {
    const std::map<std::string, int> numbers{{"a", 1}, {"b", 2}, {"7", 3}};
    const Object object = Object::from(ctx, numbers);
    EXPECT_EQ(object.keys<std::string>(), (Texts{"7", "a", "b"}));
    EXPECT_EQ(object.get<int>("a"), 1);
    const PropertyDescriptor a = object.own_property("a").value();
    EXPECT_TRUE(a.writable && a.enumerable && a.configurable);
    // an own property like any other
    const Object proto = Object::from(
        ctx, std::vector<std::pair<const char*, int>>{{"__proto__", 5}, {"x", 1}, {"x", 2}});
    EXPECT_TRUE(proto.has_own("__proto__"));
    EXPECT_EQ(proto.get<int>("x"), 2);
    EXPECT_EQ(proto.prototype(), ctx.eval("Object.prototype"));
    const Symbol symbol(ctx, "s");
    EXPECT_EQ(Object::from(ctx, std::vector<std::pair<Symbol, int>>{{symbol, 3}}).get<int>(symbol),
              3);
    const Object piped = std::views::iota(0, 3) |
                         std::views::transform([](int n) { return std::pair(n, n * n); }) |
                         to<Object>(ctx);
    EXPECT_EQ(piped.get<int>(2), 4);
    EXPECT_EQ(
        Object::try_from(ctx, std::vector<std::pair<int, Value>>{{1, Value()}}).error().name(),
        "TypeError");
    EXPECT_TRUE(Object::from(ctx, std::map<std::string, int>{}).empty());
  });
}

TEST_F(Objects, PrivateNamesAreListedWhenAskedFor) {
  const Object object =
      eval<Object>("new class { #hidden = 5; open = 1; has(k) { return k in this } }");
  EXPECT_EQ(object.keys<std::string>(), Texts{"open"});
  EXPECT_EQ(object.keys({.symbols = true, .enumerable_only = false}).size(), 1U);
  const std::vector<Atom> hidden = object.keys(
      {.strings = false, .symbols = false, .enumerable_only = false, .private_names = true});
  ASSERT_EQ(hidden.size(), 1U);
  EXPECT_EQ(hidden[0].to_string(), "#hidden");
  EXPECT_TRUE(hidden[0].is_symbol());
  EXPECT_EQ(object.get<int>(hidden[0]), 5);
}

TEST_F(Objects, KeysThatDropTheLastHandle) {
  with([](Ctx ctx) {
    Object object;
    ctx.globals().set("drop", [&object] { object = Object(); });
    const Value key = ctx.eval("({ toString() { drop(); return 'a' } })");
    const auto fresh = [&] { object = ctx.eval<Object>("({ a: 1 })"); };
    fresh();
    EXPECT_EQ(object.get<int>(key), 1);
    fresh();
    object.set(key, 2);
    fresh();
    EXPECT_TRUE(object.has(key));
    fresh();
    EXPECT_TRUE(object.remove(key));
    fresh();
    EXPECT_TRUE(object.has_own(key));
    fresh();
    EXPECT_EQ(object.own_property(key)->value.as<int>(), 1);
    fresh();
    object.define(key, 3);
    EXPECT_EQ(object, Value());
  });
}

TEST_F(Objects, OfAnEndedRuntimeAreErrors) {
  Object object;
  {
    const Runtime other;
    object = Context(other).with([](Ctx ctx) { return ctx.eval<Object>("({ a: 1 })"); });
  }
  const auto gone = [](const auto& result) {
    return !result && result.error().kind() == ErrorKind::runtime_gone;
  };
  EXPECT_TRUE(gone(object.try_define("a", 1)));
  EXPECT_TRUE(gone(object.try_own_property("a")));
  EXPECT_TRUE(gone(object.try_has_own("a")));
  EXPECT_TRUE(gone(object.try_freeze()));
  EXPECT_TRUE(gone(object.try_is_frozen()));
  EXPECT_TRUE(gone(object.try_seal()));
  EXPECT_TRUE(gone(object.try_is_sealed()));
  EXPECT_TRUE(gone(object.try_prevent_extensions()));
  EXPECT_TRUE(gone(object.try_is_extensible()));
  EXPECT_TRUE(gone(object.try_size()));
  EXPECT_TRUE(gone(object.try_empty()));
  EXPECT_TRUE(gone(object.try_entries()));
  EXPECT_TRUE(gone(object.try_values()));
  EXPECT_TRUE(gone(object.try_keys<std::string>()));
  EXPECT_THROW((void)object.entries(), RuntimeGone);
  EXPECT_THROW(Object().freeze(), RuntimeGone);
}

}  // namespace
}  // namespace quip::test
