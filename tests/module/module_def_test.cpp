// Modules that are defined in C++: as modules, as objects, as descriptions.
#include "support/counted.hpp"
#include "support/js.hpp"
#include <quip/class/class_def.hpp>
#include <quip/module/loader.hpp>
#include <quip/module/module_def.hpp>
#include <quip/module/resolver.hpp>
#include <quip/module/source.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

int area(int width, int height) { return width * height; }
std::string greet(const std::string& name, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += "hello " + name + " ";
  return text;
}
double scale(double value, double by) noexcept { return value * by; }
std::string scale_text(const std::string& text, int by) { return text + std::to_string(by); }

enum class Mode { slow, fast };
enum class Level { low = 1, high = 5 };

}  // namespace
}  // namespace quip::test

template <>
inline constexpr auto quip::description<quip::test::Level> =
    quip::enumeration(quip::by_value, quip::enumerator<quip::test::Level::low>(),
                      quip::enumerator<quip::test::Level::high>());

namespace quip::test {
namespace {

struct Dot {
  int x = 0;
  explicit Dot(int at) : x(at) {}
};
void define(ClassDef<Dot>& def) { def.name("JsDot").constructor<int>(arg("x")).field<&Dot::x>(); }
struct Broken {};
void define(ClassDef<Broken>&) { throw std::runtime_error("no such class"); }

const ModuleDef& shapes() {
  static const ModuleDef made("shapes", [](Exports& exports) {
    exports.doc("Shapes.").function<&area>(arg("width"), arg("height"), doc("Of a rectangle."));
  });
  return made;
}

/// Everything that a module can have.
const ModuleDef& geometry() {
  static const ModuleDef made("geometry", [](Exports& exports) {
    exports.doc("Geometry for scripts.")
        .include(shapes())
        .function("greet", &greet, arg("name"), arg("times") = 1, doc("Greets."))
        .function<&scale, &scale_text>("scale")
        .function("pick", overload([](int at) { return at; },
                                   [](const std::string& text) { return text + "!"; }))
        .add(fn(
            "twice", [](int n) { return 2 * n; }, arg("n")))
        .value("PI", 3.14159, doc("About."))
        .value("NAME", "geo")
        .value("MODE", Mode::fast)
        .add<Mode>()
        .add<Level>("Levels")
        .add<Dot>()
        .add<Dot>("Dot")
        .lazy(
            "table", [](Ctx ctx) { return Array::from(ctx, std::vector<int>{1, 2, 3}); },
            doc("Squares."))
        .property("answer", [] { return 42; })
        .space("units",
               [](Exports& units) {
                 units.doc("Units.").value("metre", 1).function<&area>(arg("a"), arg("b"));
                 units.space("old", [](Exports& old) { old.function<&area>("field"); });
               })
        .space("shapes", shapes())
        .default_export(&area);
  });
  return made;
}

/// Serves definitions, and JavaScript, under their names.
class ModuleDefTest : public JsTest {
 protected:
  void SetUp() override { serve_in(runtime); }
  void serve_in(Runtime& to) {
    to.set_loader(
        [](std::string_view, std::string_view specifier) { return std::string(specifier); },
        [this](std::string_view name) -> Result<ModuleSource> {
          if (const auto at = definitions.find(std::string(name)); at != definitions.end()) {
            return ModuleSource(at->second);
          }
          if (const auto at = scripts.find(std::string(name)); at != scripts.end()) {
            return ModuleSource(at->second);
          }
          return Error::reference("no module " + std::string(name));
        });
  }
  void serve(const ModuleDef& definition) { definitions.emplace(definition.name(), definition); }

  /// Runs a module to its end, and tells what it left in `out`, or its error.
  Shown run(std::string_view source) { return run_in(context, runtime, source); }
  static Shown run_in(const Context& where, Runtime& of, std::string_view source) {
    return where.with([&](Ctx ctx) {
      (void)ctx.eval("globalThis.out = undefined");
      static std::atomic<int> count = 0;
      const Result<Promise<>> promise =
          ctx.try_eval_module(source, "main" + std::to_string(++count));
      if (!promise) return show(promise.error());
      if (const Result<void> ran = of.try_run(); !ran) return show(ran.error());
      if (const Result<Value> settled = promise->try_result(); !settled) {
        return show(settled.error());
      }
      return show(ctx.globals().get("out"));
    });
  }
  void expect_run(std::string_view source, std::string_view type, std::string_view text,
                  std::source_location where = std::source_location::current()) {
    const ::testing::ScopedTrace trace(where.file_name(), static_cast<int>(where.line()),
                                       std::string(source));
    EXPECT_EQ(run(source), (Shown{std::string(type), std::string(text)}));
  }

