// Conversions of text. UTF-8 both ways; a lone surrogate becomes U+FFFD (see Utf8).
#pragma once

#include <quip/convert/number.hpp>
#include <quip/value/string.hpp>

#include <string>
#include <string_view>

namespace quip {

namespace detail {
/// A string_view parameter's text, alive for the call.
class TextArgument {
 public:
  TextArgument(TextView view) noexcept : view_(std::move(view)) {}
  /// The rare text with lone surrogates needs a copy to be mended in.
  TextArgument(TextView view, std::string mended) noexcept
      : view_(std::move(view)), mended_(std::move(mended)), is_mended_(true) {}
  operator std::string_view() const noexcept { return is_mended_ ? mended_ : view_.view(); }

 private:
  TextView view_;
  std::string mended_;
  bool is_mended_ = false;
};
Result<TextArgument> text_argument(ValueRef value);
inline JSValue new_string(JSContext* ctx, std::string_view text) noexcept {
  return ::JS_NewStringLen(ctx, text.data(), text.size());
}
}  // namespace detail

/// Strings alone; nothing is turned into text silently.
template <>
struct Convert<std::string> {
  static Result<std::string> from_js(ValueRef value) {
    if (!engine::is_string(value.raw())) [[unlikely]]
      return detail::not_a("string", value);
    detail::TextView text(value.context(), value.raw());
    if (!text) [[unlikely]]
      return detail::caught(detail::realm_of(value.context()));
    std::string copy(text.view());
    if (detail::has_surrogates(copy)) [[unlikely]]
      detail::replace_surrogates(copy);
    return copy;
  }
  static JSValue into_js(JSContext* ctx, const std::string& text) noexcept {
    return detail::new_string(ctx, text);
  }
};

/// As std::string, without a copy for plain ASCII: for parameters, whose text lives for the call.
template <>
struct Convert<std::string_view> {
  static Result<detail::TextArgument> from_js(ValueRef value) {
    return detail::text_argument(value);
  }
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
