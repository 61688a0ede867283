#include <quip/convert/text.hpp>

#include <new>
#include <string>

namespace quip::detail {

namespace {

constexpr char32_t replacement = 0xFFFD;
constexpr bool is_high_surrogate(char32_t unit) noexcept { return unit >= 0xD800 && unit < 0xDC00; }
constexpr bool is_low_surrogate(char32_t unit) noexcept { return unit >= 0xDC00 && unit < 0xE000; }
constexpr bool is_surrogate(char32_t unit) noexcept { return unit >= 0xD800 && unit < 0xE000; }

/// The code points of UTF-16; lone surrogates stay as they are.
std::u32string code_points(std::u16string_view text) {
  std::u32string points;
  points.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char32_t point = text[i];
    if (is_high_surrogate(point) && i + 1 < text.size() && is_low_surrogate(text[i + 1])) {
      point = 0x10000 + ((point - 0xD800) << 10U) + (text[++i] - 0xDC00U);
    }
    points.push_back(point);
  }
  return points;
}

void append_utf16(std::u16string& text, char32_t point) {
  constexpr char32_t highest = 0x10FFFF;
  if (point > highest) {
    point = replacement;
  }
  if (point < 0x10000) {
    text.push_back(static_cast<char16_t>(point));
    return;
  }
  point -= 0x10000;
  text.push_back(static_cast<char16_t>(0xD800 + (point >> 10U)));
  text.push_back(static_cast<char16_t>(0xDC00 + (point & 0x3FFU)));
}

}  // namespace

Result<std::u8string> read_u8string(ValueRef value) {
  Result<std::string> text = read_string(value);
  if (!text) {
    return std::move(text).error();
  }
  return std::u8string(text->begin(), text->end());
}

Result<std::u16string> read_u16string(ValueRef value) {
  return from_js<String>(value).and_then(
      [](const String& text) { return text.try_to_u16string(); });
}

Result<std::u32string> read_u32string(ValueRef value) {
  return read_u16string(value).transform([](const std::u16string& text) {
    std::u32string points = code_points(text);
    for (char32_t& point : points) {
      point = is_surrogate(point) ? replacement : point;
    }
    return points;
  });
}

JSValue new_u16string(JSContext* ctx, std::u16string_view text) noexcept {
  try {
    Result<String> made = String::try_from_utf16(Ctx(realm_of(ctx)), text);
    return made ? give_handle(ctx, std::move(made->handle())) : throw_error(ctx, made.error());
  } catch (const std::bad_alloc&) {
    return ::JS_ThrowOutOfMemory(ctx);
  }
}

JSValue new_u32string(JSContext* ctx, std::u32string_view text) noexcept {
  try {
    std::u16string units;
    units.reserve(text.size());
    for (const char32_t point : text) {
      append_utf16(units, is_surrogate(point) ? replacement : point);
    }
    return new_u16string(ctx, units);
  } catch (const std::bad_alloc&) {
    return ::JS_ThrowOutOfMemory(ctx);
  }
}

namespace {
std::string one_of(char32_t highest) {
  return highest <= 0x7F     ? "a string of one ASCII character"
         : highest <= 0xFFFF ? "a string of one UTF-16 code unit"
                             : "a string of one character";
}
}  // namespace

Result<char32_t> read_character(ValueRef value, char32_t highest) {
  Result<std::u16string> text =
      engine::is_string(value.raw()) ? read_u16string(value) : not_a(one_of(highest), value);
  if (!text) {
    return std::move(text).error();
  }
  const std::u32string points = code_points(*text);
  const bool is_unit = highest == 0xFFFF;
  if (points.size() != 1 || points[0] > highest || (is_surrogate(points[0]) && !is_unit)) {
    return not_a(one_of(highest), value);
  }
  return points[0];
}

JSValue new_character(JSContext* ctx, char32_t character, char32_t highest) noexcept {
  if (character > highest || (is_surrogate(character) && highest != 0xFFFF)) {
    try {
      return throw_error(ctx, Error::range("a character of the code " +
                                           std::to_string(static_cast<std::uint32_t>(character)) +
                                           " is no string: expected at most " +
                                           std::to_string(static_cast<std::uint32_t>(highest)) +
                                           ", and no surrogate"));
    } catch (const std::bad_alloc&) {
      return ::JS_ThrowOutOfMemory(ctx);
    }
  }
  try {
    std::u16string text;
    append_utf16(text, character);
    return new_u16string(ctx, text);
  } catch (const std::bad_alloc&) {
    return ::JS_ThrowOutOfMemory(ctx);
  }
}

}  // namespace quip::detail

namespace quip {

Result<std::filesystem::path> Convert<std::filesystem::path>::from_js(ValueRef value) {
  if (!engine::is_string(value.raw())) {
    return detail::not_a("string", value);
  }
  const detail::TextView text(value.context(), value.raw());
  if (!text) {
    return detail::caught(detail::realm_of(value.context()));
  }
  if (detail::has_surrogates(text.view()) || text.view().find('\0') != std::string_view::npos) {
    return detail::not_a("a path", value);
  }
  const std::u8string utf8(text.view().begin(), text.view().end());
  return std::filesystem::path(utf8);
}

JSValue Convert<std::filesystem::path>::into_js(JSContext* ctx, const std::filesystem::path& path) {
  const std::u8string text = path.u8string();
  Result<String> made = String::try_from_utf8(
      Ctx(detail::realm_of(ctx)), {reinterpret_cast<const char*>(text.data()), text.size()},
      Utf8::strict);
  if (!made) {
    return detail::throw_error(
        ctx, Error::type("a path whose bytes are not UTF-8 is no JavaScript string"));
  }
  return detail::give_handle(ctx, std::move(made->handle()));
}

}  // namespace quip
