// Objects whose properties C++ answers for: each handler alone and all together, and what scripts,
// handlers that throw, and owners that take the object away can do to them.
#include "support/counted.hpp"
#include "support/js.hpp"
#include <quip/class/class_def.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

enum Handler : unsigned {
  get = 1,
  set = 2,
  has = 4,
  remove = 8,
  keys = 16,
  own_property = 32,
  define_property = 64,
  callable = 128,
  every = 127,
};

/// Numbers by name, of which handlers answer for some; `hook` is called by each of them first.
struct Numbers : Counted {
  std::map<std::string, double> data;
  std::function<void(const std::string& handler, const std::string& key)> hook;

  static std::string text(const Atom& key) { return key.is_symbol() ? "@" : key.to_string(); }
  void called(const char* handler, const Atom& key) const {
    if (hook) {
      const auto kept = hook;  // it may be replaced by what it calls
      kept(handler, text(key));
    }
  }
  [[nodiscard]] std::optional<double> find(const Atom& key) const {
    const auto found = data.find(text(key));
    return found == data.end() ? std::nullopt : std::optional(found->second);
  }
  [[nodiscard]] std::size_t size() const { return data.size(); }
  void put(const std::string& key, double value) { data[key] = value; }
};

template <unsigned H>
struct Dict : Numbers {};

template <unsigned H, class T>
Exotic<T> handlers() {
  Exotic<T> made;
  if constexpr ((H & Handler::get) != 0) {
    made.get = [](T& dict, Ctx ctx, const Atom& key) -> std::optional<Value> {
      dict.called("get", key);
      const auto found = dict.find(key);
      return found ? std::optional(Value(ctx, *found)) : std::nullopt;
    };
  }
  if constexpr ((H & Handler::set) != 0) {
    made.set = [](T& dict, Ctx, const Atom& key, const Value& value) {
      dict.called("set", key);
      if (key.is_symbol() || !value.is_number()) return false;
      dict.data[dict.text(key)] = value.as<double>();
      return true;
    };
  }
  if constexpr ((H & Handler::has) != 0) {
    made.has = [](T& dict, Ctx, const Atom& key) {
      dict.called("has", key);
      return dict.find(key).has_value();
    };
  }
  if constexpr ((H & Handler::remove) != 0) {
    made.remove = [](T& dict, Ctx, const Atom& key) {
      dict.called("remove", key);
      if (Numbers::text(key) == "fixed") return false;
      dict.data.erase(Numbers::text(key));
      return true;
    };
  }
  if constexpr ((H & Handler::keys) != 0) {
    made.keys = [](T& dict, Ctx ctx) {
      dict.called("keys", Atom(ctx, "keys"));
      std::vector<Atom> names;
      for (const auto& [name, value] : dict.data) names.emplace_back(ctx, name);
      return names;
    };
  }
  if constexpr ((H & Handler::own_property) != 0) {
    made.own_property = [](T& dict, Ctx ctx, const Atom& key) -> std::optional<PropertyDescriptor> {
      dict.called("own_property", key);
      const auto found = dict.find(key);
      if (!found) return std::nullopt;
      return PropertyDescriptor{.value = Value(ctx, *found),
                                .writable = *found >= 0,
                                .enumerable = *found < 1000,
                                .configurable = true};
    };
  }
  if constexpr ((H & Handler::define_property) != 0) {
    made.define = [](T& dict, Ctx, const Atom& key, const PropertyDescriptor& property) {
      dict.called("define", key);
      if (key.is_symbol() || property.is_accessor() || !property.value.is_number()) return false;
      dict.data[Numbers::text(key)] = property.value.template as<double>();
      return true;
    };
  }
  return made;
}

template <unsigned H>
void define(ClassDef<Dict<H>>& def) {
  def.name("Dict")
      .template constructor<>()
      .method("put",
              [](Dict<H>& dict, const std::string& key, double value) { dict.put(key, value); })
      .method("twice", [](const Dict<H>& dict) { return 2 * static_cast<double>(dict.size()); })
      .property("size", [](const Dict<H>& dict) { return static_cast<double>(dict.size()); })
      .exotic(handlers<(H & every), Dict<H>>());
  if constexpr ((H & Handler::callable) != 0) {
    def.callable([](Dict<H>& dict, const std::string& key) { return dict.data[key]; });
  }
}

