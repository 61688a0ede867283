// Errors of callbacks that nobody called. Private to src/web/.
#pragma once

#include <quip/core/error.hpp>

namespace quip::web {

/// What a listener or a timer's callback threw: to the runtime's error handler (HTML 8.1.4.6,
/// "report an exception"). The thread has entered the runtime.
void report(detail::Realm* realm, const Error& error) noexcept;

/// Whether it is no matter of the callback's: no script runs any more, or none may go on.
inline bool ends_all(const Error& error) noexcept {
  return error.kind() == ErrorKind::runtime_gone || detail::is_stop(error);
}

}  // namespace quip::web
