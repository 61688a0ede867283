// expect: constructor<A...>: the class has no constructor with these parameters
#include <quip/class/class_def.hpp>

struct Box {
  explicit Box(int w) : width(w) {}
  int width;
};
void define(quip::ClassDef<Box>& def) { def.constructor<std::string>(); }