class ExoticObjects : public JsTest {
 protected:
  /// The class Dict with these handlers, and an instance `d` with {a: 1, b: 2}.
  template <unsigned H>
  void use() {
    with([](Ctx ctx) {
      ctx.globals().set("Dict", Instance<Dict<H>>::constructor(ctx));
      ctx.eval<void>("var d = new Dict(); d.put('a', 1); d.put('b', 2);");
    });
  }
  template <unsigned H>
  Dict<H>& object() {
    return with([](Ctx ctx) -> Dict<H>& { return ctx.eval<Instance<Dict<H>>>("d").get(); });
  }
  /// String(what the script gives).
  void check(std::string_view script, std::string_view text,
             std::source_location where = std::source_location::current()) {
    const ::testing::ScopedTrace trace(where.file_name(), static_cast<int>(where.line()),
                                       std::string(script));
    EXPECT_EQ(show(try_eval(script)).text, text);
  }
  void refused(std::string_view script,
               std::source_location where = std::source_location::current()) {
    const ::testing::ScopedTrace trace(where.file_name(), static_cast<int>(where.line()),
                                       std::string(script));
    const Result<Value> result = try_eval(script);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().name(), "TypeError") << result.error().what();
  }
};

// ---- each handler alone
// --------------------------------------------------------------------------

TEST_F(ExoticObjects, GetAloneMakesReadOnlyProperties) {
  use<Handler::get>();
  check("[d.a, d['b'], d.c]", "1,2,");
  check("['a' in d, 'c' in d, Object.hasOwn(d, 'a'), Reflect.has(d, 'b')]", "true,false,true,true");
  check("JSON.stringify(Object.getOwnPropertyDescriptor(d, 'a'))",
        R"({"value":1,"writable":false,"enumerable":true,"configurable":true})");
  // without `keys`, nothing is listed
  check("Object.keys(d).length + Reflect.ownKeys(d).length", "0");
  check("d.a = 5, d.a", "1");
  refused("'use strict'; d.a = 5");
  check("Reflect.set(d, 'a', 5)", "false");
  check("[delete d.a, d.a, delete d.none]", "false,1,true");
  refused("'use strict'; delete d.a");
  // what it does not know is an ordinary property
  check("d.own = 7, [d.own, Object.keys(d), delete d.own, d.own]", "7,own,true,");
}

TEST_F(ExoticObjects, SetAlone) {
  use<Handler::set>();
  check("d.x = 9, [d.x, d.size]", ",3");
  check("d.y = 'text', [d.y, d.size, Object.keys(d)]", "text,3,y");
  check("(() => { 'use strict'; d[Symbol.iterator] = 1; return d[Symbol.iterator]; })()", "1");
  check("Reflect.set(d, 'z', 4), d.size", "4");
}

TEST_F(ExoticObjects, HasAlone) {
  use<Handler::has>();
  check("['a' in d, 'c' in d, 'put' in d, d.a, Object.hasOwn(d, 'a')]", "true,false,true,,false");
  check("d.own = 1, 'own' in d", "true");
}

TEST_F(ExoticObjects, RemoveAlone) {
  use<Handler::remove>();
  check("[delete d.a, d.size, delete d.fixed, delete d.none]", "true,1,false,true");
  refused("'use strict'; delete d.fixed");
  check("Reflect.deleteProperty(d, 'fixed')", "false");
  // ordinary properties are none of its business
  check("d.own = 1, [delete d.own, d.own]", "true,");
}

TEST_F(ExoticObjects, KeysAlone) {
  use<Handler::keys>();
  check("Reflect.ownKeys(d)", "a,b");
  check("Object.keys(d).length", "0");  // there is no such property
  check("(() => { const seen = []; for (const k in d) seen.push(k); return seen; })()", "");
  check("d.b = 1, d.c = 2, [Reflect.ownKeys(d), Object.keys(d)]", "b,c,a,b,c");
}

