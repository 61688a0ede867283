#include "clock.hpp"
#include <quip/class/class_def.hpp>
#include <quip/convert/record.hpp>
#include <quip/web/performance.hpp>

namespace quip::web {

double Performance::now() noexcept { return web::now(); }
double Performance::time_origin() noexcept { return web::time_origin(); }

void define(ClassDef<Performance>& def) {
  struct Json {
    double timeOrigin;  // NOLINT(readability-identifier-naming): the property's name
  };
  def.method("now", [](const Performance&) { return Performance::now(); })
      .property("timeOrigin", [](const Performance&) { return Performance::time_origin(); })
      .method("toJSON", [](const Performance&) { return Json{Performance::time_origin()}; })
      .prototype_constant(symbol::to_string_tag, "Performance");
}

}  // namespace quip::web

namespace quip::detail {
template void define_class<web::Performance>(ClassSpec&);
}  // namespace quip::detail
