// A native module whose definition fails: the first time in QUIP_MODULE, then in its definer.
#include <quip/module/native.hpp>

#include <stdexcept>

namespace {

quip::ModuleDef make() {
  static int times = 0;
  if (++times == 1) throw std::runtime_error("the definition fails");
  return quip::ModuleDef("throws", [](quip::Exports& exports) {
    exports.value("one", 1);
    throw std::domain_error("the definer fails");
  });
}

}  // namespace

QUIP_MODULE(make());