TEST_F(ExoticObjects, OwnPropertyAlone) {
  use<Handler::own_property>();
  eval<void>("d.put('locked', -1); d.put('hidden', 2000)");
  check("[d.a, d.locked, 'a' in d]", "1,-1,true");
  check("d.locked = 3, d.locked", "-1");
  refused("'use strict'; d.locked = 3");
  check("Object.getOwnPropertyDescriptor(d, 'hidden').enumerable", "false");
  // a writable one that nobody sets becomes an ordinary property, as it was described
  check("d.hidden = 5, [d.hidden, Object.keys(d), d.size]", "5,,4");
  check("JSON.stringify(Object.getOwnPropertyDescriptor(d, 'hidden'))",
        R"({"value":5,"writable":true,"enumerable":false,"configurable":true})");
}

TEST_F(ExoticObjects, DefineAlone) {
  use<Handler::define_property>();
  check("d.x = 1, d.size", "3");
  check("Object.defineProperty(d, 'y', {value: 2}), [d.size, d.y]", "4,");
  refused("Object.defineProperty(d, 'z', {value: 'text'})");
  refused("Object.defineProperty(d, 'z', {get() {}})");
  check("Reflect.defineProperty(d, 'z', {get() {}})", "false");
  check("d.z = 'text', d.z", "undefined");
  refused("'use strict'; d.z = 'text'");
  // fields of a script's subclass are defined too
  refused("new (class extends Dict { field = 'text'; })()");
  check(
      "new (class extends Dict { field = 1; #hidden = 'text'; get() { return this.#hidden + "
      "this.size; } })().get()",
      "text1");
}

// ---- all together
// --------------------------------------------------------------------------------

TEST_F(ExoticObjects, AllTogetherBehaveAsAnObject) {
  use<every>();
  check("[d.a, d.b, d.c, d.size, d.twice()]", "1,2,,2,4");
  check("d.c = 3, JSON.stringify(d)", R"({"a":1,"b":2,"c":3})");
  check("JSON.stringify({...d})", R"({"a":1,"b":2,"c":3})");
  check("JSON.stringify(Object.assign({}, d))", R"({"a":1,"b":2,"c":3})");
  check("JSON.stringify(Object.entries(d))", R"([["a",1],["b",2],["c",3]])");
  check("(() => { const {a, ...rest} = d; return JSON.stringify([a, rest]); })()",
        R"([1,{"b":2,"c":3}])");
  check("(() => { const seen = []; for (const k in d) seen.push(k); return seen; })()", "a,b,c");
  check("[delete d.c, 'c' in d, Object.keys(d)]", "true,false,a,b");
  check("Object.assign(d, {e: 5, f: 6}), Reflect.ownKeys(d)", "a,b,e,f");
  check("[Reflect.get(d, 'e'), Reflect.has(d, 'e'), Reflect.deleteProperty(d, 'e'), d.e]",
        "5,true,true,");
  check("Object.getOwnPropertyNames(d)", "a,b,f");
  check("d instanceof Dict && Object.getPrototypeOf(d) === Dict.prototype", "true");
  check("typeof d + Object.prototype.toString.call(d)", "object[object Object]");
}

TEST_F(ExoticObjects, IndexAndSymbolKeys) {
  use<every>();
  check(
      "d[0] = 10, d['1'] = 11, d[4294967295] = 12, [d[0], d['0'], d[1], d[4294967295], 0 in d, 2 "
      "in d]",
      "10,10,11,12,true,false");
  check("Object.keys(d)", "0,1,4294967295,a,b");
  check("d[''] = 5, d['']", "5");
  check("d['\\ud83d\\ude00'] = 6, d['\\u{1f600}']", "6");
  // `define` refuses symbols
  refused("'use strict'; d[Symbol.for('x')] = 1");
  check("[Symbol.iterator in d, d[Symbol.toPrimitive], `${Object.keys(d).length}`]", "false,,7");
}

TEST_F(ExoticObjects, MethodsStayReachableAndAreShadowed) {
  use<every>();
  check("'put' in d && !Object.hasOwn(d, 'put') && typeof d.put", "function");
  check("d.hasOwnProperty('a') && d.toString()", "[object Object]");
  check("d.put('twice', 8), d.twice", "8");
  check("delete d.twice, d.twice()", "4");
  // setters and read-only properties of the prototypes are the language's business
  check(
      "Object.defineProperty(Dict.prototype, 'made', {set(v) { this.put('viaSetter', 1); }, "
      "configurable: true});"
      "d.made = 'x', [d.made, d.viaSetter]",
      ",1");
}

