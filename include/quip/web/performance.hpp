// performance.now (High Resolution Time 3).
#pragma once

#include <quip/class/instance.hpp>

namespace quip::web {

/// The class of the JavaScript object `performance`: a clock that never goes back.
class Performance {
 public:
  /// Milliseconds since the time origin.
  [[nodiscard]] static double now() noexcept;
  /// When the process first asked for the time, in milliseconds since 1970.
  [[nodiscard]] static double time_origin() noexcept;
};
void define(ClassDef<Performance>& def);

}  // namespace quip::web

namespace quip::detail {
extern template void define_class<web::Performance>(ClassSpec& spec);
}  // namespace quip::detail
