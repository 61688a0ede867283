#include <quip/function/fn.hpp>

#include <charconv>
#include <cmath>

namespace quip::detail {

std::string source_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  char text[64];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return error == std::errc() ? std::string(text, end) : "…";
}

std::string source_text(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    switch (c) {
      case '"':
        text += "\\\"";
        break;
      case '\\':
        text += "\\\\";
        break;
      case '\n':
        text += "\\n";
        break;
      case '\r':
        text += "\\r";
        break;
      case '\t':
        text += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          constexpr std::string_view digits = "0123456789abcdef";
          const auto code = static_cast<unsigned char>(c);
          text += "\\x";
          text += digits[code >> 4];
          text += digits[code & 15];
        } else {
          text += c;
        }
    }
  }
  return text + "\"";
}

}  // namespace quip::detail
