// Looking things up in the text of a script.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quip::program {

/// A place in a source text; line and column count from 1, 0 is unknown.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
};

/// Where the module's text imports the specifier: its literal in an import or export declaration
/// or in an import() expression.
std::optional<Place> find_import(const std::string& file, std::string_view source,
                                 std::string_view specifier);

/// The `throw` statements of a source text, other than those of a `new …Error`. Engines keep no
/// place for a thrown value that is no Error; these are the places that it can have come from, and
/// must be told of as no more than that.
std::vector<Place> throw_statements(const std::string& file, std::string_view source);

}  // namespace quip::program
