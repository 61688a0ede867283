// The names of a core's native functions, by number. Private to src/.
#pragma once

#include <quip/function/native_call.hpp>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace quip::detail {

/// What errors say about one function.
struct FunctionEntry {
  FunctionKind kind = FunctionKind::function;
  std::string owner;
  std::string name;
  std::vector<std::string> arguments;  // their names; empty when they have none
};

/// The entries of one core. A function that is made a thousand times has one; engines have 15 bits
/// for the number.
class FunctionNames {
 public:
  /// See function_number. Throws when memory is short.
  int number(FunctionKind kind, std::string_view owner, std::string_view name,
             std::span<const std::string_view> arguments);
  /// The entry of a number; null for 0.
  [[nodiscard]] const FunctionEntry* find(int number) const noexcept;

 private:
  std::vector<FunctionEntry> entries_;                   // number n is at n - 1
  std::unordered_multimap<std::uint64_t, int> by_text_;  // by a hash of the text
};

/// The entry of a function of that core; null when there is none.
const FunctionEntry* function_entry(Core* core, int number) noexcept;

}  // namespace quip::detail
