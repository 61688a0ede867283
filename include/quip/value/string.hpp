// Strings: UTF-8 in, UTF-8 out.
#pragma once

#include <quip/value/value.hpp>

#include <string>
#include <string_view>

namespace quip {

/// What becomes of a lone surrogate, which JavaScript's strings may have and UTF-8 may not.
enum class Utf8 {
  lossy,   ///< U+FFFD takes its place; what conversions to std::string do
  strict,  ///< an error
  wtf8,    ///< three bytes as if it were a character (WTF-8): exact, but not valid UTF-8
};

/// A JavaScript string.
class String : public Value {
 public:
  /// An empty handle.
  String() noexcept = default;
  /// A string of UTF-8 text; any bytes, NUL included. What is not UTF-8 becomes U+FFFD.
  /// Throws Error when memory is short.
  String(const Ctx& ctx, std::string_view text) : String(try_make(ctx, text).value()) {}
  static Result<String> try_make(const Ctx& ctx, std::string_view text);

  /// The text as UTF-8.
  [[nodiscard]] std::string to_string(Utf8 policy = Utf8::lossy) const {
    return try_to_string(policy).value();
  }
  [[nodiscard]] Result<std::string> try_to_string(Utf8 policy = Utf8::lossy) const;
  /// The length in UTF-16 code units, as JavaScript counts.
  [[nodiscard]] std::size_t size() const { return try_size().value(); }
  [[nodiscard]] Result<std::size_t> try_size() const;

  /// @internal
  static constexpr std::string_view type_name = "string";
  static bool accepts(ValueRef value) noexcept { return engine::is_string(value.raw()); }
  explicit String(detail::Handle handle) noexcept : Value(std::move(handle)) {}
};

template <>
struct Convert<String> : detail::ConvertHandle<String> {};

namespace detail {

/// The engine's UTF-8 of a string, without a copy for plain ASCII, for one scope.
class TextView {
 public:
  /// Empty with a pending exception when memory is short.
  TextView(JSContext* ctx, JSValueConst value) noexcept
      : ctx_(ctx), text_(::JS_ToCStringLen(ctx, &size_, value)) {}
  TextView(TextView&& other) noexcept
      : ctx_(other.ctx_), size_(other.size_), text_(std::exchange(other.text_, nullptr)) {}
  TextView& operator=(TextView&&) = delete;
  ~TextView() {
    if (text_ != nullptr) ::JS_FreeCString(ctx_, text_);
  }
  explicit operator bool() const noexcept { return text_ != nullptr; }
  /// WTF-8 as the engine gives it.
  [[nodiscard]] std::string_view view() const noexcept { return {text_, size_}; }

 private:
  JSContext* ctx_;
  std::size_t size_ = 0;  // before text_, whose initialisation sets it
  const char* text_;
};

/// Replaces what WTF-8 has beyond UTF-8 (lone surrogates, always 0xED 0xA0..0xBF) by U+FFFD.
/// Returns false when there was nothing to replace.
bool replace_surrogates(std::string& text) noexcept;
bool has_surrogates(std::string_view text) noexcept;

}  // namespace detail
}  // namespace quip
