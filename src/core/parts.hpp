// What contexts lack of the standard library. Private to src/.
#pragma once

#include <quip/core/lifetime.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace quip::detail {

/// The TypeError for a path of globals (see intrinsic_paths) that leads nowhere.
JSValue throw_no_intrinsic(Realm* realm, std::string_view path) noexcept;
/// "intrinsic::Date, intrinsic::Eval".
std::string names_of(std::uint32_t parts);

}  // namespace quip::detail
