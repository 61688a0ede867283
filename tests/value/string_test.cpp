// String handles and the policies for what UTF-8 cannot have.
#include "support/js.hpp"
#include <quip/value/string.hpp>

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

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

/// Code units that stay what they are, whatever the engine keeps them in.
const std::u16string units[] = {
    u"",
    u"plain",
    u"a\0b"s,
    u"\u00e9\u00ff",
    u"\u20ac\U0001f600",
    {0xD800},
    {0xDFFF},
    {u'a', 0xDC00, u'b'},
    {0xDE00, 0xD83D},
    {0xD83D, 0xD83D, 0xDE00},
    {0xD7FF, 0xE000, 0xFFFF},
    std::u16string(3000, u'x') + u"\u00e9",
    std::u16string(3000, char16_t{0xD800}),
};

TEST_F(Strings, Utf16IsExactBothWays) {
  with([](Ctx ctx) {
    const Function code_units =
        ctx.eval<Function>("s => Array.from({ length: s.length }, (_, i) => s.charCodeAt(i))");
    for (const std::u16string& text : units) {
      const String string = String::from_utf16(ctx, text);
      EXPECT_EQ(string.size(), text.size());
      EXPECT_EQ(string.to_u16string(), text);
      EXPECT_EQ(code_units.call<std::vector<std::uint16_t>>(string),
                std::vector<std::uint16_t>(text.begin(), text.end()));
      const String theirs = ctx.eval<Function>("u => String.fromCharCode(...u)")
                                .call<String>(std::vector<int>(text.begin(), text.end()));
      EXPECT_EQ(theirs.to_u16string(), text);
      EXPECT_EQ(theirs, string);
      // the same key too
      const Object object(ctx);
      object.set(string, 1);
      EXPECT_EQ(object.get<int>(theirs), 1);
      EXPECT_EQ(object.keys()[0].to_value().as<String>().to_u16string(), text);
    }
  });
}

TEST_F(Strings, Wtf8IsExactBothWays) {
  for (const std::u16string& text : units) {
    EXPECT_EQ(detail::wtf8_to_utf16(detail::utf16_to_wtf8(text)), text);
  }
  with([](Ctx ctx) {
    for (const std::u16string& text : units) {
      const String string = String::from_utf16(ctx, text);
      const std::string bytes = string.to_string(Utf8::wtf8);
      EXPECT_EQ(bytes, detail::utf16_to_wtf8(text));
      EXPECT_EQ(String::from_utf8(ctx, bytes, Utf8::wtf8), string);
    }
  });
}

TEST_F(Strings, ThePolicySaysWhatBecomesOfBadUtf8) {
  struct Case {
    std::string text;
    std::string lossy;
    std::u16string wtf8;
  };
  with([](Ctx ctx) {
    for (const Case& c : {
             Case{"\xff", "\ufffd", u"\ufffd"},
             Case{"a\x80z", "a\ufffdz", u"a\ufffdz"},
             Case{"\xc0\xaf", "\ufffd\ufffd", u"\ufffd\ufffd"},                  // overlong
             Case{"\xe0\x80\x80", "\ufffd\ufffd\ufffd", u"\ufffd\ufffd\ufffd"},  // overlong
             Case{"\xe2\x82", "\ufffd", u"\ufffd"},                              // cut off
             Case{"\xe2\x82z", "\ufffdz", u"\ufffdz"},
             Case{"\xf0\x9f\x98", "\ufffd", u"\ufffd"},
             Case{"\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd", u"\ufffd\ufffd\ufffd\ufffd"},
             Case{"\xf8\x88\x80\x80\x80", "\ufffd\ufffd\ufffd\ufffd\ufffd",
                  u"\ufffd\ufffd\ufffd\ufffd\ufffd"},
             Case{"\xed\xa0\x80", "\ufffd\ufffd\ufffd", {0xD800}},
             Case{"\xed\xa0\xbd\xed\xb8\x80", std::string(6 * 3, ' '), u"\U0001f600"},
             Case{"\xed\xa0", "\ufffd\ufffd", u"\ufffd"},
         }) {
      const Result<String> strict = String::try_from_utf8(ctx, c.text, Utf8::strict);
      ASSERT_FALSE(strict) << c.text;
      EXPECT_EQ(strict.error().kind(), ErrorKind::conversion);
      std::string lossy = c.lossy;
      if (lossy.find_first_not_of(' ') == std::string::npos) {
        lossy = "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd";
      }
      EXPECT_EQ(String::from_utf8(ctx, c.text, Utf8::lossy).to_string(), lossy);
      EXPECT_EQ(String::from_utf8(ctx, c.text, Utf8::wtf8).to_u16string(), c.wtf8);
      EXPECT_NE(String(ctx, c.text).size(), 0U);
    }
    for (const std::string& good : {""s, "plain"s, "n\0x"s, "\u00e9\u20ac\U0001f600\U0010ffff"s}) {
      for (const Utf8 policy : {Utf8::strict, Utf8::lossy, Utf8::wtf8}) {
        EXPECT_EQ(String::from_utf8(ctx, good, policy).to_string(), good);
      }
    }
    EXPECT_EQ(String::try_from_utf8(ctx, "ab\xff", Utf8::strict).error().message(),
              "expected UTF-8, got text that is none at byte 2");
  });
}

