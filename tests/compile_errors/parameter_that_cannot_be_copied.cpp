// expect: cannot be copied out of its JS object: take it by reference, or as a std::shared_ptr
#include <quip/class/class_def.hpp>

struct Box {
  Box() = default;
  Box(const Box&) = delete;
};
void define(quip::ClassDef<Box>& def) { def.constructor<>(); }
void bind(const quip::Ctx& ctx) {
  quip::Value(ctx, [](Box) {});
}
