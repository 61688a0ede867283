#include "known_faults.hpp"

#include <vector>

namespace quip::test {
namespace {

const std::vector<KnownFault> of_quickjs_ng = {};
const std::vector<KnownFault> of_quickjs = {};

/// Whether a text such as "f < g < h" has the name.
bool names(std::string_view functions, std::string_view name) noexcept {
  for (;;) {
    const std::size_t end = functions.find(" < ");
    if (functions.substr(0, end) == name) return true;
    if (end == std::string_view::npos) return false;
    functions.remove_prefix(end + 3);
  }
}

}  // namespace

std::span<const KnownFault> known_faults() noexcept {
  return engine::family == engine::Family::quickjs ? of_quickjs : of_quickjs_ng;
}

int known_fault(const Report& report) noexcept {
  const std::span<const KnownFault> faults = known_faults();
  for (std::size_t i = 0; i < faults.size(); ++i) {
    if (faults[i].outcome == report.outcome && names(report.engine.data(), faults[i].function)) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

}  // namespace quip::test
