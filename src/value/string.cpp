#include "utf8.hpp"
#include <quip/value/atom.hpp>
#include <quip/value/string.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <exception>

namespace quip {

namespace detail {

namespace {
/// Where the next lone surrogate starts; npos if there is none.
std::size_t find_surrogate(std::string_view text, std::size_t from) noexcept {
  while (from < text.size()) {
    const void* found = std::memchr(text.data() + from, 0xED, text.size() - from);
    if (found == nullptr) return std::string_view::npos;
    const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    if (at + 2 < text.size() && static_cast<unsigned char>(text[at + 1]) >= 0xA0) return at;
    from = at + 1;
  }
  return std::string_view::npos;
}
}  // namespace

bool has_surrogates(std::string_view text) noexcept {
  return find_surrogate(text, 0) != std::string_view::npos;
}

void replace_surrogates(std::string& text) noexcept {
  for (std::size_t at = find_surrogate(text, 0); at != std::string_view::npos;
       at = find_surrogate(text, at + 3)) {
    std::memcpy(text.data() + at, "\xEF\xBF\xBD", 3);  // U+FFFD is as long
  }
}

namespace {

constexpr char32_t replacement = 0xFFFD;

/// One step of reading text that should be UTF-8.
struct Step {
  char32_t character;  ///< U+FFFD for what is no character
  std::size_t size;    ///< how many bytes it took: of what is no character, the maximal part of one
  bool is_valid;       ///< whether they stand for the character
};

/// The table of well-formed UTF-8 (Unicode 15, 3.9, table 3-7), with surrogates let in if so asked.
Step read_step(std::string_view text, bool with_surrogates) noexcept {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1, true};
  std::size_t length = 0;
  if (first >= 0xC2 && first <= 0xDF) length = 2;
  if (first >= 0xE0 && first <= 0xEF) length = 3;
  if (first >= 0xF0 && first <= 0xF4) length = 4;
  if (length == 0) return {replacement, 1, false};
  unsigned char least = 0x80;
  unsigned char most = 0xBF;
  if (first == 0xE0) least = 0xA0;
  if (first == 0xED && !with_surrogates) most = 0x9F;
  if (first == 0xF0) least = 0x90;
  if (first == 0xF4) most = 0x8F;
  char32_t character = first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= text.size() || byte(i) < least || byte(i) > most) return {replacement, i, false};
    character = (character << 6) | (byte(i) & 0x3FU);
    least = 0x80;
    most = 0xBF;
  }
  return {character, length, true};
}

void append_utf8(std::string& text, char32_t c) {
  const auto put = [&text](char32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6));
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

}  // namespace

std::size_t valid_utf8(std::string_view text) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    // most text is ASCII, of which eight characters are looked at as one
    constexpr std::uint64_t high_bits = 0x8080808080808080;
    std::uint64_t block = 0;
    while (at + sizeof block <= text.size()) {
      std::memcpy(&block, text.data() + at, sizeof block);
      if ((block & high_bits) != 0) break;
      at += sizeof block;
    }
    if (at == text.size()) break;
    const Step step = read_step(text.substr(at), false);
    if (!step.is_valid) return at;
    at += step.size;
  }
  return at;
}

std::string mended_utf8(std::string_view text, bool with_surrogates) {
  std::string mended;
  mended.reserve(text.size());
  while (!text.empty()) {
    const Step step = read_step(text, with_surrogates);
    append_utf8(mended, step.character);
    text.remove_prefix(step.size);
  }
  return mended;
}

std::u16string wtf8_to_utf16(std::string_view text) {
  std::u16string units;
  units.reserve(text.size());
  while (!text.empty()) {
    const Step step = read_step(text, true);
    if (step.character < 0x10000) {
      units.push_back(static_cast<char16_t>(step.character));
    } else {
      const char32_t above = step.character - 0x10000;
      units.push_back(static_cast<char16_t>(0xD800 + (above >> 10)));
      units.push_back(static_cast<char16_t>(0xDC00 + (above & 0x3FF)));
    }
    text.remove_prefix(step.size);
  }
  return units;
}

