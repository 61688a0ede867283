#include "../value/utf8.hpp"
#include "dictionary.hpp"
#include <quip/class/class_def.hpp>
#include <quip/convert/bytes.hpp>
#include <quip/convert/coerced.hpp>
#include <quip/convert/record.hpp>
#include <quip/value/string.hpp>
#include <quip/value/typed_array.hpp>
#include <quip/web/text.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace quip::web {

// ---- encodings
// -----------------------------------------------------------------------------------

namespace {

struct Label {
  std::string_view text;
  Encoding encoding;
};
/// WHATWG Encoding 4.2, of the encodings that there are here.
constexpr std::array<Label, 32> labels{{
    {"unicode-1-1-utf-8", Encoding::utf_8},
    {"unicode11utf8", Encoding::utf_8},
    {"unicode20utf8", Encoding::utf_8},
    {"utf-8", Encoding::utf_8},
    {"utf8", Encoding::utf_8},
    {"x-unicode20utf8", Encoding::utf_8},
    {"csunicode", Encoding::utf_16le},
    {"iso-10646-ucs-2", Encoding::utf_16le},
    {"ucs-2", Encoding::utf_16le},
    {"unicode", Encoding::utf_16le},
    {"unicodefeff", Encoding::utf_16le},
    {"utf-16", Encoding::utf_16le},
    {"utf-16le", Encoding::utf_16le},
    {"unicodefffe", Encoding::utf_16be},
    {"utf-16be", Encoding::utf_16be},
    {"ansi_x3.4-1968", Encoding::windows_1252},
    {"ascii", Encoding::windows_1252},
    {"cp1252", Encoding::windows_1252},
    {"cp819", Encoding::windows_1252},
    {"csisolatin1", Encoding::windows_1252},
    {"ibm819", Encoding::windows_1252},
    {"iso-8859-1", Encoding::windows_1252},
    {"iso-ir-100", Encoding::windows_1252},
    {"iso8859-1", Encoding::windows_1252},
    {"iso88591", Encoding::windows_1252},
    {"iso_8859-1", Encoding::windows_1252},
    {"iso_8859-1:1987", Encoding::windows_1252},
    {"l1", Encoding::windows_1252},
    {"latin1", Encoding::windows_1252},
    {"us-ascii", Encoding::windows_1252},
    {"windows-1252", Encoding::windows_1252},
    {"x-cp1252", Encoding::windows_1252},
}};

/// Bytes 0x80 to 0x9F of windows-1252; the others are the characters of their number.
constexpr std::array<char16_t, 32> windows_1252{
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

constexpr char16_t replacement = 0xFFFD;
constexpr char16_t byte_order_mark = 0xFEFF;

unsigned byte_at(std::string_view text, std::size_t i) noexcept {
  return static_cast<unsigned char>(text[i]);
}

bool is_ascii(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & '\x80') == 0; });
}

/// How many bytes at the end could be the beginning of a character (Unicode 15, table 3-7).
std::size_t incomplete_utf8(std::string_view text) noexcept {
  for (std::size_t count = 1; count <= std::min<std::size_t>(3, text.size()); ++count) {
    const std::size_t at = text.size() - count;
    const unsigned lead = byte_at(text, at);
    if (lead >= 0x80 && lead <= 0xBF) continue;
    const std::size_t length = lead >= 0xF0 && lead <= 0xF4   ? 4
                               : lead >= 0xE0 && lead <= 0xEF ? 3
                               : lead >= 0xC2 && lead <= 0xDF ? 2
                                                              : 1;
    if (length <= count) return 0;
    if (count > 1) {
      const unsigned second = byte_at(text, at + 1);
      if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
          (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) {
        return 0;
      }
    }
    return count;
  }
  return 0;
}

bool is_lead(char16_t unit) noexcept { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_trail(char16_t unit) noexcept { return unit >= 0xDC00 && unit <= 0xDFFF; }

Error no_text(Encoding encoding) {
  return Error::type("the bytes are not valid " + std::string(to_string(encoding)));
}

}  // namespace

std::string_view to_string(Encoding encoding) noexcept {
  switch (encoding) {
    case Encoding::utf_8:
      return "utf-8";
    case Encoding::utf_16le:
      return "utf-16le";
    case Encoding::utf_16be:
      return "utf-16be";
    default:
      return "windows-1252";
  }
}

// ---- decoding
// ------------------------------------------------------------------------------------

Result<TextDecoder> TextDecoder::try_make(std::string_view label,
                                          const TextDecoderOptions& options) {
  constexpr std::string_view space = "\t\n\f\r ";
  const std::size_t first = label.find_first_not_of(space);
  std::string name;
  if (first != std::string_view::npos) {
    name = label.substr(first, label.find_last_not_of(space) - first + 1);
  }
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  for (const Label& known : labels) {
    if (known.text == name) return TextDecoder(known.encoding, options);
  }
  return Error::range("the encoding label '" + std::string(label) + "' is not known");
}

