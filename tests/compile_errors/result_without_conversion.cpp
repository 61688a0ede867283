// expect: quip cannot make a JS value of this type: specialise quip::Convert<T> with into_js
#include <quip/class/class_def.hpp>

class Opaque {
 public:
  explicit Opaque(int value) : value_(value) {}

 private:
  int value_;
};
struct Box {
  [[nodiscard]] Opaque get() const { return Opaque(1); }
};
void define(quip::ClassDef<Box>& def) { def.method<&Box::get>(); }
