// expect: a callable needs one call operator that is no template
#include <quip/class/class_def.hpp>

void bind(const quip::Ctx& ctx) {
  quip::Value(ctx, [](auto value) { return value; });
}
