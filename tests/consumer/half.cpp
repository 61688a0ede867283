#include <quip/quip.hpp>

static int half(int number) { return number / 2; }

QUIP_MODULE(quip::ModuleDef("half", [](quip::Exports& exports) { exports.function<&half>(); }));
