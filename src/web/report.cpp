#include "report.hpp"

#include "../core/core_state.hpp"

namespace quip::web {

void report(detail::Realm* realm, const Error& error) noexcept {
  detail::CoreState::of(realm->core).report_error(error);
}

}  // namespace quip::web
