#include "../engine/memory_functions.hpp"
#include "core_state.hpp"
#include <quip/core/memory_usage.hpp>
#include <quip/core/runtime.hpp>

#include <algorithm>
#include <string_view>

namespace quip {

using detail::Work;

void Runtime::set_memory_limit(std::size_t bytes) {
  const Work work(owned_core());
  if (work->heap == nullptr) engine::set_memory_limit(work->runtime, bytes);
  work->memory_limit = bytes;
  work->limit_memory();
}

void Runtime::set_soft_memory_limit(std::size_t bytes) {
  const Work work(owned_core());
  if (work->heap == nullptr && bytes != 0) {
    throw Error::plain(
        "a soft memory limit needs a heap that quip has made, and this runtime's is of others: "
        "use set_memory_limit");
  }
  work->soft_memory_limit = bytes;
  work->limit_memory();
}

MemoryUsage Runtime::memory_usage() const {
  const Work work(owned_core());
  JSMemoryUsage usage{};
  ::JS_ComputeMemoryUsage(work->runtime, &usage);
  const detail::Quota unknown;
  const detail::Quota& quota = work->heap == nullptr ? unknown : work->heap->quota();
  const bool counts = engine::counts_memory<> && work->heap != nullptr;
  return {
      .malloc_size = usage.malloc_size,
      .malloc_count = usage.malloc_count,
      .allocator_size = counts ? static_cast<std::int64_t>(quota.size) : usage.malloc_size,
      .allocator_peak = static_cast<std::int64_t>(quota.peak),
      .memory_limit = static_cast<std::int64_t>(work->memory_limit),
      .soft_memory_limit = static_cast<std::int64_t>(work->soft_memory_limit),
      .used_size = usage.memory_used_size,
      .used_count = usage.memory_used_count,
      .atom_count = usage.atom_count,
      .atom_size = usage.atom_size,
      .string_count = usage.str_count,
      .string_size = usage.str_size,
      .object_count = usage.obj_count,
      .object_size = usage.obj_size,
      .property_count = usage.prop_count,
      .property_size = usage.prop_size,
      .shape_count = usage.shape_count,
      .shape_size = usage.shape_size,
      .function_count = usage.js_func_count,
      .function_size = usage.js_func_size,
      .bytecode_size = usage.js_func_code_size,
      .line_table_count = usage.js_func_pc2line_count,
      .line_table_size = usage.js_func_pc2line_size,
      .native_function_count = usage.c_func_count,
      .array_count = usage.array_count,
      .fast_array_count = usage.fast_array_count,
      .fast_array_elements = usage.fast_array_elements,
      .buffer_count = usage.binary_object_count,
      .buffer_size = usage.binary_object_size,
  };
}

namespace {

/// "1,234,567".
std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t i = text.size(); i > first + 3;) {
    i -= 3;
    text.insert(i, ",");
  }
  return text;
}

class Table {
 public:
  Table() { row("", "count", "bytes"); }
  void row(std::string_view name, std::string_view count, std::string_view bytes) {
    constexpr std::size_t name_width = 24;
    constexpr std::size_t number_width = 16;
    std::string line(name);
    line.resize(std::max(line.size(), name_width), ' ');
    const auto add = [&line, width = number_width](std::string_view text) {
      line.append(width - std::min(width, text.size()), ' ');
      line += text;
    };
    add(count);
    if (!bytes.empty()) add(bytes);
    text_ += line;
    text_ += '\n';
  }
  void row(std::string_view name, std::int64_t count, std::int64_t bytes) {
    row(name, grouped(count), grouped(bytes));
  }
  void bytes(std::string_view name, std::int64_t number) { row(name, "", grouped(number)); }
  void limit(std::string_view name, std::int64_t number) {
    row(name, "", number == 0 ? "none" : grouped(number));
  }
  [[nodiscard]] std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

}  // namespace

std::string to_string(const MemoryUsage& usage) {
  Table table;
  table.row("heap", usage.malloc_count, usage.malloc_size);
  table.bytes("from the allocator", usage.allocator_size);
  table.bytes("at the most", usage.allocator_peak);
  table.limit("memory limit", usage.memory_limit);
  table.limit("soft memory limit", usage.soft_memory_limit);
  table.row("known", usage.used_count, usage.used_size);
  table.row("  atoms", usage.atom_count, usage.atom_size);
  table.row("  strings", usage.string_count, usage.string_size);
  table.row("  objects", usage.object_count, usage.object_size);
  table.row("    properties", usage.property_count, usage.property_size);
  table.row("    shapes", usage.shape_count, usage.shape_size);
  table.row("  functions", usage.function_count, usage.function_size);
  table.bytes("    bytecode", usage.bytecode_size);
  table.row("    line tables", usage.line_table_count, usage.line_table_size);
  table.row("  native functions", grouped(usage.native_function_count), "");
  table.row("  arrays", grouped(usage.array_count), "");
  table.row("    without holes", grouped(usage.fast_array_count), "");
  table.row("      elements", grouped(usage.fast_array_elements), "");
  table.row("  buffers", usage.buffer_count, usage.buffer_size);
  return std::move(table).text();
}

}  // namespace quip
