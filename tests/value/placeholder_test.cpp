// undefined and null as types of C++.
#include "support/js.hpp"
#include <quip/value/placeholder.hpp>

#include <string>
#include <variant>

namespace quip::test {
namespace {

class Placeholders : public JsTest {};

TEST_F(Placeholders, BecomeTheirValues) {
  with([](Ctx ctx) {
    const Object object(ctx);
    object.set("a", quip::undefined);
    object.set("b", quip::null);
    object.set("c", std::monostate());
    object.set("d", nullptr);
    object.set("e", quip::uninitialized);
    ctx.globals().set("o", object);
    EXPECT_EQ(ctx.eval<std::string>("Object.keys(o).map(k => k + String(o[k])).join()"),
              "aundefined,bnull,cundefined,dnull,eundefined");
    // it never reaches a script
    EXPECT_EQ(Value(ctx, quip::uninitialized).type(), Type::undefined);
    EXPECT_EQ(ctx.eval<std::string>("typeof o.e"), "undefined");
  });
}

TEST_F(Placeholders, AcceptTheirValuesAlone) {
  EXPECT_EQ(eval<Undefined>("undefined"), quip::undefined);
  EXPECT_EQ(eval<Null>("null"), quip::null);
  EXPECT_EQ(eval<std::monostate>("undefined"), std::monostate());
  EXPECT_EQ(eval<std::nullptr_t>("null"), nullptr);
  EXPECT_EQ(show(try_eval<Undefined>("null").error()).text,
            "TypeError: expected undefined, got null");
  EXPECT_EQ(show(try_eval<Null>("undefined").error()).text,
            "TypeError: expected null, got undefined");
  EXPECT_EQ(show(try_eval<std::monostate>("0").error()).text,
            "TypeError: expected undefined, got 0 (number)");
  EXPECT_EQ(show(try_eval<std::nullptr_t>("false").error()).text,
            "TypeError: expected null, got false (boolean)");
  EXPECT_FALSE(try_eval<Uninitialized>("undefined"));
}

TEST_F(Placeholders, MayBeParameters) {
  define("only_null", [](Null) { return quip::null; });
  define("only_undefined", [](Undefined, int n) { return n; });
  expect_eval("only_null(null)", "null", "null");
  expect_eval("only_undefined(undefined, 3)", "number", "3");
  expect_eval(
      "try { only_null(0) } catch (e) { String(e) }", "string",
      "TypeError: Failed to execute 'only_null': parameter 1: expected null, got 0 (number)");
}

}  // namespace
}  // namespace quip::test
