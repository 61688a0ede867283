// Strings: UTF-8 or UTF-16 in and out, and a look at the engine's own text.
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

class StringView;

/// A JavaScript string: UTF-16 code units, of which any sequence is one (ECMA-262 6.1.4).
class String : public Value {
 public:
  /// An empty handle.
  String() noexcept = default;
  /// A string of UTF-8 text; any bytes, NUL included. What is not UTF-8 becomes U+FFFD (how many
  /// of them is the engine's affair; from_utf8 makes it definite).
  /// Throws Error when memory is short.
  String(const Ctx& ctx, std::string_view text) : String(try_make(ctx, text).value()) {}
  static Result<String> try_make(const Ctx& ctx, std::string_view text);

  /// A string of UTF-8 text by a policy for what is not UTF-8. `strict`: an error. `lossy`: one
  /// U+FFFD for each maximal part that could have begun a character, as browsers do. `wtf8`: the
  /// same, but three bytes that stand for a surrogate are taken as that.
  static String from_utf8(const Ctx& ctx, std::string_view text, Utf8 policy) {
    return try_from_utf8(ctx, text, policy).value();
  }
  static Result<String> try_from_utf8(const Ctx& ctx, std::string_view text, Utf8 policy);
  /// A string of these very code units, lone surrogates included. Throws Error when memory is
  /// short.
  static String from_utf16(const Ctx& ctx, std::u16string_view text) {
    return try_from_utf16(ctx, text).value();
  }
  static Result<String> try_from_utf16(const Ctx& ctx, std::u16string_view text);

  /// The text as UTF-8.
  [[nodiscard]] std::string to_string(Utf8 policy = Utf8::lossy) const {
    return try_to_string(policy).value();
  }
  [[nodiscard]] Result<std::string> try_to_string(Utf8 policy = Utf8::lossy) const;
  /// The code units; exact for every string.
  [[nodiscard]] std::u16string to_u16string() const { return try_to_u16string().value(); }
  [[nodiscard]] Result<std::u16string> try_to_u16string() const;
  /// The text as UTF-8 where the engine has it: without a copy for plain ASCII. Lone surrogates
  /// become U+FFFD. Throws Error when memory is short.
  [[nodiscard]] StringView view() const;
  [[nodiscard]] Result<StringView> try_view() const;
  /// The length in UTF-16 code units, as JavaScript counts.
  [[nodiscard]] std::size_t size() const { return try_size().value(); }
  [[nodiscard]] Result<std::size_t> try_size() const;

  /// @internal
  static constexpr std::string_view type_name = "string";
  static bool accepts(ValueRef value) noexcept { return engine::is_string(value.raw()); }
  explicit String(detail::Handle handle) noexcept : Value(std::move(handle)) {}
};

/// The UTF-8 text of a string, kept alive by this object and not by the String that it came from.
/// Like every handle it may be kept anywhere and outlive its runtime, and its text with it; it may
/// be read on any thread.
class StringView {
 public:
  /// The empty text.
  StringView() noexcept = default;
  StringView(const StringView&) = default;
  StringView(StringView&& other) noexcept { swap(other); }
  StringView& operator=(StringView other) noexcept {
    swap(other);
    return *this;
  }
  ~StringView() = default;

  [[nodiscard]] std::string_view view() const noexcept {
    return text_ == nullptr ? std::string_view(copy_) : std::string_view(text_, size_);
  }
  operator std::string_view() const noexcept { return view(); }
  /// The text with a NUL behind it. (It may have others inside: see view.)
  [[nodiscard]] const char* c_str() const noexcept {
    return text_ == nullptr ? copy_.c_str() : text_;
  }
  /// In bytes.
  [[nodiscard]] std::size_t size() const noexcept { return view().size(); }
  [[nodiscard]] bool empty() const noexcept { return size() == 0; }

 private:
  friend class String;
  void swap(StringView& other) noexcept {
    owner_.swap(other.owner_);
    std::swap(text_, other.text_);
    std::swap(size_, other.size_);
    copy_.swap(other.copy_);
  }
  detail::Handle owner_;        // the engine's string whose characters text_ points to
  const char* text_ = nullptr;  // null when copy_ has the text
  std::size_t size_ = 0;
  std::string copy_;
};

inline StringView String::view() const { return try_view().value(); }

template <>
struct Convert<String> : detail::ConvertHandle<String> {};

namespace detail {

/// Where plain ASCII text lies behind the address of its string, which the engine hands out as it
/// is; learned from the library in use, -1 before.
[[gnu::visibility("default")]] inline constinit std::atomic<std::ptrdiff_t> ascii_offset{-1};

bool has_surrogates(std::string_view text) noexcept;
/// WTF-8, as the engine gives it, to UTF-16: three bytes of a surrogate become that surrogate.
/// Bytes that are neither become U+FFFD.
std::u16string wtf8_to_utf16(std::string_view text);
/// UTF-16 to WTF-8: pairs become four bytes, lone surrogates three.
std::string utf16_to_wtf8(std::u16string_view text);
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
    // the engine writes to a variable of its own: the view itself can stay in registers
    std::size_t size = 0;
    text_ = ::JS_ToCStringLen(ctx, &size, value);
    size_ = size;
    return text_ != nullptr;
  }
  explicit operator bool() const noexcept { return text_ != nullptr; }
  [[nodiscard]] std::string_view view() const noexcept { return {text_, size_}; }
  /// The engine's string that the text lies in, of which the view gives its reference up; undefined
  /// (and the view keeps it) where that cannot be told.
  [[nodiscard]] JSValue take() noexcept {
    const std::ptrdiff_t offset = ascii_offset.load(std::memory_order_relaxed);
    if (offset < 0) {
      return engine::undefined();
    }
    // both engines give the characters of a flat string out, be it this one or one made for it
    return engine::string_at(const_cast<char*>(std::exchange(text_, nullptr)) - offset);
  }
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
std::string utf8_of(std::string_view text);
inline std::string utf8_of(const TextView& text) { return utf8_of(text.view()); }

}  // namespace detail
}  // namespace quip
