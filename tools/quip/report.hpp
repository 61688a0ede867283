// What the program says about an error that nobody caught.
#pragma once

#include "modules.hpp"
#include <quip/quip.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace quip::program {

/// Where the error came from: the import of a module that could not be had, else the innermost
/// script frame. Without a line when neither is known.
Place place_of(const Error& error, const Modules& modules);

/// The error with its place, the source line, and the stack:
///
///     /project/main.mjs:3:9: uncaught exception
///       3 |   throw new TypeError('no');
///         |         ^
///     TypeError: no
///         at main (/project/main.mjs:3:9)
///
/// @param what e.g. "uncaught exception".
std::string describe_error(const Error& error, const Place& place, std::string_view what);

/// What can be told of the place of a thrown value that is no Error when the engine told none: the
/// place, if there is but one that it can be, and a note to print behind the value.
std::pair<Place, std::string> suspects(const Modules& modules, const std::string& main);

/// The first place that a stack names; empty when it names none.
Place first_place(std::string_view stack);

/// Writes a text to standard error, behind all that was written to standard output.
void print_error(std::string_view text);

}  // namespace quip::program
