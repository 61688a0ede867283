// `quip compile`: modules and all that they import in one file, compiled.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace quip::program {

/// What `quip compile --help` prints.
extern const std::string_view compile_help;

/// Does what the arguments behind `quip compile` say; returns the exit status.
int compile(const std::vector<std::string>& arguments);

}  // namespace quip::program
