// Conversions by JavaScript's own rules, where they are asked for.
#include "support/js.hpp"
#include <quip/convert/coerced.hpp>

#include <cmath>
#include <cstdint>
#include <string>
#include <type_traits>

namespace quip::test {
namespace {

class CoercedValues : public JsTest {
 protected:
  template <class T>
  T coerced(const std::string& script) {
    return eval<Coerced<T>>("(" + script + ")").value;
  }
};

/// The engine's typed arrays and operators convert as the standard says.
TEST_F(CoercedValues, IntegersAreWholeAndModulo) {
  const char* scripts[] = {"0",
                           "-0",
                           "5.7",
                           "-5.7",
                           "'5'",
                           "' 0x10 '",
                           "'x'",
                           "''",
                           "null",
                           "undefined",
                           "true",
                           "NaN",
                           "Infinity",
                           "-Infinity",
                           "[7]",
                           "[1, 2]",
                           "({})",
                           "127",
                           "128",
                           "255",
                           "256",
                           "300",
                           "-1",
                           "-129",
                           "65536",
                           "2 ** 31",
                           "2 ** 32 + 5",
                           "-(2 ** 31) - 1",
                           "1e20",
                           "2 ** 53",
                           "new Date(1234)",
                           "({ valueOf: () => 41.9 })",
                           "Object('12')"};
  for (const std::string script : scripts) {
    const auto expected = [&](const std::string& array) {
      return static_cast<std::int64_t>(eval<double>("new " + array + "([" + script + "])[0]"));
    };
    EXPECT_EQ(coerced<std::int8_t>(script), expected("Int8Array")) << script;
    EXPECT_EQ(coerced<std::uint8_t>(script), expected("Uint8Array")) << script;
    EXPECT_EQ(coerced<std::int16_t>(script), expected("Int16Array")) << script;
    EXPECT_EQ(coerced<std::uint16_t>(script), expected("Uint16Array")) << script;
    EXPECT_EQ(coerced<std::int32_t>(script), expected("Int32Array")) << script;
    EXPECT_EQ(coerced<std::uint32_t>(script), expected("Uint32Array")) << script;
    EXPECT_EQ(coerced<bool>(script), eval<bool>("!!(" + script + ")")) << script;
    const auto number = coerced<double>(script);
    const auto js_number = eval<double>("Number(" + script + ")");
    EXPECT_TRUE(number == js_number || (std::isnan(number) && std::isnan(js_number))) << script;
    EXPECT_EQ(coerced<std::string>(script), eval<std::string>("String(" + script + ")")) << script;
  }
}

TEST_F(CoercedValues, SixtyFourBits) {
  EXPECT_EQ(coerced<std::int64_t>("'-12.9'"), -12);
  EXPECT_EQ(coerced<std::int64_t>("2 ** 62"), std::int64_t{1} << 62);
  EXPECT_EQ(coerced<std::int64_t>("2 ** 63"), INT64_MIN);
  EXPECT_EQ(coerced<std::uint64_t>("2 ** 63"), std::uint64_t{1} << 63);
  EXPECT_EQ(coerced<std::uint64_t>("2 ** 64"), 0U);
  EXPECT_EQ(coerced<std::uint64_t>("-1"), UINT64_MAX);
  EXPECT_EQ(coerced<std::int64_t>("NaN"), 0);
  EXPECT_EQ(coerced<std::int64_t>("2n ** 64n + 5n"), 5);
  EXPECT_EQ(coerced<std::uint64_t>("-1n"), UINT64_MAX);
}

TEST_F(CoercedValues, WhatScriptsThrowComesThrough) {
  for (const char* script : {"({ valueOf() { throw new EvalError('v') } })",
                             "({ [Symbol.toPrimitive]() { throw new EvalError('v') } })"}) {
    EXPECT_EQ(show(try_eval<Coerced<int>>(script).error()).text, "EvalError: v");
    EXPECT_EQ(show(try_eval<Coerced<std::uint8_t>>(script).error()).text, "EvalError: v");
    EXPECT_EQ(show(try_eval<Coerced<std::int64_t>>(script).error()).text, "EvalError: v");
    EXPECT_EQ(show(try_eval<Coerced<float>>(script).error()).text, "EvalError: v");
  }
  EXPECT_EQ(
      show(try_eval<Coerced<std::string>>("({ toString() { throw new EvalError('s') } })").error())
          .text,
      "EvalError: s");
  for (const char* script : {"Symbol('s')", "Object.create(null)"}) {
    EXPECT_EQ(try_eval<Coerced<int>>(script).error().name(), "TypeError") << script;
    EXPECT_EQ(try_eval<Coerced<std::int64_t>>(script).error().name(), "TypeError") << script;
    EXPECT_EQ(try_eval<Coerced<double>>(script).error().name(), "TypeError") << script;
    EXPECT_EQ(try_eval<Coerced<std::string>>(script).error().name(), "TypeError") << script;
    EXPECT_TRUE(coerced<bool>(script));
  }
  EXPECT_EQ(try_eval<Coerced<int>>("5n").error().name(), "TypeError");
  EXPECT_EQ(try_eval<Coerced<double>>("5n").error().name(), "TypeError");
  EXPECT_EQ(coerced<std::string>("5n"), "5");
  EXPECT_FALSE(coerced<bool>("0n"));
  expect_eval("1", "number", "1");
}

TEST_F(CoercedValues, AreParametersAndResults) {
  define("add", [](Coerced<int> a, Coerced<double> b) { return a + b; });
  define("text", [](const Coerced<std::string>& s, Coerced<bool> shout) {
    return s.get() + (shout ? "!" : "");
  });
  define("same", [](Coerced<std::uint8_t> n) { return n; });
  expect_eval("add('4.9', '0.5')", "number", "4.5");
  expect_eval("text([1, 2], 'yes')", "string", "1,2!");
  expect_eval("text(null, 0)", "string", "null");
  expect_eval("same(300)", "number", "44");
  expect_eval("try { add(1, Symbol()) } catch (e) { e instanceof TypeError }", "boolean", "true");
  static_assert(std::is_convertible_v<Coerced<int>, int>);
}

TEST_F(CoercedValues, AScriptMayDropTheHandle) {
  with([this](Ctx ctx) {
    Value value =
        ctx.eval("({ valueOf() { drop(); return 7 }, toString() { drop(); return 'x' } })");
    ctx.globals().set("drop", [&] {
      value = Value();
      runtime.run_gc();
    });
    EXPECT_EQ(value.as<Coerced<int>>(), 7);
    value = ctx.eval("({ toString() { drop(); return 'x' } })");
    EXPECT_EQ(value.as<Coerced<std::string>>().value, "x");
  });
}

}  // namespace
}  // namespace quip::test
