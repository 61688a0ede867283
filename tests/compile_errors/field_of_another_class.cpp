// expect: this data member is not one of the class
#include <quip/class/class_def.hpp>

struct Other {
  int width = 0;
};
struct Box {};
void define(quip::ClassDef<Box>& def) { def.field<&Other::width>(); }