TEST_F(ExoticObjects, AccessorsOfThePrototypeGetTheObject) {
  use<Handler::get>();
  eval<void>(
      "Object.defineProperty(Dict.prototype, 'me', {get() { return this; }, set(v) { seen = [this, "
      "v]; },"
      " configurable: true}); var seen;");
  check("d.me === d", "true");
  check("d.me = 4, seen[0] === d && seen[1]", "4");
  check("(() => { const o = Object.create(d); return o.me === o; })()", "true");
  check("Reflect.get(d, 'me', 5) == 5", "true");
  // prototypes that answer in ways of their own
  check(
      "(() => { const o = new Dict(); Object.setPrototypeOf(o, new Proxy({}, {get: (t, k, r) => r "
      "=== o && k}));"
      " return o.any; })()",
      "any");
  check(
      "(() => { const o = new Dict(); Object.setPrototypeOf(o, new Uint8Array([7]));"
      " return [o[0], o[1], o['-0']]; })()",
      "7,,");
  check(
      "(() => { const o = new Dict(); Object.setPrototypeOf(o, null); return [o.put, 'put' in o, "
      "o.x = 1, o.x]; })()",
      ",false,1,1");
}

TEST_F(ExoticObjects, OrdinaryPropertiesOfAllKinds) {
  use<Handler::get | Handler::keys>();
  // they come first, also before what C++ shows under the same name
  check(
      "Object.defineProperty(d, 'a', {value: 'mine', enumerable: true, writable: true, "
      "configurable: true}), d.a",
      "mine");
  check("[Object.keys(d), Reflect.ownKeys(d).length]", "a,b,2");
  check("d.a = 'new', d.a", "new");
  check("delete d.a, d.a", "1");
  // accessors
  check(
      "Object.defineProperty(d, 'half', {get() { return this.size / 2; }, configurable: true}), "
      "d.half",
      "1");
  check("d.half = 3, d.half", "1");
  refused("'use strict'; d.half = 3");
  check("Object.defineProperty(d, 'sink', {set(v) { this.sunk = v; }, configurable: true}), d.sink",
        "undefined");
  check("d.sink = 3, d.sunk", "3");
  // changed step by step
  check(
      "Object.defineProperty(d, 'sunk', {writable: false}), "
      "JSON.stringify(Object.getOwnPropertyDescriptor(d, 'sunk'))",
      R"({"value":3,"writable":false,"enumerable":true,"configurable":true})");
  refused("'use strict'; d.sunk = 4");
  check("Object.defineProperty(d, 'sunk', {configurable: false}), [delete d.sunk, d.sunk]",
        "false,3");
  refused("Object.defineProperty(d, 'sunk', {value: 4})");
  // a part of what C++ shows
  check(
      "Object.defineProperty(d, 'b', {writable: true}), "
      "JSON.stringify(Object.getOwnPropertyDescriptor(d, 'b'))",
      R"({"value":2,"writable":true,"enumerable":true,"configurable":true})");
  // symbols
  check(
      "(() => { const s = Symbol('s'); d[s] = 1; return Reflect.ownKeys(d).includes(s) && d[s]; "
      "})()",
      "1");
  check("Object.getOwnPropertySymbols(d).length", "1");
}

TEST_F(ExoticObjects, FreezeSealAndPreventExtensions) {
  use<every>();
  check("Object.preventExtensions(d), Object.isExtensible(d)", "false");
  // C++ takes what it is given through `set`; nothing new is defined
  refused("Object.defineProperty(d, 'fresh', {value: 1})");
  check("Reflect.defineProperty(d, 'fresh', {value: 1})", "false");
  check("Object.defineProperty(d, 'a', {value: 5}), d.a", "5");
  // without a handler, the object is as closed as any
  use<Handler::get>();
  check("d.own = 1, Object.freeze(d), [Object.isFrozen(d), d.own = 2, d.own]", "true,2,1");
  check("d.other = 1, d.other", "undefined");
  refused("'use strict'; d.other = 1");
  refused("'use strict'; d.own = 2");
  check("[delete d.own, d.own, d.a]", "false,1,1");
  use<Handler::get>();
  check("d.own = 1, Object.seal(d), [Object.isSealed(d), Object.isFrozen(d), d.own = 2, d.own]",
        "true,false,2,2");
  // what C++ shows cannot be frozen where nobody takes definitions
  use<Handler::get | Handler::keys>();
  refused("Object.freeze(d)");
}

