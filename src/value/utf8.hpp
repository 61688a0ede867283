// Whether text is UTF-8, and what becomes of it when it is not. Private to src/.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace quip::detail {

/// Where the text first is no UTF-8; its size when it is.
std::size_t valid_utf8(std::string_view text) noexcept;
/// The text with U+FFFD for what is neither UTF-8 nor, if they may stay, surrogates: one for each
/// maximal part of a character, as browsers do.
std::string mended_utf8(std::string_view text, bool with_surrogates);

}  // namespace quip::detail
