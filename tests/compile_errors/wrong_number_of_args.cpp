// expect: give one quip::arg for each parameter
#include <quip/class/class_def.hpp>

struct Box {
  int add(int a, int b) { return a + b; }
};
void define(quip::ClassDef<Box>& def) { def.method<&Box::add>(quip::arg("a")); }