TEST_F(ExoticObjects, FreezingKeepsTheValues) {
  use<every>();
  check("Object.freeze(d), [d.a, d.b]", "1,2");
}

// ---- receivers
// ------------------------------------------------------------------------------------

TEST_F(ExoticObjects, AnotherObjectAsReceiver) {
  use<Handler::get | Handler::set | Handler::keys>();
  check("(() => { const o = Object.create(d); o.a = 5; return [o.a, d.a, Object.keys(o)]; })()",
        "5,1,a");
  check("(() => { const o = Object.create(d); o.fresh = 5; return [o.fresh, d.fresh]; })()", "5,");
  check(
      "(() => { const o = Object.create(d), seen = []; for (const k in o) seen.push(k); return "
      "['a' in o, seen]; })()",
      "true,a,b");
  check("Reflect.set(d, 'a', 1, 5)", "false");  // no object takes it
  check("(() => { const o = Object.freeze({}); return Reflect.set(d, 'a', 1, o); })()", "false");
  check("(() => { const o = {get a() { return 1; }}; return Reflect.set(d, 'a', 1, o); })()",
        "false");
  refused("'use strict'; Object.create(d).size = 1");  // an accessor without a setter
  // what may only be read is not shadowed by an assignment
  use<Handler::get>();
  check("(() => { const o = Object.create(d); o.a = 5; return [o.a, Object.keys(o).length]; })()",
        "1,0");
  refused("'use strict'; Object.create(d).a = 5");
  check(
      "(() => { Object.setPrototypeOf(Number.prototype, d); try { (5).a = 1; (5).q = 1; return "
      "[(5).a, 'q' in d]; }"
      " finally { Object.setPrototypeOf(Number.prototype, Object.prototype); } })()",
      "1,false");
}

TEST_F(ExoticObjects, AScriptsSubclass) {
  use<every>();
  check(
      "class Sub extends Dict { constructor() { super(); this.x = 1; } twice() { return "
      "super.twice() + 1; } }"
      "var s = new Sub(); [s.x, s.size, s.twice(), Object.keys(s)]",
      "1,1,3,x");
  check("s instanceof Sub && s instanceof Dict", "true");
  check("Dict.prototype.twice.call(s)", "2");
}

struct Narrow : Dict<every> {};
void define(ClassDef<Narrow>& def) {
  def.extends<Dict<every>>().constructor<>().method("narrow", [](Narrow&) { return true; });
}
struct Own : Dict<every> {};
void define(ClassDef<Own>& def) {
  def.extends<Dict<every>>().constructor<>().exotic(
      {.get = [](Own&, Ctx ctx, const Atom& key) -> std::optional<Value> {
        return Numbers::text(key) == "only" ? std::optional(Value(ctx, "this")) : std::nullopt;
      }});
}

TEST_F(ExoticObjects, HandlersAreInherited) {
  with([](Ctx ctx) {
    ctx.globals().set("Narrow", Instance<Narrow>::constructor(ctx));
    ctx.globals().set("Own", Instance<Own>::constructor(ctx));
  });
  check("var n = new Narrow(); n.x = 3; [n.x, Object.keys(n), n.narrow(), n.twice()]",
        "3,x,true,2");
  check("var o = new Own(); o.put('x', 1); [o.x, o.only, o.size]", ",this,1");
}

TEST_F(ExoticObjects, CallableOnes) {
  use<every | Handler::callable>();
  check("[typeof d, d('a'), d.b, Object.keys(d), d instanceof Dict]", "function,1,2,a,b,true");
  check("d.z = 3, [d('z'), delete d.z, d.z]", "3,true,");
  check("d.call(null, 'a') + d.apply(null, ['b'])", "3");
  check("['a', 'b'].map(d)", "1,2");
  // `define` is asked of these as well
  refused("Object.defineProperty(d, 'w', {value: 'text'})");
}

// ---- handlers that misbehave
// ---------------------------------------------------------------------

