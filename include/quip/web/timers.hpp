// setTimeout and its kin (HTML 8.6), and queueMicrotask.
#pragma once

#include <quip/core/context.hpp>

namespace quip::web {

/// Defines setTimeout, setInterval, setImmediate and their clear functions in the context. Their
/// callbacks run in the runtime's loop, whoever drives it: by their time, those of one time in the
/// order in which they were set, and all jobs behind each. What a callback throws goes to the
/// runtime's error handler. A loop that ends when nothing is left to do waits for them.
///
/// As in Node, a delay of less than a millisecond, or of no number, is one of a millisecond; an
/// interval begins anew when its callback has run; immediates come before the timers that are not
/// due yet. Unlike there, a timer is a number. Throws Error when memory is short.
void install_timers(const Ctx& ctx);
/// Defines queueMicrotask where the engine has none. Throws Error when memory is short.
void install_microtasks(const Ctx& ctx);

}  // namespace quip::web
