#include "web_fixture.hpp"
#include <quip/web/text.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quip::test {
namespace {

using web::Encoding;
using web::TextDecoder;

class TextTest : public WebTest {};

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

TEST_F(TextTest, TextBecomesUtf8) {
  expect_eval("const encoder = new TextEncoder(); encoder.encoding", "string", "utf-8");
  expect_eval("encoder.encode('aß€😀').join()", "string", "97,195,159,226,130,172,240,159,152,128");
  expect_eval("encoder.encode() instanceof Uint8Array && encoder.encode().length", "number", "0");
  expect_eval("encoder.encode(undefined).length", "number", "0");
  expect_eval("encoder.encode(12.5).join()", "string", "49,50,46,53");
  expect_eval("encoder.encode('\\ud800a\\udc00').join()", "string", "239,191,189,97,239,191,189");
  expect_eval("encoder.encode('a\\0b').length", "number", "3");
  expect_eval("encoder.encode('a'.repeat(40) + 'b'.repeat(40)).length", "number", "80");
  expect_eval("encoder.encode({toString() { throw new RangeError('no') }})", "throws",
              "RangeError: no");
  EXPECT_EQ(show(try_eval("encoder.encode(Symbol())")).text.substr(0, 9), "TypeError");
  EXPECT_EQ(show(try_eval("TextEncoder()")).text.substr(0, 9), "TypeError");
}

TEST_F(TextTest, TextIsEncodedIntoWhatIsThere) {
  const auto into = [this](const std::string& text, const std::string& size) {
    return eval<std::string>("{ const array = new Uint8Array(" + size +
                             "); const {read, written} = new TextEncoder().encodeInto(" + text +
                             ", array); `${read} ${written} ${array}` }");
  };
  EXPECT_EQ(into("'abc'", "2"), "2 2 97,98");
  EXPECT_EQ(into("'a😀'", "4"), "1 1 97,0,0,0");
  EXPECT_EQ(into("'a😀b'", "5"), "3 5 97,240,159,152,128");
  EXPECT_EQ(into("'€'", "2"), "0 0 0,0");
  EXPECT_EQ(into("'\\ud800'", "3"), "1 3 239,191,189");
  EXPECT_EQ(into("'abc'", "0"), "0 0 ");
  EXPECT_EQ(into("''", "3"), "0 0 0,0,0");
  EXPECT_EQ(show(try_eval("new TextEncoder().encodeInto('a', [])")).text.substr(0, 9), "TypeError");
  EXPECT_EQ(show(try_eval("new TextEncoder().encodeInto('a', new Int8Array(3))")).text.substr(0, 9),
            "TypeError");
  EXPECT_EQ(show(try_eval("new TextEncoder().encodeInto('a')")).text.substr(0, 9), "TypeError");
  with([](Ctx ctx) {
    const auto array = ctx.eval<TypedArray<std::uint8_t>>("globalThis.gone = new Uint8Array(4)");
    array.buffer().detach();
  });
  expect_eval("new TextEncoder().encodeInto('a', gone).written", "number", "0");
}

TEST_F(TextTest, BytesBecomeText) {
  expect_eval("new TextDecoder().decode(new Uint8Array([97, 195, 159, 240, 159, 152, 128]))",
              "string", "aß😀");
  expect_eval("new TextDecoder().decode()", "string", "");
  expect_eval("new TextDecoder().decode(undefined)", "string", "");
  expect_eval("new TextDecoder().decode(new Uint8Array([65, 66, 67, 68]).buffer)", "string",
              "ABCD");
  expect_eval("new TextDecoder().decode(new DataView(new Uint8Array([65, 66, 67]).buffer, 1))",
              "string", "BC");
  expect_eval("new TextDecoder().decode(new Uint8Array([65, 66, 67]).subarray(1, 2))", "string",
              "B");
  expect_eval("new TextDecoder().decode(new Uint16Array([0x4241]))", "string", "AB");
  expect_eval(
      "const shared = new Uint8Array(new SharedArrayBuffer(2)); shared.fill(65);"
      "new TextDecoder().decode(shared) + new TextDecoder().decode(shared.buffer)",
      "string", "AAAA");
  expect_eval(
      "const d = new TextDecoder(); [d.encoding, d.fatal, d.ignoreBOM, d.decode.length]"
      ".join()",
      "string", "utf-8,false,false,0");
  EXPECT_EQ(show(try_eval("new TextDecoder().decode('text')")).text.substr(0, 9), "TypeError");
  EXPECT_EQ(show(try_eval("new TextDecoder().decode([1])")).text.substr(0, 9), "TypeError");
  EXPECT_EQ(show(try_eval("new TextDecoder().decode(null)")).text.substr(0, 9), "TypeError");
  with([](Ctx ctx) {
    ctx.eval<TypedArray<std::uint8_t>>("globalThis.gone = new Uint8Array(4)").buffer().detach();
  });
  expect_eval("new TextDecoder().decode(gone) + new TextDecoder().decode(gone.buffer)", "string",
              "");
}

TEST_F(TextTest, WhatIsNoTextIsReplacedOrRefused) {
  const auto decode = [this](const std::string& bytes) {
    return eval<std::string>("new TextDecoder().decode(new Uint8Array([" + bytes + "]))");
  };
  const std::string replacement = "\xEF\xBF\xBD";
  EXPECT_EQ(decode("0xff, 65"), replacement + "A");
  EXPECT_EQ(decode("0xf0, 0x9f, 0x98, 65"), replacement + "A");
  EXPECT_EQ(decode("0xf0, 0x9f, 0x98"), replacement);
  EXPECT_EQ(decode("0xed, 0xa0, 0x80"), replacement + replacement + replacement);
  EXPECT_EQ(decode("0xc0, 0x80"), replacement + replacement);
  expect_eval("const f = new TextDecoder('utf-8', {fatal: true}); f.fatal", "boolean", "true");
  for (const char* bytes : {"0xff", "0xc3", "0xed, 0xa0, 0x80"}) {
    EXPECT_EQ(
        show(try_eval("f.decode(new Uint8Array([" + std::string(bytes) + "]))")).text.substr(0, 9),
        "TypeError")
        << bytes;
  }
  expect_eval("f.decode(new Uint8Array([65]))", "string", "A");
}

TEST_F(TextTest, AByteOrderMarkIsNoText) {
  expect_eval("new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 65])).length", "number",
              "1");
  expect_eval(
      "new TextDecoder('utf8', {ignoreBOM: true})"
      ".decode(new Uint8Array([0xef, 0xbb, 0xbf, 65])).length",
      "number", "2");
  expect_eval(
      "const d = new TextDecoder(); d.decode(new Uint8Array([0xef, 0xbb]), {stream: true})"
      " + d.decode(new Uint8Array([0xbf, 65, 0xef, 0xbb, 0xbf]))",
      "string", "A\xEF\xBB\xBF");
  expect_eval("new TextDecoder('utf-16').decode(new Uint16Array([0xfeff, 65]))", "string", "A");
}

TEST_F(TextTest, AStreamKeepsWhatIsNotComplete) {
  expect_eval(R"(
    const decoder = new TextDecoder();
    let text = '';
    for (const byte of new TextEncoder().encode('aß€😀b')) {
      text += decoder.decode(new Uint8Array([byte]), {stream: true}) + '.';
    }
    text + decoder.decode();
  )",
              "string", "a..ß...€....😀.b.");
  expect_eval("decoder.decode(new Uint8Array([0xf0, 0x9f]), {stream: true}) + decoder.decode()",
              "string", "\xEF\xBF\xBD");
  expect_eval(
      "decoder.decode(new Uint8Array([0xf0]), {stream: true}) +"
      "decoder.decode(new Uint8Array([65]))",
      "string",
      "\xEF\xBF\xBD"
      "A");
  expect_eval(R"(
    const wide = new TextDecoder('utf-16le');
    let out = '';
    for (const byte of [0x3d, 0xd8, 0x00, 0xde, 65, 0]) {
      out += wide.decode(new Uint8Array([byte]), {stream: true}) + '.';
    }
    out + wide.decode();
  )",
              "string", "...😀..A.");
}

