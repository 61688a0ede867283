// The global `console`, and where it writes.
#pragma once

#include <quip/core/context.hpp>

#include <cstdint>
#include <functional>
#include <string_view>

namespace quip::web {

/// What a console writes to.
enum class Stream : std::uint8_t {
  out,    ///< log, info, debug, dir, table, group, count, time
  error,  ///< error, warn, assert, trace, and what the console itself warns of
};
/// Writes one message of the console: a line, or several, without a newline at the end. What it
/// throws, the script gets.
using Print = std::function<void(Stream stream, std::string_view text)>;

/// Defines the global `console` (WHATWG Console): log, info, debug, error, warn, assert, dir,
/// dirxml, table, trace, group, groupCollapsed, groupEnd, count, countReset, time, timeLog, timeEnd
/// and clear. Values are shown as `inspect` does, with the format directives of Node (`%s %d %i %f
/// %j %o %O %c`). Without `print`, it writes to standard output and standard error, in the order in
/// which it is called. To be called before the context's scripts run. Throws Error when memory is
/// short.
void install_console(const Ctx& ctx, Print print = {});

}  // namespace quip::web
