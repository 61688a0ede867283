// expect: a non-const reference would refer to a copy
#include <quip/class/class_def.hpp>

void bind(const quip::Ctx& ctx) {
  quip::Value(ctx, [](int& count) { ++count; });
}
