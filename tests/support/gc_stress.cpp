#include "js.hpp"

bool quip::test::is_gc_stress() noexcept { return true; }