TEST_F(ExoticObjects, WhatHandlersThrowComesOut) {
  use<every>();
  auto& dict = object<every>();
  const std::vector<std::pair<std::string, std::string>> uses{
      {"get", "d.unknown"},
      {"own_property", "d.unknown"},
      {"set", "d.x = 1"},
      {"has", "'x' in d"},
      {"remove", "delete d.x"},
      {"keys", "Object.keys(d)"},
      {"keys", "({...d})"},
      {"keys", "JSON.stringify(d)"},
      {"keys", "for (const k in d) ;"},
      {"own_property", "Object.keys(d)"},
      {"own_property", "Object.getOwnPropertyDescriptor(d, 'a')"},
      {"define", "Object.defineProperty(d, 'x', {value: 1})"},
      {"own_property", "Object.defineProperty(d, 'x', {value: 1})"},
      {"keys", "Object.freeze(d)"},
      {"own_property", "Object.hasOwn(d, 'a')"},
      {"get", "d.put('q', 1)"},
      {"get", "Object.create(d).inherited"}};
  for (const auto& [asked, script] : uses) {
    SCOPED_TRACE(asked + ": " + script);
    const auto failing = [&](auto raise) {
      dict.hook = [&wanted = asked, raise](const std::string& called, const std::string&) {
        if (called == wanted) raise();
      };
      const Result<Value> result = try_eval(script);
      dict.hook = nullptr;
      EXPECT_FALSE(result);
      return result ? Shown() : show(result);
    };
    EXPECT_EQ(failing([] { throw std::out_of_range("over"); }).text, "RangeError: over");
    EXPECT_EQ(failing([] { Error::type("quip").raise(); }).text, "TypeError: quip");
    (void)failing([] { throw 5; });
    (void)failing([] { throw std::bad_alloc(); });
    (void)failing([this] { eval<void>("throw new SyntaxError('script')"); });
    expect_eval("d.a + d.b", "number", "3");
  }
}

TEST_F(ExoticObjects, HandlersThatCallBack) {
  use<every>();
  auto& dict = object<every>();
  // whatever is asked, the script changes the object meanwhile
  for (const char* change : {"d.put('more' + d.size, 1)", "Dict.prototype['p' + d.size] = 1",
                             "Object.setPrototypeOf(d, Object.getPrototypeOf(d))", "Object.keys(d)",
                             "delete d.more3", "gc()", "d = d"}) {
    for (const char* use :
         {"d.unknown", "d.x = 1", "'x' in d", "delete d.x", "Object.keys(d)", "JSON.stringify(d)",
          "({...d})", "Object.defineProperty(d, 'x', {value: 1})"}) {
      SCOPED_TRACE(std::string(change) + " during " + use);
      define("gc", [this] { runtime.run_gc(); });
      bool inside = false;
      dict.hook = [&](const std::string&, const std::string&) {
        if (std::exchange(inside, true)) return;
        eval<void>(change);
        inside = false;
      };
      const Result<Value> result = try_eval(use);
      EXPECT_TRUE(result) << show(result);
      dict.hook = nullptr;
    }
  }
}

TEST_F(ExoticObjects, ListingSurvivesChangesOfTheList) {
  // ordinary properties come and go while the engine collects the names
  use<Handler::get | Handler::keys>();
  auto& dict = object<Handler::get | Handler::keys>();
  for (const char* change : {"for (let i = 0; i < 100; i++) d['o' + i] = i",
                             "for (let i = 0; i < 100; i++) delete d['o' + i]",
                             "for (let i = 0; i < 10; i++) Object.defineProperty(d, 'o' + i, "
                             "{enumerable: false, configurable: true, value: 1})",
                             "for (let i = 0; i < 10; i++) delete d['o' + i]"}) {
    for (const char* use : {"Object.keys(d)", "Reflect.ownKeys(d)", "({...d})", "JSON.stringify(d)",
                            "for (const k in d) ;", "Object.entries(d)", "Object.assign({}, d)"}) {
      for (const char* when : {"keys", "get"}) {
        SCOPED_TRACE(std::string(change) + " in " + when + " during " + use);
        bool once = false;
        dict.hook = [&](const std::string& handler, const std::string&) {
          if (handler == when && !std::exchange(once, true)) eval<void>(change);
        };
        EXPECT_TRUE(try_eval(use));
        dict.hook = nullptr;
      }
    }
  }
}