TEST_F(TextTest, OtherEncodings) {
  expect_eval("new TextDecoder('utf-16le').decode(new Uint8Array([65, 0, 0xac, 0x20]))", "string",
              "A€");
  expect_eval("new TextDecoder('utf-16be').decode(new Uint8Array([0, 65, 0x20, 0xac]))", "string",
              "A€");
  const std::string replacement = "\xEF\xBF\xBD";
  expect_eval("new TextDecoder('utf-16le').decode(new Uint8Array([0, 0xd8, 65, 0, 7]))", "string",
              replacement + "A" + replacement);
  expect_eval("new TextDecoder('utf-16le').decode(new Uint8Array([0, 0xd8, 7]))", "string",
              replacement);
  EXPECT_EQ(show(try_eval("new TextDecoder('utf-16', {fatal: true}).decode(new Uint8Array([1]))"))
                .text.substr(0, 9),
            "TypeError");
  expect_eval("new TextDecoder('latin1').decode(new Uint8Array([65, 0x80, 0xe4, 0xff, 0x81]))",
              "string", "A€äÿ\xC2\x81");
  expect_eval(
      "[' UTF8\\n', 'Latin1', 'us-ascii', 'ucs-2', 'unicodefffe']"
      ".map(label => new TextDecoder(label).encoding).join()",
      "string", "utf-8,windows-1252,windows-1252,utf-16le,utf-16be");
  for (const char* label : {"'x'", "''", "'utf-8\\0'", "'utf 8'", "null"}) {
    EXPECT_EQ(show(try_eval("new TextDecoder(" + std::string(label) + ")")).text.substr(0, 10),
              "RangeError")
        << label;
  }
}