  std::map<std::string, ModuleDef> definitions;
  std::map<std::string, std::string> scripts;
};

// ---- as modules ---------------------------------------------------------------------------------

TEST_F(ModuleDefTest, ExportsFunctions) {
  serve(geometry());
  expect_run("import {area} from 'geometry'; out = `${area(2, 3)} ${area.name} ${area.length}`",
             "string", "6 area 2");
  expect_run("import {greet} from 'geometry'; out = greet('you') + greet('me', 2)", "string",
             "hello you hello me hello me ");
  expect_run(
      "import {scale, pick} from 'geometry'; out = [scale(2.5, 2), scale('x', 2), pick(1), "
      "pick('a')].join()",
      "string", "5,x2,1,a!");
  expect_run("import {twice} from 'geometry'; out = twice.name + twice(4)", "string", "twice8");
  expect_run("import area from 'geometry'; out = area(2, 2) + area.name", "string", "4default");
}

TEST_F(ModuleDefTest, ErrorsOfArgumentsNameFunctionAndParameter) {
  serve(geometry());
  expect_run("import {greet} from 'geometry'; greet(1)", "throws",
             "TypeError: Failed to execute 'greet': parameter 1 ('name'): expected string, got 1 "
             "(number)");
  expect_run("import {units} from 'geometry'; units.area('', 1)", "throws",
             "TypeError: Failed to execute 'area' on 'units': parameter 1 ('a'): expected an "
             "integer from -2147483648 to 2147483647, got \"\" (string)");
  expect_run("import {units} from 'geometry'; units.old.field(1)", "throws",
             "TypeError: Failed to execute 'field' on 'units.old': 2 arguments required, but only "
             "1 present");
  expect_run("import {JsDot} from 'geometry'; JsDot(1)", "throws",
             "TypeError: Failed to construct 'JsDot': it must be called with 'new'");
}

TEST_F(ModuleDefTest, ExportsValuesClassesAndNamespaces) {
  serve(geometry());
  expect_run(
      "import {PI, NAME, MODE, answer} from 'geometry'; out = [PI, NAME, MODE, "
      "answer].join()",
      "string", "3.14159,geo,fast,42");
  expect_run(
      "import {Mode, Levels} from 'geometry'; out = JSON.stringify([Mode, Levels, "
      "Object.isFrozen(Mode)])",
      "string", R"([{"slow":"slow","fast":"fast"},{"low":1,"high":5},true])");
  expect_run("import {JsDot, Dot} from 'geometry'; out = `${new JsDot(3).x} ${Dot === JsDot}`",
             "string", "3 true");
  expect_run(
      "import {table} from 'geometry'; import * as all from 'geometry'; "
      "out = table.join() + (all.table === table)",
      "string", "1,2,3true");
  expect_run(
      "import {units, shapes} from 'geometry'; "
      "out = [units.metre, units.area(2, 3), units.old.field(1, 1), shapes.area(3, "
      "3)].join()",
      "string", "1,6,1,9");
  expect_run("import * as all from 'geometry'; out = Object.keys(all).join()", "string",
             "Dot,JsDot,Levels,MODE,Mode,NAME,PI,answer,area,default,greet,pick,scale,shapes,"
             "table,twice,units");
  expect_run("import {nothing} from 'shapes2'", "throws", "ReferenceError: no module shapes2");
}

TEST_F(ModuleDefTest, OneInstanceForAContext) {
  int runs = 0;
  serve(ModuleDef("counted", [&runs](Exports& exports) {
    ++runs;
    exports.lazy("object", [](Ctx ctx) { return Object(ctx); });
  }));
  scripts["other"] = "export {object} from 'counted'";
  expect_run(
      "import {object} from 'counted'; import * as other from 'other'; "
      "const again = await import('counted'); "
      "out = object === other.object && object === again.object",
      "boolean", "true");
  EXPECT_EQ(runs, 1);
  Context second(runtime);
  EXPECT_EQ(run_in(second, runtime, "import {object} from 'counted'; globalThis.out = 1").text,
            "1");
  EXPECT_EQ(runs, 2);
}

TEST_F(ModuleDefTest, ContextsHaveTheirOwnObjects) {
  serve(geometry());
  Context second(runtime);
  expect_run(
      "import {area, JsDot} from 'geometry'; out = area instanceof Function && "
      "Object.getPrototypeOf(JsDot.prototype) === Object.prototype",
      "boolean", "true");
  EXPECT_EQ(run_in(second, runtime,
                   "import {area} from 'geometry'; globalThis.out = area instanceof Function"),
            (Shown{"boolean", "true"}));
}

TEST_F(ModuleDefTest, MayBeCalledOtherwise) {
  definitions.emplace("node:geo", geometry());
  expect_run("import {area} from 'node:geo'; out = area(1, 2)", "number", "2");
}

TEST_F(ModuleDefTest, NamesOfAnyText) {
  serve(ModuleDef("names", [](Exports& exports) {
    exports.value("größe", 1)
        .value("two words", 2)
        .value("日本", 3)
        .value("0", 4)
        .value("__proto__", 5);
  }));
  expect_run(
      "import * as all from 'names'; import {größe, 日本} from 'names'; "
      "out = [größe, all['two words'], 日本, all[0], all['__proto__']].join()",
      "string", "1,2,3,4,5");
}

TEST_F(ModuleDefTest, DefaultExports) {
  serve(ModuleDef("function", [](Exports& exports) {
    exports.default_export<&area>(arg("a"), arg("b") = 10);
  }));
  serve(ModuleDef("class", [](Exports& exports) { exports.default_export<Dot>(); }));
  serve(
      ModuleDef("value", [](Exports& exports) { exports.default_export("text", doc("A text.")); }));
  serve(ModuleDef("overloads", [](Exports& exports) {
    exports.default_export(
        overload([](int at) { return at; }, [](const std::string&) { return 0; }), doc("Either."));
  }));
  expect_run(
      "import area from 'function'; import Dot from 'class'; import text from 'value'; "
      "import either from 'overloads'; "
      "out = [area(2), new Dot(3).x, text, either(4), either('')].join()",
      "string", "20,3,text,4,0");
  EXPECT_EQ(describe(definitions.at("overloads")).functions.at(0).doc, "Either.");
}

TEST_F(ModuleDefTest, ANameThatAnEngineConfusesIsExportedOrRefused) {
  serve(ModuleDef("names", [](Exports& exports) { exports.value("é", 1); }));
  // quickjs-ng finds the Latin-1 text of the name's bytes
  const Shown shown = run("globalThis['Ã©'] = 1; const {'é': e} = await import('names'); out = e");
  if (engine::family == engine::Family::quickjs) {
    EXPECT_EQ(shown, (Shown{"number", "1"}));
  } else {
    EXPECT_THAT(shown.text, ::testing::HasSubstr("the engine confuses the export name 'é'"));
  }
}

// ---- what goes wrong ----------------------------------------------------------------------------

TEST_F(ModuleDefTest, WhatTheDefinerThrowsReachesTheImport) {
  bool fails = true;
  serve(ModuleDef("broken", [&fails](Exports& exports) {
    exports.value("x", 1);
    if (fails) throw std::out_of_range("not today");
  }));
  expect_run("import {x} from 'broken'", "throws", "RangeError: not today");
  expect_run("out = await import('broken').catch(e => e instanceof RangeError && e.message)",
             "string", "not today");
  EXPECT_THROW(with([&](Ctx ctx) { return definitions.at("broken").make_object(ctx); }),
               std::out_of_range);
  const Result<Object> made =
      with([&](Ctx ctx) { return definitions.at("broken").try_make_object(ctx); });
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().origin(), nullptr);
  EXPECT_THROW((void)describe(definitions.at("broken")), std::out_of_range);
  // nothing of the failed attempts is left in the way
  fails = false;
  expect_run("import {x} from 'broken'; out = x", "number", "1");
}

TEST_F(ModuleDefTest, NamesThatAreNone) {
  const auto message = [&](auto&& define) {
    const ModuleDef definition("m", define);
    const Result<Object> made = with([&](Ctx ctx) { return definition.try_make_object(ctx); });
    EXPECT_FALSE(made);
    definitions.clear();
    serve(definition);
    const Shown imported = run("import 'm'");
    EXPECT_EQ(imported, show(made.error()));
    EXPECT_THROW((void)describe(definition), Error);
    return imported.text;
  };
  EXPECT_EQ(message([](Exports& e) { e.value("x", 1).function<&area>("x"); }),
            "TypeError: the module 'm' exports 'x' twice");
  EXPECT_EQ(message([](Exports& e) { e.function<&area>().include(shapes()); }),
            "TypeError: the module 'm' exports 'area' twice");
  EXPECT_EQ(message([](Exports& e) { e.default_export(1).default_export(&area); }),
            "TypeError: the module 'm' exports 'default' twice");
  EXPECT_EQ(message([](Exports& e) { e.value("", 1); }),
            "TypeError: the module 'm' exports something that has no name");
  EXPECT_EQ(message([](Exports& e) { e.add(fn([] { return 1; })); }),
            "TypeError: the module 'm' exports something that has no name");
  EXPECT_EQ(message([](Exports& e) { e.value(std::string_view("a\0b", 3), 1); }),
            "TypeError: the module 'm' exports 'a…', a name with a NUL in it");
  EXPECT_EQ(
      message([](Exports& e) { e.space("s", [](Exports& s) { s.value("x", 1).value("x", 2); }); }),
      "TypeError: the namespace 's' exports 'x' twice");
  EXPECT_EQ(message([](Exports& e) { e.space("s", std::function<void(Exports&)>()); }),
            "TypeError: the module 'm': the namespace 's' is defined by an empty function");
}

TEST_F(ModuleDefTest, ADefinerMayCatchARefusal) {
  const ModuleDef definition("m", [](Exports& exports) {
    exports.value("x", 1);
    try {
      exports.value("x", 2);
    } catch (const Error&) {
      exports.value("y", 3);
    }
    try {
      exports.space("s", [](Exports&) { throw std::runtime_error("no space"); });
    } catch (const std::runtime_error&) {
      exports.space("s", [&](Exports& s) {
        s.value("inner", 1);
        for (int i = 0; i < 100; ++i) exports.value("outer" + std::to_string(i), i);
      });
    }
  });
  serve(definition);
  expect_run("import {x, y, s, outer99} from 'm'; out = [x, y, s.inner, outer99].join()", "string",
             "1,3,1,99");
}

TEST_F(ModuleDefTest, AnEmptyDefinerIsRefused) {
  EXPECT_THROW(ModuleDef("m", std::function<void(Exports&)>()), Error);
  EXPECT_THROW(ModuleDef("m", static_cast<void (*)(Exports&)>(nullptr)), Error);
}

TEST_F(ModuleDefTest, OneThatContainsItselfIsRefused) {
  std::optional<ModuleDef> self;
  self.emplace("m", [&self](Exports& exports) { exports.include(*self); });
  EXPECT_THROW(with([&](Ctx ctx) { return self->make_object(ctx); }), Error);
  self.emplace("m", [&self](Exports& exports) { exports.space("s", *self); });
  const Result<Object> made = with([&](Ctx ctx) { return self->try_make_object(ctx); });
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().name(), "RangeError");
}

