// A native module: a library of its own, which the program loads when a script imports it.
#include <quip/quip.hpp>

namespace {

/// The price in cents when so many pieces are bought.
int discounted(int cents, int pieces) { return pieces >= 3 ? cents - cents / 10 : cents; }

}  // namespace

QUIP_MODULE(quip::ModuleDef("discount", [](quip::Exports& exports) {
  exports.function<&discounted>(quip::arg("cents"), quip::arg("pieces"));
}));
