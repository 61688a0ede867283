// The helpers that scripts know from the web and from Node, switched on by the host.
#pragma once

#include <quip/core/context.hpp>
#include <quip/web/console.hpp>

namespace quip::web {

/// What `install` defines. What the engine has of it, and has right, is left as it is.
struct Options {
  bool console = true;           ///< console; see console.hpp
  bool timers = true;            ///< setTimeout, setInterval, setImmediate, clear…; see timers.hpp
  bool microtasks = true;        ///< queueMicrotask
  bool events = true;            ///< Event, CustomEvent, EventTarget; see events.hpp
  bool abort = true;             ///< AbortController, AbortSignal; see abort.hpp
  bool text = true;              ///< TextEncoder, TextDecoder; see text.hpp
  bool performance = true;       ///< performance; see performance.hpp
  bool structured_clone = true;  ///< structuredClone; see structured_clone.hpp
  /// Where the console writes; without it, to standard output and standard error.
  Print print = {};
};

/// Defines the helpers as globals of the context, before its scripts run:
///
///     context.with([](quip::Ctx ctx) { quip::web::install(ctx, {.timers = false}); });
///
/// DOMException comes with what needs it. Throws Error when memory is short, or the context is one
/// without the standard library (see Context::base) that a helper needs.
void install(const Ctx& ctx, const Options& options = {});
/// As `install`, with the error as a value.
Result<void> try_install(const Ctx& ctx, const Options& options = {});

}  // namespace quip::web