Result<std::string_view> TextDecoder::decode_into(std::string& room, std::string_view bytes,
                                                  bool stream) {
  if (!std::exchange(is_streaming_, stream)) {
    has_begun_ = false;
    waiting_.clear();
  }
  std::string all;
  if (!waiting_.empty()) {
    all = std::exchange(waiting_, {});
    all += bytes;
    bytes = all;
  }
  if (encoding_ == Encoding::utf_8) {
    const std::size_t left = stream ? incomplete_utf8(bytes) : 0;
    waiting_ = bytes.substr(bytes.size() - left);
    bytes.remove_suffix(left);
    if (!has_begun_ && !bytes.empty()) {
      has_begun_ = true;
      if (!options_.ignore_bom && bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    }
    if (detail::valid_utf8(bytes) != bytes.size()) {
      if (options_.fatal) return no_text(encoding_);
      room = detail::mended_utf8(bytes, false);
      return room;
    }
    if (all.empty()) return bytes;
    room = bytes;
    return room;
  }
  if (encoding_ == Encoding::windows_1252) {
    if (is_ascii(bytes)) return bytes;
    std::u16string units;
    units.reserve(bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const unsigned byte = byte_at(bytes, i);
      units.push_back(byte >= 0x80 && byte <= 0x9F ? windows_1252[byte - 0x80]
                                                   : static_cast<char16_t>(byte));
    }
    room = detail::utf16_to_wtf8(units);
    return room;
  }
  const std::size_t high = encoding_ == Encoding::utf_16be ? 0 : 1;
  const auto unit_at = [&](std::size_t i) {
    return static_cast<char16_t>((byte_at(bytes, i + high) << 8) | byte_at(bytes, i + 1 - high));
  };
  // half a unit, or half a pair, and perhaps half a unit behind it
  std::size_t left = bytes.size() % 2;
  if (bytes.size() - left >= 2 && is_lead(unit_at(bytes.size() - left - 2))) left += 2;
  std::u16string units;
  units.reserve(bytes.size() / 2 + 1);
  bool is_text = true;
  for (std::size_t i = 0; i + left < bytes.size(); i += 2) {
    const char16_t unit = unit_at(i);
    if (is_lead(unit) && i + 2 + left < bytes.size() && is_trail(unit_at(i + 2))) {
      units.push_back(unit);
      units.push_back(unit_at(i + 2));
      i += 2;
    } else if (is_lead(unit) || is_trail(unit)) {
      is_text = false;
      units.push_back(replacement);
    } else {
      units.push_back(unit);
    }
  }
  if (stream) {
    waiting_ = bytes.substr(bytes.size() - left);
  } else if (left > 0) {
    is_text = false;
    units.push_back(replacement);
  }
  if (!is_text && options_.fatal) return no_text(encoding_);
  if (!has_begun_ && !units.empty()) {
    has_begun_ = true;
    if (!options_.ignore_bom && units.front() == byte_order_mark) units.erase(0, 1);
  }
  room = detail::utf16_to_wtf8(units);
  return room;
}

Result<std::string> TextDecoder::try_decode(std::span<const std::byte> bytes, bool stream) {
  std::string room;
  const Result<std::string_view> text = decode_into(
      room, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()), stream);
  if (!text) return text.error();
  return std::string(*text);
}

// ---- the classes
// ---------------------------------------------------------------------------------

/// What encodeInto returns.
struct EncodedPart {
  std::size_t read;     ///< in UTF-16 code units
  std::size_t written;  ///< in bytes
};

namespace {

/// A value's text as UTF-8; a string's own where it can be.
class Utf8Text {
 public:
  /// False with a pending exception.
  bool read(const Ctx& ctx, const Value& value) {
    if (!view_.read(ctx.raw(), value.raw())) return false;
    text_ = view_.view();
    if (detail::has_surrogates(text_)) {
      mended_ = detail::utf8_of(text_);
      text_ = mended_;
    }
    return true;
  }
  [[nodiscard]] std::string_view get() const noexcept { return text_; }

