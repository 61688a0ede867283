// Text both ways.
#include "support/js.hpp"
#include <quip/convert/string.hpp>

#include <string>
#include <string_view>

namespace quip::test {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

class StringConversion : public JsTest {
 protected:
  /// What the script `f(text)` gives for a C++ text.
  std::string through(std::string_view script, const std::string& text) {
    define("text", text);
    return eval<std::string>(script);
  }
};

TEST_F(StringConversion, TextIsTheSameOnBothSides) {
  for (const std::string& text :
       {""s, "plain"s, "\0"s, "a\0b"s, "\0\0end"s, "h\u00e9llo"s, "\u4f60\u597d"s, "\u20ac 5"s,
        "\U0001f600"s, "\u007f\u0080\u07ff\u0800\uffff"s, "\U00010000\U0010ffff"s, "\ufeffbom"s}) {
    EXPECT_EQ(through("text", text), text);
    EXPECT_EQ(through("text + '' + text", text), text + text);
  }
}

TEST_F(StringConversion, LengthsAreJavaScripts) {
  define("text", "a\0\u20ac\U0001f600"s);
  expect_eval("text.length", "number", "5");
  expect_eval("text.charCodeAt(1)", "number", "0");
  expect_eval("text.codePointAt(3).toString(16)", "string", "1f600");
}

TEST_F(StringConversion, NothingIsTurnedIntoText) {
  for (const char* script : {"5", "true", "null", "undefined", "[]", "['a']", "({})", "Symbol('a')",
                             "new String('a')", "({ toString() { return 'a' } })", "1n"}) {
    const Result<std::string> text = try_eval<std::string>(script);
    ASSERT_FALSE(text) << script;
    EXPECT_EQ(text.error().name(), "TypeError") << script;
    EXPECT_TRUE(text.error().message().starts_with("expected string, got ")) << script;
  }
  EXPECT_EQ(try_eval<std::string>("5").error().message(), "expected string, got 5 (number)");
}

TEST_F(StringConversion, LoneSurrogatesBecomeTheReplacementCharacter) {
  EXPECT_EQ(eval<std::string>("'a\\ud800b'"), "a\ufffdb");
  EXPECT_EQ(eval<std::string>("'\\udc00'"), "\ufffd");
  EXPECT_EQ(eval<std::string>("'\\udfff\\ud800'"), "\ufffd\ufffd");
  EXPECT_EQ(eval<std::string>("'\\ud83d\\ude00'"), "\U0001f600");
  EXPECT_EQ(eval<std::string>("'\\ud83d' + '\\ude00'"), "\U0001f600");
  EXPECT_EQ(eval<std::string>("'\\ud7ff\\ue000'"), "\ud7ff\ue000");
}

TEST_F(StringConversion, BytesThatAreNoUtf8BecomeTheReplacementCharacter) {
  for (const std::string& bytes :
       {"\xff"s, "\x80"s, "a\xc3"s, "\xe2\x82"s, "\xf0\x9f\x98"s, "\xc0\x80"s,
        "\xf8\x88\x80\x80\x80"s, "\xf4\x90\x80\x80"s, "ok\xfe\xffok"s}) {
    const std::string text = through("text", bytes);
    EXPECT_NE(text.find("\ufffd"), std::string::npos);
    // what came of it is UTF-8, and stays as it is from then on
    EXPECT_EQ(through("text", text), text);
  }
  const std::string mixed = through("text", "ok\xff\0ok"s);
  EXPECT_TRUE(mixed.starts_with("ok\ufffd"));
  EXPECT_TRUE(mixed.ends_with("\0ok"sv));
}

TEST_F(StringConversion, LongTextsAndConcatenations) {
  const std::string long_text(std::size_t{1} << 20, 'x');
  define("text", long_text);
  expect_eval("text.length", "number", "1048576");
  EXPECT_EQ(eval<std::string>("text"), long_text);
  // a rope, which the engine has not flattened when it is read
  EXPECT_EQ(eval<std::string>("let r = ''; for (let i = 0; i < 3000; ++i) r += 'ab'; r").size(),
            6000U);
  EXPECT_EQ(eval<std::string>("'\u20ac'.repeat(5000) + 'y'.repeat(5000)").size(), 20000U);
  const auto rope = eval<std::string>("text + '\\ud800' + text");
  EXPECT_EQ(rope.size(), 2 * long_text.size() + 3);
  EXPECT_EQ(rope.substr(long_text.size(), 3), "\ufffd");
  EXPECT_TRUE(eval<Value>("text + text + 'z'").is_string());
}

TEST_F(StringConversion, EveryKindOfCppText) {
  with([](Ctx ctx) {
    const Object globals = ctx.globals();
    const char* pointer = "pointer";
    char array[] = "array";
    globals.set("a", "literal");
    globals.set("b", pointer);
    globals.set("c", array);
    globals.set("d", "view\0"sv);
    globals.set("e", "string"s);
    const std::string constant = "constant";
    globals.set("f", constant);
  });
  expect_eval("[a, b, c, d.length, e, f].join()", "string",
              "literal,pointer,array,5,string,constant");
}

TEST_F(StringConversion, ANullPointerIsAnError) {
  with([](Ctx ctx) {
    const char* null = nullptr;
    const Result<void> set = ctx.globals().try_set("null_text", null);
    ASSERT_FALSE(set);
    EXPECT_EQ(set.error().name(), "TypeError");
    EXPECT_FALSE(ctx.globals().has("null_text"));
  });
}

TEST_F(StringConversion, ViewsAreParameters) {
  std::string seen;
  define("see", [&seen](std::string_view text) { seen = text; });
  eval("see('plain')");
  EXPECT_EQ(seen, "plain");
  eval("see('\\0\u20ac')");
  EXPECT_EQ(seen, "\0\u20ac"s);
  eval("see('a\\ud800')");
  EXPECT_EQ(seen, "a\ufffd");
  expect_eval("see(5)", "throws",
              "TypeError: Failed to execute 'see': parameter 1: expected string, got 5 (number)");
  // each its own text
  define("join",
         [](std::string_view a, std::string_view b) { return std::string(a) + std::string(b); });
  expect_eval("join('a\\udfff', 'b\\ud800')", "string", "a\ufffdb\ufffd");
}

TEST_F(StringConversion, SourcesAreTextsToo) {
  EXPECT_EQ(eval<std::string>("'\u20ac\U0001f600'"), "\u20ac\U0001f600");
  with([](Ctx ctx) {
    // the text that is given, not what lies behind it
    EXPECT_EQ(ctx.eval<int>(std::string_view("1 + 23").substr(0, 5)), 3);
    EXPECT_TRUE(ctx.eval("").is_undefined());
    EXPECT_EQ(ctx.eval<std::string>("'a\\0b'"), "a\0b"s);
  });
}

TEST_F(StringConversion, MessagesQuoteTheStartOfALongText) {
  const Result<int> result = try_eval<int>("'\u20ac'.repeat(1000)");
  ASSERT_FALSE(result);
  EXPECT_LT(result.error().message().size(), 200U);
  EXPECT_NE(result.error().message().find("\u20ac\u20ac"), std::string::npos);
}

}  // namespace
}  // namespace quip::test