TEST_F(Strings, ConcatenationsOfAnyLength) {
  // the engines keep long ones as trees until someone looks
  for (const char* script : {"'x'.repeat(5000) + 'y'.repeat(5000)",
                             "var s = ''; for (let i = 0; i < 5000; ++i) s += 'ab'; s",
                             "var t = ''; for (let i = 0; i < 5000; ++i) t = 'ab' + t; t",
                             "var w = '\\u20ac'.repeat(5000); w + w"}) {
    with([&](Ctx ctx) {
      const String rope = ctx.eval<String>(script);
      const String same =
          ctx.eval<Function>("s => Array.from(s).join('')").call<String>(ctx.eval(script));
      EXPECT_EQ(rope.size(), 10000U);
      EXPECT_EQ(rope.to_u16string().size(), 10000U);
      EXPECT_EQ(rope.to_string(), same.to_string());
      EXPECT_EQ(rope.view().view(), same.to_string());
      EXPECT_EQ(rope, same);
      EXPECT_EQ(rope.type(), Type::string);
      EXPECT_EQ(rope.as<std::string>(), same.as<std::string>());
      const Object object(ctx);
      object.set(rope, 5);
      EXPECT_EQ(object.get<int>(same), 5);
      EXPECT_EQ(object.get<int>(rope), 5);
      EXPECT_EQ(Atom(ctx, rope), Atom(ctx, same));
    });
  }
}

TEST_F(Strings, AViewIsTheText) {
  with([](Ctx ctx) {
    for (const std::string& text : {""s, "plain"s, "n\0x"s, "\u00e9"s, "\u20ac\U0001f600"s,
                                    std::string(100000, 'x'), std::string(5000, '\n') + "\u20ac"}) {
      const StringView view = String(ctx, text).view();  // the string itself is gone at once
      EXPECT_EQ(view.view(), text);
      EXPECT_EQ(view.size(), text.size());
      EXPECT_EQ(view.empty(), text.empty());
      EXPECT_EQ(view.c_str()[text.size()], '\0');
      const std::string_view converted = view;
      EXPECT_EQ(converted, text);
    }
    EXPECT_EQ(ctx.eval<String>("'a\\ud800b'").view().view(), "a\ufffdb");
    EXPECT_EQ(StringView().view(), "");
    EXPECT_STREQ(StringView().c_str(), "");
  });
}

TEST_F(Strings, AViewOfAsciiIsNoCopy) {
  with([](Ctx ctx) {
    const String string(ctx, std::string(1000, 'x'));
    EXPECT_EQ(static_cast<const void*>(string.view().c_str()),
              static_cast<const void*>(string.view().c_str()));
  });
}

TEST_F(Strings, ViewsAreCopiedMovedAndAssigned) {
  with([](Ctx ctx) {
    for (const char* script : {"'plain'", "'\\u20ac'", "'\\ud800'"}) {
      StringView a = ctx.eval<String>(script).view();
      const std::string text(a.view());
      const StringView b = a;
      StringView c = std::move(a);
      EXPECT_EQ(b.view(), text);
      EXPECT_EQ(c.view(), text);
      EXPECT_EQ(a.view(), "");  // NOLINT(bugprone-use-after-move): says what is left
      a = c;
      c = StringView();
      EXPECT_EQ(a.view(), text);
      EXPECT_EQ(c.view(), "");
    }
  });
}

TEST_F(Strings, AViewOutlivesTheRuntime) {
  StringView plain;
  StringView wide;
  String string;
  {
    const Runtime other;
    Context(other).with([&](Ctx ctx) {
      plain = ctx.eval<String>("'pla' + 'in'").view();
      wide = ctx.eval<String>("'\\u20ac'.repeat(3)").view();
      string = String(ctx, "x");
    });
  }
  EXPECT_EQ(plain.view(), "plain");
  EXPECT_EQ(wide.view(), "\u20ac\u20ac\u20ac");
  const StringView copy = wide;
  wide = StringView();
  EXPECT_EQ(copy.view(), "\u20ac\u20ac\u20ac");
  EXPECT_EQ(string.try_view().error().kind(), ErrorKind::runtime_gone);
  EXPECT_EQ(string.try_to_u16string().error().kind(), ErrorKind::runtime_gone);
  EXPECT_THROW((void)String().view(), RuntimeGone);
}

TEST_F(Strings, AViewMayGoOnAnotherThread) {
  StringView view = with([](Ctx ctx) { return ctx.eval<String>("'\\u20ac'").view(); });
  std::thread([moved = std::move(view)]() mutable {
    EXPECT_EQ(moved.view(), "\u20ac");
    moved = StringView();
  }).join();
  expect_eval("1 + 1", "number", "2");
}

TEST_F(Strings, MemoryThatRunsOutIsAnError) {
  // (Not the other way: engines lose a reference to a string that they have no room to convert.)
  runtime.run_gc();
  runtime.set_memory_limit(static_cast<std::size_t>(runtime.memory_usage().malloc_size + 100000));
  with([&](Ctx ctx) {
    EXPECT_FALSE(String::try_from_utf16(ctx, std::u16string(1 << 20, u'\u20ac')));
    EXPECT_FALSE(String::try_from_utf8(ctx, std::string(1 << 20, 'x'), Utf8::strict));
  });
  runtime.set_memory_limit(0);
  expect_eval("'still ' + 'there'", "string", "still there");
}

}  // namespace
}  // namespace quip::test
