// Regular expressions: made, asked, and scripts that meddle.
#include "support/lifetime.hpp"
#include <quip/value/regexp.hpp>

#include <optional>
#include <string>

namespace quip::test {
namespace {

class RegExps : public JsTest {};

TEST_F(RegExps, AreMadeOfPatternAndFlags) {
  with([](Ctx ctx) {
    const RegExp regexp(ctx, "a/(b+)", "gi");
    EXPECT_EQ(regexp.type(), Type::regexp);
    EXPECT_EQ(regexp.source(), "a\\/(b+)");
    EXPECT_EQ(regexp.flags(), "gi");
    ctx.globals().set("r", regexp);
    EXPECT_EQ(ctx.eval<std::string>("'xA/bBy'.replace(r, '[$1]')"), "x[bB]y");
    EXPECT_EQ(RegExp(ctx, "x").flags(), "");
    EXPECT_TRUE(RegExp(ctx, "\xe2\x82\xac+").test("10\xe2\x82\xac"));
  });
}

TEST_F(RegExps, WhatIsNoneIsASyntaxError) {
  with([](Ctx ctx) {
    for (const char* pattern : {"(", "[", "a{2,1}", "*"}) {
      EXPECT_EQ(RegExp::try_make(ctx, pattern).error().name(), "SyntaxError") << pattern;
    }
    EXPECT_EQ(RegExp::try_make(ctx, "a", "gg").error().name(), "SyntaxError");
    EXPECT_EQ(RegExp::try_make(ctx, "a", "?").error().name(), "SyntaxError");
    EXPECT_THROW(RegExp(ctx, "("), Error);
    EXPECT_EQ(ctx.eval<int>("1"), 1);
  });
}

TEST_F(RegExps, ExecTellsWhatMatched) {
  const auto regexp = eval<RegExp>("/(?<year>\\d{4})-(?<month>\\d\\d)(-(\\d\\d))?(?<rest>x)?/");
  const std::optional<RegExp::Match> match = regexp.exec("\xf0\x9f\x98\x80 on 2024-05!");
  ASSERT_TRUE(match);
  EXPECT_EQ(match->index, 6U);  // the smiley counts two
  EXPECT_EQ(match->text, "2024-05");
  using Groups = std::vector<std::optional<std::string>>;
  EXPECT_EQ(match->groups, (Groups{"2024", "05", std::nullopt, std::nullopt, std::nullopt}));
  EXPECT_EQ(match->named.size(), 3U);
  EXPECT_EQ(match->named.at("year"), "2024");
  EXPECT_EQ(match->named.at("month"), "05");
  EXPECT_EQ(match->named.at("rest"), std::nullopt);
  EXPECT_EQ(regexp.exec("nothing"), std::nullopt);
  const auto plain = eval<RegExp>("/b*/").exec("abc");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->text, "");
  EXPECT_TRUE(plain->groups.empty());
  EXPECT_TRUE(plain->named.empty());
}

TEST_F(RegExps, GlobalOnesGoOnWhereTheyWere) {
  const auto regexp = eval<RegExp>("/\\d/g");
  EXPECT_EQ(regexp.last_index(), 0U);
  EXPECT_TRUE(regexp.test("1 2"));
  EXPECT_EQ(regexp.last_index(), 1U);
  EXPECT_EQ(regexp.exec("1 2")->text, "2");
  EXPECT_FALSE(regexp.test("1 2"));
  EXPECT_EQ(regexp.last_index(), 0U);
  regexp.set_last_index(2);
  EXPECT_EQ(regexp.exec("1 2")->index, 2U);
  regexp.set_last_index(100);
  EXPECT_FALSE(regexp.exec("1 2"));
}

TEST_F(RegExps, TheLastIndexMayBeAnything) {
  const auto odd = eval<RegExp>("const r = /a/g; r.lastIndex = 'x'; r");
  EXPECT_EQ(odd.try_last_index().error().kind(), ErrorKind::conversion);
  EXPECT_TRUE(odd.test("a"));
  const auto throws = eval<RegExp>(
      "const t = /a/g; t.lastIndex = { valueOf() { throw new EvalError('index') } }; t");
  EXPECT_EQ(show(throws.try_test("a").error()).text, "EvalError: index");
  EXPECT_EQ(show(throws.try_exec("a").error()).text, "EvalError: index");
  const auto frozen = eval<RegExp>("Object.freeze(/a/g)");
  EXPECT_EQ(frozen.try_set_last_index(1).error().name(), "TypeError");
  EXPECT_EQ(frozen.try_test("a").error().name(), "TypeError");
}

TEST_F(RegExps, AreRegExpsAlone) {
  EXPECT_EQ(show(try_eval<RegExp>("'a'")),
            (Shown{"throws", "TypeError: expected regexp, got \"a\" (string)"}));
  EXPECT_EQ(show(try_eval<RegExp>("Object.create(RegExp.prototype)")).text,
            "TypeError: expected regexp, got object");
  EXPECT_TRUE(eval<RegExp>("new (class extends RegExp {})('a')").test("a"));
}

TEST_F(RegExps, ScriptsCannotChangeTheSearch) {
  const auto before = eval<RegExp>("/a/g");
  EXPECT_TRUE(before.test("a"));
  EXPECT_EQ(before.source(), "a");
  EXPECT_EQ(before.flags(), "g");
  const auto regexp = eval<RegExp>(R"(
    const r = /b/;
    RegExp.prototype.exec = RegExp.prototype.test = r.exec = () => { throw new Error('patched') };
    Object.defineProperty(RegExp.prototype, 'source', { get: () => 'patched' });
    r)");
  EXPECT_TRUE(regexp.test("b"));
  EXPECT_EQ(regexp.exec("ab")->index, 1U);
  EXPECT_EQ(regexp.source(), "b");
  EXPECT_EQ(eval<RegExp>("Object.defineProperties(/c/dgimsuy, { flags: { value: 'x' },"
                         "global: { value: false } })")
                .flags(),
            "dgimsuy");
  // unless they were there before
  Context late(runtime);
  late.with([](Ctx ctx) {
    const auto odd = ctx.eval<RegExp>("RegExp.prototype.exec = () => [{}, 1]; /a/");
    EXPECT_EQ(odd.try_exec("a").error().kind(), ErrorKind::conversion);
    ctx.eval("globalThis.RegExp = class {}");
    EXPECT_FALSE(RegExp::try_make(ctx, "a"));
  });
}

TEST_F(RegExps, NeedAContextThatHasThem) {
  Context::base(runtime).with([](Ctx ctx) {
    EXPECT_EQ(show(RegExp::try_make(ctx, "a")).text,
              "TypeError: this context has no 'RegExp': it was made without intrinsic::RegExp");
  });
}

TEST_F(RegExps, OutliveTheirRuntime) {
  RegExp left;
  {
    Runtime other;
    const Context elsewhere(other);
    left = elsewhere.with([](Ctx ctx) { return RegExp(ctx, "a"); });
  }
  expect_gone(left.try_test("a"));
  expect_gone(left.try_exec("a"));
  expect_gone(left.try_source());
  expect_gone(left.try_flags());
  expect_gone(left.try_last_index());
  expect_gone(left.try_set_last_index(1));
}

}  // namespace
}  // namespace quip::test