TEST_F(TextTest, OptionsAreReadBeforeTheBytes) {
  expect_eval("new TextDecoder('utf-8', {get fatal() { throw new RangeError('no') }})", "throws",
              "RangeError: no");
  EXPECT_EQ(show(try_eval("new TextDecoder('utf-8', 5)")).text.substr(0, 9), "TypeError");
  with([](Ctx ctx) {
    ctx.eval("var bytes = new Uint8Array([65, 66])");
    ctx.globals().set("detach", [](const ArrayBuffer& buffer) { buffer.detach(); });
  });
  expect_eval("new TextDecoder().decode(bytes, {get stream() { detach(bytes.buffer) }})", "string",
              "");
}

TEST_F(TextTest, MemoryMayBeShort) {
  constexpr std::size_t much = std::size_t{16} << 20;
  with([](Ctx ctx) {
    // the bytes are outside of the engine's heap
    ctx.globals().set("bytes", ArrayBuffer::from(ctx, std::vector<std::byte>(much, std::byte{65})));
  });
  runtime.set_memory_limit(static_cast<std::size_t>(runtime.memory_usage().malloc_size) + much / 4);
  EXPECT_EQ(try_eval("new TextDecoder().decode(bytes)").error().kind(), ErrorKind::out_of_memory);
  runtime.set_memory_limit(0);
  expect_eval("new TextDecoder().decode(bytes).length", "number", std::to_string(much));
}

TEST_F(TextTest, CppDecodes) {
  TextDecoder decoder("latin1");
  EXPECT_EQ(decoder.encoding(), Encoding::windows_1252);
  EXPECT_EQ(decoder.decode(bytes_of("\xE4")), "ä");
  EXPECT_EQ(TextDecoder::try_make("none").error().name(), "RangeError");
  TextDecoder strict(Encoding::utf_8, {.fatal = true});
  EXPECT_EQ(strict.decode(bytes_of("\xC3"), true), "");
  EXPECT_EQ(strict.decode(bytes_of("\xA4")), "ä");
  EXPECT_EQ(strict.try_decode(bytes_of("\xA4")).error().name(), "TypeError");
  EXPECT_EQ(to_string(Encoding::utf_16be), "utf-16be");
}

}  // namespace
}  // namespace quip::test
