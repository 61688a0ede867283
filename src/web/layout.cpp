#include "layout.hpp"

#include "inspect_text.hpp"

#include <algorithm>
#include <cmath>

namespace quip::web {

namespace {

constexpr std::size_t line_width = 80;
constexpr int most_levels_on_a_line = 3;

std::string join(const std::vector<std::string>& parts, const std::string& separator) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i != 0) text += separator;
    text += parts[i];
  }
  return text;
}

/// Arranges the entries of a long array in columns; each entry of the result is a line.
std::vector<std::string> grouped(const Layout& layout) {
  const std::vector<std::string>& entries = layout.entries;
  const std::size_t count = entries.size() - (layout.has_more_line ? 1 : 0);
  constexpr std::size_t separator = 2;  // ", "
  std::vector<std::size_t> widths(count);
  std::size_t total = 0;
  std::size_t widest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    widths[i] = width(entries[i]);
    total += widths[i] + separator;
    widest = std::max(widest, widths[i]);
  }
  const std::size_t cell = widest + separator;
  // At least three must fit side by side, and one long entry must not spread all the others.
  const auto as_real = [](std::size_t size) { return static_cast<double>(size); };
  if (cell * 3 + layout.indentation >= line_width ||
      (as_real(total) / as_real(cell) <= 5 && widest > 6)) {
    return entries;
  }
  // The block should be about square on the screen, where a character is 2.5 times as high as wide.
  constexpr double height = 2.5;
  const double bias = std::sqrt(as_real(cell) - as_real(total) / as_real(entries.size()));
  const double biased = std::max(as_real(cell) - 3 - bias, 1.0);
  constexpr std::size_t most_columns = 12;
  const auto square = static_cast<std::size_t>(
      std::floor(std::sqrt(height * biased * as_real(count)) / biased + 0.5));
  const std::size_t columns =
      std::min({square, (line_width - layout.indentation) / cell, most_columns});
  if (columns <= 1) return entries;

  std::vector<std::size_t> column_widths;
  for (std::size_t i = 0; i < columns; ++i) {
    std::size_t most = 0;
    for (std::size_t j = i; j < count; j += columns) most = std::max(most, widths[j]);
    column_widths.push_back(most + separator);
  }
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < count; i += columns) {
    const std::size_t end = std::min(i + columns, count);
    std::string line;
    for (std::size_t j = i; j < end; ++j) {
      const bool last = j + 1 == end;
      const std::size_t used = widths[j] + (last ? 0 : separator);
      const std::size_t room = column_widths[j - i] - (last ? separator : 0);
      const std::string padding(room > used ? room - used : 0, ' ');
      if (layout.right_aligned) line += padding;
      line += entries[j];
      if (!last) line += ", ";
      if (!layout.right_aligned && !last) line += padding;
    }
    lines.push_back(std::move(line));
  }
  if (layout.has_more_line) lines.push_back(entries.back());
  return lines;
}

bool fits_on_a_line(const Layout& layout) {
  std::size_t total = layout.entries.size() * 2 + layout.indentation + utf16_length(layout.open) +
                      utf16_length(layout.base) + 10;
  if (total > line_width) return false;
  for (const std::string& entry : layout.entries) {
    total += utf16_length(entry);
    if (total > line_width || entry.find('\n') != std::string::npos) return false;
  }
  return layout.base.find('\n') == std::string::npos;
}

}  // namespace

std::string lay_out(Layout layout) {
  const std::string base = layout.base.empty() ? "" : layout.base + ' ';
  bool is_grouped = false;
  constexpr std::size_t fewest_to_group = 6;
  if (layout.is_list && layout.entries.size() > fewest_to_group) {
    std::vector<std::string> lines = grouped(layout);
    is_grouped = lines.size() != layout.entries.size();
    layout.entries = std::move(lines);
  }
  if (!is_grouped && layout.levels_inside < most_levels_on_a_line && fits_on_a_line(layout)) {
    return base + layout.open + ' ' + join(layout.entries, ", ") + ' ' + layout.close;
  }
  const std::string newline = '\n' + std::string(layout.indentation, ' ');
  return base + layout.open + newline + "  " + join(layout.entries, ',' + newline + "  ") +
         newline + layout.close;
}

}  // namespace quip::web
