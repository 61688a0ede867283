// Text: lengths, quoting, lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace quip::web {

/// The length as JavaScript counts it, in UTF-16 code units, of UTF-8 or WTF-8 text.
std::size_t utf16_length(std::string_view text) noexcept;
/// The columns that a terminal gives the text: two for wide characters, such as 漢 and most emoji.
std::size_t width(std::string_view text) noexcept;
/// The bytes that the first `units` UTF-16 code units take.
std::size_t utf8_prefix(std::string_view text, std::size_t units) noexcept;

/// The text as a literal: in single quotes, or in those of the others that need no escapes.
/// Control characters and lone surrogates (in WTF-8) are escaped.
std::string in_quotes(std::string_view text);
/// The text with control characters and single quotes escaped, without quotes around it.
std::string escaped(std::string_view text);
/// True for what may stand before the colon in an object without quotes.
bool is_identifier(std::string_view text) noexcept;

/// Adds the indentation behind every newline.
std::string indented(std::string_view text, std::size_t spaces);

}  // namespace quip::web