 private:
  detail::TextView view_;
  std::string mended_;
  std::string_view text_;
};

Result<TypedArray<std::uint8_t>> encode(const Ctx& ctx, const Opt<Value>& input) {
  Utf8Text text;
  if (input && !text.read(ctx, *input)) return detail::caught(ctx.realm());
  const std::string_view bytes = text.get();
  return TypedArray<std::uint8_t>::try_copy_of(
      ctx, std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

Result<EncodedPart> encode_into(const Ctx& ctx, const Value& source, const Value& destination) {
  Utf8Text text;
  if (!text.read(ctx, source)) return detail::caught(ctx.realm());
  const auto array = destination.try_as<TypedArray<std::uint8_t>>();
  if (!array) {
    return Error::type("parameter 2 is not of type 'Uint8Array'");
  }
  if (array->empty()) return EncodedPart{0, 0};  // detached ones among them
  return array->try_with_span([&](std::span<std::uint8_t> bytes) {
    const std::string_view all = text.get();
    std::size_t size = std::min(all.size(), bytes.size());
    while (size < all.size() && size > 0 && (byte_at(all, size) & 0xC0U) == 0x80) --size;
    if (size > 0) std::memcpy(bytes.data(), all.data(), size);
    std::size_t units = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const unsigned byte = byte_at(all, i);
      units += (byte & 0xC0U) != 0x80 ? 1 : 0;
      units += byte >= 0xF0 ? 1 : 0;
    }
    return EncodedPart{units, size};
  });
}

Result<TextDecoder> make_decoder(const Opt<Coerced<std::string>>& label, const Opt<Value>& given) {
  const Result<Dictionary> options = Dictionary::of(given.value_or(Value()), "TextDecoderOptions");
  if (!options) return options.error();
  const Result<bool> fatal = options->flag(key<"fatal">, false);
  if (!fatal) return fatal.error();
  const Result<bool> ignore_bom = options->flag(key<"ignoreBOM">, false);
  if (!ignore_bom) return ignore_bom.error();
  return TextDecoder::try_make(label ? std::string_view(label->get()) : "utf-8",
                               {.fatal = *fatal, .ignore_bom = *ignore_bom});
}

/// Whether the bytes stay as they are while they are looked at: other threads may write to shared
/// ones.
bool is_shared(const Value& value) {
  JSContext* ctx = value.ctx().raw();
  const engine::Kind kind = engine::kind_of(value.raw());
  if (!engine::is_typed_array(kind)) return kind == engine::Kind::shared_array_buffer;
  const detail::Handle buffer(
      value.handle().realm(),
      ::JS_GetTypedArrayBuffer(ctx, value.raw(), nullptr, nullptr, nullptr));
  if (engine::is_exception(buffer.get())) {
    engine::release(ctx, ::JS_GetException(ctx));
    return false;
  }
  return engine::kind_of(buffer.get()) == engine::Kind::shared_array_buffer;
}

Result<String> decode(const Instance<TextDecoder>& self, const Ctx& ctx, const Opt<Value>& input,
                      const Opt<Value>& given) {
  const Result<Dictionary> options = Dictionary::of(given.value_or(Value()), "TextDecodeOptions");
  if (!options) return options.error();
  const Result<bool> stream = options->flag(key<"stream">, false);
  if (!stream) return stream.error();
  std::vector<std::byte> copied;
  std::string_view bytes;
  if (input) {
    const ValueRef value(ctx.raw(), input->raw());
    const engine::Kind kind = engine::kind_of(input->raw());
    std::span<std::byte> found;
    const bool may_look = !is_shared(*input);
    if (const auto typed = detail::typed_array_span(value); typed && may_look) {
      // one that is detached, or out of bounds, has no bytes
      const std::size_t width = engine::typed_array_class(typed->kind).width;
      bytes = {static_cast<const char*>(typed->data), typed->count * width};
    } else if (kind == engine::Kind::array_buffer) {
      if (detail::find_bytes(ctx.realm(), input->raw(), false, found) == nullptr) {
        bytes = {reinterpret_cast<const char*>(found.data()), found.size()};
      }
    } else {
      Result<std::vector<std::byte>> copy = detail::read_bytes(value);
      if (!copy) return std::move(copy).error();
      copied = *std::move(copy);
      bytes = {reinterpret_cast<const char*>(copied.data()), copied.size()};
    }
  }
  // no script runs from here on, so that the bytes stay where they are
  const Result<TextDecoder*> decoder = self.try_get();
  if (!decoder) return decoder.error();
  std::string room;
  const Result<std::string_view> text = (*decoder)->decode_into(room, bytes, *stream);
  if (!text) return text.error();
  return String::try_make(ctx, *text);
}

}  // namespace

void define(ClassDef<TextEncoder>& def) {
  def.constructor<>()
      .property("encoding", [](const TextEncoder&) { return std::string("utf-8"); })
      .method("encode", [](const TextEncoder&, Ctx ctx,
                           const Opt<Value>& input) { return encode(ctx, input); })
      .method("encodeInto",
              [](const TextEncoder&, Ctx ctx, const Value& source, const Value& destination) {
                return encode_into(ctx, source, destination);
              })
      .prototype_constant(symbol::to_string_tag, "TextEncoder");
}

void define(ClassDef<TextDecoder>& def) {
  def.constructor([](const Opt<Coerced<std::string>>& label, const Opt<Value>& options) {
       return make_decoder(label, options);
     })
      .property(
          "encoding",
          [](const TextDecoder& decoder) { return std::string(to_string(decoder.encoding())); })
      .property<&TextDecoder::fatal>()
      .property<&TextDecoder::ignore_bom>("ignoreBOM")
      .method("decode",
              [](const This<Instance<TextDecoder>>& self, Ctx ctx, const Opt<Value>& input,
                 const Opt<Value>& options) { return decode(self.value, ctx, input, options); })
      .prototype_constant(symbol::to_string_tag, "TextDecoder");
}

}  // namespace quip::web

namespace quip::detail {
template void define_class<web::TextEncoder>(ClassSpec&);
template void define_class<web::TextDecoder>(ClassSpec&);
}  // namespace quip::detail
