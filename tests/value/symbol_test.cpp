// Symbols.
#include "support/js.hpp"
#include <quip/value/symbol.hpp>

#include <string>

namespace quip::test {
namespace {

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
    EXPECT_EQ(Symbol(ctx, "plain").description(), "plain");
    EXPECT_EQ(Symbol(ctx, "").description(), "");
    EXPECT_EQ(Symbol(ctx, "\u20ac\U0001f600").description(), "\u20ac\U0001f600");
    EXPECT_EQ(ctx.eval<Symbol>("Symbol()").description(), "");
    EXPECT_EQ(ctx.eval<Symbol>("Symbol('given')").description(), "given");
    EXPECT_EQ(ctx.eval<Symbol>("Symbol.iterator").description(), "Symbol.iterator");
    EXPECT_EQ(ctx.eval<Symbol>("Symbol.for('r')").description(), "r");
  });
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
