// Property keys: Atom and key<"…">.
#include "support/js.hpp"
#include <quip/value/atom.hpp>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace quip::test {
namespace {

using namespace std::string_literals;

class Atoms : public JsTest {};

TEST_F(Atoms, AreTheSameForTheSameKey) {
  with([](Ctx ctx) {
    const Atom a(ctx, "name");
    EXPECT_EQ(a, Atom(ctx, "name"));
    EXPECT_NE(a, Atom(ctx, "other"));
    EXPECT_EQ(a, Atom(ctx, ctx.eval("'na' + 'me'")));
    EXPECT_EQ(Atom(ctx, "7"), Atom(ctx, ctx.eval("7")));
    EXPECT_EQ(Atom(ctx, "null"), Atom(ctx, ctx.eval("null")));
    EXPECT_EQ(Atom(ctx, "mine"), Atom(ctx, ctx.eval("({ toString: () => 'mine' })")));
    EXPECT_NE(Atom(), a);
    EXPECT_EQ(Atom(), Atom());
  });
}

TEST_F(Atoms, OfSymbolsAreTheSymbols) {
  with([](Ctx ctx) {
    const Value symbol = ctx.eval("Symbol('s')");
    const Atom atom(ctx, symbol);
    EXPECT_EQ(atom.to_value(), symbol);
    EXPECT_EQ(atom.to_string(), "s");
    EXPECT_NE(atom, Atom(ctx, "s"));
    EXPECT_EQ(Atom(ctx, ctx.eval("Symbol()")).to_string(), "");
  });
}

TEST_F(Atoms, GiveTheirTextBack) {
  with([](Ctx ctx) {
    for (const std::string& text :
         {""s, "plain"s, "n\0x"s, "\u20ac"s, "\U0001f600"s, "0"s, "4294967295"s, "-1"s,
          "99999999999999999999"s, std::string(3000, 'k')}) {
      EXPECT_EQ(Atom(ctx, text).to_string(), text);
      EXPECT_EQ(Atom(ctx, text).to_value().as<std::string>(), text);
    }
    EXPECT_EQ(Atom(ctx, ctx.eval("'a\\ud800'")).to_string(), "a\ufffd");
  });
}

TEST_F(Atoms, WhatToStringThrowsComesThrough) {
  with([](Ctx ctx) {
    const Result<Atom> atom =
        Atom::try_make(ctx, ctx.eval("({ toString() { throw new RangeError('t') } })"));
    ASSERT_FALSE(atom);
    EXPECT_EQ(show(atom.error()).text, "RangeError: t");
    EXPECT_FALSE(Atom::try_make(ctx, Value()));
  });
}

TEST_F(Atoms, CopyAndMove) {
  const auto make = [this](const char* text) {
    return with([text](Ctx ctx) { return Atom(ctx, text); });
  };
  Atom a = make("a name that no engine knows beforehand");
  Atom b = a;
  EXPECT_EQ(a, b);
  const Atom c = std::move(a);
  EXPECT_EQ(a, Atom());  // NOLINT(bugprone-use-after-move): that is the test
  EXPECT_EQ(b, c);
  b = make("another");
  EXPECT_NE(b, c);
  std::vector<Atom> list(5, c);
  list.erase(list.begin());
  EXPECT_EQ(list.back().to_string(), "a name that no engine knows beforehand");
}

TEST_F(Atoms, OutliveTheirRuntime) {
  std::optional<Runtime> short_lived(std::in_place);
  Atom atom = Context(*short_lived).with([](Ctx ctx) { return Atom(ctx, "kept"); });
  EXPECT_EQ(atom.to_string(), "kept");
  short_lived.reset();
  EXPECT_THROW((void)atom.to_string(), RuntimeGone);
  EXPECT_THROW((void)atom.to_value(), RuntimeGone);
  const Atom copy = atom;
  EXPECT_THROW((void)copy.to_string(), RuntimeGone);
}

TEST_F(Atoms, OfOtherRuntimesAreRefused) {
  Runtime second;
  const Atom foreign = Context(second).with([](Ctx ctx) { return Atom(ctx, "name"); });
  with([&](Ctx ctx) {
    const Object object = ctx.eval<Object>("({ name: 1 })");
    EXPECT_EQ(object.try_get(foreign).error().name(), "TypeError");
    EXPECT_EQ(object.try_set(foreign, 1).error().name(), "TypeError");
    EXPECT_EQ(object.try_has(foreign).error().name(), "TypeError");
    EXPECT_EQ(object.try_remove(foreign).error().name(), "TypeError");
    EXPECT_EQ(object.try_get(Atom()).error().name(), "TypeError");
    EXPECT_EQ(object.get<int>("name"), 1);
  });
}

TEST_F(Atoms, LiteralKeysAreTheRuntimesOwn) {
  Runtime second;
  const Context other(second);
  for (int round = 0; round < 2; ++round) {
    for (const Context& each : {context, other}) {
      each.with([](Ctx ctx) {
        const Object object = ctx.eval<Object>("({ first: 1, second: 2, '': 3, '7': 4 })");
        EXPECT_EQ(object.get<int>(key<"first">), 1);
        EXPECT_EQ(object.get<int>(key<"second">), 2);
        EXPECT_EQ(object.get<int>(key<"">), 3);
        EXPECT_EQ(object.get<int>(key<"7">), 4);
        EXPECT_FALSE(object.has(key<"third">));
      });
    }
  }
  static_assert(Key<"text">::name == "text");
}

TEST_F(Atoms, LiteralKeysNameThePlaceOfAnError) {
  EXPECT_EQ(eval<Object>("({ port: 'x' })").try_get<bool>(key<"port">).error().message(),
            "port: expected boolean, got \"x\" (string)");
  with([](Ctx ctx) {
    EXPECT_EQ(
        ctx.eval<Object>("({ port: 'x' })").try_get<bool>(Atom(ctx, "port")).error().message(),
        "port: expected boolean, got \"x\" (string)");
  });
}

TEST_F(Atoms, OfNumbersAndTruthValuesAreTheirJavaScriptText) {
  with([](Ctx ctx) {
    const std::pair<double, const char*> numbers[] = {{1.5, "1.5"},
                                                      {-0.0, "0"},
                                                      {0.0, "0"},
                                                      {7.0, "7"},
                                                      {NAN, "NaN"},
                                                      {INFINITY, "Infinity"},
                                                      {-INFINITY, "-Infinity"},
                                                      {1e21, "1e+21"},
                                                      {1e-7, "1e-7"},
                                                      {123456789012.0, "123456789012"},
                                                      {0.1 + 0.2, "0.30000000000000004"},
                                                      {4294967295.0, "4294967295"},
                                                      {-1.0, "-1"}};
    for (const auto& [number, text] : numbers) {
      EXPECT_EQ(Atom(ctx, number).to_string(), text);
      EXPECT_EQ(Atom(ctx, number), Atom(ctx, text));
    }
    EXPECT_EQ(Atom(ctx, 1.5F).to_string(), "1.5");
    EXPECT_EQ(Atom(ctx, true).to_string(), "true");
    EXPECT_EQ(Atom(ctx, false), Atom(ctx, "false"));
    EXPECT_EQ(Atom(ctx, std::uint8_t{5}).to_string(), "5");
    EXPECT_EQ(Atom(ctx, std::int64_t{-9223372036854775807LL - 1}).to_string(),
              "-9223372036854775808");
    const Object object = ctx.eval<Object>("({ 1.5: 'n', true: 'b', 0: 'z' })");
    EXPECT_EQ(object.get<std::string>(1.5), "n");
    EXPECT_EQ(object.get<std::string>(true), "b");
    EXPECT_EQ(object.get<std::string>(-0.0), "z");
    EXPECT_EQ(object.try_get<int>(1.5).error().message().substr(0, 6), "[1.5]:");
    EXPECT_EQ(object.try_get<int>(true).error().message().substr(0, 5), "true:");
  });
}
static_assert(PropertyKey<bool> && PropertyKey<double> && PropertyKey<std::int8_t>);
static_assert(!PropertyKey<char>, "a character is neither text nor an index");
static_assert(!PropertyKey<char16_t> && !PropertyKey<void*> && !PropertyKey<std::nullptr_t>);

TEST_F(Atoms, TextsOfTheSameBytesInLatin1StayApart) {
  with([](Ctx ctx) {
    // an atom whose Latin-1 bytes are the UTF-8 of the other
    const Object object = ctx.eval<Object>("({ '\\u00c3\\u00a9': 'two', '\\u00e9': 'one' })");
    EXPECT_EQ(Atom(ctx, "\u00e9").to_string(), "\u00e9");
    EXPECT_EQ(Atom(ctx, "\u00c3\u00a9").to_string(), "\u00c3\u00a9");
    EXPECT_EQ(object.get<std::string>("\u00e9"), "one");
    EXPECT_EQ(object.get<std::string>("\u00c3\u00a9"), "two");
    EXPECT_EQ(object.get<std::string>(key<"\u00e9">), "one");
  });
}

TEST_F(Atoms, ANullPointerIsNoText) {
  with([](Ctx ctx) {
    const char* const null = nullptr;
    EXPECT_EQ(Atom::try_make(ctx, null).error().name(), "TypeError");
    EXPECT_EQ(Object(ctx).try_set(null, [] {}).error().name(), "TypeError");
    EXPECT_EQ(Object(ctx).try_get(null).error().name(), "TypeError");
  });
}

TEST_F(Atoms, TellWhatTheyAre) {
  with([](Ctx ctx) {
    EXPECT_TRUE(Atom(ctx, Symbol(ctx, "s")).is_symbol());
    EXPECT_TRUE(Atom(ctx, symbol::iterator).is_symbol());
    EXPECT_FALSE(Atom(ctx, "s").is_symbol());
    EXPECT_FALSE(Atom(ctx, 5).is_symbol());
    const std::pair<const char*, std::optional<std::uint32_t>> texts[] = {
        {"0", 0},
        {"7", 7},
        {"2147483647", 2147483647},
        {"2147483648", 2147483648U},
        {"4294967294", 4294967294U},
        {"4294967295", std::nullopt},
        {"4294967296", std::nullopt},
        {"01", std::nullopt},
        {"00", std::nullopt},
        {"-1", std::nullopt},
        {"1.5", std::nullopt},
        {"", std::nullopt},
        {"1 ", std::nullopt},
        {"+1", std::nullopt},
        {"x", std::nullopt},
        {"\u20ac", std::nullopt}};
    for (const auto& [text, index] : texts) {
      EXPECT_EQ(Atom(ctx, text).index(), index) << text;
      EXPECT_EQ(Atom(ctx, text).is_index(), index.has_value()) << text;
    }
    EXPECT_FALSE(Atom(ctx, Symbol(ctx, "7")).is_index());
    EXPECT_FALSE(Atom().is_symbol());
    EXPECT_FALSE(Atom().is_index());
  });
}

TEST_F(Atoms, BecomeCppValues) {
  with([](Ctx ctx) {
    EXPECT_EQ(Atom(ctx, "name").as<std::string>(), "name");
    EXPECT_EQ(Atom(ctx, 7).as<std::string>(), "7");
    EXPECT_EQ(Atom(ctx, 7).as<int>(), 7);
    EXPECT_EQ(Atom(ctx, "7").as<std::uint8_t>(), 7);
    EXPECT_EQ(Atom(ctx, 4294967294U).as<std::uint32_t>(), 4294967294U);
    EXPECT_EQ(Atom(ctx, "x").as<Atom>(), Atom(ctx, "x"));
    EXPECT_EQ(Atom(ctx, "x").as<String>().to_string(), "x");
    const Symbol symbol(ctx, "s");
    EXPECT_EQ(Atom(ctx, symbol).as<Symbol>(), symbol);
    EXPECT_EQ(Atom(ctx, symbol).as<Value>(), symbol);
    EXPECT_EQ(Atom(ctx, "300").try_as<std::uint8_t>().error().message(),
              "expected an index, got \"300\" (string)");
    EXPECT_FALSE(Atom(ctx, "-1").try_as<int>());
    EXPECT_FALSE(Atom(ctx, symbol).try_as<std::string>());
    EXPECT_FALSE(Atom(ctx, "x").try_as<Symbol>());
    EXPECT_EQ(Atom().try_as<int>().error().kind(), ErrorKind::runtime_gone);
  });
}

TEST_F(Atoms, AreParametersAndResults) {
  with([](Ctx ctx) {
    ctx.globals().set("same", [](Atom key) { return key; });
    EXPECT_TRUE(ctx.eval<bool>("same('n\\0\\ud800') === 'n\\0\\ud800'"));
    EXPECT_TRUE(ctx.eval<bool>("same(5) === '5' && same(-0) === '0'"));
    EXPECT_TRUE(ctx.eval<bool>("same(Symbol.iterator) === Symbol.iterator"));
    EXPECT_EQ(ctx.try_eval("same({ toString() { return 'x' } })").error().name(), "TypeError");
    EXPECT_EQ(ctx.try_eval("same(null)").error().name(), "TypeError");
    EXPECT_FALSE(Value::try_make(ctx, Atom()));
  });
}

TEST_F(Atoms, AreKeysOfHashTables) {
  with([](Ctx ctx) {
    std::unordered_map<Atom, int> table;
    table[Atom(ctx, "a")] = 1;
    table[Atom(ctx, 5)] = 2;
    table[Atom(ctx, symbol::iterator)] = 3;
    EXPECT_EQ(table.at(Atom(ctx, ctx.eval("'a'"))), 1);
    EXPECT_EQ(table.at(Atom(ctx, "5")), 2);
    EXPECT_EQ(table.at(Atom(ctx, ctx.eval("Symbol.iterator"))), 3);
    EXPECT_FALSE(table.contains(Atom(ctx, "b")));
    EXPECT_FALSE(table.contains(Atom()));
    EXPECT_EQ(std::hash<Atom>()(Atom()), std::hash<Atom>()(Atom()));
  });
}

TEST_F(Atoms, OfAnotherRuntimeAreNoValues) {
  Atom foreign;
  {
    const Runtime other;
    foreign = Context(other).with([](Ctx ctx) { return Atom(ctx, "x"); });
    with([&](Ctx ctx) {
      EXPECT_EQ(Value::try_make(ctx, foreign).error().name(), "TypeError");
      EXPECT_NE(foreign, Atom(ctx, "x"));
    });
  }
  EXPECT_FALSE(foreign.is_symbol());
  EXPECT_FALSE(foreign.is_index());
  EXPECT_EQ(foreign.try_as<std::string>().error().kind(), ErrorKind::runtime_gone);
}

}  // namespace
}  // namespace quip::test