TEST_F(ExoticObjects, ADeepChainOfThemIsARangeError) {
  use<every>();
  with([](Ctx ctx) {
    ctx.globals().set("depth", std::min(20000, 2 * very_deep()));
    ctx.eval<void>(R"(
      var deep = new Dict();
      for (let i = 0; i < depth; i++) { const next = new Dict(); Object.setPrototypeOf(next, deep); deep = next; }
    )");
  });
  for (const char* script : {"'none' in deep", "deep.none = 'text'", "Reflect.has(deep, 'x')"}) {
    const Result<Value> result = try_eval(script);
    ASSERT_FALSE(result) << script;
    EXPECT_NE(std::string(result.error().what()).find("stack"), std::string::npos)
        << result.error().what();
  }
  expect_eval("d.a", "number", "1");
  // handlers that ask for themselves
  auto& dict = object<every>();
  dict.hook = [this](const std::string&, const std::string& key) { eval<void>("d." + key + "x"); };
  EXPECT_FALSE(try_eval("d.q"));
  dict.hook = nullptr;
}

// ---- owners
// ----------------------------------------------------------------------------------------

TEST_F(ExoticObjects, ALoanThatEnded) {
  const NoneLeft none_left;
  Dict<every> dict;
  dict.put("a", 1);
  {
    const Loan loan(dict);
    define("lent", loan);
    check("lent.a + lent.twice()", "3");
    eval<void>("lent.b = 4");
    EXPECT_EQ(dict.data["b"], 4);
  }
  check("[lent.a, Object.keys(lent).length, 'a' in lent, delete lent.a]", ",0,false,true");
  check(
      "lent.z = 1, Object.defineProperty(lent, 'y', {get() { return 2; }}), [lent.z, lent.y, "
      "Object.keys(lent)]",
      "1,2,z");
  EXPECT_FALSE(try_eval("lent.twice()"));
  EXPECT_EQ(dict.data.count("z"), 0U);
}

TEST_F(ExoticObjects, HandlersThatEndTheLoan) {
  for (const char* handler : {"get", "own_property", "has", "set", "remove", "keys", "define"}) {
    for (const char* script : {"d.unknown", "'q' in d", "d.q = 1", "delete d.q", "Object.keys(d)",
                               "Object.defineProperty(d, 'q', {value: 1})", "JSON.stringify(d)"}) {
      SCOPED_TRACE(std::string(handler) + " during " + script);
      Dict<every> dict;
      dict.put("a", 1);
      std::optional<Loan<Dict<every>>> loan(std::in_place, dict);
      define("d", *loan);
      dict.hook = [&](const std::string& called, const std::string&) {
        if (called == handler) loan.reset();
      };
      EXPECT_TRUE(try_eval(script)) << show(try_eval(script));
    }
  }
}

TEST_F(ExoticObjects, HandlersThatTakeTheObject) {
  const NoneLeft none_left;
  with([&](Ctx ctx) {
    auto owned = std::make_unique<Dict<every>>();
    Dict<every>& dict = *owned;
    dict.put("a", 1);
    ctx.globals().set("d", std::move(owned));
    bool refused = false;
    dict.hook = [&](const std::string&, const std::string&) {
      refused = !ctx.globals().get<Value>("d").try_as<std::unique_ptr<Dict<every>>>();
    };
    EXPECT_EQ(ctx.eval<int>("d.a"), 1);
    EXPECT_TRUE(refused);
    dict.hook = nullptr;
    std::unique_ptr<Dict<every>> back = ctx.eval<std::unique_ptr<Dict<every>>>("d");
    ASSERT_NE(back, nullptr);
    expect_eval(ctx, "d.a", "undefined", "undefined");
    back.reset();
    expect_eval(ctx, "Object.keys(d).length", "number", "0");
    expect_eval(ctx, "d.z = 1; delete d.z", "boolean", "true");
  });
}

