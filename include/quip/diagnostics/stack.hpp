// The stack of the script that is running: who called whom, read without running any of it.
#pragma once

#include <quip/core/context.hpp>
#include <quip/core/result.hpp>

#include <iosfwd>
#include <string>
#include <vector>

namespace quip {

/// A call that has not returned yet.
struct StackFrame {
  std::string function;  ///< the value of the function's own `name`; empty for one without
  std::string file;      ///< where it was compiled from; empty for what no script defines
  int line = 0;          ///< where in the file it is now, from 1; 0 when that is not known
  int column = 0;        ///< the same
  bool native = false;   ///< one of the engine's own functions

  friend bool operator==(const StackFrame&, const StackFrame&) = default;
};

/// As a line of a stack: "at name (file:line:column)".
std::string to_string(const StackFrame& frame);
std::ostream& operator<<(std::ostream& out, const StackFrame& frame);

/// The calls of scripts and of the engine's own functions that this thread is in, in any context of
/// the runtime, the innermost first. A bound C++ function is a native frame if it has no state;
/// others, and functions made by `bind`, are none of the engine's: they lie between those of who
/// called them and what they call.
///
/// No script runs and none can tamper with it (Error, its `stackTraceLimit`, `prepareStackTrace`
/// and `stack` are not asked), except that a script says what its functions are called. It is also
/// allowed inside of an interrupt handler; there the engine does not know where in the innermost
/// function it is.
///
/// quickjs-ng tells of the 64 innermost calls, and of none while a script's own `prepareStackTrace`
/// runs, which is an Error. A text that was evaluated behind EvalOptions::backtrace_barrier hides
/// who called it.
///
/// Throws Error where the thread is outside of the runtime and may not enter it, and when memory or
/// the stack is short.
std::vector<StackFrame> current_stack(const Ctx& ctx);
/// As `current_stack`, with the error as a value.
Result<std::vector<StackFrame>> try_current_stack(const Ctx& ctx);

}  // namespace quip
