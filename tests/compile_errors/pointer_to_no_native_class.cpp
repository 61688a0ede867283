// expect: a pointer goes into JavaScript only as an object of a native class
#include <quip/class/class_def.hpp>

class Opaque {
 public:
  explicit Opaque(int value) : value_(value) {}

 private:
  int value_;
};
struct Box {
  Opaque* get() { return nullptr; }
};
void define(quip::ClassDef<Box>& def) { def.method<&Box::get>(); }
