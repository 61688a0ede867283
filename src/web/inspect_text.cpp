#include "inspect_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace quip::web {

namespace {

bool is_continuation(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

bool is_four_bytes(char c) noexcept { return static_cast<unsigned char>(c) >= 0xF0U; }

/// East Asian wide and full-width characters and emoji, by their blocks.
bool is_wide(std::uint32_t character) noexcept {
  constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 8> blocks{{{0x1100, 0x115F},
                                                                           {0x2E80, 0xA4CF},
                                                                           {0xAC00, 0xD7A3},
                                                                           {0xF900, 0xFAFF},
                                                                           {0xFE30, 0xFE6F},
                                                                           {0xFF00, 0xFF60},
                                                                           {0x1F300, 0x1FAFF},
                                                                           {0x20000, 0x3FFFD}}};
  return std::any_of(blocks.begin(), blocks.end(), [character](const auto& block) {
    return character >= block.first && character <= block.second;
  });
}

std::string hex(const char* format, unsigned value) {
  std::array<char, 16> buffer{};
  const int size = std::snprintf(buffer.data(), buffer.size(), format, value);
  return std::string(buffer.data(), static_cast<std::size_t>(size));
}

/// Appends the character at the front of the text, escaped if need be, and returns its bytes.
std::size_t append_escaped(std::string& out, std::string_view text, char quote) {
  const auto byte = [text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned first = byte(0);
  switch (first) {
    case '\b':
      out += "\\b";
      return 1;
    case '\t':
      out += "\\t";
      return 1;
    case '\n':
      out += "\\n";
      return 1;
    case '\f':
      out += "\\f";
      return 1;
    case '\r':
      out += "\\r";
      return 1;
    case '\\':
      out += "\\\\";
      return 1;
    default:
      break;
  }
  if (first == static_cast<unsigned char>(quote)) {
    out += '\\';
    out += quote;
    return 1;
  }
  if (first < 0x20 || first == 0x7F) {
    out += hex("\\x%02X", first);
    return 1;
  }
  if (first == 0xC2 && byte(1) < 0xA0) {
    out += hex("\\x%02X", byte(1));
    return 2;
  }
  if (first == 0xED && byte(1) >= 0xA0) {
    out += hex("\\u%04x", 0xD000U | ((byte(1) & 0x3FU) << 6U) | (byte(2) & 0x3FU));
    return std::min<std::size_t>(3, text.size());
  }
  std::size_t size = 1;
  while (size < text.size() && is_continuation(text[size])) ++size;
  out += text.substr(0, size);
  return size;
}

std::string escape(std::string_view text, char quote) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) text.remove_prefix(append_escaped(out, text, quote));
  return out;
}

}  // namespace

std::size_t utf16_length(std::string_view text) noexcept {
  std::size_t length = 0;
  for (const char c : text) {
    if (!is_continuation(c)) length += is_four_bytes(c) ? 2 : 1;
  }
  return length;
}

std::size_t width(std::string_view text) noexcept {
  std::size_t columns = 0;
  std::uint32_t character = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      character = byte;
    } else if (is_continuation(text[i])) {
      character = (character << 6U) | (byte & 0x3FU);
    } else {
      character = byte & (byte >= 0xF0 ? 0x07U : byte >= 0xE0 ? 0x0FU : 0x1FU);
    }
    const bool complete = i + 1 == text.size() || !is_continuation(text[i + 1]);
    if (complete) columns += is_wide(character) ? 2 : 1;
  }
  return columns;
}

std::size_t utf8_prefix(std::string_view text, std::size_t units) noexcept {
  std::size_t length = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_continuation(text[i])) continue;
    length += is_four_bytes(text[i]) ? 2 : 1;
    if (length > units) return i;
  }
  return text.size();
}

std::string in_quotes(std::string_view text) {
  char quote = '\'';
  const auto has = [text](std::string_view part) { return text.find(part) != text.npos; };
  if (has("'")) {
    if (!has("\"")) {
      quote = '"';
    } else if (!has("`") && !has("${")) {
      quote = '`';
    }
  }
  return quote + escape(text, quote) + quote;
}

std::string escaped(std::string_view text) { return escape(text, '\''); }

bool is_identifier(std::string_view text) noexcept {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [is_letter](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

std::string indented(std::string_view text, std::size_t spaces) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    out += c;
    if (c == '\n') out.append(spaces, ' ');
  }
  return out;
}

}  // namespace quip::web
