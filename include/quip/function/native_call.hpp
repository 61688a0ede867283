// One call from a script, and what its errors say about the function that was called.
#pragma once

#include <quip/core/convert.hpp>
#include <quip/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace quip::detail {

/// One call from a script: what the engine hands to a native function.
struct NativeCall {
  JSContext* ctx;
  JSValueConst this_value;  ///< of a constructor's call, new.target
  int argc;
  JSValueConst* argv;
  int number = 0;           ///< of the function's entry (see FunctionEntry); 0 when it has no name
  bool constructs = false;  ///< called by `new`
  /// Of a constructor that was given an object to fill as `this`: where new.target is.
  const JSValueConst* new_target = nullptr;
  /// Of a function with state, what JavaScript's function owns.
  const Callable* callable = nullptr;
};

/// What kind of function failed: its messages begin accordingly, as Web IDL's do.
enum class FunctionKind : std::uint8_t {
  function,     ///< Failed to execute 'name' on 'Owner':
  constructor,  ///< Failed to construct 'name':
  getter,       ///< Failed to read the 'name' property from 'Owner':
  setter,       ///< Failed to set the 'name' property on 'Owner':
};

/// The number of the entry of a function in its core's table, by which errors find its name: made
/// at its first use, the same for the same text. 0 for a function without a name, and when the
/// table is full or memory is short: then errors name no function.
int function_number(Core* core, FunctionKind kind, std::string_view owner, std::string_view name,
                    std::span<const std::string_view> arguments = {}) noexcept;

/// The name alone; empty without one.
std::string function_name(Core* core, int number);
/// The beginning of the messages of the function with that number, e.g. "Failed to execute 'add' on
/// 'Shelf': "; empty without one.
std::string failure_prefix(Core* core, int number);

// What ends a call that failed: each makes the error the pending exception.

/// An argument that did not convert: a conversion error gets the parameter's place and the
/// function's name, what a script threw stays as it is.
JSValue throw_argument(const NativeCall& call, int index, Error error) noexcept;
/// The same for `this`.
JSValue throw_this(const NativeCall& call, Error error) noexcept;
JSValue throw_missing_arguments(const NativeCall& call, int required) noexcept;
JSValue throw_excess_arguments(const NativeCall& call, int allowed) noexcept;
/// A constructor that was called without `new`.
JSValue throw_needs_new(const NativeCall& call) noexcept;
/// A TypeError that says that much behind the function's name.
JSValue throw_failure(const NativeCall& call, std::string_view message) noexcept;

}  // namespace quip::detail
