// expect: give a function, a lambda or an object with one call operator that is no template
#include <quip/class/class_def.hpp>

struct Box {};
void define(quip::ClassDef<Box>& def) {
  def.method("get", [](auto& box) { return sizeof(box); });
}
