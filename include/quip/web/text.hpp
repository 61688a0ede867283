// TextEncoder and TextDecoder (WHATWG Encoding).
#pragma once

#include <quip/class/instance.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace quip::web {

/// Text to UTF-8: the JavaScript class `TextEncoder`.
class TextEncoder {};
void define(ClassDef<TextEncoder>& def);

/// How bytes are text.
enum class Encoding : std::uint8_t {
  utf_8,
  utf_16le,
  utf_16be,
  windows_1252,  ///< what the web reads as ASCII and ISO 8859-1, too
};
/// The name in lower case, e.g. "utf-8".
std::string_view to_string(Encoding encoding) noexcept;

struct TextDecoderOptions {
  bool fatal = false;       ///< what is no text is an error; else U+FFFD stands for it
  bool ignore_bom = false;  ///< a byte order mark at the beginning is text
};

/// Bytes to text: the JavaScript class `TextDecoder`. It knows the encodings above, by all labels
/// that the standard gives them.
class TextDecoder {
 public:
  explicit TextDecoder(Encoding encoding = Encoding::utf_8, const TextDecoderOptions& options = {})
      : encoding_(encoding), options_(options) {}
  /// By a label such as "utf8" or " Latin1 ". Throws a RangeError for one that it does not know.
  explicit TextDecoder(std::string_view label, const TextDecoderOptions& options = {})
      : TextDecoder(try_make(label, options).value()) {}
  static Result<TextDecoder> try_make(std::string_view label,
                                      const TextDecoderOptions& options = {});

  [[nodiscard]] Encoding encoding() const noexcept { return encoding_; }
  [[nodiscard]] bool fatal() const noexcept { return options_.fatal; }
  [[nodiscard]] bool ignore_bom() const noexcept { return options_.ignore_bom; }

  /// The text as UTF-8. With `stream` more bytes follow: those of a character that is not complete
  /// wait for the next call. Throws a TypeError for what is no text if it is to be `fatal`.
  std::string decode(std::span<const std::byte> bytes, bool stream = false) {
    return try_decode(bytes, stream).value();
  }
  Result<std::string> try_decode(std::span<const std::byte> bytes, bool stream = false);

  /// @internal The same as a view of the bytes themselves, or of `room`.
  Result<std::string_view> decode_into(std::string& room, std::string_view bytes, bool stream);

 private:
  Encoding encoding_;
  TextDecoderOptions options_;
  bool is_streaming_ = false;  // the call before this one was told that more follows
  bool has_begun_ = false;     // a byte order mark would be text from here on
  std::string waiting_;        // the beginning of a character
};
void define(ClassDef<TextDecoder>& def);

}  // namespace quip::web

namespace quip::detail {
extern template void define_class<web::TextEncoder>(ClassSpec& spec);
extern template void define_class<web::TextDecoder>(ClassSpec& spec);
}  // namespace quip::detail
