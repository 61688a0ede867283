// Conversions of the other kinds of text: UTF-16, UTF-32 and wide strings, single characters,
// paths.
#pragma once

#include <quip/convert/string.hpp>

#include <concepts>
#include <filesystem>
#include <string>
#include <string_view>

namespace quip {

namespace detail {

template <class C>
concept WideCharacter = AnyCharacter<C> && !std::same_as<C, char>;
/// wchar_t is UTF-16 or UTF-32, as the platform has it.
inline constexpr bool wide_is_utf16 = sizeof(wchar_t) == sizeof(char16_t);

Result<std::u8string> read_u8string(ValueRef value);
Result<std::u16string> read_u16string(ValueRef value);
Result<std::u32string> read_u32string(ValueRef value);
JSValue new_u16string(JSContext* ctx, std::u16string_view text) noexcept;
JSValue new_u32string(JSContext* ctx, std::u32string_view text) noexcept;
/// The one code point that the string is; an error that says what was expected if it is not one,
/// or one past `highest`.
Result<char32_t> read_character(ValueRef value, char32_t highest);
JSValue new_character(JSContext* ctx, char32_t character, char32_t highest) noexcept;

template <WideCharacter C>
Result<std::basic_string<C>> read_text(ValueRef value) {
  if constexpr (std::same_as<C, char8_t>) {
    return read_u8string(value);
  } else if constexpr (std::same_as<C, char16_t>) {
    return read_u16string(value);
  } else if constexpr (std::same_as<C, char32_t>) {
    return read_u32string(value);
  } else if constexpr (wide_is_utf16) {
    return read_u16string(value).transform(
        [](const std::u16string& text) { return std::wstring(text.begin(), text.end()); });
  } else {
    return read_u32string(value).transform(
        [](const std::u32string& text) { return std::wstring(text.begin(), text.end()); });
  }
}
template <WideCharacter C>
JSValue new_text(JSContext* ctx, std::basic_string_view<C> text) {
  if constexpr (std::same_as<C, char8_t>) {
    return new_string(ctx, {reinterpret_cast<const char*>(text.data()), text.size()});
  } else if constexpr (std::same_as<C, char16_t>) {
    return new_u16string(ctx, text);
  } else if constexpr (std::same_as<C, char32_t>) {
    return new_u32string(ctx, text);
  } else if constexpr (wide_is_utf16) {
    return new_u16string(ctx, std::u16string(text.begin(), text.end()));
  } else {
    return new_u32string(ctx, std::u32string(text.begin(), text.end()));
  }
}

/// The highest code point that a character type holds: a char is ASCII, a char16_t may be a lone
/// surrogate.
template <class C>
inline constexpr char32_t highest_character = sizeof(C) == 1   ? 0x7F
                                              : sizeof(C) == 2 ? 0xFFFF
                                                               : 0x10FFFF;
}  // namespace detail

/// Strings alone. A std::u16string has the very code units of the JavaScript string, lone
/// surrogates included; the others have U+FFFD in their place, as std::string has.
template <detail::WideCharacter C, class A>
struct Convert<std::basic_string<C, std::char_traits<C>, A>> {
  static Result<std::basic_string<C>> from_js(ValueRef value) {
    return detail::read_text<C>(value);
  }
  static JSValue into_js(JSContext* ctx, std::basic_string_view<C> text) {
    return detail::new_text<C>(ctx, text);
  }
};
/// Into JavaScript alone.
template <detail::WideCharacter C>
struct Convert<std::basic_string_view<C>> {
  static JSValue into_js(JSContext* ctx, std::basic_string_view<C> text) {
    return detail::new_text<C>(ctx, text);
  }
};
template <detail::WideCharacter C>
struct Convert<const C*> {
  static JSValue into_js(JSContext* ctx, const C* text) {
    if (text == nullptr) [[unlikely]] {
      return detail::throw_error(ctx, Error::type("a null pointer is no string"));
    }
    return detail::new_text<C>(ctx, std::basic_string_view<C>(text));
  }
};
template <detail::WideCharacter C, std::size_t N>
struct Convert<C[N]> : Convert<const C*> {};

/// A string of one character: for char and char8_t an ASCII one, for char16_t one code unit, for
/// char32_t (and a wchar_t of 32 bits) any code point.
template <detail::AnyCharacter C>
struct Convert<C> {
  static Result<C> from_js(ValueRef value) {
    Result<char32_t> character = detail::read_character(value, detail::highest_character<C>);
    if (!character) [[unlikely]] {
      return std::move(character).error();
    }
    return static_cast<C>(*character);
  }
  static JSValue into_js(JSContext* ctx, C character) noexcept {
    auto code = static_cast<char32_t>(character);
    if constexpr (sizeof(C) == 1) {
      code &= 0xFFU;  // a negative char is a byte past ASCII
    }
    return detail::new_character(ctx, code, detail::highest_character<C>);
  }
};

/// A string; what the operating system's paths cannot hold or JavaScript's strings cannot say (a
/// NUL, a lone surrogate; bytes that are no UTF-8) is an error: it would name another file.
template <>
struct Convert<std::filesystem::path> {
  static Result<std::filesystem::path> from_js(ValueRef value);
  static JSValue into_js(JSContext* ctx, const std::filesystem::path& path);
};

}  // namespace quip
