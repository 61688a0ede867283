// Property keys: Atom and key<"…">.
#include "support/js.hpp"
#include <quip/value/atom.hpp>

#include <optional>
#include <string>
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

}  // namespace
}  // namespace quip::test
