// How the entries of an object are laid out: on one line, in columns, or one a line.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace quip::web {

/// The entries of an array or object as text, and what stands around them. The rules are those of
/// Node's util.inspect, so that output compares.
struct Layout {
  std::vector<std::string> entries;
  std::string base;            ///< before the brace, e.g. "[Function: f]"
  std::string open;            ///< e.g. "Map(1) {"
  std::string close;           ///< "}" or "]"
  bool is_list = false;        ///< an array's elements may be grouped in columns
  bool right_aligned = false;  ///< columns of numbers
  bool has_more_line = false;  ///< the last entry is "... n more items"
  std::size_t indentation = 0;
  /// How many levels of objects lie inside: three may share a line.
  int levels_inside = 0;
};

/// The whole of it as text.
std::string lay_out(Layout layout);

}  // namespace quip::web
