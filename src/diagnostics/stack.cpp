#include "../core/core_state.hpp"
#include "../value/utf8.hpp"
#include "diagnostics.hpp"
#include <quip/diagnostics/stack.hpp>

#include <ostream>

namespace quip {

std::string to_string(const StackFrame& frame) {
  std::string text = "at " + (frame.function.empty() ? "(anonymous)" : frame.function);
  if (frame.native) return text + " (native)";
  text += " (" + frame.file;
  if (frame.line > 0) {
    text += ':' + std::to_string(frame.line);
    if (frame.column > 0) text += ':' + std::to_string(frame.column);
  }
  return text + ')';
}

std::ostream& operator<<(std::ostream& out, const StackFrame& frame) {
  return out << to_string(frame);
}

namespace {

std::vector<StackFrame> read_stack(detail::CoreState& core) {
  std::vector<engine::Frame> frames;
  const auto outcome = detail::Diagnostics::of(core).reader(core).read(frames);
  if (outcome == engine::StackReader::Outcome::unreadable) {
    throw Error::plain(
        "the stack cannot be read: the engine is making one for a script, or memory or the stack "
        "itself is short");
  }
  std::vector<StackFrame> result;
  result.reserve(frames.size());
  for (engine::Frame& frame : frames) {
    result.push_back({detail::mended_utf8(frame.function, false),
                      detail::mended_utf8(frame.file, false), frame.line, frame.column,
                      frame.is_native});
  }
  if (core.asking > 0 && !result.empty()) {
    // the engine notes where a function is when that calls another one
    result.front().line = 0;
    result.front().column = 0;
  }
  return result;
}

}  // namespace

Result<std::vector<StackFrame>> try_current_stack(const Ctx& ctx) {
  detail::Realm* realm = ctx.realm();
  if (realm->owner == nullptr) return detail::refusal(realm);
  const detail::Work work(realm->owner);
  detail::CoreState& core = detail::CoreState::of(realm->owner);
  // no script may run in an interrupt handler, but none does
  const bool is_refused = core.closing || core.collecting > core.asking || core.looks > 0;
  if (is_refused || realm->core == &detail::no_core) return detail::refusal(realm);
  // entered by nobody but this function: nothing runs
  if (core.depth == 1) return std::vector<StackFrame>();
  try {
    return read_stack(core);
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return Error::from(std::current_exception());
  }
}

std::vector<StackFrame> current_stack(const Ctx& ctx) { return try_current_stack(ctx).value(); }

}  // namespace quip
