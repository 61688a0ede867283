#include "../core/core_state.hpp"
#include <quip/class/cell.hpp>
#include <quip/diagnostics/heap_statistics.hpp>

#include <algorithm>
#include <map>
#include <new>
#include <ostream>

namespace quip {

namespace {

using Row = HeapStatistics::Row;
using Rows = std::map<std::string, Row, std::less<>>;

/// What the engine counted: its own classes by name, all others together.
struct Counted {
  Rows rows;
  std::int64_t others = 0;
  bool is_complete = true;

  static void take(void* to, std::string_view name, std::int64_t count) noexcept {
    auto& counted = *static_cast<Counted*>(to);
    if (name.empty()) {
      counted.others += count;
      return;
    }
    try {
      counted.rows[std::string(name)].count += count;
    } catch (const std::bad_alloc&) {
      counted.is_complete = false;
    }
  }
};

/// The class of an object that C++ is behind, and how large its C++ object is.
struct NativeClass {
  std::string_view name;
  std::int64_t size = 0;
};
NativeClass class_of(const detail::Core& core, const detail::Payload& payload) noexcept {
  if (const detail::Cell* cell = detail::cell_in(payload.object)) {
    return {detail::shown_name(*cell->type), static_cast<std::int64_t>(cell->type->size)};
  }
  const JSClassID id = ::JS_GetClassID(payload.object);
  if (id == core.function_class) return {"Function (C++)"};
  if (id == core.iterator_class) return {"Iterator (C++)"};
  if (id == core.iterable_class) return {"Iterable (C++)"};
  if (id == core.async_iterator_class) return {"AsyncIterator (C++)"};
  return {"(quip)"};
}

std::vector<Row> sorted(Rows&& rows) {
  std::vector<Row> result;
  for (auto& [name, row] : rows) {
    if (row.count <= 0) continue;
    row.name = name;
    result.push_back(std::move(row));
  }
  std::sort(result.begin(), result.end(), [](const Row& a, const Row& b) {
    return a.bytes != b.bytes ? a.bytes > b.bytes : a.name < b.name;
  });
  return result;
}

std::vector<Row> kinds_of(const JSMemoryUsage& usage) {
  const auto element = static_cast<std::int64_t>(sizeof(JSValue));
  return {{"strings", usage.str_count, usage.str_size},
          {"atoms", usage.atom_count, usage.atom_size},
          {"objects", usage.obj_count, usage.obj_size},
          {"properties", usage.prop_count, usage.prop_size},
          {"shapes", usage.shape_count, usage.shape_size},
          {"functions", usage.js_func_count, usage.js_func_size},
          {"bytecode", usage.js_func_count, usage.js_func_code_size},
          {"line tables", usage.js_func_pc2line_count, usage.js_func_pc2line_size},
          {"array elements", usage.fast_array_elements, usage.fast_array_elements * element},
          {"buffers", usage.binary_object_count, usage.binary_object_size}};
}

HeapStatistics count(const detail::Core& core, const detail::CoreState& state) {
  JSMemoryUsage usage{};
  ::JS_ComputeMemoryUsage(core.runtime, &usage);
  Counted counted;
  if (!engine::count_objects(core.runtime, &counted, &Counted::take) || !counted.is_complete) {
    throw std::bad_alloc();
  }
  const std::int64_t object = usage.obj_count > 0 ? usage.obj_size / usage.obj_count : 0;
  for (auto& [name, row] : counted.rows) row.bytes = row.count * object;
  for (const auto* payload = state.payloads; payload != nullptr; payload = payload->next) {
    const NativeClass native = class_of(core, *payload);
    Row& row = counted.rows[std::string(native.name)];
    ++row.count;
    row.bytes += object + native.size;
    --counted.others;
  }
  counted.rows["(other)"] = {"", counted.others, counted.others * object};
  return {sorted(std::move(counted.rows)), kinds_of(usage), usage.malloc_size, usage.malloc_count};
}

void append_rows(std::string& table, std::string_view title, const std::vector<Row>& rows) {
  std::size_t width = title.size();
  for (const Row& row : rows) width = std::max(width, row.name.size());
  const auto append = [&](std::string_view name, const std::string& amount,
                          const std::string& bytes) {
    constexpr std::size_t number_width = 12;
    table += name;
    table.append(width - name.size(), ' ');
    for (const std::string& number : {amount, bytes}) {
      table.append(number.size() < number_width ? number_width - number.size() : 1, ' ');
      table += number;
    }
    table += '\n';
  };
  append(title, "count", "bytes");
  for (const Row& row : rows) {
    append(row.name, std::to_string(row.count), std::to_string(row.bytes));
  }
}

}  // namespace

Row HeapStatistics::of_class(std::string_view name) const {
  for (const Row& row : classes) {
    if (row.name == name) return row;
  }
  return {std::string(name), 0, 0};
}

std::string HeapStatistics::to_table() const {
  std::string table;
  append_rows(table, "class", classes);
  table += '\n';
  append_rows(table, "kind", kinds);
  table += '\n' + std::to_string(bytes) + " bytes in " + std::to_string(blocks) + " blocks\n";
  return table;
}

std::ostream& operator<<(std::ostream& out, const HeapStatistics& statistics) {
  return out << statistics.to_table();
}

Result<HeapStatistics> try_heap_statistics(detail::Within within) {
  const detail::Entry entry(within.core());
  if (!entry) {
    return Error::plain("the heap cannot be looked at here: the runtime is gone, or at work on it");
  }
  try {
    return count(*within.core(), detail::CoreState::of(within.core()));
  } catch (const std::bad_alloc&) {
    return Error::from(std::current_exception());
  }
}

HeapStatistics heap_statistics(detail::Within within) {
  return try_heap_statistics(within).value();
}

}  // namespace quip
