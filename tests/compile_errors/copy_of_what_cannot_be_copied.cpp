// expect: this class cannot be copied into JavaScript: move it, give a std::unique_ptr
#include <quip/class/class_def.hpp>

struct Box {
  Box() = default;
  Box(const Box&) = delete;
  Box(Box&&) = default;
};
void define(quip::ClassDef<Box>& def) { def.constructor<>(); }
void bind(const quip::Ctx& ctx, const Box& box) { ctx.globals().set("box", box); }