TEST_F(ExoticObjects, HandlersThatDropTheLastReference) {
  const NoneLeft none_left;
  use<every>();
  for (const char* script : {"d.unknown", "'q' in d", "d.q = 1", "delete d.q", "Object.keys(d)",
                             "Object.defineProperty(d, 'q', {value: 1})", "({...d})"}) {
    eval<void>("d = new Dict(); d.put('a', 1)");
    object<every>().hook = [this](const std::string&, const std::string&) {
      eval<void>("d = null");
      runtime.run_gc();
    };
    EXPECT_TRUE(try_eval(script)) << script;
  }
  // from C++, whose handle is the last one
  with([](Ctx ctx) {
    std::optional<Object> last = ctx.eval<Object>("d = new Dict(); d");
    ctx.eval<Instance<Dict<every>>>("d").get().hook = [&](const std::string&, const std::string&) {
      last.reset();
      ctx.eval<void>("d = null");
    };
    EXPECT_TRUE(last->get<Value>("unknown").is_undefined());
    EXPECT_FALSE(last.has_value());
  });
}

TEST_F(ExoticObjects, TheyAreCollectedWithTheirProperties) {
  const NoneLeft none_left;
  use<every>();
  const int before = Counted::live();
  eval<void>(R"((() => {
    for (let i = 0; i < 100; i++) {
      const o = new Dict(), p = new Dict();
      o.self = 0; p.back = 0;
    }
  })())");
  EXPECT_EQ(Counted::live(), before);
  use<Handler::get>();
  const int without = Counted::live();
  eval<void>(R"((() => {
    for (let i = 0; i < 100; i++) {
      const o = new Dict(), p = new Dict();
      o.self = o; o.other = p; p.back = o; p.f = () => [o, p];
    }
  })())");
  EXPECT_GT(Counted::live(), without);
  runtime.run_gc();
  EXPECT_EQ(Counted::live(), without);
  runtime = Runtime();
}

TEST_F(ExoticObjects, AfterTheRuntime) {
  const NoneLeft none_left;
  use<every>();
  const Object kept = eval<Object>("d");
  const auto shared = eval<std::shared_ptr<Dict<every>>>("d");
  eval<void>("d.own = 'text'");
  runtime = Runtime();
  const auto refused = kept.try_get<Value>("a");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::runtime_gone);
  EXPECT_EQ(shared->data.size(), 2U);
}

TEST_F(ExoticObjects, FromTwoContexts) {
  use<every>();
  const Context second(runtime);
  std::optional<Context> third(std::in_place, runtime);
  second.with([&](Ctx ctx) { ctx.globals().set("d", eval<Value>("d")); });
  expect_eval(second, "d.x = 5; Object.keys(d).join() + d.twice()", "string", "a,b,x6");
  third->with([](Ctx ctx) {
    ctx.globals().set("Dict", Instance<Dict<every>>::constructor(ctx));
    ctx.eval<void>("var d = new Dict(); d.put('t', 1); Object.setPrototypeOf(d, null); d.s = 2;");
  });
  second.with([&](Ctx ctx) {
    ctx.globals().set("e", third->with([](Ctx inner) { return inner.eval<Value>("d"); }));
  });
  third.reset();
  runtime.run_gc();
  expect_eval(second, "e.t + e.s", "number", "3");
}

/// What a handler gives that is none of its runtime's.
struct Foreign {
  inline static std::optional<Value> value;
  inline static std::optional<Atom> key;
};
void define(ClassDef<Foreign>& def) {
  def.constructor<>().exotic({.get = [](Foreign&, Ctx, const Atom&) { return Foreign::value; },
                              .keys =
                                  [](Foreign&, Ctx ctx) {
                                    return std::vector<Atom>{*Foreign::key, Atom(),
                                                             Atom(ctx, "mine"), Atom(ctx, "mine")};
                                  }});
}

TEST_F(ExoticObjects, ValuesOfAnotherRuntimeAreRefused) {
  Runtime other;
  const Context there(other);
  there.with([](Ctx ctx) {
    Foreign::value = Value(ctx, "text of another");
    Foreign::key = Atom(ctx, "key of another");
  });
  with([](Ctx ctx) { ctx.globals().set("f", Instance<Foreign>::make(ctx)); });
  EXPECT_FALSE(try_eval("f.x"));
  check("Reflect.ownKeys(f)", "mine");
  Foreign::value = Value();
  check("f.x", "undefined");
  Foreign::value.reset();
  Foreign::key.reset();
}

}  // namespace
}  // namespace quip::test
