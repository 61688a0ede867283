// expect: this member function is not one of the class
#include <quip/class/class_def.hpp>

struct Other {
  int width() { return 0; }
};
struct Box {};
void define(quip::ClassDef<Box>& def) { def.method<&Other::width>(); }
