// Strings: UTF-8 in, UTF-8 out.
#pragma once

#include <quip/value/value.hpp>

#include <atomic>
#include <cstddef>
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

/// Where plain ASCII text lies behind the address of its string, which the engine hands out as it
/// is; learned from the library in use, -1 before.
inline constinit std::atomic<std::ptrdiff_t> ascii_offset{-1};

bool has_surrogates(std::string_view text) noexcept;
/// Replaces what WTF-8 has beyond UTF-8 (lone surrogates, always 0xED 0xA0..0xBF) by U+FFFD.
void replace_surrogates(std::string& text) noexcept;

/// The engine's text of a string, for one scope: WTF-8, without a copy for plain ASCII.
class TextView {
 public:
  TextView() noexcept = default;
  /// Empty with a pending exception when memory is short.
  TextView(JSContext* ctx, JSValueConst value) noexcept { read(ctx, value); }
  TextView(const TextView&) = delete;
  TextView& operator=(const TextView&) = delete;
  ~TextView() { reset(); }
  bool read(JSContext* ctx, JSValueConst value) noexcept {
    reset();
    ctx_ = ctx;
    text_ = ::JS_ToCStringLen(ctx, &size_, value);
    return text_ != nullptr;
  }
  explicit operator bool() const noexcept { return text_ != nullptr; }
  [[nodiscard]] std::string_view view() const noexcept { return {text_, size_}; }
  /// Whether the text of the string `value` is UTF-8: it is not if it has lone surrogates. The
  /// usual text is the string's own and needs no look.
  [[nodiscard]] bool is_utf8(JSValueConst value) const noexcept {
    const auto* object = static_cast<const char*>(engine::get_pointer(value));
    return text_ - object == ascii_offset.load(std::memory_order_relaxed) ||
           !has_surrogates(view());
  }

 private:
  void reset() noexcept {
    if (text_ != nullptr) {
      ::JS_FreeCString(ctx_, text_);
    }
  }
  JSContext* ctx_ = nullptr;
  const char* text_ = nullptr;
  std::size_t size_ = 0;
};

/// The text as UTF-8, lone surrogates replaced.
std::string utf8_of(const TextView& text);

}  // namespace detail
}  // namespace quip
