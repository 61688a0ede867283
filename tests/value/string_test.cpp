// String handles and the policies for what UTF-8 cannot have.
#include "support/js.hpp"
#include <quip/value/string.hpp>

#include <string>

namespace quip::test {
namespace {

using namespace std::string_literals;

class Strings : public JsTest {};

TEST_F(Strings, AreMadeOfUtf8) {
  with([](Ctx ctx) {
    for (const std::string& text :
         {""s, "plain"s, "a\0b"s, "\u20ac"s, "\U0001f600"s, std::string(100000, 'x')}) {
      const String string(ctx, text);
      EXPECT_EQ(string.to_string(), text);
      EXPECT_EQ(string.to_string(Utf8::strict), text);
      EXPECT_EQ(string.to_string(Utf8::wtf8), text);
      EXPECT_EQ(string.type(), Type::string);
    }
    EXPECT_NE(String(ctx, "\xff").to_string().find("\ufffd"), std::string::npos);
  });
}

TEST_F(Strings, TheSizeIsInUtf16Units) {
  with([](Ctx ctx) {
    EXPECT_EQ(String(ctx, "").size(), 0U);
    EXPECT_EQ(String(ctx, "abc").size(), 3U);
    EXPECT_EQ(String(ctx, "\u20ac").size(), 1U);
    EXPECT_EQ(String(ctx, "\U0001f600").size(), 2U);
    EXPECT_EQ(String(ctx, "\0\0"s).size(), 2U);
    EXPECT_EQ(ctx.eval<String>("'x'.repeat(5000) + 'y'.repeat(5000)").size(), 10000U);
  });
}

TEST_F(Strings, ThePolicySaysWhatBecomesOfLoneSurrogates) {
  struct Case {
    const char* script;
    const char* lossy;
    const char* wtf8;
  };
  for (const Case& c :
       {Case{"'\\ud800'", "\ufffd", "\xed\xa0\x80"}, Case{"'\\udfff'", "\ufffd", "\xed\xbf\xbf"},
        Case{"'a\\udc00b'", "a\ufffdb",
             "a\xed\xb0\x80"
             "b"},
        Case{"'\\ude00\\ud83d'", "\ufffd\ufffd", "\xed\xb8\x80\xed\xa0\xbd"},
        Case{"'\\ud83d\\ud83d\\ude00'", "\ufffd\U0001f600", "\xed\xa0\xbd\U0001f600"}}) {
    const String string = eval<String>(c.script);
    EXPECT_EQ(string.to_string(), c.lossy) << c.script;
    EXPECT_EQ(string.to_string(Utf8::lossy), c.lossy) << c.script;
    EXPECT_EQ(string.to_string(Utf8::wtf8), c.wtf8) << c.script;
    const Result<std::string> strict = string.try_to_string(Utf8::strict);
    ASSERT_FALSE(strict) << c.script;
    EXPECT_EQ(strict.error().name(), "TypeError");
    EXPECT_EQ(strict.error().kind(), ErrorKind::conversion);
    EXPECT_THROW((void)string.to_string(Utf8::strict), Error);
  }
  // what looks alike in UTF-8 and is whole
  EXPECT_EQ(eval<String>("'\\ud7ff\\ue000\\ud83d\\ude00'").to_string(Utf8::strict),
            "\ud7ff\ue000\U0001f600");
}

TEST_F(Strings, OnlyStringsAreStrings) {
  for (const char* script : {"5", "null", "new String('a')", "['a']", "Symbol()"}) {
    EXPECT_EQ(try_eval<String>(script).error().name(), "TypeError") << script;
  }
}

TEST_F(Strings, MayBeKeysAndArguments) {
  with([](Ctx ctx) {
    const String name(ctx, "na\0me"s);
    const Object object(ctx);
    object.set(name, name);
    EXPECT_EQ(object.get<String>(name), name);
    EXPECT_EQ(ctx.eval<Function>("(s) => s.length").call<int>(name), 5);
  });
}

TEST_F(Strings, SizeIsNotFooledByThePrototype) {
  eval(
      "Object.defineProperty(String.prototype, 'length', { get: () => 'mine', configurable: true "
      "})");
  EXPECT_EQ(eval<String>("'abc'").size(), 3U);
}

}  // namespace
}  // namespace quip::test
