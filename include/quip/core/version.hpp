// The version of quip.
#pragma once

#include <string_view>

namespace quip {

/// The version of these headers, as in CMakeLists.txt.
inline constexpr std::string_view version = "0.1.0";

}  // namespace quip
