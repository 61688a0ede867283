#include "table.hpp"

#include "facts.hpp"
#include "inspect_text.hpp"
#include <quip/convert/string.hpp>
#include <quip/value/string.hpp>
#include <quip/web/inspect.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace quip::web {

namespace {

constexpr std::size_t most_rows = 10'000;

struct Row {
  std::string index;
  std::vector<std::string> cells;  // by column; empty where the row has none
  std::string key;                 // of a Map
  std::string value;               // of what is no object
};

std::string cell_text(const Value& value) {
  constexpr std::size_t few = 2;
  int depth = 0;
  if (value.is_object()) {
    const std::optional<Object> object = unproxied(Object(value.handle()));
    const bool is_list = object && object->is_array();
    if (object && !is_list && properties(*object, Keys::all, false).size() > few) depth = -1;
  }
  std::string text = inspect(value, {.depth = depth});
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::string property_text(const Property& property) {
  if (property.has_getter || property.has_setter) return "[Getter]";
  return property.uninitialized ? "<uninitialized>" : cell_text(property.value);
}

std::string key_of(const Property& property) {
  return property.key.as<String>().to_string(Utf8::wtf8);
}

class Table {
 public:
  explicit Table(std::optional<std::vector<std::string>> only) : is_fixed_(only.has_value()) {
    if (only) columns_ = std::move(*only);
  }

  /// A row with the properties of an object, or with the value of what is none.
  void add(std::string index, const Value& value) {
    if (!value.is_object()) {
      add_whole(std::move(index), value, !is_fixed_);
      return;
    }
    Row row{std::move(index), std::vector<std::string>(columns_.size()), {}, {}};
    if (const std::optional<Object> object = unproxied(Object(value.handle()))) {
      for (const Property& property : properties(*object, Keys::all, false)) {
        if (property.key.is_string()) set(row, property);
      }
    }
    rows_.push_back(std::move(row));
  }
  /// A row with the value as it is.
  void add_whole(std::string index, const Value& value, bool is_shown = true) {
    Row row{std::move(index), std::vector<std::string>(columns_.size()), {}, {}};
    if (is_shown) {
      has_values_ = true;
      row.value = cell_text(value);
    }
    rows_.push_back(std::move(row));
  }
  /// The same of a Map.
  void add_entry(std::string index, const Value& key, const Value& value) {
    has_keys_ = true;
    add_whole(std::move(index), value);
    rows_.back().key = cell_text(key);
  }

  [[nodiscard]] std::string text(std::string_view index_name) const {
    std::vector<std::vector<std::string>> lines;
    std::vector<std::string> head{std::string(index_name)};
    if (has_keys_) head.emplace_back("Key");
    head.insert(head.end(), columns_.begin(), columns_.end());
    if (has_values_) head.emplace_back("Values");
    lines.push_back(head);
    for (const Row& row : rows_) {
      std::vector<std::string> line{row.index};
      if (has_keys_) line.push_back(row.key);
      line.insert(line.end(), row.cells.begin(), row.cells.end());
      line.resize(head.size() - (has_values_ ? 1 : 0));  // columns that later rows have brought
      if (has_values_) line.push_back(row.value);
      lines.push_back(std::move(line));
    }
    std::vector<std::size_t> widths(head.size(), 0);
    for (const auto& line : lines) {
      for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width(line[i]));
    }
    std::string out = rule(widths, "┌", "┬", "┐\n");
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (i == 1) out += rule(widths, "├", "┼", "┤\n");
      for (std::size_t column = 0; column < lines[i].size(); ++column) {
        const std::string& cell = lines[i][column];
        out += "│ " + cell + std::string(widths[column] - width(cell) + 1, ' ');
      }
      out += "│\n";
    }
    if (lines.size() == 1) out += rule(widths, "├", "┼", "┤\n");
    return out + rule(widths, "└", "┴", "┘");
  }

 private:
  void set(Row& row, const Property& property) {
    const std::string key = key_of(property);
    auto at = std::find(columns_.begin(), columns_.end(), key);
    if (at == columns_.end()) {
      if (is_fixed_) return;
      columns_.push_back(key);
      row.cells.resize(columns_.size());
      at = columns_.end() - 1;
    }
    row.cells[static_cast<std::size_t>(at - columns_.begin())] = property_text(property);
  }
  static std::string rule(const std::vector<std::size_t>& widths, std::string_view left,
                          std::string_view middle, std::string_view right) {
    std::string line(left);
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (i > 0) line += middle;
      for (std::size_t dash = 0; dash < widths[i] + 2; ++dash) line += "─";
    }
    return line + std::string(right);
  }

  bool is_fixed_;
  bool has_keys_ = false;
  bool has_values_ = false;
  std::vector<std::string> columns_;
  std::vector<Row> rows_;
};

std::optional<std::vector<std::string>> names_of(const Value& columns) {
  if (columns.handle().empty() || !columns.is_array()) return std::nullopt;
  std::vector<std::string> names;
  for (const Property& property : properties(Object(columns.handle()), Keys::all, false)) {
    if (property.value.is_string()) names.push_back(property.value.as<std::string>());
  }
  return names;
}

}  // namespace

std::optional<std::string> table_of(const Value& data, const Value& columns) {
  if (!data.is_object() || data.is_function()) return std::nullopt;
  const std::optional<Object> object = unproxied(Object(data.handle()));
  if (!object) return std::nullopt;
  Table table(names_of(columns));
  const Kind kind = survey(*object).kind;
  std::size_t index = 0;
  if (kind == Kind::map) {
    const std::vector<Value> all = entries(*object, most_rows);
    for (std::size_t i = 0; i + 1 < all.size(); i += 2) {
      table.add_entry(std::to_string(index++), all[i], all[i + 1]);
    }
    return table.text("(iteration index)");
  }
  if (kind == Kind::set) {
    for (const Value& each : elements(*object, most_rows)) {
      table.add_whole(std::to_string(index++), each);
    }
    return table.text("(iteration index)");
  }
  for (const Property& property : properties(*object, Keys::all, false)) {
    if (!property.key.is_string() || ++index > most_rows) continue;
    const bool is_accessor = property.has_getter || property.has_setter || property.uninitialized;
    table.add(key_of(property),
              is_accessor ? Value(object->ctx(), property_text(property)) : property.value);
  }
  return table.text("(index)");
}

}  // namespace quip::web
