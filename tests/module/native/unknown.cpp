// A native module that needs a function of quip which there is not.
#include <quip/module/native.hpp>

namespace quip::detail {
int nowhere_defined();
}  // namespace quip::detail

QUIP_MODULE(quip::ModuleDef("unknown", [](quip::Exports& exports) {
  exports.value("value", quip::detail::nowhere_defined());
}));
