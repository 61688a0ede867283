// UTF-16, UTF-32 and wide strings, single characters, paths.
#include "support/js.hpp"
#include <quip/convert/text.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace quip::test {
namespace {

class OtherText : public JsTest {
 protected:
  template <class T>
  void expect_round_trip(const T& text, std::string_view script) {
    define("text", text);
    expect_eval("text === " + std::string(script), "boolean", "true");
    EXPECT_TRUE(eval<T>("text") == text);
    EXPECT_TRUE(eval<T>(script) == text) << script;
  }
};

TEST_F(OtherText, StringsOfEveryWidthGoBothWays) {
  expect_round_trip(std::u8string(u8"a\u20ac\U0001F600"), "'a\\u20ac\\u{1F600}'");
  expect_round_trip(std::u16string(u"a\u20ac\U0001F600"), "'a\\u20ac\\u{1F600}'");
  expect_round_trip(std::u32string(U"a\u20ac\U0001F600"), "'a\\u20ac\\u{1F600}'");
  expect_round_trip(std::wstring(L"a\u20ac\U0001F600"), "'a\\u20ac\\u{1F600}'");
  expect_round_trip(std::u16string(), "''");
  expect_round_trip(std::u16string(u"n\0x", 3), "'n\\0x'");
  expect_round_trip(std::u32string(U"n\0x", 3), "'n\\0x'");
}

TEST_F(OtherText, Utf16IsExactAboutLoneSurrogates) {
  const std::u16string lone = {u'a', 0xD83D, u'b', 0xDE00, 0xDE00, 0xD83D};
  expect_round_trip(lone, "'a\\ud83db\\ude00\\ude00\\ud83d'");
  // halves that meet are one character in any form
  expect_round_trip(std::u16string{0xD83D, 0xDE00}, "'\\ud83d\\ude00'");
}

TEST_F(OtherText, TheOthersReplaceLoneSurrogates) {
  EXPECT_EQ(eval<std::u32string>("'a\\ud83db'"), U"a\uFFFDb");
  EXPECT_TRUE(eval<std::u8string>("'a\\ud83db'") == u8"a\uFFFDb");
  EXPECT_EQ(eval<std::wstring>("'a\\ude00'"), L"a\uFFFD");
  define("text", std::u32string{U'a', char32_t{0xD83D}, char32_t{0x110000}});
  expect_eval("text === 'a\\ufffd\\ufffd'", "boolean", "true");
}

TEST_F(OtherText, ViewsAndLiteralsGoOut) {
  define("v8", std::u8string_view(u8"\u00e9"));
  define("v16", std::u16string_view(u"\u00e9"));
  define("v32", std::u32string_view(U"\u00e9"));
  define("w", L"\u00e9");
  define("l16", u"\u00e9");
  expect_eval("[v8, v16, v32, w, l16].every(s => s === '\\u00e9')", "boolean", "true");
  with([](Ctx ctx) { EXPECT_FALSE(Value::try_make(ctx, static_cast<const char16_t*>(nullptr))); });
}

TEST_F(OtherText, OnlyStringsAreText) {
  for (const char* script : {"5", "null", "undefined", "['a']", "new String('a')", "Symbol()"}) {
    const Result<std::u16string> result = try_eval<std::u16string>(script);
    ASSERT_FALSE(result) << script;
    EXPECT_TRUE(result.error().message().starts_with("expected string, got ")) << script;
    EXPECT_FALSE(try_eval<std::u32string>(script)) << script;
    EXPECT_FALSE(try_eval<char>(script)) << script;
    EXPECT_FALSE(try_eval<std::filesystem::path>(script)) << script;
  }
}

TEST_F(OtherText, CharactersAreStringsOfOne) {
  expect_round_trip('a', "'a'");
  expect_round_trip('\0', "'\\0'");
  expect_round_trip(u8'~', "'~'");
  expect_round_trip(u'\u20ac', "'\\u20ac'");
  expect_round_trip(static_cast<char16_t>(0xD83D), "'\\ud83d'");
  expect_round_trip(U'\U0001F600', "'\\u{1F600}'");
  expect_round_trip(L'\u00e9', "'\\u00e9'");
}

TEST_F(OtherText, CharactersThatDoNotFitAreErrors) {
  const auto message = [this]<class C>(std::string_view script, C) {
    const Result<C> result = try_eval<C>(script);
    return result ? "no error" : result.error().message();
  };
  EXPECT_EQ(message("'ab'", 'c'), "expected a string of one ASCII character, got \"ab\" (string)");
  EXPECT_EQ(message("''", 'c'), "expected a string of one ASCII character, got \"\" (string)");
  EXPECT_EQ(message("'\\u00e9'", u8'c'),
            "expected a string of one ASCII character, got \"\u00e9\" (string)");
  EXPECT_EQ(message("'\\u{1F600}'", u'c'),
            "expected a string of one UTF-16 code unit, got \"\U0001F600\" (string)");
  EXPECT_TRUE(message("'\\ud83d'", U'c').starts_with("expected a string of one character, got "));
  EXPECT_EQ(message("65", 'c'), "expected a string of one ASCII character, got 65 (number)");
  with([](Ctx ctx) {
    for (const auto& made :
         {Value::try_make(ctx, static_cast<char>(-23)), Value::try_make(ctx, char8_t{0xE9}),
          Value::try_make(ctx, char32_t{0x110000}), Value::try_make(ctx, char32_t{0xD83D})}) {
      ASSERT_FALSE(made);
      EXPECT_EQ(made.error().name(), "RangeError");
    }
  });
}

TEST_F(OtherText, PathsAreStrings) {
  using std::filesystem::path;
  expect_round_trip(path("/tmp/a b.txt"), "'/tmp/a b.txt'");
  expect_round_trip(path(u8"gr\u00fc\u00df"), "'gr\u00fc\u00df'");
  EXPECT_FALSE(try_eval<path>("'a\\0b'"));
  EXPECT_FALSE(try_eval<path>("'a\\ud83d'"));
  with(
      [](Ctx ctx) { EXPECT_EQ(Value::try_make(ctx, path("a\xFFz")).error().name(), "TypeError"); });
  define("parent", [](const path& p) { return p.parent_path(); });
  expect_eval("parent('/a/b/c')", "string", "/a/b");
}

}  // namespace
}  // namespace quip::test
