#include "report.hpp"

#include <quip/web/inspect.hpp>

#include <web/inspect_text.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <optional>
#include <vector>

namespace quip::program {

namespace {

std::string with_position(const Place& place) {
  std::string text = place.file;
  if (place.line > 0) text += ":" + std::to_string(place.line);
  if (place.line > 0 && place.column > 0) text += ":" + std::to_string(place.column);
  return text;
}

std::optional<std::string> read_line(const std::string& file, int number) {
  std::ifstream stream(file);
  std::string line;
  for (int i = 0; i < number; ++i) {
    if (!std::getline(stream, line)) return std::nullopt;
  }
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

/// The bytes that the first `count` characters take.
std::size_t bytes_of(std::string_view text, std::size_t count) {
  std::size_t i = 0;
  while (i < text.size() && count-- > 0) {
    ++i;
    while (i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) ++i;
  }
  return i;
}

/// The source line with a caret under the column; empty when it cannot be had.
std::string excerpt(const Place& place) {
  if (place.line <= 0) return {};
  std::optional<std::string> line = read_line(place.file, place.line);
  if (!line || line->empty()) return {};
  std::size_t caret = place.column > 0 ? static_cast<std::size_t>(place.column) - 1 : 0;
  // of a very long line, the part around the place
  constexpr std::size_t lead = 60;
  constexpr std::size_t longest = 120;
  const std::size_t cut = web::width(*line) > longest && caret > lead ? caret - lead : 0;
  line->erase(0, bytes_of(*line, cut));
  line->resize(bytes_of(*line, longest));
  caret -= cut;
  const std::string number = std::to_string(place.line);
  std::string text = "  " + number + " | " + *line + '\n';
  if (place.column <= 0 || caret > web::width(*line)) return text;
  text += "  " + std::string(number.size(), ' ') + " | ";
  for (const char c : line->substr(0, bytes_of(*line, caret))) {
    // tabs keep the caret in place, and of the bytes of a character only the first counts
    if (c == '\t') {
      text += c;
    } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
      text += ' ';
    }
  }
  return text + "^\n";
}

/// Cuts ":number" off the end; 0 when there is none.
int cut_number(std::string_view& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) return 0;
  int number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data() + colon + 1, end, number);
  if (failure != std::errc() || stop != end) return 0;
  text = text.substr(0, colon);
  return number;
}

}  // namespace

std::pair<Place, std::string> suspects(const Modules& modules, const std::string& main) {
  const std::vector<Place> places = modules.throw_statements(main);
  if (places.empty()) return {Place{main}, {}};
  constexpr std::string_view reason =
      "  (the engine does not say where a value that is no Error was thrown; ";
  if (places.size() == 1) {
    return {places.front(), std::string(reason) + "this is the only such throw statement)\n"};
  }
  std::string note = std::string(reason) + "these are the throw statements it can have been)\n";
  constexpr std::size_t most = 10;
  for (std::size_t i = 0; i < std::min(most, places.size()); ++i) {
    note += "    at " + with_position(places[i]) + '\n';
  }
  if (places.size() > most) note += "    ... " + std::to_string(places.size() - most) + " more\n";
  return {Place{main}, note};
}

Place first_place(std::string_view stack) {
  while (!stack.empty()) {
    const std::size_t end = stack.find('\n');
    std::string_view line = stack.substr(0, end);
    stack.remove_prefix(end == stack.npos ? stack.size() : end + 1);
    if (line.ends_with(')')) {
      const std::size_t open = line.rfind('(');
      if (open == line.npos) continue;
      line = line.substr(open + 1, line.size() - open - 2);
    }
    const int column = cut_number(line);
    const int row = cut_number(line);
    if (row > 0) return {std::string(line), row, column};
  }
  return {};
}

Place place_of(const Error& error, const Modules& modules) {
  if (std::optional<Place> import = modules.failed_import(error)) return *import;
  // the program's own helpers are no place to send anybody to
  if (error.file().starts_with("quip:")) return {};
  return {error.file(), error.line(), error.column()};
}

std::string describe_error(const Error& error, const Place& place, std::string_view what) {
  std::string text = with_position(place) + ": " + std::string(what) + '\n' + excerpt(place);
  const Value value = error.value();
  // one that no script has seen has no value
  const bool thrown = value.is<Value>();
  std::string details = thrown ? web::inspect(value) : error.what();
  // the brackets of an error without a stack are for errors inside of other values
  if (value.is_error() && details.starts_with('[') && details.ends_with(']')) {
    details = details.substr(1, details.size() - 2);
  }
  return text + details + '\n';
}

void print_error(std::string_view text) {
  std::fflush(stdout);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace quip::program