/// Cannot be converted.
struct Stubborn {};

}  // namespace
}  // namespace quip::test

template <>
struct quip::Convert<quip::test::Stubborn> {
  static JSValue into_js(JSContext*, const quip::test::Stubborn&) {
    throw std::invalid_argument("it does not convert");
  }
};

namespace quip::test {
namespace {

TEST_F(ModuleDefTest, ValuesThatDoNotConvert) {
  serve(ModuleDef("stubborn", [](Exports& exports) { exports.value("it", Stubborn()); }));
  serve(ModuleDef("unknown", [](Exports& exports) { exports.value("it", static_cast<Mode>(9)); }));
  serve(ModuleDef("nested", [](Exports& exports) {
    exports.space("s", [](Exports& s) { s.value("it", Stubborn()); });
  }));
  serve(
      ModuleDef("empty", [](Exports& exports) { exports.function("f", std::function<int()>()); }));
  serve(ModuleDef("broken", [](Exports& exports) { exports.add<Broken>(); }));
  serve(ModuleDef("broken2", [](Exports& exports) { exports.add<Broken>("B"); }));
  for (const char* name : {"stubborn", "unknown", "nested", "empty", "broken", "broken2"}) {
    const std::string source = "import '" + std::string(name) + "'; out = 1";
    EXPECT_EQ(run(source).type, "throws") << name;
    EXPECT_EQ(run(source).type, "throws") << name << ": and again";
    EXPECT_FALSE(with([&](Ctx ctx) { return definitions.at(name).try_make_object(ctx); })) << name;
  }
  EXPECT_THROW(with([&](Ctx ctx) { return definitions.at("stubborn").make_object(ctx); }),
               std::invalid_argument);
  expect_run("import 'broken'", "throws", "Error: no such class");
}

TEST_F(ModuleDefTest, ValuesOfAnotherRuntime) {
  Runtime other;
  Context elsewhere(other);
  const Object foreign = elsewhere.with([](Ctx ctx) { return Object(ctx); });
  serve(ModuleDef("foreign", [&](Exports& exports) { exports.value("object", foreign); }));
  EXPECT_EQ(run("import 'foreign'").type, "throws");
  EXPECT_FALSE(with([&](Ctx ctx) { return definitions.at("foreign").try_make_object(ctx); }));
}

TEST_F(ModuleDefTest, ALazyExportThatThrows) {
  serve(ModuleDef("lazy", [](Exports& exports) {
    exports.lazy("it", []() -> int { throw std::out_of_range("not ready"); });
  }));
  expect_run("import {it} from 'lazy'", "throws", "RangeError: not ready");
  expect_run("try { await import('lazy') } catch (e) { out = e.message }", "string", "not ready");
}

// ---- as objects ---------------------------------------------------------------------------------

TEST_F(ModuleDefTest, MakesAnObject) {
  with([](Ctx ctx) { ctx.globals().set("geo", geometry().make_object(ctx)); });
  expect_eval(
      "[geo.area(2, 3), geo.PI, geo.MODE, new geo.JsDot(1).x, geo.units.area(1, 2), "
      "geo.table.join('-'), geo.default(2, 2), geo.answer].join()",
      "string", "6,3.14159,fast,1,2,1-2-3,4,42");
  expect_eval("Object.getPrototypeOf(geo) === Object.prototype", "boolean", "true");
  expect_eval("geo.units.old.field('a', 1)", "throws",
              "TypeError: Failed to execute 'field' on 'units.old': parameter 1: expected an "
              "integer from -2147483648 to 2147483647, got \"a\" (string)");
}

TEST_F(ModuleDefTest, HowItsPropertiesBehave) {
  with([](Ctx ctx) { ctx.globals().set("geo", geometry().make_object(ctx)); });
  define("flags", [](const Object& object, const std::string& key) {
    const auto found = object.own_property(key);
    if (!found) return std::string("none");
    return std::string(found->is_accessor() ? "a"
                       : found->writable    ? "w"
                                            : "-") +
           (found->enumerable ? "e" : "-") + (found->configurable ? "c" : "-");
  });
  expect_eval(
      "['area', 'scale', 'PI', 'JsDot', 'Mode', 'units', 'table', 'answer', 'default']"
      ".map(key => flags(geo, key)).join()",
      "string", "wec,wec,-ec,wec,wec,wec,aec,aec,wec");
  expect_eval("geo.table; flags(geo, 'table')", "string", "-ec");
  expect_eval("'use strict'; geo.PI = 3", "throws",
              run("'use strict'; const o = "
                  "Object.freeze({PI: 1}); o.PI = 3")
                  .text);
  expect_eval("geo.area = 1; geo.area", "number", "1");
}

TEST_F(ModuleDefTest, DefinesOnAnObject) {
  with([](Ctx ctx) { geometry().define_on(ctx.globals()); });
  expect_eval("[area(2, 3), PI, units.metre, table.length].join()", "string", "6,3.14159,1,3");
  with([](Ctx ctx) { geometry().define_on(ctx.globals()); });  // again, with new objects
  expect_eval("[area(2, 3), PI, units.metre, table.length].join()", "string", "6,3.14159,1,3");
  const auto define_on = [&](std::string_view script) {
    return show(with([&](Ctx ctx) { return geometry().try_define_on(ctx.eval<Object>(script)); }));
  };
  EXPECT_EQ(define_on("Object.freeze({})").type, "throws");
  EXPECT_EQ(define_on("Object.defineProperty({}, 'PI', {value: 1})").type, "throws");
  EXPECT_EQ(define_on("new Proxy({}, {defineProperty() { throw new RangeError('trap') }})"),
            (Shown{"throws", "RangeError: trap"}));
  EXPECT_EQ(define_on("new Proxy({}, {defineProperty() { return false }})").type, "throws");
  EXPECT_EQ(define_on("globalThis.seen = []; new Proxy({}, {defineProperty(t, k, d) { "
                      "seen.push(k); return Reflect.defineProperty(t, k, d) }})"),
            (Shown{"undefined", "undefined"}));
  expect_eval("seen.join()", "string",
              "area,greet,scale,pick,twice,PI,NAME,MODE,Mode,Levels,JsDot,Dot,table,answer,units,"
              "shapes,default");
  // neither setters nor prototypes take part
  EXPECT_EQ(
      define_on("globalThis.o = {set PI(v) { throw 1 }, get table() { throw 2 }, set table(v) "
                "{ throw 3 }}; o"),
      (Shown{"undefined", "undefined"}));
  expect_eval("o.PI + o.table.length", "number", "6.14159");
}

TEST_F(ModuleDefTest, Accessors) {
  auto speed = std::make_shared<int>(1);
  with([&](Ctx ctx) {
    ModuleDef("car", [speed](Exports& exports) {
      exports.property(
                 "speed", [speed] { return *speed; }, [speed](int to) { *speed = to; })
          .property("top", [] { return 200; });
    }).define_on(ctx.globals());
  });
  expect_eval("speed = 20; speed", "number", "20");
  EXPECT_EQ(*speed, 20);
  expect_eval("speed = 'fast'", "throws",
              "TypeError: Failed to set the 'speed' property: expected an integer from "
              "-2147483648 to 2147483647, got \"fast\" (string)");
  expect_eval("'use strict'; try { top = 1 } catch { } top", "number", "200");
}

TEST_F(ModuleDefTest, LazyPropertiesAreMadeAtTheirFirstRead) {
  int made = 0;
  const ModuleDef definition("m", [&made](Exports& exports) {
    exports.lazy("it", [&made](Ctx ctx) {
      if (++made == 1) throw std::runtime_error("not yet");
      return Object(ctx);
    });
  });
  with([&](Ctx ctx) { ctx.globals().set("m", definition.make_object(ctx)); });
  EXPECT_EQ(made, 0);
  expect_eval("m.it", "throws", "Error: not yet");
  expect_eval("const getter = Object.getOwnPropertyDescriptor(m, 'it').get; getter.name", "string",
              "get it");
  expect_eval("Object.create(m).it === m.it", "boolean", "true");
  EXPECT_EQ(made, 2);
  expect_eval(
      "const {value, get} = Object.getOwnPropertyDescriptor(m, 'it'); "
      "[value === m.it, get, getter() === value, getter.call(3) === value].join()",
      "string", "true,,true,true");
  EXPECT_EQ(made, 2);
}

TEST_F(ModuleDefTest, LazyPropertiesOfObjectsThatResist) {
  int made = 0;
  const ModuleDef definition(
      "m", [&made](Exports& exports) { exports.lazy("it", [&made] { return ++made; }); });
  with([&](Ctx ctx) {
    for (const char* name : {"frozen", "changed", "removed", "target"}) {
      ctx.globals().set(std::string_view(name), definition.make_object(ctx));
    }
    const Object proxy = ctx.eval<Object>(
        "globalThis.angry = false; globalThis.proxy = new Proxy({}, {getOwnPropertyDescriptor(t, k)"
        " { if (angry) throw 'no'; return Reflect.getOwnPropertyDescriptor(t, k) }})");
    definition.define_on(proxy);
  });
  expect_eval("Object.freeze(frozen); [frozen.it, frozen.it].join()", "string", "1,1");
  // the getter of a property that became another
  expect_eval(
      "const get = Object.getOwnPropertyDescriptor(changed, 'it').get;"
      "Object.defineProperty(changed, 'it', {value: 'mine'}); [get(), changed.it, "
      "get()].join()",
      "string", "2,mine,2");
  expect_eval(
      "const get2 = Object.getOwnPropertyDescriptor(removed, 'it').get; delete removed.it;"
      "[get2(), 'it' in removed].join()",
      "string", "3,false");
  expect_eval("angry = true; [proxy.it, proxy.it].join()", "string", "4,4");
}

TEST_F(ModuleDefTest, ALazyValueThatAsksForItself) {
  with([](Ctx ctx) {
    ModuleDef("m", [](Exports& exports) {
      exports.lazy("it", [](Ctx inner) { return inner.eval<int>("it + 1"); });
    }).define_on(ctx.globals());
  });
  expect_eval("it", "throws", "ReferenceError: 'it' is read while it is made");
}

TEST_F(ModuleDefTest, MoveOnlyValues) {
  with([](Ctx ctx) {
    const ModuleDef definition(
        "m", [](Exports& exports) { exports.value("dot", std::make_unique<Dot>(7)); });
    EXPECT_EQ(definition.make_object(ctx).get("dot").as<Object>().get<int>("x"), 7);
    EXPECT_EQ(definition.make_object(ctx).get("dot").as<Object>().get<int>("x"), 7);
  });
  const auto captured = std::make_unique<int>(3);
  ModuleDef owner("owner", [kept = std::make_unique<int>(5)](Exports& exports) {
    exports.value("kept", *kept);
  });
  const ModuleDef copy = owner;
  const ModuleDef moved = std::move(owner);
  EXPECT_EQ(owner.name(), "owner");  // NOLINT(bugprone-use-after-move): it is a copy
  EXPECT_EQ(with([&](Ctx ctx) { return moved.make_object(ctx).get<int>("kept"); }), 5);
  EXPECT_EQ(with([&](Ctx ctx) { return copy.make_object(ctx).get<int>("kept"); }), 5);
}

// ---- who owns what ------------------------------------------------------------------------------

/// A function that shows the collector what it holds.
struct Holding {
  Object object;
  Counted counted = {};
  Object operator()() const { return object; }
};

TEST_F(ModuleDefTest, AModuleThatIsNeverEvaluatedEndsWithItsContext) {
  const NoneLeft none_left;
  scripts["throws"] = "throw new Error('first')";
  scripts["empty"] = "";
  Runtime other;
  serve_in(other);
  std::optional<Context> where(other);
  serve(ModuleDef("held", [&where](Exports& exports) {
    const Counted counted;
    exports.function("f", [counted] {}).lazy("l", [counted] { return 1; });
    exports.space("s", [&](Exports& s) { s.function("g", [counted] {}); });
    // the collector sees what is to become exports
    const Object object = where->with([](Ctx ctx) { return Object(ctx); });
    exports.value("object", object).function("h", Holding{object});
  }));
  // never evaluated, because what is before it fails; never linked
  EXPECT_EQ(run_in(*where, other, "import 'throws'; import 'held'").text, "Error: first");
  EXPECT_EQ(run_in(*where, other, "import 'held'; import {nothing} from 'empty'").type, "throws");
  where.emplace(other);
  EXPECT_EQ(run_in(*where, other, "import 'held'; globalThis.out = 1").text, "1");
  EXPECT_GT(Counted::live(), 0);
  where.reset();
  other.run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(ModuleDefTest, CyclesThroughLazyPropertiesAreCollected) {
  const NoneLeft none_left;
  with([](Ctx ctx) {
    for (int i = 0; i < 3; ++i) {
      const Object object(ctx);
      const ModuleDef definition(
          "m", [object](Exports& exports) { exports.lazy("it", Holding{object}); });
      definition.define_on(object);
      if (i == 1) (void)object.get("it");
    }
  });
  runtime.run_gc();
  EXPECT_EQ(Counted::live(), 0);
}

TEST_F(ModuleDefTest, RuntimesThatEndBeforeTheEvaluation) {
  const NoneLeft none_left;
  const ModuleDef definition(
      "held", [](Exports& exports) { exports.function("f", [counted = Counted()] {}); });
  std::optional<Runtime> mortal(std::in_place);
  mortal->set_loader(
      [](std::string_view, std::string_view specifier) { return std::string(specifier); },
      [&](std::string_view name) -> Result<ModuleSource> {
        if (name == "held") return ModuleSource(definition);
        mortal.reset();
        return ModuleSource("globalThis.ran = true");
      });
  {
    const Context where(*mortal);
    EXPECT_FALSE(where.with([](Ctx ctx) {
      return ctx.try_eval_module("import 'held'; import 'killer'; globalThis.ran = true", "main")
          .and_then([](const Promise<>& promise) { return promise.try_result(); });
    }));
    EXPECT_FALSE(mortal);
    EXPECT_THROW(where.with([](Ctx) {}), RuntimeGone);
  }
  // the definer itself
  mortal.emplace();
  {
    const Context where(*mortal);
    const ModuleDef killer("killer", [&](Exports& exports) {
      mortal.reset();
      exports.add<Dot>().value("x", std::string("text")).lazy("l", [counted = Counted()] {
        return 1;
      });
    });
    where.with([&](Ctx ctx) { (void)killer.try_make_object(ctx); });
    EXPECT_THROW(where.with([](Ctx) {}), RuntimeGone);
  }
}

TEST_F(ModuleDefTest, HandlesOfARuntimeThatIsGone) {
  std::optional<Runtime> mortal(std::in_place);
  std::optional<Context> where(*mortal);
  const Object object = where->with([](Ctx ctx) { return Object(ctx); });
  std::optional<Ctx> outlived = where->with([](Ctx ctx) { return std::optional(ctx); });
  mortal.reset();
  EXPECT_THROW(geometry().define_on(object), RuntimeGone);
  EXPECT_THROW((void)geometry().make_object(*outlived), RuntimeGone);
  EXPECT_EQ(geometry().try_define_on(Object()).error().kind(), ErrorKind::runtime_gone);
}

TEST_F(ModuleDefTest, ThreadsWithRuntimesOfTheirOwnShareOne) {
  serve(geometry());
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < (is_gc_stress() ? 1 : 5); ++n) {
        Runtime own;
        serve_in(own);
        const Context where(own);
        const Shown shown = run_in(where, own,
                                   "import {area, JsDot, units, table} from 'geometry';"
                                   "globalThis.out = area(2, 3) + new JsDot(4).x + units.metre + "
                                   "table.length");
        const ModuleInfo info = describe(geometry());
        good += shown == Shown{"number", "14"} && info.functions.size() == 6 ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, is_gc_stress() ? 4 : 20);
}

TEST_F(ModuleDefTest, MemoryThatRunsOut) {
  serve(geometry());
  const NoneLeft none_left;
  serve(ModuleDef("counted", [](Exports& exports) {
    const Counted counted;
    exports.function("f", [counted] {}).lazy("l", [counted] { return 1; }).value("v", 1);
  }));
  int failed = 0;
  int succeeded = 0;
  for (int left = 0; left < 40000 && succeeded < 5; left += left < 8000 ? 97 : 1501) {
    Runtime own;
    serve_in(own);
    const Context where(own);
    own.run_gc();
    own.set_memory_limit(static_cast<std::size_t>(own.memory_usage().malloc_size + left));
    const bool made = where.with([&](Ctx ctx) {
      const Result<Object> object = geometry().try_make_object(ctx);
      if (object) (void)object->try_get("table");
      return object.has_value();
    });
    const auto import = [&] {
      return where.with([&](Ctx ctx) {
        static int count = 0;
        Result<Promise<>> promise = ctx.try_eval_module(
            "import * as m from 'counted'; import * as g from 'geometry'; m.f(), g.area(1, 2)",
            "main" + std::to_string(++count));
        return promise && own.try_run() && promise->try_result();
      });
    };
    const bool imported = import();
    failed += made && imported ? 0 : 1;
    succeeded += made && imported ? 1 : 0;
    own.set_memory_limit(0);
    EXPECT_TRUE(where.with([&](Ctx ctx) { return geometry().try_make_object(ctx); })) << left;
    (void)import();  // works, or says that the module is not complete
    expect_eval(where, "[1, 2].map(n => n + 1).join()", "string", "2,3");
  }
  EXPECT_GT(failed, 10);
  EXPECT_EQ(succeeded, 5);
}

// ---- as descriptions ----------------------------------------------------------------------------

template <class Infos>
const auto& named(const Infos& infos, std::string_view name) {
  for (const auto& one : infos) {
    if (one.name == name) return one;
  }
  throw std::out_of_range("no " + std::string(name));
}

TEST(ModuleDescriptions, TellWhatIsExported) {
  const ModuleInfo info = describe(geometry());
  EXPECT_EQ(info.name, "geometry");
  EXPECT_EQ(info.doc, "Geometry for scripts.");
  EXPECT_EQ(to_string(named(info.functions, "area")),
            "area(width: number, height: number): number");
  EXPECT_EQ(named(info.functions, "area").doc, "Of a rectangle.");
  EXPECT_EQ(to_string(named(info.functions, "greet")),
            "greet(name: string, times: number = 1): string");
  EXPECT_EQ(to_string(named(info.functions, "scale")),
            "scale(arg1: number, arg2: number): number\nscale(arg1: string, arg2: number): string");
  EXPECT_EQ(to_string(named(info.functions, "pick")),
            "pick(arg1: number): number\npick(arg1: string): string");
  EXPECT_EQ(to_string(named(info.functions, "twice")), "twice(n: number): number");
  EXPECT_EQ(to_string(named(info.functions, "default")),
            "default(arg1: number, arg2: number): number");
  EXPECT_EQ(named(info.constants, "PI").value, "3.14159");
  EXPECT_EQ(named(info.constants, "PI").doc, "About.");
  EXPECT_EQ(to_string(named(info.constants, "PI").type()), "number");
  EXPECT_EQ(named(info.constants, "NAME").value, "\"geo\"");
  EXPECT_EQ(named(info.constants, "MODE").value, "\"fast\"");
  EXPECT_EQ(named(info.properties, "table").doc, "Squares.");
  EXPECT_TRUE(named(info.properties, "table").readonly);
  EXPECT_EQ(to_string(named(info.properties, "answer").type()), "number");
  EXPECT_EQ(named(info.classes, "JsDot").info().name, "JsDot");
  EXPECT_EQ(named(info.classes, "Dot").info, &describe<Dot>);
  EXPECT_EQ(to_string(named(info.enumerations, "Mode").type()), "\"slow\" | \"fast\"");
  EXPECT_EQ(named(info.enumerations, "Levels").type().name, "Level");
}

TEST(ModuleDescriptions, OfNamespaces) {
  const ModuleInfo info = describe(geometry());
  ASSERT_EQ(info.spaces.size(), 2U);
  const ModuleInfo& units = named(info.spaces, "units");
  EXPECT_EQ(units.doc, "Units.");
  EXPECT_EQ(named(units.constants, "metre").value, "1");
  EXPECT_EQ(to_string(named(units.functions, "area")), "area(a: number, b: number): number");
  EXPECT_EQ(to_string(named(named(units.spaces, "old").functions, "field")),
            "field(arg1: number, arg2: number): number");
  EXPECT_EQ(named(info.spaces, "shapes").doc, "Shapes.");
}

TEST(ModuleDescriptions, OfProperties) {
  const ModuleInfo info = describe(ModuleDef("m", [](Exports& exports) {
    exports.property(
               "a", [] { return std::string(); }, doc("An A."))
        .property(
            "b", [] { return 1; }, [](int) {})
        .default_export(5);
  }));
  EXPECT_TRUE(named(info.properties, "a").readonly);
  EXPECT_EQ(named(info.properties, "a").doc, "An A.");
  EXPECT_FALSE(named(info.properties, "b").readonly);
  EXPECT_EQ(named(info.constants, "default").value, "5");
}

}  // namespace
}  // namespace quip::test
