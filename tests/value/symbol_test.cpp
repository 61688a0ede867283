// Symbols.
#include "support/js.hpp"
#include <quip/value/symbol.hpp>

#include <optional>
#include <string>

namespace quip::test {
namespace {

using namespace std::string_literals;

class Symbols : public JsTest {};

TEST_F(Symbols, EachEqualsOnlyItself) {
  with([](Ctx ctx) {
    const Symbol a(ctx, "name");
    const Symbol b(ctx, "name");
    const Symbol same = a;
    EXPECT_EQ(a, same);
    EXPECT_NE(a, b);
    EXPECT_EQ(a.type(), Type::symbol);
    ctx.globals().set("a", a);
    EXPECT_TRUE(ctx.eval<bool>("typeof a === 'symbol' && a.description === 'name'"));
    EXPECT_EQ(ctx.eval("a"), a);
    // not in the registry of Symbol.for
    EXPECT_NE(ctx.eval("Symbol.for('name')"), a);
  });
}

TEST_F(Symbols, HaveDescriptions) {
  with([](Ctx ctx) {
    for (const std::string& text :
         {""s, "plain"s, "\u20ac\U0001f600"s, "n\0x"s, "\u00e9"s, std::string(5000, 'd')}) {
      EXPECT_EQ(Symbol(ctx, text).description(), text);
    }
    EXPECT_EQ(ctx.eval<Symbol>("Symbol('given')").description(), "given");
    EXPECT_EQ(ctx.eval<Symbol>("Symbol('')").description(), "");
    EXPECT_EQ(ctx.eval<Symbol>("Symbol.iterator").description(), "Symbol.iterator");
    EXPECT_EQ(ctx.eval<Symbol>("Symbol.for('r')").description(), "r");
    EXPECT_EQ(ctx.eval<Symbol>("Symbol('a\\ud800')").description(), "a\ufffd");
    ctx.globals().set("s", Symbol(ctx, "n\0x"s));
    EXPECT_TRUE(ctx.eval<bool>("s.description === 'n\\0x'"));
  });
}

TEST_F(Symbols, MayHaveNoDescription) {
  with([](Ctx ctx) {
    EXPECT_EQ(ctx.eval<Symbol>("Symbol()").description(), std::nullopt);
    const Symbol bare(ctx);
    EXPECT_EQ(bare.description(), std::nullopt);
    EXPECT_NE(bare, Symbol(ctx));
    ctx.globals().set("s", bare);
    EXPECT_TRUE(ctx.eval<bool>("s.description === undefined"));
    EXPECT_EQ(bare.to_display_string(), "Symbol()");
  });
}

TEST_F(Symbols, TextsOfTheSameBytesInLatin1StayApart) {
  with([](Ctx ctx) {
    // a key whose Latin-1 bytes are the UTF-8 of another
    ctx.eval("var keep = { '\\u00c3\\u00a9': 1 }");
    EXPECT_EQ(Symbol(ctx, "\u00e9").description(), "\u00e9");
    EXPECT_EQ(Symbol::registered(ctx, "\u00e9").registered_key(), "\u00e9");
  });
}

TEST_F(Symbols, TheRegistryGivesTheSameForTheSameKey) {
  with([](Ctx ctx) {
    const Symbol a = Symbol::registered(ctx, "app");
    EXPECT_EQ(a, Symbol::registered(ctx, "app"));
    EXPECT_EQ(a, ctx.eval("Symbol.for('app')"));
    EXPECT_NE(a, Symbol::registered(ctx, "other"));
    EXPECT_EQ(a.registered_key(), "app");
    EXPECT_EQ(a.description(), "app");
    EXPECT_EQ(Symbol(ctx, "app").registered_key(), std::nullopt);
    EXPECT_EQ(Symbol::iterator(ctx).registered_key(), std::nullopt);
    const Symbol nul = Symbol::registered(ctx, "n\0x"s);
    EXPECT_EQ(nul.registered_key(), "n\0x"s);
    EXPECT_NE(nul, Symbol::registered(ctx, "n"));
    EXPECT_EQ(Symbol::registered(ctx, "").registered_key(), "");
  });
}

TEST_F(Symbols, TheRegistryIsTheRuntimes) {
  const Context other(runtime);
  const Symbol here = with([](Ctx ctx) { return Symbol::registered(ctx, "shared"); });
  EXPECT_EQ(here, other.with([](Ctx ctx) { return ctx.eval("Symbol.for('shared')"); }));
}

struct WellKnownCase {
  const char* name;
  detail::WellKnownKey key;
  Symbol (*make)(const Ctx&);
};
const WellKnownCase well_known[] = {
    {"asyncIterator", symbol::async_iterator, &Symbol::async_iterator},
    {"hasInstance", symbol::has_instance, &Symbol::has_instance},
    {"isConcatSpreadable", symbol::is_concat_spreadable, &Symbol::is_concat_spreadable},
    {"iterator", symbol::iterator, &Symbol::iterator},
    {"match", symbol::match, &Symbol::match},
    {"matchAll", symbol::match_all, &Symbol::match_all},
    {"replace", symbol::replace, &Symbol::replace},
    {"search", symbol::search, &Symbol::search},
    {"species", symbol::species, &Symbol::species},
    {"split", symbol::split, &Symbol::split},
    {"toPrimitive", symbol::to_primitive, &Symbol::to_primitive},
    {"toStringTag", symbol::to_string_tag, &Symbol::to_string_tag},
    {"unscopables", symbol::unscopables, &Symbol::unscopables},
};

TEST_F(Symbols, TheWellKnownOnesAreTheScripts) {
  with([](Ctx ctx) {
    for (const WellKnownCase& each : well_known) {
      const Value theirs = ctx.eval("Symbol." + std::string(each.name));
      EXPECT_EQ(each.make(ctx), theirs) << each.name;
      EXPECT_EQ(Atom(ctx, each.key).to_value(), theirs) << each.name;
      EXPECT_EQ(each.make(ctx).description(), "Symbol." + std::string(each.name));
    }
  });
}

TEST_F(Symbols, TheWellKnownOnesAreKeys) {
  with([](Ctx ctx) {
    const Object object(ctx);
    for (const WellKnownCase& each : well_known) {
      EXPECT_FALSE(object.has_own(each.key)) << each.name;
      object.define(each.key, property(each.name).configurable());
      EXPECT_EQ(object.get<std::string>(each.key), each.name);
      EXPECT_EQ(object[each.key].get<std::string>(), each.name);
      EXPECT_TRUE(object.has(each.key) && object.remove(each.key)) << each.name;
    }
    object.set(symbol::iterator, [] { return 7; });
    EXPECT_EQ(object.get<Function>(symbol::iterator).call<int>(), 7);
    EXPECT_EQ(object.try_get<int>(symbol::species).error().message(),
              "[Symbol.species]: expected an integer from -2147483648 to 2147483647, got "
              "undefined");
    EXPECT_TRUE(ctx.eval<Object>("[]").has(symbol::iterator));
  });
}

TEST_F(Symbols, WhatScriptsDoToSymbolChangesNothing) {
  // before anything of it is used
  eval(
      "var iterator = Symbol.iterator, given = () => { throw new Error('patched') };"
      "Object.defineProperty(Symbol.prototype, 'description', { get: given });"
      "globalThis.Symbol = Object.assign(given, { for: given, keyFor: given })");
  with([](Ctx ctx) {
    EXPECT_EQ(Symbol(ctx, "mine").description(), "mine");
    EXPECT_EQ(Symbol::registered(ctx, "r").registered_key(), "r");
    EXPECT_EQ(Symbol::iterator(ctx), ctx.eval("iterator"));
    EXPECT_TRUE(ctx.eval<Object>("[]").has(symbol::iterator));
  });
}

TEST_F(Symbols, WhatIsNoSymbolFromAPatchedRegistryIsAnError) {
  eval("Symbol.for = () => 5; Symbol.keyFor = () => 5");
  with([](Ctx ctx) {
    EXPECT_EQ(Symbol::try_registered(ctx, "r").error().kind(), ErrorKind::conversion);
    EXPECT_EQ(Symbol(ctx, "s").try_registered_key().error().kind(), ErrorKind::conversion);
  });
}

TEST_F(Symbols, OfOtherOrEndedRuntimesAreErrors) {
  Symbol foreign;
  {
    const Runtime other;
    const Context there(other);
    foreign = there.with([](Ctx ctx) { return Symbol(ctx, "foreign"); });
    with([&](Ctx ctx) {
      EXPECT_EQ(Object(ctx).try_set(foreign, 1).error().name(), "TypeError");
      EXPECT_EQ(Object(ctx).try_has(foreign).error().name(), "TypeError");
    });
  }
  EXPECT_EQ(foreign.try_description().error().kind(), ErrorKind::runtime_gone);
  EXPECT_EQ(foreign.try_registered_key().error().kind(), ErrorKind::runtime_gone);
  EXPECT_THROW((void)Symbol().registered_key(), RuntimeGone);
}

TEST_F(Symbols, OnlySymbolsAreSymbols) {
  for (const char* script : {"'Symbol.iterator'", "5", "null", "Object(Symbol())"}) {
    EXPECT_EQ(try_eval<Symbol>(script).error().name(), "TypeError") << script;
  }
}

TEST_F(Symbols, AreNoText) {
  EXPECT_FALSE(try_eval<std::string>("Symbol('s')"));
  EXPECT_FALSE(try_eval<double>("Symbol('s')"));
}

}  // namespace
}  // namespace quip::test