std::string utf16_to_wtf8(std::u16string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char32_t character = text[i];
    if (character >= 0xD800 && character <= 0xDBFF && i + 1 < text.size() &&
        text[i + 1] >= 0xDC00 && text[i + 1] <= 0xDFFF) {
      character = 0x10000 + ((character - 0xD800) << 10) + (text[++i] - char32_t{0xDC00});
    }
    append_utf8(bytes, character);
  }
  return bytes;
}

std::string utf8_of(std::string_view text) {
  std::string copy(text);
  replace_surrogates(copy);
  return copy;
}

}  // namespace detail

Result<String> String::try_make(const Ctx& ctx, std::string_view text) {
  detail::Entry entry(ctx.realm());
  if (!entry) return detail::refusal(ctx.realm());
  return detail::from_owned<String>(ctx.realm(),
                                    ::JS_NewStringLen(ctx.raw(), text.data(), text.size()));
}

Result<String> String::try_from_utf8(const Ctx& ctx, std::string_view text, Utf8 policy) {
  const std::size_t valid = detail::valid_utf8(text);
  if (valid == text.size()) return try_make(ctx, text);
  if (policy == Utf8::strict) {
    return Error::conversion("UTF-8", "text that is none at byte " + std::to_string(valid));
  }
  return try_make(ctx, detail::mended_utf8(text, policy == Utf8::wtf8));
}

Result<String> String::try_from_utf16(const Ctx& ctx, std::u16string_view text) {
  detail::Realm* realm = ctx.realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  // plain ASCII goes the other way: the engine would keep two bytes a character
  const bool is_ascii = std::all_of(text.begin(), text.end(), [](char16_t c) { return c < 0x80; });
  JSValue string = is_ascii ? engine::undefined()
                            : engine::new_string_utf16(realm->context, text.data(), text.size());
  if (!engine::is_undefined(string)) return detail::from_owned<String>(realm, string);
  return try_make(ctx, detail::utf16_to_wtf8(text));
}

Result<std::u16string> String::try_to_u16string() const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  // the engine's copy is ours to free: nothing may throw before that
  struct Units {
    std::u16string text;
    std::exception_ptr failure;
  } units;
  const int read = engine::read_utf16(
      realm->context, raw(), &units, [](void* to, const void* from, std::size_t size) {
        auto& out = *static_cast<Units*>(to);
        try {
          out.text.resize(size);
          if (size > 0) std::memcpy(out.text.data(), from, size * sizeof(char16_t));
        } catch (...) {
          out.failure = std::current_exception();
        }
      });
  if (read < 0) return detail::caught(realm);
  if (units.failure) std::rethrow_exception(units.failure);
  if (read > 0) return std::move(units.text);
  const detail::TextView text(realm->context, raw());
  if (!text) return detail::caught(realm);
  return detail::wtf8_to_utf16(text.view());
}

Result<StringView> String::try_view() const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  detail::TextView text(realm->context, raw());
  if (!text) return detail::caught(realm);
  StringView view;
  if (!text.is_utf8(raw())) {
    view.copy_ = detail::utf8_of(text);
    return view;
  }
  const std::string_view all = text.view();
  JSValue owned = text.take();
  if (engine::is_undefined(owned)) {
    view.copy_ = all;
    return view;
  }
  view.owner_ = detail::Handle(realm, owned);
  view.text_ = all.data();
  view.size_ = all.size();
  return view;
}

Result<std::string> String::try_to_string(Utf8 policy) const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const detail::TextView text(realm->context, raw());
  if (!text) return detail::caught(realm);
  if (policy == Utf8::wtf8 || text.is_utf8(raw())) {
    return std::string(text.view());
  }
  if (policy == Utf8::strict) {
    return Error::conversion("a string without lone surrogates",
                             describe(ValueRef(realm->context, raw())));
  }
  return detail::utf8_of(text);
}

Result<std::size_t> String::try_size() const {
  detail::Realm* realm = handle().realm();
  detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const JSAtom length = Key<"length">::atom(realm);
  if (length == 0) return detail::caught(realm);
  Result<Value> size =
      detail::from_owned<Value>(realm, ::JS_GetProperty(realm->context, raw(), length));
  if (!size) return std::move(size).error();
  return static_cast<std::size_t>(engine::get_int32(size->raw()));
}

}  // namespace quip
