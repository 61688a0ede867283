// The clock of performance.now and Event.timeStamp. Private to src/web/.
#pragma once

namespace quip::web {

/// Milliseconds since the time origin of the process: when this was first asked (HR-Time 4).
double now() noexcept;
/// The time origin in milliseconds since 1970.
double time_origin() noexcept;

}  // namespace quip::web
