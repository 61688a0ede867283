// Conversions of text. UTF-8 both ways; a lone surrogate becomes U+FFFD (see Utf8).
#pragma once

#include <quip/convert/number.hpp>
#include <quip/value/string.hpp>

#include <string>
#include <string_view>

namespace quip {

namespace detail {

/// The types that are characters of text, not numbers.
template <class C>
concept AnyCharacter =
    std::same_as<C, char> || std::same_as<C, char8_t> || std::same_as<C, char16_t> ||
    std::same_as<C, char32_t> || std::same_as<C, wchar_t>;

/// Where the text of a string_view parameter lives for the call.
class TextSlot {
 public:
  bool quick(JSContext* ctx, const JSValueConst& value) noexcept {
    return engine::is_string(value) && text_.read(ctx, value) && text_.is_utf8(value);
  }
  Result<void> load(ValueRef value);
  [[nodiscard]] std::string_view get() const noexcept {
    return mended_.is_set() ? std::string_view(mended_.get()) : text_.view();
  }

 private:
  TextView text_;
  Late<std::string> mended_;  // the rare text with lone surrogates needs a copy to be mended in
};

/// Where a std::string parameter is made.
class StringSlot {
 public:
  bool quick(JSContext* ctx, const JSValueConst& value) {
    if (!engine::is_string(value)) [[unlikely]] {
      return false;
    }
    const TextView text(ctx, value);
    if (!text || !text.is_utf8(value)) [[unlikely]] {
      return false;
    }
    string_.set(text.view());
    return true;
  }
  Result<void> load(ValueRef value);
  [[nodiscard]] std::string& get() noexcept { return string_.get(); }

 private:
  Late<std::string> string_;
};

Result<std::string> read_string(ValueRef value);
inline JSValue new_string(JSContext* ctx, std::string_view text) noexcept {
  return ::JS_NewStringLen(ctx, text.data(), text.size());
}

}  // namespace detail

/// Strings alone; nothing is turned into text silently.
template <>
struct Convert<std::string> {
  using Slot = detail::StringSlot;
  static Result<std::string> from_js(ValueRef value) { return detail::read_string(value); }
  static JSValue into_js(JSContext* ctx, const std::string& text) noexcept {
    return detail::new_string(ctx, text);
  }
};

/// As std::string, without a copy for plain ASCII. As a parameter alone: the text lives for the
/// call.
template <>
struct Convert<std::string_view> {
  using Slot = detail::TextSlot;
  static JSValue into_js(JSContext* ctx, std::string_view text) noexcept {
    return detail::new_string(ctx, text);
  }
};

/// Into JavaScript alone. Null is an error.
template <>
struct Convert<const char*> {
  static JSValue into_js(JSContext* ctx, const char* text) noexcept {
    if (text == nullptr) [[unlikely]] {
      return detail::throw_error(ctx, Error::type("a null const char* is no string"));
    }
    return detail::new_string(ctx, text);
  }
};
template <>
struct Convert<char*> : Convert<const char*> {};
template <std::size_t N>
struct Convert<char[N]> : Convert<const char*> {};

}  // namespace quip
