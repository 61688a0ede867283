// Bytes: vectors, arrays and spans of std::byte, and ArrayBuffers.
#include "support/js.hpp"
#include <quip/convert/bytes.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace quip::test {
namespace {

using Bytes = std::vector<std::byte>;

class ByteConversions : public JsTest {};

TEST_F(ByteConversions, AVectorOfBytesIsAnArrayBuffer) {
  const Bytes bytes = {std::byte{1}, std::byte{255}, std::byte{0}};
  define("copy", bytes);
  define("moved", Bytes(bytes));
  define("span", std::span<const std::byte>(bytes));
  define("array", std::array<std::byte, 2>{std::byte{7}, std::byte{8}});
  define("none", Bytes());
  expect_eval("[copy, moved, span, array, none].every(b => b instanceof ArrayBuffer)", "boolean",
              "true");
  expect_eval("[copy, moved, span, array, none].map(b => [...new Uint8Array(b)].join()).join('|')",
              "string", "1,255,0|1,255,0|1,255,0|7,8|");
  EXPECT_EQ(eval<Bytes>("moved"), bytes);
  EXPECT_EQ(eval<Bytes>("none"), Bytes());
}

TEST_F(ByteConversions, EveryViewOfABufferIsRead) {
  const Bytes expected = {std::byte{2}, std::byte{3}};
  eval("var buffer = new Uint8Array([1, 2, 3, 4]).buffer");
  EXPECT_EQ(eval<Bytes>("new Uint8Array(buffer, 1, 2)"), expected);
  EXPECT_EQ(eval<Bytes>("new DataView(buffer, 1, 2)"), expected);
  EXPECT_EQ(eval<Bytes>("new Int16Array(buffer, 0, 1)"), (Bytes{std::byte{1}, std::byte{2}}));
  EXPECT_EQ(eval<Bytes>("new SharedArrayBuffer(2)"), Bytes(2));
  EXPECT_EQ((eval<std::array<std::byte, 2>>("new Uint8Array(buffer, 1, 2)")[0]), std::byte{2});
}

TEST_F(ByteConversions, OthersAreErrors) {
  for (const char* script :
       {"[1, 2]", "'ab'", "5", "null", "({})", "new Proxy(new ArrayBuffer(1), {})"}) {
    const Result<Bytes> result = try_eval<Bytes>(script);
    ASSERT_FALSE(result) << script;
    EXPECT_TRUE(result.error().message().starts_with("expected ArrayBuffer, got ")) << script;
  }
  EXPECT_EQ((try_eval<std::array<std::byte, 2>>("new ArrayBuffer(3)").error().message()),
            "expected 2 bytes, got 3");
}

TEST_F(ByteConversions, ADetachedBufferIsAnError) {
  eval(
      "var buffer = new ArrayBuffer(8), words = new Uint16Array(buffer), view = new "
      "DataView(buffer)");
  eval<ArrayBuffer>("buffer").detach();
  for (const char* script : {"buffer", "words", "view"}) {
    const Result<Bytes> result = try_eval<Bytes>(script);
    ASSERT_FALSE(result) << script;
    EXPECT_EQ(result.error().name(), "TypeError") << script;
  }
  EXPECT_EQ(try_eval<std::vector<int>>("words").error().name(), "TypeError");
}

}  // namespace
}  // namespace quip::test
