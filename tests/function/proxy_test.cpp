// Proxies whose traps are C++ functions, and proxies of scripts as C++ sees them.
#include "support/counted.hpp"
#include "support/js.hpp"
#include "support/lifetime.hpp"
#include <quip/function/proxy.hpp>

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace quip::test {
namespace {

using Texts = std::vector<std::string>;

class Proxies : public JsTest {
 protected:
  Proxies() {
    eval(
        "function Target(x) { this.x = x } const fixed = (o, k, value) => "
        "Object.defineProperty(o, k, { value, enumerable: true })");
  }
  /// globalThis.p = a proxy of globalThis.t, which is what the script gives.
  void make(std::string_view target, const ProxyHandler& handler) {
    with([&](Ctx ctx) {
      const Object object = ctx.eval<Object>(target);
      ctx.globals().set("t", object);
      ctx.globals().set("p", Proxy(ctx, object, handler));
    });
  }
  ProxyHandler handler() {
    return with([](Ctx ctx) { return ProxyHandler(ctx); });
  }
  void expect_type_error(const char* script) {
    const Result<Value> result = try_eval(script);
    ASSERT_FALSE(result) << script;
    EXPECT_EQ(result.error().name(), "TypeError") << script << ": " << result.error().what();
  }
};

TEST_F(Proxies, WithoutTrapsTheyAreTheTarget) {
  make("({ a: 1 })", handler());
  expect_eval("p.b = 2; delete p.a; [Object.keys(p), 'b' in p, t.b].join()", "string", "b,true,2");
  const Proxy proxy = eval<Proxy>("p");
  EXPECT_EQ(proxy.get<int>("b"), 2);
  EXPECT_EQ(proxy.type(), Type::proxy);
  EXPECT_FALSE(proxy == eval("t"));
  eval("Object.prototype.get = () => 'inherited'");  // is no trap
  expect_eval("p.b", "number", "2");
  eval("delete Object.prototype.get");
}

TEST_F(Proxies, Get) {
  make("fixed({ a: 1 }, 'f', 5)",
       handler().get([](const Object& target, const Atom& key, const Value& receiver) -> Value {
         const Ctx ctx = target.ctx();
         if (key == Atom(ctx, "self")) return receiver;
         if (key == Atom(ctx, "missing")) return Value(ctx, "made");
         if (key.to_value().is_symbol()) return Value(ctx, "symbol " + key.to_string());
         return target.get(key);
       }));
  expect_eval("[p.a, p.missing, p.self === p, p[Symbol('s')], p.f].join()", "string",
              "1,made,true,symbol s,5");
  expect_eval("Object.create(p).missing", "string", "made");
  const Proxy proxy = eval<Proxy>("p");
  EXPECT_EQ(proxy.get<std::string>("missing"), "made");
  EXPECT_EQ(proxy.get<int>("a"), 1);
  make("fixed({}, 'f', 5)", handler().get([] { return 6; }));
  expect_type_error("p.f");
}

TEST_F(Proxies, Set) {
  make("fixed({}, 'f', 5)",
       handler().set([](const Object& target, const std::string& key, int value, const Value&) {
         if (key == "refused") return false;
         if (key != "f") target.set(key, 2 * value);
         return true;
       }));
  expect_eval("p.a = 4; t.a", "number", "8");
  expect_eval("'use strict'; p.refused = 1", "throws", "TypeError: proxy: cannot set property");
  eval<Object>("p").set("b", 5);
  expect_eval("t.b", "number", "10");
  EXPECT_EQ(eval<Object>("p").try_set("refused", 1).error().name(), "TypeError");
  EXPECT_EQ(eval<Object>("p").try_set("c", "text").error().name(), "TypeError");  // no int
  expect_type_error("'use strict'; p.f = 6");  // the trap says so, but it is not true
}

TEST_F(Proxies, Has) {
  make("fixed({ a: 1 }, 'f', 5)",
       handler().has([](const Object&, const std::string& key) { return key == "virtual"; }));
  expect_eval("['virtual' in p, 'a' in p].join()", "string", "true,false");
  EXPECT_TRUE(eval<Object>("p").has("virtual"));
  EXPECT_FALSE(eval<Object>("p").has("a"));
  expect_type_error("'f' in p");
  EXPECT_EQ(eval<Object>("p").try_has("f").error().name(), "TypeError");
}

TEST_F(Proxies, DeleteProperty) {
  make("fixed({ a: 1, b: 2 }, 'f', 5)",
       handler().delete_property([](const Object& target, const std::string& key) {
         return key == "f" || (key != "b" && target.remove(key));
       }));
  expect_eval("[delete p.a, 'a' in t, delete p.b, 'b' in t].join()", "string",
              "true,false,false,true");
  EXPECT_FALSE(eval<Object>("p").remove("b"));
  expect_type_error("delete p.f");
}

TEST_F(Proxies, DefineProperty) {
  make("({})", handler().define_property(
                   [](const Object& target, const std::string& key, const Object& descriptor) {
                     if (key == "refused") return false;
                     if (key != "lie") target.set(key, descriptor.get("value"));
                     return true;
                   }));
  expect_eval(
      "Object.defineProperty(p, 'a', { value: 3, configurable: true, writable: true,"
      "enumerable: true }); t.a",
      "number", "3");
  expect_type_error("Object.defineProperty(p, 'refused', { value: 3 })");
  expect_type_error("Object.defineProperty(p, 'lie', { value: 3, configurable: false })");
  expect_eval("Reflect.defineProperty(p, 'refused', { value: 3 })", "boolean", "false");
}

TEST_F(Proxies, GetOwnPropertyDescriptor) {
  make("fixed({ a: 1 }, 'f', 5)",
       handler().get_own_property_descriptor(
           [](const Object& target, const std::string& key) -> std::optional<Object> {
             if (key != "virtual") return std::nullopt;
             const Object descriptor(target.ctx());
             descriptor.set("value", 7);
             descriptor.set("configurable", true);
             return descriptor;
           }));
  expect_eval("Object.getOwnPropertyDescriptor(p, 'virtual').value", "number", "7");
  expect_eval("Object.getOwnPropertyDescriptor(p, 'a')", "undefined", "undefined");
  expect_eval("Object.hasOwn(p, 'virtual')", "boolean", "true");
  expect_type_error("Object.getOwnPropertyDescriptor(p, 'f')");
}

TEST_F(Proxies, OwnKeys) {
  make("({ c: 1 })", handler().own_keys([](const Object&) { return Texts{"a", "b", "c"}; }));
  expect_eval("Reflect.ownKeys(p).join()", "string", "a,b,c");
  expect_eval("Object.keys(p).join()", "string", "c");
  EXPECT_EQ(eval<Object>("p").keys({.enumerable_only = false}).size(), 3U);
  make("fixed({}, 'f', 5)", handler().own_keys([](const Object&) { return Texts(); }));
  expect_type_error("Reflect.ownKeys(p)");
  make("({})", handler().own_keys([](const Object&) { return std::vector<int>{1}; }));
  expect_type_error("Reflect.ownKeys(p)");
  make("({})", handler().own_keys([](const Object&) {}));
  EXPECT_EQ(eval<Object>("p").try_keys().error().name(), "TypeError");
}

TEST_F(Proxies, PrototypeTraps) {
  make("({})", handler()
                   .get_prototype_of([](const Object& target) {
                     return target.ctx().globals().get<Function>("Target").get("prototype");
                   })
                   .set_prototype_of(
                       [](const Object&, const Value& prototype) { return prototype.is_null(); }));
  expect_eval("p instanceof Target", "boolean", "true");
  EXPECT_EQ(eval<Object>("p").prototype(), eval("Target.prototype"));
  EXPECT_TRUE(eval<Object>("p").is_instance_of(eval("Target")));
  eval("Object.setPrototypeOf(p, null)");
  EXPECT_TRUE(eval<Object>("p").try_set_prototype(eval("null")));
  expect_type_error("Object.setPrototypeOf(p, {})");
  EXPECT_EQ(eval<Object>("p").try_set_prototype(eval("({})")).error().name(), "TypeError");
  eval("Object.preventExtensions(t)");
  expect_type_error("Object.getPrototypeOf(p)");
  make("({})", handler().get_prototype_of([](const Object&) { return 5; }));
  EXPECT_EQ(eval<Object>("p").try_prototype().error().name(), "TypeError");
}

TEST_F(Proxies, ExtensibilityTraps) {
  make("({})", handler()
                   .is_extensible([](const Object&) { return true; })
                   .prevent_extensions([](const Object& target) {
                     target.ctx().globals().set("asked", true);
                     return false;
                   }));
  expect_eval("Object.isExtensible(p)", "boolean", "true");
  expect_type_error("Object.preventExtensions(p)");
  expect_eval("asked", "boolean", "true");
  eval("Object.preventExtensions(t)");
  expect_type_error("Object.isExtensible(p)");
  make("({})", handler().prevent_extensions([](const Object&) { return true; }));
  expect_type_error("Object.preventExtensions(p)");  // it says so, but it is not true
}

TEST_F(Proxies, ApplyAndConstruct) {
  make("Target",
       handler()
           .apply([](const Function&, const Value& self, const std::vector<int>& numbers) {
             int sum = self.is_undefined() ? 0 : 1000;
             for (const int n : numbers) sum += n;
             return sum;
           })
           .construct([](const Function& target, const Array& arguments,
                         const Value& new_target) -> Value {
             if (arguments.empty()) return Value(target.ctx(), 5);
             const Object made = target.construct(arguments.get<int>(0) + 1);
             made.set("same", new_target);
             return made;
           }));
  expect_eval("'use strict'; p(1, 2, 3)", "number", "6");
  expect_eval("p.call({}, 1)", "number", "1001");
  expect_eval("typeof p", "string", "function");
  expect_eval("const made = new p(5); [made.x, made.same === p, made instanceof Target].join()",
              "string", "6,true,true");
  expect_type_error("new p");
  expect_eval("try { p('x') } catch (e) { e.name }", "string", "TypeError");
  const Function function = eval<Function>("p");
  EXPECT_EQ(function.call<int>(4, 5), 9);
  EXPECT_EQ(function.construct(1).get<int>("x"), 2);
  EXPECT_EQ(function.try_construct().error().name(), "TypeError");
  make("({})", handler().apply([] { return 1; }));
  expect_type_error("p()");
}

TEST_F(Proxies, CallableOnesAreProxiesAndFunctions) {
  with([](Ctx ctx) {
    const Proxy proxy(ctx, ctx.eval<Object>("n => 2 * n"), ProxyHandler(ctx));
    EXPECT_EQ(proxy.type(), Type::function);
    EXPECT_TRUE(proxy.is<Function>());
    EXPECT_TRUE(proxy.is<Proxy>());
    EXPECT_EQ(proxy.as<Function>().call<int>(4), 8);
    EXPECT_FALSE(ctx.eval("() => 1").is<Proxy>());
    EXPECT_FALSE(ctx.eval("({})").is<Proxy>());
    EXPECT_EQ(ctx.try_eval<Proxy>("[]").error().message(), "expected proxy, got array");
    EXPECT_EQ(ctx.try_eval<Proxy>("5").error().message(), "expected proxy, got 5 (number)");
    EXPECT_FALSE(ctx.eval("new Proxy([], {})").is_array());
  });
}

TEST_F(Proxies, WhatTrapsThrow) {
  const auto fail = [](const char* trap) {
    return [trap]() -> Value { throw std::out_of_range(trap); };
  };
  ProxyHandler all = handler();
  constexpr Trap last = Trap::construct;
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    const auto trap = static_cast<Trap>(i);
    all.trap(trap, fail(to_string(trap).data()));
  }
  make("Target", all);
  const std::pair<const char*, const char*> cases[] = {
      {"p.a", "get"},
      {"p.a = 1", "set"},
      {"'a' in p", "has"},
      {"delete p.a", "deleteProperty"},
      {"Object.defineProperty(p, 'a', {})", "defineProperty"},
      {"Object.getOwnPropertyDescriptor(p, 'a')", "getOwnPropertyDescriptor"},
      {"Reflect.ownKeys(p)", "ownKeys"},
      {"Object.getPrototypeOf(p)", "getPrototypeOf"},
      {"Object.setPrototypeOf(p, null)", "setPrototypeOf"},
      {"Object.isExtensible(p)", "isExtensible"},
      {"Object.preventExtensions(p)", "preventExtensions"},
      {"p()", "apply"},
      {"new p()", "construct"},
  };
  for (const auto& [script, trap] : cases) {
    expect_eval(script, "throws", "RangeError: " + std::string(trap));
    EXPECT_THROW((void)eval(script), std::out_of_range) << script;  // the same exception again
  }
  const Object proxy = eval<Object>("p");
  EXPECT_EQ(show(proxy.try_get("a")).text, "RangeError: get");
  EXPECT_EQ(show(proxy.try_set("a", 1)).text, "RangeError: set");
  EXPECT_EQ(show(proxy.try_has("a").error()).text, "RangeError: has");
  EXPECT_EQ(show(proxy.try_remove("a").error()).text, "RangeError: deleteProperty");
  EXPECT_EQ(show(proxy.try_keys().error()).text, "RangeError: ownKeys");
  EXPECT_EQ(show(proxy.try_prototype()).text, "RangeError: getPrototypeOf");
  EXPECT_EQ(show(proxy.try_set_prototype(eval("null"))).text, "RangeError: setPrototypeOf");
  EXPECT_EQ(show(proxy.as<Function>().try_call()).text, "RangeError: apply");
  EXPECT_EQ(show(proxy.as<Function>().try_construct()).text, "RangeError: construct");
}

TEST_F(Proxies, TrapsTellWhichArgumentWasWrong) {
  make("({})", handler().get([](const Object&, const std::string&) { return 1; }));
  expect_eval("p.a", "number", "1");
  expect_eval("p[Symbol('s')]", "throws",
              "TypeError: Failed to execute 'get': parameter 2: expected string, got symbol");
}

TEST_F(Proxies, HandlersMayChangeAndBeScripts) {
  ProxyHandler traps = handler();
  make("({})", traps);
  traps.get([] { return 1; });
  expect_eval("p.a", "number", "1");
  traps.get(eval<Function>("(target, key) => key + '!'"));
  expect_eval("p.a", "string", "a!");
  traps.object().remove("get");
  expect_eval("p.a", "undefined", "undefined");
  ASSERT_TRUE(traps.try_trap(Trap::has, [] { return true; }));
  expect_eval("'a' in p", "boolean", "true");
  define("h", traps);
  expect_eval("[Object.getPrototypeOf(h), Object.keys(h), h.has.name].join()", "string",
              ",has,has");
  with([](Ctx ctx) {
    const Proxy plain(ctx, Object(ctx), ctx.eval<Object>("({ get: () => 5 })"));
    EXPECT_EQ(plain.get<int>("x"), 5);
  });
}

TEST_F(Proxies, TheirPartsAreSeen) {
  with([](Ctx ctx) {
    const Object target = ctx.eval<Object>("var target = { a: 1 }; target");
    const ProxyHandler traps =
        ProxyHandler(ctx).get([]() -> Value { throw std::logic_error("trap"); });
    const Proxy proxy(ctx, target, traps);
    EXPECT_EQ(proxy.target(), target);
    EXPECT_EQ(proxy.handler(), traps.object());
    EXPECT_FALSE(proxy.is_revoked());
    const Proxy outer =
        ctx.eval<Proxy>("var handler = {}; new Proxy(new Proxy(target, handler), {})");
    const Proxy inner = outer.target().as<Proxy>();
    EXPECT_EQ(inner.target(), target);
    EXPECT_EQ(inner.handler(), ctx.eval("handler"));
    const Proxy callable = ctx.eval<Proxy>("new Proxy(Math.max, handler)");
    EXPECT_EQ(callable.target(), ctx.eval("Math.max"));
    EXPECT_FALSE(callable.is_revoked());
  });
}

/// Every operation on a revoked proxy.
void expect_revoked(const Proxy& proxy) {
  const Ctx ctx = proxy.ctx();
  EXPECT_TRUE(proxy.is_revoked());
  EXPECT_TRUE(proxy.is<Proxy>());
  EXPECT_FALSE(proxy.is_array());
  EXPECT_FALSE(proxy.is_error());
  EXPECT_FALSE(proxy.is_promise());
  EXPECT_EQ(proxy, proxy);
  for (const Error& error :
       {proxy.try_get("a").error(), proxy.try_get(0).error(), proxy.try_set("a", 1).error(),
        proxy.try_has("a").error(), proxy.try_remove("a").error(), proxy.try_keys().error(),
        proxy.try_prototype().error(), proxy.try_set_prototype(Object(ctx)).error(),
        proxy.try_target().error(), proxy.try_handler().error(),
        proxy.try_is_instance_of(ctx.eval("Object")).error(),
        ctx.eval("({})").try_is_instance_of(proxy).error(), proxy["a"]["b"].try_get<int>().error(),
        proxy.try_to_display_string().error(), try_iterate(proxy).error(),
        proxy.try_as<std::map<std::string, int>>().error(),
        proxy.try_as<std::vector<int>>().error()}) {
    EXPECT_EQ(error.name(), "TypeError") << error.what();
  }
  EXPECT_FALSE(describe(ValueRef(ctx.raw(), proxy.raw())).empty());
  EXPECT_EQ(ctx.eval<int>("1"), 1);  // nothing is left pending
}

TEST_F(Proxies, RevokedOnesAreErrorsEverywhere) {
  with([](Ctx ctx) {
    for (const char* script : {"({ a: 1 })", "[1]", "new Map"}) {
      const auto [proxy, revoke] =
          Proxy::revocable(ctx, ctx.eval<Object>(script), ProxyHandler(ctx));
      EXPECT_FALSE(proxy.is_revoked());
      revoke.call<void>();
      EXPECT_EQ(proxy.type(), Type::proxy);
      expect_revoked(proxy);
      revoke.call<void>();  // again: nothing happens
    }
    const auto [proxy, revoke] =
        Proxy::revocable(ctx, ctx.eval<Object>("Target"), ProxyHandler(ctx));
    revoke();
    EXPECT_EQ(proxy.type(), Type::function);
    expect_revoked(proxy);
    const Function function = proxy.as<Function>();
    EXPECT_EQ(function.try_call().error().name(), "TypeError");
    EXPECT_EQ(function.try_construct().error().name(), "TypeError");
    // one whose target is revoked is not itself so
    const Proxy outer(ctx, proxy, ProxyHandler(ctx));
    EXPECT_FALSE(outer.is_revoked());
    EXPECT_EQ(outer.target(), proxy);
    EXPECT_EQ(outer.try_get("a").error().name(), "TypeError");
    EXPECT_FALSE(outer.is_array());
  });
}

TEST_F(Proxies, ATrapMayRevoke) {
  with([](Ctx ctx) {
    std::optional<Function> revoke;
    const Object target(ctx);
    target.set("a", 5);
    auto pair = Proxy::revocable(ctx, target, ProxyHandler(ctx).get([&revoke] {
      revoke->call<void>();
      return 7;
    }));
    revoke = pair.revoke;
    EXPECT_EQ(pair.proxy.get<int>("a"), 7);
    EXPECT_TRUE(pair.proxy.is_revoked());
    EXPECT_EQ(pair.proxy.try_get("a").error().name(), "TypeError");
  });
}

TEST_F(Proxies, WhatCannotBeMade) {
  Runtime other_runtime;
  const Context other(other_runtime);
  const Object foreign = other.with([](Ctx ctx) { return Object(ctx); });
  with([&](Ctx ctx) {
    const Object mine(ctx);
    for (const auto& [target, traps] : {std::pair(foreign, mine), std::pair(mine, foreign),
                                        std::pair(Object(), mine), std::pair(mine, Object())}) {
      EXPECT_EQ(Proxy::try_make(ctx, target, traps).error().name(), "TypeError");
      EXPECT_EQ(Proxy::try_revocable(ctx, target, traps).error().name(), "TypeError");
      EXPECT_THROW(Proxy(ctx, target, traps), Error);
    }
  });
  const Context base = Context::base(runtime);
  base.with([](Ctx ctx) {
    EXPECT_EQ(show(Proxy::try_make(ctx, Object(ctx), Object(ctx))).text,
              "TypeError: this context has no 'Proxy': it was made without intrinsic::Proxy");
    EXPECT_FALSE(Proxy::try_revocable(ctx, Object(ctx), Object(ctx)));
  });
}

TEST_F(Proxies, ScriptsCannotFakeThem) {
  for (const char* script :
       {"globalThis.Proxy = function () { return {} }", "globalThis.Proxy = 5",
        "globalThis.Proxy = { revocable: () => ({ proxy: {}, revoke: 5 }) }",
        "Proxy.revocable = () => { throw new TypeError('no') }; globalThis.Proxy = () => 1"}) {
    const Context other(runtime);
    other.with([&](Ctx ctx) {
      ctx.eval(script);
      EXPECT_EQ(Proxy::try_make(ctx, Object(ctx), Object(ctx)).error().name(), "TypeError");
      EXPECT_EQ(Proxy::try_revocable(ctx, Object(ctx), Object(ctx)).error().name(), "TypeError");
    });
  }
}

TEST_F(Proxies, DeepChainsEndInAnError) {
  with([](Ctx ctx) {
    Object chain(ctx);
    const ProxyHandler none(ctx);
    for (int i = 0; i < very_deep(); ++i) chain = Proxy(ctx, chain, none);
    EXPECT_FALSE(chain.try_get("a"));
    EXPECT_FALSE(chain.as<Proxy>().is_revoked());
    EXPECT_EQ(ctx.eval<int>("1"), 1);
    // taken apart from outside: engines free such chains by recursion or not
    while (chain.is<Proxy>()) chain = chain.as<Proxy>().target();
  });
}

using ProxiesLifetime = LifetimeTest;

TEST_F(ProxiesLifetime, TheyAndTheirTrapsEndWithTheRuntime) {
  Proxy proxy;
  std::optional<ProxyHandler> traps;
  with([&](Ctx ctx) {
    traps = ProxyHandler(ctx).get([counted = Counted()] { return 1; });
    proxy = Proxy(ctx, Object(ctx), *traps);
    EXPECT_EQ(proxy.get<int>("x"), 1);
  });
  EXPECT_EQ(Counted::live(), 1);
  context.reset();
  EXPECT_EQ(proxy.get<int>("x"), 1);
  runtime.reset();
  EXPECT_EQ(Counted::live(), 0);
  expect_gone(proxy.try_get("x"));
  expect_gone(proxy.try_target());
  expect_gone(proxy.try_handler());
  expect_gone(proxy.try_is_revoked());
  expect_gone(traps->try_trap(Trap::set, [] { return true; }));
}

TEST_F(ProxiesLifetime, EmptyHandles) {
  expect_gone(Proxy().try_target());
  expect_gone(Proxy().try_is_revoked());
  expect_gone(Proxy().try_get("a"));
}

}  // namespace
}  // namespace quip::test
