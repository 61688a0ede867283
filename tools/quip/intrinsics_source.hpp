// The JavaScript half of Intrinsics.
#pragma once

#include <string_view>

namespace quip::program {

/// An expression whose value is an object with the helper functions.
extern const std::string_view intrinsics_source;

}  // namespace quip::program
