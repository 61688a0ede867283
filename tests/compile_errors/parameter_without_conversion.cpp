// expect: quip cannot make this type from a JS value: specialise quip::Convert<T> with from_js
#include <quip/class/class_def.hpp>

class Opaque {
 public:
  explicit Opaque(int value) : value_(value) {}

 private:
  int value_;
};
void bind(const quip::Ctx& ctx) {
  quip::Value(ctx, [](Opaque) {});
}
